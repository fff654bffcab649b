from __future__ import annotations

from pathlib import Path

from capsync.fields import alias, instant, obj, string
from capsync.validate.wholes import LazyCanonical
from capsync.values.normalise import spellings
from tests.unit.validate.support import document, found, medal


def series(name: str, spec: str, metadata: str = "") -> str:
    return document("Series", name, spec, metadata)


def test_a_natural_key_is_there_once(tmp_path: Path) -> None:
    two = document("Medal", "b", "name: a, startOn: 1, rewards: []", "id: x")
    assert found(tmp_path, medal("a"), two) == [
        "9:14: name: has the name 'a' of Medal/a at manifests/a.yaml:1:1"
    ]


def test_keys_without_case_are_compared_so(tmp_path: Path) -> None:
    documents = (document("Season", "a", "name: Spring"), document("Season", "b", "name: SPRING"))
    (problem,) = found(tmp_path, *documents)
    assert problem == "9:14: name: has the name 'spring' of Season/a at manifests/a.yaml:1:1"


def test_keys_that_may_repeat_need_an_id(tmp_path: Path) -> None:
    message = (
        "9:21: description: has the description 'Diwali' of Series/a at manifests/a.yaml:1:1"
        " (say with metadata.id which live object each of them is)"
    )
    plain = series("a", "description: Diwali")
    assert found(tmp_path, plain, series("b", "description: Diwali")) == [message]
    with_id = series("b", "description: Diwali", "id: 7")
    assert found(tmp_path, plain, with_id, environment="uat") == []


def test_a_stronger_key_tells_them_apart(tmp_path: Path) -> None:
    documents = (
        series("a", "description: Diwali, code: A"),
        series("b", "description: Diwali, code: B"),
        series("c", "description: Diwali"),
    )
    assert found(tmp_path, *documents) == []
    (problem,) = found(tmp_path, *documents, series("d", "description: x, code: A"))
    assert problem.startswith("19:30: code: has the code 'A' of Series/a")


def test_a_singleton_is_there_once(tmp_path: Path) -> None:
    documents = (document("Settings", "a", "mode: x"), document("Settings", "b", "mode: y"))
    assert found(tmp_path, *documents) == [
        "9:7: an org has one Settings, and it is Settings/a already"
    ]


def test_caps_are_told_at_the_first_beyond(tmp_path: Path) -> None:
    documents = [medal(f"m{n}", "color: RED") for n in range(4)]
    others = [medal("green", "color: GREEN"), medal("plain1"), medal("plain2"), medal("plain3")]
    assert found(tmp_path, *documents, *others) == [
        "14:50: color: at most 2 medals of a color are allowed (API error 901)"
    ]


def test_rules_of_the_project(tmp_path: Path) -> None:
    documents = [medal(f"m{n}", "rank: 3") for n in range(3)]
    assert found(tmp_path, *documents) == ["warning 14:49: rank: is taken twice already"]


def test_a_lazy_canonical_form_is_the_canonical_form() -> None:
    schema = obj(name=string(), startOn=alias(instant(wire="seconds"), startOnISO="iso"))
    spec = {"name": "x", "startOnISO": "2027-01-01T05:30:00+05:30"}
    lazy = LazyCanonical(schema, spec, spellings(schema))
    assert dict(lazy) == {"name": "x", "startOn": "2027-01-01T00:00:00Z"}
    assert len(lazy) == 2
    assert lazy.get("nothing") is None
