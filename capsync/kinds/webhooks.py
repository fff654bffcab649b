"""Webhooks: notifications that the platform posts, and the URLs at which it takes events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from capsync.api.dialects import V2_DATA, V2_OBJECT, V3
from capsync.fields import (
    Schema,
    blank,
    boolean,
    cut,
    enum,
    fixed,
    folded,
    integer,
    map_of,
    needed,
    number,
    obj,
    obj_of,
    oneway,
    only_if,
    ref,
    secret,
    server_set,
    set_of,
    shows,
    string,
    unread,
    when,
    whole,
    worded,
)
from capsync.kind import (
    Check,
    Finding,
    Kind,
    Listing,
    Retire,
    Route,
    Service,
    Task,
    Verdict,
    Write,
    key_by,
)
from capsync.kinds.webhooks_events import EVENT_NAMES
from capsync.model import Action, Spec

Json = Any

_HOOKS = "/v3/webHooks"
_INBOUND = "/v2/events/webhook"
_UPDATE_PATH = "event_webhook_update"
_METHODS = ("POST", "PUT", "GET", "DELETE")
_OF_THE_PLATFORM = ("QUEUE_INT", "INTERNAL")
_SENT_ALWAYS: Mapping[str, Json] = {
    "active": True,
    "customerIdentifiersToBeEnriched": [],
    "methodType": "POST",
}


# Notification webhooks


def _read(raw: Json) -> dict[str, Json]:
    """A webhook in the shape of a spec; "no headers" is a header without a name."""
    spec = dict(raw)
    headers = spec.get("webHookHeaders")
    if isinstance(headers, Mapping):
        spec["webHookHeaders"] = {name: value for name, value in headers.items() if name}
    return spec


def _writes(task: Task) -> Sequence[Write]:
    """The calls of a change. Create does not take neoEnrichment, so that an update sets it."""
    path = f"{_HOOKS}/{task.id or '{id}'}"
    if task.action is Action.RETIRE:
        return (Write("delete", "DELETE", path),)
    update = Write("update", "PUT", path, body={**_SENT_ALWAYS, **task.body})
    if task.action is not Action.CREATE:
        return (update,)
    body = {**_SENT_ALWAYS, "webHookUrl": " ", "webHookHeaders": {}, **task.desired}
    enriched = body.pop("neoEnrichment", None) is not None
    create = Write("create", "POST", _HOOKS, body=body, creates=True, settle=enriched)
    return (create, replace(update, summary="set neoEnrichment")) if enriched else (create,)


def _event_names(spec: Spec) -> Iterable[Finding]:
    known = {name.casefold(): name for name in EVENT_NAMES}
    for place, name in enumerate(spec.get("eventNames") or ()):
        spelled = known.get(str(name).casefold())
        if spelled is not None and spelled != name:
            hint = f"did you mean {spelled}?"
            at = ("eventNames", place)
            yield Finding(at, "is spelt differently in all answers", severity="warning", hint=hint)


def _methods(spec: Spec) -> Iterable[Finding]:
    if spec.get("methodType", "POST") != "POST":
        message = "may be stored as POST: one documented answer shows that, another does not"
        yield Finding(("methodType",), message, severity="warning")


def _notification_guard(check: Check) -> Iterable[Verdict]:
    if check.action is not Action.CREATE:
        return
    type_ = check.desired.get("webHookType")
    if type_ == "HTTP" and "webHookHeaders" not in check.written:
        reason = "webHookHeaders: every webhook is made with headers; write {} where it has none"
        yield Verdict("blocked", reason)
    if type_ == "INTERNAL":
        yield Verdict("blocked", "webHookType: the platform alone makes INTERNAL webhooks")


def _flag(doc: str) -> Schema:
    return boolean(doc, default=False)


NOTIFICATION_WEBHOOK = Kind(
    name="NotificationWebhook",
    family="events",
    doc="Where the platform posts notifications of what happens in the org.",
    pages=("add-v3-webhooks", "update-v3-webhook", "get-v3-webhooks", "delete-v3-webhook"),
    dialect=V3,
    lists=(Listing(Route("GET", _HOOKS)),),
    id="webHookId",
    read=_read,
    keys=(key_by("name"),),
    create=Route("POST", _HOOKS, omit=frozenset({"neoEnrichment"})),
    created_id="webHookId",
    update=Route("PUT", f"{_HOOKS}/{{id}}", whole=True),
    writer=_writes,
    retire=Retire("delete", Route("DELETE", f"{_HOOKS}/{{id}}")),
    service=Service("active", final=True),
    foreign=lambda raw: raw.get("webHookType") in _OF_THE_PLATFORM,
    stamp="attribution.lastUpdatedOn",
    changed_by="attribution.lastUpdatedBy",
    schema=obj_of(
        {
            "name": fixed(
                string("Name, unique in the org (older pages say in the cluster).", minLength=1),
                "make a new webhook with the new name, and delete this one",
            ),
            "eventNames": set_of(
                string("Name of a notification; case counts.", minLength=1),
                "What it is posted for.",
                minItems=1,
            ),
            # Of other types than HTTP answers show no URL and no headers, whatever was sent.
            "webHookUrl": only_if(
                blank(string("Where it is posted to."), " ", ""), "webHookType", "HTTP"
            ),
            "webHookType": fixed(
                worded(
                    enum(
                        "HTTP",
                        "QUEUE_INT",
                        "INTERNAL",
                        doc="HTTP calls webHookUrl; QUEUE_INT (`queue` on older pages) is a queue"
                        " of the platform; INTERNAL is the platform's own.",
                    ),
                    queue="QUEUE_INT",
                ),
                "make a webhook of the other type under another name, and delete this one",
            ),
            "methodType": shows(
                enum(*_METHODS, doc="Method of the calls.", default="POST"), *_METHODS
            ),
            "webHookHeaders": only_if(
                needed(
                    secret(
                        map_of(
                            string(),
                            "Headers of the calls; every answer shows them in clear.",
                            propertyNames={"minLength": 1},
                            **{"x-clear": {}},
                        )
                    )
                ),
                "webHookType",
                "HTTP",
            ),
            "maxAllowedConnections": cut(
                number("Calls at a time, a whole number.", minimum=1),
            ),
            "noOfRetryAttempts": shows(
                integer("How often a call that failed is repeated.", minimum=0, default=0), 0
            ),
            "slaInSeconds": integer("Seconds that a call may take.", minimum=0),
            "active": boolean(
                "Whether it is in service. False is what deleting leaves behind.", default=True
            ),
            "customerIdentifiersToBeEnriched": set_of(
                string("Kind of identifier."),
                "Identifiers of customers added to calls.",
                default=[],
            ),
            "listenToChildEvents": _flag("Whether events of connected orgs count."),
            "tillDetailsEnrichmentEnabled": _flag("Whether details of the till are added."),
            "storeDetailsEnrichmentEnabled": _flag("Whether details of the store are added."),
            "awardedReferenceEnrichmentEnabled": _flag("Whether awarded references are added."),
            "availablePointsBalanceEnrichmentEnabled": _flag("Whether the balance is added."),
            "neoEnrichment": whole(
                obj(
                    doc="Neo dataflow that runs first; the list of webhooks shows those on offer.",
                    label=string("Name of the dataflow."),
                    value=string("Its URL."),
                )
            ),
            "webHookId": server_set(string(), "Id of the webhook."),
            "consumerGroupId": server_set(string(), "Id of its consumers."),
            "attribution": server_set({"type": "object"}, "Who made and changed it, and when."),
            "possibleValues": server_set({"type": "array"}, "Neo dataflows on offer."),
        },
        required=["eventNames", "maxAllowedConnections", "name", "webHookType"],
    )
    | {
        "allOf": [
            when(
                "webHookType",
                "HTTP",
                required=["webHookUrl"],
                properties={"webHookUrl": {"minLength": 1}},
            )
        ]
    },
    rules=(_event_names, _methods),
    guard=_notification_guard,
    notes=(
        "Deleting is soft: the list goes on showing the webhook, inactive. An inactive one counts"
        " as absent, unless a manifest declares it with active false or names its id.",
        "Webhooks of type QUEUE_INT and INTERNAL are the platform's own: left out of export,"
        " unmanaged drift and pruning, and managed only where a manifest names them.",
        "Whether an inactive webhook still holds its name is not documented: where a create is"
        " refused for that, an update brings the inactive one back.",
        "Updates list webHookType, but nothing says that it can change: such changes are blocked.",
        "In documented answers methodType stays what it was, and noOfRetryAttempts is 0, whatever"
        " was sent. Such answers are no drift: the state tells whether the manifest changed.",
        "Updates replace the webhook: capsync sends back all that it read.",
        "The API gives no code for a name that exists.",
    ),
)


# Inbound webhooks


def _inbound_writes(task: Task) -> Sequence[Write]:
    """The calls of a change: only the existence of the update is documented."""
    if task.action is Action.RETIRE:
        body = {"webHookId": task.id}
        return (Write("disable", "PUT", f"{_INBOUND}/disable", body=body, dialect=V2_OBJECT),)
    if task.action is Action.CREATE:
        create = Write("create", "POST", _INBOUND, body=dict(task.desired), creates=True)
        return (replace(create, params={"format": "json"}, dialect=V2_OBJECT),)
    path = task.paths.get(_UPDATE_PATH, _INBOUND)
    body = {"webHookId": task.id, **task.body}
    return (Write("update", "PUT", path, body=body, dialect=V2_OBJECT),)


def _inbound_guard(check: Check) -> Iterable[Verdict]:
    creates = check.action is Action.CREATE
    turns_on = check.desired.get("authEnabled") is True and (
        creates or bool(check.changes("authEnabled"))
    )
    if turns_on and check.desired.get("authMechanism") is None:
        reason = "authMechanism is needed with authEnabled true (API error 1839)"
        yield Verdict("blocked", reason)
    if creates:
        return
    for change in check.changes("uniquenessCheckEnabled"):
        if change.before is True:
            yield Verdict("blocked", "uniquenessCheckEnabled can not be switched off once it is on")
    reason = "the update of a webhook is named in a guide, but documented on no page"
    path = check.paths.get(_UPDATE_PATH, _INBOUND)
    yield Verdict("warning", f"{reason}: it is sent as PUT {path}")


def _inbound_advice(spec: Spec) -> Iterable[Finding]:
    if str(spec.get("transformerType", "")).casefold() != "webengagetransformer":
        message = "may be refused: the create page says that only WebEngageTransformer is taken"
        yield Finding(("transformerType",), message, code="1808", severity="warning")
    if spec.get("authEnabled") is True and spec.get("authMechanism") is None:
        message = "is needed with authEnabled true when the webhook is created"
        yield Finding(("authMechanism",), message, code="1839", severity="warning")


EVENT_WEBHOOK = Kind(
    name="EventWebhook",
    family="events",
    doc="A URL of the platform to which another system posts behavioral events.",
    pages=("add-webhook", "get-webhook-details", "events (legacy)"),
    dialect=V2_DATA,
    lists=(Listing(Route("GET", "/v2/events/webhooks")),),
    id="webHookId",
    keys=(key_by("transformerType"),),
    create=Route("POST", _INBOUND, dialect=V2_OBJECT),
    created_id="",
    update=Route("PUT", _INBOUND, whole=True, setting=_UPDATE_PATH),
    writer=_inbound_writes,
    retire=Retire("disable", Route("PUT", f"{_INBOUND}/disable"), reversible=False),
    schema=obj_of(
        {
            "transformerType": folded(
                enum(
                    "WebEngageTransformer",
                    "DefaultTransformer",
                    "KumulosTransformer",
                    doc="What takes posted events apart; an org has one webhook of each. Lists"
                    " spell it in lower camel case.",
                )
            )
            | {"x-fixed": "declare a webhook of the other transformer"},
            "tillCode": ref(
                "Till",
                by="code",
                base={"type": "string", "minLength": 1},
                doc="Till that events without a till count for.",
            ),
            "authEnabled": boolean("Whether posts have to log in.", default=False),
            "authMechanism": only_if(
                needed(
                    unread(
                        folded(
                            enum("Basic", "OAUTH", doc="How posts log in; needed with authEnabled.")
                        )
                    )
                ),
                "authEnabled",
                True,
            ),
            "uniquenessCheckEnabled": oneway(
                boolean(
                    "Whether an event posted twice counts once. On for good: all events of the org"
                    " need a unique key from then on.",
                    default=False,
                ),
                True,
            ),
            "listenToChildEvents": unread(boolean("Whether events of connected orgs count.")),
            "webHookId": server_set(string(), "Id of the webhook."),
            "webHookUri": secret(
                server_set(string(), "The URL, made by the server; it holds a token.")
            ),
        },
        required=["transformerType", "tillCode"],
    ),
    rules=(_inbound_advice,),
    guard=_inbound_guard,
    notes=(
        "A create answers without the id, so that the webhook is looked up by its transformer.",
        "authMechanism and listenToChildEvents are never shown: the state keeps hashes of them.",
        "The URL of a disabled webhook is gone, token and all: disabling counts as irreversible."
        " Whether lists still show a disabled one is not documented.",
        "Only the existence of an update is documented. Set `paths: {event_webhook_update: ...}` of"
        " the environment where its path is another.",
        "The till of a posted event, where it has one, wins over tillCode.",
    ),
)
