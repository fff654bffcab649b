"""Loyalty promotions v3: list, read, create as draft, replace, discard a draft."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from capsync.sandbox import promotions_store as kept
from capsync.sandbox.promotions_checks import check_promotion
from capsync.sandbox.promotions_edits import PUBLISHED, check_locks, check_state, check_status
from capsync.sandbox.promotions_shape import (
    details_out,
    kept_content,
    promotion_out,
    shown_status,
)
from capsync.sandbox.targets_answers import (
    INVALID,
    OTHER,
    Rules,
    answer,
    body_object,
    flag,
    number,
    refuse,
)
from capsync.sandbox.web import Reply, Request, Routes

Json = Any
Wanted = Callable[[Json], bool]

routes = Routes()

_PAGE, _LARGEST_PAGE = 10, 100
_FILTERS = frozenset({"DRAFT", "ACTIVE", "PAUSED", "PENDING_APPROVAL", "LIVE", "UPCOMING"})
_UNSORTED = {"empty": True, "sorted": False, "unsorted": True}


def not_found() -> NoReturn:
    """The failure for a promotion that is not there; the sibling calls send theirs with 200."""
    refuse(9013, "Promotion not found")


def _extras(request: Request, promotion: Json) -> Json:
    extras: dict[str, Json] = {}
    if flag(request, "includeDraftDetails") and promotion["draftId"]:
        extras["draftDetails"] = details_out(request, kept.draft_of(request.store, promotion))
    if flag(request, "includeParentDetails") and promotion["parentId"]:
        parent = kept.find(request.store, promotion["parentId"])
        extras["parentDetails"] = details_out(request, parent)
    return extras


@routes("GET", "/v3/promotions")
@routes("GET", "/v3/unifiedPromotions")
def list_promotions(request: Request) -> Reply:
    """A page of promotions, newest first, stopped ones never among them."""
    page, size = number(request, "page", 0), number(request, "size", _PAGE)
    if page < 0 or not 1 <= size <= _LARGEST_PAGE:
        refuse(INVALID, "Invalid input, page is negative or size not 1 to 100")
    found, total = _page(request, page * size, size)
    shown = [promotion_out(request, each, _extras(request, each)) for each in found]
    return answer(_page_out(shown, page=page, size=size, total=total))


def _page(request: Request, offset: int, size: int) -> tuple[list[Json], int]:
    statuses = _statuses(request)
    wanted = list(_wanted(request, statuses))
    store = request.store
    if not wanted:
        return store.page(kept.LISTED, offset, size, newest_first=True), store.count(kept.LISTED)
    promotions = store.all(kept.LISTED)
    if statuses & {"DRAFT", "PENDING_APPROVAL"}:
        # Edits of published promotions are promotions of their own only to these filters.
        promotions += store.all(kept.DRAFTS)
    found = [each for each in promotions[::-1] if all(want(each) for want in wanted)]
    return found[offset : offset + size], len(found)


def _statuses(request: Request) -> set[str]:
    text = request.get("status")
    statuses = {part.strip() for part in text.split(",")} if text else set()
    if not statuses <= _FILTERS:
        refuse(310151, "Status is not known")
    return statuses


def _wanted(request: Request, statuses: set[str]) -> Iterator[Wanted]:
    if statuses:
        yield lambda p: bool({p["status"], shown_status(p, request.now)} & statuses)
    text = (request.get("searchText") or "").casefold()
    if text:
        yield lambda p: any(
            text in (p["content"]["metadata"][name] or "").casefold()
            for name in ("name", "description")
        )


def _page_out(content: list[Json], *, page: int, size: int, total: int) -> Json:
    pages = -(-total // size)
    return {
        "content": content,
        "pageable": {
            "pageNumber": page,
            "pageSize": size,
            "sort": _UNSORTED,
            "offset": page * size,
            "unpaged": False,
            "paged": True,
        },
        "totalElements": total,
        "totalPages": pages,
        "last": page >= pages - 1,
        "size": size,
        "number": page,
        "sort": _UNSORTED,
        "numberOfElements": len(content),
        "first": page == 0,
        "empty": not content,
    }


@routes("GET", "/v3/promotions/{promotionId}")
@routes("GET", "/v3/unifiedPromotions/{promotionId}")
def read(request: Request) -> Reply:
    """One promotion: published, draft, stopped or a snapshot."""
    promotion = kept.find(request.store, request.params["promotionId"])
    if promotion is None:
        not_found()
    return answer(promotion_out(request, promotion, _extras(request, promotion)))


@routes("POST", "/v3/promotions")
@routes("POST", "/v3/unifiedPromotions")
def create(request: Request) -> Reply:
    """A new DRAFT; any other status is rejected (since 2026-08, with a code not documented)."""
    body, store = body_object(request), request.store
    check_promotion(body, Rules.of(store))
    if body["metadata"].get("status") not in (None, "DRAFT"):
        refuse(INVALID, "Invalid input, a promotion is created as DRAFT")
    content = kept_content(request, body)
    kept.check_names(store, content["metadata"], None)
    promotion = _new(request, content, parent=None)
    kept.hold_names(store, promotion["id"], [], [content])
    kept.keep(store, promotion)
    return answer(promotion_out(request, promotion, {}), 201)


def _new(request: Request, content: Json, parent: Json | None) -> Json:
    return {
        "id": kept.new_id(request),
        "parentId": parent and parent["id"],
        "parentChanges": parent and parent["changes"],
        "version": parent["version"] + 1 if parent else 1,
        "status": "DRAFT",
        "draftId": None,
        "promotionId": parent["promotionId"] if parent else 0,
        "on": request.now,
        "by": request.user_id,
        "changedOn": request.now,
        "changedBy": request.user_id,
        "changes": 0,
        "content": content,
    }


@routes("PUT", "/v3/promotions/{promotionId}")
@routes("PUT", "/v3/unifiedPromotions/{promotionId}")
def replace(request: Request) -> Reply:
    """The draft as replaced; for a published promotion that is one of its own, with a new id."""
    body, store = body_object(request), request.store
    promotion, draft = _edited(request)
    check_promotion(body, Rules.of(store))
    check_state(promotion, draft, body)
    check_status(request, promotion, draft, body)
    before = (draft or promotion)["content"]
    check_locks(request, promotion, before, body)
    kept.check_names(store, body["metadata"], promotion["id"])
    content, held = kept_content(request, body, before), kept.contents(store, promotion)
    edited = draft or promotion
    if promotion["status"] in PUBLISHED and draft is None:
        edited = _new(request, content, promotion)
        promotion["draftId"] = edited["id"]
        kept.keep(store, promotion)
    edited |= {"content": content, "changedOn": request.now, "changedBy": request.user_id}
    kept.keep(store, edited)
    kept.hold_names(store, promotion["id"], held, kept.contents(store, promotion))
    return answer(promotion_out(request, edited, {}))


def _edited(request: Request) -> tuple[Json, Json | None]:
    """The promotion of the path and its pending edit, whichever of the two the path names."""
    store = request.store
    places = (kept.LISTED, kept.STOPPED)
    found = kept.find(store, request.params["promotionId"], (*places, kept.DRAFTS))
    if found is None:
        not_found()
    if found["parentId"] is None:
        return found, kept.draft_of(store, found)
    promotion = kept.find(store, found["parentId"], places)
    assert promotion is not None, found["parentId"]
    return promotion, found


@routes("DELETE", "/v3/promotions/{promotionId}")
@routes("DELETE", "/v3/unifiedPromotions/{promotionId}")
def discard(request: Request) -> Reply:
    """The pending edit of a published promotion goes for good; the published one is untouched.

    The docs give the verb but not the path: the edit's own id is the plainest reading.
    """
    store = request.store
    draft = kept.find(store, request.params["promotionId"])
    if draft is None:
        not_found()
    if draft["parentId"] is None or draft["status"] == "SNAPSHOT":
        refuse(OTHER, "Only the draft of a published promotion can be discarded")
    promotion = kept.find(store, draft["parentId"], (kept.LISTED, kept.STOPPED))
    assert promotion is not None, draft["parentId"]
    held = kept.contents(store, promotion)
    promotion["draftId"] = None
    kept.keep(store, promotion)
    store.delete(kept.DRAFTS, draft["id"])
    kept.hold_names(store, promotion["id"], held, [promotion["content"]])
    return answer(True)
