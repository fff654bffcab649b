"""Constructors of field declarations: plain JSON Schema plus the notes that the engine reads.

A note says how the service treats a field. Everything else follows from these: validation, the
canonical form that two sides are compared in, wire values, redaction, `explain`, editor schemas.

| note | meaning |
|---|---|
| `readOnly` | set or overridden by the server: accepted with a warning, never sent nor compared |
| `writeOnly` | sent, never read back: a keyed hash in the state tells whether it changed |
| `x-needed` | with writeOnly: a create can not do without it, so that exports say it is left out |
| `x-instead` | with writeOnly: the member that reads show in its place (codes become ids) |
| `default` | what the server stores when the field is left out; an absent live value equals it |
| `x-secret` | a value that is never shown, logged or stored |
| `x-fixed` | immutable after creation; the text says what a user can do instead |
| `x-oneway` | values that can not be taken back once set |
| `x-ref` | holds the id (or `by` another member) of a resource of these kinds |
| `x-ref-keys` | a map whose keys name resources of this kind |
| `x-instant` | a point in time: `wire` form and `precision` |
| `x-json` | JSON in a text: may be written as structure, is compared parsed |
| `x-set` | a list whose order has no meaning, or the words that say what it means instead |
| `x-key` | a list of objects paired by these members |
| `x-service` | in a child: the flag that a listed child is meant to have |
| `x-caseless` | with x-key: texts of keys that differ in case alone pair |
| `x-children` | with x-key or x-set: items that a written list leaves out are unmanaged |
| `x-first` | with x-key: of items with one key the API keeps the first |
| `x-last` | with x-key: of items with one key the API keeps the last |
| `x-carry` | with x-key: members of the live item that an update sends back (`id`) |
| `x-whole` | an object that is one value: compared and written whole (tagged shapes) |
| `x-grown` | the server adds members of its own: only those that a manifest names are compared |
| `x-shows` | what reads may show whatever was sent: then the state tells whether it changed |
| `x-fold` | compared without case |
| `x-cut` | a number that is stored without its fraction |
| `x-places` | kept with so many decimals: compared at those |
| `x-single` | stored as a 32-bit float: compared at 7 significant digits |
| `x-blank` | values that mean the same as null or absent |
| `x-wire` | `text`: sent as text; `flag`: sent as 0/1 |
| `x-only` | counts only while a sibling has one of these values, else neither sent nor compared |
| `x-ordinal` | a number stands for the value at that place of this list |
| `x-words` | other documented words for a value, each with the value that it stands for |
| `x-dates` | a text that may hold a date and time: spellings of one moment are equal |
| `x-alias` | other documented spellings of this field, each with its wire form |
| `x-media` | a file handle: takes `{file: PATH}`; `types`, `max_bytes`, `url`, `upload`, `handle` |
| `x-clear` | what to send to empty the field, where null would keep it |
| `x-others` | other modules write it too: export leaves it out, with this reason |
| `x-shown` | member of the live object that shows the id's human name, for messages |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Schema = dict[str, Any]


def obj(
    *, required: Iterable[str] = (), extra: bool | Schema = False, doc: str = "", **fields: Schema
) -> Schema:
    """An object of these fields; `extra` allows others (True: anything, or their schema)."""
    schema: Schema = {"type": "object", "properties": fields, "additionalProperties": extra}
    if names := sorted(required):
        schema["required"] = names
    if doc:
        schema["description"] = doc
    return schema


def obj_of(fields: Mapping[str, Schema], *, required: Iterable[str] = ()) -> Schema:
    """An object of the fields of a mapping, for objects that are put together of parts."""
    return obj(required=required) | {"properties": dict(fields)}


def _typed(type_: str, doc: str, notes: Mapping[str, Any]) -> Schema:
    described = {"description": doc} if doc else {}
    return {"type": type_, **described, **notes}


def string(doc: str = "", **notes: Any) -> Schema:
    """A text; keywords are JSON Schema's (`maxLength`, `pattern`, `default` ...)."""
    return _typed("string", doc, notes)


def integer(doc: str = "", **notes: Any) -> Schema:
    """A whole number."""
    return _typed("integer", doc, notes)


def number(doc: str = "", **notes: Any) -> Schema:
    """A number."""
    return _typed("number", doc, notes)


def boolean(doc: str = "", **notes: Any) -> Schema:
    """True or false."""
    return _typed("boolean", doc, notes)


