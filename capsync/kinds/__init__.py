"""Every kind, found by importing the modules of this package: adding one edits no list."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from capsync.kind import Kind

KINDS: dict[str, Kind] = {
    kind.name: kind
    for module in iter_modules(__path__)
    for kind in vars(import_module(f"{__name__}.{module.name}")).values()
    if isinstance(kind, Kind)
}
