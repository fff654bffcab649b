from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from capsync.config.variables import Substitution
from tests.unit.manifests.support import CONFIG, load, manifest, only, problems

VALUES = {
    "n": 5,
    "f": 1.5,
    "t": True,
    "text": "x",
    "none": None,
    "list": [1, {"a": 2}],
    "fed": "a ${env.HOME_TOWN}",
    "nested": "${var.n}",
    "with-dash": "d",
}


def put(value: Any) -> tuple[Any, list[str]]:
    substitution = Substitution(VALUES, {"HOME_TOWN": "Pune", "EMPTY": ""})
    result = substitution.of(value)
    return result, [f"{each.message} ({each.hint})" for each in substitution.complaints]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${var.n}", 5),
        ("${var.f}", 1.5),
        ("${var.t}", True),
        ("${var.none}", None),
        ("${var.list}", [1, {"a": 2}]),
        ("${var.with-dash}", "d"),
        ("${env.HOME_TOWN}", "Pune"),
        ("${env.EMPTY}", ""),
        ("${var.fed}", "a Pune"),
        ("a ${var.n} b ${var.t} ${var.f} ${var.text}", "a 5 b true 1.5 x"),
        (" ${var.n}", " 5"),
        ("$${var.n}", "${var.n}"),
        ("$${env.X} ${var.n}", "${env.X} 5"),
        ("$${var.n", "${var.n"),
        ("$$${var.n}", "$${var.n}"),
        (
            "${first_name} {{code}} ${} $${x} $ ${ var.n}",
            "${first_name} {{code}} ${} $${x} $ ${ var.n}",
        ),
        ("${variable} ${environment.x}", "${variable} ${environment.x}"),
        ("${VAR.n}", "${VAR.n}"),
    ],
)
def test_values(text: str, value: Any) -> None:
    result, complaints = put(text)
    assert complaints == []
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("${var.m}", "the variable m is not defined (did you mean n?)"),
        (
            "${var.zzz}",
            "the variable zzz is not defined (define it under variables: in capsync.yaml)",
        ),
        ("${env.NOPE}", "the environment variable NOPE is not set ()"),
        (
            "x${var.list}",
            "the variable list is a list and can not be part of a text (make it the whole value)",
        ),
        (
            "x${var.none}",
            "the variable none is null and can not be part of a text (make it the whole value)",
        ),
        (
            "${var.}",
            "${var.} is no variable (write ${var.NAME}, or $${var. for the text itself)",
        ),
        (
            "${var.a b}",
            "${var.a b} is no variable (write ${var.NAME}, or $${var. for the text itself)",
        ),
        ("${env.A", "${env.A is no variable (write ${env.NAME}, or $${env. for the text itself)"),
        (
            "${var.nested}",
            "in the variable nested: only ${env.NAME} can be used here (not ${var.n})",
        ),
    ],
)
def test_what_is_wrong(text: str, complaint: str) -> None:
    if text == "${var.m}":
        complaint = "the variable m is not defined (define it under variables: in capsync.yaml)"
    assert put(text)[1] == [complaint]


def test_the_nearest_variable_is_named() -> None:
    assert put("${var.txt}")[1] == ["the variable txt is not defined (did you mean text?)"]


def test_keys_and_deep_values_are_reached_and_all_complaints_kept() -> None:
    value, complaints = put(
        {"a": [{"k ${var.n}": "${var.text}"}], "b": "${var.x1}", "c": ["${env.X2}"]}
    )
    assert value["a"] == [{"k 5": "x"}]
    assert len(complaints) == 2


def test_paths_that_the_process_environment_feeds_are_known() -> None:
    substitution = Substitution(VALUES, {"HOME_TOWN": "Pune"})
    substitution.of({"a": "${env.HOME_TOWN}", "b": ["x", "y ${var.fed}"], "c": "${var.n}"})
    assert substitution.from_env == {("a",), ("b", 1)}


def test_an_environments_variables_win(tmp_path: Path) -> None:
    files = {"manifests/a.yaml": manifest("a", '{d: "${var.discount}", n: "is ${var.name}"}')}
    assert only(load(tmp_path, files, "sandbox")).spec == {"d": 5, "n": "is Gold"}
    assert only(load(tmp_path, files, "uat")).spec == {"d": 10, "n": "is Gold"}


def test_metadata_takes_variables_and_names_do_not(tmp_path: Path) -> None:
    text = manifest("a", "{}", metadata='protect: "${var.on}", ignore: ["${var.name}"]')
    meta = only(load(tmp_path, {"manifests/a.yaml": text})).meta
    assert (meta.protect, meta.ignore) == (True, ("Gold",))


def test_an_undefined_variable_is_told_where_it_is_written(tmp_path: Path) -> None:
    text = (
        "apiVersion: capsync/v1\nkind: Badge\nmetadata: {name: a}\nspec:\n  x:\n    - ${var.nme}\n"
    )
    assert problems(tmp_path, {"manifests/a.yaml": text}) == [
        "manifests/a.yaml:6:7: x[0]: the variable nme is not defined (did you mean name?)"
    ]


def test_a_variable_that_an_overlay_replaces_is_not_asked_for(tmp_path: Path) -> None:
    files = {
        "manifests/a.yaml": manifest("a", '{x: "${env.NOT_SET}"}'),
        "overlays/uat/a.yaml": 'kind: Badge\nmetadata: {name: a}\nspec: {x: "${var.discount}"}\n',
    }
    assert only(load(tmp_path, files, "uat")).spec == {"x": 10}
    assert len(problems(tmp_path, files)) == 1


def test_values_of_the_process_environment_are_marked(tmp_path: Path) -> None:
    files = {"manifests/a.yaml": manifest("a", '{x: {y: "${env.TOKEN}"}, z: "${var.name}"}')}
    project = load(tmp_path, files, environ={"TOKEN": "s3cret"})
    address = only(project).address
    assert only(project).spec["x"] == {"y": "s3cret"}
    assert project.is_from_env(address, ("x", "y"))
    assert project.is_from_env(address, ("x",))
    assert project.is_from_env(address, ("x", "y", "deeper"))
    assert not project.is_from_env(address, ("z",))


def test_files_without_variables_keep_their_other_braces(tmp_path: Path) -> None:
    files = {"manifests/a.yaml": manifest("a", '{sms: "Hello {{cust_name}} ${code}"}')}
    assert only(load(tmp_path, files, config=CONFIG)).spec == {"sms": "Hello {{cust_name}} ${code}"}