def anything(doc: str = "", **notes: Any) -> Schema:
    """Any JSON value, compared as it is."""
    return ({"description": doc} if doc else {}) | notes


def enum(*values: str, doc: str = "", **notes: Any) -> Schema:
    """One of these texts."""
    return _typed("string", doc, {"enum": list(values), **notes})


def map_of(schema: Schema | bool = True, doc: str = "", **notes: Any) -> Schema:
    """A map with free keys: only the keys that a manifest writes are managed."""
    return _typed("object", doc, {"additionalProperties": schema, **notes})


def list_of(item: Schema, doc: str = "", **notes: Any) -> Schema:
    """A list whose order counts, compared and written whole."""
    return _typed("array", doc, {"items": item, **notes})


def set_of(item: Schema, doc: str = "", **notes: Any) -> Schema:
    """A list whose order has no meaning, compared and written whole."""
    return _typed("array", doc, {"items": item, "x-set": True, **notes})


def open_set(schema: Schema) -> Schema:
    """A set of which the values that a manifest leaves out are unmanaged."""
    return schema | {"x-children": True}


def list_by(
    key: str | Sequence[str],
    item: Schema,
    doc: str = "",
    *,
    children: bool = False,
    carry: Sequence[str] = (),
    **notes: Any,
) -> Schema:
    """A list of objects paired by `key`, so that moving an item is no drift.

    With `children` an item that the manifest leaves out is unmanaged. `carry` names members of the
    paired live item that go back to the server in an update.
    """
    keys = [key] if isinstance(key, str) else list(key)
    extra: Schema = {"x-key": keys}
    if children:
        extra["x-children"] = True
    if carry:
        extra["x-carry"] = list(carry)
    return _typed("array", doc, {"items": item, **extra, **notes})


def first_counts(schema: Schema) -> Schema:
    """A keyed list of which the API keeps the first of items with one key: no error."""
    return schema | {"x-first": True}


def last_counts(schema: Schema) -> Schema:
    """A keyed list of which the API keeps the last of items with one key: no error."""
    return schema | {"x-last": True}


def instant(doc: str = "", *, wire: str = "iso", precision: str = "second", **notes: Any) -> Schema:
    """A point in time. Manifests hold ISO 8601 with an offset, or the raw wire number.

    `wire` is how the API takes it: `iso` (2027-01-01T00:00:00Z), `seconds`, `millis`, `text`
    (`YYYY-MM-DD HH:MM:SS` in UTC), `date` (`YYYY-MM-DD`) or `given` (ISO 8601 as it is written).
    `precision` is what survives on the server: `milli`, `second`, `day` (cut to the UTC day) or
    `written day` (the day in the text, whatever its offset); finer parts are not compared.
    """
    return {
        "type": ["string", "number"],
        **({"description": doc} if doc else {}),
        "x-instant": {"wire": wire, "precision": precision},
        **notes,
    }


def json_text(schema: Schema | None = None, doc: str = "", **notes: Any) -> Schema:
    """JSON inside a text: written as structure or as text, compared parsed."""
    inner = dict(schema or {})
    return inner | ({"description": doc} if doc else {}) | {"x-json": True} | notes


def ref(
    *kinds: str,
    by: str = "id",
    base: Schema | None = None,
    doc: str = "",
    deferred: bool = False,
    serving: bool = False,
    **notes: Any,
) -> Schema:
    """A field that holds the id of a resource of these kinds, or its member named by `by`.

    `deferred`: the API lets a second write close a circle, so that the reference may be set by an
    update after both resources exist. `serving`: the API drops links to what is out of service.
    """
    note: Schema = {"kinds": list(kinds), "by": by}
    if deferred:
        note["deferred"] = True
    if serving:
        note["serving"] = True
    return (
        dict(base if base is not None else {"type": "integer"})
        | ({"description": doc} if doc else {})
        | {"x-ref": note}
        | notes
    )


def media(
    doc: str = "",
    *,
    types: Sequence[str],
    max_bytes: int,
    url: str = "",
    upload: str = "",
    handle: str = "",
    **notes: Any,
) -> Schema:
    """A file handle: text, or `{file: images/mug.png}` to be uploaded when its content is new.

    `url` is the member beside it in which reads show a link to the content. `upload` is the path
    that takes the bytes, with `{name}` for the name of the file; `handle` is the dotted path of the
    handle in its answer.
    """
    note: Schema = {"types": list(types), "max_bytes": max_bytes}
    note |= {"url": url, "upload": upload, "handle": handle}
    return string(doc, **{"x-media": note}, **notes)


