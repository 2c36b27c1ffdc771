"""A fabric and its condition while events are laid on it, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from lightlane.fabric.condition import GOOD_DUCT, GOOD_LINK, DuctCondition, LinkCondition, PlantState
from lightlane.fabric.topology import Demand, Duct, Fabric, Link, Site

AnyCondition = TypeVar("AnyCondition", DuctCondition, LinkCondition)


@dataclass(slots=True)
class PlantDraft:
    """The records of a fabric by name, and the conditions that are not as the records say.

    Attributes
    ----------
    base
        The fabric that the draft began with.
    """

    base: Fabric
    sites: dict[str, Site] = field(init=False)
    ducts: dict[str, Duct] = field(init=False)
    links: dict[str, Link] = field(init=False)
    demands: list[Demand] = field(init=False)
    duct_conditions: dict[str, DuctCondition] = field(default_factory=dict)
    link_conditions: dict[str, LinkCondition] = field(default_factory=dict)
    sites_down: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Reasons why sites are out of service."""

    def __post_init__(self) -> None:
        self.sites = {site.name: site for site in self.base.site}
        self.ducts = {duct.name: duct for duct in self.base.duct}
        self.links = {link.name: link for link in self.base.link}
        self.demands = list(self.base.demand)

    def duct(self, name: str) -> DuctCondition:
        """Return the condition of a duct as it is now."""
        return self.duct_conditions.get(name, GOOD_DUCT)

    def link(self, name: str) -> LinkCondition:
        """Return the condition of a link as it is now."""
        return self.link_conditions.get(name, GOOD_LINK)

    def change_duct(self, name: str, **changes: Any) -> None:
        """Give a duct another condition in some respects."""
        self.duct_conditions[name] = replace(self.duct(name), **changes)

    def change_link(self, name: str, **changes: Any) -> None:
        """Give a link another condition in some respects."""
        self.link_conditions[name] = replace(self.link(name), **changes)

    def change_all_ducts(self, **changes: Any) -> None:
        """Give all ducts another condition in some respects; those that were alike share the new one."""
        self.duct_conditions = _change_all(self.ducts, self.duct_conditions, GOOD_DUCT, changes)

    def change_all_links(self, **changes: Any) -> None:
        """Give all links another condition in some respects; those that were alike share the new one."""
        self.link_conditions = _change_all(self.links, self.link_conditions, GOOD_LINK, changes)

    def ducts_of(self, link: str) -> list[Duct]:
        """Return the records of a link's ducts."""
        return [self.ducts[name] for name in self.links[link].ducts]

    def copy(self) -> PlantDraft:
        """Return a draft that can be changed on its own."""
        out = PlantDraft(self.fabric())
        out.base = self.base
        out.duct_conditions = dict(self.duct_conditions)
        out.link_conditions = dict(self.link_conditions)
        out.sites_down = dict(self.sites_down)
        return out

    def fabric(self) -> Fabric:
        """Return the fabric as its records are now: the same object where none changed."""
        records = {
            "site": tuple(self.sites.values()),
            "duct": tuple(self.ducts.values()),
            "link": tuple(self.links.values()),
            "demand": tuple(self.demands),
        }
        changed = {name: rows for name, rows in records.items() if rows != getattr(self.base, name)}
        return self.base.model_copy(update=changed) if changed else self.base

    def freeze(self) -> PlantState:
        """Return the state that the draft has come to."""
        # Most ducts share one condition, which is looked at once.
        different = {id(item): item for item in self.duct_conditions.values()}
        good = {number for number, item in different.items() if item == GOOD_DUCT}
        ducts = {name: item for name, item in self.duct_conditions.items() if id(item) not in good}
        links = {name: item for name, item in self.link_conditions.items() if item.key != GOOD_LINK.key}
        return PlantState(self.fabric(), ducts, links, dict(self.sites_down))


def _change_all(
    names: Iterable[str], conditions: Mapping[str, AnyCondition], good: AnyCondition, changes: Mapping[str, Any]
) -> dict[str, AnyCondition]:
    changed: dict[int, AnyCondition] = {}
    out = dict(conditions)
    for name in names:
        before = conditions.get(name, good)
        after = changed.get(id(before))
        if after is None:
            after = changed[id(before)] = replace(before, **changes)
        out[name] = after
    return out
