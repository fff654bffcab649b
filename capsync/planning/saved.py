"""Saved plans: written for review, and carried out only if the org is still what they saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from capsync import jsonio
from capsync.errors import CapsyncError, PlanBlocked
from capsync.model import Action, Plan
from capsync.planning.encode import FORMAT, change_json, plan_json

Json = Any


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What became of a saved plan's changes, by address text.

    `valid`: still to be done as planned. `done`: the org has it so already. `moved`: the live
    object changed elsewhere, the planned fields did not. `conflict`: a planned field is no longer
    what the plan saw; the value is shown as base, planned and live.
    """

    by_address: Mapping[str, str]
    conflicts: tuple[str, ...] = ()


def encode_saved(plan: Plan) -> bytes:
    """The plan as a file: the published JSON format, no secret in it."""
    return jsonio.dumps_pretty(plan_json(plan))


def load_saved(path: Path) -> dict[str, Json]:
    """The saved plan of a file. Raises CapsyncError where it is not one, PlanBlocked where it is of
    another major version."""
    try:
        saved = jsonio.loads(path.read_bytes())
    except OSError as error:
        raise CapsyncError(f"{path} can not be read: {error.strerror}") from error
    except ValueError as error:
        raise CapsyncError(f"{path} is not a saved plan: {error}") from error
    if not isinstance(saved, dict) or not str(saved.get("format", "")).startswith("capsync.plan/"):
        raise CapsyncError(f"{path} is not a saved plan", hint="make one with plan --out")
    if saved["format"] != FORMAT:
        raise PlanBlocked(f"{path} has format {saved['format']}, this capsync reads {FORMAT}")
    return saved


def check_saved(saved: Mapping[str, Json], plan: Plan) -> Verdicts:
    """The saved plan against a plan made now from the same manifests.

    Raises PlanBlocked where it is of another environment or org.
    """
    for name, now in (("environment", plan.environment), ("org_id", plan.org_id)):
        if saved[name] != now:
            raise PlanBlocked(f"the saved plan is for {name} {saved[name]}, this is {now}")
    today = {str(change.address): change_json(change) for change in plan.changes}
    verdicts: dict[str, str] = {}
    conflicts: list[str] = []
    for change in saved["changes"]:
        address = change["address"]
        if change["action"] in (Action.NOOP, Action.BLOCKED):
            continue
        verdicts[address], why = _verdict(change, today.get(address))
        conflicts += [f"{address}: {each}" for each in why]
    conflicts += [
        f"{address}: {entry['action']} is needed now, and the saved plan does not have it"
        for address, entry in today.items()
        if entry["action"] not in (Action.NOOP, Action.BLOCKED)
        and address not in verdicts
        and address in {change["address"] for change in saved["changes"]}
    ]
    return Verdicts(verdicts, tuple(conflicts))


def _verdict(saved: Mapping[str, Json], now: Mapping[str, Json] | None) -> tuple[str, list[str]]:
    if now is None:
        return "conflict", ["the manifests no longer have it"]
    if now["action"] == Action.NOOP:
        return "done", []
    if now["action"] != saved["action"]:
        return "conflict", [f"planned {saved['action']}, now {now['action']}"]
    planned = {each["path"]: each for each in saved["fields"]}
    current = {each["path"]: each for each in now["fields"]}
    why = [
        f"{path}: {_shown(planned.get(path))} was planned, now it is {_shown(current.get(path))}"
        for path in dict.fromkeys([*planned, *current])
        if not _agree(planned.get(path), current.get(path))
    ]
    if why:
        return "conflict", why
    moved = saved.get("live_fingerprint") != now.get("live_fingerprint")
    return ("moved" if moved else "valid"), []


def _agree(planned: Mapping[str, Json] | None, current: Mapping[str, Json] | None) -> bool:
    if planned is None:
        return False
    if current is None:
        return True  # that field is as wanted already
    names = ("before", "after", "unknown", "sensitive")
    return all(planned.get(name) == current.get(name) for name in names)


def _shown(field: Mapping[str, Json] | None) -> str:
    if field is None:
        return "no change"
    if field.get("sensitive"):
        return "(sensitive)"
    before = field.get("before", "(nothing)")
    after = field.get("after", "(known after apply)" if field.get("unknown") else "(nothing)")
    return f"{before!r} -> {after!r}"
