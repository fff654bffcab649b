"""The seven laws as functions over a case: each tells what it tried and what is broken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from capsync.errors import ManifestError
from capsync.kind import Kind, Pair
from capsync.kinds import KINDS
from capsync.model import Action, Address, Plan, path_text
from capsync.model import Path as SpecPath
from capsync.values.normalise import canonical
from tests.laws.bodies import refusal
from tests.laws.cases import Case
from tests.laws.edits import put, without
from tests.laws.fields import ABSENT, Site, server_set, sites
from tests.laws.mutate import candidates
from tests.laws.orgs import Applied, Memory, Org, Work, change_of, not_empty, opened, steady
from tests.laws.outcome import Outcome

Json = Any

_FIXED = "immutable: law 7 has it"


@dataclass(slots=True)
class Bench:
    """A case applied to an org, to which every trial goes back.

    `a` is its project, `b` a second one on the same org, as the console or a colleague would be.
    """

    case: Case
    kind: Kind
    org: Org
    a: Work
    b: Work
    memory: Memory

    def fresh(self) -> Work:
        """The second project; the org and both projects are as right after the create."""
        self.org.put_back()
        self.a.write(self.case.manifests)
        self.a.remember(self.memory)
        self.b.remember(self.memory)
        return self.b

    def targets(self, place: int) -> dict[str, list[str]]:
        """Resources that references may name, the changed one itself aside."""
        found: dict[str, list[str]] = {}
        subject = self.case.own[place]
        for each in self.case.manifests:
            if each is not subject:
                found.setdefault(each["kind"], []).append(each["metadata"]["name"])
        return found

    def address(self, place: int) -> Address:
        """The address of an own resource."""
        return Address(self.case.kind, self.case.own[place]["metadata"]["name"])


@contextmanager
def benched(case: Case, folder: Path, *, http: bool = False) -> Iterator[Bench]:
    """The case applied to a new org; raises AssertionError where that fails."""
    with opened(folder, http=http) as org:
        work = Work(org, folder / "a")
        work.write(case.manifests)
        assert not (trouble := work.apply().trouble), trouble
        left = not_empty(work.plan())
        assert not left, f"law 1: the plan after the create is not empty: {left}"
        # Kinds whose reads lag take what they show for old until that time is over.
        org.clock.now += KINDS[case.kind].lag
        org.keep()
        memory = work.remembered()
        yield Bench(case, KINDS[case.kind], org, work, Work(org, folder / "b"), memory)


# Laws 1 and 6: creating, and planning twice


def law_1(case: Case, work: Work) -> list[str]:
    """Create, then plan: empty; also after `.capsync/` is lost."""
    work.write(case.manifests)
    applied = work.apply()
    if applied.trouble:
        return [f"the create did not land: {applied.trouble}"]
    broken = [f"right after the create: {each}" for each in not_empty(work.plan())]
    work.forget()
    return broken + [f"without state: {each}" for each in not_empty(work.plan())]


def law_6(case: Case, work: Work) -> list[str]:
    """Plan twice: the same bytes, before the create, after it, and without state."""
    work.write(case.manifests)
    broken = _twice(work, "before the create")
    work.apply()
    broken += _twice(work, "after the create")
    work.forget()
    return broken + _twice(work, "without state")


def _twice(work: Work, when: str) -> list[str]:
    first, second = work.plan(), work.plan()
    if first.digest != second.digest:
        return [f"{when}: digests differ"]
    if steady(first) != steady(second):
        return [f"{when}: {steady(first)} is not {steady(second)}"]
    return []


# Laws 2, 3 and 7: one field changes in the manifest, or in the org


def laws_2_3_7(bench: Bench) -> Outcome:
    """Every field of every own resource, changed in a second project and put back by the first."""
    outcome = Outcome(str(bench.case), bench.kind.name)
    for place, own in enumerate(bench.case.own):
        for site in sites(bench.kind, own["spec"]):
            if site.is_written or bench.case.is_first:
                _change(bench, place, site, outcome)
    for name in server_set(bench.kind):
        for law in (2, 3, 4):
            outcome.left_out(law, name, "set by the server")
    return outcome


def _change(bench: Bench, place: int, site: Site, outcome: Outcome) -> None:
    if site.is_key:
        for law in (2, 3):
            outcome.left_out(law, site.name, "pairs items of a list: another value is another item")
        return
    reasons: dict[str, None] = {}
    for spec in _mutated(bench, place, site, reasons):
        if _tried(bench, place, site, spec, reasons, outcome):
            return
    why = next(reversed(reasons), "no other value follows from the schema")
    for law in (2, 3):
        outcome.left_out(law, site.name, why)


def _mutated(
    bench: Bench, place: int, site: Site, reasons: dict[str, None]
) -> Iterator[dict[str, Json]]:
    """The spec with other values for a field, as far as `validate` takes them."""
    spec = bench.case.own[place]["spec"]
    for value in candidates(site.schema, site.value, bench.targets(place)):
        changed = put(spec, site.place, value)
        if why := refusal(bench.kind, changed):
            reasons[f"validate refuses other values ({_short(why)})"] = None
        else:
            yield changed


def _tried(
    bench: Bench,
    place: int,
    site: Site,
    spec: dict[str, Json],
    reasons: dict[str, None],
    outcome: Outcome,
) -> bool:
    """Try one changed spec; False where another value may say more."""
    other = bench.fresh()
    address = bench.address(place)
    other.write(bench.case.changed(place, spec))
    try:
        applied = other.apply()
    except ManifestError as error:
        reasons[f"validate refuses other values ({_short(error.message)})"] = None
        return False
    change = change_of(applied.plan, address)
    if change.action is Action.BLOCKED or applied.blocked is not None:
        return _blocked(bench, site, applied, change.reasons, reasons, outcome)
    if change.action is Action.NOOP and _has_it_already(bench, address, site, spec):
        reasons["the org has the value already"] = None
        return False
    if wrong := _not_exactly(applied.plan, address, site.path):
        outcome.breach(2, site.name, f"{wrong} (value {_value(spec, site)!r})")
        return True
    if applied.trouble:
        if refused_by_service(applied):
            reasons[f"the service refuses other values ({_told(applied)})"] = None
            return False
        outcome.breach(2, site.name, f"did not land: {applied.trouble} ({_value(spec, site)!r})")
        return True
    _check_law_2(other, applied, site, spec, outcome)
    if site.advice:
        outcome.breach(7, site.name, "is declared immutable, but its change was not blocked")
    _check_law_3(bench, address, site, spec, outcome)
    return True


def _has_it_already(bench: Bench, address: Address, site: Site, spec: Json) -> bool:
    """Whether a field that the manifest did not write is in the org as it is written now."""
    want = canonical(site.schema, _value(spec, site))
    return not site.is_written and want == _part(bench.a.live(address), site)


def refused_by_service(applied: Applied) -> bool:
    """Whether every change that did not land was refused by an answer of the API."""
    assert applied.report is not None
    bad = [each for each in applied.report.outcomes if each.status not in ("done", "already")]
    return all(each.status == "failed" and "/" in each.message for each in bad)


def _blocked(
    bench: Bench,
    site: Site,
    applied: Applied,
    why: tuple[str, ...],
    reasons: dict[str, None],
    outcome: Outcome,
) -> bool:
    """Law 7: an immutable change is blocked, exit code 4, and nothing is sent."""
    error = applied.blocked
    if error is None or error.exit_code != 4:
        outcome.breach(7, site.name, "a plan with a blocked change was applied")
    elif applied.writes:
        outcome.breach(7, site.name, f"blocked, but {len(applied.writes)} writes were sent")
    elif not why:
        outcome.breach(7, site.name, "blocked without a reason")
    else:
        outcome.held(7, site.name)
    if _is_fixed(bench, site):
        for law in (2, 3):
            outcome.left_out(law, site.name, _FIXED)
        return True
    reasons[f"blocked ({_short('; '.join(why))})"] = None
    return False


def _is_fixed(bench: Bench, site: Site) -> bool:
    """Whether the declaration says that nothing changes the field after the create."""
    return bool(site.advice or bench.kind.no_update)


def _not_exactly(plan: Plan, address: Address, path: SpecPath) -> str:
    """What a plan shows beside the change of one field, "" where it shows exactly that."""
    change = change_of(plan, address)
    others = [
        f"{each.address} {each.action}"
        for each in plan.changes
        if each.address != address and each.action is not Action.NOOP
    ]
    if others:
        return f"changes others too: {others}"
    if change.action is not Action.UPDATE:
        return f"the plan says {change.action}"
    away = [each for each in change.fields if not _agree(each.path, path)]
    if away:
        return f"the plan shows {[path_text(each.path) for each in change.fields]}"
    return ""


def _agree(one: SpecPath, other: SpecPath) -> bool:
    return all(a == b for a, b in zip(one, other, strict=False))


def _check_law_2(
    work: Work, applied: Applied, site: Site, spec: dict[str, Json], outcome: Outcome
) -> None:
    if len(applied.writes) != 1:
        calls = [f"{call.method} {call.path}" for call in applied.writes]
        outcome.breach(2, site.name, f"{len(calls)} write calls: {calls}")
    elif left := not_empty(work.plan()):
        outcome.breach(2, site.name, f"not empty after it: {left} (value {_value(spec, site)!r})")
    else:
        outcome.held(2, site.name)


def _check_law_3(
    bench: Bench, address: Address, site: Site, spec: dict[str, Json], outcome: Outcome
) -> None:
    """The first project sees what the second one wrote as drift, and restores it."""
    if not site.is_shown:
        outcome.left_out(3, site.name, "never read back")
        return
    if not site.is_written:
        outcome.left_out(3, site.name, "is not managed where no manifest writes it")
        return
    if site.is_open:
        outcome.left_out(3, site.name, "what the org holds beside what is written is not managed")
        return
    service = bench.kind.service
    if service and site.path == (service.field,) and (service.final or service.hidden):
        outcome.left_out(3, site.name, "out of service it counts as absent, or is not listed")
        return
    applied = bench.a.apply()
    change = change_of(applied.plan, address)
    if applied.blocked is not None:
        outcome.left_out(3, site.name, f"can not be set back ({_short('; '.join(change.reasons))})")
    elif wrong := _not_exactly(applied.plan, address, site.path):
        outcome.breach(3, site.name, f"{wrong} (live {_value(spec, site)!r})")
    elif applied.trouble:
        if refused_by_service(applied):
            reason = f"the service does not take the old value back ({_told(applied)})"
            outcome.left_out(3, site.name, reason)
        else:
            outcome.breach(3, site.name, f"not restored: {applied.trouble}")
    elif left := not_empty(bench.a.plan()):
        outcome.breach(3, site.name, f"not empty after it was restored: {left}")
    else:
        outcome.held(3, site.name)


def _value(spec: Mapping[str, Json], site: Site) -> Json:
    value: Json = spec
    for step in site.place:
        value = value[step]
    return value


def _told(applied: Applied) -> str:
    """What stood in the way, in the words of the API: without calls and ids."""
    if applied.blocked is not None:
        return _short("; ".join(each for change in applied.plan.changes for each in change.reasons))
    assert applied.report is not None
    words = [each.message.partition(" (request")[0] for each in applied.report.outcomes]
    return _short("; ".join(each.rpartition(": ")[2] for each in words if each))


def _short(text: str) -> str:
    line = text.splitlines()[0] if text else ""
    return line if len(line) <= 110 else f"{line[:107]}..."


# Law 4: what no manifest names


def law_4(bench: Bench) -> Outcome:
    """Every field that a manifest may leave out: changed in the org, it is no drift, and an update
    of another field leaves it as it is."""
    outcome = Outcome(str(bench.case), bench.kind.name)
    if bench.kind.update is None and bench.kind.writer is None and not bench.kind.switches:
        return outcome
    for place, own in enumerate(bench.case.own):
        spec = own["spec"]
        every = [site for site in sites(bench.kind, spec) if not site.is_key]
        for site in every:
            if site.is_written or bench.case.is_first:
                _unmanaged(bench, place, site, every, outcome)
    return outcome


def _unmanaged(bench: Bench, place: int, site: Site, every: list[Site], outcome: Outcome) -> None:
    if not site.is_shown:
        outcome.left_out(4, site.name, "never read back")
        return
    service = bench.kind.service
    is_flag = service is not None and site.path == (service.field,)
    if is_flag or site.schema.get("x-service"):
        outcome.left_out(4, site.name, "a manifest means in service, whether it says so or not")
        return
    if _is_fixed(bench, site):
        outcome.left_out(4, site.name, _FIXED)
        return
    spec = bench.case.own[place]["spec"]
    bare = without(spec, site.place) if site.is_written else spec
    if site.is_written and refusal(bench.kind, bare):
        outcome.left_out(4, site.name, "a manifest has to write it")
        return
    if _is_shared(bench.kind, spec, bare, site):
        outcome.left_out(4, site.name, "the kind puts part of it into another field")
        return
    reasons: dict[str, None] = {}
    for changed in _mutated(bench, place, site, reasons):
        if _moved_live(bench, place, site, changed, reasons):
            _check_law_4(bench, place, site, bare, every, outcome)
            return
    outcome.left_out(4, site.name, next(reversed(reasons), "no other value follows"))


def _is_shared(kind: Kind, spec: dict[str, Json], bare: dict[str, Json], site: Site) -> bool:
    """Whether what is written in the field shows up in others too, or theirs in it."""
    if kind.shape is None or len(site.place) > 1:
        return False
    whole, rest = kind.shape(Pair(spec)), kind.shape(Pair(bare))
    return any(whole.get(name) != value for name, value in rest.items())


def _moved_live(
    bench: Bench, place: int, site: Site, changed: dict[str, Json], reasons: dict[str, None]
) -> bool:
    """Change a field in the org by the second project; whether that worked."""
    other = bench.fresh()
    other.write(bench.case.changed(place, changed))
    try:
        applied = other.apply()
    except ManifestError as error:
        reasons[f"validate refuses other values ({_short(error.message)})"] = None
        return False
    if applied.trouble:
        reasons[f"can not be changed ({_told(applied)})"] = None
    return not applied.trouble


def _check_law_4(
    bench: Bench,
    place: int,
    site: Site,
    bare: dict[str, Json],
    every: list[Site],
    outcome: Outcome,
) -> None:
    address = bench.address(place)
    bench.a.write(bench.case.changed(place, bare))
    if drift := not_empty(bench.a.plan()):
        outcome.breach(4, site.name, f"drifts, although no manifest names it: {drift}")
        return
    before = _part(bench.a.live(address), site)
    for spec in _elsewhere(bench, place, site, bare, every):
        bench.a.write(bench.case.changed(place, spec))
        try:
            applied = bench.a.apply()
        except ManifestError:
            continue
        if applied.trouble:
            continue
        after = _part(bench.a.live(address), site)
        if after != before:
            outcome.breach(4, site.name, f"an update of another field made {before!r} {after!r}")
        else:
            outcome.held(4, site.name)
        return
    outcome.left_out(4, site.name, "no other field can be changed beside it")


def _elsewhere(
    bench: Bench, place: int, site: Site, bare: dict[str, Json], every: list[Site]
) -> Iterator[dict[str, Json]]:
    """The bare spec with one other field changed, those far from the given one first."""
    for other in every:
        if not other.is_written or other.place[0] == site.place[0] or other.advice:
            continue
        for value in candidates(other.schema, other.value, bench.targets(place))[:3]:
            changed = put(bare, other.place, value)
            if not refusal(bench.kind, changed):
                yield changed
                break


def _part(live: Json, site: Site) -> Json:
    """What the live object has at a field, by the names that plans use."""
    for at, step in enumerate(site.path):
        if isinstance(live, Mapping):
            live = live.get(step)
        elif isinstance(live, list):
            keys = site.trail[at].get("x-key", ())
            live = next(
                (each for each in live if "/".join(str(each.get(k)) for k in keys) == step), None
            )
    return live


__all__ = ["ABSENT", "Bench", "benched", "law_1", "law_4", "law_6", "laws_2_3_7"]
