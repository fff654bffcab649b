"""Plans that hold everything a report has to cope with."""

from __future__ import annotations

from typing import Any

from capsync.model import Action, Address, Change, FieldChange, Key, Plan, Requests, Where

BADGES = "manifests/badges.yaml"
HOSTILE = "<script>alert(1)</script> | `x` ``` @everyone \x1b[31mred\x1b[0m \u202egnp.exe\nnext"


def field(*path: str | int, line: int = 0, **values: Any) -> FieldChange:
    source = Where(BADGES, line, 7) if line else None
    return FieldChange(tuple(path), source=source, **values)


def address(text: str) -> Address:
    kind, _, name = text.partition("/")
    return Address(kind, name)


CREATE = Change(
    address("BadgeGroup/explorers"),
    Action.CREATE,
    fields=(field("name", after="Explorers"), field("rank", after=3)),
    live_fingerprint="",
    where=Where("manifests/groups.yaml", 1, 1),
)
UPDATE = Change(
    address("Badge/trail-walker"),
    Action.UPDATE,
    id="6a01b2c3d4e5f60718293a01",
    fields=(
        field("expiresOn", before="2027-06-30T18:29:59Z", after="2027-12-31T18:29:59Z", line=14),
        field("badgeGroupId", before=None, ref="BadgeGroup/explorers", unknown=True, line=15),
        field("customFields", "a.b", after=True, line=16),
        field("targets", Key("Run 5"), "seriesId", before=1, after=20460, ref="CouponSeries/w"),
        field("webHookUrl", before="", after="", sensitive=True, line=18),
        field("images", 0, "tag", before="EARNED", line=19),
        field(
            "benefits",
            before=[{"benefitType": "COUPON", "seriesId": 1}, {"type": "POINTS", "points": 10}],
            after=[{"type": "POINTS", "points": 20}, {"benefitType": "COUPON", "seriesId": 2}],
            line=20,
        ),
        field("tags", before=["a", "b", "c"], after=["c", "a", "d"], line=30),
        field("order", before=[1, 2], after=[2, 1], line=31),
        field("terms", before="x" * 90 + "old" + "y" * 90, after="x" * 90 + "new" + "z" * 90),
    ),
    depends_on=(address("BadgeGroup/explorers"),),
    matched_by="id",
    impact={"numIssued": 23400},
    live_fingerprint="sha256:ab12",
    where=Where(BADGES, 3, 1),
)
ADOPTED = Change(
    address("CouponSeries/welcome-10"),
    Action.NOOP,
    id="20455",
    matched_by="key",
    adopts=True,
    natural_key="Welcome 10",
    live_fingerprint="sha256:cd34",
)
RETIRE = Change(
    address("Badge/old-badge"),
    Action.RETIRE,
    id="6a0000000000000000000002",
    how="deactivate",
    matched_by="state",
    live_fingerprint="sha256:ef56",
)
REPLACE = Change(
    address("CustomField/size"),
    Action.REPLACE,
    id="12",
    fields=(field("dataType", before="STRING", after="ENUM", line=40),),
    steps=("disable custom field 12", "create custom field size"),
    matched_by="key",
    live_fingerprint="sha256:0a0a",
    warnings=("values that customers have are lost",),
    where=Where(BADGES, 38, 1),
)
BLOCKED = Change(
    address("CouponSeries/diwali"),
    Action.BLOCKED,
    id="20991",
    fields=(field("clientHandlingType", before="DISC_CODE", after="GENERIC", line=50),),
    reasons=("clientHandlingType can not be changed: create a series under another name",),
    matched_by="key",
    live_fingerprint="sha256:1b1b",
    where=Where(BADGES, 48, 1),
)
IRREVERSIBLE = Change(
    address("BehavioralEvent/visit"),
    Action.RETIRE,
    id="77",
    how="disable",
    reversible=False,
    matched_by="state",
    live_fingerprint="sha256:2c2c",
)
NASTY = Change(
    Address("Vendor", "<b>`|@everyone\n\u202eevil"),
    Action.UPDATE,
    id="9",
    fields=(
        field("name", before=HOSTILE, after=HOSTILE + "!", line=60),
        field("list", before=[HOSTILE], after=["</code></details>", HOSTILE * 5]),
    ),
    reasons=("```\n</details> @everyone",),
    matched_by="key",
    live_fingerprint="sha256:3d3d",
)
QUIET = Change(address("Badge/same"), Action.NOOP, id="3", matched_by="state")

RICH = Plan(
    "uat",
    100737,
    (CREATE, UPDATE, ADOPTED, REPLACE, NASTY, BLOCKED, RETIRE, IRREVERSIBLE, QUIET),
    created_at="2027-01-05T09:12:44Z",
    warnings=("Badge/trail-walker: defaultTillId is not returned\x07 by the API",),
    requests=Requests(read=31, write=6, limit_per_minute=100, estimated_seconds=3.6),
    digest="sha256:feed",
    blocked=("7 changes, but limits.max_changes is 5 (--force lifts it)",),
    commit="9fceb02",
)
EMPTY = Plan("sandbox", 100737, (QUIET,), requests=Requests(read=2))
UNREADABLE = Plan(
    "uat",
    None,
    (QUIET,),
    unreadable=("CustomField could not be read (CustomField/size): an admin user is demanded",),
)
