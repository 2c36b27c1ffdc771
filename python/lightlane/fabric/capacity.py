"""What demands ask of a fabric that has no links yet: the rate that each adjacency must carry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lightlane.catalog.load import Catalog
from lightlane.errors import ParameterError
from lightlane.fabric.paths import Edge, build_graph, find_shortest_tree, iterate_paths
from lightlane.fabric.topology import Demand, Duct, Fabric
from lightlane.link import fiber_latency_us


@dataclass(frozen=True, slots=True)
class Adjacency:
    """Two sites that hold modules and the ducts between them, past huts only.

    Attributes
    ----------
    ducts
        In order from ``a`` to ``b``; one unless the way passes huts.
    huts
        The sites between the ducts.
    """

    a: str
    b: str
    ducts: tuple[str, ...]
    huts: tuple[str, ...]
    length_km: float

    @property
    def name(self) -> str:
        """The ducts' names, joined by ``+``."""
        return "+".join(self.ducts)


@dataclass(frozen=True, slots=True)
class PlannedLoad:
    """What each adjacency carries when every demand goes the fastest way.

    Attributes
    ----------
    needed_gbps
        For each adjacency the larger of its two directions.
    unreachable
        Positions of the demands that no ducts join.
    """

    needed_gbps: tuple[float, ...]
    unreachable: tuple[int, ...]


def find_adjacencies(fabric: Fabric) -> tuple[Adjacency, ...]:
    """Find the ways between sites with modules that pass nothing but huts, each once, parallel ducts separately."""
    ducts_at: dict[str, list[Duct]] = {}
    for duct in fabric.duct:
        ducts_at.setdefault(duct.a, []).append(duct)
        ducts_at.setdefault(duct.b, []).append(duct)
    huts = {site.name for site in fabric.site if site.role == "hut"}
    found: dict[tuple[str, ...], Adjacency] = {}
    for first in fabric.duct:
        for start, following in ((first.a, first.b), (first.b, first.a)):
            if start in huts:
                continue
            for ducts, sites in _walk(ducts_at, huts, [first], [start, following]):
                names = tuple(duct.name for duct in ducts)
                if names not in found and names[::-1] not in found:
                    length_km = sum(duct.length_km for duct in ducts)
                    found[names] = Adjacency(start, sites[-1], names, tuple(sites[1:-1]), length_km)
    return tuple(found.values())


def _walk(
    ducts_at: Mapping[str, Sequence[Duct]], huts: set[str], ducts: list[Duct], sites: list[str]
) -> Iterator[tuple[list[Duct], list[str]]]:
    """Yield every way on from the last site to a site that is no hut, passing each hut once."""
    here = sites[-1]
    if here not in huts:
        yield ducts, sites
        return
    for duct in ducts_at[here]:
        following = duct.b if duct.a == here else duct.a
        if following not in sites:
            yield from _walk(ducts_at, huts, [*ducts, duct], [*sites, following])


def find_adjacency_latencies(fabric: Fabric, catalog: Catalog, adjacencies: Sequence[Adjacency]) -> tuple[float, ...]:
    """Return the fiber latency of each adjacency in microseconds.

    Raises
    ------
    ParameterError
        If a duct's fiber is not in the catalog.
    """
    ducts = {duct.name: duct for duct in fabric.duct}
    return tuple(
        sum(fiber_latency_us(ducts[name].length_km, catalog.get_fiber(ducts[name].fiber)) for name in adjacency.ducts)
        for adjacency in adjacencies
    )


def plan_load(adjacencies: Sequence[Adjacency], demands: Sequence[Demand], latency_us: Sequence[float]) -> PlannedLoad:
    """Add up the demands on the adjacencies of their fastest ways.

    Raises
    ------
    ParameterError
        If there is not one latency for each adjacency.
    """
    if len(latency_us) != len(adjacencies):
        raise ParameterError(f"{len(latency_us)} latencies were given for {len(adjacencies)} adjacencies")
    graph = build_graph([Edge(adj.a, adj.b, us) for adj, us in zip(adjacencies, latency_us, strict=True)])
    trees = {target: find_shortest_tree(graph, target) for target in {demand.to_site for demand in demands}}
    load_gbps = [[0.0, 0.0] for _ in adjacencies]
    unreachable = []
    for index, demand in enumerate(demands):
        path = next(iterate_paths(graph, trees[demand.to_site], demand.from_site), None)
        if path is None:
            unreachable.append(index)
            continue
        for edge, site in zip(path.edges, path.sites, strict=False):
            load_gbps[edge][0 if site == adjacencies[edge].a else 1] += demand.rate_gbps
    return PlannedLoad(tuple(max(pair) for pair in load_gbps), tuple(unreachable))
