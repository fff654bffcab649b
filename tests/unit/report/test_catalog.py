from __future__ import annotations

import json

from capsync.api.dialect import Dialect
from capsync.fields import (
    boolean,
    enum,
    fixed,
    instant,
    integer,
    json_text,
    list_by,
    list_of,
    map_of,
    media,
    obj,
    oneway,
    ref,
    secret,
    server_set,
    set_of,
    string,
    unread,
    when,
)
from capsync.kind import Kind, Retire, key_by
from capsync.report import catalog
from capsync.report.fields import FieldRow, field_rows, treatment
from tests.conftest import Golden

PLAIN = Dialect("plain", payload=lambda body: body)
GADGET = Kind(
    name="Gadget",
    family="gadgets",
    doc="Something with one field\nof each sort.",
    dialect=PLAIN,
    lists=(),
    keys=(key_by("code"), key_by("name", "size")),
    retire=Retire("disable", reversible=False),
    no_update="create one under another name",
    notes=("The list is up to an hour old.",),
    schema=obj(
        required=("name", "type"),
        name=string("What people see.", maxLength=40),
        size=integer(minimum=1, maximum=9, default=3),
        type=fixed(enum("A", "B"), "use another name"),
        active=oneway(boolean(), False),
        until=instant("When it ends.", precision="day"),
        owner=ref("Till", by="code", base=string(), doc="Who holds it."),
        headers=secret(map_of(string())),
        flag=unread(boolean()),
        range=json_text(obj(dom=list_of(integer()))),
        parts=list_by("code", obj(required=("code",), code=string(), reward=ref("Reward"))),
        tags=set_of(string(), maxItems=5),
        image=media(types=["image/png"], max_bytes=2_000_000),
        rule=obj(kind=enum("X", "Y"))
        | {"allOf": [when("kind", "X", properties={"limit": integer()}, required=["limit"])]},
        id=server_set(integer()),
    ),
)
LOOKUP = Kind(
    name="Anchor", family="aaa", doc="Only looked up.", dialect=PLAIN, lists=(), schema=obj(),
    reference_only=True,
)  # fmt: skip


def test_kinds_for_people(golden: Golden) -> None:
    golden("kinds.txt", catalog.kinds_text([GADGET, LOOKUP]))


def test_kind_for_people(golden: Golden) -> None:
    golden("kind.txt", catalog.kind_text(GADGET))


def test_kind_for_programs(golden: Golden) -> None:
    golden("kind.json", catalog.kind_json(GADGET))


def test_every_field_has_a_row() -> None:
    paths = [row.path for row in field_rows(GADGET)]
    assert {"parts", "parts[].code", "range.dom", "rule.kind", "rule.limit", "id"} <= set(paths)


def test_a_field_is_found_with_and_without_brackets() -> None:
    with_, without = (
        catalog.field_text(GADGET, path) for path in ("parts[].reward", "parts.reward")
    )
    assert with_ == without
    assert with_ is not None
    assert "reference to Reward" in with_


def test_a_field_shows_its_members() -> None:
    text = catalog.field_text(GADGET, "parts")
    assert text is not None
    assert "code*" in text


def test_a_list_tells_what_its_items_refer_to() -> None:
    schema = set_of(ref("Box", "Crate", base=string(), by="code"), "Where it is kept.")
    row = FieldRow("boxes", schema)
    assert row.references == ["Box", "Crate"]
    assert (
        "each a reference to Box or Crate: {ref: NAME}, {lookup: KEY} or the raw code"
        in treatment(row)
    )


def test_a_map_tells_what_its_keys_name() -> None:
    by_name = FieldRow("titles", map_of(string(), **{"x-ref-keys": {"kind": "MedalGroup"}}))
    by_code = FieldRow(
        "titles", map_of(string(), **{"x-ref-keys": {"kind": "MedalGroup", "by": "code"}})
    )
    assert treatment(by_name) == ["each key is the name of a MedalGroup"]
    assert treatment(by_code) == ["each key is the code of a MedalGroup"]


def test_an_unknown_field_is_none() -> None:
    assert catalog.field_text(GADGET, "nope") is None
    assert catalog.field_json(GADGET, "nam") is None


def test_field_for_programs() -> None:
    found = catalog.field_json(GADGET, "type")
    assert found is not None
    [entry] = json.loads(found)
    assert entry["enum"] == ["A", "B"]
    assert entry["immutable"] is True
    assert entry["required"] is True


def test_kinds_for_programs() -> None:
    entries = json.loads(catalog.kinds_json([GADGET, LOOKUP]))
    assert [entry["kind"] for entry in entries] == ["Anchor", "Gadget"]
    assert entries[1]["natural_keys"] == ["code", "name + size"]
