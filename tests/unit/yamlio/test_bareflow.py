"""Lists of paths may be written as people write them, although that is no YAML."""

from __future__ import annotations

import pytest

from capsync.yamlio.bareflow import with_quoted_paths
from capsync.yamlio.edit import edit_value
from capsync.yamlio.places import Places
from capsync.yamlio.reader import parse

CONTRACT = """\
metadata:
  name: trail-walker            # local
  ignore: [description, benefits[].points]   # optional
  sensitive: [webHookUrl, targets[Run 5].value, "a[0].b", 'c[]', d]
spec: {a: 1}
"""


def test_paths_in_ignore_and_sensitive_need_no_quotes() -> None:
    parsed = parse(CONTRACT)
    assert parsed.problems == []
    assert parsed.documents[0]["metadata"]["ignore"] == ["description", "benefits[].points"]
    assert parsed.documents[0]["metadata"]["sensitive"] == [
        "webHookUrl",
        "targets[Run 5].value",
        "a[0].b",
        "c[]",
        "d",
    ]


def test_places_are_those_of_the_file_as_it_is() -> None:
    places = Places(CONTRACT)
    lines = CONTRACT.splitlines()
    for path in [
        ("metadata", "ignore", 1),
        ("metadata", "sensitive", 0),
        ("metadata", "sensitive", 1),
        ("metadata", "sensitive", 4),
        ("spec", "a"),
    ]:
        place, _ = places.find(0, path)
        text = lines[place.line - 1][place.column - 1 :]
        assert text.startswith(("benefits[]", "webHookUrl", "targets[Run", "d]", "1}"))


def test_edits_change_only_their_bytes_there_too() -> None:
    assert edit_value(CONTRACT, 0, ("spec", "a"), 25) == CONTRACT.replace("{a: 1}", "{a: 25}")


def test_flow_mappings_and_several_lists_work() -> None:
    text = "- metadata: {name: x, ignore: [a[].b], sensitive: [c[k].d]}\n- ignore: [e[]]\n"
    assert parse(text).problems == []
    assert parse(text).documents[0][0]["metadata"]["ignore"] == ["a[].b"]


@pytest.mark.parametrize("text", ["a: [b[].c]\n", "ignore: [a[\n", "ignore: {a: [b[]]}\n"])
def test_other_lists_stay_what_yaml_says(text: str) -> None:
    (problem,) = parse(text).problems
    assert "is no YAML" in problem.message


def test_other_errors_of_such_a_file_keep_their_place() -> None:
    text = "ignore: [a[].b]\nc: 1\nc: 2\nd: [\n"
    found = [str(problem.where) for problem in parse(text, "f").problems]
    assert found[0] == "f:3:1"
    assert len(found) == 2


def test_a_text_without_bare_paths_is_left_alone() -> None:
    assert with_quoted_paths("ignore: [a, 'b[]']\n") is None
