"""Importers: a fabric's sites, ducts and demands from published topologies, tables and maps.

:func:`import_topology` reads a source, audits it (:mod:`.audit`), gives roles, adds metro edges and demands. Links come
later, from the design rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lightlane.errors import FormatError, ParameterError, Problem
from lightlane.fabric.importers.rules import DemandRule, MetroRule, Repairs, RoleRule
from lightlane.fabric.topology import Demand, Duct, Fabric, Site, reference_problems

if TYPE_CHECKING:
    from lightlane.catalog.load import Catalog
    from lightlane.fabric.importers.draft import Draft

__all__ = [
    "DemandRule",
    "ImportReport",
    "MetroRule",
    "Repairs",
    "RoleRule",
    "import_topology",
    "list_topologies",
    "summarize_fabric",
]

Source = str | Path | Sequence[str | Path]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import gave.

    Attributes
    ----------
    fabric
        Sites, ducts and demands; no links.
    audit
        What was repaired, merged, dropped, scaled, added or flagged, one sentence each, in that word's name.
    """

    fabric: Fabric
    audit: tuple[str, ...]


def import_topology(
    source: Source,
    *,
    route_factor: float | None = None,
    fiber: str = "g652d",
    roles: RoleRule | str | None = None,
    repairs: Repairs | None = None,
    metro: MetroRule | None = None,
    demand: DemandRule | None = None,
    catalog: Catalog | None = None,
) -> ImportReport:
    """Make a fabric of a topology from elsewhere.

    Parameters
    ----------
    source
        ``topohub:GROUP/NAME``; a folder with ``sites.csv``, ``links.csv`` and perhaps ``demands.csv``; these files one
        by one; or a ``.geojson`` file.
    route_factor
        Fiber length over the source's distance. Needed where the source has no fiber lengths and its lines do not
        follow the route, and for metro edges; common are 1.2 to 1.5.
    fiber
        Fiber type of the ducts for which the source names none.
    roles
        How sites get their roles; a text is the rule of a :class:`RoleRule`.
    repairs, metro, demand
        What else the user decides.
    catalog
        Where the fiber types must stand; absent: they are not looked up.

    Raises
    ------
    FormatError
        If the source is broken or fails the audit; names every problem.
    ParameterError
        If a parameter is wrong or missing.
    """
    from lightlane.fabric.importers import audit, build, demands
    from lightlane.fabric.importers.roles import assign_roles

    repairs, demand = repairs or Repairs(), demand or DemandRule()
    rule = roles if isinstance(roles, RoleRule) else RoleRule(roles)
    draft = _read_source(source, repairs)
    draft = audit.merge_coincident(draft, merge=repairs.merge_coincident)
    audit.refuse_zero_lengths(draft)
    draft = assign_roles(draft, rule)
    factor = build.require_route_factor(draft, route_factor, for_metro=metro is not None)
    notes = [*draft.notes, *audit.describe_doubts(draft)]
    sites = build.build_sites(draft)
    ducts = build.build_ducts(draft, route_factor=factor, fiber=fiber)
    matrix, more = demands.scale_demands(draft, demand)
    notes += more
    if metro is not None:
        from lightlane.fabric.importers.metro import attach_metro_edges

        new_sites, new_ducts, more = attach_metro_edges(sites, ducts, metro, route_factor=factor, fiber=fiber)
        sites, ducts, notes = sites + new_sites, ducts + new_ducts, notes + more
    added, more = demands.add_edge_demands(sites, ducts, demand)
    notes += more
    text = _describe_source(draft, route_factor, metro)
    fabric = _check(draft, text, sites, ducts, matrix + added, catalog)
    return ImportReport(fabric, tuple(notes))


def list_topologies() -> list[str]:
    """Return the names of all topologies that the installed topohub package holds, such as ``sndlib/germany50``."""
    from lightlane.fabric.importers import topologies

    return topologies.list_topologies()


def summarize_fabric(fabric: Fabric) -> dict[str, object]:
    """Return the figures by which people judge a topology: counts, lengths, demands."""
    lengths_km = sorted((duct.length_km, duct.name) for duct in fabric.duct)
    summary: dict[str, object] = {
        "name": fabric.name,
        "source": fabric.source,
        "site_count": len(fabric.site),
        **{f"{role}_count": sum(site.role == role for site in fabric.site) for role in ("core", "edge", "hut")},
        "duct_count": len(fabric.duct),
        "total_length_km": round(sum(length for length, _ in lengths_km), 3),
        "demand_count": len(fabric.demand),
        "total_demand_gbps": round(sum(demand.rate_gbps for demand in fabric.demand), 3),
    }
    if lengths_km:
        (shortest_km, shortest), (longest_km, longest) = lengths_km[0], lengths_km[-1]
        summary |= {"shortest_duct": shortest, "shortest_km": shortest_km}
        summary |= {"longest_duct": longest, "longest_km": longest_km}
    return summary


def _read_source(source: Source, repairs: Repairs) -> Draft:
    if isinstance(source, str) and source.startswith("topohub:"):
        from lightlane.fabric.importers.topologies import PREFIX, read_topology

        return read_topology(source.removeprefix(PREFIX), repairs)
    from lightlane.fabric.importers.csv_tables import read_tables

    if not isinstance(source, str | Path):
        paths = [Path(path) for path in source]
        if len(paths) not in (2, 3):
            raise ParameterError(f"source has {len(paths)} files; allowed: tables of sites, links and perhaps demands")
        return read_tables(*paths)
    path = Path(source)
    if path.is_dir():
        demands_path = path / "demands.csv"
        return read_tables(path / "sites.csv", path / "links.csv", demands_path if demands_path.exists() else None)
    if path.suffix.lower() in (".geojson", ".json"):
        from lightlane.fabric.importers.geojson import read_geojson

        return read_geojson(path, repairs.snap_tolerance_km)
    raise ParameterError(
        f"source is {str(source)!r}; allowed: topohub:GROUP/NAME, a folder with sites.csv and links.csv, or "
        "a .geojson file"
    )


def _describe_source(draft: Draft, route_factor: float | None, metro: MetroRule | None) -> str:
    from lightlane.fabric.importers.metro import ATTRIBUTION

    parts = [draft.source]
    if route_factor is not None:
        parts.append(f"route factor {route_factor:g}")
    if metro is not None:
        parts.append(ATTRIBUTION)
    return "; ".join(parts)


def _check(
    draft: Draft,
    source: str,
    sites: Sequence[Site],
    ducts: Sequence[Duct],
    demands: Sequence[Demand],
    catalog: Catalog | None,
) -> Fabric:
    """Return the fabric, if it stands up to the checks that its file will meet."""
    fabric = Fabric(
        format=1, name=draft.name, source=source, site=tuple(sites), duct=tuple(ducts), demand=tuple(demands)
    )
    findings = reference_problems(fabric)
    if catalog is not None:
        from lightlane.fabric.catalog_check import catalog_problems

        findings += catalog_problems(fabric, catalog)
    if findings:
        from lightlane.files.words import format_key

        raise FormatError(
            [Problem(draft.label, 0, format_key(path), found, allowed) for path, found, allowed in findings]
        )
    return fabric
