"""Documented answers of the targets family made comparable, and the state that they imply."""

from __future__ import annotations

import copy
import re
from collections.abc import Collection
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from capsync.sandbox.app import Sandbox
from tests.sandbox.acceptance import Example, differences, load

Json = Any

EXAMPLES = {example.name: example for example in load("targets")}

VOLATILE = frozenset(
    {"emfRuleSetId", "emfUnrolledRulesetId", "targetGroupId", "targetId", "periodId"}
    | {"promotionId", "rulesetId", "lastModifiedOn", "lastModifiedBy"}
)
# Members that newer servers add: the older examples of the same call lack them.
NEWER = frozenset(
    {"warnings", "eventName", "targetPeriodDefaultValuesMap", "targetMilestoneTriggers"}
    | {"leaderboardEnabled", "userCreated", "createdOnISO", "lastUpdatedOnISO"}
    | {"targetCycleStartDateISO", "targetCycleEndDateISO"}
)


def names_of(*operations: str) -> list[str]:
    """The examples of some operations, by file name."""
    return [name for name, example in EXAMPLES.items() if example.operation in operations]


def at(text: str) -> float:
    """An ISO time as epoch seconds."""
    return datetime.fromisoformat(text).timestamp()


def faults(actual: Json, example: Example, *, volatile: Collection[str] = ()) -> list[str]:
    """Where an answer is not as the example documents it."""
    documented = plain(example.answer)
    shown = without_newer(plain(actual), documented)
    return differences(shown, documented, volatile={*VOLATILE, *volatile})


def plain(value: Json) -> Json:
    """People reduced to what is said of them, ids in keys and rule texts taken out."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: _member(name, item) for name, item in value.items()}


def _member(name: str, value: Json) -> Json:
    if name in ("createdBy", "lastUpdatedBy") and isinstance(value, dict):
        return [f"{key} {'null' if item is None else ''}" for key, item in sorted(value.items())]
    if name == "targetPeriodDefaultValuesMap":
        return [plain(value[key]) for key in sorted(value, key=int)]
    if name == "ruleExpression":
        return re.sub(r"\d+", "#", value)
    return plain(value)


def without_newer(actual: Json, documented: Json) -> Json:
    """Our answer without the newer members, where the documented object has none of them."""
    if isinstance(actual, list) and isinstance(documented, list):
        pairs = zip(actual, documented, strict=False)
        return [without_newer(a, d) for a, d in pairs] + actual[len(documented) :]
    if not isinstance(actual, dict) or not isinstance(documented, dict):
        return actual
    return {
        name: without_newer(value, documented.get(name))
        for name, value in actual.items()
        if name in documented or name not in NEWER
    }


def _made(part: Json) -> Json:
    shown = part.pop("attribution", None) or {}
    on = at(shown.get("createdOn", "2026-01-01T00:00:00Z"))
    return {"on": on, "by": 61004409, "changedOn": on, "changedBy": 61004409}


def keep_group(sandbox: Sandbox, documented: Json) -> None:
    """Store the group that a documented answer is about."""
    group = {
        **{"active": True, "name": "group", "userCreated": False},
        **documented,
        "made": _made(documented := dict(documented)),
    }
    for name in ("attribution", "activePeriod", "totalPeriods"):
        group.pop(name, None)
    rule = group.pop("unifiedTargetExpression", None)
    if rule is not None:
        group["unified"] = {name: rule[name] for name in ("aggregation", "thresholdValue")}
    for name in ("periods", "targets", "streaks"):
        group[name] = [_part(each) for each in documented.get(name, [])]
    sandbox.store.put("target-groups", group["id"], group)


def _part(documented: Json) -> Json:
    part = dict(documented)
    part["made"] = _made(part)
    for name in ("targetGroupId", "periodStatus", "targetPeriodDefaultValuesMap"):
        part.pop(name, None)
    return part


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


def paths_in(value: Json, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every member of a body, the body itself included."""
    if isinstance(value, dict):
        members = list(value.items())
    else:
        members = list(enumerate(value)) if isinstance(value, list) else []
    return [path, *(inner for key, item in members for inner in paths_in(item, (*path, key)))]


def replaced(body: Json, path: tuple[Any, ...], value: Json) -> Json:
    """A copy of a body with another value at the end of the way."""
    if not path:
        return value
    body = copy.deepcopy(body)
    inner = body
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return body
