"""The design rules: for each adjacency the modules and amplifiers that close it at the least watts, or least cost."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from lightlane.catalog.load import Catalog
from lightlane.errors import ParameterError
from lightlane.fabric.candidates import Candidate, Task, find_rate
from lightlane.fabric.capacity import Adjacency, PlannedLoad, find_adjacencies, find_adjacency_latencies, plan_load
from lightlane.fabric.design_options import DesignOptions
from lightlane.fabric.huts import NAME_LENGTH_MAX, make_namer, split_duct
from lightlane.fabric.price_book import list_priced_ids
from lightlane.fabric.selection import Pick, Rejected, drop_nan, pick_all
from lightlane.fabric.topology import Demand, Duct, Fabric, Link, RiskGroup, Site
from lightlane.fabric.verdicts import Evaluate, Verdict, build_link, evaluate_with_budget

NOTE_LENGTH_MAX = 500
"""Of one line of a link's notes, as the fabric's file allows it."""
PLAN_ROUNDS_MAX = 4
"""How often loads are planned anew after modules have changed latencies and with them the fastest ways."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen for an adjacency, and each cheaper kind of candidate with the reason why it was not.

    Attributes
    ----------
    links
        Names of the links in the designed fabric.
    rate_gbps
        Of all channels together, in each direction.
    latency_us
        From one end to the other.
    """

    adjacency: Adjacency
    needed_gbps: float
    candidate: Candidate
    links: tuple[str, ...]
    rate_gbps: float
    margin_db: float
    limited_by: str
    latency_us: float
    assumed: tuple[str, ...]
    rejected: tuple[Rejected, ...]

    def to_dict(self) -> dict[str, object]:
        """Return JSON-ready values; NaN becomes None."""
        candidate, chain = self.candidate, self.candidate.chain
        return {
            **_adjacency_to_dict(self.adjacency),
            "needed_gbps": self.needed_gbps,
            "links": list(self.links),
            "module": candidate.module,
            "mode": candidate.mode,
            "family": candidate.family,
            "channels": sum(candidate.channels),
            "rate_gbps": self.rate_gbps,
            "fiber_pairs": candidate.fiber_pairs,
            "span_count": candidate.span_count,
            "mux": candidate.mux,
            "booster": chain.booster,
            "inline_amplifier": chain.inline_amplifier,
            "preamplifier": chain.preamplifier,
            "span_launch_power_dbm": chain.span_launch_power_dbm,
            "amplifier_count": candidate.amplifier_count,
            "power_w": drop_nan(candidate.power_w),
            "price": drop_nan(candidate.price),
            "margin_db": self.margin_db,
            "limited_by": self.limited_by,
            "latency_us": drop_nan(self.latency_us),
            "assumed": list(self.assumed),
            "rejected": [item.to_dict() for item in self.rejected],
        }


@dataclass(frozen=True, slots=True)
class Unclosed:
    """An adjacency that nothing closes, with what came nearest."""

    adjacency: Adjacency
    needed_gbps: float
    best: Rejected | None
    rejected: tuple[Rejected, ...]

    def to_dict(self) -> dict[str, object]:
        """Return JSON-ready values; NaN becomes None."""
        return {
            **_adjacency_to_dict(self.adjacency),
            "needed_gbps": self.needed_gbps,
            "best": self.best.to_dict() if self.best else None,
            "rejected": [item.to_dict() for item in self.rejected],
        }


@dataclass(frozen=True, slots=True)
class Design:
    """A designed fabric and why it is as it is.

    Attributes
    ----------
    kept
        Adjacencies that had links already.
    unreachable
        Positions of demands between sites that nothing joins that closes.
    """

    fabric: Fabric
    choices: tuple[Choice, ...]
    unclosed: tuple[Unclosed, ...]
    kept: tuple[Adjacency, ...]
    unreachable: tuple[int, ...]

    def to_dict(self) -> dict[str, object]:
        """Return JSON-ready values without the fabric, which has a file of its own."""
        return {
            "choices": [choice.to_dict() for choice in self.choices],
            "unclosed": [item.to_dict() for item in self.unclosed],
            "kept": [_adjacency_to_dict(adjacency) for adjacency in self.kept],
            "unreachable_demands": list(self.unreachable),
        }


def _adjacency_to_dict(adjacency: Adjacency) -> dict[str, object]:
    return {
        "a": adjacency.a,
        "b": adjacency.b,
        "ducts": list(adjacency.ducts),
        "length_km": adjacency.length_km,
    }


def design_fabric(
    fabric: Fabric,
    catalog: Catalog,
    *,
    options: DesignOptions | None = None,
    evaluate: Evaluate = evaluate_with_budget,
    on_progress: Callable[[int, int], None] | None = None,
) -> Design:
    """Choose modules, amplifiers and huts for each adjacency that has no link.

    Algorithm
    ---------
    1. Adjacencies are the ways between sites with modules that pass only huts. Demands go the fastest way by fiber
       latency; the larger direction is what an adjacency must carry, one channel at least.
    2. Candidates are sorted by new huts, then watts (by cost, with a price book). The lane model is asked about
       the cheapest of all adjacencies at once, then about more for those that did not close.
    3. Of those that close and cost the same, the one on the fewest fiber pairs is taken, then that of the shortest
       class of reach, then that with the most margin.
    4. Modules add latency, which may turn the fastest ways: loads are planned again with the latencies of the links
       chosen, and adjacencies that must now carry more than they can are chosen again.

    Parameters
    ----------
    evaluate
        The lane model.
    on_progress
        Called with (adjacencies decided, all adjacencies to decide) after each question to the lane model.

    Raises
    ------
    ParameterError
        If an option names a part that the catalog does not have.
    """
    options = options or DesignOptions()
    _check_price_book(catalog, options)
    if options.redesign:
        fabric = fabric.model_copy(update={"link": ()})
    adjacencies = find_adjacencies(fabric)
    kept = tuple(adjacency for adjacency in adjacencies if _is_linked(adjacency, fabric.link))
    fiber_us = find_adjacency_latencies(fabric, catalog, adjacencies)
    load = plan_load(adjacencies, fabric.demand, fiber_us)
    tasks = _list_tasks(fabric, [adj for adj in adjacencies if adj not in kept], adjacencies, load)
    picks = pick_all(fabric, catalog, tasks, options, evaluate, on_progress)
    for _ in range(PLAN_ROUNDS_MAX):
        load, short = _plan_again(adjacencies, fabric.demand, fiber_us, catalog, dict(zip(tasks, picks, strict=True)))
        if not short:
            break
        for index, needed_gbps in short.items():
            tasks[index] = replace(tasks[index], needed_gbps=needed_gbps)
        again = [tasks[index] for index in short]
        for index, pick in zip(short, pick_all(fabric, catalog, again, options, evaluate), strict=True):
            picks[index] = pick
    return _assemble(fabric, catalog, tasks, picks, kept, load, options.wanted_margin_db)


def _check_price_book(catalog: Catalog, options: DesignOptions) -> None:
    unknown = sorted(set(options.price_book or ()) - list_priced_ids(catalog))
    if unknown:
        raise ParameterError(f"the price book names {', '.join(unknown)}, which the catalog does not have")


def _is_linked(adjacency: Adjacency, links: Sequence[Link]) -> bool:
    """Whether a link uses the adjacency's ducts, be it on its way past their sites."""
    return any(set(adjacency.ducts) <= set(link.ducts) for link in links)


