"""Placement against brute force, and waiting against closed forms.

Brute force: all assignments of 100 random small problems, each judged by itself; the exact program must find the same
least cost (it is a sum of whole numbers but for rate times length, 1e-6). Queueing: Erlang's C for one worker is the
utilization, and for two rho^2 * 2 / (1 + rho) by hand; the wait of M/M/1 is exponential; the mean wait of M/G/1 is that
of Pollaczek and Khinchine.
"""

from __future__ import annotations

import itertools
import math
import random

import pytest

from lightlane.studies.placement_exact import place_exactly
from lightlane.studies.placement_problem import Placed, PlacementOption, PlacementProblem, Pool, judge
from lightlane.studies.placement_search import place_greedily
from lightlane.studies.queueing import WorkerPool, find_erlang_c


def draw_problem(chance: random.Random) -> PlacementProblem:
    sites = ["A", "B", "C"][: chance.randint(2, 3)]
    services = [
        (WorkerPool(chance.choice([20.0, 80.0, 300.0]), chance.choice([0.0, 1.0, 1.5]), 0.99), chance.randint(1, 3))
        for _ in range(2)
    ]
    pools = [Pool(site, f"v{index}", *service) for site in sites for index, service in enumerate(services)]
    users = chance.randint(2, 5)
    arcs = ["x", "y", "z"]
    options = []
    for _ in range(users):
        service = chance.randrange(2)
        mine = []
        for number, site in enumerate(sites):
            if chance.random() < 0.85:
                waits_ms = {2 * number + service: chance.choice([0.0, 5.0, 50.0, 400.0])}
                if chance.random() < 0.2:  # split over two sites
                    waits_ms[2 * chance.randrange(len(sites)) + 1 - service] = 100.0
                room = {arc: chance.choice([1.0, 2.0, 5.0]) for arc in arcs if chance.random() < 0.4}
                mine.append(PlacementOption(site, waits_ms, room, round(chance.uniform(0, 100), 2)))
        options.append(mine)
    return PlacementProblem(
        [chance.choice([1.0, 5.0, 20.0, 60.0]) for _ in range(users)],
        options,
        pools,
        {site: chance.choice([0, 2, 6, 12]) for site in sites},
        {arc: chance.choice([2.0, 5.0, 10.0]) for arc in arcs},
    )


def try_all(problem: PlacementProblem) -> Placed:
    choices = [[None, *range(len(options))] for options in problem.options]
    found = (judge(problem, item) for item in itertools.product(*choices))
    return min((item for item in found if item is not None), key=lambda item: item.cost)


def test_the_program_is_as_good_as_brute_force_and_the_search_seldom_worse() -> None:
    chance = random.Random(7)
    served = same = 0
    for _ in range(100):
        problem = draw_problem(chance)
        best = try_all(problem)
        exact = place_exactly(problem)
        assert exact is not None
        assert exact.proven
        assert exact.cost[:2] == best.cost[:2]
        assert exact.cost[2] == pytest.approx(best.cost[2], abs=1e-5)
        searched = place_greedily(problem)
        assert searched.cost >= best.cost
        same += searched.cost == best.cost
        served += len(problem.options) - best.unserved_count
    # The problems are neither all hopeless nor all easy, and the search finds the best of four in five.
    assert 100 < served < 300
    assert same >= 80


def test_erlang_c() -> None:
    for load in (0.1, 0.5, 0.9):
        assert find_erlang_c(1, load) == pytest.approx(load)
        rho = load / 2
        assert find_erlang_c(2, load) == pytest.approx(2 * rho**2 / (1 + rho))
    # Ten workers at 8 Erlang: the usual tables have 0.409.
    assert find_erlang_c(10, 8.0) == pytest.approx(0.409, abs=0.0005)


def test_waits() -> None:
    pool = WorkerPool(service_ms=10.0, variation_ratio=1.0, percentile_fraction=0.99)
    # M/M/1: P(W > t) = rho exp(-(mu - lambda) t).
    wait_ms = pool.find_wait(1, 80.0)
    assert 0.8 * math.exp(-(100.0 - 80.0) * wait_ms * 1e-3) == pytest.approx(0.01)
    assert pool.find_wait(1, 0.5) == 0.0
    assert pool.find_wait(1, 100.0) == math.inf
    # M/D/1 waits half as long on the mean (Pollaczek, Khinchine), and so do those who wait.
    steady = WorkerPool(10.0, 0.0, 0.99)
    assert steady.find_wait(1, 80.0) == pytest.approx(0.5 * wait_ms)


def test_what_a_pool_takes_is_the_inverse_of_its_wait() -> None:
    pool = WorkerPool(35.0, 1.3, 0.99)
    for workers in (1, 3, 12):
        for wait_ms in (0.0, 1.0, 40.0, 500.0):
            most = pool.find_most_requests(workers, wait_ms)
            assert pool.find_wait(workers, most) <= wait_ms
            assert pool.find_wait(workers, most * 1.0001) > wait_ms
            assert pool.find_workers(most * 0.9999, wait_ms, 50) == workers
    assert pool.find_workers(1e6, 1.0, 50) is None


def test_the_cache_of_a_long_prompt() -> None:
    from lightlane.fabric.services import Split
    from lightlane.studies.placement_options import find_kv_cache_bytes, find_transfer_ms

    # Llama-70B: keys and values of 80 layers, 8 heads, 128 numbers of 2 bytes, for 8k tokens.
    split = Split(
        prefill_ms=1, decode_ms=1, first_token_ms=1, kv_cache_bytes_per_token=2 * 80 * 8 * 128 * 2, prompt_tokens=8192,
        kv_rate_gbps=400,
    )  # fmt: skip
    assert split.kv_cache_bytes_per_token == pytest.approx(328e3, abs=500)
    assert find_kv_cache_bytes(split) == pytest.approx(2.68e9, abs=0.005e9)
    assert find_transfer_ms(find_kv_cache_bytes(split), 400) == pytest.approx(54, abs=0.5)
    assert find_transfer_ms(find_kv_cache_bytes(split), 800) == pytest.approx(27, abs=0.5)
