"""Placement solved exactly, as a mixed-integer linear program."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lightlane.errors import ModelError
from lightlane.studies.placement_problem import Placed, PlacementProblem, judge

_Constraint = tuple[dict[int, float], float, float]
"""Coefficients by variable, lower and upper bound."""


@dataclass(frozen=True, slots=True)
class _Variables:
    """Positions of the variables: one for each option, then one for each pool and number of its workers."""

    option: dict[tuple[int, int], int]
    workers: dict[tuple[int, int], int]

    @property
    def count(self) -> int:
        return len(self.option) + len(self.workers)


def count_variables(problem: PlacementProblem) -> int:
    """Return how many yes-or-no questions the program has."""
    return _list_variables(problem).count


def place_exactly(problem: PlacementProblem, *, time_limit_s: float = 60.0) -> Placed | None:
    """Solve a placement by HiGHS; None where time ran out before any assignment was found.

    Algorithm
    ---------
    1. Variables: whether a user takes an option, and whether a pool has a number of workers (one number at most).
    2. A user takes one option at most. The load of a pool is at most what its number of workers can take with the wait
       that an option allows, for every option that is taken: linear, since that is a number for each number of workers.
       GPU units of the sites and room of the network bound the rest.
    3. The fewest users without service and then the fewest GPU units are one objective of whole numbers; with it held,
       the least rate times length is a second one.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    variables = _list_variables(problem)
    if variables.count == 0:
        return judge(problem, [None] * len(problem.options))
    rows = [*_limit_users(problem, variables), *_limit_pools(problem, variables), *_limit_room(problem, variables)]
    first = _weigh_services_and_gpus(problem, variables)
    haul = np.zeros(variables.count)
    for (user, option), position in variables.option.items():
        haul[position] = problem.options[user][option].haul_gbps_km
    solution: NDArray[np.float64] | None = None
    proven = True
    for objective in (first, haul):
        matrix, low, high = _build_matrix(rows, variables.count)
        found = milp(
            objective,
            constraints=LinearConstraint(matrix, low, high),
            integrality=np.ones(variables.count),
            bounds=Bounds(0, 1),
            options={"time_limit": time_limit_s, "mip_rel_gap": 0.0},
        )
        proven = proven and found.status == 0
        if found.x is None:
            break
        solution = np.round(found.x)
        best = float(first @ solution)
        rows = [*rows, ({int(i): float(first[i]) for i in np.flatnonzero(first)}, -math.inf, best + 0.5)]
    if solution is None:
        return None
    choices: list[int | None] = [None] * len(problem.options)
    for (user, option), position in variables.option.items():
        if solution[position] > 0.5:
            choices[user] = option
    placed = judge(problem, choices)
    if placed is None:
        raise ModelError("the solver's placement does not hold: its tolerances are too wide for this problem")
    return replace(placed, proven=proven)


def _list_variables(problem: PlacementProblem) -> _Variables:
    used = {pool for options in problem.options for option in options for pool in option.waits_ms}
    option = [(user, index) for user, options in enumerate(problem.options) for index in range(len(options))]
    most = {pool: _bound_workers(problem, pool) for pool in used}
    workers = [(pool, count) for pool in sorted(used) for count in range(1, most[pool] + 1)]
    start = len(option)
    return _Variables(
        {key: position for position, key in enumerate(option)},
        {key: start + position for position, key in enumerate(workers)},
    )


def _bound_workers(problem: PlacementProblem, pool: int) -> int:
    """Return how many workers a pool could need at most: for all its users, with the shortest wait."""
    users = [
        (user, option.waits_ms[pool])
        for user, options in enumerate(problem.options)
        for option in options
        if pool in option.waits_ms
    ]
    load = sum(problem.requests_per_s[user] for user in {user for user, _ in users})
    most = problem.find_workers_most(pool)
    found = problem.pools[pool].workers.find_workers(load, min(wait for _, wait in users), most)
    return most if found is None else found


def _weigh_services_and_gpus(problem: PlacementProblem, variables: _Variables) -> NDArray[np.float64]:
    weights = np.zeros(variables.count)
    everything = sum(problem.gpus.values()) + 1
    for position in variables.option.values():
        weights[position] = -everything
    for (pool, count), position in variables.workers.items():
        weights[position] = count * problem.pools[pool].gpus_per_worker
    return weights


def _limit_users(problem: PlacementProblem, variables: _Variables) -> list[_Constraint]:
    return [
        ({variables.option[user, index]: 1.0 for index in range(len(options))}, 0.0, 1.0)
        for user, options in enumerate(problem.options)
        if options
    ]


def _limit_pools(problem: PlacementProblem, variables: _Variables) -> list[_Constraint]:
    load: dict[int, dict[int, float]] = {}
    for (user, index), position in variables.option.items():
        for pool in problem.options[user][index].waits_ms:
            load.setdefault(pool, {})[position] = problem.requests_per_s[user]
    counts: dict[int, list[tuple[int, int]]] = {}
    for (pool, count), position in variables.workers.items():
        counts.setdefault(pool, []).append((count, position))
    rows: list[_Constraint] = [({position: 1.0 for _, position in items}, 0.0, 1.0) for items in counts.values()]
    known: dict[tuple[int, int, float], float] = {}
    for (user, index), position in variables.option.items():
        for pool, wait_ms in problem.options[user][index].waits_ms.items():
            whole = sum(load[pool].values())
            row = dict(load[pool])
            # Without the option the row holds whatever the load is.
            row[position] = row.get(position, 0.0) + whole
            for count, other in counts.get(pool, ()):
                key = (pool, count, wait_ms)
                if key not in known:
                    known[key] = problem.pools[pool].workers.find_most_requests(count, wait_ms)
                row[other] = -known[key]
            rows.append((row, -math.inf, whole))
    sites: dict[str, dict[int, float]] = {}
    for (pool, count), position in variables.workers.items():
        item = problem.pools[pool]
        sites.setdefault(item.site, {})[position] = float(count * item.gpus_per_worker)
    return rows + [(row, -math.inf, float(problem.gpus.get(site, 0))) for site, row in sites.items()]


def _limit_room(problem: PlacementProblem, variables: _Variables) -> list[_Constraint]:
    taken: dict[Hashable, dict[int, float]] = {}
    for (user, index), position in variables.option.items():
        for resource, rate_gbps in problem.options[user][index].room_gbps.items():
            taken.setdefault(resource, {})[position] = rate_gbps
    return [
        (row, -math.inf, problem.room_gbps[resource])
        for resource, row in taken.items()
        if sum(row.values()) > problem.room_gbps[resource]
    ]


def _build_matrix(rows: list[_Constraint], count: int) -> tuple[object, NDArray[np.float64], NDArray[np.float64]]:
    from scipy.sparse import csr_array

    positions = [
        (number, position, value) for number, (row, _, _) in enumerate(rows) for position, value in row.items()
    ]
    where = (np.array([item[0] for item in positions]), np.array([item[1] for item in positions]))
    matrix = csr_array((np.array([item[2] for item in positions]), where), shape=(len(rows), count))
    return matrix, np.array([row[1] for row in rows]), np.array([row[2] for row in rows])
