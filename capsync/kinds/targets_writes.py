"""The calls that a change of a target group needs: one a part, and none for what stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from capsync.errors import CapsyncError
from capsync.kind import Task, Write
from capsync.kinds.targets_shape import (
    find_by_name,
    find_message,
    find_period,
    messages_name,
    own_targets,
)
from capsync.model import Action, Key
from capsync.values.normalise import key_part

Json = Any
Part = Mapping[str, Json]

GROUPS = "/v3/targetGroups"
# What reads add to the group and its parts, and no call takes.
_READ_ONLY = frozenset(
    {
        "attribution",
        "orgId",
        "createdOn",
        "createdOnISO",
        "activePeriod",
        "targetAudienceFilter",
        "targetCycleStartDateISO",
        "targetCycleEndDateISO",
        "targetPeriodDefaultValuesMap",
        "configs",
    }
)
_PARTS = ("periods", "targets", "streaks", "unifiedTargetExpression")
_ALWAYS_TRUE = '{"arity":"literal","value":"true","type":"boolean:primitive"}'


def writes(task: Task) -> Sequence[Write]:
    """The calls of a change. Cycles come first, since values are written for their ids."""
    if task.action is Action.CREATE:
        return tuple(_create(task))
    if task.action is Action.RETIRE:
        return (Write("delete", "DELETE", f"{GROUPS}/{task.id}"),)
    return tuple(_Update(task).writes())


def _create(task: Task) -> Iterator[Write]:
    periods: Sequence[Part] | None = task.desired.get("periods")
    body = {"trackingType": "DEFAULT", **task.desired}
    if periods is not None:
        body["totalPeriods"] = len(periods)
    targets: Sequence[Part] = task.desired.get("targets") or ()
    if "targets" in body:
        body["targets"] = [_new_target(each, periods) for each in targets]
    yield Write("create", "POST", GROUPS, body=body, creates=True, settle=True)
    for each in targets:
        if each.get("communications"):
            path = f"{GROUPS}/{{id}}/targets/{{targetId}}/communications/upsert"
            body_ = list(each["communications"])
            yield Write(f"write messages of {each['name']}", "POST", path, body=body_)


def _new_target(target: Part, periods: Sequence[Part] | None) -> dict[str, Json]:
    """A target of a new group: its values stand in the order of the cycles beside it."""
    body = {name: value for name, value in target.items() if name != "communications"}
    values = target.get("defaultValues")
    if values is None or periods is None:
        return body
    by_code = {key_part(each.get("periodId")): each["defaultValue"] for each in values}
    missing = [each["refCode"] for each in periods if key_part(each["refCode"]) not in by_code]
    if missing:
        shown = ", ".join(map(str, missing))
        raise CapsyncError(f"targets[{target['name']}].defaultValues has no value for {shown}")
    body["defaultValues"] = [
        {"defaultValue": by_code[key_part(each["refCode"])]} for each in periods
    ]
    return body


class _Update:
    """One update of a group: what was read, what is wanted, and which parts differ."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._raw: Part = task.live
        self._path = f"{GROUPS}/{task.id}"
        self._periods: list[Part] = list(task.live.get("periods") or ())
        self._targets: list[Part] = own_targets(task.live.get("targets") or [])

    def writes(self) -> Iterator[Write]:
        yield from self._write_periods()
        if any(path[0] not in _PARTS for path in self._task.changed):
            yield self._write_group()
        yield from self._write_targets()
        for name in self._names("targets"):
            yield from self._write_messages(name)

    def _names(self, part: str) -> list[str]:
        """The keys of the parts that differ."""
        keys = [str(path[1]) for path in self._task.changed if path[0] == part and len(path) > 1]
        return list(dict.fromkeys(keys))

    def _wanted(self, part: str, key: str) -> Part | None:
        items = self._task.desired.get(part)
        find = find_by_name if part == "targets" else find_period
        return find(items, key)

    # Cycles

    def _write_periods(self) -> Iterator[Write]:
        new, changed, off = [], [], []
        for code in self._names("periods"):
            have, want = find_period(self._periods, code), self._wanted("periods", code)
            if have is None and want is not None:
                new.append(dict(want))
            elif have is not None:
                # The description is starred, and reads leave it out where there is none.
                period = {"description": "", **_sendable(have)}
                changed.append({**period, **(want or {"active": False})})
                off.append(want is None)
        path = f"{self._path}/targetPeriods"
        if new:
            # Their ids are known only afterwards, and values are written for ids.
            codes = _listed("cycle", (each["refCode"] for each in new))
            yield Write(f"add {codes}", "POST", path, body=new, settle=self._adds_values())
        if changed:
            codes = _listed("cycle", (each["refCode"] for each in changed))
            verb = "deactivate" if all(off) else "change"
            yield Write(f"{verb} {codes}", "PUT", path, body=changed, repeatable=True)

    def _adds_values(self) -> bool:
        return any(path[0] == "targets" for path in self._task.changed)

    # The group itself

    def _write_group(self) -> Write:
        """The group as read with the changes put in, as the page shows it: a body of the changed
        fields alone is shown elsewhere, but what it leaves as it is nobody says."""
        body = {
            **{name: value for name, value in self._raw.items() if not _is_read_apart(name)},
            **{
                str(path[0]): self._task.desired.get(str(path[0]))
                for path in self._task.changed
                if path[0] not in _PARTS
            },
        }
        body = {name: _sendable(value) for name, value in body.items() if name not in _READ_ONLY}
        path = f"{GROUPS}/editTargetGroup/{self._task.id}"
        return Write("update", "PUT", path, body={**body, "id": self._raw.get("id")})

    # Targets

    def _write_targets(self) -> Iterator[Write]:
        new, changed, dropped = [], [], []
        for name in self._names("targets"):
            have, want = find_by_name(self._targets, name), self._wanted("targets", name)
            if have is None and want is not None:
                new.append(self._target_body({}, want))
            elif have is not None and self._touches_target(name):
                is_off = want is None or want.get("active") is False
                if is_off and have.get("active", True):
                    dropped.append(have)
                if want is not None and (not is_off or self._changes_more(name)):
                    changed.append(self._target_body(have, want))
        if new:
            summary = f"add {_listed('target', (each['name'] for each in new))}"
            settle = any(self._has_messages(each["name"]) for each in new)
            yield Write(summary, "POST", f"{self._path}/targets", body=new, settle=settle)
        if self._raw.get("trackingType") == "UNIFIED":
            yield from self._write_unified(changed, dropped)
        else:
            yield from self._write_each(changed, dropped)

    def _write_each(self, changed: Sequence[Part], dropped: Sequence[Part]) -> Iterator[Write]:
        for each in changed:
            path = f"{self._path}/targets/{each['id']}"
            yield Write(f"change target {each['name']}", "PUT", path, body=each)
        for each in dropped:
            path = f"{self._path}/targets/{each['id']}"
            yield Write(f"deactivate target {each['name']}", "DELETE", path)

    def _write_unified(self, changed: Sequence[Part], dropped: Sequence[Part]) -> Iterator[Write]:
        """All at once: targets that the call does not name stay in the rule."""
        threshold = self._task.touches("unifiedTargetExpression")
        if not changed and not dropped and not threshold:
            return
        live = self._raw.get("unifiedTargetExpression") or {}
        wanted = self._task.desired.get("unifiedTargetExpression") or {}
        value = wanted.get("thresholdValue", live.get("thresholdValue"))
        body = {
            "unifiedTargetExpression": {} if value is None else {"thresholdValue": value},
            "targets": list(changed),
            "deactivateTargetIds": [each["id"] for each in dropped],
        }
        parts = {"change": changed, "deactivate": dropped}
        done = [
            f"{verb} {_listed('target', (each['name'] for each in part))}"
            for verb, part in parts.items()
            if part
        ]
        summary = ", ".join(["change the threshold", *done] if threshold else done)
        path = f"{self._path}/unifiedTargets"
        # Said again it does no harm: targets are named by id.
        yield Write(summary, "POST", path, body=body, repeatable=True)

    def _paths_of(self, name: str) -> list[tuple[str | int, ...]]:
        return [
            path
            for path in self._task.changed
            if path[0] == "targets" and isinstance(path[1], Key) and path[1] == name
        ]

    def _touches_target(self, name: str) -> bool:
        """Whether more of it differs than its messages."""
        return any(path[2:3] != ("communications",) for path in self._paths_of(name))

    def _changes_more(self, name: str) -> bool:
        """Whether more of it differs than its flag and its messages."""
        own = [path[2:3] for path in self._paths_of(name)]
        return any(each not in ((), ("active",), ("communications",)) for each in own)

    def _target_body(self, have: Part, want: Part) -> dict[str, Json]:
        """The whole target, values by the ids of the cycles that there are."""
        body = {**_sendable(have), **want}
        if have:
            body["name"] = have["name"]
        body.pop("communications", None)
        body["defaultValues"] = self._values(have, want)
        return {"expression": "true", "expressionJson": _ALWAYS_TRUE, "filters": [], **body}

    def _values(self, have: Part, want: Part) -> list[Json]:
        written: Sequence[Part] = want.get("defaultValues") or ()
        if not self._periods:
            return [{"defaultValue": each["defaultValue"]} for each in written]
        wanted = {key_part(each.get("periodId")): each["defaultValue"] for each in written}
        kept = {each.get("periodId"): each for each in have.get("defaultValues") or ()}
        values = []
        for period in self._periods:
            old = kept.get(period["id"], {})
            value = wanted.get(key_part(period.get("refCode")), old.get("defaultValue"))
            if value is not None:
                values.append({**old, "periodId": period["id"], "defaultValue": value})
        return values

    # Messages

    def _has_messages(self, name: str) -> bool:
        return bool((self._wanted("targets", name) or {}).get("communications"))

    def _write_messages(self, name: str) -> Iterator[Write]:
        """All messages of the target: what pairs them on the server is not documented, so none that
        is there is left out."""
        have, want = find_by_name(self._targets, name), self._wanted("targets", name)
        touched = [path for path in self._paths_of(name) if path[2:3] == ("communications",)]
        is_new = have is None and want is not None and want.get("communications")
        if want is None or not (touched or is_new):
            return
        live = self._raw.get(messages_name(have["id"])) if have else None
        wanted: list[Part] = list(want.get("communications") or ())
        body = [
            *(self._message(each, wanted, touched) for each in live or ()),
            *(dict(each) for each in wanted if find_message(live, each) is None),
        ]
        id_ = have["id"] if have else "{targetId}"
        path = f"{self._path}/targets/{id_}/communications/upsert"
        yield Write(f"write messages of {name}", "POST", path, body=body)

    @staticmethod
    def _message(live: Part, wanted: Sequence[Part], touched: Sequence[Any]) -> dict[str, Json]:
        own = {
            name: value
            for name, value in _sendable(live).items()
            if name not in ("id", "targetId", "targetGroupId")
        }
        want = find_message(wanted, live)
        if want is not None:
            return {**own, **want}
        key = f"{live.get('communicationType')}/{key_part(live.get('channelId'))}"
        is_retired = any(len(path) == 4 and path[3] == key for path in touched)
        return {**own, "active": False} if is_retired else own


def _is_read_apart(name: str) -> bool:
    return name.startswith(messages_name("").rstrip())


def _sendable(value: Json) -> Json:
    """A live part without what reads add to it."""
    if isinstance(value, Mapping):
        return {name: _sendable(each) for name, each in value.items() if name not in _READ_ONLY}
    return [_sendable(each) for each in value] if isinstance(value, list) else value


def _listed(noun: str, names: Iterable[Json]) -> str:
    texts = [str(each) for each in names]
    return f"{noun}{'s' if len(texts) > 1 else ''} {', '.join(texts)}"
