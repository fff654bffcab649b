"""Fields of behavioral events: what a request may say, and what the service makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from capsync.sandbox.fields_answers import refusal, text
from capsync.sandbox.web import Refusal

Json = Any
Field = dict[str, Json]


class Attribute(NamedTuple):
    """An attribute that a field type has, with what the server adds where it was not sent."""

    value_type: str
    default: str | None = None


_FLAG = Attribute("BOOLEAN", "false")
_BASIC = {"isRequired": Attribute("BOOLEAN", "true"), "isUniqueKeyField": _FLAG}
_PSI = {"isPsiData": _FLAG}
_REGEX = {"regex": Attribute("STRING")}
_IDENTITY = {
    "accountId": Attribute("ENUM"),
    "identifierType": Attribute("ENUM", "mobile"),
    "isRequired": Attribute("BOOLEAN", "true"),
    "source": Attribute("ENUM", "INSTORE"),
}
_GROUP = {
    "groupIdentifierType": Attribute("ENUM", "GroupExternalId"),
    "identifierType": Attribute("ENUM", "userId"),
    "isUniqueKeyField": _FLAG,
}

# By type in upper case, as every answer has it. The request spelling of the last five is not
# shown anywhere; they are in the guide and in answers.
TYPES: Mapping[str, Mapping[str, Attribute]] = {
    "CUSTOMER": {**_IDENTITY, "addCustomerIfNotExists": _FLAG},
    "TILLCODE": _BASIC,
    "COUPONCODE": {**_BASIC, **_REGEX},
    "PRODUCTSKU": _BASIC,
    "PRODUCTBRAND": _BASIC,
    "PRODUCTCATEGORY": _BASIC,
    "STRING": {**_BASIC, **_PSI, **_REGEX},
    "DOUBLE": {**_BASIC, **_PSI},
    "GROUPID": {**_IDENTITY, **_GROUP},
    "ENUM": {**_BASIC, **_PSI, "possibleValues": Attribute("LIST")},
    "DATE": _BASIC,
    "CURRENCYCODE": _BASIC,
    "BOOLEAN": _BASIC,
    "INTEGER": _BASIC,
}

_KNOWN = frozenset(key for attributes in TYPES.values() for key in attributes)

CHOICES: Mapping[str, frozenset[str]] = {
    "identifierType": frozenset(
        {"userId", "mobile", "email", "externalId", "wechat", "martjackId", "cuid", "fbid"}
        | {"unionId", "fcmToken", "line", "cardnumber", "cardExternalId"}
        | {"tmall_uname", "ali_uname", "jd_uname", "vip_uname"}  # older meta_fields
    ),
    "source": frozenset(
        {"FACEBOOK", "WEB_ENGAGE", "WECHAT", "INSTORE", "MARTJACK", "TMALL", "TAOBAO", "JD"}
        | {"ECOMMERCE", "WEBSITE", "LINE", "XIAOHONGSHU", "GLOBAL_SCANNER", "SUNING"}
        | {"PINDUODUO", "KAOLA"}
    ),
}
_CASELESS = {
    key: frozenset(choice.casefold() for choice in choices) for key, choices in CHOICES.items()
}
_MOST_FIELDS = 20
_NAME_LENGTH = 50


def event_refusal(code: int, message: str) -> Refusal:
    """A refused write of an event: HTTP 400 with `errors` filled."""
    return refusal(code, message, status=400)


def complete_fields(sent: Json) -> list[Field]:
    """The fields as they are kept: types in upper case, attributes of the type filled in.

    Errors 1823 (type, number or names of fields) and 1802 (value of an attribute).
    """
    if not isinstance(sent, list) or len(sent) > _MOST_FIELDS:
        raise event_refusal(1823, f"Invalid fields: 1 to {_MOST_FIELDS} are needed")
    fields = [_complete(field) for field in sent]
    if sum(field["type"] == "CUSTOMER" for field in fields) != 1:
        raise event_refusal(1823, "Invalid field type: one field of type customer is needed")
    return fields


def same_fields(some: list[Field], others: list[Field]) -> bool:
    """Whether two lists of fields say the same, their order and spelling of types aside."""
    return _meaning(some) == _meaning(others)


def loses_unique_key(before: list[Field], after: list[Field]) -> bool:
    """Whether a field that is kept stops being part of the unique key: there is no way back."""
    flags = {field["name"]: _flag(field, "isUniqueKeyField") for field in after}
    return any(
        _flag(field, "isUniqueKeyField") == "true" and flags.get(field["name"]) == "false"
        for field in before
    )


def _complete(field: Json) -> Field:
    sent = field if isinstance(field, dict) else {}
    kind = str(sent.get("type")).upper()
    name = sent.get("name")
    if kind not in TYPES:
        raise event_refusal(1823, f"Invalid field type {sent.get('type')}")
    if not isinstance(name, str) or not name or len(name) > _NAME_LENGTH:
        raise event_refusal(1823, f"Invalid field name, 1 to {_NAME_LENGTH} characters are needed")
    attributes = sent.get("attributes") or {}
    if not isinstance(attributes, dict) or not all(map(_is_object, attributes.values())):
        raise event_refusal(1802, f"Invalid attributes of {name}")
    if "isPsiData" in attributes and "isPsiData" not in TYPES[kind]:
        raise event_refusal(1802, f"Invalid attribute isPsiData of {name}")
    own = {key: _kept(key, attributes.get(key), each) for key, each in TYPES[kind].items()}
    # What becomes of attributes of other types is not said: they stay as sent, unknown ones not.
    strange = {key: each for key, each in attributes.items() if key in _KNOWN.difference(own)}
    complete = {"name": name, "type": kind, "attributes": dict(sorted({**strange, **own}.items()))}
    unique, required = _flag(complete, "isUniqueKeyField"), _flag(complete, "isRequired")
    if unique == "true" and required != "true":
        raise event_refusal(1802, f"Invalid attribute isUniqueKeyField: {name} is not required")
    return complete


def _is_object(value: Json) -> bool:
    return isinstance(value, dict)


def _kept(key: str, sent: Json, attribute: Attribute) -> dict[str, Json]:
    sent = sent if isinstance(sent, dict) else {}
    value_type = {"valueType": sent.get("valueType") or attribute.value_type}
    if key == "possibleValues":
        values = sent.get("values")
        values = values if isinstance(values, list) else []
        return {**value_type, "values": [text(value) for value in values]}
    # Values are text; other scalars are turned into it (true becomes "true").
    value = text(sent.get("value"), attribute.default or "")
    if not value:
        return value_type
    _check_value(key, value, attribute)
    return {"value": value, **value_type}


def _check_value(key: str, value: str, attribute: Attribute) -> None:
    wrong_flag = attribute.value_type == "BOOLEAN" and value not in ("true", "false")
    if wrong_flag or value.casefold() not in _CASELESS.get(key, {value.casefold()}):
        raise event_refusal(1802, f"Invalid value {value} of attribute {key}")


def _flag(field: Field, key: str) -> Json:
    return field["attributes"].get(key, {}).get("value")


def _meaning(fields: list[Field]) -> dict[str, Json]:
    return {
        field["name"]: (
            field["type"].upper(),
            {
                key: attribute.get("values", attribute.get("value"))
                for key, attribute in field["attributes"].items()
            },
        )
        for field in fields
    }
