from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.validate.support import document, found, medal


def test_a_right_project_has_no_problems(tmp_path: Path) -> None:
    assert found(tmp_path, medal("a"), document("MedalGroup", "g", "name: g")) == []


def test_problems_have_place_path_and_hint(tmp_path: Path) -> None:
    text = """\
apiVersion: capsync/v1
kind: Medal
metadata: {name: gold}
spec:
  name: Gold
  startOn: 2027-13-01T00:00:00Z
  colour: RED
  rewards:
    - {type: COUPON}
"""
    assert found(tmp_path, text) == [
        '6:12: startOn: "2027-13-01T00:00:00Z" is not a time with an offset'
        " (for example 2027-01-31T09:30:00+05:30)",
        "7:3: colour: unknown field (did you mean color?)",
        "9:7: rewards[0]: seriesId is required",
    ]


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("Meddal", "unknown kind Meddal (did you mean Medal?)"),
        ("Zzz", "unknown kind Zzz (capsync kinds lists what there is)"),
        ("Shop", "a Shop can not be managed (it is there for {lookup: KEY} alone)"),
    ],
)
def test_kinds_that_can_not_be_written(tmp_path: Path, kind: str, message: str) -> None:
    assert found(tmp_path, document(kind, "a", "name: a")) == [f"2:7: kind: {message}"]


def test_problems_of_reading_are_told_together_with_the_others(tmp_path: Path) -> None:
    assert found(
        tmp_path,
        medal("a", "rank: 10"),
        medal("b", 'rank: "${var.nope}"'),
        files={"manifests/b.yaml": "a: [\n"},
    ) == [
        "4:48: rank: 10 is above 9",
        "9:48: rank: the variable nope is not defined (did you mean none?)",
        "manifests/b.yaml:2:1: is no YAML: while parsing a flow node:"
        " did not find expected node content",
    ]


def test_a_value_from_an_overlay_is_told_there(tmp_path: Path) -> None:
    overlay = "kind: Medal\nmetadata: {name: a}\nspec:\n  rank: 10\n"
    files = {"overlays/uat/o.yaml": overlay}
    assert found(tmp_path, medal("a"), files=files, environment="uat") == [
        "overlays/uat/o.yaml:4:9: rank: 10 is above 9"
    ]
    assert found(tmp_path, medal("a"), files=files) == []


def test_fields_of_the_server_are_warnings(tmp_path: Path) -> None:
    assert found(tmp_path, medal("a", "status: {any: thing}")) == [
        "warning 4:50: status: is set by the server (remove it: it is neither sent nor compared)"
    ]


@pytest.mark.parametrize(
    ("other", "agrees"),
    [
        ("2027-01-01T00:00:00Z", True),
        ("2027-01-01T05:30:00+05:30", True),
        ("2027-01-01T00:00:01Z", False),
    ],
)
def test_two_spellings_of_a_field_must_agree(tmp_path: Path, other: str, agrees: bool) -> None:
    spec = f"name: a, startOn: 1798761600, rewards: [], startOnISO: '{other}'"
    expected = (
        []
        if agrees
        else [
            "4:63: startOnISO: says something else than startOn, which is the same field"
            " (write one of them)"
        ]
    )
    assert found(tmp_path, document("Medal", "a", spec)) == expected


def test_rules_see_the_fields_own_spelling_and_name_the_code(tmp_path: Path) -> None:
    spec = (
        "name: a, rewards: [], startOnISO: '2027-01-02T00:00:00Z',"
        " expiresOn: '2027-01-01T00:00:00Z'"
    )
    assert found(tmp_path, document("Medal", "a", spec)) == [
        "4:77: expiresOn: must be after startOn (API error 720) (move it)"
    ]


def test_rules_hold_beside_other_problems_of_the_same_manifest(tmp_path: Path) -> None:
    spec = (
        "name: a, rewards: [], startOn: '2027-01-02T00:00:00Z',"
        " expiresOn: '2027-01-01T00:00:00Z', colour: x, tags: [a, B]"
    )
    messages = [each.split(": ", 2)[1] for each in found(tmp_path, document("Medal", "a", spec))]
    assert messages == ["expiresOn", "colour", "tags[1]"]


