"""Waiting at a pool of workers: percentile of the wait of M/G/k, and what a pool can take."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class WorkerPool:
    """Workers that each serve one request at a time.

    Attributes
    ----------
    service_ms
        Mean time that a request holds a worker.
    variation_ratio
        Standard deviation of that time over its mean.
    percentile_fraction
        Share of requests that wait no longer than what is reckoned with.
    """

    service_ms: float
    variation_ratio: float
    percentile_fraction: float

    def find_wait(self, workers: int, requests_per_s: float) -> float:
        """Return the percentile of the wait in ms; infinite where the workers cannot follow.

        Algorithm
        ---------
        1. Erlang's C: the share ``C`` of requests that wait at all with Poisson arrivals and exponential service.
        2. ``P(W > t) = C exp(-(k mu - lambda) t)`` is exact for these; for another variation the wait of those who wait
           is scaled by ``(1 + cv^2) / 2``, as Allen and Cunneen scale its mean.

        Validity
        --------
        Exact for M/M/k (and its mean for M/G/1, Pollaczek and Khinchine); a few percent for M/G/k under load.

        References
        ----------
        A. O. Allen, Probability, Statistics and Queueing Theory, 2nd ed. 1990, section 5.3.
        """
        load = requests_per_s * self.service_ms * 1e-3
        if load >= workers:
            return math.inf
        waiting_fraction = find_erlang_c(workers, load)
        if waiting_fraction <= 1.0 - self.percentile_fraction:
            return 0.0
        mean_of_waiting_ms = self.service_ms / (workers - load) * 0.5 * (1.0 + self.variation_ratio**2)
        return mean_of_waiting_ms * math.log(waiting_fraction / (1.0 - self.percentile_fraction))

    def find_most_requests(self, workers: int, wait_max_ms: float) -> float:
        """Return the greatest rate in requests per second at which the wait is no longer; 0 where none is."""
        if workers < 1 or wait_max_ms < 0:
            return 0.0
        low, high = 0.0, workers / self.service_ms * 1e3
        for _ in range(60):
            middle = 0.5 * (low + high)
            if self.find_wait(workers, middle) <= wait_max_ms:
                low = middle
            else:
                high = middle
        return low

    def find_workers(self, requests_per_s: float, wait_max_ms: float, most: int) -> int | None:
        """Return the fewest workers that keep the wait; None where ``most`` do not."""
        return None if wait_max_ms < 0 else _find_workers(self, requests_per_s, wait_max_ms, most)


@lru_cache(maxsize=1 << 16)
def _find_workers(pool: WorkerPool, requests_per_s: float, wait_max_ms: float, most: int) -> int | None:
    """Count up from what follows at all; a search for placements asks the same again and again."""
    least = math.floor(requests_per_s * pool.service_ms * 1e-3) + 1
    for workers in range(least, most + 1):
        if pool.find_wait(workers, requests_per_s) <= wait_max_ms:
            return workers
    return None


def find_erlang_c(workers: int, busy_count: float) -> float:
    """Return the share of requests that wait at ``workers`` of which ``busy_count``, the load in Erlang, are busy.

    By the recursion of Erlang's B, which neither overflows nor cancels.
    """
    blocked_fraction = 1.0
    for count in range(1, workers + 1):
        blocked_fraction = busy_count * blocked_fraction / (count + busy_count * blocked_fraction)
    return blocked_fraction / (1.0 - busy_count / workers * (1.0 - blocked_fraction))
