"""The problem of placement without the network: users, options, pools, room; and what an assignment costs."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from lightlane.studies.queueing import WorkerPool


@dataclass(frozen=True, slots=True)
class Pool:
    """Workers of one service (and stage) at one site.

    Attributes
    ----------
    name
        Service and stage.
    gpus_per_worker
        GPU units of the site that a worker takes.
    """

    site: str
    name: str
    workers: WorkerPool
    gpus_per_worker: int


@dataclass(frozen=True, slots=True)
class PlacementOption:
    """One way to serve one user.

    Attributes
    ----------
    label
        Site, or sites joined by ``+``.
    waits_ms
        The longest wait at each pool that it uses, by the position of the pool, with which the objective holds in
        every state of the network.
    room_gbps
        What it takes of each resource of the network: a direction of an edge in a state.
    haul_gbps_km
        Rate times length of its way with everything up.
    """

    label: str
    waits_ms: Mapping[int, float]
    room_gbps: Mapping[Hashable, float]
    haul_gbps_km: float


@dataclass(frozen=True, slots=True)
class PlacementProblem:
    """Users to be served, each by one of its options or not at all.

    The best assignment leaves the fewest users without service, then takes the fewest GPU units, then the least rate
    times length. Nothing is priced against anything else.

    Attributes
    ----------
    requests_per_s
        Of each user.
    options
        Of each user.
    gpus
        GPU units of each site.
    room_gbps
        What is left of each resource that an option names.
    """

    requests_per_s: Sequence[float]
    options: Sequence[Sequence[PlacementOption]]
    pools: Sequence[Pool]
    gpus: Mapping[str, int]
    room_gbps: Mapping[Hashable, float]

    def find_workers_most(self, pool: int) -> int:
        """Return how many workers of a pool its site could hold."""
        item = self.pools[pool]
        return self.gpus.get(item.site, 0) // item.gpus_per_worker


@dataclass(frozen=True, slots=True)
class Placed:
    """An assignment that holds.

    Attributes
    ----------
    choices
        Option of each user; None: not served.
    workers
        Of each pool that is used.
    """

    choices: tuple[int | None, ...]
    workers: Mapping[int, int]
    unserved_count: int
    gpus_count: int
    haul_gbps_km: float
    proven: bool = field(default=False, compare=False)

    @property
    def cost(self) -> tuple[int, int, float]:
        """What is minimized, in this order."""
        return (self.unserved_count, self.gpus_count, round(self.haul_gbps_km, 6))


def judge(problem: PlacementProblem, choices: Sequence[int | None]) -> Placed | None:
    """Return what an assignment takes; None where it does not hold."""
    requests_per_s: dict[int, float] = {}
    wait_ms: dict[int, float] = {}
    used_gbps: dict[Hashable, float] = {}
    haul_gbps_km = 0.0
    for user, choice in enumerate(choices):
        if choice is None:
            continue
        option = problem.options[user][choice]
        haul_gbps_km += option.haul_gbps_km
        for pool, wait in option.waits_ms.items():
            requests_per_s[pool] = requests_per_s.get(pool, 0.0) + problem.requests_per_s[user]
            wait_ms[pool] = min(wait, wait_ms.get(pool, wait))
        for resource, rate_gbps in option.room_gbps.items():
            used_gbps[resource] = used_gbps.get(resource, 0.0) + rate_gbps
    if any(used > problem.room_gbps[resource] + 1e-9 for resource, used in used_gbps.items()):
        return None
    workers: dict[int, int] = {}
    taken: dict[str, int] = {}
    for pool in sorted(requests_per_s):
        item = problem.pools[pool]
        # A pool that can just take the load by its bound in the exact program must not fail here by rounding.
        load = requests_per_s[pool] * (1.0 - 1e-9)
        found = item.workers.find_workers(load, wait_ms[pool], problem.find_workers_most(pool))
        if found is None:
            return None
        workers[pool] = found
        taken[item.site] = taken.get(item.site, 0) + found * item.gpus_per_worker
    if any(count > problem.gpus.get(site, 0) for site, count in taken.items()):
        return None
    unserved = sum(choice is None for choice in choices)
    return Placed(tuple(choices), workers, unserved, sum(taken.values()), haul_gbps_km)
