"""Asking the lane model about candidates: many at once, over ducts that are split for the question only."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lightlane.catalog.load import Catalog
from lightlane.fabric.candidates import Candidate, Task
from lightlane.fabric.huts import split_duct
from lightlane.fabric.topology import Duct, Fabric, Link, Site


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the lane model says of a link: of its worst lane where they differ.

    Attributes
    ----------
    margin_db
        NaN where a limit without decibels is passed or a figure is not known.
    latency_us
        From one end to the other.
    """

    margin_db: float
    limited_by: str
    latency_us: float
    blocked_by: str = ""
    unknown_because: str = ""
    assumed: tuple[str, ...] = ()

    def why_not(self, wanted_margin_db: float, *, allow_assumed: bool, left_out: str = "") -> str:
        """Return in one line why this does not do; empty where it does.

        ``left_out`` names what the line was judged without.
        """
        if self.blocked_by:
            return f"blocked by {self.blocked_by}"
        if self.unknown_because and not self.margin_db < 0.0:
            return f"unknown: {self.unknown_because}"
        if math.isnan(self.margin_db):
            return "no margin could be found"
        if self.margin_db < wanted_margin_db:
            wanted = f"{wanted_margin_db:g} dB wanted{left_out}"
            return f"margin {self.margin_db:.2f} dB, limited by {self.limited_by}; {wanted}"
        if self.assumed and not allow_assumed:
            return f"rests on assumed values: {', '.join(self.assumed)}"
        return ""


ASSUMED_CONTROLS = ("gain_tilt_max_db",)
"""What an amplifier may be able to do besides amplifying: a line can be judged as if it were not."""


def leave_out_assumed_controls(catalog: Catalog) -> Catalog:
    """Return the catalog with amplifiers that have no control whose reach is assumed.

    A verdict on a line of such amplifiers does not rest on the assumption, whatever the real ones can do.
    """
    amplifiers = {}
    for name, part in catalog.amplifiers.items():
        controls = [field for field in ASSUMED_CONTROLS if field in part.assumed]
        known = tuple(field for field in part.assumed if field not in controls)
        update = dict.fromkeys(controls) | {"assumed": known}
        amplifiers[name] = part.model_copy(update=update) if controls else part
    return replace(catalog, amplifiers=amplifiers)


Evaluate = Callable[[Fabric, Catalog, float, bool], Sequence[Verdict]]
"""(fabric, catalog, wanted margin in dB, whether fibers are at their limits) -> one verdict per link, in order."""


VERDICT_COLUMNS = ("margin_db", "limited_by", "blocked_by", "unknown_because", "assumed")


def evaluate_with_budget(
    fabric: Fabric, catalog: Catalog, wanted_margin_db: float, fiber_limits: bool
) -> Sequence[Verdict]:
    """Ask the analytic lane model."""
    from lightlane.fabric.evaluation import evaluate_fabric
    from lightlane.lane.options import BudgetOptions

    options = BudgetOptions(fiber_limits=fiber_limits)
    batch = evaluate_fabric(fabric, catalog, wanted_margin_db=wanted_margin_db, options=options)
    deciding = batch.deciding_lanes()
    worst = {name: batch.columns.part(name, deciding).tolist() for name in VERDICT_COLUMNS}
    latency_us = np.maximum.reduceat(batch.columns["latency_us"], batch.link_bounds()[:-1])
    return [
        Verdict(margin_db, limited_by, link_us, blocked_by, unknown_because, tuple(filter(None, assumed.split("; "))))
        for link_us, margin_db, limited_by, blocked_by, unknown_because, assumed in zip(
            latency_us.tolist(), *worst.values(), strict=True
        )
    ]


def build_trial(fabric: Fabric, tasks: Sequence[Task], candidates: Sequence[Candidate]) -> Fabric:
    """Build a fabric with one link for each candidate, in order: its fullest, since channels only add noise and power.

    Module pairs with fibers of their own are all alike, so that one stands for them.
    """
    sites = {site.name: site for site in fabric.site}
    ducts: dict[str, Duct] = {duct.name: duct for duct in fabric.duct}
    huts: list[Site] = []
    split: dict[tuple[str, int], tuple[str, ...]] = {}
    links = []
    for number, candidate in enumerate(candidates):
        task = tasks[candidate.task]
        way: list[str] = []
        here = task.adjacency.a
        for duct, count in zip(task.ducts, candidate.spans, strict=True):
            if (duct.name, count) not in split:
                stem = f"trial-{len(split)}"
                new_huts, new_ducts = split_duct(
                    duct,
                    sites[duct.a],
                    sites[duct.b],
                    count,
                    name_part=lambda name, stem=stem: stem + name[-12:],  # type: ignore[misc]
                )
                huts += new_huts
                ducts |= {new.name: new for new in new_ducts}
                split[duct.name, count] = tuple(new.name for new in new_ducts)
            names = split[duct.name, count]
            way += names if duct.a == here else names[::-1]
            here = duct.b if duct.a == here else duct.a
        channels = 1 if candidate.family == "direct" else max(candidate.channels)
        links.append(build_link(candidate, task, f"trial-{number}", tuple(way), channels))
    return Fabric(format=1, site=(*fabric.site, *huts), duct=tuple(ducts.values()), link=tuple(links))


def build_link(candidate: Candidate, task: Task, name: str, ducts: tuple[str, ...], channels: int) -> Link:
    """Write a candidate as a link of the fabric file."""
    chain = candidate.chain
    return Link(
        name=name,
        a=task.adjacency.a,
        b=task.adjacency.b,
        module=candidate.module,
        mode=candidate.mode,
        ducts=ducts,
        channels=channels,
        launch_power_dbm=candidate.launch_power_dbm if chain.launch_power_dbm is None else chain.launch_power_dbm,
        channel_spacing_ghz=candidate.channel_spacing_ghz,
        mux=candidate.mux,
        booster=chain.booster,
        inline_amplifier=chain.inline_amplifier,
        preamplifier=chain.preamplifier,
        span_launch_power_dbm=chain.span_launch_power_dbm,
        received_power_dbm=chain.received_power_dbm,
    )
