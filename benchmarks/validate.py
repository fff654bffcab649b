"""`validate` of 5,000 manifests of some 700 bytes against the bare libyaml event parse of the same.

    PYTHONPATH=. python benchmarks/validate.py [COUNT]

Both run in this process, in turn, and the best of each is taken. The limit is twice the event parse
plus 0.3 s, the aim one and a half times. Reading the files counts for both.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from capsync.kinds import KINDS
from capsync.manifests import read_project
from capsync.validate import validate

ROUNDS = 5
PER_FILE = 10
CONFIG = "version: 1\nproject: bench\nenvironments:\n  sandbox: {endpoint: sandbox}\n"
MANIFEST = """\
apiVersion: capsync/v1
kind: Badge
metadata:
  name: trail-walker-{n}   # local
  protect: true
  ignore: [description]
spec:
  name: Trail Walker {n}
  description: "For those who walk; number {n}"
  startOn: 2027-01-01T00:00:00+05:30
  expiresOn: 2027-12-31T23:59:59+05:30
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


def write_project(root: Path, count: int) -> int:
    """A project of `count` manifests; how many bytes they have comes back."""
    (root / "capsync.yaml").write_text(CONFIG)
    folder = root / "manifests"
    folder.mkdir()
    total = 0
    for start in range(0, count, PER_FILE):
        text = "---\n".join(
            MANIFEST.format(n=n) for n in range(start, min(start + PER_FILE, count))
        )
        (folder / f"badges-{start:06d}.yaml").write_text(text)
        total += len(text)
    return total


def parse_events(root: Path) -> None:
    """What libyaml needs for the same files."""
    for file in sorted((root / "manifests").iterdir()):
        loader = yaml.CSafeLoader(file.read_bytes())
        while loader.get_event() is not None:
            pass


def check_project(root: Path) -> None:
    """Read and validate the project; it has no problems."""
    problems = validate(read_project(root), KINDS)
    if problems:
        raise SystemExit("\n".join(map(str, problems[:10])))


def seconds(work: Callable[[Path], None], root: Path) -> float:
    """How long one run takes."""
    gc.collect()
    start = time.perf_counter()
    work(root)
    return time.perf_counter() - start


def measure(root: Path) -> tuple[float, float]:
    """Best event parse and best validation, run in turn."""
    rounds = [(seconds(parse_events, root), seconds(check_project, root)) for _ in range(ROUNDS)]
    return min(events for events, _ in rounds), min(checks for _, checks in rounds)


def main() -> int:
    """Print the table; 1 where the limit is not kept."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        size = write_project(root, count)
        events, checked = measure(root)
    limit = 2 * events + 0.3
    print(f"{count} manifests, {size / count:.0f} bytes each")
    print(f"event parse  {events:.3f} s")
    print(
        f"validate     {checked:.3f} s, {(checked - 0.3) / events:.2f} times the parse plus 0.3 s"
    )
    print(f"limit        {limit:.3f} s")
    return 0 if checked <= limit else 1


if __name__ == "__main__":
    sys.exit(main())
