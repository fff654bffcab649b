"""The page about capsync.yaml, from its schema."""

from __future__ import annotations

from types import SimpleNamespace

from capsync.report.fields import bounds, field_rows
from capsync.report.values import show
from capsync.schema.configfile import CONFIG
from scripts.pages.markdown import code, page, plain, table

_ABOUT = (
    "The file at the top of a project. Any text in it may be taken from the process environment"
    ' with `"${env.NAME}"`; secrets always are. `*` stands for the name of an environment.'
)


def config_page() -> str:
    """The page."""
    rows = []
    for row in field_rows(SimpleNamespace(schema=CONFIG)):
        default = [f"default: {show(row.schema['default'])}"] if "default" in row.schema else []
        sentences = [row.description.rstrip("."), *bounds(row.schema), *default]
        name = code(row.path) + (" *" if row.required else "")
        rows.append([name, plain(row.type), plain("; ".join(filter(None, sentences)))])
    fields = table(["key", "holds", "what to know"], rows)
    return page([["# capsync.yaml"], [_ABOUT], ["Required keys are marked with *."], fields])
