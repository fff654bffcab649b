"""Inbound webhooks: addresses to which other systems post behavioral events."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from capsync.sandbox.events_fields import event_refusal
from capsync.sandbox.fields_answers import body_object, text
from capsync.sandbox.web import Reply, Request, Routes

Json = Any

routes = Routes()

WEBHOOKS = "inbound-webhooks"  # by transformer in lower case: one an org
_BY_ID = "inbound-webhook-ids"

_TRANSFORMERS = frozenset({"webengagetransformer", "defaulttransformer"})
_MECHANISMS = frozenset({"basic", "oauth"})
_READABLE = ("webHookId", "uniquenessCheckEnabled", "tillCode", "webHookUri", "authEnabled")
# Told only to those who sent them, as both documented answers do.
_ECHOED = ("uniquenessCheckEnabled", "authEnabled")


@routes("POST", "/v2/events/webhook")
def add_webhook(request: Request) -> Reply:
    """Make the webhook of a transformer; its id is only in the list."""
    asked = body_object(request)
    transformer = _transformer(asked)
    if request.store.get(WEBHOOKS, transformer) is not None:
        # One webhook a transformer; the code of a second one is not documented.
        raise event_refusal(400, f"A webhook of {asked['transformerType']} exists already")
    if not asked.get("tillCode"):
        raise event_refusal(400, "tillCode is missing")
    return _saved(request, asked, {**_made(request, transformer), "transformer": transformer})


@routes("PUT", "/v2/events/webhook")
def update_webhook(request: Request) -> Reply:
    """Change a webhook, found by id or else by transformer.

    Only the existence of this call is documented: path, body and answer are those of the create.
    """
    asked = body_object(request)
    found = request.store.get(_BY_ID, text(asked.get("webHookId"))) if "webHookId" in asked else {}
    transformer = (found or {}).get("transformer") or _transformer(asked)
    webhook = request.store.get(WEBHOOKS, transformer)
    if webhook is None:
        raise event_refusal(400, "No such webhook")
    if webhook["uniquenessCheckEnabled"] and asked.get("uniquenessCheckEnabled") is False:
        raise event_refusal(1802, "uniquenessCheckEnabled can not be switched off")
    return _saved(request, asked, webhook)


@routes("GET", "/v2/events/webhooks")
def list_webhooks(request: Request) -> Reply:
    """Every webhook in use; how it authenticates and whom it listens to is never told."""
    data = [
        {"transformerType": _lower_camel(webhook["transformerType"])}
        | {name: webhook[name] for name in _READABLE}
        for webhook in request.store.all(WEBHOOKS)
    ]
    return Reply({"data": data, "warnings": [], "errors": []})


@routes("PUT", "/v2/events/webhook/disable")
def disable_webhook(request: Request) -> Reply:
    """Take a webhook out of use, without an answer; an unknown id is nothing to do."""
    id = text(body_object(request).get("webHookId"))
    found = request.store.get(_BY_ID, id)
    if found is not None:
        request.store.delete(WEBHOOKS, found["transformer"])
        request.store.delete(_BY_ID, id)
    return Reply(None)


def _transformer(asked: dict[str, Json]) -> str:
    transformer = text(asked.get("transformerType")).lower()
    if transformer not in _TRANSFORMERS:
        raise event_refusal(1808, "Transformer not present")
    return transformer


def _made(request: Request, transformer: str) -> dict[str, Json]:
    seed = f"{request.org_id}:{transformer}:{request.store.next('inbound-webhook')}"
    digest = sha256(seed.encode()).hexdigest()
    return {
        # Ids vary in length.
        "webHookId": digest[: 21 + int(digest[-1], 16) % 4],
        "webHookUri": f"https://hooks.example.com/sandbox/webhooks/{digest[32:58]}",
        "uniquenessCheckEnabled": False,
        "authEnabled": False,
    }


def _saved(request: Request, asked: dict[str, Json], webhook: dict[str, Json]) -> Reply:
    mechanism = asked.get("authMechanism", webhook.get("authMechanism"))
    if asked.get("authEnabled") and str(mechanism).lower() not in _MECHANISMS:
        raise event_refusal(1839, "Auth mechanism not present")
    given = {
        k: v for k, v in asked.items() if v is not None and k not in ("webHookId", "webHookUri")
    }
    webhook |= given
    request.store.put(WEBHOOKS, webhook["transformer"], webhook)
    request.store.put(_BY_ID, webhook["webHookId"], {"transformer": webhook["transformer"]})
    shown = {name: webhook[name] for name in ("transformerType", "tillCode", "webHookUri")}
    echoed = {name: webhook[name] for name in _ECHOED if name in asked}
    return Reply({**shown, **echoed, "warnings": []})


def _lower_camel(name: str) -> str:
    return name[:1].lower() + name[1:]
