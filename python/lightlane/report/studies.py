"""The studies of a report: what each found in words, its figure, and the first rows of its table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lightlane.plots.availability import plot_availability
from lightlane.plots.failure_matrix import plot_failure_matrix
from lightlane.plots.placement import plot_placement
from lightlane.plots.upgrade import plot_upgrade
from lightlane.report.figures import inline_svg
from lightlane.results.studies import Study
from lightlane.units import axis_label, unit_of

Row = dict[str, Any]
ROWS_COUNT = 15

_PARTS: dict[str, tuple[str, Callable[[Study], Any], tuple[str, ...]]] = {
    "failures": (
        "Failures",
        plot_failure_matrix,
        ("kind", "elements", "links_down_count", "capacity_lost_gbps", "not_carried_gbps", "blocked_count",
         "late_count", "rerouted_count", "services_hit"),
    ),
    "availability": (
        "Availability",
        plot_availability,
        ("kind", "name", "service", "down_min_per_year", "simulated_min_per_year", "target_met", "worst_element"),
    ),
    "upgrade": (
        "Upgrade",
        plot_upgrade,
        ("link", "module_after", "outcome", "margin_before_db", "margin_after_db", "rate_before_gbps",
         "rate_after_gbps", "power_before_w", "power_after_w", "reason"),
    ),
    "placement": (
        "Placement",
        plot_placement,
        ("service", "users_at", "served_from", "latency_ms", "objective_ms", "worst_latency_ms", "worst_cut", "status",
         "reason"),
    ),
}  # fmt: skip
"""Heading, figure and columns of each kind of study."""


def describe_studies(studies: Sequence[Study]) -> list[Row]:
    """Return what a page shows of each study."""
    described = []
    for number, study in enumerate(studies):
        heading, plot, columns = _PARTS[study.kind]
        rows = study.table.rows()
        described.append(
            {
                "heading": heading,
                "facts": list(_say_summary(study.summary)),
                "figure": inline_svg(plot(study), prefix=f"study{number}-", label=f"Figure of the study: {heading}"),
                "columns": [_column_label(name) for name in columns],
                "numeric": [_is_number(study, name) for name in columns],
                "rows": [[_show(row[name]) for name in columns] for row in rows[:ROWS_COUNT]],
                "more": max(0, len(rows) - ROWS_COUNT),
            }
        )
    return described


def _say_summary(summary: dict[str, Any], before: str = "") -> Sequence[tuple[str, str]]:
    """Return the summary's plain values by the words of their names; tables inside one level down."""
    facts: list[tuple[str, str]] = []
    for name, value in summary.items():
        words = f"{before}{_column_label(name)}".replace("_", " ")
        if isinstance(value, dict):
            facts += _say_summary(value, f"{name}, ") if not before else []
        elif isinstance(value, str | bool | int | float):
            facts.append((words, _show(value)))
    return facts


def _column_label(name: str) -> str:
    # What is counted says the heading, not that it is a count.
    label = axis_label(name) if unit_of(name) is not None else name.replace("_", " ").capitalize()
    return label.removesuffix(" count")


def _is_number(study: Study, name: str) -> bool:
    return study.table.stored(name).__class__.__name__ == "ndarray" and study.table[name].dtype.kind in "if"


def _show(value: Any) -> str:
    if value is None or value == "":
        return "\N{EN DASH}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
    return str(value).replace(";", ", ")
