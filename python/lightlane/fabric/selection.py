"""Selection: of sorted candidates the first that closes, by few questions to the lane model about many links each."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

from lightlane.catalog.load import Catalog
from lightlane.fabric.candidates import Candidate, Family, Task, list_candidates, objective_of
from lightlane.fabric.design_options import DesignOptions
from lightlane.fabric.topology import Fabric
from lightlane.fabric.verdicts import Evaluate, Verdict, build_trial, leave_out_assumed_controls

FIRST_ROUND_COUNT = 24
"""Candidates of one adjacency in the first question to the lane model; each further one asks four times as many."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A candidate that was not chosen: the best of its kind and why it does not do.

    Attributes
    ----------
    power_w, price
        NaN where not known, price also without a price book.
    margin_db
        NaN where there is none.
    """

    module: str
    mode: str
    family: Family
    span_count: int
    power_w: float
    price: float
    margin_db: float
    reason: str

    def to_dict(self) -> dict[str, object]:
        """Return JSON-ready values; NaN becomes None."""
        return {field.name: drop_nan(getattr(self, field.name)) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Pick:
    """What was picked for a task, None where nothing closes, and what was not."""

    candidate: Candidate | None
    verdict: Verdict | None
    rejected: tuple[Rejected, ...]


def drop_nan(value: object) -> object:
    """Return None for NaN and anything else as it is."""
    return None if isinstance(value, float) and math.isnan(value) else value


def pick_all(
    fabric: Fabric,
    catalog: Catalog,
    tasks: Sequence[Task],
    options: DesignOptions,
    evaluate: Evaluate,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[Pick]:
    """Pick for all tasks together, in rounds, so that the lane model is asked a few times and not once a candidate."""
    listed = list_candidates(tasks, catalog, options)
    # What may not be assumed is not there, where a line can be without it.
    judging = catalog if options.allow_assumed else leave_out_assumed_controls(catalog)
    judged: list[list[tuple[Candidate, Verdict]]] = [[] for _ in tasks]
    waiting = [[candidate for candidate in candidates if not candidate.left_out] for candidates in listed]
    picks: dict[int, Pick] = {}
    size = FIRST_ROUND_COUNT
    while len(picks) < len(tasks):
        rounds: list[Candidate] = []
        for index in range(len(tasks)):
            if index not in picks:
                now, waiting[index] = _cut(waiting[index], size, options)
                rounds += now
        trial = build_trial(fabric, tasks, rounds)
        verdicts = evaluate(trial, judging, options.wanted_margin_db, options.fiber_limits) if rounds else ()
        for candidate, verdict in zip(rounds, verdicts, strict=True):
            judged[candidate.task].append((candidate, verdict))
        for index in range(len(tasks)):
            if index not in picks:
                pick = _decide(judged[index], [c for c in listed[index] if c.left_out], options)
                if pick.candidate is not None or not waiting[index]:
                    picks[index] = pick
        size *= 4
        if on_progress is not None:
            on_progress(len(picks), len(tasks))
    return [picks[index] for index in range(len(tasks))]


def _cut(candidates: list[Candidate], size: int, options: DesignOptions) -> tuple[list[Candidate], list[Candidate]]:
    """Cut off the first ``size`` candidates and all that cost the same as the last of them."""
    end = min(size, len(candidates))
    while 0 < end < len(candidates) and objective_of(candidates[end], options) == objective_of(
        candidates[end - 1], options
    ):
        end += 1
    return candidates[:end], candidates[end:]


def _decide(judged: Sequence[tuple[Candidate, Verdict]], left_out: Sequence[Candidate], options: DesignOptions) -> Pick:
    def reason(candidate: Candidate, verdict: Verdict) -> str:
        without = not options.allow_assumed and candidate.amplifier_count
        left_out = ", without the controls of amplifiers that are assumed" if without else ""
        return verdict.why_not(options.wanted_margin_db, allow_assumed=options.allow_assumed, left_out=left_out)

    good = [(candidate, verdict) for candidate, verdict in judged if not reason(candidate, verdict)]
    best = min(good, key=lambda pair: _rank(pair[0], pair[1], options), default=None)
    most = (math.inf, math.inf) if best is None else objective_of(best[0], options)
    by_kind: dict[tuple[object, ...], Rejected] = {}
    for candidate, verdict in judged:
        if not reason(candidate, verdict) or objective_of(candidate, options) > most:
            continue
        entry = _reject(candidate, verdict.margin_db, reason(candidate, verdict))
        known = by_kind.get(candidate.kind)
        if known is None or _is_nearer(entry, known):
            by_kind[candidate.kind] = entry
    for candidate, _ in good:
        # What closes at the same cost in another variant was not turned down but lost a tie.
        if objective_of(candidate, options) <= most:
            by_kind.pop(candidate.kind, None)
    for candidate in left_out:
        by_kind.setdefault(candidate.kind, _reject(candidate, math.nan, f"left out: {candidate.left_out}"))
    rejected = tuple(by_kind.values())
    return Pick(best[0], best[1], rejected) if best else Pick(None, None, rejected)


def _rank(
    candidate: Candidate, verdict: Verdict, options: DesignOptions
) -> tuple[tuple[int, float], int, float, float]:
    """Order what closes: fewest huts, least watts or cost, fewest fiber pairs, shortest class of reach, most margin."""
    return (objective_of(candidate, options), candidate.fiber_pairs, candidate.reach_km, -verdict.margin_db)


def _reject(candidate: Candidate, margin_db: float, reason: str) -> Rejected:
    return Rejected(
        candidate.module,
        candidate.mode,
        candidate.family,
        candidate.span_count,
        candidate.power_w,
        candidate.price,
        margin_db,
        reason,
    )


def _is_nearer(one: Rejected, other: Rejected) -> bool:
    """Whether ``one`` came nearer to closing than ``other``; what has no margin is the farthest."""
    return (math.isnan(other.margin_db) and not math.isnan(one.margin_db)) or one.margin_db > other.margin_db
