"""Coupon series ("offers"): one object a series, replaced whole by every update."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from capsync import jsonio
from capsync.api.dialect import Paging
from capsync.api.dialects import COUPON_LIST, V1_1, V2_OBJECT
from capsync.kind import (
    Extra,
    Kind,
    Listing,
    Pair,
    Retire,
    Route,
    Task,
    Write,
    key_by,
)
from capsync.kinds.coupons_fields import SCHEMA
from capsync.kinds.coupons_rules import PROJECT_RULES, RULES, guard
from capsync.model import Action, Spec
from capsync.values.instants import parse_instant, today

Json = Any

_SERIES = "/v2/coupon/series"
_LEGACY = "legacy"
_DAYS = ("validTillDate", "redemptionValidFrom")
_NO_TIMES: Mapping[str, list[int]] = {"dom": [-1], "dow": [-1], "hours": [-1]}
_LOCAL_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)T00:00:00(?:\.0+)?[+-]\d\d:?\d\d")
_LEGACY_ENTITIES = {"concepts": "CONCEPT", "zones": "ZONE", "stores": "STORE", "tills": "TILL"}


def _read(raw: Json) -> dict[str, Json]:
    """A live series in the shape of a spec; members nobody documents stay, for the next update."""
    spec = {
        name: value
        for name, value in raw.items()
        if name not in (_LEGACY, "redemptionOrgEntityType", "warnings")
    }
    for name in _DAYS:
        if name in spec:
            spec[name] = _utc_day(spec[name])
    if "redemptionRange" in spec:
        spec["redemptionRange"] = _with_lists(spec["redemptionRange"])
    if isinstance(products := spec.get("productInfo"), list):
        spec["productInfo"] = _one_block_a_type(products)
    if not spec.get("redemptionOrgEntityDetails") and _LEGACY in raw:
        spec["redemptionOrgEntityDetails"] = list(_legacy_entities(raw[_LEGACY]))
    return spec


def _shape(pair: Pair) -> dict[str, Json]:
    """The desired values with lists of times, as reads are put."""
    spec = dict(pair.desired)
    if spec.get("redemptionRange") is not None:
        spec["redemptionRange"] = _with_lists(spec["redemptionRange"])
    return spec


def _utc_day(value: Json) -> Json:
    """Midnight of the server's own zone as the same day in UTC: clusters outside UTC print the day
    that they keep with their offset (api notes: coupons 1.4, validTillDate in India)."""
    matched = _LOCAL_MIDNIGHT.fullmatch(value) if isinstance(value, str) else None
    return f"{matched[1]}T00:00:00Z" if matched else value


def _with_lists(text: Json) -> Json:
    """The range with every member as a list: bare numbers are about (api notes: coupons 1.4)."""
    times = _parsed(text)
    if not isinstance(times, dict) or all(isinstance(each, list) for each in times.values()):
        return text
    lists = {
        name: value if isinstance(value, list) else [value]
        for name, value in times.items()
        if value is not None
    }
    return jsonio.dumps(lists).decode()


def _parsed(value: Json) -> Json:
    if not isinstance(value, str):
        return value
    try:
        return jsonio.loads(value)
    except ValueError:
        return None


def _one_block_a_type(blocks: Sequence[Json]) -> list[Json]:
    ids: dict[str, list[Json]] = defaultdict(list)
    for block in blocks:
        ids[block.get("productType")].extend(block.get("productIds") or ())
    return [
        {"productType": type_} | ({"productIds": found} if found else {})
        for type_, found in ids.items()
    ]


def _legacy_entities(series: Json) -> Iterator[dict[str, Json]]:
    """Places of a series as the legacy list tells them: JSON lists of ids in texts, by type."""
    entities = series.get("valid_redemption_org_entities") if isinstance(series, Mapping) else None
    for name, type_ in _LEGACY_ENTITIES.items():
        ids = _parsed((entities or {}).get(name))
        for id_ in ids if isinstance(ids, list) else ():
            if str(id_) != "-1":
                yield {"redemptionOrgEntityType": type_, "orgEntityId": int(id_)}


def _more(raw: Json, wanted: Spec | None) -> Sequence[Extra]:
    """The legacy read, where a series is bound to places that this API does not show."""
    if raw.get("redemptionOrgEntityDetails") is not None:
        return ()
    if not raw.get("redemptionOrgEntityType") and not (wanted or {}).get(
        "redemptionOrgEntityDetails"
    ):
        return ()
    params = {"format": "json", "id": "{id}"}
    route = Route("GET", "/v1.1/coupon/series", params=params, dialect=V1_1)
    return (Extra(_LEGACY, route, rows="series.items.item"),)


def _wrapped(body: Mapping[str, Json]) -> Json:
    """The body as the API takes it: days cut as the server cuts them, all members of a range, ids
    or codes of products but never both (an error of create, and codes are for create only)."""
    series = dict(body)
    for name in _DAYS:
        if (moment := parse_instant(series.get(name))) is not None:
            series[name] = moment.strftime("%Y-%m-%dT00:00:00Z")
    times = _parsed(series.get("redemptionRange"))
    if isinstance(times, dict) and not _NO_TIMES.keys() <= times.keys():
        series["redemptionRange"] = jsonio.dumps({**_NO_TIMES, **times}).decode()
    if isinstance(blocks := series.get("productInfo"), list):
        series["productInfo"] = [_ids_or_codes(block) for block in blocks]
    return {"CouponSeriesV2": series}


def _ids_or_codes(block: Mapping[str, Json]) -> dict[str, Json]:
    kept = dict(block)
    if kept.get("productIds"):
        kept.pop("productCodes", None)
    return kept


def _writes(task: Task) -> Sequence[Write]:
    """The calls of a change. Create ignores `seriesCode`, so that a code of one's own is set by an
    update after it; a series is retired by ending it yesterday."""
    if task.action is Action.CREATE:
        return _create(task)
    if task.action is Action.RETIRE:
        yesterday = today(task.now) - timedelta(days=1)
        return (_update(task, "expire", validTillDate=f"{yesterday}T00:00:00Z"),)
    return (_update(task, "update"),)


def _create(task: Task) -> Sequence[Write]:
    series = {name: value for name, value in task.desired.items() if name != "seriesCode"}
    has_code = task.desired.get("seriesCode") is not None
    create = Write("create", "POST", _SERIES, body=_wrapped(series), creates=True, settle=has_code)
    return (create, _update(task, "set seriesCode")) if has_code else (create,)


def _update(task: Task, summary: str, **instead: Json) -> Write:
    path = f"{_SERIES}/{task.id or '{id}'}"
    return Write(summary, "PUT", path, body=_wrapped({**task.body, **instead}))


def _has_ended(raw: Json, now: float) -> bool:
    """Whether the series is over; it has no other way to be out of service."""
    end = parse_instant(raw.get("validTillDate")) if isinstance(raw, Mapping) else None
    return end is not None and end.date() < today(now)


COUPON_SERIES = Kind(
    name="CouponSeries",
    family="coupons",
    doc="A series of coupons: what they take off, who may use them, where and how long.",
    pages=("create-coupon-series", "update-coupon-series", "get-coupon-series-details"),
    dialect=V2_OBJECT,
    lists=(
        Listing(
            # Without couponType the list hides GENERIC_REDEEMABLE, without limit it is cut at 1300.
            Route("GET", _SERIES, params={"couponType": "ALL"}, dialect=COUPON_LIST),
            paging=Paging(size=1300, position="offset", size_names=("limit",), counts="rows"),
        ),
    ),
    detail=Route("GET", _SERIES, params={"ids": "{id}", "couponType": "ALL"}, dialect=COUPON_LIST),
    detail_rows="0",
    extras=_more,
    read=_read,
    shape=_shape,
    keys=(key_by("seriesCode"), key_by("description", enforced=False)),
    title="description",
    half_made=lambda raw: not raw.get("numIssued") and raw.get("ownedBy") in (None, "NONE"),
    create=Route("POST", _SERIES, wrap=_wrapped, omit=frozenset({"seriesCode"})),
    update=Route("PUT", f"{_SERIES}/{{id}}", wrap=_wrapped, whole=True),
    writer=_writes,
    retire=Retire("expire", gone=_has_ended),
    foreign=lambda raw: raw.get("ownedBy") not in (None, "NONE"),
    stamp="lastUsed",
    impact=("numIssued", "numRedeemed"),
    schema=SCHEMA,
    rules=RULES,
    project_rules=PROJECT_RULES,
    guard=guard,
    notes=(
        "Names may repeat. Several live series of one description are an error that lists their"
        " ids: write seriesCode or metadata.id.",
        "There is no delete and no status: a pruned series gets yesterday as its validTillDate.",
        "Updates replace the series: capsync sends back all that it read. What the reads do not"
        " show (redemptionOrgEntityDetails on some deployments) is read from the legacy API.",
        "Series claimed by another module (ownedBy) can be managed by a manifest, but are left out"
        " of export, unmanaged drift and pruning.",
        "maxCreate, maxRedeem and other 32-bit numbers wrap silently beyond 2147483647; capsync"
        " refuses them.",
        "Pages differ on whether a past validTillDate is refused (641), so it is a warning.",
        "The server keeps a day, not a time: validTillDate and redemptionValidFrom are cut to the"
        " UTC day.",
        "productCodes are taken by create only. Whether an update without productInfo or"
        " customPropertyMap clears them is not documented, so they are always sent.",
    ),
)
