from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.validate.support import document, found, medal

GROUP = document("MedalGroup", "golds", "name: golds")


@pytest.mark.parametrize(
    "field",
    [
        "group: {ref: golds}",
        "group: {ref: MedalGroup/golds}",
        "place: {ref: golds}",
        "place: {ref: MedalGroup/golds}",
        "place: {lookup: Main}",
        "place: {lookup: {kind: Shop, name: Main}}",
        "group: raw-value",
        "body: {deep: [{ref: MedalGroup/golds}]}",
        "free: {x: {lookup: {kind: Shop, name: Main}}}",
        "rival: {ref: a}",
    ],
)
def test_references_that_fit(tmp_path: Path, field: str) -> None:
    assert found(tmp_path, medal("a", field), GROUP) == []


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("group: {ref: gold}", "there is no MedalGroup gold in this project (did you mean golds?)"),
        (
            "group: {ref: zzz}",
            "there is no MedalGroup zzz in this project"
            " (declare it, or use {lookup: KEY} for a live object)",
        ),
        ("group: {ref: a}", "there is no MedalGroup a in this project (there is Medal/a)"),
        ("group: {ref: Medal/a}", "a Medal does not fit here (it holds a MedalGroup)"),
        ("group: {ref: MedalGruop/x}", "a MedalGruop does not fit here (did you mean MedalGroup?)"),
        ("body: {ref: Nonsense/x}", "Nonsense is no kind"),
        ("body: {ref: Meddal/x}", "Meddal is no kind (did you mean Medal?)"),
        (
            "body: {lookup: x}",
            "a look-up here must say of which kind (write {lookup: {kind: KIND, ...}})",
        ),
        ("group: {lookup: {kind: Shop, n: x}}", "a Shop does not fit here (it holds a MedalGroup)"),
        ("place: {ref: Shop/x}", "there is no Shop x: it can not be managed (use {lookup: KEY})"),
    ],
)
def test_references_that_do_not(tmp_path: Path, field: str, message: str) -> None:
    problems = found(tmp_path, medal("a", field), GROUP)
    name = field.split(":")[0]
    assert problems == [f"4:{44 + len(name)}: {name}: {message}"]


def test_a_bare_name_that_several_kinds_have(tmp_path: Path) -> None:
    documents = (
        medal("a", "body: {ref: twin}"),
        medal("twin"),
        document("MedalGroup", "twin", "name: t"),
    )
    assert found(tmp_path, *documents) == [
        "4:48: body: several resources fit (write {ref: ADDRESS}: Medal/twin, MedalGroup/twin)"
    ]


def test_references_inside_lists_and_unions(tmp_path: Path) -> None:
    text = document(
        "Medal", "a", "name: a, startOn: 1, rewards: [{type: COUPON, seriesId: {ref: none}}]"
    )
    (problem,) = found(tmp_path, text, document("Series", "s", "description: s"))
    assert problem.startswith("4:64: rewards[0].seriesId: there is no Series none in this project")


def test_children_must_be_there(tmp_path: Path) -> None:
    season = document("Season", "s", "name: s, targets: [{name: Run 5, value: 1}]")
    good = document(
        "Season", "t", 'name: t, targets: [{name: x, season: {ref: s, child: "targets[Run 5]"}}]'
    )
    bad = document(
        "Season", "u", 'name: u, targets: [{name: x, season: {ref: s, child: "targets[Run]"}}]'
    )
    assert found(tmp_path, season, good, bad) == [
        "14:45: targets[0].season: Season/s has no child targets[Run]"
        " (write the list and the item's key: targets[Run 5])"
    ]


def test_circles_are_told_once_each(tmp_path: Path) -> None:
    documents = (
        medal("a", "group: {ref: g}"),
        document("MedalGroup", "g", "name: g, lead: {ref: b}"),
        medal("b", "friend: {ref: a}"),
        medal("self", "friend: {ref: self}"),
        medal("free", "friend: {ref: a}"),
    )
    assert found(tmp_path, *documents) == [
        "4:49: group: references go round in a circle:"
        " Medal/a -> MedalGroup/g -> Medal/b -> Medal/a"
        " (make one of them a {lookup: KEY}, or drop it)",
        "19:53: friend: references go round in a circle: Medal/self -> Medal/self"
        " (make one of them a {lookup: KEY}, or drop it)",
    ]


def test_circles_that_a_second_write_closes_are_legal(tmp_path: Path) -> None:
    assert found(tmp_path, medal("a", "rival: {ref: b}"), medal("b", "friend: {ref: a}")) == []


def test_nothing_is_said_of_what_may_be_in_a_lost_file(tmp_path: Path) -> None:
    problems = found(
        tmp_path, medal("a", "group: {ref: golds}"), files={"manifests/b.yaml": "a: [\n"}
    )
    assert len(problems) == 1


def test_a_reference_to_a_manifest_with_problems_is_none(tmp_path: Path) -> None:
    broken = document("MedalGroup", "golds", "name: golds", "protect: maybe")
    (problem,) = found(tmp_path, medal("a", "group: {ref: golds}"), broken)
    assert "metadata.protect" in problem


def test_references_out_of_an_environment_dangle_there(tmp_path: Path) -> None:
    files = {"overlays/uat/o.yaml": "kind: MedalGroup\nmetadata: {name: golds, remove: true}\n"}
    documents = (medal("a", "group: {ref: golds}"), GROUP)
    assert found(tmp_path, *documents, files=files) == []
    (problem,) = found(tmp_path, *documents, files=files, environment="uat")
    assert "there is no MedalGroup golds" in problem


def test_keys_of_maps_that_name_a_resource_count_as_references(tmp_path: Path) -> None:
    documents = (
        medal("a", "titles: {Golds: x, raw: y}"),
        document("MedalGroup", "golds", "name: Golds, lead: {ref: a}"),
    )
    assert found(tmp_path, *documents) == [
        "4:58: titles.Golds: references go round in a circle:"
        " Medal/a -> MedalGroup/golds -> Medal/a (make one of them a {lookup: KEY}, or drop it)"
    ]


def test_links_that_the_service_would_drop(tmp_path: Path) -> None:
    closed = document("MedalGroup", "golds", "name: golds, open: false")
    fields = "group: {ref: golds}, place: {ref: golds}"
    (problem,) = found(tmp_path, medal("a", fields), closed)
    assert problem == (
        "4:49: group: MedalGroup/golds is put out of service, and the service drops links to it"
        " (take the reference out, or open of MedalGroup/golds)"
    )
    assert found(tmp_path, medal("a", fields), GROUP) == []


def test_values_that_would_come_back_can_not_be_emptied(tmp_path: Path) -> None:
    always = document("MedalGroup", "golds", "name: Golds, always: true")
    (problem,) = found(tmp_path, medal("a", "titles: {Golds: null, raw: null}"), always)
    assert problem == (
        "4:58: titles.Golds: can not be emptied: MedalGroup/golds is always, and its default would"
        " come back (write a value, or leave it out)"
    )
    assert found(tmp_path, medal("a", "titles: {Golds: x}"), always) == []
    seldom = document("MedalGroup", "golds", "name: Golds")
    assert found(tmp_path, medal("a", "titles: {Golds: null}"), seldom) == []
