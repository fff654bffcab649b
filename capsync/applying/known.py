"""Ids that become known while a plan is carried out, put in place of what stood for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from capsync.applying.uploading import Uploader
from capsync.errors import ApiError
from capsync.media import Upload
from capsync.model import NOTHING, Address
from capsync.planning.match import member_of
from capsync.reading.live import Reader
from capsync.snapshot import LiveObject
from capsync.values.normalise import Pending
from capsync.values.references import Reference

Json = Any


class KnownObjects:
    """The live objects of a run by address: those that were there, and those made since."""

    def __init__(
        self, reader: Reader, live: Mapping[Address, LiveObject], uploader: Uploader
    ) -> None:
        self._reader, self._live, self._uploader = reader, dict(live), uploader

    def __contains__(self, address: Address) -> bool:
        return address in self._live

    def __getitem__(self, address: Address) -> LiveObject:
        return self._live[address]

    def add(self, address: Address, live: LiveObject) -> None:
        """An object that exists now."""
        self._live[address] = live

    async def answers(self, user: Address, pendings: Iterable[Pending]) -> dict[Pending, Json]:
        """What each Pending stands for by now; NOTHING where its object does not exist yet. Files
        are uploaded."""
        return {each: await self._answer(user, each) for each in pendings}

    async def _answer(self, user: Address, pending: Pending) -> Json:
        if isinstance(pending, Upload):
            return await self._uploader.handle(user, pending.file)
        kind, _, name = pending.address.partition("/")
        address = Address(kind, name)
        live = self._live.get(address)
        if live is None:
            return NOTHING
        reference = Reference((), (), pending.by, kind, name=name, child=pending.child)
        if pending.by != "id" or pending.child:
            live = self._live[address] = await self._reader.detail(live, live.spec)
        value = member_of(live, live.kind, reference, None)
        if value is None:
            wanted = pending.child or pending.by
            raise ApiError(f"{user} needs {wanted} of {pending.address}, which has none")
        return value


def pendings(value: Json) -> list[Pending]:
    """Every Pending inside a value."""
    if isinstance(value, Pending):
        return [value]
    if isinstance(value, Mapping):
        return [each for inner in value.values() for each in pendings(inner)]
    return [each for inner in value for each in pendings(inner)] if isinstance(value, list) else []


def filled(value: Json, answers: Mapping[Pending, Json]) -> Json:
    """The value with answers in place of Pendings; members still unknown are left out."""
    if isinstance(value, Pending):
        return answers[value]
    if isinstance(value, Mapping):
        parts = {name: filled(inner, answers) for name, inner in value.items()}
        return {name: inner for name, inner in parts.items() if inner is not NOTHING}
    if isinstance(value, list):
        return [each for inner in value if (each := filled(inner, answers)) is not NOTHING]
    return value
