"""Kinds that use every note once, for tests of what reads declarations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from capsync.api.dialect import Dialect
from capsync.fields import (
    alias,
    boolean,
    enum,
    fixed,
    folded,
    instant,
    integer,
    json_text,
    list_by,
    list_of,
    map_of,
    media,
    number,
    obj,
    ref,
    secret,
    server_set,
    set_of,
    string,
    unread,
    when,
)
from capsync.kind import Cap, Finding, Kind, Listing, Route, Service, key_by
from capsync.model import Resource, Spec

DIALECT = Dialect("bare", payload=lambda body: body)
LIST = (Listing(Route("GET", "/things")),)


def _ends_after_start(spec: Spec) -> Iterable[Finding]:
    if "startOn" in spec and "expiresOn" in spec and spec["startOn"] >= spec["expiresOn"]:
        yield Finding(("expiresOn",), "must be after startOn", code="720", hint="move it")


def _is_recent(spec: Spec) -> Iterable[Finding]:
    if str(spec.get("startOn")).startswith("1999"):
        yield Finding(("startOn",), "is long ago", severity="warning")


def _at_most_two_ranks(resources: Sequence[Resource]) -> Iterable[tuple[Resource, Finding]]:
    ranks: dict[Any, int] = {}
    for resource in resources:
        rank = resource.spec.get("rank")
        ranks[rank] = ranks.get(rank, 0) + 1
        if rank is not None and ranks[rank] == 3:
            yield resource, Finding(("rank",), "is taken twice already", severity="warning")


_REWARD = obj(
    required=["type"],
    type=enum("COUPON", "POINTS"),
    seriesId=ref("Series"),
    points=integer(minimum=1),
) | {
    "allOf": [
        when("type", "COUPON", required=["seriesId"]),
        when("type", "POINTS", required=["points"]),
    ]
}

MEDAL = Kind(
    name="Medal",
    family="samples",
    doc="A medal.",
    dialect=DIALECT,
    lists=LIST,
    keys=(key_by("name"),),
    schema=obj(
        required=["name", "startOn", "rewards"],
        name=string("Unique.", minLength=1, maxLength=40),
        startOn=alias(instant("When it begins.", wire="seconds"), startOnISO="iso"),
        expiresOn=instant(wire="text"),
        day=instant(wire="date", precision="day"),
        rank=integer(minimum=0, maximum=9, default=0),
        share=number(exclusiveMinimum=0),
        active=boolean(default=True),
        color=enum("RED", "GREEN", "BLUE"),
        scope=folded(enum("STORE", "TILL")),
        group=ref("MedalGroup", base=string(), serving=True),
        place=ref("Shop", "MedalGroup", base=string()),
        friend=ref("Medal"),
        rival=ref("Medal", deferred=True),
        rewards=set_of(_REWARD, maxItems=3),
        tags=list_of(string(pattern="^[a-z]+$"), uniqueItems=True),
        extras=map_of(string()),
        titles=map_of(string(), **{"x-ref-keys": {"kind": "MedalGroup", "lasting": "always"}}),
        free=map_of(),
        limits=json_text(obj(days=list_of(integer()), hours=list_of(integer()))),
        body=json_text(),
        image=media(types=["image/png", "jpg"], max_bytes=100),
        token=secret(unread(string(minLength=8))),
        headers=secret(map_of(string())),
        status=server_set(string(), doc="Computed."),
        dataType=fixed(enum("TEXT", "DATE"), "make a new medal"),
    ),
    rules=(_ends_after_start, _is_recent),
    caps=(
        Cap(
            2,
            "at most 2 medals of a color are allowed",
            per=("color",),
            code="901",
            counts=lambda spec: "color" in spec,
        ),
    ),
    project_rules=(_at_most_two_ranks,),
)
GROUP = Kind(
    name="MedalGroup",
    family="samples",
    doc="A group of medals.",
    dialect=DIALECT,
    lists=LIST,
    keys=(key_by("name"),),
    service=Service("open"),
    schema=obj(
        required=["name"],
        name=string(),
        lead=ref("Medal"),
        open=boolean(default=True),
        always=boolean(),
    ),
)
SERIES = Kind(
    name="Series",
    family="samples",
    doc="A series whose names may repeat.",
    dialect=DIALECT,
    lists=LIST,
    keys=(key_by("code"), key_by("description", enforced=False)),
    schema=obj(required=["description"], description=string(), code=string()),
)
SEASON = Kind(
    name="Season",
    family="samples",
    doc="A season with children.",
    dialect=DIALECT,
    lists=LIST,
    keys=(key_by("name", caseless=True),),
    schema=obj(
        required=["name"],
        name=string(),
        targets=list_by(
            "name", obj(name=string(), value=integer(), season=ref("Season")), children=True
        ),
    ),
)
SETTINGS = Kind(
    name="Settings",
    family="samples",
    doc="One per org.",
    dialect=DIALECT,
    lists=LIST,
    singleton=True,
    schema=obj(mode=string()),
)
SHOP = Kind(
    name="Shop",
    family="samples",
    doc="Read only.",
    dialect=DIALECT,
    lists=LIST,
    keys=(key_by("name"),),
    schema=obj(name=string()),
    reference_only=True,
)
KINDS: Mapping[str, Kind] = {
    kind.name: kind for kind in (MEDAL, GROUP, SERIES, SEASON, SETTINGS, SHOP)
}
