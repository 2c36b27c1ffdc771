"""Nonlinear interference of Raman-pumped spans: the closed form against the integral of the GN model.

How: powers run along each fiber as our Raman solver says (test_raman.py holds it to GNPy and scipy), Gaussian signals
of 0 dBm per channel at each input. Both get the same course of the powers; of each comb the first channel and the one
in the middle are compared. Pumps are those of GNPy's example network times a factor, from either end or both.

Tolerances: 0.2 dB is asked. ``SPAN_DB`` and ``LINE_DB`` are what is found, rounded up, so that a loss of accuracy
shows; each case also says by how much the same fiber without pumps would be off, so that it is about something.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from lightlane import kernels
from lightlane.kernels import IntegralSpan, PowerProfile, RamanPump

Floats = NDArray[np.float64]
MIDDLE_THZ = 193.4
PUMPS_THZ_MW = ((205.0, 224.403), (201.0, 231.135))
SPAN_DB = 0.05
LINE_DB = 0.1


@dataclass(frozen=True)
class FiberType:
    attenuation_db_per_km: float
    dispersion_ps_per_nm_km: float
    slope_ps_per_nm2_km: float
    gamma_per_w_km: float
    effective_area_um2: float


FIBERS = {"SSMF": FiberType(0.20, 16.7, 0.0607, 1.27, 83.0), "NZDF": FiberType(0.20, 4.5, 0.085, 1.46, 72.0)}
# Symbol rate and spacing in GHz.
COMBS = {1: (60.0, 75.0), 9: (60.0, 75.0), 96: (40.0, 50.0)}


def _comb_thz(channels: int) -> Floats:
    return np.asarray(MIDDLE_THZ + COMBS[channels][1] * 1e-3 * (np.arange(channels) - (channels - 1) / 2))


def _pump(fiber: FiberType, length_km: float, channels: int, ends: str, ratio: float) -> tuple[PowerProfile, float]:
    """Return the course of the powers and the mean on-off gain."""
    directions = ("forward", "backward") if ends == "both" else (ends,)
    pumps = [
        RamanPump(thz, ratio * mw / len(directions), direction, 0.25)  # type: ignore[arg-type]
        for direction in directions
        for thz, mw in PUMPS_THZ_MW
    ]
    span = kernels.solve_raman(
        _comb_thz(channels), 0.0, length_km=length_km, attenuation_db_per_km=fiber.attenuation_db_per_km, pumps=pumps,
        effective_area_um2=fiber.effective_area_um2,
    )  # fmt: skip
    return span.profile(), float(span.on_off_gain_db.mean())


def _differences_db(
    fiber: FiberType, length_km: float, channels: int, profiles: list[PowerProfile | None], count: int | None = None
) -> tuple[Floats, Floats]:
    """Return SNR_NLI of the closed form less that of the integral, with the profiles and without."""
    targets = sorted({0, channels // 2})
    figures = {
        "dispersion_ps_per_nm_km": fiber.dispersion_ps_per_nm_km,
        "slope_ps_per_nm2_km": fiber.slope_ps_per_nm2_km,
        "gamma_per_w_km": fiber.gamma_per_w_km,
    }
    line = [
        IntegralSpan(
            length_km=length_km,
            launch_power_dbm=0.0,
            attenuation_db_per_km=fiber.attenuation_db_per_km if profile is None else None,
            profile=profile,
            **figures,
        )
        for profile in profiles
    ]
    expected = kernels.integrate_nonlinear_interference(
        _comb_thz(channels), COMBS[channels][0], line, reference_thz=MIDDLE_THZ, targets=targets,
        tolerance_fraction=3e-3,
    ).snr_nli_db  # fmt: skip
    found, bare = (
        kernels.nonlinear_interference(
            _comb_thz(channels), COMBS[channels][0], 0.0, length_km=[length_km] * len(profiles),
            attenuation_db_per_km=fiber.attenuation_db_per_km, reference_thz=MIDDLE_THZ, profiles=given,
            format_correction=False, **figures,
        ).line_snr_nli_db[targets]
        for given in (profiles, None)
    )  # fmt: skip
    return found - expected, bare - expected


@pytest.mark.parametrize("channels", COMBS)
@pytest.mark.parametrize(
    ("ends", "ratio"), [("backward", 1e-6), ("backward", 0.6), ("backward", 1.2), ("forward", 0.8), ("both", 1.2)]
)
@pytest.mark.parametrize("length_km", [60.0, 80.0, 100.0])
@pytest.mark.parametrize("name", FIBERS)
def test_one_span(name: str, length_km: float, ends: str, ratio: float, channels: int) -> None:
    profile, gain_db = _pump(FIBERS[name], length_km, channels, ends, ratio)
    found_db, bare_db = _differences_db(FIBERS[name], length_km, channels, [profile])
    assert np.abs(found_db).max() < SPAN_DB
    if gain_db > 1.0:
        assert bare_db.max() > SPAN_DB


@pytest.mark.parametrize("name", FIBERS)
@pytest.mark.parametrize("length_km", [60.0, 100.0])
def test_as_much_gain_as_pumps_are_specified_for(name: str, length_km: float) -> None:
    ratio = 2.35 if name == "SSMF" else 2.0
    profile, gain_db = _pump(FIBERS[name], length_km, 9, "backward", ratio)
    assert 18.0 < gain_db < 20.0
    found_db, bare_db = _differences_db(FIBERS[name], length_km, 9, [profile])
    assert np.abs(found_db).max() < SPAN_DB
    assert bare_db.min() > 0.5


@pytest.mark.parametrize("channels", [1, 9, 96])
@pytest.mark.parametrize(
    ("length_km", "ends", "ratio", "is_pumped"),
    [
        (60.0, "backward", 1.0, [True] * 3),
        (80.0, "backward", 1.8, [True] * 3),
        (100.0, "forward", 0.6, [True] * 3),
        (80.0, "both", 1.0, [True, False, True]),
    ],
    ids=["60 km", "80 km, strong", "100 km, from the input", "80 km, one of three without"],
)
@pytest.mark.parametrize("name", FIBERS)
def test_three_spans(
    name: str, length_km: float, ends: str, ratio: float, is_pumped: list[bool], channels: int
) -> None:
    profile, _ = _pump(FIBERS[name], length_km, channels, ends, ratio)
    found_db, bare_db = _differences_db(
        FIBERS[name], length_km, channels, [profile if pumped else None for pumped in is_pumped]
    )
    assert np.abs(found_db).max() < LINE_DB
    assert bare_db.max() > LINE_DB


def test_the_published_form_has_no_place_for_pumps() -> None:
    profile, _ = _pump(FIBERS["SSMF"], 80.0, 9, "backward", 1.0)
    line = kernels.nonlinear_interference(
        _comb_thz(9), 60.0, 0.0, length_km=[80.0, 80.0], attenuation_db_per_km=0.2, dispersion_ps_per_nm_km=16.7,
        slope_ps_per_nm2_km=0.06, gamma_per_w_km=1.27, reference_thz=MIDDLE_THZ, profiles=[None, profile],
        model="isrs_gn",
    )  # fmt: skip
    assert np.isfinite(line.snr_nli_db[0]).all()
    assert np.isnan(line.snr_nli_db[1]).all()
