"""Badges: their definition is replaced whole; activation and claims have calls of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from capsync.api.dialects import GATEWAY
from capsync.kind import (
    Check,
    Extra,
    Kind,
    Listing,
    Pair,
    Retire,
    Route,
    Service,
    Switch,
    Task,
    Verdict,
    Write,
    key_by,
)
from capsync.kinds.badges_fields import (
    BADGE_WINDOW,
    CUSTOMER_LIMITS,
    CUSTOMER_WINDOW,
    SCHEMA,
    WINDOW_ADDITIONS,
)
from capsync.kinds.badges_parts import BADGES, PAGES
from capsync.kinds.badges_rules import GUARDS, RULES
from capsync.model import Action, Key, Spec
from capsync.values.instants import parse_instant

Json = Any

_META = f"{BADGES}/badgeMeta"
_FIELDS = "definitions of custom fields"
_TWINS = ("startOn", "expiresOn")
_HISTORICAL = {"X-CAP-BADGES-MIGRATION": "migration"}


def _read(raw: Json) -> dict[str, Json]:
    """A live badge in the shape of a spec."""
    spec = _without_twins(raw)
    spec.pop(_FIELDS, None)
    for name in ("earnedBadgeExpiry", "issuedBadgeExpiry"):
        if isinstance(spec.get(name), Mapping):
            spec[name] = _without_twins(spec[name])
    if isinstance(ownership := spec.get("ownership"), Mapping):
        claims = [each for each in ownership.get("claims") or () if each.get("isActive", True)]
        spec["ownership"] = {**ownership, "claims": claims}
    for name in ("customerConstraints", "badgeConstraints"):
        if spec.get(name):
            spec[name] = list(_in_force(spec[name]))
    return spec


def _without_twins(value: Mapping[str, Json]) -> dict[str, Json]:
    """Without the ISO twin of a moment, where the moment itself is there: sending both is not
    allowed (api notes: platform 8)."""
    dropped = {f"{name}ISO" for name in _TWINS if value.get(name) is not None}
    return {name: each for name, each in value.items() if name not in dropped}


def _shape(pair: Pair) -> dict[str, Json]:
    """The desired values as the service stores them: limits of customers moved to where they
    belong, and no emptying of custom fields that it fills in."""
    spec = dict(pair.desired)
    badge = spec.get("badgeConstraints") or ()
    if moved := [each for each in badge if each.get("constraintType") in CUSTOMER_LIMITS]:
        spec["badgeConstraints"] = [each for each in badge if each not in moved]
        spec["customerConstraints"] = [*(spec.get("customerConstraints") or ()), *moved]
    if "customFields" in spec and pair.live is not None:
        spec["customFields"] = _emptied(spec["customFields"], pair)
    return spec


def _emptied(wanted: Json, pair: Pair) -> dict[str, Json]:
    """Custom fields with null for each one that is to go: a mandatory one comes back with its
    default at once, so that there is nothing to empty."""
    held = (pair.live or {}).get("customFields") or {}
    filled = {
        each["name"]: each["defaultValue"]
        for each in pair.raw.get(_FIELDS) or ()
        if each.get("isMandatory")
    }
    values = dict.fromkeys(held) if wanted is None else wanted
    return {
        name: value
        for name, value in values.items()
        if value is not None or name not in filled or held.get(name) != filled[name]
    }


def _more(_raw: Json, wanted: Spec | None) -> Sequence[Extra]:
    """The definitions of custom fields, where a manifest empties some."""
    values = (wanted or {}).get("customFields", {})
    if values is not None and None not in values.values():
        return ()
    route = Route("GET", f"{BADGES}/customField")
    return (Extra(_FIELDS, route, rows="customFieldROList", paging=PAGES),)


def _in_force(constraints: Sequence[Json]) -> Iterator[dict[str, Json]]:
    """The limits as they were last set. An edited fixed window of a live badge stays ACTIVE until
    its cycle ends, beside the new one as UPCOMING; ended ones stay listed as EXPIRED."""
    windows = [each for each in constraints if each.get("constraintType") in _WINDOWS]
    last = _last_set(windows)
    for each in constraints:
        if each.get("constraintType") not in _WINDOWS or each in last:
            yield {name: value for name, value in each.items() if name not in WINDOW_ADDITIONS}


_WINDOWS = (CUSTOMER_WINDOW, BADGE_WINDOW)


def _last_set(windows: Sequence[Json]) -> list[Json]:
    for status in ("UPCOMING", "ACTIVE", None):
        if found := [each for each in windows if each.get("cycleStatus") == status]:
            return found
    # Of an ended badge all are EXPIRED; the last one to begin is what it ended with.
    return sorted(windows, key=lambda each: each.get("startDate") or 0)[-1:]


def _body(badge: Mapping[str, Json]) -> dict[str, Json]:
    """The definition as the API takes it: claims go another way, `expireWithBadgeMeta` with its
    type, and a custom field without a value is left out."""
    body = dict(badge)
    ownership = body.get("ownership")
    if isinstance(ownership, Mapping):
        body["ownership"] = {name: value for name, value in ownership.items() if name != "claims"}
    for name in ("earnedBadgeExpiry", "issuedBadgeExpiry"):
        if isinstance(expiry := body.get(name), Mapping) and expiry.get("type"):
            with_badge = expiry["type"] == "WITH_BADGE_META"
            body[name] = {**expiry, "expireWithBadgeMeta": with_badge}
    if isinstance(values := body.get("customFields"), Mapping):
        body["customFields"] = {name: each for name, each in values.items() if each is not None}
    return body


def _writes(task: Task) -> Sequence[Write]:
    """The calls of a change, in the order that the locks between them need."""
    if task.action is Action.RETIRE:
        return (_activation(task, active=False),)
    if task.action is Action.CREATE:
        return (_create(task), *_claims(task))
    return tuple(_update(task))


def _create(task: Task) -> Write:
    body = _body(task.desired)
    start = parse_instant(body.get("startOn"), "seconds")
    is_past = start is not None and start < datetime.fromtimestamp(task.now, UTC)
    return Write(
        "create",
        "POST",
        _META,
        body=body,
        # Guides ask for it where the start is past and older clusters answer 722 without; it does
        # no harm elsewhere (api notes: badges, historical badges).
        headers=_HISTORICAL if is_past else {},
        creates=True,
        settle=bool(_wanted_claims(task)),
    )


def _update(task: Task) -> Iterator[Write]:
    """Activation first, since a deactivated badge can not be claimed; claims are given up before
    their owner is removed (738) and made after it was added; deactivation last."""
    turns = task.touches("active")
    on = turns and task.desired.get("active") is True
    if on:
        yield _activation(task, active=True)
    yield from _given_up(task)
    if any(not _has_own_call(path) for path in task.changed):
        is_active = on or (task.spec or {}).get("active", True)
        body = {"id": task.id, **_body(task.body), "active": is_active}
        yield Write("update", "PUT", _META, body=body)
    yield from _claims(task)
    if turns and not on:
        yield _activation(task, active=False)


def _has_own_call(path: Sequence[str | int]) -> bool:
    return path[0] == "active" or path[:2] == ("ownership", "claims")


def _activation(task: Task, *, active: bool) -> Write:
    verb = "activate" if active else "deactivate"
    return Write(verb, "PUT", f"{_META}/{task.id}/{verb}")


def _wanted_claims(task: Task) -> list[Mapping[str, Json]]:
    claims: list[Mapping[str, Json]] = task.desired.get("ownership", {}).get("claims") or []
    return claims


def _claims(task: Task) -> Iterator[Write]:
    live = {_claim_key(each) for each in _live_claims(task)}
    for each in _wanted_claims(task):
        if _claim_key(each) not in live:
            yield _claim(task, "claim", *_claim_key(each))


def _live_claims(task: Task) -> Sequence[Mapping[str, Json]]:
    ownership = (task.spec or {}).get("ownership") or {}
    claims: Sequence[Mapping[str, Json]] = ownership.get("claims") or ()
    return claims


def _given_up(task: Task) -> Iterator[Write]:
    """Claims that the plan retires: changed ones that the manifest does not name."""
    wanted = {_claim_key(each) for each in _wanted_claims(task)}
    for path in task.changed:
        if _has_own_call(path) and isinstance(path[-1], Key):
            owner, _, reference = path[-1].partition("/")
            if (owner, reference) not in wanted:
                yield _claim(task, "unclaim", owner, reference)


def _claim_key(claim: Mapping[str, Json]) -> tuple[str, str]:
    return str(claim["ownerType"]), str(claim["referenceId"])


def _claim(task: Task, verb: str, owner: str, reference: str) -> Write:
    body = {"ownerType": owner, "referenceId": reference}
    summary = f"{verb} for {owner} {reference}"
    return Write(summary, "POST", f"{_META}/{task.id or '{id}'}/{verb}", body=body)


def _is_claimed(raw: Json) -> bool:
    claims = (raw.get("ownership") or {}).get("claims") or ()
    return any(each.get("isActive", True) for each in claims)


def _is_anyones(_claim: Json) -> bool:
    """Claims are made by other modules: only those that a manifest made are ever taken back."""
    return True


def _guard(check: Check) -> Iterable[Verdict]:
    for guard in GUARDS:
        yield from guard(check)


BADGE = Kind(
    name="Badge",
    family="badges",
    doc="A badge: when and how it is earned, what comes with it, and which modules may use it.",
    pages=(
        "create-badges-org",
        "update-badges",
        "get-all-badges",
        "get-badge-by-id",
        "update-the-activation-status-of-badge",
        "claim-badge",
        "unclaim-badge",
    ),
    dialect=GATEWAY,
    lists=(
        Listing(
            # The page names `limit`, the answers page by `page` and `size`; 10 rows by default.
            Route("GET", _META),
            rows="metaBasicDetails",
            paging=replace(PAGES, size_names=("size", "limit")),
            # Whether the plain list holds deactivated badges is not documented.
            passes=({"action": "ACTIVATED"}, {"action": "DE_ACTIVATED"}),
            whole=False,
        ),
    ),
    detail=Route("GET", f"{_META}/{{id}}"),
    extras=_more,
    read=_read,
    shape=_shape,
    keys=(key_by("name"),),
    create=Route("POST", _META),
    duplicate_codes=frozenset({"725"}),
    update=Route("PUT", _META, whole=True, id_member="id"),
    switches=(
        Switch(
            "active",
            on=Route("PUT", f"{_META}/{{id}}/activate"),
            off=Route("PUT", f"{_META}/{{id}}/deactivate"),
        ),
    ),
    writer=_writes,
    retire=Retire("deactivate", Route("PUT", f"{_META}/{{id}}/deactivate"), spares=_is_claimed),
    retire_child={"ownership.claims": Retire("unclaim", spares=_is_anyones)},
    service=Service("active"),
    stamp="lastUpdatedOn",
    changed_by="lastUpdatedBy",
    impact=("issuedCount", "earnedCount"),
    schema=SCHEMA,
    rules=RULES,
    guard=_guard,
    after=("BadgeOrgMeta",),
    notes=(
        "Badges are off by default: Capillary support enables them for an org.",
        "There is no delete. A badge that goes out of use is deactivated, and can come back.",
        "An update replaces the definition: points and defaultTillId, which the API never shows,"
        " have to stand in the manifest to survive it.",
        "Claims are made by other modules. They are managed only where the manifest lists them.",
        "An edited fixed window of a live badge takes effect when its running cycle ends.",
        "A mandatory custom field is filled with its default on every badge that leaves it out.",
        "No call of the API uploads badge images: put them into the file service first.",
    ),
)
