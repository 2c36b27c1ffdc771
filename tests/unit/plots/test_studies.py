"""Figures of studies: they show what the tables hold, and say so where there is nothing to draw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lightlane.plots import plot_availability, plot_failure_matrix, plot_placement, plot_upgrade
from lightlane.results.records import build_table
from lightlane.results.studies import STUDY_TABLES, Study
from lightlane.studies.availability import study_availability
from lightlane.studies.failures import study_failures
from lightlane.studies.placement import study_placement
from lightlane.studies.upgrade import study_upgrade

EXAMPLES = Path(__file__).parents[3] / "examples"
RING = EXAMPLES / "07_studies" / "ring.toml"


def test_the_matrix_holds_every_pair() -> None:
    study = study_failures(RING, dual=True)
    figure = plot_failure_matrix(study, title="Cuts")
    axes = figure.axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    drawn = np.ma.filled(axes.collections[0].get_array(), np.nan).reshape(len(names), len(names))
    assert set(names) == {"core-north", "north-east", "east-south", "south-core", "core-east", "bridge"}
    for row in study.table.rows():
        if row["kind"] in ("duct", "risk_group", "pair"):
            parts = row["elements"].split(";")
            one, two = names.index(parts[0]), names.index(parts[-1])
            assert drawn[max(one, two), min(one, two)] == row["not_carried_gbps"]


def test_bars_of_downtime() -> None:
    study = study_availability(RING)
    figure = plot_availability(study)
    rows = study.table.rows()
    for axes, kind in zip(figure.axes, ("demand", "link"), strict=True):
        minutes = [row["down_min_per_year"] for row in rows if row["kind"] == kind]
        assert [bar.get_x() + bar.get_width() for bar in axes.patches] == pytest.approx(minutes)


def test_margins_before_and_after() -> None:
    study = study_upgrade(EXAMPLES / "02_metro_fabric" / "metro.toml", keep="channels")
    axes = plot_upgrade(study, title="Upgrade").axes[0]
    drawn = {(round(float(x), 6), int(y)) for line in axes.lines for x, y in zip(*line.get_data(), strict=True)}
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert "campus-dr8" not in names  # it is 800G already
    for row in study.table.rows():
        for margin_db in (row["margin_before_db"], row["margin_after_db"]):
            if row["link"] in names and margin_db is not None:
                assert (round(margin_db, 6), names.index(row["link"])) in drawn


def test_latency_over_the_objective() -> None:
    study = study_placement(RING, EXAMPLES / "07_studies" / "services.toml", n_minus_1=True)
    axes = plot_placement(study, title="Placement").axes[0]
    served = [row for row in study.table.rows() if row["status"] == "served"]
    total = sum(bar.get_width() for bar in axes.patches)
    assert total == pytest.approx(sum(100 * row["latency_ms"] / row["objective_ms"] for row in served))
    texts = [text.get_text() for text in axes.texts]
    assert texts.count("not served") == 2


@pytest.mark.parametrize(
    ("kind", "plot"),
    [
        ("failures", plot_failure_matrix),
        ("availability", plot_availability),
        ("upgrade", plot_upgrade),
        ("placement", plot_placement),
    ],
)
def test_nothing_to_draw_is_said(kind: str, plot: object) -> None:
    schema = STUDY_TABLES[kind]
    study = Study(kind, build_table(schema, {name: [] for name in schema}), {"target_min_per_year": 5.3}, {})
    figure = plot(study)  # type: ignore[operator]
    assert figure.axes[0].texts[0].get_text()
