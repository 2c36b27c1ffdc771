"""Which site serves which users, within their objectives and, where asked for, under every single cut."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from lightlane.catalog.load import Catalog
from lightlane.errors import ModelError
from lightlane.fabric.services import Preset, Services, fill_in, load_presets, load_services
from lightlane.fabric.topology import Fabric
from lightlane.results.records import build_table
from lightlane.results.studies import PLACEMENT_COLUMNS, Study
from lightlane.studies.placement_exact import count_variables, place_exactly
from lightlane.studies.placement_options import PlacementCase, build_case
from lightlane.studies.placement_problem import Placed
from lightlane.studies.placement_search import place_greedily
from lightlane.studies.service_paths import ServicePaths, open_service_paths
from lightlane.studies.states import evaluate_for_study

Method = Literal["auto", "exact", "search"]
EXACT_VARIABLES_MAX_COUNT = 2000
"""``auto`` solves up to so many yes-or-no questions exactly."""


def study_placement(
    source: Fabric | Path | str,
    services: Services | Path | str,
    *,
    catalog: Catalog | None = None,
    presets: Mapping[str, Preset] | None = None,
    n_minus_1: bool = False,
    method: Method = "auto",
    time_limit_s: float = 60.0,
) -> Study:
    """Place services so that the fewest users are left without, then with the fewest GPU units, then the least haul.

    Algorithm
    ---------
    1. The network gives latency and room between all sites that matter: over links that close, beside the fabric's own
       demands; with ``n_minus_1`` also under each cut of a duct or risk group, after restoration.
    2. An option serves users at one site from another one. Its latency is network + transfer + wait + compute; what is
       left of the objective in the worst state is what the wait may be, a percentile of M/G/k.
    3. The assignment is found exactly (:func:`place_exactly`) or, where that would take long, by search.

    Parameters
    ----------
    services
        Services and capacities, or their file.
    presets
        What services may name; absent: the shipped ones.
    n_minus_1
        Whether the placement must hold under every single cut.
    method
        ``auto`` solves exactly up to :data:`EXACT_VARIABLES_MAX_COUNT` variables.
    time_limit_s
        Of each of the two steps of the exact solution; then the better of what it has and the search is taken.

    Returns
    -------
    Study with table ``placement``, a row for each service and site of its users.

    Raises
    ------
    FormatError, ParameterError
        If a file or a parameter is wrong.
    """
    evaluated = evaluate_for_study(source, catalog)
    known = load_presets() if presets is None else presets
    if isinstance(services, Services):
        services = fill_in(services, known)
    else:
        services = load_services(services, evaluated.fabric, known)
    paths = open_service_paths(evaluated, single_cuts=n_minus_1)
    case = build_case(evaluated.fabric, services, paths)
    placed = _solve(case, method, time_limit_s)
    rows = [_describe(case, placed, paths, user) for user in range(len(case.users))]
    columns = {name: [row[name] for row in rows] for name in PLACEMENT_COLUMNS}
    manifest = evaluated.manifest(
        n_minus_1=n_minus_1, method=method, services=services.model_dump(mode="json", exclude_none=True)
    )
    return Study("placement", build_table(PLACEMENT_COLUMNS, columns), _summarize(case, placed, n_minus_1), manifest)


def _solve(case: PlacementCase, method: Method, time_limit_s: float) -> Placed:
    if method == "search" or (method == "auto" and count_variables(case.problem) > EXACT_VARIABLES_MAX_COUNT):
        return place_greedily(case.problem)
    placed = place_exactly(case.problem, time_limit_s=time_limit_s)
    if placed is not None and placed.proven:
        return placed
    searched = place_greedily(case.problem)
    return searched if placed is None or searched.cost < placed.cost else placed


def _describe(case: PlacementCase, placed: Placed, paths: ServicePaths, user: int) -> dict[str, Any]:
    service, site = case.users[user]
    row: dict[str, Any] = dict.fromkeys(PLACEMENT_COLUMNS, math.nan)
    row |= {
        "service": service.name,
        "users_at": site,
        "served_from": "",
        "requests_per_s": service.requests_per_s,
        "rate_gbps": service.rate_gbps,
        "objective_ms": service.latency_ms,
        "worst_cut": "",
        "status": "not served",
        "reason": _explain_lack(case, user),
    }
    choice = placed.choices[user]
    if choice is None:
        return row
    option, terms = case.problem.options[user][choice], case.terms[user][choice]
    queue_ms = 0.0
    utilization = 0.0
    for pool in option.waits_ms:
        load = sum(
            case.problem.requests_per_s[other]
            for other, index in enumerate(placed.choices)
            if index is not None and pool in case.problem.options[other][index].waits_ms
        )
        workers = case.problem.pools[pool].workers
        queue_ms += workers.find_wait(placed.workers[pool], load)
        utilization = max(utilization, load * workers.service_ms * 1e-3 / placed.workers[pool])
    rest_ms = terms.transfer_ms + terms.compute_ms + queue_ms
    worst = max(range(len(terms.network_ms)), key=lambda state: terms.network_ms[state])
    several = len(terms.network_ms) > 1
    row |= {
        "served_from": option.label,
        "latency_ms": terms.network_ms[0] + rest_ms,
        "network_ms": terms.network_ms[0],
        "transfer_ms": terms.transfer_ms,
        "queue_ms": queue_ms,
        "compute_ms": terms.compute_ms,
        "worst_latency_ms": terms.network_ms[worst] + rest_ms if several else math.nan,
        "worst_cut": paths.states[worst][0] if several else "",
        "utilization_fraction": utilization,
        "status": "served",
        "reason": "",
    }
    if not max(row["latency_ms"], terms.network_ms[worst] + rest_ms) <= (service.latency_ms or 0.0) * (1 + 1e-6):
        raise ModelError(f"{service.name!r} at {site!r} would be later than its objective: the solver was wrong")
    return row


def _explain_lack(case: PlacementCase, user: int) -> str:
    service, _ = case.users[user]
    label, fixed_ms = case.nearest[user]
    if case.problem.options[user]:
        return "no room: GPU units or links are taken by others or too small"
    if not label:
        return "no site of an allowed kind has GPU units"
    if math.isinf(fixed_ms):
        return "no way to any site is left in every state"
    return f"latency: {fixed_ms:.3g} ms from {label} before any wait, {service.latency_ms:.3g} ms allowed"


def _summarize(case: PlacementCase, placed: Placed, n_minus_1: bool) -> dict[str, Any]:
    gpus: dict[str, int] = {}
    by_pool = []
    for pool, workers in placed.workers.items():
        item = case.problem.pools[pool]
        gpus[item.site] = gpus.get(item.site, 0) + workers * item.gpus_per_worker
        by_pool.append({"site": item.site, "service": item.name, "workers": workers})
    return {
        "users": len(case.users),
        "served": len(case.users) - placed.unserved_count,
        "all_served": placed.unserved_count == 0,
        "n_minus_1": n_minus_1,
        "gpus": dict(sorted(gpus.items())),
        "gpus_total": placed.gpus_count,
        "haul_gbps_km": placed.haul_gbps_km,
        "proven": placed.proven,
        "pools": by_pool,
    }
