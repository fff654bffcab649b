"""Loyalty promotions v3: submit, revoke, review, pause, resume, stop."""

from __future__ import annotations

from typing import Any

from capsync.sandbox import promotions_store as kept
from capsync.sandbox.promotions_edits import is_stale
from capsync.sandbox.promotions_publish import publish
from capsync.sandbox.promotions_shape import promotion_out, status_reply_out
from capsync.sandbox.targets_answers import DENIED, OTHER, Rules, answer, body_object, refuse
from capsync.sandbox.web import Reply, Request, Routes

Json = Any

routes = Routes()

_STATUSES = frozenset({"DRAFT", "PENDING_APPROVAL", "ACTIVE", "PAUSED"})
_ACTIONS = frozenset({"PENDING_APPROVAL", "REVOKE", "PAUSE", "RESUME", "STOP"})
_STEPS = {
    ("DRAFT", "PENDING_APPROVAL"): "PENDING_APPROVAL",
    ("PENDING_APPROVAL", "REVOKE"): "DRAFT",
    ("ACTIVE", "PAUSE"): "PAUSED",
    ("PAUSED", "RESUME"): "ACTIVE",
    ("ACTIVE", "STOP"): "STOPPED",
    ("PAUSED", "STOP"): "STOPPED",
}
_NO_COMMUNICATIONS = {
    "success": True,
    "message": "No communications to approve",
    "response": None,
    "statusCode": 200,
}


@routes("PUT", "/v3/requests/PROMOTION/{promotionId}/status")
def change_status(request: Request) -> Reply:
    """The next status of a promotion. LIVE and UPCOMING ones are ACTIVE to this call."""
    existing = request.get("existingStatus")
    if existing not in _STATUSES:
        refuse(400, "existingStatus is missing or not known", status=400)
    action = body_object(request).get("promotionStatus")
    if action in (None, ""):
        refuse(300009, "promotionStatus is required", status=400)
    if not isinstance(action, str) or action not in _ACTIONS:
        refuse(300008, "promotionStatus is not known", status=400)
    promotion = kept.find(request.store, request.params["promotionId"])
    if promotion is None or promotion["status"] != existing:
        refuse(310191, "Promotion not found in the given status")
    step = _STEPS.get((existing, action))
    if step is None:
        refuse(300008, f"{action} does not go with {existing}", status=400)
    _check_step(request, promotion, step)
    promotion |= {"status": step, "changedOn": request.now, "changes": promotion["changes"] + 1}
    kept.keep(request.store, promotion)
    return answer(status_reply_out(request, promotion))


def _check_step(request: Request, promotion: Json, step: str) -> None:
    rules = Rules.of(request.store)
    if step == "STOPPED" and rules.stop_needs_admin and not request.admin:
        refuse(DENIED, "Access denied", status=403)
    if step == "PENDING_APPROVAL" and promotion["parentId"]:
        _check_fresh(request, promotion)


def _check_fresh(request: Request, draft: Json) -> None:
    live = kept.find(request.store, draft["parentId"], (kept.LISTED,))
    if live is None or is_stale(live, draft):
        refuse(OTHER, "The live promotion has changed since the draft was made")


@routes("POST", "/v3/promotions/{promotionId}/review")
@routes("POST", "/v3/unifiedPromotions/{promotionId}/review")
def review(request: Request) -> Reply:
    """The published promotion after APPROVE, the draft again after REJECT."""
    body = body_object(request)
    verdict, comment = body.get("approvalStatus"), body.get("comment")
    if verdict not in ("APPROVE", "REJECT"):
        refuse(310151, "approvalStatus is APPROVE or REJECT")
    if comment is not None and (not isinstance(comment, str) or len(comment) > 150):
        refuse(OTHER, "comment is longer than 150 characters")
    promotion = kept.find(request.store, request.params["promotionId"], (kept.LISTED, kept.DRAFTS))
    if promotion is None or promotion["status"] != "PENDING_APPROVAL":
        refuse(OTHER, "Promotion is not there or not pending approval")
    own = promotion["changedBy"] == request.user_id
    if own and not Rules.of(request.store).same_reviewer:
        refuse(DENIED, "Access denied", status=403)
    if comment is not None:
        promotion["content"]["comments"] = comment
    if verdict == "APPROVE":
        return _approved(request, promotion)
    promotion |= {"status": "DRAFT", "changedOn": request.now}
    kept.keep(request.store, promotion)
    return answer(promotion_out(request, promotion, {}))


def _approved(request: Request, promotion: Json) -> Reply:
    if promotion["parentId"]:
        _check_fresh(request, promotion)
    live = publish(request, promotion)
    # The documented reply says ACTIVE where reads work out UPCOMING or LIVE.
    extras = {"status": live["status"], "communicationApprovalStatus": _NO_COMMUNICATIONS}
    return answer(promotion_out(request, live, extras))


@routes("POST", "/loyalty/api/v1/workflows/expJSON/{programId}/{eventType}", public=True)
def rule_tree(_request: Request) -> Reply:
    """The tree of a rule text: a call of the console, which takes its session cookie alone."""
    return Reply(None, 401)
