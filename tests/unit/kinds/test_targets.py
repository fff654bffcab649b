"""Target groups: what is refused offline, and how manifests meet live groups."""

from __future__ import annotations

from typing import Any

import pytest

from capsync.kind import Pair, Task
from capsync.kinds.targets import TARGET_GROUP
from capsync.kinds.targets_rules import names_taken_twice
from capsync.model import Action, Address, Key, Resource
from capsync.requests import writes_for
from capsync.values.diff import differences
from capsync.values.normalise import Pending, canonical
from capsync.values.wire import to_wire
from tests.unit.kinds.examples import warned, wrong

SALES = {"name": "A", "targetEntity": "TRANSACTION", "targetType": "SALES"}
COUNT = {**SALES, "targetType": "COUNT"}
MARCH = {"refCode": "C1", "startDate": "2027-03-01", "endDate": "2027-03-31"}
APRIL = {"refCode": "C2", "startDate": "2027-04-01", "endDate": "2027-04-30"}


def _group(**more: Any) -> dict[str, Any]:
    return {"name": "Pier", **more}


# Rules


@pytest.mark.parametrize(
    ("entity", "measure", "fits"),
    [
        ("TRANSACTION", "SALES", True),
        ("LINEITEM", "EVENT_ATTRIBUTE", False),
        ("EVENT", "VISIT", True),
        ("EVENT", "QUANTITY", False),
        ("REWARDS", "ALL_POINTS", True),
        ("POINTS", "REGULAR_POINTS", True),
        ("REWARDS", "COUNT", False),
        ("ALTERNATE_CURRENCIES", "ALL_POINTS", False),
    ],
)
def test_entities_and_measures(entity, measure, fits):
    target = {"name": "A", "targetEntity": entity, "targetType": measure}
    said = wrong("TargetGroup", _group(targets=[target]))
    assert (said == []) is fits
    assert fits or "310033" in said[0]


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ({"targetEntity": "LINEITEM", "targetType": "EXTENDED_FIELD"}, "310094"),
        (
            {
                "targetEntity": "EVENT",
                "targetType": "EVENT_ATTRIBUTE",
                "extendedFieldInfo": {"name": "x"},
            },
            "310092",
        ),
        (
            {
                "targetEntity": "EVENT",
                "targetType": "EVENT_ATTRIBUTE",
                "extendedFieldInfo": {"name": "x", "aggregateFunction": "COUNT"},
            },
            "310092",
        ),
        (
            {
                "targetEntity": "ALTERNATE_CURRENCIES",
                "targetType": "ALL",
                "extendedFieldInfo": {"alternateCurrencyIdentifier": "x"},
            },
            "310146",
        ),
        (
            {
                "targetEntity": "ALTERNATE_CURRENCIES",
                "targetType": "ALL",
                "extendedFieldInfo": {"programId": 4},
            },
            "310147",
        ),
        (
            {
                "targetEntity": "EVENT",
                "targetType": "EVENT_ATTRIBUTE",
                "eventName": "ReturnBill",
                "extendedFieldInfo": {"name": "x", "aggregateFunction": "SUM"},
            },
            "310033",
        ),
    ],
)
def test_what_measures_need(target, code):
    said = wrong("TargetGroup", _group(targets=[{"name": "A", **target}]))
    assert len(said) == 1
    assert code in said[0]


@pytest.mark.parametrize(
    ("values", "fits"),
    [
        ([{"defaultValue": 1}, {"defaultValue": 2}], True),
        ([{"defaultValue": 1}], False),
        ([{"defaultValue": 1}, {"defaultValue": 2}, {"defaultValue": 3}], False),
        ([], False),
        ([{"defaultValue": 1, "periodId": "C2"}], True),
        ([{"defaultValue": 1, "periodId": "C2"}, {"defaultValue": 2, "periodId": "C1"}], True),
        ([{"defaultValue": 1}, {"defaultValue": 2, "periodId": "C1"}], False),
        ([{"defaultValue": 1, "periodId": "C1"}, {"defaultValue": 2, "periodId": "C1"}], False),
        ([{"defaultValue": 1, "periodId": {"ref": "P", "child": "periods[C1]"}}] * 2, True),
        ([{"defaultValue": "many"}, {"defaultValue": 2}], False),
    ],
)
def test_one_value_a_cycle(values, fits):
    spec = _group(periods=[MARCH, APRIL], targets=[{**COUNT, "defaultValues": values}])
    assert (wrong("TargetGroup", spec) == []) is fits


