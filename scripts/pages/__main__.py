"""Writes the generated pages of `docs/`; with --check, says which are not fresh (exit 1)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from capsync.kinds import KINDS
from scripts.pages.commands import command_pages, names
from scripts.pages.config import config_page
from scripts.pages.kinds import families, kind_pages

ROOT = Path(__file__).resolve().parents[2]
_START, _END = "# generated from here", "# generated to here"


def main() -> int:
    """Write or compare every generated file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing")
    check = parser.parse_args().check
    fresh = files()
    present = {
        path.relative_to(ROOT).as_posix()
        for folder in ("kinds", "commands")
        for path in (ROOT / "docs" / folder).glob("*.md")
    }
    stale = [name for name, text in fresh.items() if _text(ROOT / name) != text]
    gone = sorted(present - fresh.keys())
    if not check:
        for name in stale:
            (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / name).write_text(fresh[name], "utf-8")
        for name in gone:
            (ROOT / name).unlink()
    for name in (*stale, *gone):
        print(f"{name} {'is not fresh: run scripts/docs' if check else 'written'}")
    return 1 if check and (stale or gone) else 0


def files() -> dict[str, str]:
    """Path in the repository -> text of everything that is generated."""
    pages = {
        **kind_pages(KINDS, ROOT / "examples"),
        **command_pages(),
        "capsync-yaml.md": config_page(),
    }
    return {f"docs/{name}": text for name, text in pages.items()} | {"mkdocs.yml": _navigation()}


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""


def _navigation() -> str:
    """mkdocs.yml with the entries of the generated pages between its marks."""
    text = _text(ROOT / "mkdocs.yml")
    head, rest = text.split(_START, 1)
    tail = rest.split(_END, 1)[1]
    indent = head[head.rfind("\n") + 1 :]
    lines = ["- Kinds:", "  - kinds/index.md"]
    for family, members in families(KINDS.values()).items():
        lines.append(f"  - {family}:")
        lines += [f"    - {kind.name}: kinds/{kind.name}.md" for kind in members]
    lines += ["- Commands:", "  - commands/index.md"]
    lines += [f"  - {name}: commands/{name}.md" for name in names()]
    written = (path.name for path in sorted((ROOT / "docs").glob("*.md")))
    lines += [f"- {name}" for name in written if name not in head + tail]  # not placed by hand
    body = "".join(f"\n{indent}{line}" for line in lines)
    return f"{head}{_START}{body}\n{indent}{_END}{tail}"


if __name__ == "__main__":
    sys.exit(main())
