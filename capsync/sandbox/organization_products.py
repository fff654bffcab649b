"""The product master that other families refer to: brands, categories, attributes, read only."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from capsync.sandbox.platform import CONFIGS
from capsync.sandbox.store import Store
from capsync.sandbox.web import Refusal, Reply, Request, Routes

Json = Any

routes = Routes()

_COLLECTIONS = {
    "BRAND": "product-brands",
    "CATEGORY": "product-categories",
    "ATTRIBUTE": "product-attributes",
    "SKU": "product-skus",
}
_FIRST_IDS = {"BRAND": 300101, "CATEGORY": 11500001, "ATTRIBUTE": 91601, "SKU": 88000001}
_CODES = "product-codes"
_MOST = 100
_MOST_NAMED = 30
_NESTED_MOST = 20


def put_product(store: Store, kind: str, code: str, name: str, **members: Json) -> Json:
    """Stores a brand, category, attribute or SKU; `parent` is the code of another one."""
    product = {
        "id": store.next(f"product-{kind}", _FIRST_IDS[kind]),
        "ouId": -1,
        "code": code,
        "name": name,
        "parent": None,
        "isActive": True,
        "createdBy": 50009001,
        "createdDate": "2026-05-11T00:00:00+08:00",
        "modifiedDate": "2026-05-11T00:00:00+08:00",
        **members,
    }
    store.put(_COLLECTIONS[kind], product["id"], product)
    store.put(_CODES, f"{kind}:{code.lower()}", product["id"])
    return product


def product_id(store: Store, kind: str, code: str) -> int | None:
    """The id behind a code, in whatever case it is written."""
    found = store.get(_CODES, f"{kind}:{code.lower()}")
    return None if found is None else int(found)


def seed(store: Store, org_id: int, now: float) -> None:  # noqa: ARG001
    """Two brands with a sub-brand, a category tree, one attribute with values, two SKUs."""
    put_product(store, "BRAND", "NORD", "Nord")
    put_product(store, "BRAND", "SUD", "Sud")
    put_product(store, "BRAND", "NORD-kids", "Nord Kids", parent="NORD")
    put_product(store, "CATEGORY", "HOT_DRINKS", "Hot Drinks")
    put_product(store, "CATEGORY", "TEAS", "Teas", parent="HOT_DRINKS")
    put_product(store, "CATEGORY", "SNACKS", "Snacks")
    values = [
        {"id": 13600101, "code": "light", "name": ""},
        {"id": 13600102, "code": "dark", "name": ""},
    ]
    put_product(store, "ATTRIBUTE", "roast_level", "Roast Level", type="String", values=values)
    put_product(store, "SKU", "MUG-01", "Enamel mug")
    put_product(store, "SKU", "TEA-01", "Assam tea")


@routes("GET", "/v2/product/brands")
def list_brands(request: Request) -> Reply:
    """Brands, ten a page unless asked otherwise."""
    return _Listing(request, "BRAND").reply()


@routes("GET", "/v2/product/categories")
def list_categories(request: Request) -> Reply:
    """Categories, ten a page unless asked otherwise."""
    return _Listing(request, "CATEGORY").reply()


@routes("GET", "/v2/product/attributes")
def list_attributes(request: Request) -> Reply:
    """Attributes, the newest first unless asked otherwise."""
    return _Listing(request, "ATTRIBUTE").reply()


@routes("GET", "/v2/product/attributes/{attributeId}/values")
def list_attribute_values(request: Request) -> Reply:
    """Values of one attribute, the newest first; their answer is not documented."""
    found = request.store.get(_COLLECTIONS["ATTRIBUTE"], request.params["attributeId"])
    if found is None:
        raise _refusal(10212, "Attribute not found")
    return _Listing(request, "ATTRIBUTE", rows=_values_of(found)).values()


def _values_of(attribute: Json) -> list[Json]:
    return [{"isActive": True, "ouId": -1, **value} for value in attribute.get("values", ())]


class _Listing:
    """One list call: what was asked for, and the warnings that gather on the way."""

    def __init__(self, request: Request, kind: str, rows: list[Json] | None = None) -> None:
        self._request = request
        self._kind = kind
        self._warnings: list[Json] = []
        self._all = request.store.all(_COLLECTIONS[kind]) if rows is None else rows
        self._by_code = {row["code"]: row for row in self._all}

    def reply(self) -> Reply:
        """The page."""
        limit, offset = self._limits()
        rows = [row for row in self._chosen() if self._in_scope(row)]
        page = self._sorted(rows)[offset : offset + limit]
        nested = self._nested(len(page))
        body: Json = {
            "data": [self._row(row, nested=nested) for row in page],
            "pagination": {"limit": limit, "offset": offset, "total": len(rows)},
        }
        if self._warnings:
            body["warnings"] = self._warnings
        return Reply(body)

    def values(self) -> Reply:
        """The page, each row as a reference."""
        limit, offset = self._limits()
        rows = self._sorted([row for row in self._chosen() if self._in_scope(row)])
        block = {"limit": limit, "offset": offset, "total": len(rows)}
        page = [_reference(row) for row in rows[offset : offset + limit]]
        return Reply({"data": page, "pagination": block, "warnings": self._warnings})

    def _limits(self) -> tuple[int, int]:
        limit, offset = self._integer("limit", 10), self._integer("offset", 0)
        if limit > _MOST:
            raise _refusal(10004, f"limit is above {_MOST}")
        if limit <= 0:
            raise _refusal(10005, "limit is not above 0")
        if offset < 0:
            raise _refusal(10006, "offset is negative")
        return limit, offset

    def _integer(self, name: str, default: int) -> int:
        text = self._request.get(name) or str(default)
        if not re.fullmatch(r"-?\d{1,9}", text):
            raise _refusal(400, f"{name} is not a number")
        return int(text)

    def _chosen(self) -> list[Json]:
        """The rows that q, entityCodes or entityIds name, first of them wins; else all."""
        prefix, codes, ids = (self._request.get(n) for n in ("q", "entityCodes", "entityIds"))
        if prefix is not None:
            if codes is not None or ids is not None:
                self._warn(10009, "q is used, entityCodes and entityIds are ignored")
            return [r for r in self._all if r["code"].lower().startswith(prefix.lower())]
        if codes is not None:
            if ids is not None:
                self._warn(10010, "entityCodes are used, entityIds are ignored")
            wanted = {code.lower() for code in self._named(codes, 10007)}
            return [row for row in self._all if row["code"].lower() in wanted]
        if ids is not None:
            return self._with_ids(self._named(ids, 10008))
        if self._request.get("root") == "true" and self._kind != "ATTRIBUTE":
            return [row for row in self._all if row["parent"] is None]
        return self._all

    def _named(self, text: str, code: int) -> list[str]:
        if self._request.get("root") == "true":
            self._warn(10017, "root is ignored with entityCodes or entityIds")
        parts = [part.strip() for part in text.split(",")]
        if len(parts) > _MOST_NAMED:
            raise _refusal(code, f"more than {_MOST_NAMED} values")
        if not all(parts):
            self._warn(10011, "blank values are ignored")
        return [part for part in parts if part]

    def _with_ids(self, ids: list[str]) -> list[Json]:
        numbers = {int(one) for one in ids if one.isdecimal()}
        if len(numbers) < len(ids):
            self._warn(10012, "ids that are not numbers are ignored")
        if not numbers:
            self._warn(10013, "all ids are invalid, everything is listed")
            return self._all
        return [row for row in self._all if row["id"] in numbers]

    def _in_scope(self, row: Json) -> bool:
        active = self._request.get("isActive")
        # Left out: whether inactive rows are hidden is not said. They are, here.
        if row["isActive"] != (active != "false"):
            return False
        ou, fetch = self._unit(), self._request.get("fetchType") or "ALL"
        if ou is not None and row["ouId"] not in (-1, ou):
            return False
        return bool(fetch == "ALL" or (row["ouId"] == -1) == (fetch == "ORG"))

    def _unit(self) -> int | None:
        code = self._request.get("ouCode")
        if code is None:
            return None
        enabled = self._request.store.get(CONFIGS, "CONF_OU_LEVEL_PRODUCTS_ENABLED")
        if enabled is None or enabled["value"] != "1":
            raise _refusal(10002, "Products of org units are not enabled")
        found = self._request.store.get("location-codes", f"CONCEPT:{code}")
        if found is None:
            raise _refusal(10001, "ouCode is unknown")
        return int(found)

    def _sorted(self, rows: list[Json]) -> list[Json]:
        by = self._request.get("sortBy") or "id"
        if by not in ("id", "code"):
            self._warn(10014, "sortBy is invalid, id is used")
            by = "id"
        order = (self._request.get("sortOrder") or "").upper()
        newest = order == "DESC" or (order != "ASC" and self._kind == "ATTRIBUTE")
        key: Callable[[Json], Any] = lambda row: row[by]  # noqa: E731
        return sorted(rows, key=key, reverse=newest)

    def _nested(self, rows: int) -> bool:
        name, code = (
            ("includeValues", 10015) if self._kind == "ATTRIBUTE" else ("includeChildren", 10016)
        )
        if self._request.get(name) != "true":
            return False
        if rows != 1:
            self._warn(code, f"{name} is for one entity only")
        return rows == 1

    def _row(self, row: Json, *, nested: bool) -> Json:
        shown = {
            "id": row["id"],
            "orgId": self._request.org_id,
            "ouId": row["ouId"],
            "code": row["code"],
            "name": row["name"],
        }
        if not row["isActive"]:
            shown["isActive"] = False
        if self._kind == "ATTRIBUTE":
            shown |= self._attribute(row, nested=nested)
        else:
            shown |= self._node(row, nested=nested)
        dates = {"createdBy": row["createdBy"], "createdDate": row["createdDate"]}
        if row["modifiedDate"] is not None:
            dates["modifiedDate"] = row["modifiedDate"]
        return {**shown, "attribution": dates}

    def _node(self, row: Json, *, nested: bool) -> Json:
        shown: Json = {}
        parent = self._by_code.get(row["parent"])
        if parent is not None:
            shown["parent"] = _reference(parent)
        if nested:
            children = [one for one in self._all if one["parent"] == row["code"]]
            shown["children"] = self._inner([_reference(one) for one in children], "children")
        return shown

    def _attribute(self, row: Json, *, nested: bool) -> Json:
        shown: Json = {"type": row["type"]}
        if row.get("defaultValue") is not None:
            shown["defaultValue"] = row["defaultValue"]
        if nested:
            shown["possibleValues"] = self._inner(row.get("values", []), "values")
        return shown

    def _inner(self, items: list[Json], name: str) -> Json:
        limit = min(self._integer(f"{name}Limit", 10), _NESTED_MOST)
        offset = self._integer(f"{name}Offset", 0)
        pagination = {"limit": limit, "offset": offset, "total": len(items)}
        return {"data": items[offset : offset + limit], "pagination": pagination}

    def _warn(self, code: int, message: str) -> None:
        self._warnings.append({"status": False, "code": code, "message": message})


def _reference(row: Json) -> Json:
    return {"id": row["id"], "code": row["code"], "name": row["name"]}


def _refusal(code: int, message: str) -> Refusal:
    errors = [{"status": False, "code": code, "message": message}]
    return Refusal(Reply({"errors": errors, "warnings": []}, 400))
