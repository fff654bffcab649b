"""What a kind is: one declaration that the whole engine reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from capsync.api.dialect import Dialect, Paging
from capsync.fields import Schema
from capsync.model import Action, FieldChange, Json, Meta, Path, Resource, Spec


@dataclass(frozen=True, slots=True)
class Route:
    """One call of the API, as a template.

    Placeholders in `path`: `{id}`, `{brand}`, `{org}`, or a top-level field of the spec.
    `wrap` puts the body where the API wants it: a member name (`CouponSeriesV2`) or a function.
    `whole`: the PUT replaces the object, so the body is the live object with the changes merged in;
    otherwise it holds the fields that the manifest names. `id_member` is where the body repeats the
    id. `omit` are fields that this call does not take; a create is followed by an update for those
    that are written and not what the service stores by itself. `fills` are members of the body that
    the environment supplies: name -> variable. `keeps`: what the body of a `whole` PUT leaves out
    keeps its value, so that write-only values are sent only when they change. `setting` names the
    environment's `paths:` entry that overrides `path` where orgs differ.
    """

    method: str
    path: str
    wrap: str | Callable[[Json], Json] | None = None
    params: Mapping[str, Json] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Json = None  # for reads that are POSTs
    whole: bool = False
    id_member: str = ""
    omit: frozenset[str] = frozenset()
    fills: Mapping[str, str] = field(default_factory=dict)
    keeps: bool = False
    dialect: Dialect | None = None
    admin: bool = False
    setting: str = ""
    repeatable: bool | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """How all objects of a kind are read.

    `rows` is the dotted path of the list inside the dialect's payload. `passes` are parameter sets
    read one after the other and joined by id (lists that default to one status or type). Of several
    listings of a kind, a later one adds objects and members that earlier ones lack. `whole`: rows
    show everything that the kind's schema names, so no detail read is needed.
    """

    route: Route
    rows: str = ""
    paging: Paging | None = None
    passes: tuple[Mapping[str, Json], ...] = ({},)
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Extra:
    """A further read that belongs to an object; it is put under `name` of the raw object."""

    name: str
    route: Route
    rows: str = ""
    paging: Paging | None = None


@dataclass(frozen=True, slots=True)
class Trail:
    """Where the API tells what happened to one object, for kinds whose objects do not.

    `read` takes the answer and gives each change: when it was made, and by whom as far as is said.
    """

    route: Route
    read: Callable[[Json], Iterable[tuple[Json, str]]]


@dataclass(frozen=True, slots=True)
class NaturalKey:
    """What pairs a manifest with a live object: the parts as text, or None where not written.

    `of` takes a spec in canonical form. `enforced`: the API refuses a second object with this key.
    `label` is how messages call it ("description", "vendor + name").
    """

    label: str
    of: Callable[[Spec], tuple[str, ...] | None]
    enforced: bool = True


def key_by(*fields: str, enforced: bool = True, caseless: bool = False) -> NaturalKey:
    """The key made of these fields (dotted paths) of the spec."""

    def of(spec: Spec) -> tuple[str, ...] | None:
        parts = [_dig(spec, path) for path in fields]
        if any(part is None or part == "" for part in parts):
            return None
        texts = tuple(_as_text(part) for part in parts)
        return tuple(text.casefold() for text in texts) if caseless else texts

    return NaturalKey(" + ".join(fields), of, enforced)


def _dig(spec: Spec, path: str) -> Json:
    value: Json = spec
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _as_text(value: Json) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else str(value)


@dataclass(frozen=True, slots=True)
class Task:
    """What a writer is given: one change, references resolved, values in wire form."""

    action: Action
    desired: Mapping[str, Json]  # the fields that the manifest names
    body: Mapping[str, Json]  # live merged with desired: what a replacing PUT has to send
    live: Json  # the object as read, None on create
    spec: Mapping[str, Json] | None  # `live` in the shape of a spec, None on create
    changed: tuple[Path, ...]
    id: str | None
    variables: Mapping[str, Json]  # brand, org
    now: float  # seconds since the epoch
    meta: Meta = Meta()
    approve: bool = False
    paths: Mapping[str, str] = field(default_factory=dict)  # the environment's own, by setting

    def touches(self, *fields: str) -> bool:
        """Whether a top-level field among these changes."""
        return any(path and path[0] in fields for path in self.changed)


@dataclass(frozen=True, slots=True)
class Write:
    """One call to make. `summary` says in words what it does; it is shown in plans and progress.

    `path` is complete. `settle`: read the object again after this and compute what is left to do
    (created objects whose remaining writes need ids that only the answer or a read can tell).
    """

    summary: str
    method: str
    path: str
    body: Json = None
    params: Mapping[str, Json] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    dialect: Dialect | None = None
    admin: bool = False
    repeatable: bool | None = None
    settle: bool = False
    creates: bool = False  # its answer carries the new object's id


@dataclass(frozen=True, slots=True)
class Switch:
    """A flag that has calls of its own: `on` and `off` instead of the ordinary update; a flag
    without `on` never comes back."""

    field: str
    on: Route | None
    off: Route


@dataclass(frozen=True, slots=True)
class Retire:
    """How the API lets an object go away: a call, or fields (`sets`) written by an update.

    `gone` tells of a live object, at a time in epoch seconds, whether it has gone already, for
    kinds without a flag of service. `spares` tells of one that others use, which pruning retires
    only if this project made it. `unable` tells why an object can not go away, "" where it can.
    """

    how: str  # delete | deactivate | disable | archive | expire | stop | unclaim
    route: Route | None = None
    sets: Mapping[str, Json] = field(default_factory=dict)
    reversible: bool = True
    gone: Callable[[Json, float], bool] | None = None
    spares: Callable[[Json], bool] | None = None
    unable: Callable[[Json], str] | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """The flag that says whether an object is in service; a manifest means in service.

    `final`: out of service is for good, and such an object counts as absent. `hidden`: reads may
    leave out what is out of service. What a manifest wants out of service and either kind of list
    does not show is as wanted.
    """

    field: str
    on: Json = True
    final: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a bulk answer says of one item."""

    ok: bool
    id: str | None = None
    codes: tuple[str, ...] = ()
    message: str = ""