@pytest.mark.parametrize(
    ("spec", "part"),
    [
        ({"trackingType": "UNIFIED", "targets": [COUNT]}, "combinationType is required"),
        ({"trackingType": "STREAKS"}, "streaks is required"),
        ({"trackingType": "STREAKS", "streaks": []}, "at least one level"),
        ({"trackingType": "UNIFIED", "combinationType": None}, "is ANY or ALL"),
        ({"unifiedTargetExpression": {"aggregation": "SUM"}}, "thresholdValue is needed"),
        ({"userCreated": True, "targets": [COUNT, {**COUNT, "name": "B"}]}, "has one target"),
        ({"userCreated": True, "targets": [{**COUNT, "enrolmentMethod": "TRANSACTION"}]}, "IMPORT"),
        ({"leaderboardEnabled": True, "targetEvaluationType": "CYCLIC_WINDOW"}, "310132"),
        ({"periods": [{**MARCH, "endDate": "2027-02-01"}]}, "is before the startDate"),
        ({"periods": [MARCH, {**MARCH, "refCode": "C1"}]}, "another item"),
        ({"targets": [COUNT, {**COUNT, "name": "a"}]}, "another item"),
        ({"targets": [SALES, {**COUNT, "name": "a_returnbill"}]}, "name of the shadow"),
        ({"recurringCycles": 101}, "above 100"),
        ({"name": "x" * 201}, "200"),
        ({"targets": [{**COUNT, "channel": 1}]}, "channel"),
    ],
)
def test_what_is_refused(spec, part):
    said = wrong("TargetGroup", {"name": "Pier", **spec})
    assert any(part in each for each in said), said


def test_shadow_names_are_free_where_there_is_no_shadow():
    targets = [COUNT, {**COUNT, "name": "A_ReturnBill"}]
    assert wrong("TargetGroup", _group(targets=targets)) == []


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({"name": " Pier"}, "name"),
        ({"targets": [{**COUNT, "expression": "currentTxn.value>5"}]}, "targets.0.expressionJson"),
        ({"trackingType": "UNIFIED", "combinationType": "ANY", "targets": [COUNT]}, "targets"),
        ({"combinationType": "ANY"}, "combinationType"),
        (
            {
                "trackingType": "UNIFIED",
                "combinationType": "ANY",
                "targetEvaluationType": "CYCLIC_WINDOW",
            },
            "targetEvaluationType",
        ),
        (
            {"userCreated": True, "targets": [{**COUNT, "defaultValues": [{"defaultValue": "3"}]}]},
            "targets.0.defaultValues",
        ),
        ({"streaks": [{"name": "a", "targetCountOfSequence": 1}]}, "streaks"),
        ({"totalPeriods": 4}, "totalPeriods"),
    ],
)
def test_what_is_warned_of(spec, path):
    assert path in warned("TargetGroup", {"name": "Pier", **spec})


@pytest.mark.parametrize(("kind", "fits"), [("Store", True), ("Zone", False)])
def test_places_fit_their_filter(kind, fits):
    block = {"entityType": "STORE", "entityIds": [{"lookup": {"kind": kind, "code": "x"}}]}
    said = wrong("TargetGroup", _group(targets=[{**COUNT, "filters": [block]}]))
    assert (said == []) is fits


def test_a_target_name_in_two_groups():
    one = Resource(Address("TargetGroup", "one"), _group(targets=[COUNT]))
    two = Resource(Address("TargetGroup", "two"), _group(targets=[{**COUNT, "name": "a"}]))
    [(resource, finding)] = names_taken_twice([one, two])
    assert (resource, finding.path, finding.code) == (two, ("targets", 0, "name"), "310069")
    assert list(names_taken_twice([one])) == []


# Manifests beside live groups

LIVE = {
    "id": 24,
    "name": "Pier",
    "periods": [{"id": 91, **MARCH, "refCode": "C1"}, {"id": 92, **APRIL}],
    "targets": [
        {
            **SALES,
            "id": 37,
            "defaultValues": [
                {"id": 1, "periodId": 91, "defaultValue": 5.0},
                {"id": 2, "periodId": 92, "defaultValue": 6},
            ],
        },
        {**SALES, "name": "A_ReturnBill", "id": 38, "eventName": "ReturnBill"},
        {**COUNT, "name": "B_ReturnBill", "id": 39},
    ],
    "communications of 37": [{"id": 4, "communicationType": "START", "channelId": 1}],
}


