from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fault.killing import ENDS, End, ended_at
from tests.fault.matrix import Scene, written_down


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The whole project against a sandbox in a file, which outlives those who use it."""
    scene = written_down(tmp_path_factory.mktemp("killing"))
    yield scene
    scene.world.close()


@pytest.mark.parametrize("memory", ["kept", "lost"])
@pytest.mark.parametrize("name", ENDS)
def test_an_apply_that_was_ended_is_finished_by_the_next(
    scene: Scene, name: str, memory: str
) -> None:
    number, is_after = ENDS[name]
    for write in (0, 7, 16, 23):
        wrong = ended_at(scene, End(number, write, is_after), memory)
        assert not wrong, (name, write, wrong)
