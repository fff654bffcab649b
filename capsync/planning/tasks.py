"""The task of a change: what its calls are made from, and which calls it will need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from capsync.kind import Task, Write
from capsync.model import Action, Meta
from capsync.planning.children import retired_in
from capsync.planning.describing import marked
from capsync.planning.item import Item
from capsync.planning.options import Setting
from capsync.planning.pairs import shaped
from capsync.requests import writes_for
from capsync.values.paths import grafted, parse_path
from capsync.values.wire import merge, to_wire

Json = Any


def planned_writes(item: Item, setting: Setting) -> list[Write]:
    """The calls that a change will need, ids that are not known yet standing as text."""
    raw = marked(item.raw)
    if item.change.action is not Action.REPLACE:
        return writes_for(item.kind, task_of(item, setting, raw))
    old, new = replacement(item)
    return [
        *writes_for(item.kind, task_of(old, setting, old.raw)),
        *writes_for(item.kind, task_of(new, setting, raw)),
    ]


def replacement(item: Item) -> tuple[Item, Item]:
    """The two halves of a replacement: retire the old object, then create the new one."""
    old = replace(item, change=replace(item.change, action=Action.RETIRE), raw={})
    new = replace(item, change=replace(item.change, action=Action.CREATE), live=None)
    return old, new


def task_of(item: Item, setting: Setting, raw: Mapping[str, Json]) -> Task:
    """The task of an item, with `raw` as its desired values."""
    schema, live = item.kind.schema, item.live
    if item.wanted is not None:
        meta = item.wanted.resource.meta
        raw = shaped(item.kind, raw, live, meta, approve=setting.approve)
    if live is not None and item.wanted is not None:
        for text in item.wanted.resource.meta.ignore:
            raw = grafted(schema, raw, live.spec, parse_path(text))
    desired = to_wire(schema, raw)
    body = merge(schema, live.spec, desired) if live is not None else desired
    body = retired_in(item.kind, body, item.change.fields)
    return Task(
        item.change.action,
        desired,
        body,
        live.raw if live else None,
        live.spec if live else None,
        tuple(change.path for change in item.change.fields),
        live.id if live else None,
        setting.variables,
        setting.now,
        item.wanted.resource.meta if item.wanted else Meta(),
        approve=setting.approve,
        paths=setting.paths,
    )
