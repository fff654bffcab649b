"""Categories and languages of the rewards catalogue."""

from __future__ import annotations

from capsync.sandbox.rewards_envelope import (
    PREFIX,
    answer,
    audit,
    brand_of,
    by_update,
    created,
    path_brand,
    path_number,
    refusal,
    updated,
)
from capsync.sandbox.rewards_input import Json, body_of
from capsync.sandbox.rewards_links import unlink_category
from capsync.sandbox.web import Reply, Request, Routes

routes = Routes()

DEFAULT_LANGUAGE = "en"


@routes("POST", f"{PREFIX}/metadata/category/create")
def create_category(request: Request) -> Reply:
    """A new category, always enabled."""
    body = body_of(request)
    brand = brand_of(request, body.raw("brandId"), category=None)
    body.need("name")
    name = str(body.text("name"))
    # Names are "compared without case"; how a duplicate is refused is not documented.
    taken = f"{brand}/{name.casefold()}"
    if request.store.get("reward-category-names", taken) is not None:
        raise refusal(400, "category exists", category=None)
    stored = {
        "id": request.store.next("reward-category", 912),
        "name": name,
        "enabled": True,
        "brandId": brand,
        **created(request),
    }
    request.store.put("reward-category-names", taken, stored["id"])
    request.store.put("reward-categories", stored["id"], stored)
    return answer(2002, "category saved", category=_category(stored, exact=True))


@routes("GET", f"{PREFIX}/metadata/categories/brand/{{brandId}}")
def list_categories(request: Request) -> Reply:
    """Every category, disabled ones too; the brand may be named by name or by id."""
    brand = brand_of(request, _brand_named(request), categoryList=None)
    stored = [one for one in request.store.all("reward-categories") if one["brandId"] == brand]
    ordered = by_update(stored, request.get("orderBy", "DESC"))
    return answer(200, "categories found", categoryList=[_category(one) for one in ordered])


def _brand_named(request: Request) -> Json:
    wanted = request.params["brandId"]
    for brand in request.store.all("reward-brands"):
        if brand["brand"].casefold() == wanted.casefold():
            return brand["id"]
    return wanted


def _category(stored: Json, *, exact: bool = False) -> Json:
    shown = {name: stored[name] for name in ("id", "name", "enabled")}
    # Older categories have no audit members.
    return {**shown, **audit(stored, exact=exact)} if stored.get("createdBy") else shown


@routes("PUT", f"{PREFIX}/metadata/category/{{categoryId}}/status/{{action}}/brand/{{brandId}}")
def set_category_status(request: Request) -> Reply:
    """Disabling takes the category off every reward, enabling does not bring it back."""
    brand, enabled = path_brand(request), wanted_state(request)
    stored = request.store.get("reward-categories", path_number(request, "categoryId"))
    if stored is None or stored["brandId"] != brand:
        raise refusal(2004, "category unknown", http=200)
    if not enabled:
        unlink_category(request.store, stored["id"])
    request.store.put(
        "reward-categories", stored["id"], {**stored, "enabled": enabled, **updated(request)}
    )
    return answer(2006, "category updated")


def wanted_state(request: Request) -> bool:
    """Whether the path says enable; anything but enable and disable is refused."""
    action = request.params["action"]
    if action not in {"enable", "disable"}:
        raise refusal(400, "action must be enable or disable")
    return action == "enable"


@routes("POST", f"{PREFIX}/metadata/language/create")
def create_language(request: Request) -> Reply:
    """A new language, enabled; its code is its id."""
    body = body_of(request)
    body.need("code", "name")
    language = {"code": body.text("code"), "name": body.text("name"), "enabled": True}
    # "Exists" is said of the name, yet lists show equal names: the code decides, without case.
    taken = {one["code"].casefold() for one in request.store.all("reward-languages")}
    if str(language["code"]).casefold() in taken:
        raise refusal(2107, "language exists", http=200, language=None)
    request.store.put("reward-languages", str(language["code"]), language)
    return answer(2102, "language saved", language=language)


@routes("GET", f"{PREFIX}/metadata/languages")
def list_languages(request: Request) -> Reply:
    """Every language, disabled ones too."""
    stored = request.store.all("reward-languages")
    stored.sort(key=lambda one: str(one["code"]).casefold())
    return answer(2101, "languages found", languageList=stored)


@routes("PUT", f"{PREFIX}/metadata/language/{{code}}/status/{{action}}")
def set_language_status(request: Request) -> Reply:
    """Enable or disable; the default language stays enabled."""
    code, enabled = request.params["code"], wanted_state(request)
    stored = request.store.get("reward-languages", code)
    if stored is None:
        raise refusal(2104, "language unknown", http=200)
    if code == DEFAULT_LANGUAGE and not enabled:
        raise refusal(400, "the default language can not be disabled")
    request.store.put("reward-languages", code, {**stored, "enabled": enabled})
    return answer(2016, "language updated")
