"""The fields of behavioral events: what a manifest may say of them, and the forms they take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from capsync.fields import (
    Schema,
    enum,
    folded,
    grown,
    list_by,
    obj,
    obj_of,
    oneway,
    server_set,
    set_of,
    string,
)

Json = Any

TYPES = (
    "customer",
    "tillCode",
    "couponCode",
    "productSku",
    "productBrand",
    "productCategory",
    "string",
    "double",
    "enum",
    "date",
    "groupId",
    "currencyCode",
    "boolean",
    "integer",
)
IDENTIFIERS = (
    "userId",
    "mobile",
    "email",
    "externalId",
    "wechat",
    "martjackId",
    "cuid",
    "fbid",
    "unionId",
    "fcmToken",
    "line",
    "cardnumber",
    "cardExternalId",
    "tmall_uname",
    "ali_uname",
    "jd_uname",
    "vip_uname",
)
SOURCES = (
    "FACEBOOK",
    "WEB_ENGAGE",
    "WECHAT",
    "INSTORE",
    "MARTJACK",
    "TMALL",
    "TAOBAO",
    "JD",
    "ECOMMERCE",
    "WEBSITE",
    "LINE",
    "XIAOHONGSHU",
    "GLOBAL_SCANNER",
    "SUNING",
    "PINDUODUO",
    "KAOLA",
)
SENSITIVE = ("enum", "string", "double")  # the types that isPsiData is for
_CUSTOMERS = ("customer", "groupId")
# The types that have an attribute; isRequired is for all.
OF_TYPES: Mapping[str, tuple[str, ...]] = {
    "isUniqueKeyField": tuple(each for each in TYPES if each != "customer"),
    "isPsiData": SENSITIVE,
    "regex": ("string", "couponCode"),
    "possibleValues": ("enum",),
    "addCustomerIfNotExists": ("customer",),
    "identifierType": _CUSTOMERS,
    "source": _CUSTOMERS,
    "accountId": _CUSTOMERS,
    "groupIdentifierType": ("groupId",),
}

_VALUE_TYPES = {
    "isRequired": "Boolean",
    "isUniqueKeyField": "Boolean",
    "isPsiData": "Boolean",
    "addCustomerIfNotExists": "Boolean",
    "regex": "String",
    "possibleValues": "LIST",
    "identifierType": "ENUM",
    "source": "ENUM",
    "accountId": "ENUM",
    "groupIdentifierType": "ENUM",
}
# What the server adds where a field does not say; the identifier's default depends on the type.
_ADDED = {
    "isRequired": "true",
    "isUniqueKeyField": "false",
    "isPsiData": "false",
    "addCustomerIfNotExists": "false",
    "source": "INSTORE",
    "groupIdentifierType": "GroupExternalId",
}
_IDENTIFIER = {"customer": "mobile", "groupId": "userId"}
_SPELLED = {type_.casefold(): type_ for type_ in TYPES}


def _attribute(name: str, doc: str, value: Schema) -> Schema:
    type_ = _VALUE_TYPES[name]
    schema = obj(
        doc=doc,
        valueType=folded(
            enum("Boolean", "String", "ENUM", "LIST", doc=f"Type of the value: {type_}.")
        ),
        value=value,
    )
    if (added := _ADDED.get(name)) is not None:
        schema["default"] = {"valueType": type_, "value": added}
    elif name in ("regex", "accountId"):
        schema["default"] = {"valueType": type_}
    return schema


def _flag(name: str, doc: str, *irreversible: str) -> Schema:
    """A flag in a text; YAML's own true and false are taken too."""
    value: Schema = {"type": ["string", "boolean"], "enum": ["true", "false", True, False]}
    return _attribute(name, doc, oneway(value | {"x-wire": "text"}, *irreversible))


