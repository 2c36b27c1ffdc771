"""What can fail in a fabric, by name, and what each link needs of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lightlane.fabric.composition import list_amplifiers
from lightlane.fabric.reliability import Reliability, list_cut_rates
from lightlane.fabric.topology import Fabric, list_places
from lightlane.link import Link
from lightlane.studies.renewal import FailureRate


def name_amplifiers(links: Sequence[Link]) -> list[tuple[str, list[str]]]:
    """Return the name of each link with the names of its amplifiers, both directions.

    A name is the link's, the amplifier's place and the direction: ``berlin-leipzig-1: booster at Berlin, a to b``.
    """
    return [
        (
            link.name,
            [f"{link.name}: {label}, {direction.replace('_', ' ')}" for direction, label in list_amplifiers(link)],
        )
        for link in links
    ]


@dataclass(frozen=True, slots=True)
class FailingElements:
    """What can fail in a fabric, each on its own.

    Attributes
    ----------
    rates
        By name; what never fails is missing.
    line
        Of each link the ducts, risk groups and sites that it needs, which others may need as well.
    equipment
        Of each link its amplifiers and one pair of its modules, which nobody else needs.
    """

    rates: dict[str, FailureRate]
    line: dict[str, frozenset[str]]
    equipment: dict[str, frozenset[str]]

    def list_link(self, link: str) -> frozenset[str]:
        """Return all that a link needs."""
        return self.line[link] | self.equipment[link]


def list_failing_elements(fabric: Fabric, links: Sequence[Link], priors: Reliability) -> FailingElements:
    """List what can fail: cables by their length, amplifiers of both directions, modules, sites.

    A demand is taken to ride on one pair of modules of each link, however many channels that has: another channel's
    module does not help it by itself.
    """
    cuts = {key: FailureRate(*rate) for key, rate in list_cut_rates(fabric, priors).items()}
    rates = {name_cut(*key): rate for key, rate in cuts.items()}
    groups = {
        duct.name: [group.name for group in fabric.risk_group if duct.name in group.ducts] for duct in fabric.duct
    }
    ducts = {duct.name: duct for duct in fabric.duct}
    amplifier, module, site = (
        FailureRate(prior.rate_per_year, prior.mttr_h) for prior in (priors.amplifier, priors.module, priors.site)
    )
    rates |= {f"site {item.name}": site for item in fabric.site}
    line: dict[str, frozenset[str]] = {}
    equipment: dict[str, frozenset[str]] = {}
    for record, (name, amplifiers) in zip(fabric.link, name_amplifiers(links), strict=True):
        modules = [f"{name}: module at {end}" for end in (record.a, record.b)]
        rates |= dict.fromkeys(amplifiers, amplifier) | dict.fromkeys(modules, module)
        needed = [name_cut("duct", duct) for duct in record.ducts]
        needed += [name_cut("risk_group", group) for duct in record.ducts for group in groups[duct]]
        needed += [f"site {place}" for place in list_places(record, [ducts[item] for item in record.ducts])]
        line[name] = frozenset(item for item in needed if rates[item].rate_per_year > 0)
        equipment[name] = frozenset(item for item in (*amplifiers, *modules) if rates[item].rate_per_year > 0)
    return FailingElements(rates, line, equipment)


def name_cut(kind: str, name: str) -> str:
    """Return the name of a duct or risk group among all that can fail."""
    return f"{kind.replace('_', ' ')} {name}"
