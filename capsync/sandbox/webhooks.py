"""Notification webhooks (v3): where the platform posts what happens in the org."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import md5
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from capsync.sandbox.fields_answers import iso_seconds, whole_number
from capsync.sandbox.store import Store
from capsync.sandbox.web import Refusal, Reply, Request, Routes
from capsync.sandbox.webhooks_events import EVENT_NAMES, notification_schema

Json = Any
Webhook = dict[str, Json]

routes = Routes()

WEBHOOKS = "notification-webhooks"
_NAMES = "notification-webhook-names"
DATAFLOWS = "neo-dataflows"

_TYPES = ("HTTP", "QUEUE_INT")
_METHODS = ("POST", "PUT", "GET", "DELETE")
_ENRICHMENTS = (
    "listenToChildEvents",
    "tillDetailsEnrichmentEnabled",
    "storeDetailsEnrichmentEnabled",
    "awardedReferenceEnrichmentEnabled",
    "availablePointsBalanceEnrichmentEnabled",
)
_NO_HEADERS = {"": ""}  # what the console stores for none


@routes("GET", "/v3/webHooks")
def list_webhooks(request: Request) -> Reply:
    """Every webhook, deleted and platform-made ones included, with the dataflows on offer."""
    offered = request.store.all(DATAFLOWS)
    data = [{**_listed(w), "possibleValues": offered} for w in request.store.all(WEBHOOKS)]
    return _answer(data)


@routes("POST", "/v3/webHooks")
def add_webhook(request: Request) -> Reply:
    """Make a webhook; a Neo dataflow can only be set by an update."""
    asked = _asked(request)
    _demand_address(asked)
    name, kind = asked.get("name"), _kind(asked.get("webHookType"))
    if not isinstance(name, str) or not name or kind not in _TYPES:
        raise _refused(400, "name or webHookType is missing or invalid")
    if asked.get("methodType") not in _METHODS:
        raise _refused(400, "methodType is missing or invalid")
    if request.store.get(_NAMES, name) is not None:
        # The code of a name that is taken is not documented.
        raise _refused(400, f"webHook name {name} is in use")
    webhook = {
        **_identity(request, name),
        "webHookType": kind,
        "methodType": asked["methodType"],
        **_changeable(asked, {"webHookType": kind}),
    }
    request.store.put(_NAMES, name, {"id": webhook["webHookId"]})
    return _kept(request, webhook)


@routes("PUT", "/v3/webHooks/{webHookId}")
def update_webhook(request: Request) -> Reply:
    """Replace a webhook's settings; name, type and method stay as they were made.

    Whether keys that a call leaves out are kept is not said: here only the address and the
    headers are, all else falls back to its default. Of two documented updates that sent
    methodType PUT, one answered POST and one PUT: the method of the create.
    """
    webhook = _known(request)
    asked = _asked(request)
    _demand_address({"webHookUrl": "", "webHookHeaders": {}, **asked})
    left = {k: v for k, v in webhook.items() if k != "neoEnrichment"}
    changed = {**left, **_changeable(asked, webhook)}
    if isinstance(asked.get("neoEnrichment"), dict):
        changed["neoEnrichment"] = asked["neoEnrichment"]
    return _kept(request, changed)


@routes("DELETE", "/v3/webHooks/{webHookId}")
def delete_webhook(request: Request) -> Reply:
    """Switch a webhook off: it stays in the list, and its name stays taken."""
    return _kept(request, {**_known(request), "active": False})


@routes("GET", "/v3/webHooks/eventMetaData")
def list_notification_events(request: Request) -> Reply:  # noqa: ARG001
    """The notifications on offer."""
    data = [{"active": True, "eventName": name} for name in EVENT_NAMES]
    return Reply({"data": data, "errors": None})


@routes("GET", "/v3/webHooks/eventMetaData/{eventName}")
def read_notification_event(request: Request) -> Reply:
    """The JSON schema of one notification."""
    name = request.params["eventName"]
    if name not in EVENT_NAMES:
        raise _refused(400, f"event {name} is not known")
    data = {"active": True, "eventName": name, "schema": notification_schema(name)}
    return Reply({"data": data, "errors": None})


def _asked(request: Request) -> dict[str, Json]:
    """The body where the members that every write needs are right."""
    body = request.json()
    if not isinstance(body, dict):
        raise _refused(400, "the body is no object")
    names, most = body.get("eventNames"), body.get("maxAllowedConnections")
    if not isinstance(names, list) or not names:
        raise _refused(51003, "eventNames must not be null")
    if most is None:
        raise _refused(300004, "maxAllowedConnections is missing")
    if (whole_number(most) or 0) < 1:
        raise _refused(51007, "maxAllowedConnections must be greater than zero")
    return body


def _demand_address(asked: dict[str, Json]) -> None:
    if _kind(asked.get("webHookType")) == "QUEUE_INT":
        return
    # The parameter table has a list here; every example, and the service, an object.
    if not isinstance(asked.get("webHookHeaders"), dict):
        raise _refused(400, "webHookHeaders must be an object")
    if not isinstance(asked.get("webHookUrl"), str):
        raise _refused(400, "webHookUrl is missing")


def _changeable(asked: dict[str, Json], before: Webhook) -> Webhook:
    """What create and update both set; a queue has neither address nor headers."""
    sent = {k: v for k, v in asked.items() if v is not None}
    kept = {"webHookUrl": " ", "webHookHeaders": _NO_HEADERS, **before}
    if kept["webHookType"] != "QUEUE_INT":
        kept |= {k: sent[k] for k in ("webHookUrl", "webHookHeaders") if k in sent}
    return {
        "eventNames": list(sent["eventNames"]),
        "webHookUrl": kept["webHookUrl"],
        "webHookHeaders": kept["webHookHeaders"],
        # 10 was sent and 0 answered (api notes: events, "Notification webhook").
        "noOfRetryAttempts": 0,
        "maxAllowedConnections": whole_number(sent["maxAllowedConnections"]),
        "active": sent.get("active", True) is not False,
        "slaInSeconds": whole_number(sent.get("slaInSeconds")) or 0,
        **{name: sent.get(name) is True for name in _ENRICHMENTS},
        "customerIdentifiersToBeEnriched": sent.get("customerIdentifiersToBeEnriched", []),
    }


def _kind(sent: Json) -> str:
    # `queue` is the older page's word.
    return "QUEUE_INT" if sent == "queue" else str(sent)


def _known(request: Request) -> Webhook:
    webhook: Webhook | None = request.store.get(WEBHOOKS, request.params["webHookId"])
    if webhook is None:
        raise _refused(400, "webHookId is not valid")
    return webhook


def _identity(request: Request, name: str) -> Webhook:
    id = _object_id(request.org_id, request.store.next("notification-webhook"), request.now)
    actor = _actor(request)
    return {
        "attribution": {**_times("created", request.now), "createdBy": actor},
        "webHookId": id,
        "name": name,
        "consumerGroupId": str(uuid5(NAMESPACE_URL, id)),
    }


def _kept(request: Request, webhook: Webhook) -> Reply:
    changed = {**_times("lastUpdated", request.now), "lastUpdatedBy": _actor(request)}
    webhook = {**webhook, "attribution": {**webhook["attribution"], **changed}}
    request.store.put(WEBHOOKS, webhook["webHookId"], webhook)
    return _answer(webhook)


def _listed(webhook: Webhook) -> Webhook:
    # Lists show {} for the headers of a queue that every other answer gives as {"": ""}.
    queue = webhook["webHookType"] == "QUEUE_INT"
    return {**webhook, "webHookHeaders": {}} if queue else webhook


def _actor(request: Request) -> dict[str, Json]:
    kind = "ADMIN_USER" if request.admin else "TILL"
    code = f"user.{request.user_id}"
    return {"id": request.user_id, "code": code, "description": "", "name": code, "type": kind}


def _times(what: str, moment: float) -> dict[str, str]:
    exact = datetime.fromtimestamp(moment, UTC)
    stamp = exact.strftime("%Y-%m-%dT%H:%M:%S.") + f"{exact.microsecond // 1000:03d}+0000"
    return {f"{what}On": stamp, f"{what}OnISO": iso_seconds(moment)}


def _object_id(org_id: int, number: int, moment: float) -> str:
    digest = md5(f"{org_id}:{number}".encode(), usedforsecurity=False).hexdigest()
    return f"{int(moment):08x}{digest[:16]}"


def _answer(data: Json) -> Reply:
    return Reply({"data": data, "errors": None, "warnings": None})


def _refused(code: int, message: str) -> Refusal:
    errors = [{"code": code, "message": message}]
    return Refusal(Reply({"data": None, "errors": errors, "warnings": None}, 400))


def seed(store: Store, org_id: int, now: float) -> None:
    """What the platform makes for itself: two queues and an internal webhook."""
    nobody = {"id": -1, "code": None, "description": None, "name": None, "type": None}
    for number, (name, kind, url, active) in enumerate(
        (
            (f"{_object_id(org_id, 901, now)}", "QUEUE_INT", " ", True),
            (f"{_object_id(org_id, 902, now)}_0|3", "QUEUE_INT", " ", False),
            (f"{org_id}_Internal", "INTERNAL", "https://hooks.example.com/internal", True),
        ),
        start=990,
    ):
        id = _object_id(org_id, number, now)
        asked = {"eventNames": ["customerAdded", "transactionAdded"], "maxAllowedConnections": 5}
        times = {**_times("created", now), **_times("lastUpdated", now)}
        webhook = {
            "attribution": {**times, "lastUpdatedBy": nobody, "createdBy": nobody},
            "webHookId": id,
            "name": name,
            "webHookType": kind,
            "methodType": "POST",
            **_changeable({**asked, "active": active}, {"webHookType": kind, "webHookUrl": url}),
            "consumerGroupId": str(uuid5(NAMESPACE_URL, id)),
        }
        store.put(_NAMES, name, {"id": id})
        store.put(WEBHOOKS, id, webhook)
    for label in ("TierLookup_CONNECTPLUS", "Trial"):
        value = f"http://neo.example.internal:3000/api/v1/sandbox/execute/{label.lower()}"
        store.put(DATAFLOWS, label, {"label": label, "value": value})
