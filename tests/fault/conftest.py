from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fault.matrix import SCENES, Scene


@pytest.fixture(autouse=True, scope="session")
def _own_locks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Locks of the org lie in the user's state directory: one of the tests' own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("locks")))
        patch.delenv("CI", raising=False)
        yield


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Scene]]:
    """Every scene of the matrix, its clean run done."""
    made = {name: make(tmp_path_factory.mktemp(name)) for name, make in SCENES.items()}
    yield made
    for scene in made.values():
        scene.world.close()
