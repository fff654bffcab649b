"""Random manifests, random edits behind the back, random faults: it converges, nothing doubles."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from capsync.errors import ApiError
from capsync.manifests import Project
from tests.fault.matrix import FAULTS
from tests.fault.world import (
    ALLOWED,
    REMOTE,
    World,
    busy,
    elsewhere,
    forget,
    manifests,
    project_of,
)

Json = Any

_RESOURCES = {f"{each['kind']}/{each['name']}": each for each in manifests()}
_ALWAYS = ("BadgeCustomField/difficulty", "RewardCategory/home", "Vendor/quayside")
# What each optional resource refers to.
_NEEDS = {
    "Badge/walker": ("BadgeGroup/explorers", "CouponSeries/welcome"),
    "Badge/runner": ("BadgeGroup/runners", "CouponSeries/birthday"),
    "Reward/scarf": ("RewardGroup/summer",),
    "VendorRedemption/double-bill": (),
    "Reward/hat": (),
    "CouponSeries/twin-one": (),
    "CouponSeries/comeback": (),
    "Label/vip": (),
    "BehavioralEvent/hike": (),
    "TargetGroup/spring": (),
    "FulfillmentStatus/packed": (),
    "FulfillmentStatus/courier": (),
}
_EDITABLE = {
    "Badge/walker": "description",
    "Badge/runner": "description",
    "CouponSeries/welcome": "smsTemplate",
    "CouponSeries/birthday": "smsTemplate",
    "CouponSeries/comeback": "smsTemplate",
    "Label/vip": "description",
    "BehavioralEvent/hike": "description",
    "TargetGroup/spring": "description",
}
_TEXTS = st.sampled_from(["one {{voucher}}", "two {{voucher}}", "three {{voucher}}"])
_USUAL = 8
_EXAMPLES = int(os.environ.get("CAPSYNC_FAULT_EXAMPLES", _USUAL))


class Machine(RuleBasedStateMachine):
    """A team that edits manifests, a console that edits the org, and a network that fails."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="capsync-machine-"))
        self.world = World(self.folder)
        self.start = Counter(_labels(self.world))
        self.texts: dict[str, str] = {}
        self.names: set[str] = set()
        self.ever: set[str] = set()

    def teardown(self) -> None:
        """Release what the machine has opened."""
        self.world.close()
        shutil.rmtree(self.folder)

    @initialize(picked=st.sets(st.sampled_from(sorted(_NEEDS)), min_size=3))
    def begin(self, picked: set[str]) -> None:
        """The first manifests."""
        self.names = picked

    @property
    def project(self) -> Project:
        """The manifests as they are now."""
        return self._project(self.texts)

    def _project(self, texts: dict[str, str]) -> Project:
        names = {*_ALWAYS, *self.names, *(need for each in self.names for need in _NEEDS[each])}
        self.ever |= names
        resources = []
        for address in sorted(names):
            each = _RESOURCES[address]
            text = {_EDITABLE[address]: texts[address]} if address in texts else {}
            resources.append({**each, "spec": {**each["spec"], **text}})
        return project_of(self.folder / "project", resources, **REMOTE)

    @rule(name=st.sampled_from(sorted(_NEEDS)))
    def add(self, name: str) -> None:
        """A manifest more."""
        self.names.add(name)

    @rule(name=st.sampled_from(sorted(_NEEDS)))
    def take_out(self, name: str) -> None:
        """A manifest less: its object stays in the org, unmanaged."""
        self.names.discard(name)

    @rule(name=st.sampled_from(sorted(_EDITABLE)), text=_TEXTS)
    def edit(self, name: str, text: str) -> None:
        """Another value in a manifest."""
        self.texts[name] = text

    @rule(name=st.sampled_from(sorted(_EDITABLE)), text=_TEXTS)
    def edit_behind_the_back(self, name: str, text: str) -> None:
        """Somebody applies a value of their own, from a place that remembers nothing."""
        theirs = elsewhere(self._project({**self.texts, name: text}), self.folder / "console")
        self._try(theirs)

    @rule(fault=st.sampled_from(sorted(FAULTS)), write=st.integers(0, 12))
    def apply_while_something_fails(self, fault: str, write: int) -> None:
        """An apply during which a write call fails."""
        faults = self.world.sandbox.faults
        faults.at(faults.writes + write, **dict(FAULTS[fault]))
        self._try(self.project)
        faults.clear()

    @rule(rate=st.sampled_from([0.05, 0.2]), seed=st.integers(0, 1000))
    def apply_on_a_bad_day(self, rate: float, seed: int) -> None:
        """An apply during which any call may fail, reads too."""
        self.world.sandbox.faults.at_random(rate, seed=seed)
        self._try(self.project)
        self.world.sandbox.faults.clear()

    def _try(self, project: Project) -> None:
        # Where the org can not be read nothing is planned.
        with suppress(ApiError):
            self.world.apply(project)

    @rule()
    def lose_the_memory(self) -> None:
        """State and journal are lost, some time after the last apply."""
        self.world.later()
        forget(self.project)

    @rule(seconds=st.sampled_from([1.0, 30.0, 86400.0]))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.world.later(seconds)

    @rule()
    def converge(self) -> None:
        """Without faults one apply makes it right, and then there is nothing left to do."""
        report = self.world.apply(self.project)
        bad = [each for each in report.outcomes if each.status not in ("done", "already")]
        assert report.exit_code == 0, bad
        self.world.later()
        assert not busy(self.world.plan(self.project, ALLOWED))

    @invariant()
    def nothing_is_doubled(self) -> None:
        """However it went: at most one object for each manifest that there ever was."""
        self.world.later(60)
        now = Counter(_labels(self.world))
        most = Counter(label for each in self.ever for label in _labels_of(each))
        extra = {
            label: count for label, count in now.items() if count > self.start[label] + most[label]
        }
        assert not extra, extra


def _labels(world: World) -> list[str]:
    """Every object by kind and name, as often as it is there."""
    return [
        f"{kind}/{spec.get('description' if kind == 'CouponSeries' else 'name')}".casefold()
        for kind, specs in world.org().items()
        for spec in specs
        if kind in _KINDS
    ]


def _labels_of(address: str) -> list[str]:
    each = _RESOURCES[address]
    name = each["spec"].get("description" if each["kind"] == "CouponSeries" else "name")
    return [f"{each['kind']}/{name}".casefold()]


# Of these the name, or what stands for it, is in one member and no edit changes it.
_KINDS = frozenset(
    {
        "Badge",
        "BadgeGroup",
        "CouponSeries",
        "Label",
        "TargetGroup",
        "FulfillmentStatus",
        "VendorRedemption",
        "RewardGroup",
        "RewardCategory",
        "Vendor",
        "BadgeCustomField",
    }
)

TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=_EXAMPLES,
    stateful_step_count=10,
    deadline=None,
    derandomize=_EXAMPLES == _USUAL,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)
