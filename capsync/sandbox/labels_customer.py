"""Customer labels: the deprecated label definitions of the org."""

from __future__ import annotations

from typing import Any

from capsync.sandbox.fields_answers import bad_request, body_object, org_number, refusal
from capsync.sandbox.store import Store
from capsync.sandbox.web import Reply, Request, Routes

Json = Any

routes = Routes()

LABELS = "customer-labels"
_NAMES = "customer-label-names"

_LIMIT = "ORG_MAX_LABEL_COUNT"
_NAME_LENGTH = 100
_DESCRIPTION_LENGTH = 255


@routes("POST", "/v2/organization/labels")
def add_customer_labels(request: Request) -> Reply:
    """Add all labels or none; the answer names the org, no label."""
    items = body_object(request).get("orgLabels")
    if not isinstance(items, list) or not items:
        # The status codes page has 33006 for this, the page of the call 33003.
        raise refusal(33006, "orgLabels is empty")
    limit = org_number(request.store, _LIMIT)
    if limit is None:
        raise refusal(33004, "Label limit of the org is not configured")
    if request.store.count(LABELS) + len(items) > limit:
        raise refusal(33005, "Label limit of the org is reached")
    for item in items:
        _add(request, item)
    return Reply({"entity": request.org_id, "warnings": []})


@routes("GET", "/v2/organization/labels")
def list_customer_labels(request: Request) -> Reply:
    """Every label by name; none at all is error 33002."""
    labels = request.store.all(LABELS)
    if not labels:
        raise refusal(33002, "Org has no labels")
    labels.sort(key=lambda label: label["name"].casefold())
    return Reply({"data": labels, "warnings": [], "errors": []})


def _add(request: Request, item: Json) -> None:
    name, description = _texts(item)
    if request.store.get(_NAMES, name.casefold()) is not None:
        raise refusal(33003, f"Label {name} exists already", status=409)
    id = request.store.next("customer-label", 11)
    label = {
        "id": id,
        "orgId": request.org_id,
        **({} if description is None else {"description": description}),
        "lastUpdatedBy": request.user_id,
        "name": name,
        "active": True,
    }
    request.store.put(_NAMES, name.casefold(), {"id": id})
    request.store.put(LABELS, id, label)


def _texts(item: Json) -> tuple[str, str | None]:
    name, description = (
        (item.get("name"), item.get("description")) if isinstance(item, dict) else (None, None)
    )
    # An empty name is taken: live lists hold one.
    if not isinstance(name, str) or len(name) > _NAME_LENGTH:
        raise bad_request()
    if description is None:
        return name, None
    if not isinstance(description, str) or len(description) > _DESCRIPTION_LENGTH:
        raise bad_request()
    return name, description


def seed(store: Store, org_id: int, now: float) -> None:  # noqa: ARG001
    """An org that may have customer labels, and has none yet."""
    if store.get("org-configs", _LIMIT) is None:
        id = store.next("org-config", 1300001)
        key = {"id": id, "entityId": org_id, "keyName": _LIMIT, "value": "100", "scope": "ORG"}
        store.put("org-configs", _LIMIT, key)
