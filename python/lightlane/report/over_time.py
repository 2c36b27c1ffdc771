"""The part of a report that only a run over time, draws or variants has: timelines, fans, survival, differences."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from lightlane.plots.difference import plot_difference
from lightlane.plots.fabric_map import plot_fabric_map
from lightlane.plots.timeline import plot_margin_fan, plot_survival, plot_timeline
from lightlane.report.figures import inline_svg
from lightlane.results.difference import ResultsDifference, compare_results
from lightlane.results.folder import ResultsFolder
from lightlane.results.history import DrawnHistory, History, read_drawn_history, read_history
from lightlane.results.store import read_results

Row = dict[str, Any]
FAN_LINKS_COUNT = 6
EVENTS_LISTED_COUNT = 60
LINKS_LISTED_COUNT = 12
VARIANTS_SHOWN_COUNT = 6
"""So many variants have figures of their own; the others are named."""


def describe_run(folder: str | os.PathLike[str] | ResultsFolder, *, step: Callable[[str], None]) -> Row | None:
    """Return what a page shows of a run with several states; None of one with a single state.

    Raises
    ------
    FormatError
        If the folder cannot be read.
    """
    from lightlane.results.folder import open_results

    opened = folder if isinstance(folder, ResultsFolder) else open_results(folder)
    if "steps" not in opened.table_names:
        return None
    states = opened.arrow("steps", columns=["variant", "point_index"]).to_pylist()
    if len(states) < 2:
        return None
    variants = list(dict.fromkeys(state["variant"] for state in states))
    points = {state["point_index"] for state in states}
    step("timeline")
    histories = [read_history(opened, variant=name) for name in variants[:VARIANTS_SHOWN_COUNT]]
    return {
        "variants": [_describe_variant(opened, item, number, step) for number, item in enumerate(histories)],
        "left_out": variants[VARIANTS_SHOWN_COUNT:],
        "points_count": len(points),
        "maps": _before_and_after(opened, histories[0]),
        "differences": [_describe_difference(opened, histories[0], item, n) for n, item in enumerate(histories[1:])],
        "objectives": _list_objectives(opened),
    }


def _describe_variant(opened: ResultsFolder, history: History, number: int, step: Callable[[str], None]) -> Row:
    figures = []
    if len(history.time_days) > 1:
        figures.append(
            _inline(plot_timeline(history), f"time{number}-", f"Margins, events and losses of {history.variant}")
        )
    step(f"draws of {history.variant}")
    drawn = read_drawn_history(opened, history)
    if drawn is not None and len(history.time_days) > 1:
        named = history.least_lasting(FAN_LINKS_COUNT)
        figures.append(
            _inline(plot_margin_fan(drawn, links=named), f"fan{number}-", "Quantiles of margins over the draws")
        )
        figures.append(_inline(plot_survival(drawn), f"survival{number}-", "Share of the draws without a failure"))
    return {
        "name": history.variant,
        "words": _say_history(history, drawn),
        "figures": figures,
        "events": _list_events(history),
    }


def _say_history(history: History, drawn: DrawnHistory | None) -> list[str]:
    """Say how a variant went: the first to fail, the worst instant, what draws add."""
    steps = history.steps
    words = []
    failure = history.first_failure
    if failure is not None:
        words.append(f"{failure[0]} is the first link to fail by its margin, on day {failure[1]:g}.")
    elif history.failing.any():
        words.append(f"{int(history.failing[:, 0].sum())} links do not close from the first day on; no other fails.")
    else:
        words.append("No link fails by its margin.")
    blocked = steps["demands_blocked_count"]
    if blocked.max() > 0:
        place = int(blocked.argmax())
        words.append(f"Most demands, {int(blocked[place])}, are blocked on day {steps['time_days'][place]:g}.")
    lost = steps["capacity_lost_gbps"]
    if lost.max() > 0:
        place = int(lost.argmax())
        lost_tbps, of_tbps = lost[place] / 1e3, steps["capacity_gbps"][place] / 1e3
        day = f"{steps['time_days'][place]:g}"
        words.append(f"Most capacity, {lost_tbps:.3g} Tb/s of {of_tbps:.3g} Tb/s, is lost on day {day}.")
    if drawn is not None:
        share = float(drawn.all_lasting_ratio[-1])
        words.append(f"In {share:.1%} of {drawn.draws_count} draws every link lasts to the end.")
        if drawn.first_failures:
            link, first = drawn.first_failures[0]
            words.append(f"{link} is the first to fail in {first:.1%} of the draws.")
    return words


def _list_events(history: History) -> Row:
    rows = sorted(history.events.rows(), key=lambda row: (row["time_days"], row["event_index"]))
    return {
        "rows": [{**row, "words": row["kind"].replace("_", " ")} for row in rows[:EVENTS_LISTED_COUNT]],
        "more": max(0, len(rows) - EVENTS_LISTED_COUNT),
    }


def _before_and_after(opened: ResultsFolder, history: History) -> list[Row]:
    """Return the map of the first instant, and that of the one at which most capacity is lost."""
    lost = history.steps["capacity_lost_gbps"]
    worst = int(lost.argmax())
    if len(lost) < 2 or lost[worst] <= lost[0]:
        return []
    maps = []
    for step, words in ((0, "before"), (worst, "with most capacity lost")):
        results = read_results(opened.path, variant=history.variant, point=history.point_index, step=step)
        day = f"day {history.time_days[step]:g}"
        maps.append({"title": f"{day}, {words}", "figure": _inline(plot_fabric_map(results), f"map{step}-", day)})
    return maps


def _describe_difference(opened: ResultsFolder, base: History, other: History, number: int) -> Row:
    """Compare a variant with the base at the last instant of both."""
    first, second = (
        read_results(opened.path, variant=item.variant, point=item.point_index, step=len(item.time_days) - 1)
        for item in (base, other)
    )
    difference = compare_results(first, second)
    names = (base.variant, other.variant)
    figure = plot_difference(difference, names=names)
    return {
        "names": names,
        "figure": _inline(figure, f"difference{number}-", f"Margins of {names[0]} and {names[1]}"),
        "demands": _changed_demands(difference),
        "words": f"At the last instant {len(difference.links)} links and {len(difference.demands)} demands differ.",
    }


def _changed_demands(difference: ResultsDifference) -> list[Row]:
    rows = difference.to_dict()["demands"][:LINKS_LISTED_COUNT]
    return [row for row in rows if row["first_status"] != row["second_status"]]


def _list_objectives(opened: ResultsFolder) -> list[Row]:
    """Return each objective of each variant with how often it was broken and when first."""
    found: dict[tuple[str, str], Row] = {}
    columns = ["variant", "time_days", "objective", "found_value", "allowed_value", "met"]
    for row in opened.arrow("objectives", columns=columns).to_pylist():
        key = (row["variant"], row["objective"])
        item = found.setdefault(
            key, {"variant": key[0], "objective": key[1], "allowed": row["allowed_value"], "judged": 0, "broken": 0,
                  "first_day": None}
        )  # fmt: skip
        item["judged"] += 1
        if not row["met"]:
            item["broken"] += 1
            item["first_day"] = (
                row["time_days"] if item["first_day"] is None else min(item["first_day"], row["time_days"])
            )
    return list(found.values())


def _inline(figure: Any, prefix: str, label: str) -> str:
    return inline_svg(figure, prefix=prefix, label=label)