def test_rules_wait_while_a_required_field_is_missing(tmp_path: Path) -> None:
    spec = "rewards: [], startOn: '2027-01-02T00:00:00Z', expiresOn: '2027-01-01T00:00:00Z'"
    assert found(tmp_path, document("Medal", "a", spec)) == ["4:7: name is required"]


def test_json_texts_are_checked_inside(tmp_path: Path) -> None:
    assert found(
        tmp_path,
        medal("a", 'limits: \'{"days": [1, "x"], "hurs": []}\''),
        medal("b", "limits: {days: [1], hours: [2]}"),
        medal("c", "limits: '[1]'"),
        medal("d", "limits: '{{template}}'"),
        medal("e", "body: '{{template}}', limits: '{}'"),
    ) == [
        '4:50: limits.days[1]: "x" is not a whole number',
        "4:50: limits.hurs: unknown field (did you mean hours?)",
        "14:50: limits: a list is not a mapping",
        '19:50: limits: "{{template}}" is not JSON'
        " (write the structure as plain YAML, or JSON in quotes)",
    ]


def test_a_keyed_list_holds_a_key_once(tmp_path: Path) -> None:
    spec = "name: s, targets: [{name: Run, value: 1}, {name: Swim}, {name: Run}, {value: 1}, {}]"
    assert found(tmp_path, document("Season", "s", spec)) == [
        "4:64: targets[2]: there is another item Run in this list"
    ]


@pytest.mark.parametrize(
    ("spec", "metadata"),
    [
        ("token: hunter2, headers: {a: 5}", ""),
        ("color: hunter2", "sensitive: [color]"),
        ("tags: [hunter2]", "sensitive: ['tags[]']"),
        ('color: "${env.TOKEN}"', ""),
        ("rewards: [{type: '${env.TOKEN}'}]", ""),
        ('color: "${var.fed}"', ""),
    ],
)
def test_secrets_are_never_shown(tmp_path: Path, spec: str, metadata: str) -> None:
    text = document("Medal", "a", f"name: a, startOn: 1, {spec}", metadata)
    problems = found(tmp_path, text, environ={"TOKEN": "hunter2"})
    assert any("(sensitive)" in each or "variable" in each for each in problems)
    assert "hunter2" not in str(problems)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("rank", None),
        ("rewards[].points", None),
        ("rewards[0]", None),
        ("startOnISO", None),
        ("free.anything[3].below", None),
        ("extras.key", None),
        ("body.x[]", None),
        ('extras["a.b"]', None),
        ("ranc", "the spec has no ranc in ranc (did you mean rank?)"),
        ("rewards[].pionts", "the spec has no pionts in rewards[].pionts (did you mean points?)"),
        ("name[]", "the spec has no list in name[]"),
        ("name.x", "the spec has no x in name.x"),
        ("extras.key.below", "the spec has no below in extras.key.below"),
        ("a[", "a[ is no path (write it like benefits[].points or targets[Run 5].value)"),
    ],
)
@pytest.mark.parametrize("name", ["ignore", "sensitive"])
def test_paths_of_metadata(tmp_path: Path, name: str, path: str, message: str | None) -> None:
    problems = found(tmp_path, medal("a", metadata=f"{name}: [color, '{path}']"))
    column = len("metadata: {name: a, : [color, ") + len(name) + 1
    assert problems == ([f"3:{column}: metadata.{name}[1]: {message}"] if message else [])


def test_a_finding_about_a_field_is_told_at_the_spelling_used(tmp_path: Path) -> None:
    spec = "name: a, rewards: [], startOnISO: '1999-01-01T00:00:00Z'"
    assert found(tmp_path, document("Medal", "a", spec)) == ["warning 4:42: startOn: is long ago"]


def test_publish_is_for_kinds_with_stages(tmp_path: Path) -> None:
    [problem] = found(tmp_path, medal("a", metadata="publish: draft"))
    assert problem.startswith("3:30: metadata.publish: a Medal is in service as soon as it is made")
