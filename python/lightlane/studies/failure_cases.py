"""The failures that a fabric can suffer, and what each does to its demands."""

from __future__ import annotations

import gc
import math
import signal
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from multiprocessing import get_context
from typing import Literal

from lightlane.fabric.restoration import LinkFigures, Restoration
from lightlane.fabric.topology import Fabric, list_places

CaseKind = Literal["duct", "risk_group", "amplifier", "site", "pair"]
State = tuple[frozenset[str], str]
"""Links that are down, and the site that is lost with them, empty where none is."""

PARALLEL_STATES_MIN_COUNT = 500
"""Fewer states are done before a second process has started."""
_CHUNK_STATES_COUNT = 25


@dataclass(frozen=True, slots=True)
class Case:
    """One failure: what fails and which links that takes down."""

    kind: CaseKind
    elements: tuple[str, ...]
    down: frozenset[str]
    site: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a failure does to the demands, against the home routing.

    Attributes
    ----------
    not_carried_gbps
        Of demands that do not end at a lost site.
    ended_there_gbps
        Of those that do.
    latency_increase_us
        The greatest of a demand that is carried; NaN where none is longer under way.
    """

    blocked_count: int
    late_count: int
    rerouted_count: int
    not_carried_gbps: float
    ended_there_gbps: float
    latency_increase_us: float
    services_hit: tuple[str, ...]

    @property
    def is_safe(self) -> bool:
        """Whether every demand that does not end at a lost site is served as before."""
        return self.blocked_count == 0 and self.late_count == 0


def list_single_cases(
    fabric: Fabric, amplifiers_by_link: Sequence[tuple[str, Sequence[str]]], *, sites: bool
) -> list[Case]:
    """List the failures of one element: ducts, risk groups, amplifiers and, where asked for, sites.

    Parameters
    ----------
    amplifiers_by_link
        Name of each link and of its amplifiers.
    """
    using = index_links(fabric)
    cases = [Case("duct", (duct.name,), using[duct.name]) for duct in fabric.duct]
    cases += [
        Case("risk_group", (group.name,), frozenset().union(*(using[name] for name in group.ducts)))
        for group in fabric.risk_group
    ]
    cases += [
        Case("amplifier", (amplifier,), frozenset((link,)))
        for link, amplifiers in amplifiers_by_link
        for amplifier in amplifiers
    ]
    if sites:
        ducts = {duct.name: duct for duct in fabric.duct}
        passing: dict[str, set[str]] = {site.name: set() for site in fabric.site}
        for link in fabric.link:
            for site in list_places(link, [ducts[name] for name in link.ducts]):
                passing[site].add(link.name)
        cases += [Case("site", (name,), frozenset(links), name) for name, links in passing.items()]
    return cases


def list_pair_cases(fabric: Fabric) -> list[Case]:
    """List the cuts of two ducts or risk groups at once, but not of a group and a duct in it."""
    using = index_links(fabric)
    cuts = [(duct.name, frozenset((duct.name,))) for duct in fabric.duct]
    cuts += [(group.name, frozenset(group.ducts)) for group in fabric.risk_group]
    down = {name: frozenset().union(*(using[duct] for duct in ducts)) for name, ducts in cuts}
    return [
        Case("pair", (one, two), down[one] | down[two])
        for (one, ducts), (two, others) in combinations(cuts, 2)
        if not (ducts <= others or others <= ducts)
    ]


def index_links(fabric: Fabric) -> dict[str, frozenset[str]]:
    """Return the names of the links in each duct."""
    using: dict[str, set[str]] = {duct.name: set() for duct in fabric.duct}
    for link in fabric.link:
        for duct in link.ducts:
            using[duct].add(link.name)
    return {name: frozenset(links) for name, links in using.items()}


def find_outcome(restoration: Restoration, fabric: Fabric, state: State) -> Outcome:
    """Return what one state does to the demands."""
    down, site = state
    home = restoration.home
    blocked = late = rerouted = 0
    lost_gbps = ended_gbps = 0.0
    increase_us = -math.inf
    hit: set[str] = set()
    for change in restoration.list_changes(down):
        index, demand = change.demand, fabric.demand[change.demand]
        missing_gbps = home.carried_gbps[index] - change.carried_gbps
        if site in (demand.from_site, demand.to_site):
            ended_gbps += missing_gbps
            continue
        rerouted += change.rerouted
        if missing_gbps > 1e-9 * demand.rate_gbps:
            blocked += 1
            lost_gbps += missing_gbps
            hit.add(demand.service)
        elif change.is_late and home.status[index] != "late":
            late += 1
            hit.add(demand.service)
        if change.latency_us > home.latency_us[index]:
            increase_us = max(change.latency_us - home.latency_us[index], increase_us)
    services = tuple(sorted(hit - {""}))
    increase_us = increase_us if increase_us > 0 else math.nan
    return Outcome(blocked, late, rerouted, lost_gbps, ended_gbps, increase_us, services)


def find_outcomes(
    fabric: Fabric,
    figures: LinkFigures,
    states: Iterable[State],
    *,
    k: int,
    jobs: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
) -> dict[State, Outcome]:
    """Return what each state does, by as many processes as ``jobs``; their number changes nothing but the time."""
    unique = sorted(set(states), key=lambda state: (sorted(state[0]), state[1]))
    chunks = [unique[start : start + _CHUNK_STATES_COUNT] for start in range(0, len(unique), _CHUNK_STATES_COUNT)]
    found: dict[State, Outcome] = {}

    def keep(chunk: list[State], outcomes: list[Outcome]) -> None:
        found.update(zip(chunk, outcomes, strict=True))
        if on_progress is not None:
            on_progress(len(found), len(unique))

    if jobs < 2 or len(unique) < PARALLEL_STATES_MIN_COUNT:
        worker = _Worker(fabric, figures.build_restoration(fabric, k=k))
        for chunk in chunks:
            keep(chunk, worker.find(chunk))
        return found
    # A fresh process has no threads of numerical libraries that a fork would tear apart.
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), initializer=_start, initargs=(fabric, figures, k))
    try:
        for chunk, outcomes in zip(chunks, pool.map(_find_chunk, chunks), strict=True):
            keep(chunk, outcomes)
    finally:
        pool.shutdown(cancel_futures=True)
    return found


@dataclass(slots=True)
class _Worker:
    """What a process keeps between chunks."""

    fabric: Fabric
    restoration: Restoration

    def find(self, chunk: Sequence[State]) -> list[Outcome]:
        # What is made here holds no cycles, but remembered paths by the ten thousand, which the collector would walk
        # through again and again.
        enabled = gc.isenabled()
        gc.disable()
        try:
            return [find_outcome(self.restoration, self.fabric, state) for state in chunk]
        finally:
            if enabled:
                gc.enable()


_worker: list[_Worker] = []


def _start(fabric: Fabric, figures: LinkFigures, k: int) -> None:
    # Ctrl-C reaches every process of a terminal; the first one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker[:] = [_Worker(fabric, figures.build_restoration(fabric, k=k))]


def _find_chunk(chunk: list[State]) -> list[Outcome]:
    (worker,) = _worker
    return worker.find(chunk)
