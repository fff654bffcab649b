"""What a coupon series may not be: rules on its manifest, and locks that depend on the live one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from capsync.kind import Check, Finding, Rule, Verdict
from capsync.model import Action, Resource, Spec
from capsync.values.instants import today

Json = Any

_CAPILLARY_CODES = ("DISC_CODE", "DISC_CODE_PIN")
_MAX_IDS = {"BRAND": 250, "ATTRIBUTE": 250, "CATEGORY": 1000, "SKU": 10000}
_MAX_CODE_LENGTH = 30
_FILLED_IN = ("info", "tag", "redemptionValidFrom")


def _codes(spec: Spec) -> Iterable[Finding]:
    handling = spec.get("clientHandlingType")
    if handling == "GENERIC" and not spec.get("genericCode"):
        yield Finding(("genericCode",), "is needed with clientHandlingType GENERIC", code="754")
    for part in ("Prefix", "Suffix"):
        text, flag = f"coupon{part}", f"is{part}Enabled"
        if handling != "DISC_CODE" and (spec.get(text) or spec.get(flag) is True):
            at = text if spec.get(text) else flag
            yield Finding((at,), "is for clientHandlingType DISC_CODE only", code="629")
        elif spec.get(flag) is True and not spec.get(text) and not spec.get(f"org{part}Override"):
            yield Finding(
                (flag,),
                f"is refused without {text}, unless the org has one",
                code="629",
                severity="warning",
            )
    yield from _long_codes(spec)


def _long_codes(spec: Spec) -> Iterable[Finding]:
    parts = [spec.get("couponPrefix") or "", spec.get("couponSuffix") or ""]
    length = spec.get("randomCodeLength") or 0
    if not all(isinstance(each, str) for each in parts) or not isinstance(length, int):
        return
    total = length + sum(map(len, parts))
    if total > _MAX_CODE_LENGTH and any(parts):
        message = f"prefix, code and suffix have {total} characters; 30 are usually allowed"
        yield Finding(("randomCodeLength",), message, code="629", severity="warning")


def _limits(spec: Spec) -> Iterable[Finding]:
    limit = spec.get("redemptionPerCouponMaxLimit")
    path = ("redemptionPerCouponMaxLimit",)
    if isinstance(limit, int) and limit != -1:
        if limit < 1:
            yield Finding(path, "is above 0, or -1 or null for no limit", code="629")
        if spec.get("anyUser") is not True:
            yield Finding(path, "is for series with anyUser true only", code="629")
        if spec.get("clientHandlingType") not in _CAPILLARY_CODES or spec.get("externalIssual"):
            yield Finding(path, "is for codes that Capillary issues only", code="629")
    if spec.get("externalIssual") is True and spec.get("anyUser") is True:
        message = "is not meant for series that a third party issues"
        yield Finding(("anyUser",), message, severity="warning")


def _values(spec: Spec) -> Iterable[Finding]:
    value = spec.get("discountValue")
    if spec.get("discountType") == "PERC" and isinstance(value, int | float) and value > 99:
        message = "is more than 99 %, which the console does not take"
        yield Finding(("discountValue",), message, severity="warning")
    strategy = spec.get("expiryStrategyType")
    if strategy in ("DAYS", "MONTHS_END") and spec.get("expiryStrategyValue") is None:
        message = f"is stored as -1 when it is left out, which says nothing with {strategy}"
        yield Finding(("expiryStrategyValue",), message, severity="warning")
    for name in _FILLED_IN:
        if name in spec and spec[name] is None:
            hint = "leave it out, or write a value"
            yield Finding((name,), "can not be emptied: the server fills it in", hint=hint)


def _products(spec: Spec) -> Iterable[Finding]:
    for place, block in enumerate(spec.get("productInfo") or ()):
        if not isinstance(block, Mapping):
            continue
        path = ("productInfo", place)
        ids, codes = block.get("productIds"), block.get("productCodes")
        type_ = block.get("productType")
        if ids and codes:
            yield Finding(path, "has ids and codes; one of them is taken", code="400")
        if codes and type_ == "ATTRIBUTE":
            message = "are for brands, categories and SKUs; name attribute values by id"
            yield Finding((*path, "productCodes"), message, code="400")
        most = _MAX_IDS.get(str(type_), 0)
        if ids and len(ids) > most:
            message = f"has {len(ids)} ids; {type_} takes at most {most}"
            yield Finding((*path, "productIds"), message, code="400")


def _generic_codes(resources: Sequence[Resource]) -> Iterable[tuple[Resource, Finding]]:
    seen: dict[str, Resource] = {}
    for resource in resources:
        code = resource.spec.get("genericCode")
        if resource.spec.get("clientHandlingType") != "GENERIC" or not isinstance(code, str):
            continue
        first = seen.setdefault(code, resource)
        if first is not resource:
            message = f"{code!r} is the code of {first.address} already (API error 631)"
            yield resource, Finding(("genericCode",), message, code="631")


def guard(check: Check) -> Iterable[Verdict]:
    if check.action is Action.CREATE:
        yield from _on_create(check)
    else:
        yield from _issued(check)
        yield from _codes_again(check)
        if check.desired.get("clientHandlingType") == "GENERIC_REDEEMABLE":
            yield Verdict("warning", "the API may refuse to change a GENERIC_REDEEMABLE (811)")
    if check.changes("validTillDate") or check.action is Action.CREATE:
        end = check.desired.get("validTillDate")
        if isinstance(end, str) and end < today(check.now).isoformat():
            yield Verdict("warning", f"validTillDate {end} is past: the series ends at once (641)")


def _on_create(check: Check) -> Iterable[Verdict]:
    if check.desired.get("clientHandlingType") == "GENERIC_REDEEMABLE":
        reason = "no documented call creates a GENERIC_REDEEMABLE series: make it in the console"
        yield Verdict("blocked", reason)


def _issued(check: Check) -> Iterable[Verdict]:
    """A limit at or below what is issued: updates must stay above it (api notes: coupons 1.8)."""
    limit, issued = check.desired.get("maxCreate"), check.raw.get("numIssued")
    if not check.changes("maxCreate") or not isinstance(limit, int) or limit < 0:
        return
    if isinstance(issued, int) and limit <= issued:
        reason = f"maxCreate {limit} must be above the {issued} coupons issued already"
        yield Verdict("blocked", reason)


def _codes_again(check: Check) -> Iterable[Verdict]:
    """Blocks of product codes that an update would have to send, which it can not."""
    live = {block["productType"] for block in check.live.get("productInfo") or ()}
    for block in check.desired.get("productInfo") or ():
        if block.get("productCodes") and block["productType"] not in live:
            reason = (
                f"productInfo[{block['productType']}].productCodes: updates take ids only; write"
                " productIds, for instance [{lookup: {kind: ProductBrand, code: NORTHLINE}}]"
            )
            yield Verdict("blocked", reason)


RULES: tuple[Rule, ...] = (_codes, _limits, _values, _products)
PROJECT_RULES = (_generic_codes,)
