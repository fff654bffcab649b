"""From declarations to calls: routes bound to values, and the writes that a change needs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from capsync.api.dialect import Call
from capsync.errors import CapsyncError
from capsync.kind import Kind, Retire, Route, Switch, Task, Write
from capsync.model import Action
from capsync.values.normalise import Pending, canonical, canonical_default
from capsync.values.wire import merge, to_wire

Json = Any

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Unbound(CapsyncError):
    """A path needs a value that is not known (yet)."""


def bound_path(template: str, values: Mapping[str, Json]) -> str:
    """The template with its placeholders filled; raises Unbound where a value is missing."""

    def fill(matched: re.Match[str]) -> str:
        value = values.get(matched[1])
        if value is None:
            raise Unbound(f"{template}: no value for {{{matched[1]}}}")
        # A Pending stands in plans only, where paths are counted but never sent.
        text = "pending" if isinstance(value, Pending) else str(value)
        return quote(text, safe="")

    return _PLACEHOLDER.sub(fill, template)


def bound_params(params: Mapping[str, Json], values: Mapping[str, Json]) -> dict[str, Json]:
    """Query parameters with `{name}` values filled."""
    return {
        name: values.get(value[1:-1], value)
        if isinstance(value, str) and _PLACEHOLDER.fullmatch(value)
        else value
        for name, value in params.items()
    }


def read_call(
    kind: Kind, route: Route, values: Mapping[str, Json], params: Mapping[str, Json] | None = None
) -> Call:
    """The call of a read route, with `values` in its placeholders."""
    body = route.body(values) if callable(route.body) else route.body
    return Call(
        route.method,
        bound_path(route.path, values),
        route.dialect or kind.dialect,
        params=bound_params({**route.params, **(params or {})}, values),
        body=body,
        headers=route.headers,
        admin=route.admin,
        repeatable=True,
        reads=True,
    )


def write_call(kind: Kind, write: Write) -> Call:
    """The call of a write."""
    return Call(
        write.method,
        write.path,
        write.dialect or kind.dialect,
        params=write.params,
        body=write.body,
        headers=write.headers,
        admin=write.admin,
        repeatable=write.repeatable,
    )


def writes_for(kind: Kind, task: Task) -> list[Write]:
    """The calls that a change needs, in order: the kind's own writer, else what its routes say."""
    if kind.writer is not None:
        return list(kind.writer(task))
    return default_writes(kind, task)


def default_writes(kind: Kind, task: Task) -> list[Write]:
    """What routes, switches and `retire` say; writers fall back on it for the ordinary part."""
    if task.action is Action.CREATE:
        return create_writes(kind, task)
    if task.action is Action.RETIRE:
        return retire_writes(kind, task)
    return update_writes(kind, task)


def create_writes(kind: Kind, task: Task) -> list[Write]:
    """The create call, and an update for written fields that it does not take."""
    first = create_write(kind, task)
    left = left_to_update(kind, task.desired)
    if not left or (kind.update is None and not kind.switches):
        return [first]
    # The id is known only after the first call: these are planned, then computed again from a read.
    changed = tuple((name,) for name in left)
    later = replace(task, action=Action.UPDATE, id="pending", changed=changed)
    return [replace(first, settle=True), *update_writes(kind, later)]


def left_to_update(kind: Kind, desired: Mapping[str, Json]) -> list[str]:
    """The written fields that the create call does not take and that are not the default."""
    omitted = kind.create.omit if kind.create else frozenset()
    return [
        name
        for name, value in desired.items()
        if name in omitted
        and canonical(kind.fields[name], value) != canonical_default(kind.fields[name])
    ]


def sent_first(kind: Kind, raw: Mapping[str, Json]) -> dict[str, Json]:
    """The part of a spec that the create call sends; the rest is left to later writes."""
    omitted = kind.create.omit if kind.create else frozenset()
    return {name: value for name, value in raw.items() if name not in omitted}


def natural_key(kind: Kind, raw: Mapping[str, Json]) -> str:
    """What pairs a spec with a live object, as text; "" where it has no key."""
    canon = canonical(kind.schema, raw)
    return next((" / ".join(parts) for key in kind.keys if (parts := key.of(canon))), "")


