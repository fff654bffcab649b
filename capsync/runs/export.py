"""Running an export: read the org whole, make manifests, prove them, write what is new."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from capsync.errors import UsageError
from capsync.events import Reading, Reporter
from capsync.exporting.files import ExportReport, id_overlays, unknown_to, write_manifests
from capsync.exporting.manifests import Exported, export_objects, proven
from capsync.gathering import together
from capsync.kind import Kind
from capsync.kinds import KINDS
from capsync.planning.match import Matcher
from capsync.planning.order import kind_references
from capsync.planning.plan import makers, needed_kinds
from capsync.planning.targets import strays
from capsync.reading.live import Reader
from capsync.schema.explain import nearest
from capsync.snapshot import LiveObject, Snapshot

if TYPE_CHECKING:
    from capsync.session import Session


async def export_org(
    session: Session, out: Path, kinds: Iterable[str], targets: Iterable[str], on: Reporter
) -> ExportReport:
    """Write manifests of the live org below a folder; what the project has already stays as it is.

    The export is planned in memory first and shows no change against what was read.
    """
    picked = tuple(targets)
    wanted = list(kinds) or [name for name, kind in KINDS.items() if not kind.reference_only]
    wanted = kinds_picked(wanted, picked)
    chosen = [KINDS[name] for name in sorted(wanted)]
    referred = {name for kind in chosen for name in kind_references(kind.schema)}
    every = needed_kinds(KINDS, wanted, referred | makers(KINDS, wanted))
    reader = await session.reader(every)
    snapshot = await reader.snapshot(every, lambda kind, count: on(Reading(kind, count)))
    for kind in chosen:
        await read_whole(reader, snapshot, kind, on)
    known = known_names(session, snapshot)
    own = [each for each in session.resources if each.address.kind in snapshot.objects]
    taken = [each.address for each in own]
    export = export_objects(chosen, snapshot, known, targets=picked, taken=taken)
    export = proven(export, KINDS, snapshot, await session.setting(reader), own)
    for stray in strays(picked, [each.resource.address for each in export.manifests]):
        raise UsageError(f"{stray.selector} picks nothing that the org has", hint=stray.hint)
    new = list(unknown_to(export, set(known)))
    new, overlays, lost = _ids_apart(session, new) if _has_other_orgs(session) else (new, {}, [])
    return ExportReport(
        write_manifests(out, new, overlays),
        overlays=tuple(overlays),
        known=len(export.manifests) - len(new) - len(lost),
        left_out=(*lost, *export.left_out),
        skipped=tuple(sorted(export.skipped.items())),
        unreadable=tuple(
            f"{name}: {error.message}"
            for name, error in sorted(snapshot.unreadable.items())
            if name in wanted
        ),
    )


def kinds_picked(names: Iterable[str], picked: Sequence[str]) -> list[str]:
    """Those of the kinds that any of the selectors is about; all where there are none."""
    patterns = [selector.partition("/")[0] for selector in picked]
    found = [
        name for name in names if not picked or any(fnmatchcase(name, each) for each in patterns)
    ]
    if not found:
        near = next(filter(None, (nearest(each, KINDS) for each in patterns)), "")
        hint = f"did you mean {near}?" if near else "`capsync kinds` lists them all"
        raise UsageError(f"{', '.join(picked)} picks none of the kinds", hint=hint)
    return found


def _has_other_orgs(session: Session) -> bool:
    """Whether an id in a manifest would be read as that of another org, or of none."""
    others = session.project.config.environments.values()
    return any(not each.is_sandbox and each.name != session.environment.name for each in others)


def _ids_apart(
    session: Session, new: list[Exported]
) -> tuple[list[Exported], dict[Path, str], list[str]]:
    """The manifests to write, ids in overlays by file, and what has no place for its id."""
    if session.environment.overlays:
        folder = session.project.root / session.environment.overlays[-1]
        return *id_overlays(new, folder), []
    lost = [_why_lost(session, each) for each in new if each.resource.meta.id]
    return [each for each in new if not each.resource.meta.id], {}, lost


def _why_lost(session: Session, exported: Exported) -> str:
    return (
        f"{exported.resource.address}: left out, other objects have its natural key too, and an id"
        f" (here {exported.resource.meta.id}) is of one org: give the environment"
        f" {session.environment.name} a folder of overlays"
    )


async def read_whole(reader: Reader, snapshot: Snapshot, kind: Kind, on: Reporter) -> None:
    """Read every object of a kind whole, those of other owners aside."""
    objects = snapshot.of(kind.name)
    todo = [
        (place, item)
        for place, item in enumerate(objects)
        if (not item.whole or reader.missing_extras(item, None)) and not snapshot.is_foreign(item)
    ]
    done = 0

    async def read(place: int, item: LiveObject) -> None:
        nonlocal done
        objects[place] = await reader.detail(item)
        done += 1
        on(Reading(f"{kind.name} details", done, len(todo)))

    await together(read(place, item) for place, item in todo)


def known_names(session: Session, snapshot: Snapshot) -> dict[str, str]:
    """ "Kind id" -> local name of the live objects that the project's manifests declare."""
    own = [each for each in session.resources if each.address.kind in snapshot.objects]
    matcher = Matcher(KINDS, own, snapshot, session.state().ids())
    return {
        f"{address.kind} {wanted.live.id}": address.name
        for address, wanted in matcher.match().items()
        if wanted.live is not None
    }