_ATTRIBUTES = {
    "isRequired": _flag("isRequired", "Whether posted events must have the field."),
    "isUniqueKeyField": _flag(
        "isUniqueKeyField",
        "Whether the field tells events apart, beside event name and customer. Once true it stays"
        " true.",
        "true",
    ),
    "isPsiData": _flag("isPsiData", "Whether it is sensitive personal data."),
    "addCustomerIfNotExists": _flag(
        "addCustomerIfNotExists", "Whether an event of an unknown customer registers them."
    ),
    "regex": _attribute("regex", "Pattern of the values.", string("The pattern.")),
    "possibleValues": obj(
        doc="The values of an enum.",
        valueType=folded(enum("Boolean", "String", "ENUM", "LIST", doc="Type of the value: LIST.")),
        values=set_of(string(), "The values."),
    ),
    "identifierType": _attribute(
        "identifierType",
        "What identifies the customer (mobile by default) or the group (userId by default).",
        folded(string("Kind of identifier.", minLength=1)),
    ),
    "source": _attribute(
        "source", "Where the identifier comes from.", folded(string("The source.", minLength=1))
    ),
    "accountId": _attribute(
        "accountId",
        "Source account, for sources that have several (WECHAT, LINE).",
        string("Id of the account."),
    ),
    "groupIdentifierType": _attribute(
        "groupIdentifierType", "What identifies the group.", string("Kind of identifier.")
    ),
}

FIELDS = list_by(
    "name",
    obj_of(
        {
            "name": string("Name of the field.", minLength=1, maxLength=50),
            "type": folded(enum(*TYPES, doc="Type; answers show it in capitals.")),
            "attributes": grown(
                obj_of(_ATTRIBUTES)
                | {
                    "additionalProperties": obj(extra=True),
                    "description": "What holds for the field. Those left out are not managed.",
                }
            ),
            "standardField": server_set({"type": "boolean"}, "Whether a standard event has it."),
        },
        required=["name", "type"],
    ),
    "Fields of the event, at most 20; an update removes those that are left out. One of type"
    " customer is needed.",
    maxItems=20,
)


def spelled(type_: Json) -> str:
    """A type as requests spell it: `TILLCODE` of an answer is `tillCode`."""
    return _SPELLED.get(str(type_).casefold(), str(type_))


def attribute(field: Mapping[str, Json], name: str) -> Json:
    """The value of an attribute as text in small letters, None where the field does not say."""
    found = (field.get("attributes") or {}).get(name)
    value = found.get("value") if isinstance(found, Mapping) else None
    return None if value is None else str(value).lower()


def sent_fields(wanted: list[Json], live: list[Json]) -> list[Json]:
    """Fields as a request takes them: of attributes that the manifest leaves out those that the org
    has changed, since an update replaces all, and a type for every value."""
    have = {each.get("name"): each for each in live}
    return [_sent(each, have.get(each.get("name"))) for each in wanted]


def restated(live: list[Json]) -> list[Json]:
    """Live fields as a request takes them, without what the server adds by itself."""
    return [_sent({"name": each.get("name"), "type": each.get("type")}, each) for each in live]


def _sent(field: Mapping[str, Json], live: Mapping[str, Json] | None) -> dict[str, Json]:
    type_ = spelled(field.get("type"))
    kept = dict(_changed(live)) if live and spelled(live.get("type")) == type_ else {}
    attributes = {**kept, **(field.get("attributes") or {})}
    sent = {"name": field.get("name"), "type": type_}
    if attributes:
        sent["attributes"] = {name: _typed(name, each) for name, each in attributes.items()}
    return sent


def _typed(name: str, value: Json) -> Json:
    if isinstance(value, Mapping) and "valueType" not in value and name in _VALUE_TYPES:
        return {"valueType": _VALUE_TYPES[name], **value}
    return value


def _changed(field: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """The attributes of a live field that are not what the server adds by itself."""
    added = _ADDED | {"identifierType": _IDENTIFIER.get(spelled(field.get("type")), "mobile")}
    for name, each in (field.get("attributes") or {}).items():
        if not isinstance(each, Mapping):
            continue
        value = each.get("value", each.get("values"))
        if value is None or str(value).casefold() == added.get(name, "").casefold():
            continue
        yield name, each