def refuses_second(kind: Kind, raw: Mapping[str, Json]) -> bool:
    """Whether the API refuses a second object with the natural key of what a create sends, so that
    sending it again can not double it, even if the first lands late."""
    canon = canonical(kind.schema, sent_first(kind, raw))
    return any(key.enforced and key.of(canon) for key in kind.keys)


def create_write(kind: Kind, task: Task, summary: str = "create") -> Write:
    """The create call of a kind."""
    if kind.create is None:
        raise CapsyncError(f"{kind.name} can not be created: {kind.no_create}")
    return route_write(kind.create, task, task.desired, summary, creates=True)


def update_writes(kind: Kind, task: Task) -> list[Write]:
    """Switches that turn on, the update if other fields changed, switches that turn off."""
    switched = {switch.field: switch for switch in kind.switches}
    fields = list(dict.fromkeys(str(path[0]) for path in task.changed if path))
    first = [
        switch_write(switched[name], task) for name in fields if _turns_on(switched, name, task)
    ]
    last = [
        switch_write(switched[name], task)
        for name in fields
        if name in switched and not _turns_on(switched, name, task)
    ]
    middle = []
    if kind.update is not None and any(name not in switched for name in fields):
        middle = [route_write(kind.update, task, update_body(kind, kind.update, task), "update")]
    return [*first, *middle, *last]


def update_body(kind: Kind, route: Route, task: Task) -> Mapping[str, Json]:
    """What an update sends: the whole object where the route replaces it, else what is written."""
    body = task.body if route.whole else task.desired
    if not route.keeps:
        return body
    return {
        name: value
        for name, value in body.items()
        if not kind.fields.get(name, {}).get("writeOnly") or task.touches(name)
    }


def _turns_on(switched: Mapping[str, Switch], name: str, task: Task) -> bool:
    return name in switched and bool(task.desired.get(name))


def switch_write(switch: Switch, task: Task) -> Write:
    """The call that puts a flag where the manifest wants it."""
    wanted = bool(task.desired.get(switch.field))
    route = switch.on if wanted else switch.off
    if route is None:
        raise CapsyncError(f"{switch.field} can not be set back to true")
    return route_write(route, task, None, f"set {switch.field} {str(wanted).lower()}")


def retire_writes(kind: Kind, task: Task) -> list[Write]:
    """How the kind lets an object go away."""
    retire = kind.retire
    if retire is None:
        raise CapsyncError(f"{kind.name} can not be retired through the API")
    return retire_by(kind, retire, task)


def retire_by(kind: Kind, retire: Retire, task: Task) -> list[Write]:
    """The calls of one way to retire."""
    if retire.route is not None:
        return [route_write(retire.route, task, None, retire.how)]
    wire = to_wire(kind.schema, retire.sets)
    sets = {**task.desired, **wire}
    body = merge(kind.schema, task.spec or {}, wire)
    changed = tuple((name,) for name in retire.sets)
    return update_writes(kind, replace(task, desired=sets, body=body, changed=changed))


def route_write(
    route: Route,
    task: Task,
    body: Json,
    summary: str,
    *,
    creates: bool = False,
    settle: bool = False,
    values: Mapping[str, Json] | None = None,
) -> Write:
    """A route bound to a task: path filled, fields it does not take left out, body wrapped."""
    known = {**task.variables, **(task.spec or {}), **task.desired, **(values or {})}
    if task.id is not None:
        known["id"] = task.id
    content = route.body if body is None else _body(route, task, body)
    template = task.paths.get(route.setting, route.path)
    return Write(
        summary,
        route.method,
        bound_path(template, known),
        body=content,
        params=bound_params(route.params, known),
        headers=route.headers,
        dialect=route.dialect,
        admin=route.admin,
        repeatable=route.repeatable,
        settle=settle,
        creates=creates,
    )


def _body(route: Route, task: Task, body: Json) -> Json:
    if isinstance(body, Mapping):
        body = {name: value for name, value in body.items() if name not in route.omit}
        body |= {name: task.variables.get(each) for name, each in route.fills.items()}
        if route.id_member:
            body = {route.id_member: task.id, **body}
    if callable(route.wrap):
        return route.wrap(body)
    return {route.wrap: body} if route.wrap else body


def readable(writes: Sequence[Write]) -> tuple[str, ...]:
    """The writes in words, for plans."""
    return tuple(f"{write.summary} ({write.method} {write.path})" for write in writes)
