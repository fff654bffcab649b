"""Reading the live org: lists first, details only where they are asked for."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from capsync.api.dialect import Answer, Call, at
from capsync.api.paging import Send, all_rows
from capsync.api.sharing import SharedReads
from capsync.errors import ApiError, NotFound
from capsync.gathering import together
from capsync.kind import Extra, Kind, Listing
from capsync.memory.cache import DetailCache
from capsync.requests import read_call
from capsync.snapshot import LiveObject, Snapshot
from capsync.values.diff import holds_secret
from capsync.values.instants import parse_instant
from capsync.values.normalise import canonical

if TYPE_CHECKING:
    from capsync.api.client import Client

Json = Any


class Reader:
    """Reads objects of one org through a client.

    `variables` fill the placeholders of paths (brand, org); `paths` are the environment's own
    paths for routes that orgs have differently.
    """

    def __init__(
        self,
        client: Client,
        variables: Mapping[str, Json],
        paths: Mapping[str, str] | None = None,
        cache: DetailCache | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self.variables = dict(variables)
        self._paths = dict(paths or {})
        self.cache = cache
        self._secretive: dict[str, bool] = {}  # by kind: whether its details may be kept on disk
        self._current: dict[str, asyncio.Future[Sequence[LiveObject]]] = {}  # lists being read
        self._next: dict[str, asyncio.Future[Sequence[LiveObject]]] = {}
        # Details that were in the cache: members of the object, by kind and id.
        self._kept: dict[tuple[str, str], frozenset[str]] = {}
        self._now = now

    async def snapshot(
        self, kinds: Iterable[Kind], on_kind: Callable[[str, int], None] | None = None
    ) -> Snapshot:
        """Every object of these kinds, as the lists show them. Kinds are read side by side.

        A kind whose list is refused lands in `unreadable`; no other kind suffers.
        """
        found = Snapshot()
        kinds = list(kinds)
        several = self._listed_by_several(kinds)

        async def read(kind: Kind, send: Send) -> None:
            try:
                found.objects[kind.name] = await self.list(kind, send)
            except ApiError as error:
                found.unreadable[kind.name] = error
            if on_kind:
                on_kind(kind.name, len(found.of(kind.name)))

        async with SharedReads(self._client.send) as shared:

            async def send(call: Call) -> Answer:
                is_shared = (call.method, call.path) in several
                return await (shared.send if is_shared else self._client.send)(call)

            await together(read(kind, send) for kind in kinds)
        return found

    def _listed_by_several(self, kinds: Iterable[Kind]) -> Set[tuple[str, str]]:
        """The lists, by method and path, that show objects of more than one of these kinds."""
        found = Counter(
            read
            for kind in kinds
            for read in {(each.method, each.path) for each in self._list_calls(kind)}
        )
        return {read for read, count in found.items() if count > 1}

    def _list_calls(self, kind: Kind) -> Iterator[Call]:
        for listing in kind.lists:
            yield self._list_call(kind, listing, {})

    async def list(self, kind: Kind, send: Send | None = None) -> list[LiveObject]:
        """Every object of a kind, each id once, those that count as absent left out.

        `send` takes the place of the client's own.
        """
        whole = all(listing.whole for listing in kind.lists)

        def made(row: Json) -> LiveObject | None:
            if kind.absent(row):
                return None
            kept = None if whole else self._from_cache(kind, row)
            item = self.wrap(kind, kept or row, whole=whole or kept is not None)
            return item.ready() if item.whole else item

        parts = await together(
            self._rows(kind, listing, params, made, send or self._client.send)
            for listing in kind.lists
            for params in listing.passes
        )
        objects: dict[str, LiveObject] = {}
        for item in (item for items in parts for item in items):
            known = objects.setdefault(item.id, item)
            if known is not item and len(kind.lists) > 1:
                objects[item.id] = self.wrap(kind, {**item.raw, **known.raw}, whole=whole)
        return list(objects.values())

    async def list_now(self, kind: Kind) -> Sequence[LiveObject]:
        """Every object of a kind as it is after this call began: what was just written is shown.

        Who asks while a list is being read shares the next reading of it.
        """
        reading = self._next.get(kind.name)
        if reading is None:
            before = self._current.get(kind.name)
            reading = self._next[kind.name] = asyncio.ensure_future(self._after(kind, before))
        return await asyncio.shield(reading)

    async def _after(
        self, kind: Kind, before: asyncio.Future[Sequence[LiveObject]] | None
    ) -> Sequence[LiveObject]:
        if before is not None:
            await asyncio.wait([before])
        self._current[kind.name] = self._next.pop(kind.name)
        try:
            return await self.list(kind)
        finally:
            del self._current[kind.name]

    async def _rows(
        self,
        kind: Kind,
        listing: Listing,
        params: Mapping[str, Json],
        made: Callable[[Json], LiveObject | None],
        send: Send,
    ) -> Sequence[LiveObject]:
        call = self._list_call(kind, listing, params)
        try:
            found = await all_rows(send, call, listing.rows, listing.paging, made)
        except NotFound:
            if kind.singleton:
                return []
            raise
        return [each for each in found if each is not None]

    def _list_call(self, kind: Kind, listing: Listing, params: Mapping[str, Json]) -> Call:
        call = read_call(kind, listing.route, self.variables, params)
        override = self._paths.get(listing.route.setting)
        return replace(call, path=override) if override else call

    def wrap(self, kind: Kind, raw: Json, *, whole: bool) -> LiveObject:
        """A raw object as a LiveObject."""
        spec = kind.read(raw)
        return LiveObject(kind, self._id_of(kind, raw, spec), raw, spec, whole)

    def _id_of(self, kind: Kind, raw: Json, spec: Mapping[str, Json]) -> str:
        if kind.singleton:
            return kind.name
        if kind.id:
            return str(at(raw, kind.id))
        canon = canonical(kind.schema, spec)
        return " / ".join(next((key for each in kind.keys if (key := each.of(canon))), ("",)))

    async def detail(
        self, item: LiveObject, wanted: Mapping[str, Json] | None = None
    ) -> LiveObject:
        """The object with everything that the kind's schema names; itself where it is whole.

        `wanted` is the desired spec, for kinds that read more only for what a manifest names.
        """
        if item.whole:
            if not self.missing_extras(item, wanted):
                return item
            raw = await self._extended(item.kind, item.raw, wanted, item)
            return self.wrap(item.kind, raw, whole=True)
        stamp = self._stamp(item.kind, item.raw)
        if stamp is None or self.cache is None:
            return await self._whole(item, wanted)
        read_at = self._now() - (self._client.server_time_skew or 0.0)
        fresh = await self._whole(item, wanted)
        self.cache.put(item.kind.name, item.id, stamp, read_at, fresh.raw)
        return fresh

    def _from_cache(self, kind: Kind, row: Json) -> Json | None:
        """The object whole, where its details are kept and its row shows no change since."""
        stamp = self._stamp(kind, row) if self.cache is not None else None
        if self.cache is None or stamp is None:
            return None
        id_ = str(at(row, kind.id))
        kept = self.cache.get(kind.name, id_, stamp, row)
        if kept is None:
            return None
        self._kept[kind.name, id_] = frozenset(kept)
        return {**row, **kept}

    def kept(self, items: Iterable[tuple[LiveObject, Mapping[str, Json] | None]]) -> int:
        """How many reads the cache has saved for these objects, each with its desired spec: those
        of their details, and of what kinds read beyond these."""
        found = 0
        for item, wanted in items:
            members = self._kept.get((item.kind.name, item.id))
            if members is not None:
                found += 1 + sum(each.name in members for each in _extras(item, wanted))
        return found

    def _keeps_secrets(self, kind: Kind) -> bool:
        if kind.name not in self._secretive:
            self._secretive[kind.name] = holds_secret(kind.schema)
        return self._secretive[kind.name]

    def _stamp(self, kind: Kind, row: Json) -> float | None:
        """When the row says that the object changed last, in epoch seconds; None where the kind's
        stamp is not to be trusted, or its details hold secrets, which are never kept on disk."""
        if not kind.stamp or not kind.cached or self._keeps_secrets(kind):
            return None
        moment = parse_instant(at(row, kind.stamp))
        return moment.timestamp() if moment else None

    @staticmethod
    def missing_extras(item: LiveObject, wanted: Mapping[str, Json] | None) -> Sequence[Extra]:
        """The further reads that the object still lacks for what a manifest names."""
        return [each for each in _extras(item, wanted) if each.name not in item.raw]

    async def again(self, item: LiveObject, wanted: Mapping[str, Json] | None = None) -> LiveObject:
        """The object as it is now, read whole; raises NotFound where it is gone.

        Without a detail call the kind's list is read again.
        """
        return await self._whole(_without_extras(item, wanted), wanted)

    async def _whole(self, item: LiveObject, wanted: Mapping[str, Json] | None) -> LiveObject:
        """The object read whole, by what its row does not show."""
        kind = item.kind
        raw, whole = item.raw, True
        if kind.detail is not None:
            found = await self._detail(item)
            raw, whole = (item.raw, item.whole) if found is None else (found, True)
        elif item.whole or not item.raw:  # nothing is known but the id of what was just created
            raw = await self._from_list(item)
        raw = await self._extended(kind, raw, wanted, item)
        return self.wrap(kind, raw, whole=whole)

    async def _from_list(self, item: LiveObject) -> Json:
        for each in await self.list_now(item.kind):
            if each.id == item.id:
                return each.raw
        raise NotFound(f"{item.kind.name} {item.title} is gone")

    async def _detail(self, item: LiveObject) -> Json:
        """What the kind's detail call shows, None where it says that the row is all there is."""
        kind = item.kind
        assert kind.detail is not None
        values = {**self.variables, **item.spec, "id": item.id}
        try:
            answer = await self._client.send(read_call(kind, kind.detail, values))
        except ApiError as error:
            if kind.detail_missing.intersection(error.codes):
                return None
            raise
        raw = at(answer.payload, kind.detail_rows)
        if not isinstance(raw, Mapping):
            raise NotFound(f"{kind.name} {item.title} (id {item.id}) is gone")
        # Some members are shown by the list alone (api notes: rewards, rewardExternalId).
        return {**item.raw, **raw} if isinstance(item.raw, Mapping) else raw

    async def _extended(
        self, kind: Kind, raw: Json, wanted: Mapping[str, Json] | None, item: LiveObject
    ) -> Json:
        if kind.extras is None:
            return raw
        raw = dict(raw)
        while missing := [each for each in kind.extras(raw, wanted) if each.name not in raw]:
            values = {**self.variables, **item.spec, "id": item.id}
            answers = await together(self.extra(kind, each, values) for each in missing)
            raw |= {each.name: answer for each, answer in zip(missing, answers, strict=True)}
        return raw

    async def extra(self, kind: Kind, extra: Extra, values: Mapping[str, Json]) -> Json:
        """What one further read answers: its payload, or its rows to the end where it is paged."""
        call = read_call(kind, extra.route, values)
        if extra.paging is not None:
            return await self._client.rows(call, extra.rows, extra.paging)
        return at((await self._client.send(call)).payload, extra.rows)


def _extras(item: LiveObject, wanted: Mapping[str, Json] | None) -> Sequence[Extra]:
    return item.kind.extras(item.raw, wanted) if item.kind.extras is not None else ()


def _without_extras(item: LiveObject, wanted: Mapping[str, Json] | None) -> LiveObject:
    """The object without what further reads have told, so that they are made again."""
    if item.kind.extras is None or not isinstance(item.raw, Mapping):
        return item
    names = {each.name for each in item.kind.extras(item.raw, wanted)}
    return replace(item, raw={name: value for name, value in item.raw.items() if name not in names})
