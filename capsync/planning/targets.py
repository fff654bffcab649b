"""What the selectors of a run pick: resources, and what these refer to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import NamedTuple

from capsync.kind import Kind
from capsync.model import Address, Resource
from capsync.planning.item import Item
from capsync.planning.match import Wanted
from capsync.planning.options import selected
from capsync.values.references import references


class Stray(NamedTuple):
    """A selector that picks nothing, and what was probably meant ("" for nothing near)."""

    selector: str
    near: str

    def __str__(self) -> str:
        return f"{self.selector} picks no resource of this project"

    @property
    def hint(self) -> str:
        """What to write in its place."""
        return f"did you mean {self.near}?" if self.near else "Kind, Kind/name or a glob of either"


def strays(selectors: Iterable[str], addresses: Collection[Address]) -> list[Stray]:
    """The selectors that pick none of these addresses."""
    return [
        Stray(selector, _nearest(selector, addresses))
        for selector in selectors
        if not any(selected((selector,), address) for address in addresses)
    ]


def _nearest(selector: str, addresses: Iterable[Address]) -> str:
    known = {str(each) for each in addresses}
    if "/" not in selector:
        if named := sorted(str(each) for each in addresses if each.name == selector):
            return named[0]
        known |= {each.kind for each in addresses}
    folded = {each.casefold(): each for each in sorted(known)}
    near = get_close_matches(selector.casefold(), folded, n=1)
    return folded[near[0]] if near else ""


def reached(
    kinds: Mapping[str, Kind], resources: Iterable[Resource], targets: Iterable[str]
) -> list[Resource]:
    """The resources that are picked, and those that they refer to, over any number of steps."""
    every = {resource.address: resource for resource in resources}
    names: dict[str, list[Address]] = defaultdict(list)
    for address in every:
        names[address.name].append(address)
    found, todo = dict[Address, Resource](), [each for each in every if selected(targets, each)]
    while todo:
        address = todo.pop()
        if address in found:
            continue
        resource = found[address] = every[address]
        for reference in references(kinds[address.kind].schema, resource.spec):
            fits = {reference.kind} if reference.kind else set(reference.kinds)
            todo += [each for each in names[reference.name] if not fits or each.kind in fits]
    return list(found.values())


def about(targets: Collection[str], wanted: Mapping[Address, Wanted]) -> list[Wanted]:
    """What a run looks at: the resources that are picked, and what they refer to; of what has to
    be created, also what that refers to."""
    if not targets:
        return list(wanted.values())
    picked = [each for each in wanted if selected(targets, each)]
    found, needs = set(picked), [need for each in picked for need in wanted[each].needs]
    while needs:
        need = needs.pop()
        if need in wanted and need not in found:
            found.add(need)
            needs += wanted[need].needs if wanted[need].live is None else ()
    return [each for address, each in wanted.items() if address in found]


def kept(
    targets: Collection[str], items: Mapping[Address, Item], wanted: Mapping[Address, Wanted]
) -> dict[Address, Item]:
    """The items that are picked, with what they refer to that must be created."""
    if not targets:
        return dict(items)
    found: dict[Address, Item] = {}

    def keep(address: Address) -> None:
        if address in found or address not in items:
            return
        found[address] = items[address]
        for other in wanted[address].needs:
            if other in items and items[other].live is None:
                keep(other)

    for address in items:
        if selected(targets, address):
            keep(address)
    return found
