"""The conversion of columns by the suffix of their names."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pytest
from numpy.typing import NDArray

from lightlane.kernels import tables
from lightlane.kernels.si import SI_UNITS, Curves, pack_curves, to_si_columns
from lightlane.units import unit_of


@dataclass(frozen=True, slots=True)
class _Table:
    kind: NDArray[np.uint8]
    length_km: NDArray[np.float64]
    loss_db: NDArray[np.float64]
    pmd_ps_per_sqrt_km: NDArray[np.float64]
    attenuation__attenuation_db_per_km_by_wavelength_nm: Curves


def test_columns_are_renamed_and_scaled() -> None:
    table = _Table(
        np.array([3], dtype=np.uint8),
        np.array([80.0, np.nan]),
        np.array([0.5]),
        np.array([0.1]),
        pack_curves([((1300.0, 0.35), (1550.0, 0.2)), None, ((1310.0, 0.3),)]),
    )
    si = to_si_columns(table)
    assert set(si) == {
        "kind", "length_m", "loss_db", "pmd_s_per_sqrt_m", "attenuation_offsets", "attenuation_x", "attenuation_y",
    }  # fmt: skip
    np.testing.assert_allclose(si["length_m"], [80e3, np.nan])
    np.testing.assert_allclose(si["pmd_s_per_sqrt_m"], 0.1e-12 / np.sqrt(1e3))
    np.testing.assert_array_equal(si["attenuation_offsets"], [0, 2, 2, 3])
    np.testing.assert_allclose(si["attenuation_x"], [1300e-9, 1550e-9, 1310e-9])
    np.testing.assert_allclose(si["attenuation_y"], [0.35e-3, 0.2e-3, 0.3e-3])
    # What has no unit or stays in decibels crosses as it is, without a copy.
    assert si["kind"] is table.kind
    assert si["loss_db"] is table.loss_db


def test_no_curves_at_all() -> None:
    curves = pack_curves([None, None])
    np.testing.assert_array_equal(curves.offsets, [0, 0, 0])
    assert curves.x.shape == curves.y.shape == (0,)
    assert curves.x.dtype == np.float64


@pytest.mark.parametrize(
    "table",
    [
        tables.FiberColumns,
        tables.AmplifierColumns,
        tables.FecColumns,
        tables.ElementColumns,
        tables.CoherentModeColumns,
        tables.CoherentPathColumns,
        tables.DirectModeColumns,
        tables.DirectLaneColumns,
    ],
)
def test_every_unit_of_the_tables_is_si_or_crosses_on_purpose(table: type) -> None:
    crossing = {"db", "dbm", "db_per_hz", "a_per_w", ""}
    for field in fields(table):
        names = field.name.partition("__")[2].split("_by_") if "__" in field.name else [field.name]
        for name in names:
            unit = unit_of(name)
            assert unit is None or unit in crossing or unit in SI_UNITS, field.name
