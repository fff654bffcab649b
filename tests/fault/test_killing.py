from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fault.killing import ENDS, End, apply_until, ended, server
from tests.fault.matrix import Scene
from tests.fault.world import ALLOWED, REMOTE, World, busy, forget, manifests, project_of


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The whole project against a sandbox in a file, which outlives those who use it."""
    folder = tmp_path_factory.mktemp("killing")
    world = World(folder, folder / "org.db")
    project = project_of(folder / "project", manifests(), **REMOTE)
    yield Scene(world, "create", project, ALLOWED)
    world.close()


@pytest.mark.parametrize("memory", ["kept", "lost"])
@pytest.mark.parametrize("name", ENDS)
def test_an_apply_that_was_ended_is_finished_by_the_next(
    scene: Scene, name: str, memory: str
) -> None:
    number, is_after = ENDS[name]
    for write in (0, 7, 16, 23):
        wrong = end_at(scene, End(number, write, is_after), memory)
        assert not wrong, (name, write, wrong)


def end_at(scene: Scene, end: End, memory: str) -> list[str]:
    """What is wrong after an apply that was ended and another one."""
    scene.put_back()
    database, now = Path(scene.world.path), scene.world.time.now
    code = ended(server(), apply_until, scene.project.root, database, now, end)
    wrong = [] if code in _codes(scene, end) else [f"the apply ended with {code}"]
    if memory == "lost":
        forget(scene.project)
        scene.world.later()
    return wrong + scene.again()


def _codes(scene: Scene, end: End) -> set[int]:
    """The exit codes that tell the truth: 0 only if a stop came too late to leave anything."""
    if end.number == signal.SIGKILL:
        return {-signal.SIGKILL}
    return {130} if busy(scene.world.plan(scene.project)) else {0}
