from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import capsync
from capsync import Action, Session
from tests.projects import write_project

ROOT = Path(__file__).parents[2]


def test_public_names_are_sorted() -> None:
    upper = [name for name in capsync.__all__ if name.isupper()]
    classes = [name for name in capsync.__all__ if not name.isupper() and name[0].isupper()]
    functions = [name for name in capsync.__all__ if name[0].islower()]
    assert capsync.__all__ == [*sorted(upper), *sorted(classes), *sorted(functions)]


@pytest.mark.parametrize("name", capsync.__all__)
def test_public_names_can_be_imported(name: str) -> None:
    found = getattr(capsync, name)
    assert found is not None
    assert name in dir(capsync)


@pytest.mark.parametrize("name", capsync.__all__)
def test_public_names_are_documented(name: str) -> None:
    text = (ROOT / "docs/library.md").read_text("utf-8")
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    assert re.search(rf"`{name}[`(]", prose), f"docs/library.md does not tell of {name}"


def test_methods_of_a_session_are_documented() -> None:
    text = (ROOT / "docs/library.md").read_text("utf-8")
    told = set(re.findall(r"^\| `(?:Session\.)?(\w+)\(", text, re.MULTILINE))
    assert {"open", "plan", "apply", "drift", "export", "undo", "run_sync"} <= told
    assert all(callable(getattr(Session, name)) for name in told)


def test_errors_are_documented_with_their_codes() -> None:
    text = (ROOT / "docs/library.md").read_text("utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| (\d+) \|", text, re.MULTILINE))
    for name in capsync.__all__:
        found = getattr(capsync, name)
        if isinstance(found, type) and issubclass(found, capsync.CapsyncError):
            assert name == "CapsyncError" or told.pop(name) == str(found.exit_code)
    assert told == {}


def test_unknown_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Sesion'"):
        _ = capsync.Sesion  # type: ignore[attr-defined]


def test_importing_loads_nothing_else() -> None:
    code = "import sys, capsync; print([name for name in sys.modules if name[:8] == 'capsync.'])"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert ran.stdout.strip() == b"[]"


def test_the_documented_examples_are_typed(tmp_path: Path) -> None:
    """What users see of the types, which `py.typed` announces."""
    text = (ROOT / "docs/library.md").read_text("utf-8")
    blocks = re.findall(r'^```python title="(\w+\.py)"\n(.*?)^```$', text, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2
    for name, code in blocks:
        (tmp_path / name).write_text(code)
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", *(name for name, _ in blocks)],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_session_runs_from_code_that_is_not_async(tmp_path: Path) -> None:
    group = {"kind": "BadgeGroup", "name": "one", "spec": {"name": "One", "rank": 1}}
    project = write_project(tmp_path, [group])

    async def work(session: Session) -> tuple[int, bool]:
        plan = await session.plan()
        report = await session.apply(plan)
        return plan.count(Action.CREATE), report.complete

    assert Session.open(project).run_sync(work) == (1, True)
    assert Session.open(project).run_sync(lambda session: session.plan()).count(Action.NOOP) == 1
