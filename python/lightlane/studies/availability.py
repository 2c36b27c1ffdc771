"""How many minutes a year each demand and each link is down, and what makes them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from lightlane.catalog.load import Catalog
from lightlane.errors import ParameterError
from lightlane.fabric.placing import Network
from lightlane.fabric.reliability import MINUTES_PER_YEAR, Reliability, load_reliability
from lightlane.fabric.routing import open_network
from lightlane.fabric.topology import Demand, Fabric
from lightlane.results.records import build_table
from lightlane.results.studies import AVAILABILITY_COLUMNS, Study
from lightlane.studies.elements import FailingElements, list_failing_elements
from lightlane.studies.path_sets import PATHS_MAX_COUNT, SystemUnavailability, find_unavailability
from lightlane.studies.renewal import RenewalSimulation, SimulatedDowntime
from lightlane.studies.routes import find_routes, list_risks
from lightlane.studies.states import EvaluatedFabric, evaluate_for_study

LISTED_CONTRIBUTIONS_COUNT = 10
ElementSet = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityOptions:
    """What is asked of a study of availability.

    Attributes
    ----------
    k
        Routes that restoration may give a demand, at most (:func:`find_routes`).
    rate_fits
        Whether a route counts only if each of its hops could carry all of the demand.
    target_fraction
        Availability that is wanted; five nines unless given.
    simulated_years
        Years of Monte Carlo beside the exact sum; None: none.
    seed
        Of the Monte Carlo.
    """

    k: int = 8
    rate_fits: bool = False
    target_fraction: float = 0.99999
    simulated_years: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.k <= PATHS_MAX_COUNT:
            raise ParameterError(f"k is {self.k}; allowed: 1 to {PATHS_MAX_COUNT}")
        if not 0 < self.target_fraction < 1:
            raise ParameterError(f"target_fraction is {self.target_fraction}; allowed: between 0 and 1")
        if self.simulated_years is not None and not 0 < self.simulated_years < math.inf:
            raise ParameterError(f"simulated_years is {self.simulated_years}; allowed: above 0")


def study_availability(
    source: Fabric | Path | str,
    *,
    catalog: Catalog | None = None,
    reliability: Reliability | Path | str | None = None,
    options: AvailabilityOptions | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Study:
    """Find how long each demand and each link is down in a year, and which elements make it so.

    Algorithm
    ---------
    1. A link is up while its ducts, their risk groups, its amplifiers, a pair of its modules and the sites on its way
       are. Links side by side in the same ducts stand in for each other but for the ducts.
    2. A demand is served while one of its routes is up as a whole (connectivity: whether the others leave room on it is
       asked by :func:`study_failures`). The routes are the fastest one and those that restoration would find when it
       and its followers fail (:func:`find_routes`), up to ``k``.
    3. The exact unavailability follows from the sets of elements of these routes (:func:`find_unavailability`), so that
       what routes share is counted once; Monte Carlo on request (:class:`RenewalSimulation`).

    Parameters
    ----------
    reliability
        Priors or their file; absent: the shipped ones. Ducts of the fabric may have their own.
    on_progress
        Called with rows done and rows in all.

    Returns
    -------
    Study with table ``availability``: demands, then links, each the worst first.

    Raises
    ------
    FormatError, ParameterError
        If a file or an option is wrong.
    """
    options = AvailabilityOptions() if options is None else options
    priors = reliability if isinstance(reliability, Reliability) else load_reliability(reliability)
    evaluated = evaluate_for_study(source, catalog)
    systems = _Systems(evaluated, list_failing_elements(evaluated.fabric, evaluated.compose(), priors), options)
    asked = [("demand", f"{item.from_site} - {item.to_site}", item.service) for item in evaluated.fabric.demand]
    asked += [("link", item.name, "") for item in evaluated.fabric.link]
    paths = [systems.list_demand_paths(item) for item in evaluated.fabric.demand]
    paths += [systems.list_link_paths(item.name) for item in evaluated.fabric.link]
    rows = []
    for number, (name, found) in enumerate(zip(asked, paths, strict=True), start=1):
        rows.append((name, len(found), *systems.solve(found)))
        if on_progress is not None:
            on_progress(number, len(asked))
    rows.sort(key=lambda row: (row[0][0], -row[2].unavailable_fraction, row[0][1]))
    manifest = evaluated.manifest(**asdict(options), reliability=priors.model_dump(mode="json"))
    columns = _list_columns(rows, options.target_fraction)
    return Study("availability", build_table(AVAILABILITY_COLUMNS, columns), _summarize(columns, options), manifest)


class _Systems:
    """The systems of demands and links over what can fail; equal ones are solved once."""

    def __init__(self, evaluated: EvaluatedFabric, elements: FailingElements, options: AvailabilityOptions) -> None:
        self._figures = evaluated.figures
        self._elements = elements
        self._options = options
        figures = evaluated.figures
        self._network: Network = open_network(
            evaluated.fabric, figures.latency_us, figures.rate_gbps, figures.up, None, site_latency_us=0.0, k=options.k
        )
        self._unavailable = {name: rate.unavailable_fraction for name, rate in elements.rates.items()}
        composites: dict[str, list[ElementSet]] = {}
        self._bundles: list[ElementSet] = []
        for names in self._network.bundles:
            equipment = [elements.equipment[name] for name in names]
            if len(names) > 1 and all(equipment):
                # Nobody else needs any of it, so that together it is one element.
                label = f"all equipment of {', '.join(names)}"
                composites[label] = equipment
                self._unavailable[label] = math.prod(
                    find_unavailability([path], self._unavailable).unavailable_fraction for path in equipment
                )
                equipment = [frozenset((label,))]
            self._bundles.append(elements.line[names[0]] | (equipment[0] if all(equipment) else frozenset()))
        self._risks = list_risks(self._bundles, self._unavailable)
        self._routes: dict[tuple[str, str, frozenset[int]], list[ElementSet]] = {}
        years = options.simulated_years
        self._simulation = None if years is None else RenewalSimulation(elements.rates, years, options.seed, composites)
        self._solved: dict[tuple[ElementSet, ...], tuple[SystemUnavailability, SimulatedDowntime | None]] = {}

    def list_demand_paths(self, demand: Demand) -> list[ElementSet]:
        gone: frozenset[int] = frozenset()
        if self._options.rate_fits:
            narrow = (index for (index, _), room in self._network.arc_room_gbps.items() if room < demand.rate_gbps)
            gone = frozenset(narrow)
        key = (demand.from_site, demand.to_site, gone)
        if key not in self._routes:
            routes = find_routes(
                self._network, self._risks, demand.from_site, demand.to_site, k=self._options.k, gone=gone
            )
            self._routes[key] = [
                frozenset().union(*(self._bundles[index] for index in route.edges)) for route in routes
            ]
        return self._routes[key]

    def list_link_paths(self, link: str) -> list[ElementSet]:
        return [self._elements.list_link(link)] if self._figures.up[link] else []

    def solve(self, paths: Sequence[ElementSet]) -> tuple[SystemUnavailability, SimulatedDowntime | None]:
        key = tuple(sorted(paths, key=sorted))
        if key not in self._solved:
            simulated = None if self._simulation is None else self._simulation.find_downtime(key)
            self._solved[key] = (find_unavailability(key, self._unavailable), simulated)
        return self._solved[key]


_Row = tuple[tuple[str, str, str], int, SystemUnavailability, SimulatedDowntime | None]


def _list_columns(rows: Sequence[_Row], target_fraction: float) -> dict[str, list[Any]]:
    systems = [row[2] for row in rows]
    simulated = [row[3] for row in rows]
    contributions = [
        [
            [name, saved * MINUTES_PER_YEAR]
            for name, saved in islice(system.saved_fraction.items(), LISTED_CONTRIBUTIONS_COUNT)
        ]
        for system in systems
    ]
    return {
        "kind": [row[0][0] for row in rows],
        "name": [row[0][1] for row in rows],
        "service": [row[0][2] for row in rows],
        "paths_count": [row[1] for row in rows],
        "availability_fraction": [1.0 - system.unavailable_fraction for system in systems],
        "down_min_per_year": [system.unavailable_fraction * MINUTES_PER_YEAR for system in systems],
        "simulated_min_per_year": [math.nan if item is None else item.down_min_per_year for item in simulated],
        "simulated_low_min_per_year": [math.nan if item is None else item.low_min_per_year for item in simulated],
        "simulated_high_min_per_year": [math.nan if item is None else item.high_min_per_year for item in simulated],
        "target_met": [system.unavailable_fraction <= 1.0 - target_fraction for system in systems],
        "worst_element": [items[0][0] if items else "" for items in contributions],
        "worst_element_min_per_year": [items[0][1] if items else math.nan for items in contributions],
        "contributions": [json.dumps(items, ensure_ascii=False) for items in contributions],
    }


def _summarize(columns: dict[str, list[Any]], options: AvailabilityOptions) -> dict[str, Any]:
    out: dict[str, Any] = {
        "target_fraction": options.target_fraction,
        "target_min_per_year": (1.0 - options.target_fraction) * MINUTES_PER_YEAR,
    }
    for kind in ("demand", "link"):
        chosen = [index for index, value in enumerate(columns["kind"]) if value == kind]
        minutes = [columns["down_min_per_year"][index] for index in chosen]
        out[f"{kind}s"] = {
            "count": len(chosen),
            "target_met": sum(columns["target_met"][index] for index in chosen),
            "worst": columns["name"][chosen[0]] if chosen else None,
            "worst_min_per_year": minutes[0] if chosen else None,
        }
    return out
