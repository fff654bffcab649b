"""Runs benchmarks, prints a table and writes JSON: `python -m benchmarks [PART...]`."""

from __future__ import annotations

import json
import os
import platform
import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks import limiter, local, network, peers
from benchmarks.measuring import Row

PARTS = {**local.parts(), **network.parts(), **limiter.parts(), **peers.parts()}
QUICK = ("start", "validation", "network-small")
FULL = ("start", "validation", "growth", "apply", "network", "lists", "limiter", "peers")


def main(names: list[str]) -> int:
    """Run these parts, all that limits are about where none is named; 1 where one is missed."""
    unknown = [name for name in names if name not in PARTS and name != "quick"]
    if unknown:
        print(f"no part {unknown[0]}; there are: quick, {', '.join(PARTS)}", file=sys.stderr)
        return 64
    chosen = QUICK if names == ["quick"] else names or FULL
    done: list[Row] = []
    for name in chosen:
        print(f"{name}: {(PARTS[name].__doc__ or '').splitlines()[0]}", flush=True)
        for row in PARTS[name]():
            done.append(row)
            print(line(row), flush=True)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    rows = [{**asdict(row), "ratio": row.ratio, "ok": row.ok} for row in done]
    Path("bench.json").write_text(json.dumps({"machine": machine, "rows": rows}, indent=2) + "\n")
    print(f"\n{machine}; load {os.getloadavg()[0]:.1f} at the end; figures in bench.json")
    return verdict(done)


def verdict(rows: list[Row]) -> int:
    """Say which limits hold and which are missed; 1 where one is."""
    limited = [row for row in rows if row.limit is not None]
    missed = [row for row in limited if not row.ok]
    print(f"{len(limited) - len(missed)} of {len(limited)} limits hold")
    for row in missed:
        measured = row.figure if row.ratio is None else row.ratio
        print(f"missed: {row.name}: {measured:.2f}, limit {row.limit}")
    return 1 if missed else 0


def line(row: Row) -> str:
    """One line of the table."""
    against = ""
    if row.ratio is not None:
        base = f" + {row.base:g}" if row.base else ""
        against = f"{row.ratio:5.2f} x {row.floor:8.2f}{base}"
    limit = f"limit {'>= ' if row.at_least else ''}{row.limit:g}" if row.limit is not None else ""
    mark = " " if row.ok else "!"
    return f"{mark} {row.name:48} {row.figure:9.2f} {row.unit:3} {against:22} {limit:13} {row.note}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