def _changes(desired: dict[str, Any], live: dict[str, Any] = LIVE) -> dict[str, Any]:
    schema = TARGET_GROUP.schema
    spec = TARGET_GROUP.read(live)
    assert TARGET_GROUP.shape is not None
    shaped = TARGET_GROUP.shape(Pair(desired, spec, live))
    assert TARGET_GROUP.shape(Pair(shaped, spec, live)) == shaped
    found = differences(schema, canonical(schema, shaped), canonical(schema, spec))
    return {".".join(map(str, each.path)): each.after for each in found}


def _valued(*values: Any) -> dict[str, Any]:
    return {"targets": [{"name": "A", "defaultValues": list(values)}]}


def test_reading_leaves_out_shadows_and_names_cycles():
    spec = TARGET_GROUP.read(LIVE)
    assert [each["name"] for each in spec["targets"]] == ["A", "B_ReturnBill"]
    assert [each["periodId"] for each in spec["targets"][0]["defaultValues"]] == ["C1", "C2"]
    assert spec["targets"][0]["communications"] == LIVE["communications of 37"]


@pytest.mark.parametrize(
    "values",
    [
        [{"defaultValue": 5}, {"defaultValue": "6.00"}],
        [{"defaultValue": 5}],
        [{"periodId": "C2", "defaultValue": 6}],
        [{"periodId": 92, "defaultValue": 6}, {"periodId": "91", "defaultValue": 5}],
        [
            {
                "periodId": Pending("TargetGroup/pier", "id", "periods[C2]"),
                "defaultValue": 6,
            }
        ],
        [],
    ],
)
def test_values_by_place_by_code_by_id(values):
    assert _changes(_valued(*values)) == {}


def test_places_follow_the_written_cycles():
    desired = {"periods": [APRIL, MARCH], **_valued({"defaultValue": 6}, {"defaultValue": 5})}
    assert _changes(desired) == {}
    wrong_way = {"periods": [APRIL, MARCH], **_valued({"defaultValue": 5}, {"defaultValue": 6})}
    assert list(_changes(wrong_way)) == ["targets.A.defaultValues"]


def test_values_of_cycles_that_are_not_named_stay():
    changed = _changes(_valued({"periodId": "C2", "defaultValue": 7}))
    assert changed == {
        "targets.A.defaultValues": [
            {"defaultValue": 5, "periodId": "C1"},
            {"defaultValue": 7, "periodId": "C2"},
        ]
    }


@pytest.mark.parametrize(
    ("start", "differs"),
    [
        ("2027-03-01T00:00:00.000+05:30", False),
        ("2027-03-02T01:00:00.000+05:30", False),  # the first of March in UTC
        ("2027-03-01", False),
        ("2027-03-02T00:00:00Z", True),
    ],
)
def test_days_of_cycles(start, differs):
    assert bool(_changes({"periods": [{**MARCH, "startDate": start}]})) is differs


def test_codes_are_text_or_numbers():
    live = {**LIVE, "periods": [{"id": 91, **MARCH, "refCode": "1830782952"}]}
    assert _changes({"periods": [{**MARCH, "refCode": 1830782952}]}, live) == {}


def test_a_group_without_cycles_keeps_values_in_place():
    shaped = TARGET_GROUP.shape(Pair(_valued({"defaultValue": 5}))) if TARGET_GROUP.shape else {}
    assert shaped == _valued({"defaultValue": 5})
    target = {**COUNT, "id": 37, "defaultValues": [{"id": 1, "periodId": None, "defaultValue": 5}]}
    live = {**LIVE, "periods": [], "targets": [target]}
    assert _changes(_valued({"defaultValue": 5}), live) == {}
    [write] = writes_for(
        TARGET_GROUP,
        _task(_valued({"defaultValue": 7}), ("targets", Key("A"), "defaultValues"), live=live),
    )
    assert write.body["defaultValues"] == [{"defaultValue": 7}]


