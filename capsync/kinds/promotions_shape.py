"""Live promotions as specs, and the dates of manifests in the form in which reads show them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, timedelta, timezone
from typing import Any

from capsync.kind import Pair
from capsync.kinds.promotions_stage import PENDING_DRAFT, document
from capsync.values.instants import parse_instant

Json = Any

_BLOCKS = ("enrolment", "optin")
_FLAGS = "loyaltyConfigMetaData"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)$")


def read(raw: Json) -> dict[str, Json]:
    """The pending draft of a promotion, else the promotion itself, in the shape of a spec; blocks
    of nulls stand for the {} that was sent, and days of cycles for the likeliest moment."""
    spec = {name: each for name, each in document(raw).items() if name != PENDING_DRAFT}
    metadata = spec.get("metadata") or {}
    clocks = {name: _clock(metadata.get(name)) for name in ("startDate", "endDate")}
    for name in ("activities", "workflowMetadata"):
        if name in spec:
            spec[name] = _timed(spec[name], clocks)
    workflow = spec.get("workflowMetadata")
    if isinstance(workflow, Mapping):
        spec["workflowMetadata"] = {
            name: {} if name in _BLOCKS and _is_unused(block) else block
            for name, block in workflow.items()
        }
    return spec


def _clock(text: Json) -> str:
    return text[len("2027-01-01") :] if isinstance(text, str) else ""


def _timed(value: Json, clocks: Mapping[str, str]) -> Json:
    """The value with days at the time of day at which the promotion itself begins and ends."""
    if isinstance(value, list):
        return [_timed(each, clocks) for each in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: f"{each}{clocks[name]}" if name in clocks and _is_day(each) else _timed(each, clocks)
        for name, each in value.items()
    }


def _is_day(value: Json) -> bool:
    return isinstance(value, str) and _DAY.fullmatch(value) is not None


def _is_unused(block: Json) -> bool:
    return block is None or (
        isinstance(block, Mapping) and all(each is None for each in block.values())
    )


def shape(pair: Pair) -> dict[str, Json]:
    """The desired promotion, its dates as the live one shows them where they mean the same: reads
    cut those of cycles to days of the server's zone (api notes: targets, normalisation)."""
    if pair.live is None:
        return dict(pair.desired)
    metadata = pair.live.get("metadata") or {}
    zones = [UTC, _zone(metadata.get("startDate")), _zone(metadata.get("endDate"))]
    desired = _without_nulls(pair.desired, pair.live)
    aligned: dict[str, Json] = _aligned(desired, pair.live, document(pair.raw), zones)
    return aligned


def _without_nulls(desired: Mapping[str, Json], live: Mapping[str, Json]) -> dict[str, Json]:
    """The desired promotion without the nulls that stand for what reads show as empty blocks."""
    spec = dict(desired)
    if spec.get("workflowMetadata", "") is None and not any(
        (live.get("workflowMetadata") or {}).values()
    ):
        del spec["workflowMetadata"]
    metadata, have = spec.get("metadata"), live.get("metadata") or {}
    flags = (have.get(_FLAGS) or {}).values()
    if isinstance(metadata, Mapping) and metadata.get(_FLAGS, "") is None and not any(flags):
        spec["metadata"] = {name: each for name, each in metadata.items() if name != _FLAGS}
    return spec


def _zone(text: Json) -> Any:
    matched = _OFFSET.search(text) if isinstance(text, str) else None
    if matched is None:
        return UTC
    span = timedelta(hours=int(matched[2]), minutes=int(matched[3]))
    return timezone(-span if matched[1] == "-" else span)


def _aligned(desired: Json, live: Json, raw: Json, zones: Sequence[Any]) -> Json:
    """The desired value with the moments of the live one wherever the service shows a day that may
    be theirs. `raw` is what it shows."""
    if isinstance(desired, Mapping) and isinstance(live, Mapping) and isinstance(raw, Mapping):
        return {
            name: _aligned(each, live.get(name), raw.get(name), zones)
            for name, each in desired.items()
        }
    if isinstance(desired, list) and isinstance(live, list) and isinstance(raw, list):
        shown = {id(each): other for each, other in zip(live, raw, strict=False)}
        pairs = pairs_of(desired, live)
        return [_aligned(each, have, shown.get(id(have)), zones) for each, have in pairs]
    if isinstance(desired, str) and _is_day(raw):
        return live if raw in set(_days(desired, zones)) else desired
    return desired


def _days(text: str, zones: Sequence[Any]) -> Iterator[str]:
    moment = parse_instant(text)
    if moment is not None and len(text) > len("2027-01-01"):
        yield text[: len("2027-01-01")]
        for zone in zones:
            yield moment.astimezone(zone).date().isoformat()


def pairs_of(desired: Sequence[Json], live: Sequence[Json]) -> list[tuple[Json, Json]]:
    """Each desired item with the live one that it means: of the same cycle, else of the same id,
    else at the same place where neither is named by an id of its own."""
    by_name = {name: each for each in live if (name := _name(each)) is not None}
    found = []
    for place, each in enumerate(desired):
        name = _name(each)
        other = live[place] if place < len(live) else None
        have = by_name.get(name) if name is not None else other
        found.append((each, have))
    return found


def _name(item: Json) -> str | None:
    if not isinstance(item, Mapping):
        return None
    for member in ("cycle", "id"):
        if item.get(member) is not None:
            return f"{member} {item[member]}"
    return None
