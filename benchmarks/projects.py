"""Projects of many resources: several kinds, dates that differ, references between them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

_PER_FILE = 200
_CONFIG = """\
version: 1
project: bench
default_environment: bench
environments:
  bench:
    endpoint: {endpoint}
    org_id: 100737
"""
_REMOTE = """\
    auth: {{type: oauth, key: "${{env.BENCH_KEY}}", secret: "${{env.BENCH_KEY}}"}}
    rate_limit: {limit}/min
"""
NO_LIMIT = 1_000_000_000


def write_project(
    root: Path,
    count: int,
    endpoint: str = "sandbox",
    *,
    limit: int = NO_LIMIT,
    kinds: str = "mixed",
) -> None:
    """A project of that many resources in files of two hundred; `kinds` names a mix."""
    folder = root / "manifests"
    folder.mkdir(parents=True, exist_ok=True)
    remote = "" if endpoint == "sandbox" else _REMOTE.format(limit=limit)
    (root / "capsync.yaml").write_text(_CONFIG.format(endpoint=endpoint) + remote)
    mix = MIXES[kinds]
    documents = [_HEAD.format(kind=kind, n=n) + spec(n) for kind, spec, n in _numbered(mix, count)]
    for start in range(0, count, _PER_FILE):
        text = "---\n".join(documents[start : start + _PER_FILE])
        (folder / f"part-{start:06}.yaml").write_text(text)


def _numbered(
    mix: tuple[tuple[str, Callable[[int], str]], ...], count: int
) -> list[tuple[str, Callable[[int], str], int]]:
    return [(*mix[n % len(mix)], n) for n in range(count)]


_HEAD = """\
apiVersion: capsync/v1
kind: {kind}
metadata:
  name: bench-{n}
"""


def _day(n: int) -> str:
    """One of some hundred days."""
    return f"20{30 + n % 3}-{n % 12 + 1:02}-{n % 28 + 1:02}"


def badge(n: int) -> str:
    """A badge; what it may be earned for is shown by its details alone."""
    return f"""\
spec:
  name: Badge {n}
  description: "For those who walk; number {n}"   # shown in the app
  startOn: {_day(n)}T00:00:00+05:30
  expiresOn: 2035-12-31T23:59:59+05:30
  earnType: EARN
  earnedBadgeExpiry: {{expiryType: RELATIVE, relativeExpirytype: DAYS, value: 30}}
  ownership:
    restrictedToOwners: [Loyalty, Milestones]
  tags:
    - {{name: season, value: spring}}
    - {{name: tier, value: gold}}
  badgeConstraints:
    - constraintType: BADGE_FIXED_VALUE
      maxEarnLimit: {n % 90 + 10}
"""


def rich_badge(n: int) -> str:
    """A badge of some 800 bytes with most that badges can have, for readers and checks."""
    return f"""\
  protect: true
  ignore: [description]
spec:
  name: Trail Walker {n}
  description: "For those who walk; number {n}"
  startOn: {_day(n)}T00:00:00+05:30
  expiresOn: 2035-12-31T23:59:59+05:30
  earnType: EARN
  badgeGroupId: {{lookup: explorers}}
  # the rank orders the badges of a group
  badgeRank: 4
  active: true
  earnedBadgeExpiry: {{expiryType: RELATIVE, relativeExpirytype: DAYS, value: 30}}
  ownership:
    restrictedToOwners: [Loyalty, Milestones]
  customFields:
    Colour: red
    Level: "7"
  tags:
    - {{name: season, value: spring}}
    - {{name: tier, value: gold}}
  benefits:
    - {{benefitType: COUPON, seriesId: 20455}}
  badgeConstraints:
    - constraintType: BADGE_FIXED_VALUE
      maxEarnLimit: 100
"""


def series(n: int) -> str:
    """A coupon series; lists show series whole."""
    return f"""\
spec:
  description: Series {n}
  discountCode: D{n}
  discountType: ABS
  discountValue: {n % 90 + 1}
  clientHandlingType: DISC_CODE
  expiryStrategyType: SERIES_EXPIRY
  validTillDate: {_day(n)}T23:59:59+05:30
  anyUser: false
  smsTemplate: "Dear {{{{first_name}}}}, your code is {{{{voucher}}}}"
"""


def reward(n: int) -> str:
    """A reward; its details are read each time, since not every change moves its stamp."""
    return f"""\
spec:
  startTime: {_day(n)}T00:00:00Z
  endTime: 2035-12-31T11:59:30Z
  type: VOUCHER
  redemptionType: VOUCHER
  intouchPoints: {n % 500 + 100}
  enabled: true
  priority: {n % 50 + 1}
  languageSpecificInfo:
    - {{languageCode: en, name: Reward {n}, description: Worth it, enabled: true}}
"""


def group(n: int) -> str:
    """A group of badges."""
    return f"spec: {{name: Group {n}, rank: {n + 1}}}\n"


def label(n: int) -> str:
    """A label of customers; made ten at a time."""
    return f"""\
spec:
  name: Label {n}
  externalId: label-{n}
  entityType: CUSTOMER
  description: Bought something in week {n}
"""


def webhook(n: int) -> str:
    """A webhook of notifications."""
    return f"""\
spec:
  name: crm-{n}
  eventNames: [pointsIssued, pointsRedeemed, tierUpgraded]
  webHookUrl: https://crm.example/hooks/{n}
  webHookType: HTTP
  methodType: POST
  webHookHeaders: {{X-Source: bench}}
  maxAllowedConnections: 10
"""


_BADGE, _SERIES, _REWARD = ("Badge", badge), ("CouponSeries", series), ("Reward", reward)
_OTHERS = (("BadgeGroup", group), ("Label", label), ("NotificationWebhook", webhook))
MIXES: dict[str, tuple[tuple[str, Callable[[int], str]], ...]] = {
    # Of twenty: eight badges, seven series, two rewards, three others.
    "mixed": (*(_BADGE, _SERIES) * 7, _BADGE, _REWARD, _REWARD, *_OTHERS),
    # Of these a warm plan reads list pages alone: nothing hides what capsync itself takes.
    "lists": (_BADGE, _SERIES),
    "badges": (_BADGE,),
    "rich": (("Badge", rich_badge),),
    "series": (_SERIES,),
}
