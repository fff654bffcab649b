"""Runs benchmarks, prints a table and writes JSON: `python -m benchmarks [PART...]`."""

from __future__ import annotations

import json
import os
import platform
import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks import local, network
from benchmarks.measuring import Row

PARTS = {**local.parts(), **network.parts()}
DEFAULT = ("start", "growth", "network")


def main(names: list[str]) -> int:
    """Run these parts (the quick ones where none is named); 1 where a limit is exceeded."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(f"no part {unknown[0]}; there are: {', '.join(PARTS)}", file=sys.stderr)
        return 64
    done: list[Row] = []
    for name in names or DEFAULT:
        for row in PARTS[name]():
            done.append(row)
            print(line(row), flush=True)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    rows = [{**asdict(row), "ratio": row.ratio, "ok": row.ok} for row in done]
    Path("bench.json").write_text(json.dumps({"machine": machine, "rows": rows}, indent=2) + "\n")
    print(f"{machine}; figures in bench.json")
    return 0 if all(row.ok for row in done) else 1


def line(row: Row) -> str:
    """One line of the table."""
    against = ""
    if row.ratio is not None:
        limit = f", limit {row.limit}" if row.limit else ""
        against = f"{row.ratio:6.2f} x {row.floor:8.2f} {row.unit}{limit}"
    mark = " " if row.ok else "!"
    return f"{mark} {row.name:44} {row.figure:9.2f} {row.unit:3} {against:34} {row.note}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
