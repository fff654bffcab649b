"""How far a loyalty promotion has come in its life, and how far a manifest takes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from capsync.kind import Pair
from capsync.model import FieldChange

Json = Any

PENDING_DRAFT = "pending draft"  # where the raw promotion holds the document of its pending edit
STATUS = ("metadata", "status")
DRAFT, PENDING, ACTIVE, PAUSED = "DRAFT", "PENDING_APPROVAL", "ACTIVE", "PAUSED"
STOPPED = "STOPPED"
_OPEN = (DRAFT, PENDING)
# What an approved promotion is called follows from its dates; the status call knows ACTIVE alone.
_ACTIVE = ("ACTIVE", "LIVE", "UPCOMING")


@dataclass(frozen=True, slots=True)
class Life:
    """Where a promotion stands.

    `published` is its own status, dates aside. `stage` is that of the document which edits go to:
    the pending draft where there is one, else the promotion itself. `id` is that document's.
    """

    id: str
    own_id: str
    published: str
    stage: str
    has_draft: bool

    @property
    def is_published(self) -> bool:
        """Whether it was approved once."""
        return self.published not in _OPEN


def life_of(raw: Mapping[str, Json]) -> Life:
    """Where a promotion stands, as it was read with its pending draft."""
    own = _status(raw)
    draft = raw.get(PENDING_DRAFT)
    if isinstance(draft, Mapping) and _status(draft) in _OPEN:
        return Life(str(draft["id"]), str(raw["id"]), own, _status(draft), has_draft=True)
    return Life(str(raw["id"]), str(raw["id"]), own, own, has_draft=False)


def _status(document: Mapping[str, Json]) -> str:
    status = str((document.get("metadata") or {}).get("status") or DRAFT)
    return ACTIVE if status in _ACTIVE else status


def document(raw: Mapping[str, Json]) -> Mapping[str, Json]:
    """The document that edits go to: the pending draft, else the promotion."""
    draft = raw.get(PENDING_DRAFT)
    return draft if isinstance(draft, Mapping) and _status(draft) in _OPEN else raw


def stage(pair: Pair) -> Iterable[FieldChange]:
    """How far the promotion has to go on: to approval with `publish: submit`, and on to active
    where the environment approves. One that was stopped never goes on (the guard says so)."""
    life = life_of(pair.raw)
    target = _target(life, submits=pair.meta.publish == "submit", approve=pair.approve)
    if target != life.stage:
        yield FieldChange(STATUS, life.stage, target)


def _target(life: Life, *, submits: bool, approve: bool) -> str:
    if life.published == STOPPED:
        return ACTIVE
    if not submits:
        return life.stage
    if life.stage == DRAFT:
        return ACTIVE if approve else PENDING
    if life.stage == PENDING and approve:
        return ACTIVE
    return ACTIVE if life.stage == PAUSED else life.stage
