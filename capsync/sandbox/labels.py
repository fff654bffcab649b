"""Labels of customers, products and stores: bulk create, bulk update, one list per status."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zlib import crc32

from capsync.sandbox.fields_answers import body_object, iso_seconds, setting, whole_number
from capsync.sandbox.labels_checks import Problem, expiry, expiry_problems, text_problems
from capsync.sandbox.store import Store
from capsync.sandbox.web import Refusal, Reply, Request, Routes

Json = Any

routes = Routes()

LABELS = "labels"
_HOLDERS = {"name": "label-names", "externalId": "label-external-ids"}  # key -> {"ids": [...]}

_ENTITIES = ("CUSTOMER", "PRODUCT", "STORE")
_STATUSES = ("ACTIVE", "ARCHIVED")
_BATCH = 10


@routes("GET", "/v2/labels")
def list_labels(request: Request) -> Reply:
    """One page of one entity type and one status, newest change first.

    Labels changed in the same second come in no order that means anything.
    """
    entity, status = request.get("entityType", "PRODUCT"), request.get("status", "ACTIVE")
    limit, offset = _page(request, entity, status)
    part = (request.get("q") or "").casefold()
    found = [
        label
        for label in request.store.all(LABELS)
        if label["entityType"] == entity and label["status"] == status
        if part in label["name"].casefold() or part in label["externalId"].casefold()
    ]
    found.sort(key=lambda label: crc32(str(label["id"]).encode()))
    found.sort(key=lambda label: label["lastUpdatedOn"], reverse=True)
    page = {"totalCount": len(found), "limit": limit, "offset": offset}
    return Reply({**page, "labels": found[offset : offset + limit]})


@routes("POST", "/v2/labels")
def create_labels(request: Request) -> Reply:
    """Create up to ten labels, each on its own: 201 all, 207 some, 400 none."""
    return _each(request, _create, "labelExternalId", success=201)


@routes("PUT", "/v2/labels")
def update_labels(request: Request) -> Reply:
    """Change, archive or reactivate up to ten labels: 200 all, 207 some, 400 none."""
    return _each(request, _update, "labelId", success=200)


Outcome = tuple[dict[str, Json] | None, list[Problem]]


def _each(
    request: Request, settle: Callable[[Request, Json], Outcome], names: str, *, success: int
) -> Reply:
    items = body_object(request).get("labels")
    if not isinstance(items, list) or not items:
        raise _refused(Problem(23022, "labels", "no label in the request"))
    if len(items) > _BATCH:
        raise _refused(Problem(23021, "labels", f"at most {_BATCH} labels in one request"))
    _demand_lock(request, 23015 if success == 201 else 23029)
    data, errors = [], []
    for item in items:
        answer, problems = settle(request, item)
        if answer is not None:
            data.append(answer)
        errors += [_error(problem, item, names) for problem in problems]
    status = success if not errors else 207 if data else 400
    return Reply({"data": data, "warnings": [], "errors": errors}, status)


def _create(request: Request, item: Json) -> Outcome:
    if not isinstance(item, dict):
        return None, [Problem(23023, "labels", "a label is null")]
    problems = [*text_problems(item, required=True), *_entity_problems(item)]
    problems += expiry_problems(item.get("expiryConfig"), request.now)
    # Taken by any label: the create error, unlike that of updates, says nothing of active ones.
    problems = problems or _taken(request.store, item, None, 23019, 23020)
    if problems:
        return None, problems
    label = {
        "id": request.store.next("label", 101),
        **{k: item[k] for k in ("externalId", "name", "description") if item.get(k) is not None},
        "entityType": item["entityType"],
        "expiryConfig": expiry(item.get("expiryConfig")),
        "status": "ACTIVE",
        "createdOn": iso_seconds(request.now),
        "createdBy": request.user_id,
    }
    _keep(request, label, None)
    return {"id": label["id"], "externalId": label["externalId"]}, []


def _update(request: Request, item: Json) -> Outcome:
    sent = {k: v for k, v in item.items() if v is not None} if isinstance(item, dict) else {}
    before = request.store.get(LABELS, whole_number(sent.get("labelId")) or 0)
    if before is None:
        return None, [Problem(23025, "labelId", "no label with this id")]
    changes = {name: value for name, value in sent.items() if name != "labelId"}
    if before["status"] == "ARCHIVED" and changes != {"status": "ACTIVE"}:
        return None, [_ARCHIVED]
    problems = [*text_problems(sent, required=False), *_status_problems(sent)]
    problems += expiry_problems(sent.get("expiryConfig"), request.now)
    if problems:
        return None, problems
    # The entity type of a label never changes: sent or not, it stays.
    after = {**before, **{k: sent[k] for k in _CHANGEABLE if k in sent}}
    if "expiryConfig" in sent:
        after["expiryConfig"] = expiry(sent["expiryConfig"])
    problems = _taken(request.store, after, before, 23027, 23028)
    if problems:
        return None, problems
    _keep(request, after, before)
    return after, []


_CHANGEABLE = ("name", "externalId", "description", "status")
_ARCHIVED = Problem(23026, "status", "the label is archived: only status ACTIVE is allowed")


def _keep(request: Request, label: dict[str, Json], before: dict[str, Json] | None) -> None:
    label |= {"lastUpdatedOn": iso_seconds(request.now), "lastUpdatedBy": request.user_id}
    for member, collection in _HOLDERS.items():
        if before is not None:
            _hold(request.store, collection, _holder(before, member), label["id"], held=False)
        _hold(request.store, collection, _holder(label, member), label["id"], held=True)
    request.store.put(LABELS, label["id"], label)


def _hold(store: Store, collection: str, key: str, id: int, *, held: bool) -> None:
    ids = [other for other in (store.get(collection, key) or []) if other != id]
    store.put(collection, key, [*ids, id] if held else ids)


def _holder(label: dict[str, Json], member: str) -> str:
    return f"{label['entityType']}:{label[member].casefold()}"


def _taken(
    store: Store,
    label: dict[str, Json],
    before: dict[str, Json] | None,
    name_code: int,
    external_code: int,
) -> list[Problem]:
    """Who else holds the name or external id; an update minds only active holders."""
    if before is not None and label["status"] == "ARCHIVED":
        return []
    problems = []
    for member, code in (("name", name_code), ("externalId", external_code)):
        ids = store.get(_HOLDERS[member], _holder(label, member)) or []
        others = [id for id in ids if before is None or id != before["id"]]
        if before is not None:
            others = [id for id in others if _is_active(store, id)]
        if others:
            message = f"the {member} {label[member]} is in use for {label['entityType']}"
            problems.append(Problem(code, member, message))
    return problems


def _is_active(store: Store, id: int) -> bool:
    label = store.get(LABELS, id)
    return label is not None and label["status"] == "ACTIVE"


def _entity_problems(item: dict[str, Json]) -> list[Problem]:
    if item.get("entityType") in _ENTITIES:
        return []
    return [Problem(23006, "entityType", "entityType is not valid")]


def _status_problems(sent: dict[str, Json]) -> list[Problem]:
    if sent.get("status", "ACTIVE") in _STATUSES:
        return []
    return [Problem(23016, "status", "status is not valid")]


def _page(request: Request, entity: str | None, status: str | None) -> tuple[int, int]:
    limit = whole_number(request.get("limit", "50"))
    offset = whole_number(request.get("offset", "0"))
    for wrong, message in (
        (entity not in _ENTITIES, "entityType is not valid"),
        (status not in _STATUSES, "status is not valid"),
        (limit is None or not 1 <= limit <= 100, "limit must be between 1 and 100"),
        (offset is None or offset < 0, "offset must not be negative"),
    ):
        if wrong:
            # Errors of this call are a bare message (api notes: fields, "Label").
            raise Refusal(Reply({"message": message}, 400))
    return limit or 0, offset or 0


def _demand_lock(request: Request, code: int) -> None:
    """Refuse the call where the setting `labels` has `{"locked": true}`."""
    if setting(request.store, "labels").get("locked"):
        raise _refused(Problem(code, "labels", "lock not acquired, retry later"), status=409)


def _error(problem: Problem, item: Json, names: str) -> dict[str, Json]:
    error: dict[str, Json] = {"code": problem.code, "field": problem.field}
    member = "externalId" if names == "labelExternalId" else "labelId"
    if isinstance(item, dict) and item.get(member) is not None:
        error[names] = item[member]
    return {**error, "message": problem.message}


def _refused(problem: Problem, *, status: int = 400) -> Refusal:
    error = {"code": problem.code, "field": problem.field, "message": problem.message}
    return Refusal(Reply({"data": [], "warnings": [], "errors": [error]}, status))


def seed_console(store: Store, org_id: int, now: float) -> None:  # noqa: ARG001
    """Labels that runtime calls made, without a declaration, and an archived one."""
    for name, entity, status in (
        ("Fragile", "PRODUCT", "ACTIVE"),
        ("Frequent Caller", "CUSTOMER", "ACTIVE"),
        ("Pilot Store", "STORE", "ARCHIVED"),
    ):
        id = store.next("label", 101)
        label = {
            "id": id,
            "externalId": name.lower().replace(" ", "-"),
            "name": name,
            "entityType": entity,
            "expiryConfig": {"type": "NONE"},
            "status": status,
            **{"createdOn": iso_seconds(now), "createdBy": -1},
            **{"lastUpdatedOn": iso_seconds(now), "lastUpdatedBy": -1},
        }
        for member, collection in _HOLDERS.items():
            _hold(store, collection, _holder(label, member), id, held=True)
        store.put(LABELS, id, label)
