"""What the kinds of the rewards catalog share: paths, pages, audit members, media, languages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from capsync.api.dialect import Paging
from capsync.fields import (
    Schema,
    boolean,
    first_counts,
    integer,
    list_by,
    media,
    obj,
    obj_of,
    only_if,
    server_set,
    string,
)
from capsync.kind import Check, Verdict
from capsync.model import Action
from capsync.values.instants import canonical_instant
from capsync.values.wire import settable

Json = Any

REWARDS = "/api_gateway/rewards/core/v1"
UPLOAD = "/api_gateway/file-service/rewards/{name}"
BRAND = {"brandId": "brand"}
GROUP_NAME_LENGTH = 255

AUDIT = {
    "orgId": server_set(integer(), "Id of the org."),
    "createdBy": server_set(integer(), "Id of the user or till that created it."),
    "createdOn": server_set(integer(), "When it was created, in epoch milliseconds."),
    "createdOnDateTime": server_set(string(), "createdOn as text."),
    "lastUpdatedBy": server_set(integer(), "Id of the user or till that changed it last."),
    "lastUpdatedOn": server_set(integer(), "When it was last changed, in epoch milliseconds."),
    "lastUpdatedOnDateTime": server_set(string(), "lastUpdatedOn as text."),
}
BRAND_ID = {
    "brandId": server_set(
        {"type": ["integer", "string"], "pattern": "^[0-9]+$"},
        "Id of the brand, which the environment supplies.",
    )
}

REDEMPTION_TYPES = (
    "GAMES",
    "AUCTION",
    "CART_PROMOTION",
    "CASH_WALLET",
    "VOUCHER",
    "CASH_BACK",
    "PHYSICAL_REWARD",
    "CHARITY",
    "MILES",
    "GIFT_CARD",
    "SWEEPSTAKES",
    "INTOUCH_REWARD",
    "CARD_DISC",
    "VENDOR_ONLY_REWARD",
    "VENDOR_INTOUCH_REWARD",
)
# An id that the API takes as text; manifests may write a number.
TEXT_ID: Schema = {"type": ["string", "integer"], "x-wire": "text"}
WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
DEFAULT_LANGUAGE = "en"

_MEGABYTE = 1_000_000
_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_VIDEOS = ("video/mp4", "video/webm", "video/quicktime")
_TERMS = ("application/pdf", "text/html", "text/plain")
MEDIA_NOTE = (
    "The API documents neither types nor sizes of files: capsync takes images (PNG, JPEG, GIF,"
    " WebP) and terms (PDF, HTML, text) up to 10 MB, videos (MP4, WebM, QuickTime) up to 100 MB."
)


def pages(size: int, member: str = "pagingDto") -> Paging:
    """How lists of this family are paged: 0-based, the end told by a block beside the rows."""
    return Paging(
        size=size,
        total=f"{member}.totalElements",
        total_pages=f"{member}.totalPages",
        last=f"{member}.last",
    )


def image(doc: str, url: str) -> Schema:
    """The handle of an image; `url` is the member that reads show its link in."""
    return _handle(doc, _IMAGES, 10, url)


def video(doc: str, url: str) -> Schema:
    """The handle of a video."""
    return _handle(doc, _VIDEOS, 100, url)


def terms(doc: str, url: str) -> Schema:
    """The handle of a document."""
    return _handle(doc, _TERMS, 10, url)


def _handle(doc: str, types: Iterable[str], megabytes: int, url: str) -> Schema:
    return media(
        doc,
        types=list(types),
        max_bytes=megabytes * _MEGABYTE,
        url=url,
        upload=UPLOAD,
        handle="file.file_handle",
    )


def media_list(kind: Callable[[str, str], Schema], doc: str, most: int) -> Schema:
    """Media of a vendor or a language: uploaded files by their handle, others by their address."""
    item = obj(
        required=["name"],
        name=string(
            "Name, unique in the list: of equal names the API keeps the first.", minLength=1
        ),
        altText=string("What stands in its place where it can not be shown."),
        id=only_if(kind("Handle of the file, with isExternal false.", "url"), *_UPLOADED),
        url=only_if(string("Address of the file, with isExternal true."), "isExternal", True),
        isExternal=boolean("Whether it lies outside of the file service.", default=False),
    )
    item["allOf"] = [
        {
            "if": {"properties": {"isExternal": {"enum": [True]}}, "required": ["isExternal"]},
            "then": {"required": ["url"]},
            "else": {"required": ["id"]},
        }
    ]
    return first_counts(list_by("name", item, doc, maxItems=most))


_UPLOADED = ("isExternal", False, None)


def reading(schema: Schema, *renamed: tuple[str, str]) -> Callable[[Json], dict[str, Json]]:
    """A reader that keeps what a spec may hold; `renamed` members are (live, spec) names."""

    def read(raw: Json) -> dict[str, Json]:
        values = dict(raw)
        for live, name in renamed:
            if live in values:
                values.setdefault(name, values[live])
        kept: dict[str, Json] = settable(schema, values)
        return kept

    return read


def moment(raw: Mapping[str, Json], *names: str) -> Json:
    """The first of these members that is there, as ISO text; texts without a zone are UTC."""
    value = next((raw[name] for name in names if raw.get(name) is not None), None)
    return None if value is None else canonical_instant(value, "iso", "milli")


def name_in_language(spec: Mapping[str, Json]) -> tuple[str, ...] | None:
    """The natural key of what is named in languages: the name in the default language, else in the
    first one. Rows of lists show `name` alone, which is the same."""
    blocks = [each for each in spec.get("languageSpecificInfo") or () if isinstance(each, Mapping)]
    preferred = [each for each in blocks if each.get("languageCode") == DEFAULT_LANGUAGE]
    names = [each.get("name") for each in (*preferred, *blocks)] or [spec.get("name")]
    return (names[0],) if isinstance(names[0], str) and names[0] else None


def as_number(id_: Json) -> Json:
    """An id as the number that bodies hold; what stands for one in plans stays as it is."""
    return int(id_) if str(id_).isdigit() else id_


def renamed(check: Check, what: str) -> Iterable[Verdict]:
    """A warning where others know the object by a name that changes."""
    if check.action is Action.UPDATE and check.changes("name"):
        yield Verdict("warning", f"{what} know it by its name: what they hold under it may be lost")


def fields(own: Mapping[str, Schema], required: Iterable[str]) -> Schema:
    """A spec of these fields and the members that the server sets on every object."""
    id_ = server_set(integer(), "Id of the object.")
    return obj_of({**own, **({} if "id" in own else {"id": id_}), **AUDIT}, required=required)
