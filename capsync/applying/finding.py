"""Looking for the objects of creates whose answer was lost, or says nothing of an id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from capsync.applying.outcomes import Progress
from capsync.errors import Ambiguous, ApiError
from capsync.kind import Kind
from capsync.model import FieldChange, Meta
from capsync.planning.children import still_there
from capsync.planning.match import is_over
from capsync.planning.pairs import shaped, staged
from capsync.planning.unseen import comparable
from capsync.reading.live import Reader
from capsync.requests import sent_first
from capsync.snapshot import LiveObject
from capsync.values.diff import differences
from capsync.values.normalise import canonical
from capsync.values.paths import without

if TYPE_CHECKING:
    from capsync.api.client import Client

Json = Any

_LOOKS = (0.0, 1.0, 3.0)  # seconds before each look, since lists may lag behind writes


class Finder:
    """Finds what creates have made. `existing` are the ids by kind that were there before: never
    taken for a lost create."""

    def __init__(
        self, client: Client, reader: Reader, existing: Mapping[str, set[str]] | None = None
    ) -> None:
        self._client, self._reader = client, reader
        self._taken = {kind: set(ids) for kind, ids in (existing or {}).items()}

    def take(self, kind: Kind, id: str) -> None:
        """That object is known now, so it is no other create's."""
        self._taken.setdefault(kind.name, set()).add(id)

    async def look_for(self, progress: Progress) -> LiveObject | None:
        """The one new live object with our natural key and our content, None where there is none.

        Looked for a few times. Raises Ambiguous where several fit, where what has our key has other
        content, or where the org can not be read.
        """
        found = await self.look_for_all([progress])
        if not (candidates := found[0]):
            return None
        return await self._ours(progress, candidates)

    async def look_for_all(self, group: Sequence[Progress]) -> list[list[LiveObject]]:
        """The new live objects that have the natural key of each, all of one kind."""
        kind = group[0].item.kind
        found: list[list[LiveObject]] = [[] for _ in group]
        for pause in _LOOKS:
            await self._client.pause(pause)
            listed = await self._listed(kind)
            found = [list(filter(_has_key_of(one), listed)) for one in group]
            if all(found):
                break
        return found

    async def _listed(self, kind: Kind) -> list[LiveObject]:
        taken = self._taken.get(kind.name, set())
        try:
            return [each for each in await self._reader.list_now(kind) if each.id not in taken]
        except ApiError as error:
            raise Ambiguous(f"whether it landed can not be looked up: {error.message}") from error

    async def _ours(self, progress: Progress, candidates: Sequence[LiveObject]) -> LiveObject:
        item = progress.item
        try:
            whole = [await self._reader.detail(each, progress.raw) for each in candidates]
        except ApiError as error:
            raise Ambiguous(f"whether it landed can not be looked up: {error.message}") from error
        fits = [each for each in whole if has_our_content(progress, each)]
        if len(fits) == 1:
            return fits[0]
        ids = ", ".join(each.id for each in fits or whole)
        if fits:
            raise Ambiguous(f"{item.address} may exist as any of the ids {ids}")
        raise Ambiguous(
            f"{item.address}: {ids} has its natural key, but other values", hint="plan again"
        )

    async def out_of_service(self, progress: Progress) -> LiveObject | None:
        """The one object that has our natural key, but counts as absent; None where there is not
        exactly one."""
        listed = await self._reader.list_now(progress.item.kind)
        found = [each for each in filter(_has_key_of(progress), listed) if is_over(each)]
        return found[0] if len(found) == 1 else None

    async def among(self, progress: Progress, listed: Iterable[LiveObject]) -> LiveObject | None:
        """The new one of these objects that has our natural key, None where none has; raises
        Ambiguous where its content is not ours."""
        taken = self._taken.get(progress.item.kind.name, set())
        new = (each for each in listed if each.id not in taken)
        candidates = list(filter(_has_key_of(progress), new))
        return await self._ours(progress, candidates) if candidates else None


def _has_key_of(progress: Progress) -> Callable[[LiveObject], bool]:
    """Tells of a live object whether it has the natural key of what was to be created, as far as
    it is sent by the first write."""
    kind = progress.item.kind
    canon = canonical(kind.schema, sent_first(kind, progress.raw))
    wanted = {rank: own for rank, key in enumerate(kind.keys) if (own := key.of(canon)) is not None}
    return lambda live: kind.singleton or any(own == live.key(rank) for rank, own in wanted.items())


def has_our_content(progress: Progress, live: LiveObject) -> bool:
    """Whether a live object shows what the first write sends."""
    kind = progress.item.kind
    # What such kinds send first is for their writer to know: they go by the key alone.
    return kind.settles or not visible_differences(progress, live, sent_first(kind, progress.raw))


def visible_differences(
    progress: Progress, live: LiveObject, raw: Mapping[str, Json] | None = None
) -> list[FieldChange]:
    """The fields in which a live object is not as wanted, as far as it can be read; of `raw` only
    where it is given."""
    item = progress.item
    schema = item.kind.schema
    meta = item.wanted.resource.meta if item.wanted else Meta()
    wanted = progress.raw if raw is None else raw
    wanted = shaped(item.kind, wanted, live, meta, approve=item.approve)
    desired, have = comparable(canonical(schema, wanted), live), live.canon
    for steps in item.ignored:
        desired, have = without(schema, desired, steps), without(schema, have, steps)
    found = [each for each in differences(schema, desired, have) if each.path not in item.late]
    if raw is None:
        found += staged(item.kind, wanted, live, meta, approve=item.approve)
        found += still_there(item.kind, item.change.fields, have, item.now)
    return found