@dataclass(frozen=True, slots=True)
class Bulk:
    """Many creates in one call: at most `max` items that agree in the fields `together`.

    `wrap` makes the body of the bodies of single creates; `outcomes` reads one Outcome per item, in
    order, from the whole answer body and its HTTP status (None where the answer says nothing per
    item). `dialect` reads the answer where that of a single create would take faults of some items
    for a failure of all. `alone`: a create of one goes this way too, since only this answer tells
    of an object that is hidden from lists: an outcome with its id and a code of duplicates, after
    which it is updated.
    """

    max: int
    wrap: Callable[[Sequence[Json]], Json]
    outcomes: Callable[[Json, int, Sequence[Json]], Sequence[Outcome] | None]
    together: tuple[str, ...] = ()
    dialect: Dialect | None = None
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What an offline rule found: at which path of the spec, why, and the API's own code for it."""

    path: Path
    message: str
    code: str = ""
    severity: str = "error"
    hint: str = ""


Rule = Callable[[Spec], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `limit` resources that agree in `per` and for which `counts` holds.

    A limit that orgs may have raised is a `warning`.
    """

    limit: int
    message: str
    per: tuple[str, ...] = ()
    counts: Callable[[Spec], bool] = lambda _spec: True
    code: str = ""
    severity: str = "error"


@dataclass(frozen=True, slots=True)
class Check:
    """What a guard is given: a change about to be planned, both sides in canonical form."""

    action: Action
    desired: Spec
    live: Spec
    raw: Json
    fields: tuple[FieldChange, ...]
    now: float
    meta: Meta = Meta()
    probed: Mapping[str, Json] = field(default_factory=dict)  # answers of `probe`, by name
    managed_ids: Mapping[str, frozenset[str]] = field(default_factory=dict)  # kind -> live ids
    written: Spec = field(default_factory=dict)  # desired as written, write-only values too
    remembered: str = ""  # the id that the state has for the resource
    paths: Mapping[str, str] = field(default_factory=dict)  # the environment's own, by setting

    def changes(self, *names: str) -> list[FieldChange]:
        """The field changes at or below these top-level fields."""
        return [change for change in self.fields if change.path and change.path[0] in names]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a guard says of a change: `blocked`, `irreversible` or `warning`, and why. `fixed` is
    what an immutable field says: blocked, unless the manifest lets a new object take its place.

    `rewrite` lists (kind, id, field) of other live objects that must be written again after this
    change because the service forgets the link (rewards of a renamed group); where no manifest
    writes such a field, the change is blocked.
    """

    effect: str
    reason: str
    rewrite: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """A manifest's values beside the live object that they are meant for.

    `desired` is as written, ids in place of references. `live` has the shape of a spec, values as
    they came, and is None where there is no object yet; `raw` is the object itself.
    """

    desired: Spec
    live: Spec | None = None
    raw: Json = None
    meta: Meta = Meta()
    approve: bool = False


def same(raw: Json) -> dict[str, Json]:
    """The live object as it came: for kinds that are read as they are written."""
    return dict(raw)


def never(_raw: Json) -> bool:
    """No."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Everything that capsync knows of one kind of resource.

    Reading: `lists` (every listing is read), then `detail` for the objects that manifests name
    where rows do not show them whole, then `extras`, asked again until it wants nothing more.
    `read` turns a live object (or a row) into the shape of a spec, wire values kept. `shape` puts
    desired values into that form where no declaration can: values that mean something only beside
    others. `stage` tells changes that stand in no spec: how far an object has come in its life.
    Matching: `id` (dotted path; "" where the natural key serves as id), `keys`, strongest first.
    Writing: `create`, `update`, `switches`, `retire`; or `writer` where that is not enough: a pure
    function from a task to the calls to make. With `read_back` an object is read after an update;
    it tells what the service made of it that no difference shows, "" where all is well.
    """

    name: str
    family: str
    doc: str
    dialect: Dialect
    schema: Schema
    lists: tuple[Listing, ...]
    keys: tuple[NaturalKey, ...] = ()
    title: str = ""  # field that people call it by; "": its strongest key
    pages: tuple[str, ...] = ()  # documentation pages its facts come from
    id: str = "id"
    singleton: bool = False
    reference_only: bool = False  # read for look-ups, never in a manifest

    detail: Route | None = None
    detail_rows: str = ""  # where the object is inside the payload of `detail`
    detail_missing: frozenset[str] = frozenset()  # codes of `detail` that mean: use the row
    extras: Callable[[Json, Spec | None], Sequence[Extra]] | None = None
    read: Callable[[Json], dict[str, Json]] = same
    shape: Callable[[Pair], dict[str, Json]] | None = None
    stage: Callable[[Pair], Iterable[FieldChange]] | None = None

    create: Route | None = None
    created_id: str = "id"  # dotted path in the payload of the create answer; "": look it up by key
    settles: bool = False  # after a create, read again and write what is left
    half_made: Callable[[Json], bool] | None = None  # may be a create that was cut off in between
    duplicate_codes: frozenset[str] = frozenset()  # "exists already" answers of create
    update: Route | None = None
    switches: tuple[Switch, ...] = ()
    writer: Callable[[Task], Sequence[Write]] | None = None
    bulk: Bulk | None = None
    read_back: Callable[[Task, Json], str] | None = None
    retire: Retire | None = None
    frees_key: bool = False  # once retired, a new object may have the same natural key
    retire_child: Mapping[str, Retire] = field(default_factory=dict)

    service: Service | None = None
    absent: Callable[[Json], bool] = never  # counts as not there (finally disabled)
    foreign: Callable[[Json], bool] = never  # made or claimed by the platform or another module
    makes: Callable[[Json], Iterable[tuple[str, str]]] | None = None  # (kind, id) made behind it
    made_by: tuple[str, ...] = ()  # kinds behind which the service makes objects of this one
    relinks: tuple[str, ...] = ()  # kinds whose links to it a change may break: read with it
    lag: float = 0.0  # seconds for which reads may still show what was before a write
    stamp: str = ""  # dotted path of the last-updated stamp in rows; "": none to be trusted
    cached: bool = True  # the stamp moves with every change, so that details may be kept
    changed_by: str = ""  # dotted path of who changed it last
    trail: Trail | None = None  # where else the API tells who changed it when
    impact: tuple[str, ...] = ()  # members of the live object that show it is in use

    rules: tuple[Rule, ...] = ()
    caps: tuple[Cap, ...] = ()
    project_rules: tuple[
        Callable[[Sequence[Resource]], Iterable[tuple[Resource, Finding]]], ...
    ] = ()
    probe: Callable[[Check], Sequence[Extra]] | None = None
    guard: Callable[[Check], Iterable[Verdict]] | None = None
    no_update: str = ""  # why nothing can be changed, for create-only kinds: what a user can do
    no_create: str = ""  # why nothing can be created
    after: tuple[str, ...] = ()  # kinds settled before this one even without a reference
    notes: tuple[str, ...] = ()  # quirks, holes and choices: shown by `explain`

    @property
    def fields(self) -> dict[str, Any]:
        """The top-level fields of the spec and their schemas."""
        properties: dict[str, Any] = self.schema["properties"]
        return properties
