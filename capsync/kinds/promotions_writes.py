"""The calls that a change of a loyalty promotion needs: document, submission, approval, status."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from capsync.fields import Schema
from capsync.kind import Task, Write
from capsync.kinds.promotions_fields import SCHEMA
from capsync.kinds.promotions_shape import pairs_of
from capsync.kinds.promotions_stage import (
    ACTIVE,
    DRAFT,
    PAUSED,
    PENDING,
    STATUS,
    Life,
    document,
    life_of,
)
from capsync.model import Action
from capsync.values.normalise import key_part

Json = Any
Part = Mapping[str, Json]

PROMOTIONS = "/v3/promotions"


def writes(task: Task) -> Sequence[Write]:
    """The calls of a change, each a step of its own in the plan."""
    if task.action is Action.CREATE:
        return tuple(_create(task))
    life = life_of(task.live)
    if task.action is Action.RETIRE:
        return (_change_status("stop", life.own_id, life.published, "STOP"),)
    return tuple(_update(task, life))


def _create(task: Task) -> Iterator[Write]:
    submits = task.meta.publish == "submit"
    body = _body(task, task.desired, {})
    # No status is sent: any other than DRAFT is refused since 2026-08.
    yield Write("create", "POST", PROMOTIONS, body=body, creates=True, settle=submits)
    if submits:
        yield from _submitted(task, "{id}")


def _submitted(task: Task, id_: str, *, paused: str = "") -> Iterator[Write]:
    """Submission, and approval only where the environment says so."""
    yield _change_status("submit for approval", id_, DRAFT, PENDING)
    if task.approve:
        yield from _approved(id_, paused=paused)


def _approved(id_: str, *, paused: str = "") -> Iterator[Write]:
    """Approval. Whether that of an edit wakes a `paused` promotion (its id) only a read tells."""
    body = {"approvalStatus": "APPROVE"}
    path = f"{PROMOTIONS}/{id_}/review"
    yield Write("approve", "POST", path, body=body, repeatable=False, settle=bool(paused))
    if paused:
        yield _resumed(paused)


def _resumed(id_: str) -> Write:
    return _change_status("resume", id_, PAUSED, "RESUME")


def _change_status(summary: str, id_: str, existing: str, wanted: str) -> Write:
    """Sent once: a second time the existing status is no longer the one that is named (310191)."""
    return Write(
        summary,
        "PUT",
        f"/v3/requests/PROMOTION/{id_}/status",
        body={"promotionStatus": wanted},
        params={"existingStatus": existing},
        repeatable=False,
    )


def _update(task: Task, life: Life) -> Iterator[Write]:
    submits = task.meta.publish == "submit"
    paused = life.own_id if life.has_draft and life.published == PAUSED else ""
    resumes = STATUS in task.changed and life.stage == PAUSED
    if resumes:
        # First of all: a draft that is older than a change of the live one is stale.
        yield _resumed(life.own_id)
    if any(path != STATUS for path in task.changed):
        if life.stage == PENDING:
            yield _change_status("revoke the submission", life.id, PENDING, "REVOKE")
        # The edit of a published promotion is a draft, whose id only a read tells.
        is_new_draft = life.is_published and not life.has_draft
        yield _replacement(task, life, resumed=resumes, settle=is_new_draft and submits)
        if submits:
            yield from _submitted(task, "{draft id}" if is_new_draft else life.id, paused=paused)
    elif life.stage == DRAFT:
        yield from _submitted(task, life.id, paused=paused)
    elif life.stage == PENDING and task.approve:
        yield from _approved(life.id, paused=paused)


def _replacement(task: Task, life: Life, *, resumed: bool, settle: bool) -> Write:
    """The whole document: what an update leaves out is cleared."""
    current = document(task.live)
    status = DRAFT if life.stage == PENDING else (current.get("metadata") or {}).get("status")
    status = ACTIVE if resumed else status
    body = {"id": life.id, **_body(task, task.body, current)}
    body["metadata"] = {**body["metadata"], "status": status}
    makes_draft = life.is_published and not life.has_draft
    return Write(
        "save a draft" if makes_draft else "update",
        "PUT",
        f"{PROMOTIONS}/{life.id}",
        body=body,
        repeatable=not makes_draft,
        settle=settle,
    )


def _body(task: Task, wanted: Mapping[str, Json], live: Part) -> dict[str, Json]:
    wanted = _written(SCHEMA, wanted)
    org = {"orgId": task.variables["org"]} if task.variables.get("org") else {}
    body = {**wanted, "metadata": {**wanted.get("metadata", {}), **org}}
    body["activities"] = _activities(wanted.get("activities"), live.get("activities"))
    if isinstance(workflow := wanted.get("workflowMetadata"), Mapping):
        have = live.get("workflowMetadata") or {}
        body["workflowMetadata"] = {
            name: _workflow(block, have.get(name) or {}) for name, block in workflow.items()
        }
    if limits := wanted.get("limits"):
        body["limits"] = _limits(limits, live.get("limits") or [])
    if split := wanted.get("liabilityOwnerSplitInfo"):
        body["liabilityOwnerSplitInfo"] = [{**org, **each} for each in split]
    return body


def _workflow(block: Json, live: Part) -> Json:
    if not isinstance(block, Mapping) or not block.get("activities"):
        return block
    return {**block, "activities": _activities(block["activities"], live.get("activities"))}


def _activities(wanted: Json, live: Json) -> list[Json]:
    have = live if isinstance(live, list) else []
    return [_activity(each, other or {}) for each, other in pairs_of(wanted or [], have)]


def _activity(wanted: Part, live: Part) -> dict[str, Json]:
    """An activity with what the service gave to the live one: an update that leaves out the id, the
    rulesets or the target groups would make new ones, and one without the event another one."""
    kept = ("event",) if wanted.get("type") == live.get("type") else ()
    part = {**_own(live, "id", "rulesetId", *kept), **wanted}
    for name, own in (("milestones", _milestone), ("commonCycleActionMapping", _mapping)):
        if isinstance(wanted.get(name), list):
            pairs = pairs_of(wanted[name], live.get(name) or [])
            part[name] = [own(each, other or {}) for each, other in pairs]
    if isinstance(wanted.get("children"), list):
        part["children"] = _activities(wanted["children"], live.get("children"))
    return part


def _milestone(wanted: Part, live: Part) -> dict[str, Json]:
    part = {**_own(live, "targetGroupId", "targetRuleIds"), **wanted}
    if isinstance(wanted.get("cycleActionMapping"), list):
        pairs = pairs_of(wanted["cycleActionMapping"], live.get("cycleActionMapping") or [])
        part["cycleActionMapping"] = [_mapping(each, other or {}) for each, other in pairs]
    return part


def _mapping(wanted: Part, live: Part) -> dict[str, Json]:
    part = {**_own(live, "rulesetId"), **wanted}
    if isinstance(wanted.get("actions"), list):
        part["actions"] = [
            {"id": f"temp_action_{place}", **each}
            for place, each in enumerate(wanted["actions"], start=1)
        ]
    return part


def _own(live: Part, *names: str) -> dict[str, Json]:
    return {name: live[name] for name in names if live.get(name) is not None}


def _written(schema: Schema, value: Json) -> Json:
    """A part without what the service sets; members that no page documents stay."""
    if isinstance(value, list):
        return [_written(schema.get("items", {}), each) for each in value]
    if not isinstance(value, Mapping):
        return value
    properties = schema.get("properties", {})
    return {
        name: _written(properties.get(name, {}), each)
        for name, each in value.items()
        if not properties.get(name, {}).get("readOnly")
    }


def _limits(wanted: Sequence[Part], live: Sequence[Part]) -> list[Json]:
    """Limits with the ids of the live ones that they are, each id once."""
    left = list(live)
    found = []
    for each in wanted:
        have: Part = next((other for other in left if _is_same_limit(each, other)), {})
        if have:
            left.remove(have)
        limit = {**_own(have, "id"), **each}
        if isinstance(period := each.get("period"), Mapping):
            limit["period"] = {**_own(have.get("period") or {}, "id"), **period}
        found.append(limit)
    return found


def _is_same_limit(one: Part, other: Part) -> bool:
    names = ("granularity", "actionType", "actionSubTypeId", "limitType")
    windows = [each.get("period") or {} for each in (one, other)]
    is_same = all(key_part(one.get(name)) == key_part(other.get(name)) for name in names)
    return is_same and all(
        windows[0].get(name) == windows[1].get(name) for name in ("periodType", "periodUnit")
    )
