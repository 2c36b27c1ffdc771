"""The closed forms of nonlinear interference against the integral of the GN model: fibers, lengths, combs, lines.

How: every channel has 0 dBm at the input of each fiber, Gaussian signals, Raman transfer by a straight gain. The
integral takes the course of the powers from its closed form (Zirngibl 1998), sampled every kilometer. Of each comb the
first channel, one a quarter in and one in the middle are compared.

Tolerances: 0.2 dB is asked of the default closed form. ``SPANS_DB``, ``LINES_DB`` and ``MIXED_DB`` are
what is found, rounded up, so that a loss of accuracy shows. Of the published form, which counts on a short span what
a long one makes,
``PUBLISHED_DB`` says by how much its SNR_NLI is too low at most, at each length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from lightlane import kernels
from lightlane.kernels import IntegralSpan, PowerProfile

Floats = NDArray[np.float64]
MIDDLE_THZ = 193.4


@dataclass(frozen=True)
class FiberType:
    attenuation_db_per_km: float
    dispersion_ps_per_nm_km: float
    slope_ps_per_nm2_km: float
    gamma_per_w_km: float
    raman_slope_per_w_km_thz: float


FIBERS = {
    "SSMF": FiberType(0.20, 16.7, 0.0607, 1.27, 0.028),
    "NZDF": FiberType(0.20, 4.5, 0.085, 1.46, 0.032),
    "G.654.E": FiberType(0.17, 22.0, 0.062, 0.84, 0.018),
}
# Channels: symbol rate and spacing in GHz.
COMBS = {1: (40.0, 50.0), 9: (64.0, 75.0), 96: (40.0, 50.0)}
SPANS_DB = 0.05
LINES_DB = 0.1
MIXED_DB = 0.19
# Length in km: greatest distance of the published form in dB over all fibers and combs.
PUBLISHED_DB = {20.0: 3.25, 40.0: 1.2, 60.0: 0.55, 80.0: 0.35, 100.0: 0.3, 120.0: 0.25}


def _comb_thz(channels: int) -> Floats:
    return np.asarray(MIDDLE_THZ + COMBS[channels][1] * 1e-3 * (np.arange(channels) - (channels - 1) / 2))


def _profile(fiber: FiberType, length_km: float, comb_thz: Floats) -> PowerProfile:
    position_km = np.linspace(0.0, length_km, int(length_km) + 1)
    alpha_per_km = fiber.attenuation_db_per_km * np.log(10) / 10
    total_w = comb_thz.size * 1e-3
    strength = fiber.raman_slope_per_w_km_thz * total_w * -np.expm1(-alpha_per_km * position_km) / alpha_per_km
    weight = np.exp(-(comb_thz - MIDDLE_THZ)[:, None] * strength)
    transfer_db = 10 * np.log10(comb_thz.size * weight / weight.sum(axis=0))
    return PowerProfile(position_km, transfer_db - fiber.attenuation_db_per_km * position_km)


def _integrate(fibers: Sequence[FiberType], lengths_km: Sequence[float], channels: int, targets: list[int]) -> Floats:
    comb_thz = _comb_thz(channels)
    spans = [
        IntegralSpan(
            length_km=length_km,
            dispersion_ps_per_nm_km=fiber.dispersion_ps_per_nm_km,
            slope_ps_per_nm2_km=fiber.slope_ps_per_nm2_km,
            gamma_per_w_km=fiber.gamma_per_w_km,
            launch_power_dbm=0.0,
            profile=_profile(fiber, length_km, comb_thz),
        )
        for fiber, length_km in zip(fibers, lengths_km, strict=True)
    ]
    found = kernels.integrate_nonlinear_interference(
        comb_thz, COMBS[channels][0], spans, reference_thz=MIDDLE_THZ, targets=targets, tolerance_fraction=3e-3
    )
    return found.snr_nli_db


def _calculate(
    fibers: Sequence[FiberType],
    lengths_km: Sequence[float],
    channels: int,
    targets: list[int],
    model: Literal["closed_form", "isrs_gn"],
) -> Floats:
    line = kernels.nonlinear_interference(
        _comb_thz(channels),
        COMBS[channels][0],
        0.0,
        attenuation_db_per_km=[fiber.attenuation_db_per_km for fiber in fibers],
        length_km=lengths_km,
        dispersion_ps_per_nm_km=[fiber.dispersion_ps_per_nm_km for fiber in fibers],
        slope_ps_per_nm2_km=[fiber.slope_ps_per_nm2_km for fiber in fibers],
        gamma_per_w_km=[fiber.gamma_per_w_km for fiber in fibers],
        raman_slope_per_w_km_thz=[fiber.raman_slope_per_w_km_thz for fiber in fibers],
        reference_thz=MIDDLE_THZ,
        model=model,
        format_correction=False,
    )
    return line.line_snr_nli_db[targets]


@pytest.mark.parametrize("length_km", PUBLISHED_DB)
@pytest.mark.parametrize("channels", [1, 9, 96])
@pytest.mark.parametrize("name", FIBERS)
def test_one_span(name: str, channels: int, length_km: float) -> None:
    targets = sorted({0, channels // 4, channels // 2})
    case = ([FIBERS[name]], [length_km], channels, targets)
    expected = _integrate(*case)
    np.testing.assert_allclose(_calculate(*case, "closed_form"), expected, rtol=0, atol=SPANS_DB)
    difference_db = _calculate(*case, "isrs_gn") - expected
    assert difference_db.min() > -PUBLISHED_DB[length_km]
    assert difference_db.max() < 0.05


LINES: dict[str, tuple[list[str], list[float]]] = {
    "2 x 80 km": (["SSMF"] * 2, [80.0] * 2),
    "6 x 80 km": (["SSMF"] * 6, [80.0] * 6),
    "10 x 20 km": (["SSMF"] * 10, [20.0] * 10),
    "6 x 40 km of NZDF": (["NZDF"] * 6, [40.0] * 6),
    "10 x 20 km of NZDF": (["NZDF"] * 10, [20.0] * 10),
    "6 x 80 km of G.654.E": (["G.654.E"] * 6, [80.0] * 6),
    "unequal": (["SSMF"] * 5, [40.0, 65.0, 80.0, 100.0, 30.0]),
    "three fibers": (["SSMF", "NZDF", "G.654.E", "SSMF"], [40.0, 65.0, 80.0, 100.0]),
}


@pytest.mark.parametrize("channels", [1, 9])
@pytest.mark.parametrize("name", LINES)
def test_many_spans(name: str, channels: int) -> None:
    fibers, lengths_km = LINES[name]
    targets = sorted({0, channels // 2})
    case = ([FIBERS[fiber] for fiber in fibers], lengths_km, channels, targets)
    np.testing.assert_allclose(_calculate(*case, "closed_form"), _integrate(*case), rtol=0, atol=LINES_DB)


# Offset in THz, symbol rate in GBd and power in dBm of each channel: 100G to 800G side by side, some slots empty.
MIXED = (
    (-0.4, 32.0, -2.0),
    (-0.3, 60.0, 0.0),
    (-0.2, 118.0, 2.0),
    (-0.05, 63.0, 0.0),
    (0.1, 118.0, 3.0),
    (0.25, 32.0, -2.0),
    (0.3, 32.0, 0.0),
)


@pytest.mark.parametrize("name", LINES)
def test_mixed_rates_and_powers(name: str) -> None:
    fibers, lengths_km = ([FIBERS[fiber] for fiber in LINES[name][0]], LINES[name][1])
    offset_thz, rate_gbd, power_dbm = np.transpose(MIXED)
    figures = [
        {
            "dispersion_ps_per_nm_km": fiber.dispersion_ps_per_nm_km,
            "slope_ps_per_nm2_km": fiber.slope_ps_per_nm2_km,
            "gamma_per_w_km": fiber.gamma_per_w_km,
        }
        for fiber in fibers
    ]
    spans = [
        IntegralSpan(
            length_km=length_km, launch_power_dbm=power_dbm, attenuation_db_per_km=fiber.attenuation_db_per_km, **row
        )
        for fiber, length_km, row in zip(fibers, lengths_km, figures, strict=True)
    ]
    expected = kernels.integrate_nonlinear_interference(
        MIDDLE_THZ + offset_thz, rate_gbd, spans, reference_thz=MIDDLE_THZ, tolerance_fraction=3e-3
    )
    found = kernels.nonlinear_interference(
        MIDDLE_THZ + offset_thz,
        rate_gbd,
        power_dbm,
        attenuation_db_per_km=[fiber.attenuation_db_per_km for fiber in fibers],
        length_km=lengths_km,
        reference_thz=MIDDLE_THZ,
        format_correction=False,
        **{key: [row[key] for row in figures] for key in figures[0]},
    )
    np.testing.assert_allclose(found.line_snr_nli_db, expected.snr_nli_db, rtol=0, atol=MIXED_DB)
