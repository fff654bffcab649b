"""Saved plans: written for review, and carried out only if the org is still what they saw."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from capsync import jsonio
from capsync.errors import CapsyncError, PlanBlocked
from capsync.model import NOTHING, Action, Plan, path_text
from capsync.planning.encode import FORMAT, field_json, plan_json
from capsync.planning.item import Item
from capsync.planning.options import KEPT_OPTIONS, PlanOptions
from capsync.values.diff import differences
from capsync.values.fingerprint import digest
from capsync.values.paths import Pick, parse_path, picks

Json = Any

_FAMILY = "capsync.plan/"
_IDLE = (Action.NOOP, Action.BLOCKED)


def encode_saved(plan: Plan) -> bytes:
    """The plan as a file: the published JSON format, no secret in it."""
    return jsonio.dumps_pretty(plan_json(plan))


def load_saved(path: Path) -> dict[str, Json]:
    """The saved plan of a file. Raises CapsyncError where it is not one, PlanBlocked where it is of
    another major version, or was changed since it was saved."""
    try:
        saved = jsonio.loads(path.read_bytes())
    except OSError as error:
        raise CapsyncError(f"{path} can not be read: {error.strerror}") from error
    except ValueError as error:
        raise CapsyncError(f"{path} is not a saved plan: {error}") from error
    if not isinstance(saved, dict) or not str(saved.get("format", "")).startswith(_FAMILY):
        raise CapsyncError(f"{path} is not a saved plan", hint="make one with plan --out")
    if str(saved["format"]).removeprefix(_FAMILY).partition(".")[0] != FORMAT.removeprefix(_FAMILY):
        raise PlanBlocked(f"{path} has format {saved['format']}, this capsync reads {FORMAT}")
    try:
        is_whole = _digest_of(saved) == saved["digest"]
    except (KeyError, TypeError, AttributeError) as error:
        raise CapsyncError(f"{path} is not a whole saved plan ({error})") from error
    if not is_whole:
        raise PlanBlocked(f"{path} was changed since it was saved", hint="make it again")
    return saved


def _digest_of(saved: Mapping[str, Json]) -> str:
    """The digest of what a saved plan will do, as `plan_digest` makes it."""
    changes = [
        {**change, "fields": [_without_source(each) for each in change["fields"]]}
        for change in saved["changes"]
    ]
    return digest(
        {
            "environment": saved["environment"],
            "org_id": saved["org_id"],
            "changes": changes,
            "blocked": saved.get("blocked", []),
        }
    )


def _without_source(entry: Mapping[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in entry.items() if name != "source"}


def options_of(saved: Mapping[str, Json]) -> PlanOptions:
    """The options that a saved plan was made with."""
    told = saved.get("options", {})
    chosen: dict[str, Any] = {
        name: tuple(told[name]) if isinstance(told[name], list) else told[name]
        for name in KEPT_OPTIONS
        if name in told
    }
    return PlanOptions(**chosen)


def refuse_unfit(saved: Mapping[str, Json], environment: str, org_id: int) -> None:
    """Raises PlanBlocked where a saved plan is of another environment or org, or is blocked."""
    refuse_other(saved, "environment", environment)
    refuse_other(saved, "org_id", org_id)
    reasons = list(saved.get("blocked", []))
    reasons += [
        f"{each['address']}: {'; '.join(each['reasons'])}"
        for each in saved["changes"]
        if each["action"] == Action.BLOCKED
    ]
    if reasons:
        raise PlanBlocked("the saved plan is blocked:\n  " + "\n  ".join(reasons))


def refuse_other(saved: Mapping[str, Json], name: str, now: str | int) -> None:
    """Raises PlanBlocked where a saved plan is of another environment, or org, than this."""
    if saved[name] != now:
        raise PlanBlocked(f"the saved plan is for {name} {saved[name]}, this is {now}")


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What became of a saved plan's changes, by address text.

    `valid`: still to be done as planned. `done`: the org has it so already. `moved`: the live
    object changed elsewhere, the planned fields did not; `others` are the paths that differ now and
    are no part of the plan. `conflict`: a planned field is no longer what the plan saw, or the
    manifests no longer say what was planned.
    """

    by_address: Mapping[str, str]
    conflicts: tuple[str, ...] = ()
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def check_saved(
    saved: Mapping[str, Json],
    items: Iterable[Item],
    ours: Collection[str] = (),
    unreadable: Collection[str] = (),
    unread: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Verdicts:
    """The saved plan against the items of a plan made now. `ours` are addresses that an earlier
    run, cut off, may have created; `unreadable` are kinds that could not be read, `unread` says of
    addresses what they look up in those."""
    now = _Now(items, ours, unreadable, unread)
    verdicts: dict[str, str] = {}
    conflicts: list[str] = []
    others: dict[str, tuple[str, ...]] = {}
    for change in saved["changes"]:
        if change["action"] in _IDLE:
            continue
        address = change["address"]
        verdicts[address], told = now.verdict(change)
        if verdicts[address] == "conflict":
            conflicts += [f"{address}: {each}" for each in told]
        elif told:
            others[address] = tuple(told)
    return Verdicts(verdicts, tuple(conflicts), others)


class _Now:
    """The plan made now, as far as a saved one is compared with it."""

    def __init__(
        self,
        items: Iterable[Item],
        ours: Collection[str],
        unreadable: Collection[str],
        unread: Mapping[str, Sequence[str]],
    ) -> None:
        self._items = {str(item.address): item for item in items}
        self._by_id = {
            (item.kind.name, item.live.id): item for item in self._items.values() if item.live
        }
        self._ours, self._unreadable, self._unread = ours, unreadable, unread

    def verdict(self, saved: Mapping[str, Json]) -> tuple[str, list[str]]:
        """The verdict on a change; with a conflict why, else the paths that are no part of it."""
        if saved["kind"] in self._unreadable:
            return "conflict", [f"{saved['kind']} could not be read"]
        if told := self._unread.get(saved["address"]):
            return "conflict", list(told)
        if saved["action"] == Action.RETIRE:
            return self._on_retirement(saved)
        item = self._items.get(saved["address"])
        if item is None or item.wanted is None:
            return "conflict", ["the manifests no longer have it"]
        action = item.change.action
        if action is Action.BLOCKED:
            return "conflict", list(item.change.reasons)
        if saved["action"] == Action.CREATE and action is not Action.CREATE:
            return self._on_object_of_create(saved, item)
        if saved["action"] != Action.CREATE and action is Action.CREATE:
            return "conflict", [f"{saved['id']} is gone: a create is needed now"]
        return self._on_fields(saved, item)

    def _on_retirement(self, saved: Mapping[str, Json]) -> tuple[str, list[str]]:
        item = self._by_id.get((saved["kind"], saved.get("id", "")))
        if item is None:
            return "done", []
        if item.wanted is not None:
            return "conflict", [f"{item.address} declares it now"]
        if item.change.action is not Action.RETIRE:
            return "conflict", list(item.change.reasons) or ["it can not be retired any more"]
        return _moved(saved, item), []

    def _on_object_of_create(self, saved: Mapping[str, Json], item: Item) -> tuple[str, list[str]]:
        """There is an object now: ours where an earlier run made it, else what somebody made."""
        left = item.change.fields
        is_ours = item.change.matched_by == "state" or saved["address"] in self._ours
        if left and not is_ours:
            shown = item.live.title if item.live else ""
            return "conflict", [f"{shown!r} is there now (id {item.change.id}), with other values"]
        canon = item.wanted.canon if item.wanted else {}
        why = [
            f"{each['path']}: {_wish(each)} was planned, the manifests say"
            f" {_text(canon.get(each['path'], NOTHING))} now"
            for each in saved["fields"]
            if "after" in each and canon.get(each["path"], NOTHING) != each["after"]
        ]
        return ("conflict", why) if why else ("moved" if left else "done", [])

    def _on_fields(self, saved: Mapping[str, Json], item: Item) -> tuple[str, list[str]]:
        planned = {each["path"]: each for each in saved["fields"]}
        current = {path_text(each.path): field_json(each) for each in item.change.fields}
        has_moved = _moved(saved, item) == "moved"
        extra = [path for path in current if path not in planned]
        why = [
            text for path, each in planned.items() for text in _faults(path, each, current, item)
        ]
        if extra and not has_moved:
            why += [f"{path}: the manifests say {_shown(current[path])} now" for path in extra]
        if why:
            return "conflict", why
        if not any(path in current for path in planned):
            return "done", []
        return ("moved", extra) if has_moved else ("valid", [])


def _faults(
    path: str, planned: Mapping[str, Json], current: Mapping[str, Mapping[str, Json]], item: Item
) -> Iterator[str]:
    """What keeps a planned field from being written as planned."""
    now = current.get(path)
    if now is None:
        if "after" in planned and not _is_live(item, path, planned["after"]):
            yield f"{path}: {_shown(planned)} was planned, the manifests no longer ask for it"
        return
    base, live = planned.get("before", NOTHING), now.get("before", NOTHING)
    if base != live:
        yield f"{path}: was {_text(base)}, planned {_wish(planned)}, live is {_text(live)}"
    elif not _same_wish(planned, now):
        yield f"{path}: {_wish(planned)} was planned, the manifests say {_wish(now)} now"


def _same_wish(planned: Mapping[str, Json], now: Mapping[str, Json]) -> bool:
    """Whether both want the same value; a reference that was not known may be known by now."""
    if planned.get("sensitive") or now.get("sensitive"):
        return bool(planned.get("sensitive")) == bool(now.get("sensitive"))
    if planned.get("unknown"):
        return bool(planned.get("ref") == now.get("ref"))
    return bool(planned.get("after", NOTHING) == now.get("after", NOTHING))


def _is_live(item: Item, path: str, value: Json) -> bool:
    """Whether the live object has that value at a path."""
    if item.live is None:
        return False
    schema, have = item.kind.schema, item.live.canon
    for step in parse_path(path):
        if isinstance(step, Pick):
            items: list[Json] = have if isinstance(have, list) else []
            picked = (each for at, each in enumerate(items) if picks(schema, step, at, each))
            have = next(picked, NOTHING)
            schema = schema.get("items", {})
        else:
            have = have.get(step, NOTHING) if isinstance(have, Mapping) else NOTHING
            extra = schema.get("additionalProperties")
            inner = extra if isinstance(extra, dict) else {}
            schema = schema.get("properties", {}).get(step, inner)
    return not any(differences(schema, value, have))


def _moved(saved: Mapping[str, Json], item: Item) -> str:
    same = saved.get("live_fingerprint", "") == item.change.live_fingerprint
    return "valid" if same else "moved"


def _shown(entry: Mapping[str, Json] | None) -> str:
    if entry is None:
        return "no change"
    return f"{_text(entry.get('before', NOTHING))} -> {_wish(entry)}"


def _wish(entry: Mapping[str, Json]) -> str:
    if entry.get("sensitive"):
        return "(sensitive)"
    if entry.get("unknown"):
        return "(known after apply)"
    return _text(entry.get("after", NOTHING))


def _text(value: Json) -> str:
    return "(nothing)" if value is NOTHING else jsonio.dumps(value).decode()