def _list_tasks(
    fabric: Fabric, open_adjacencies: Sequence[Adjacency], adjacencies: Sequence[Adjacency], load: PlannedLoad
) -> list[Task]:
    uses = Counter(name for adjacency in adjacencies for name in adjacency.ducts)
    uses.update(name for link in fabric.link for name in link.ducts)
    ducts = {duct.name: duct for duct in fabric.duct}
    needed_gbps = dict(zip(adjacencies, load.needed_gbps, strict=True))
    return [
        Task(
            adjacency,
            tuple(ducts[name] for name in adjacency.ducts),
            needed_gbps[adjacency],
            tuple(uses[name] == 1 for name in adjacency.ducts),
        )
        for adjacency in open_adjacencies
    ]


def _plan_again(
    adjacencies: Sequence[Adjacency],
    demands: Sequence[Demand],
    fiber_us: Sequence[float],
    catalog: Catalog,
    picks: Mapping[Task, Pick],
) -> tuple[PlannedLoad, dict[int, float]]:
    """Plan the load with the chosen links' latencies, past the adjacencies that nothing closes.

    Returns
    -------
    The load, and for each task whose choice is now too small its position and what it needs.
    """
    latency_us = dict(zip(adjacencies, fiber_us, strict=True))
    for task, pick in picks.items():
        if pick.candidate is None or pick.verdict is None:
            del latency_us[task.adjacency]
        elif math.isfinite(pick.verdict.latency_us):
            latency_us[task.adjacency] = pick.verdict.latency_us
    load = plan_load(list(latency_us), demands, list(latency_us.values()))
    needed_gbps = dict(zip(latency_us, load.needed_gbps, strict=True))
    short = {}
    for index, (task, pick) in enumerate(picks.items()):
        now_gbps = needed_gbps.get(task.adjacency, 0.0)
        if pick.candidate is not None and now_gbps > find_rate(pick.candidate, catalog) * (1 + 1e-9):
            short[index] = now_gbps
    return load, short


