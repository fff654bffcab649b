from __future__ import annotations

import random

import pytest

from tests.fault.matrix import FAULTS, SCENES, Cell, Scene

_MORE = 8  # cells of each scene beside the fewest that have every write call and every fault


def sample(scene: Scene) -> list[Cell]:
    """Some cells of a scene, always the same: each write call and each fault among them."""
    faults, memories = list(FAULTS), scene.memories
    rounds = max(scene.writes, len(faults))
    picked = [
        Cell(
            scene.name,
            faults[place % len(faults)],
            place % scene.writes,
            memories[place % len(memories)],
        )
        for place in range(rounds)
    ]
    return list(
        dict.fromkeys([*picked, *random.Random(scene.name).sample(list(scene.cells()), _MORE)])
    )


@pytest.mark.parametrize("name", SCENES)
def test_a_second_apply_finishes_what_a_fault_left(scenes: dict[str, Scene], name: str) -> None:
    scene = scenes[name]
    cells = sample(scene)
    assert {cell.write for cell in cells} == set(range(scene.writes))
    assert {cell.fault for cell in cells} == set(FAULTS)
    tried = [scene.run(cell) for cell in cells]
    assert not [f"{each.cell}: {each.wrong}" for each in tried if each.wrong]


@pytest.mark.parametrize("name", SCENES)
def test_faults_do_something(scenes: dict[str, Scene], name: str) -> None:
    """A fault that no first run notices proves nothing."""
    scene = scenes[name]
    for fault in ("network gone", "200 with an error body"):
        tried = scene.run(Cell(name, fault, 3, "kept"))
        assert tried.first is not None
        assert tried.first.exit_code == 5, fault


def test_the_project_is_what_it_is_said_to_be(scenes: dict[str, Scene]) -> None:
    resources = scenes["create"].project.resources
    assert len(resources) >= 30
    assert len({each.address.kind for each in resources}) >= 20
    assert len(scenes["change"].clean.outcomes) >= 12
