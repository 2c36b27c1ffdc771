"""Demands of an imported fabric: the source's matrix, scaled, and one from each edge site to its nearest core site."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Sequence

from lightlane.errors import ParameterError
from lightlane.fabric.importers.draft import Draft, count_of, list_names
from lightlane.fabric.importers.rules import DemandRule
from lightlane.fabric.topology import Demand, Duct, Site

EDGE_SERVICE = "inference"


def scale_demands(draft: Draft, rule: DemandRule) -> tuple[list[Demand], list[str]]:
    """Return the source's demands in Gb/s, and notes.

    A matrix whose unit is unknown is left out unless the rule gives its total. Demands of huts are left out.

    Raises
    ------
    ParameterError
        If the rule asks for demands of a source that has none.
    """
    if not draft.demands:
        for name in ("total_demand_gbps", "latency_ms"):
            if getattr(rule, name) is not None:
                raise ParameterError(f"{name} is given, but {draft.label} has no demands")
        return [], []
    if rule.total_demand_gbps is None and not draft.demand_in_gbps:
        if rule.latency_ms is not None:
            raise ParameterError(
                f"latency_ms needs total_demand_gbps, for {draft.label} gives its demands without a unit"
            )
        return [], [
            f"dropped: {count_of(len(draft.demands), 'demand')}, for the source gives no unit; "
            "--total-demand-gbps scales them"
        ]
    kept = [demand for demand in draft.demands if "hut" not in (draft.sites[demand.a].role, draft.sites[demand.b].role)]
    notes = []
    if len(kept) < len(draft.demands):
        notes.append(
            f"dropped: {count_of(len(draft.demands) - len(kept), 'demand')} of huts, which hold amplifiers only"
        )
    total = sum(demand.size_ratio for demand in kept)
    factor = rule.total_demand_gbps / total if rule.total_demand_gbps is not None and kept else 1.0
    demands = [
        Demand(
            from_site=draft.sites[demand.a].name,
            to_site=draft.sites[demand.b].name,
            rate_gbps=_round_rate(demand.size_ratio * factor),
            latency_ms=demand.latency_ms if demand.latency_ms is not None else rule.latency_ms,
            service=demand.service,
        )
        for demand in kept
    ]
    if rule.total_demand_gbps is not None:
        notes.append(f"scaled: {count_of(len(demands), 'demand')} to {rule.total_demand_gbps:g} Gb/s in total")
    return demands, notes


def add_edge_demands(sites: Sequence[Site], ducts: Sequence[Duct], rule: DemandRule) -> tuple[list[Demand], list[str]]:
    """Return a demand from each edge site to the core site nearest along the ducts, and notes."""
    if rule.edge_demand_gbps is None:
        return [], []
    nearest = find_nearest_core(sites, ducts)
    edges = [site.name for site in sites if site.role == "edge"]
    demands = [
        Demand(
            from_site=edge,
            to_site=nearest[edge],
            rate_gbps=rule.edge_demand_gbps,
            latency_ms=rule.edge_latency_ms,
            service=EDGE_SERVICE,
        )
        for edge in edges
        if edge in nearest
    ]
    notes = [
        f"added: {count_of(len(demands), 'demand')} of {rule.edge_demand_gbps:g} Gb/s from an edge site to its "
        "nearest core site"
    ]
    lost = [edge for edge in edges if edge not in nearest]
    if lost:
        notes.append(f"flagged: no core site can be reached from {list_names(lost)}")
    return demands, notes


def find_nearest_core(sites: Sequence[Site], ducts: Sequence[Duct]) -> dict[str, str]:
    """Return for each site the core site at the least duct length; sites that reach none are left out."""
    neighbors: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for duct in ducts:
        neighbors[duct.a].append((duct.b, duct.length_km))
        neighbors[duct.b].append((duct.a, duct.length_km))
    nearest: dict[str, str] = {}
    queue = [(0.0, order, site.name, site.name) for order, site in enumerate(sites) if site.role == "core"]
    while queue:
        length_km, order, name, core = heapq.heappop(queue)
        if name in nearest:
            continue
        nearest[name] = core
        for neighbor, step_km in neighbors[name]:
            if neighbor not in nearest:
                heapq.heappush(queue, (length_km + step_km, order, neighbor, core))
    return nearest


def _round_rate(rate_gbps: float) -> float:
    """Return six significant digits: enough for any plan, and short in the file."""
    return float(f"{rate_gbps:.6g}")