def secret(schema: Schema) -> Schema:
    """The value is never shown, logged or stored; a keyed hash stands in the state."""
    return schema | {"x-secret": True}


def unread(schema: Schema, *, instead: str = "") -> Schema:
    """Sent, never read back; `instead` is the member of the same object that reads show for it."""
    return schema | {"writeOnly": True} | ({"x-instead": instead} if instead else {})


def needed(schema: Schema) -> Schema:
    """A field that reads do not show and a create can not do without: exports tell of it."""
    return schema | {"x-needed": True}


def server_set(schema: Schema | None = None, doc: str = "") -> Schema:
    """Set, computed or overridden by the server: accepted with a warning, never sent."""
    return (schema or {}) | ({"description": doc} if doc else {}) | {"readOnly": True}


def fixed(schema: Schema, advice: str) -> Schema:
    """Immutable after creation; `advice` says what a user can do instead."""
    return schema | {"x-fixed": advice}


def oneway(schema: Schema, *values: Any) -> Schema:
    """These values can not be taken back once set."""
    return schema | {"x-oneway": list(values)}


def folded(schema: Schema) -> Schema:
    """Compared without case."""
    return schema | {"x-fold": True}


def service(schema: Schema) -> Schema:
    """The flag of a child that tells whether it is in service: a manifest that lists the child and
    does not write the flag means true."""
    return schema | {"x-service": True}


def caseless(schema: Schema) -> Schema:
    """A keyed list in which the server takes keys that differ in case for the same."""
    return schema | {"x-caseless": True}


def blank(schema: Schema, *values: Any) -> Schema:
    """These values mean the same as null or absent."""
    return schema | {"x-blank": list(values)}


def whole(schema: Schema) -> Schema:
    """An object that is one value: compared and written whole."""
    return schema | {"x-whole": True}


def grown(schema: Schema) -> Schema:
    """An object to which the server adds members of its own: compared by the members that the
    manifest names, even inside a list that is written whole."""
    return schema | {"x-grown": True}


def shows(schema: Schema, *values: Any) -> Schema:
    """Reads may show one of these values whatever was sent: that is no difference, and the state
    tells whether the manifest changed."""
    return schema | {"x-shows": list(values)}


def places(schema: Schema, decimals: int) -> Schema:
    """A number that is kept with so many decimals."""
    return schema | {"x-places": decimals}


def cut(schema: Schema) -> Schema:
    """A number that is stored without its fraction."""
    return schema | {"x-cut": True}


def only_if(schema: Schema, member: str, *values: Any) -> Schema:
    """The server keeps the field only while `member` beside it has one of these values; used
    twice, both have to hold."""
    return schema | {"x-only": {**schema.get("x-only", {}), member: list(values)}}


def ordinal(*values: str, doc: str = "", **notes: Any) -> Schema:
    """One of these texts, or its number counted from 0, as manifests may write it."""
    numbers = list(range(len(values)))
    named = {"type": ["string", "integer"], "enum": [*values, *numbers]}
    return named | ({"description": doc} if doc else {}) | {"x-ordinal": list(values)} | notes


def worded(schema: Schema, **words: str) -> Schema:
    """Other documented words for a value: `queue="QUEUE_INT"`. They are taken, and sent as it."""
    spelt = [*schema.get("enum", ()), *words]
    return schema | {"enum": spelt, "x-words": words}


def dated(schema: Schema) -> Schema:
    """A text that may hold a date and time, which the server spells in its own way."""
    return schema | {"x-dates": True}


def alias(schema: Schema, **spellings: str) -> Schema:
    """Other documented spellings of the field, each with its wire form: `startOnISO="iso"`."""
    return schema | {"x-alias": spellings}


def when(member: str, value: str | Sequence[str], **then: Any) -> Schema:
    """One arm of a union for `allOf`: if `member` is `value` then these keywords hold.

    Written as if/then, not oneOf, whose message names the whole object instead of the bad field.
    """
    values = [value] if isinstance(value, str) else list(value)
    return {
        "if": {"properties": {member: {"enum": values}}, "required": [member]},
        "then": then,
    }
