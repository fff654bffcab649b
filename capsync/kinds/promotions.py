"""Loyalty promotions: replaced whole, edited as drafts, taken live by submission and approval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from capsync.api.dialect import Paging
from capsync.api.dialects import V3
from capsync.kind import Extra, Kind, Listing, Retire, Route, key_by
from capsync.kinds.promotions_fields import SCHEMA
from capsync.kinds.promotions_guard import guard, probe
from capsync.kinds.promotions_rules import RULES, activities, names_taken_twice
from capsync.kinds.promotions_shape import read, shape
from capsync.kinds.promotions_stage import PENDING_DRAFT, STOPPED, life_of, stage
from capsync.kinds.promotions_writes import PROMOTIONS, writes
from capsync.model import Spec

Json = Any

_ONE = f"{PROMOTIONS}/{{id}}"
# Which statuses an unfiltered list shows is not documented; these can be asked for.
_STATUSES = "DRAFT,ACTIVE,PAUSED,PENDING_APPROVAL,LIVE,UPCOMING"
_PAGES = Paging(
    size=100, total="data.totalElements", total_pages="data.totalPages", last="data.last"
)
_OVER = (STOPPED, "COMPLETED")


def _more(raw: Json, _wanted: Spec | None) -> Sequence[Extra]:
    """The document of the pending edit, which is what an edit goes on from."""
    pending = (raw.get("metadata") or {}).get("draftDetails")
    if not isinstance(pending, Mapping) or not pending.get("id"):
        return ()
    path = f"{PROMOTIONS}/{pending['id']}"
    params = {"includeParentDetails": "true"}
    return (Extra(PENDING_DRAFT, Route("GET", path, params=params)),)


def _is_no_promotion(raw: Json) -> bool:
    """Pending drafts belong to the promotion that they edit; snapshots are what it was before."""
    status = (raw.get("metadata") or {}).get("status")
    is_draft = raw.get("parentId") is not None and status in ("DRAFT", "PENDING_APPROVAL")
    return is_draft or status == "SNAPSHOT"


def _is_beyond(raw: Json) -> bool:
    """Promotions of the old console stand in other calls; those without an identifier can not be
    told by anything but their id."""
    metadata = raw.get("metadata") or {}
    return metadata.get("promotionMode") == "LEGACY" or not metadata.get("promoIdentifier")


def _made(raw: Json) -> Iterable[tuple[str, str]]:
    """The target groups that publishing made for milestones."""
    for _, activity in activities(raw):
        for milestone in activity.get("milestones") or ():
            if milestone.get("targetGroupId"):
                yield "TargetGroup", str(milestone["targetGroupId"])


def _is_over(raw: Json, _now: float) -> bool:
    return life_of(raw).published in _OVER


def _never_published(raw: Json) -> str:
    if life_of(raw).is_published:
        return ""
    return "it was never published, and no documented call removes a draft"


LOYALTY_PROMOTION = Kind(
    name="LoyaltyPromotion",
    family="targets",
    doc="A loyalty promotion (v3): who takes part, what they do for it, and what they get.",
    pages=(
        "create-a-loyalty-promotion",
        "get-loyalty-promotion-all",
        "get-loyalty-promotion-id",
        "update-loyalty-promotion",
        "review-loyalty-promotion",
        "submit-promotion-for-approval",
    ),
    dialect=V3,
    lists=(
        Listing(
            Route("GET", PROMOTIONS, params={"includeDraftDetails": "true"}),
            rows="content",
            paging=_PAGES,
            passes=({}, {"status": _STATUSES}),
            whole=False,
        ),
    ),
    detail=Route("GET", _ONE, params={"includeDraftDetails": "true"}),
    extras=_more,
    read=read,
    shape=shape,
    stage=stage,
    keys=(key_by("metadata.promoIdentifier"),),
    create=Route("POST", PROMOTIONS),
    settles=True,
    duplicate_codes=frozenset({"310159"}),
    update=Route("PUT", _ONE, whole=True, id_member="id"),
    writer=writes,
    retire=Retire("stop", reversible=False, gone=_is_over, unable=_never_published),
    absent=_is_no_promotion,
    foreign=_is_beyond,
    makes=_made,
    stamp="metadata.lastModifiedOn",
    cached=False,  # the edit of a published promotion is another document
    changed_by="metadata.lastModifiedBy",
    schema=SCHEMA,
    rules=RULES,
    project_rules=(names_taken_twice,),
    probe=probe,
    guard=guard,
    notes=(
        "metadata.publish of the manifest says how far apply takes it: `draft` (also when left out)"
        " saves, `submit` submits for approval too. It approves only where the environment says"
        " `approve: true`; else a checker does.",
        "The edit of a published promotion is a draft of its own, live once submitted and approved."
        " Plans compare with the pending draft, else with the live promotion.",
        "Whether a new name is free is looked up while planning; a stopped promotion, which lists"
        " may not show, keeps its name.",
        "A paused promotion that is to go on is resumed before an edit of it is saved, since a"
        " draft that is older than a change of the live promotion is stale.",
        "A change while an approval is pending is a revocation, an update and a submission.",
        "Roles differ by step: makers edit, revoke and pause, checkers review, admins stop. One"
        " credential may not be allowed to do all.",
        "There is no delete: pruning stops a published promotion for good. A stopped one holds its"
        " promoIdentifier, and lists may not show it.",
        "A draft older than the live promotion has to be discarded in the console: the path of the"
        " discard call is not documented.",
        "Updates replace the promotion: capsync sends back what the manifest does not name, with"
        " the ids, rulesets and target groups that the service gave.",
        "Promotions without a promoIdentifier, as the console makes them, are left out of export"
        " and pruning; metadata.id takes one over, and gives it the identifier.",
        "Dates of cycles come back as days of the server's zone; what means the same day is equal."
        " Exports and updates write such days with the time of day at which the promotion begins or"
        " ends.",
        "Activities, actions and limits are compared whole. Properties of actions that the service"
        " adds are left alone, temporary ids of actions count for nothing.",
        "Whether a program's immutability starts with the create or the approval pages do not agree"
        " on; capsync never changes it.",
    ),
)
