"""Strict YAML 1.2: values, places, duplicate keys, edits that change only their own bytes."""

from __future__ import annotations

from capsync.yamlio.dump import dump, scalar_text
from capsync.yamlio.edit import EditRefused, edit_value
from capsync.yamlio.places import Place, Places, positions
from capsync.yamlio.reader import LIBYAML, Parsed, parse

__all__ = [
    "LIBYAML",
    "EditRefused",
    "Parsed",
    "Place",
    "Places",
    "dump",
    "edit_value",
    "parse",
    "positions",
    "scalar_text",
]