@pytest.mark.parametrize(
    ("end", "kept"),
    [("2027-04-30T23:59:59.000Z", []), ("2027-04-30T18:29:59.000Z", ["targetCycleEndDate"])],
)
def test_dates_that_follow_from_the_cycles_are_left_out(end, kept):
    dates = {"targetCycleStartDate": "2027-03-01T00:00:00.000Z", "targetCycleEndDate": end}
    spec = TARGET_GROUP.read({**LIVE, **dates})
    assert [name for name in dates if name in spec] == kept


def test_nothing_aggregated_is_null():
    live = {**LIVE, "unifiedTargetExpression": {"aggregation": None, "thresholdValue": None}}
    assert _changes({"unifiedTargetExpression": None}, live) == {}
    rule = {"aggregation": "SUM", "thresholdValue": 3}
    live = {**LIVE, "trackingType": "UNIFIED", "unifiedTargetExpression": rule}
    desired = {"trackingType": "UNIFIED", "unifiedTargetExpression": None}
    assert _changes(desired, live) == {"unifiedTargetExpression": None}


# Writes


def _task(spec: dict[str, Any], *changed: tuple[Any, ...], live: Any = LIVE, **more: Any) -> Task:
    wire = to_wire(TARGET_GROUP.schema, spec)
    action = Action.UPDATE if live else Action.CREATE
    read = TARGET_GROUP.read(live) if live else None
    id_ = "24" if live else None
    return Task(action, wire, wire, live, read, changed, id_, {}, 0.0, **more)


def _calls(task: Task) -> list[tuple[str, str]]:
    return [(each.method, each.path) for each in writes_for(TARGET_GROUP, task)]


def test_a_new_group_needs_a_value_for_each_cycle():
    spec = {
        "name": "P",
        "periods": [MARCH, APRIL],
        "targets": [{**COUNT, "defaultValues": [{"periodId": "C2", "defaultValue": 1}]}],
    }
    with pytest.raises(Exception, match=r"targets\[A\].defaultValues has no value for C1"):
        writes_for(TARGET_GROUP, _task(spec, live=None))


def test_creates_count_their_cycles():
    [write] = writes_for(TARGET_GROUP, _task({"name": "P", "periods": [MARCH]}, live=None))
    assert (write.body["totalPeriods"], write.body["trackingType"]) == (1, "DEFAULT")
    assert write.creates


@pytest.mark.parametrize(
    ("spec", "path", "calls"),
    [
        ({"description": "x"}, ("description",), ["PUT editTargetGroup/24"]),
        ({"periods": [MARCH]}, ("periods", Key("C1"), "endDate"), ["PUT 24/targetPeriods"]),
        ({"periods": []}, ("periods", Key("C2")), ["PUT 24/targetPeriods"]),
        (
            {"periods": [{**MARCH, "refCode": "C9"}]},
            ("periods", Key("C9")),
            ["POST 24/targetPeriods"],
        ),
        ({"targets": [SALES]}, ("targets", Key("A"), "filters"), ["PUT 24/targets/37"]),
        ({"targets": []}, ("targets", Key("A")), ["DELETE 24/targets/37"]),
        (
            {"targets": [{**SALES, "active": False}]},
            ("targets", Key("A"), "active"),
            ["DELETE 24/targets/37"],
        ),
        ({"targets": [{**SALES, "name": "N"}]}, ("targets", Key("N")), ["POST 24/targets"]),
        (
            {"targets": [{**SALES, "communications": []}]},
            ("targets", Key("A"), "communications", Key("START/1")),
            ["POST 24/targets/37/communications/upsert"],
        ),
    ],
)
def test_only_the_call_that_is_needed(spec, path, calls):
    said = [
        f"{method} {url.removeprefix('/v3/targetGroups/')}"
        for method, url in _calls(_task(spec, path))
    ]
    assert said == calls


def test_values_and_flag_of_one_target_are_two_calls():
    spec = {"targets": [{**SALES, "active": False, "filters": []}]}
    paths = [("targets", Key("A"), "active"), ("targets", Key("A"), "filters")]
    assert [method for method, _ in _calls(_task(spec, *paths))] == ["PUT", "DELETE"]


def test_a_target_that_landed_already_is_changed_not_added():
    spec = {"targets": [{**SALES, "name": "a", "filters": []}]}
    assert _calls(_task(spec, ("targets", Key("a")))) == [("PUT", "/v3/targetGroups/24/targets/37")]
