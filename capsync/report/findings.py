"""What doctor found and what export wrote, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from capsync.exporting.files import ExportReport
from capsync.report.paint import Paint, plain, styled
from capsync.report.values import visible
from capsync.report.words import plural
from capsync.runs.doctor import Check

_MOST = 30  # left-out fields that are listed; all of them are comments in the files


def checks_text(checks: Sequence[Check], *, color: bool = False) -> str:
    """One line a check, what to do below those that failed."""
    paint: Paint = styled if color else plain
    width = max((len(check.name) for check in checks), default=0)
    lines = [line for check in checks for line in _check(check, width, paint)]
    failed = sum(not check.ok for check in checks)
    verdict = f"{failed} of {plural(len(checks), 'check')} failed." if failed else "All is well."
    return "\n".join([*lines, "", paint(verdict, bold=True)]) + "\n"


def _check(check: Check, width: int, paint: Paint) -> Iterator[str]:
    mark = paint("ok    ", "green") if check.ok else paint("FAILED", "bright_red", bold=True)
    first, *more = check.detail.splitlines() or [""]
    yield f"{mark}  {visible(check.name).ljust(width)}  {visible(first)}"
    for line in [*more, *check.hint.splitlines()]:
        yield f"        {''.ljust(width)}  {visible(line)}"


def export_text(report: ExportReport, *, color: bool = False) -> str:
    """How many manifests were written, and everything that could not be carried."""
    paint: Paint = styled if color else plain
    return "\n".join(_export_lines(report, paint)) + "\n"


def _export_lines(report: ExportReport, paint: Paint) -> Iterator[str]:
    manifests = [path for path in report.written if path not in report.overlays]
    kinds = Counter(path.parent.name for path in manifests)
    for kind, count in sorted(kinds.items()):
        yield f"  {visible(kind)}: {plural(count, 'manifest')}"
    yield paint(f"Wrote {plural(len(manifests), 'manifest')}.", bold=True)
    if report.overlays:
        overlays = plural(len(report.overlays), "overlay")
        yield f"Wrote {overlays} with ids of this org, for natural keys that several objects share."
    if report.known:
        yield f"In the project already, left as they are: {plural(report.known, 'resource')}."
    if report.skipped:
        owned = ", ".join(f"{visible(kind)} {count}" for kind, count in report.skipped)
        yield f"Not exported, as the platform or another module owns them: {owned}."
    if report.left_out:
        yield paint("Left out, with a comment in the manifest:", "yellow")
        yield from (f"  {visible(text)}" for text in report.left_out[:_MOST])
        if len(report.left_out) > _MOST:
            yield f"  and {len(report.left_out) - _MOST} more"
    for text in report.unreadable:
        yield f"{paint('Not readable', 'bright_red')}: {visible(text)}"
