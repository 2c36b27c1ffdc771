"""From services and a fabric to the problem of placement: who could be served from where, how fast, by what."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lightlane.errors import ParameterError
from lightlane.fabric.paths import SitePath
from lightlane.fabric.services import Service, Services, Split
from lightlane.fabric.topology import Fabric
from lightlane.studies.placement_problem import PlacementOption, PlacementProblem, Pool
from lightlane.studies.queueing import WorkerPool
from lightlane.studies.service_paths import ServicePaths


@dataclass(frozen=True, slots=True)
class LatencyTerms:
    """What an option takes besides waiting.

    Attributes
    ----------
    network_ms
        In each state of the network; infinite where there is no way.
    """

    network_ms: tuple[float, ...]
    transfer_ms: float
    compute_ms: float

    @property
    def fixed_ms(self) -> float:
        """Of the worst state, with transfer and compute."""
        return max(self.network_ms) + self.transfer_ms + self.compute_ms


@dataclass(frozen=True, slots=True)
class PlacementCase:
    """The problem, and what its numbers stand for.

    Attributes
    ----------
    users
        Service and site of each user.
    terms
        Of each option of each user.
    nearest
        Of each user why it might not be served: the option that comes nearest, with its latency without waiting.
    """

    problem: PlacementProblem
    users: list[tuple[Service, str]]
    terms: list[list[LatencyTerms]]
    nearest: list[tuple[str, float]]


def find_transfer_ms(payload_bytes: float, rate_gbps: float) -> float:
    """Return how long a payload takes at a rate."""
    return payload_bytes * 8.0 / (rate_gbps * 1e9) * 1e3


def find_kv_cache_bytes(split: Split) -> float:
    """Return the size of the cache of one prompt."""
    return split.kv_cache_bytes_per_token * split.prompt_tokens


def build_case(fabric: Fabric, services: Services, paths: ServicePaths) -> PlacementCase:
    """List the options of every site of users of every service: those that hold the objective without waiting.

    Raises
    ------
    ParameterError
        If a service lacks an objective or a rate.
    """
    builder = _Builder(fabric, services, paths)
    users: list[tuple[Service, str]] = []
    options: list[list[PlacementOption]] = []
    terms: list[list[LatencyTerms]] = []
    nearest: list[tuple[str, float]] = []
    edges = tuple(site.name for site in fabric.site if site.role == "edge")
    for service in services.service:
        if service.latency_ms is None or service.rate_gbps is None:
            raise ParameterError(f"service {service.name!r} has no latency_ms or no rate_gbps")
        for site in service.users or edges:
            found = list(builder.list_options(service, site))
            fitting = [item for item in found if item[1].fixed_ms <= service.latency_ms]
            users.append((service, site))
            options.append([option for option, _ in fitting])
            terms.append([term for _, term in fitting])
            best = min(found, key=lambda item: item[1].fixed_ms, default=None)
            nearest.append((best[0].label, best[1].fixed_ms) if best else ("", float("inf")))
    problem = PlacementProblem(
        [service.requests_per_s for service, _ in users],
        _drop_ample_room(options, paths.room_gbps),
        builder.pools,
        {item.site: item.gpus for item in services.capacity},
        paths.room_gbps,
    )
    return PlacementCase(problem, users, terms, nearest)


def _drop_ample_room(
    options: Sequence[Sequence[PlacementOption]], room_gbps: Mapping[Hashable, float]
) -> list[list[PlacementOption]]:
    """Forget what the network has enough of, whatever is chosen: under every cut that is nearly everything."""
    most_gbps: dict[Hashable, float] = {}
    for mine in options:
        need_gbps: dict[Hashable, float] = {}
        for option in mine:
            for resource, rate_gbps in option.room_gbps.items():
                need_gbps[resource] = max(rate_gbps, need_gbps.get(resource, 0.0))
        for resource, rate_gbps in need_gbps.items():
            most_gbps[resource] = most_gbps.get(resource, 0.0) + rate_gbps
    scarce = {resource for resource, need_gbps in most_gbps.items() if need_gbps > room_gbps[resource]}
    return [
        [
            replace(option, room_gbps={key: rate for key, rate in option.room_gbps.items() if key in scarce})
            for option in mine
        ]
        for mine in options
    ]


class _Builder:
    def __init__(self, fabric: Fabric, services: Services, paths: ServicePaths) -> None:
        roles = {site.name: site.role for site in fabric.site}
        self._sites = [(item.site, roles[item.site]) for item in services.capacity if item.gpus > 0]
        self._paths = paths
        self.pools: list[Pool] = []
        self._positions: dict[tuple[str, str], int] = {}

    def list_options(self, service: Service, site: str) -> Iterator[tuple[PlacementOption, LatencyTerms]]:
        if service.split is not None:
            yield from self._list_split(service, service.split, site)
            return
        for other, role in self._sites:
            if role in service.where:
                yield self._build_whole(service, site, other)

    def _find_pool(self, service: Service, stage: str, site: str, service_ms: float) -> int:
        name = f"{service.name}: {stage}" if stage else service.name
        if (site, name) not in self._positions:
            self._positions[site, name] = len(self.pools)
            workers = WorkerPool(service_ms, service.compute_variation_ratio, service.percentile_fraction)
            self.pools.append(Pool(site, name, workers, service.gpus_per_worker))
        return self._positions[site, name]

    def _build_whole(self, service: Service, site: str, other: str) -> tuple[PlacementOption, LatencyTerms]:
        rate_gbps, compute_ms = service.rate_gbps or 0.0, service.compute_ms or 0.0
        there, back = self._paths.list_paths(site, other), self._paths.list_paths(other, site)
        times = 1.0 if service.counts == "one-way" else 2.0
        terms = LatencyTerms(
            tuple(times * _latency_ms(path) for path in there),
            find_transfer_ms(service.payload_bytes, rate_gbps),
            compute_ms,
        )
        pool = self._find_pool(service, "", other, compute_ms)
        slack_ms = (service.latency_ms or 0.0) - terms.fixed_ms
        option = PlacementOption(
            other,
            {pool: slack_ms},
            self._add_up([(there, rate_gbps), (back, rate_gbps)]),
            self._haul([(there, rate_gbps)]),
        )
        return option, terms

    def _list_split(self, service: Service, split: Split, site: str) -> Iterator[tuple[PlacementOption, LatencyTerms]]:
        """Yield prefill and decode at each pair of sites: the prompt goes there, the cache on, the answer back.

        What is left for waiting is shared by halves between the two pools.
        """
        rate_gbps = service.rate_gbps or 0.0
        kv_ms = find_transfer_ms(find_kv_cache_bytes(split), split.kv_rate_gbps)
        for first, first_role in self._sites:
            for second, second_role in self._sites:
                if first_role not in split.prefill_at or second_role not in split.decode_at:
                    continue
                legs = [
                    (self._paths.list_paths(site, first), rate_gbps),
                    (self._paths.list_paths(first, second), split.kv_rate_gbps),
                    (self._paths.list_paths(second, site), rate_gbps),
                ]
                network_ms = tuple(
                    sum(_latency_ms(path) for path in paths) for paths in zip(*(leg for leg, _ in legs), strict=True)
                )
                transfer_ms = find_transfer_ms(service.payload_bytes, rate_gbps) + (kv_ms if first != second else 0.0)
                terms = LatencyTerms(network_ms, transfer_ms, split.prefill_ms + split.first_token_ms)
                slack_ms = ((service.latency_ms or 0.0) - terms.fixed_ms) / 2.0
                waits_ms = {
                    self._find_pool(service, "prefill", first, split.prefill_ms): slack_ms,
                    self._find_pool(service, "decode", second, split.decode_ms): slack_ms,
                }
                option = PlacementOption(f"{first}+{second}", waits_ms, self._add_up(legs), self._haul(legs))
                yield option, terms

    def _add_up(self, legs: Sequence[tuple[list[SitePath | None], float]]) -> dict[Hashable, float]:
        room_gbps: dict[Hashable, float] = {}
        for paths, rate_gbps in legs:
            for resource in self._paths.list_resources(paths):
                room_gbps[resource] = room_gbps.get(resource, 0.0) + rate_gbps
        return room_gbps

    def _haul(self, legs: Sequence[tuple[list[SitePath | None], float]]) -> float:
        return sum(rate * self._paths.find_length(paths[0]) for paths, rate in legs if paths[0] is not None)


def _latency_ms(path: SitePath | None) -> float:
    return float("inf") if path is None else path.latency_us * 1e-3
