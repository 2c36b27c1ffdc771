"""Ways between users and sites in every state of the network: home, and each single cut."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from lightlane.fabric.flow import list_arcs
from lightlane.fabric.paths import SitePath
from lightlane.fabric.placing import Network
from lightlane.fabric.routing import open_network
from lightlane.studies.failure_cases import list_single_cases
from lightlane.studies.routes import find_fastest
from lightlane.studies.states import EvaluatedFabric

HOME = ""
"""Name of the state in which nothing is down."""


@dataclass(slots=True)
class ServicePaths:
    """Ways between sites: the home way where it survives, else the fastest that a cut leaves.

    What the fabric's own demands leave free in each state (after their restoration) is what services may use.
    """

    network: Network
    states: Sequence[tuple[str, frozenset[int]]]
    """Name of each state and the edges that it takes; home first."""
    room_gbps: dict[Hashable, float]
    """Of (state, edge, site that it is entered from)."""
    length_km: Sequence[float]
    """Of each edge."""
    _known: dict[tuple[str, str], list[SitePath | None]] = field(default_factory=dict)

    def list_paths(self, from_site: str, to_site: str) -> list[SitePath | None]:
        """Return the way in each state, None where there is none; between a site and itself one without edges."""
        if from_site == to_site:
            return [SitePath(0.0, (), (from_site,))] * len(self.states)
        key = (from_site, to_site)
        if key not in self._known:
            home = find_fastest(self.network, from_site, to_site, frozenset())
            paths: list[SitePath | None] = []
            for _, gone in self.states:
                survives = home is not None and not gone.intersection(home.edges)
                paths.append(home if survives else find_fastest(self.network, from_site, to_site, gone))
            self._known[key] = paths
        return self._known[key]

    def find_length(self, path: SitePath) -> float:
        """Return the length of a way in km."""
        return sum(self.length_km[edge] for edge in path.edges)

    def list_resources(self, paths: Sequence[SitePath | None]) -> list[Hashable]:
        """Return what a way takes in each state, one resource for each direction of an edge that it goes over."""
        return [
            (name, *arc)
            for (name, _), path in zip(self.states, paths, strict=True)
            if path is not None
            for arc in list_arcs(path)
        ]


def open_service_paths(evaluated: EvaluatedFabric, *, single_cuts: bool) -> ServicePaths:
    """Prepare the ways over the links that are up, in the home state and, where asked for, under each single cut."""
    fabric, figures = evaluated.fabric, evaluated.figures
    network = open_network(fabric, figures.latency_us, figures.rate_gbps, figures.up, None, site_latency_us=0.0, k=1)
    restoration = figures.build_restoration(fabric)
    cuts: list[tuple[str, frozenset[str]]] = [(HOME, frozenset())]
    if single_cuts:
        cuts += [(case.elements[0], case.down) for case in list_single_cases(fabric, (), sites=False)]
    states: list[tuple[str, frozenset[int]]] = []
    room_gbps: dict[Hashable, float] = {}
    ends = {link.name: (link.a, link.b) for link in fabric.link}
    seen: set[frozenset[int]] = set()
    for name, down in cuts:
        # A cut takes all links side by side in a duct, so that whole edges are gone.
        gone = frozenset(network.edge_of[link] for link in down if link in network.edge_of)
        if gone in seen:
            # Pieces of one duct between huts are cut alike, and a duct without links changes nothing.
            continue
        seen.add(gone)
        states.append((name, gone))
        for link, (a_to_b, b_to_a) in restoration.without(down).load_gbps.items():
            a, b = ends[link]
            for site, load_gbps in ((a, a_to_b), (b, b_to_a)):
                key = (name, network.edge_of[link], site)
                room_gbps[key] = room_gbps.get(key, 0.0) + max(0.0, figures.rate_gbps[link] - load_gbps)
    duct_km = {duct.name: duct.length_km for duct in fabric.duct}
    link_km = {link.name: sum(duct_km[name] for name in link.ducts) for link in fabric.link}
    return ServicePaths(network, states, room_gbps, [link_km[names[0]] for names in network.bundles])
