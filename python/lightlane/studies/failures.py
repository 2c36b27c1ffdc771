"""What single and dual failures do to the demands of a fabric, the worst first."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lightlane.catalog.load import Catalog
from lightlane.errors import ParameterError
from lightlane.fabric.topology import Fabric
from lightlane.results.records import build_table
from lightlane.results.studies import FAILURE_COLUMNS, Study
from lightlane.studies.elements import name_amplifiers
from lightlane.studies.failure_cases import Case, Outcome, find_outcomes, list_pair_cases, list_single_cases
from lightlane.studies.states import EvaluatedFabric, evaluate_for_study

_KINDS = ("duct", "risk_group", "amplifier", "site", "pair")


def study_failures(
    source: Fabric | Path | str,
    *,
    catalog: Catalog | None = None,
    single: bool = True,
    dual: bool = False,
    sites: bool = False,
    k: int = 4,
    jobs: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
) -> Study:
    """Lose every duct, risk group and amplifier, every pair of cuts, and say what the demands notice.

    Algorithm
    ---------
    1. Every link is evaluated once: which are up, their rates and latencies. A failure changes no margin of the links
       that stay, since links share ducts and not fibers.
    2. A cut takes the links in its ducts down, an amplifier its link, a site the links that end there or pass it.
    3. Each different set of lost links is restored once (:class:`Restoration`).

    Parameters
    ----------
    source
        A fabric or its file.
    single, dual
        Whether failures of one element, and cuts of two ducts or risk groups at once, are looked at.
    sites
        Whether sites are lost, too; demands that end there are not counted as blocked.
    k
        Paths that a displaced demand tries.
    jobs
        Processes; their number changes nothing but the time.
    on_progress
        Called with states done and states in all.

    Returns
    -------
    Study with table ``failures``; its summary says whether the demands survive every single and every dual failure.

    Raises
    ------
    FormatError, ParameterError
        If the fabric is wrong, or nothing is asked for.
    """
    if not single and not dual:
        raise ParameterError("neither single nor dual failures are asked for")
    if jobs < 1:
        raise ParameterError(f"jobs is {jobs}; allowed: 1 or more")
    evaluated = evaluate_for_study(source, catalog)
    fabric = evaluated.fabric
    cases: list[Case] = []
    if single:
        cases += list_single_cases(fabric, name_amplifiers(evaluated.compose()), sites=sites)
    if dual:
        cases += list_pair_cases(fabric)
    outcomes = find_outcomes(
        fabric,
        evaluated.figures,
        ((case.down, case.site) for case in cases),
        k=k,
        jobs=jobs,
        on_progress=on_progress,
    )
    found = sorted(((case, outcomes[case.down, case.site]) for case in cases), key=_badness)
    settings = {"single": single, "dual": dual, "sites": sites, "k": k}
    columns = _list_columns(evaluated, found)
    return Study(
        "failures",
        build_table(FAILURE_COLUMNS, columns),
        _summarize(evaluated, found, single=single, dual=dual),
        evaluated.manifest(**settings),
    )


def _badness(item: tuple[Case, Outcome]) -> tuple[Any, ...]:
    case, outcome = item
    increase_us = 0.0 if math.isnan(outcome.latency_increase_us) else outcome.latency_increase_us
    return (
        -round(outcome.not_carried_gbps, 6),
        -outcome.blocked_count,
        -outcome.late_count,
        -round(increase_us, 6),
        -outcome.rerouted_count,
        _KINDS.index(case.kind),
        case.elements,
    )


def _list_columns(evaluated: EvaluatedFabric, found: Sequence[tuple[Case, Outcome]]) -> dict[str, list[Any]]:
    figures = evaluated.figures

    def capacity_gbps(case: Case) -> float:
        return sum(figures.rate_gbps[name] for name in sorted(case.down) if figures.up[name])

    return {
        "kind": [case.kind for case, _ in found],
        "elements": [";".join(case.elements) for case, _ in found],
        "links_down": [";".join(sorted(case.down)) for case, _ in found],
        "links_down_count": [len(case.down) for case, _ in found],
        "capacity_lost_gbps": [capacity_gbps(case) for case, _ in found],
        "blocked_count": [outcome.blocked_count for _, outcome in found],
        "late_count": [outcome.late_count for _, outcome in found],
        "rerouted_count": [outcome.rerouted_count for _, outcome in found],
        "not_carried_gbps": [outcome.not_carried_gbps for _, outcome in found],
        "ended_there_gbps": [outcome.ended_there_gbps for _, outcome in found],
        "latency_increase_us": [outcome.latency_increase_us for _, outcome in found],
        "services_hit": [";".join(outcome.services_hit) for _, outcome in found],
    }


def _summarize(
    evaluated: EvaluatedFabric, found: Sequence[tuple[Case, Outcome]], *, single: bool, dual: bool
) -> dict[str, Any]:
    statuses = evaluated.results.demands["status"].tolist()
    home = {status: statuses.count(status) for status in ("met", "late", "blocked")}
    unsafe = dict.fromkeys(_KINDS, 0)
    cases = dict.fromkeys(_KINDS, 0)
    for case, outcome in found:
        cases[case.kind] += 1
        unsafe[case.kind] += not outcome.is_safe
    whole = home["met"] == len(statuses)
    single_unsafe = unsafe["duct"] + unsafe["risk_group"] + unsafe["amplifier"]
    # Two cuts at once hit at least what one of them does.
    return {
        "demands": len(statuses),
        "home": home,
        "cases": {kind: count for kind, count in cases.items() if count},
        "unsafe": {kind: unsafe[kind] for kind, count in cases.items() if count},
        "n_minus_1_safe": (whole and single_unsafe == 0) if single and statuses else None,
        "n_minus_2_safe": (whole and unsafe["pair"] == 0) if dual and statuses else None,
        "worst_not_carried_gbps": max((outcome.not_carried_gbps for _, outcome in found), default=0.0),
    }
