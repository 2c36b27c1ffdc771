"""What is wrong with a fabric at one instant, what would help, and what its figures rest on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lightlane.fabric.restoration import RestoredRouting
from lightlane.lane.batch import LaneBatch
from lightlane.lane.remedies import find_remedy
from lightlane.plan.manifest import list_parts
from lightlane.scenario.objectives import Judged
from lightlane.units import UNIT_LABELS, axis_label, unit_of

ProblemKind = Literal["link", "objective", "demand", "domain", "assumption"]
Level = Literal["error", "warning", "info"]
_MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class StateProblem:
    """One thing that is to be known of a state.

    Attributes
    ----------
    kind
        What it is about: a link that does not close or closes badly, an objective that is broken, a demand that is not
        met, a lane outside what its model claims, a figure that was assumed.
    level
        ``error``: something does not work; ``warning``: nearly, or nobody knows; ``info``: to be known.
    record, name
        Where it is: a record of the fabric (``link``, ``demand``) and its name, of a demand its place. Empty: nowhere.
    remedy
        What would help, in general words; empty where nothing can be said.
    """

    kind: ProblemKind
    level: Level
    text: str
    record: str = ""
    name: str = ""
    remedy: str = ""


def list_problems(
    batch: LaneBatch, routing: RestoredRouting, judged: Iterable[Judged], *, wanted_margin_db: float
) -> tuple[StateProblem, ...]:
    """Return what is wrong with a state, by kinds, and within these the worst first."""
    rows = batch.deciding_lanes()
    words = {name: _take_words(batch, name, rows) for name in _WORDS}
    margins_db: list[float] = batch.columns["margin_db"][rows].tolist()
    return (
        *_of_links(batch, words, margins_db, wanted_margin_db),
        *(_of_objective(item) for item in judged if not item.met),
        *_of_demands(routing),
        *(
            StateProblem("domain", "warning", f"outside what the model claims: {text}", "link", link.name)
            for link, text in zip(batch.links, words["outside_domain"], strict=True)
            if text
        ),
        *_of_assumptions(batch, words["assumed"]),
    )


_WORDS = ("status", "limited_by", "blocked_by", "unknown_because", "outside_domain", "assumed")


def _take_words(batch: LaneBatch, name: str, rows: Any) -> list[str]:
    """Return a column of texts of some lanes, without spelling those of all lanes."""
    return [str(item) for item in batch.columns.part(name, rows).tolist()]


def _of_links(
    batch: LaneBatch, words: dict[str, list[str]], margins_db: Sequence[float], wanted_margin_db: float
) -> list[StateProblem]:
    found: list[tuple[int, float, StateProblem]] = []
    for place, link in enumerate(batch.links):
        status, limit, margin_db = words["status"][place], words["limited_by"][place], margins_db[place]
        if status == "up":
            continue
        level: Level = "error" if status == "down" else "warning"
        if status == "unknown":
            text = f"no verdict: {words['unknown_because'][place]}"
        elif words["blocked_by"][place]:
            text = f"down: {words['blocked_by'][place]}"
        elif status == "down":
            text = f"does not close: margin {_show(margin_db, 2)} dB, limited by {limit}"
        else:
            wanted = f"{_show(wanted_margin_db, 2)} dB wanted"
            text = f"margin {_show(margin_db, 2)} dB of {wanted}, limited by {limit}"
        problem = StateProblem("link", level, text, "link", link.name, find_remedy(link.mode.detection, limit))
        # Out of service is worst, then the least margin; what nobody knows comes last.
        rank = {"down": 0, "degraded": 1}.get(status, 2)
        found.append((rank, -math.inf if math.isnan(margin_db) else margin_db, problem))
    found.sort(key=lambda item: item[:2])
    return [problem for _, _, problem in found]


def _of_objective(item: Judged) -> StateProblem:
    unit = unit_of(item.objective)
    name = item.objective.replace("_", " ") if unit is None else axis_label(item.objective)
    label = UNIT_LABELS.get(unit or "", "")
    name = name.removesuffix(f" ({label})").removesuffix(" count")
    found, allowed = (f"{_plain(value)} {label}".rstrip() for value in (item.found_value, item.allowed_value))
    return StateProblem("objective", "error", f"{name}: {found}, allowed {allowed}")


def _of_demands(routing: RestoredRouting) -> Iterator[StateProblem]:
    for status in ("blocked", "late"):
        for place, found in enumerate(routing.status):
            if found == status:
                ends = f"{routing.from_site[place]} to {routing.to_site[place]}"
                text = f"{ends}: {status}; {routing.reason[place]}"
                level: Level = "error" if status == "blocked" else "warning"
                yield StateProblem("demand", level, text, "demand", str(routing.demand[place]))


def _of_assumptions(batch: LaneBatch, assumed: Sequence[str]) -> Iterator[StateProblem]:
    first: dict[str, str] = {}
    count: dict[str, int] = {}
    for link, text in zip(batch.links, assumed, strict=True):
        for item in text.split("; "):
            if item:
                first.setdefault(item, link.name)
                count[item] = count.get(item, 0) + 1
    if not count:
        return
    for row in list_parts(batch.links, assumed)["assumed"]:
        item = f"{row['part']}: {row['field']}"
        if item in count:
            links = "1 link" if count[item] == 1 else f"{count[item]} links"
            reason = f"; {row['reason']}" if row["reason"] else ""
            yield StateProblem("assumption", "info", f"{item} ({links}){reason}", "link", first[item])


def _show(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace("-", _MINUS)


def _plain(value: float) -> str:
    return f"{value:.6g}".replace("-", _MINUS)


__all__ = ["StateProblem", "list_problems"]
