"""Who a reward is for: segments, programmes, labels and card series, which must exist."""

from __future__ import annotations

from typing import NamedTuple

from capsync.sandbox.labels import LABELS
from capsync.sandbox.labels_customer import LABELS as CUSTOMER_LABELS
from capsync.sandbox.organization import CARD_SERIES, PROGRAMS
from capsync.sandbox.rewards_envelope import refusal
from capsync.sandbox.rewards_input import Body, Json
from capsync.sandbox.store import Store
from capsync.sandbox.web import Refusal


class Codes(NamedTuple):
    """The codes under which a call refuses what it can not find."""

    field: int
    segment: int
    label: int
    card_series: int

    def refusal(self, code: int, message: str) -> Refusal:
        """The refusal; only those with code 400 come without the empty reward."""
        return refusal(code, message) if code == 400 else refusal(code, message, reward=None)


ON_CREATE = Codes(field=6003, segment=6003, label=6003, card_series=6003)
ON_UPDATE = Codes(field=3014, segment=400, label=12048, card_series=12045)


def audience(store: Store, body: Body, codes: Codes) -> Json:
    """What a body says about the audience, checked; null keeps, an empty list clears."""
    read: Json = {
        "supplementaryCriteriaRO": _criteria(store, body),
        "segment": _segments(store, body, codes),
        "labels": _labels(store, body, codes),
        "cardSeries": _card_series(store, body, codes),
    }
    return {name: value for name, value in read.items() if value is not None}


def audience_kinds(reward: Json) -> int:
    """How many kinds of audience a reward has; more than one is not allowed."""
    names = ("supplementaryCriteriaRO", "segment", "labels", "cardSeries")
    return sum(bool(reward[name]) for name in names)


def _criteria(store: Store, body: Body) -> list[Json] | None:
    sent = body.objects("supplementaryCriteriaRO")
    return None if sent is None else [_criterion(store, one) for one in sent]


def _criterion(store: Store, body: Body) -> Json:
    body.need("loyaltyProgramId")
    id = body.number("loyaltyProgramId") or 0
    tiers, partners = body.numbers("tierIds"), body.numbers("partnerProgramIds")
    known_tiers, known_partners = _program(store, id)
    unknown = {*(partners or ())} - known_partners
    if known_tiers is not None:
        unknown |= {*(tiers or ())} - known_tiers
    if unknown:
        raise refusal(400, f"entity id unknown: {min(unknown)}")
    return {"loyaltyProgramId": id, "tierIds": tiers, "partnerProgramIds": partners}


def _program(store: Store, id: int) -> tuple[set[int] | None, set[int]]:
    """The tiers and partner programmes of a programme; None for tiers that no call lists."""
    seeded = store.get("reward-programs", id)
    if seeded is not None:
        return {*seeded["tiers"]}, {*seeded["partners"]}
    program = store.get(PROGRAMS, id)
    if program is None:
        raise refusal(400, f"loyalty program unknown: {id}")
    return None, {one["partnerProgramId"] for one in program["partnerPrograms"]}


def _segments(store: Store, body: Body, codes: Codes) -> list[Json] | None:
    sent = body.objects("segment")
    if sent is None:
        return None
    segments = []
    for one in sent:
        one.need("segmentId")
        id, partitions = str(one.text("segmentId")), one.texts("partitionId") or []
        known = store.get("reward-segments", id)
        if known is None or not set(partitions) <= set(known["partitions"]):
            raise codes.refusal(codes.segment, f"segment id invalid: {id}")
        segments.append({"segmentId": id, "partitionId": partitions})
    return segments


def _labels(store: Store, body: Body, codes: Codes) -> list[int] | None:
    ids = body.numbers("labels")
    for id in ids or ():
        known = any(
            store.get(collection, id) is not None
            for collection in ("reward-labels", CUSTOMER_LABELS, LABELS)
        )
        if not known:
            raise codes.refusal(codes.label, f"label unknown: {id}")
    return None if ids is None else sorted(set(ids))


def _card_series(store: Store, body: Body, codes: Codes) -> list[Json] | None:
    sent = body.texts("cardSeries")
    if sent is None:
        return None
    known = {one["code"]: one for one in store.all(CARD_SERIES) if one["isActive"]}
    found = {}
    for code in sent:
        series = known.get(code) or store.get("reward-card-series", code)
        if series is None:
            raise codes.refusal(codes.card_series, f"card series unknown: {code}")
        found[series["id"]] = {"id": series["id"], "code": series["code"]}
    return [found[id] for id in sorted(found)]
