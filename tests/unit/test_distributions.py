"""Distributions of the catalog: what a row may say, and which row stands for a part's figure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from lightlane.catalog.distributions import SCOPES, Distribution, choose_distributions
from lightlane.catalog.load import load_catalog
from lightlane.errors import FormatError

ROW: dict[str, Any] = {
    "id": "spread",
    "name": "Spread",
    "quantity": "attenuation_db_per_km",
    "scope": "cable",
    "basis": "offset",
    "kind": "normal",
    "mean": 0.0,
    "standard_deviation": 0.1,
    "source": "measured",
    "confidence": "datasheet",
}


def row(**changes: Any) -> Distribution:
    values = {key: value for key, value in {**ROW, **changes}.items() if value is not None}
    return Distribution(**values)


@pytest.mark.parametrize(
    "changes",
    [
        {"mean": None},
        {"low": 0.0},
        {"kind": "uniform"},
        {"kind": "uniform", "mean": None, "standard_deviation": None, "low": 2.0, "high": 1.0},
        {"kind": "triangular", "mean": None, "standard_deviation": None, "low": 0.0, "peak": 3.0, "high": 1.0},
        {"standard_deviation": 0.0},
        {"scope": "lane"},
        {"basis": "range"},
        {"basis": "factor"},
        {"quantity": "attenuation"},
        {"basis": "ratio"},
        {"quantity": "launch_power_dbm", "scope": "lane", "basis": "ratio", "kind": "lognormal", "mean": 1.0},
        {
            "quantity": "lane_wavelength_nm",
            "scope": "lane",
            "basis": "range",
            "kind": "uniform",
            "mean": None,
            "standard_deviation": None,
            "low": 0.0,
            "high": 1.5,
        },
    ],
)  # fmt: skip
def test_rows_that_contradict_themselves_are_refused(changes: dict[str, Any]) -> None:
    row()
    with pytest.raises(ValidationError):
        row(**changes)


def test_a_ratio_of_a_normal_distribution_needs_ends() -> None:
    # Without them it could turn a loss into a gain.
    ends = {"kind": "truncated_normal", "basis": "ratio", "mean": 1.0, "high": 1.5}
    with pytest.raises(ValidationError):
        row(**ends, low=-0.1)
    assert row(**ends, low=0.5).bounds() == (0.5, 1.5)
    assert row(kind="lognormal", mean=1.0, basis="ratio").bounds() == (0.0, float("inf"))


def test_one_row_of_each_scope_stands_for_a_figure() -> None:
    general = row(id="general")
    special = row(id="special", parts=("g652d",))
    fiber = row(id="fiber", scope="fiber")
    rows = [special, general, fiber]
    assert choose_distributions(rows, "attenuation_db_per_km", "g652d") == [special, fiber]
    assert choose_distributions(rows, "attenuation_db_per_km", "g655") == [general, fiber]
    assert choose_distributions(rows, "pmd_ps_per_sqrt_km", "g652d") == []
    assert choose_distributions([*rows, row(id="mine")], "attenuation_db_per_km", "g655")[0].id == "mine"
    assert choose_distributions([*rows, row(id="mine")], "attenuation_db_per_km", "g652d")[0].id == "special"


def test_shipped_distributions_cover_every_quantity() -> None:
    catalog = load_catalog()
    assert {item.quantity for item in catalog.distributions.values()} == set(SCOPES)
    # No two shipped rows may compete for a figure.
    places = [(item.quantity, item.scope, item.parts) for item in catalog.distributions.values()]
    assert len(set(places)) == len(places)


def test_shipped_zero_dispersion_stays_inside_the_range_of_the_class() -> None:
    catalog = load_catalog()
    fiber = catalog.get_fiber("g652d")
    rows = choose_distributions(catalog.distributions.values(), "zero_dispersion_wavelength_nm", "g652d")
    assert fiber.zero_dispersion_typical_nm is not None
    low = fiber.zero_dispersion_typical_nm + sum(item.bounds()[0] for item in rows)
    high = fiber.zero_dispersion_typical_nm + sum(item.bounds()[1] for item in rows)
    assert fiber.zero_dispersion_min_nm is not None
    assert fiber.zero_dispersion_max_nm is not None
    assert fiber.zero_dispersion_min_nm <= low < high <= fiber.zero_dispersion_max_nm


def test_users_replace_and_add_rows_and_unknown_parts_are_told(tmp_path: Path) -> None:
    text = """
[distribution.mux-loss]
name = "My muxes"
quantity = "mux_loss_db"
scope = "element"
basis = "offset"
kind = "uniform"
low = -1.0
high = 0.0
parts = ["mux-75ghz"]
source = "measured in May"
confidence = "datasheet"
"""
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    mine = load_catalog([tmp_path]).distributions["mux-loss"]
    assert (mine.low, mine.parts) == (-1.0, ("mux-75ghz",))
    (tmp_path / "mine.toml").write_text(text.replace("mux-75ghz", "mux-76ghz"), encoding="utf-8")
    with pytest.raises(FormatError) as caught:
        load_catalog([tmp_path])
    assert "mux-76ghz" in str(caught.value)
    assert "mux-75ghz" in str(caught.value)