def _assemble(
    fabric: Fabric,
    catalog: Catalog,
    tasks: Sequence[Task],
    picks: Sequence[Pick],
    kept: tuple[Adjacency, ...],
    load: PlannedLoad,
    wanted_margin_db: float,
) -> Design:
    """Write what was picked into the fabric."""
    sites = {site.name: site for site in fabric.site}
    ways: dict[str, tuple[Duct, ...]] = {duct.name: (duct,) for duct in fabric.duct}
    huts: list[Site] = []
    links: list[Link] = list(fabric.link)
    name_part = make_namer({*sites, *ways})
    choices: list[Choice] = []
    unclosed: list[Unclosed] = []
    for task, pick in zip(tasks, picks, strict=True):
        adjacency = task.adjacency
        if pick.candidate is None or pick.verdict is None:
            unclosed.append(Unclosed(adjacency, task.needed_gbps, _find_nearest(pick.rejected), pick.rejected))
            continue
        for duct, count in zip(task.ducts, pick.candidate.spans, strict=True):
            if count > 1:
                new_huts, ways[duct.name] = split_duct(duct, sites[duct.a], sites[duct.b], count, name_part=name_part)
                huts += new_huts
        names: list[str] = []
        way = _join(task, ways)
        for channels in pick.candidate.channels:
            names.append(_name_link(adjacency, links))
            link = build_link(pick.candidate, task, names[-1], way, channels)
            links.append(link.model_copy(update={"notes": _explain_choice(pick, wanted_margin_db)}))
        choices.append(_record_choice(task, pick.candidate, pick.verdict, tuple(names), catalog, pick.rejected))
    ducts = tuple(duct for parts in ways.values() for duct in parts)
    designed = fabric.model_copy(
        update={
            "site": (*fabric.site, *huts),
            "duct": ducts,
            "risk_group": tuple(_follow_split(group, ways) for group in fabric.risk_group),
            "link": tuple(links),
            "wanted_margin_db": wanted_margin_db,
        }
    )
    return Design(designed, tuple(choices), tuple(unclosed), kept, load.unreachable)


def _follow_split(group: RiskGroup, ways: Mapping[str, Sequence[Duct]]) -> RiskGroup:
    """Name the pieces of ducts that were split where a group named the whole."""
    return group.model_copy(update={"ducts": tuple(piece.name for name in group.ducts for piece in ways[name])})


def _explain_choice(pick: Pick, wanted_margin_db: float) -> tuple[str, ...]:
    """Return why a link is what it is: what was chosen, and why cheaper kinds were not, alike reasons in one line."""
    chosen, verdict = pick.candidate, pick.verdict
    if chosen is None or verdict is None:
        return ()
    watts = "" if math.isnan(chosen.power_w) else f", {chosen.power_w:g} W"
    lines = [f"{chosen.module}, mode {chosen.mode}: the least that closes with {wanted_margin_db:g} dB{watts}"]
    groups: dict[str, list[Rejected]] = {}
    for item in pick.rejected:
        # "blocked by chromatic dispersion -380 ps/nm": what blocks decides, not by how much.
        kind = " ".join(item.reason.split()[:4]) if item.reason.startswith("blocked") else item.reason.split(" ")[0]
        groups.setdefault(kind, []).append(item)
    for items in groups.values():
        nearest = max(items, key=lambda item: -math.inf if math.isnan(item.margin_db) else item.margin_db)
        count = len(items) - 1
        others = f" and {count} other cheaper kind{'s' if count > 1 else ''}" if count else ""
        lines.append(f"not {nearest.module}, mode {nearest.mode}{others}: {nearest.reason}"[:NOTE_LENGTH_MAX])
    return tuple(lines)


def _record_choice(
    task: Task,
    candidate: Candidate,
    verdict: Verdict,
    links: tuple[str, ...],
    catalog: Catalog,
    rejected: tuple[Rejected, ...],
) -> Choice:
    return Choice(
        task.adjacency,
        task.needed_gbps,
        candidate,
        links,
        find_rate(candidate, catalog),
        verdict.margin_db,
        verdict.limited_by,
        verdict.latency_us,
        verdict.assumed,
        rejected,
    )


def _join(task: Task, ways: Mapping[str, Sequence[Duct]]) -> tuple[str, ...]:
    """Return the names of the split ducts in the order of the link."""
    here, way = task.adjacency.a, []
    for duct in task.ducts:
        names = [part.name for part in ways[duct.name]]
        way += names if duct.a == here else names[::-1]
        here = duct.b if duct.a == here else duct.a
    return tuple(way)


def _name_link(adjacency: Adjacency, links: Sequence[Link]) -> str:
    """Return ``a-b-1`` or the first number that is free."""
    taken = {link.name for link in links}
    number = 1
    while (name := f"{f'{adjacency.a}-{adjacency.b}'[: NAME_LENGTH_MAX - 6]}-{number}") in taken:
        number += 1
    return name


def _find_nearest(rejected: Sequence[Rejected]) -> Rejected | None:
    return max(rejected, key=lambda item: -math.inf if math.isnan(item.margin_db) else item.margin_db, default=None)
