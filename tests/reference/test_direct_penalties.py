"""Closed-form penalties of direct-detect lanes: intensity noise, avalanche gain, DGD, PDL, lane crosstalk.

Sources
-------
- RIN_OMA -136 dB/Hz in 27.6 GHz: 0.75 dB; -132 in 13.8 GHz: 0.99; -139 in 55.2 GHz: 0.75 at a SER of 4.8e-4 and 0.37 at
  9.6e-3; calculated independently, two decimals: 0.01 dB for the rounding of the bandwidths too.
- RIN_OMA less RIN: 2.3, 0.4 and -1.6 dB at extinction ratios of 3.5, 4.5 and 6 dB, one decimal.
- Avalanche gain: ``scipy.optimize.minimize_scalar`` of the noise over the gain, 1e-6, the square root of its rounding.
- DGD: the noise enhancement of an exact inverse of two delayed copies over the Nyquist band, by its impulse response
  with 2^14 points: 1e-3 dB, which the sampling of the band holds.
- PDL: transmission of random polarizations through a partial polarizer in Jones calculus, 4 standard errors.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar  # type: ignore[import-untyped]

from lightlane import kernels
from lightlane.errors import ModelError, ParameterError

ELEMENTARY_CHARGE_C = 1.602176634e-19


@pytest.mark.parametrize(
    ("rin_oma", "bandwidth_ghz", "target", "expected"),
    [
        (-136.0, 27.6, 4.8e-4, 0.75),
        (-132.0, 13.8, 4.8e-4, 0.99),
        (-139.0, 55.2, 4.8e-4, 0.75),
        (-139.0, 55.2, 9.6e-3, 0.37),
    ],
)
def test_rin_oma(rin_oma: float, bandwidth_ghz: float, target: float, expected: float) -> None:
    found = kernels.rin_oma_penalty_db(rin_oma, noise_bandwidth_ghz=bandwidth_ghz, target_ser_ratio=target)
    assert found == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(("extinction_ratio_db", "difference_db"), [(3.5, 2.3), (4.5, 0.4), (6.0, -1.6)])
def test_rin_of_rin_oma(extinction_ratio_db: float, difference_db: float) -> None:
    rin = kernels.rin_db_per_hz_from_rin_oma(-136.0, extinction_ratio_db=extinction_ratio_db)
    assert -136.0 - rin == pytest.approx(difference_db, abs=0.05)


@pytest.mark.parametrize("ionization", [0.0, 0.18, 0.5])
@pytest.mark.parametrize("power_dbm", [-22.0, -15.0])
def test_avalanche_gain(ionization: float, power_dbm: float) -> None:
    bandwidth, noise, responsivity, dark = 27.6e9, 15e-12, 0.8, 10e-9

    def variance(gain: float) -> float:
        excess = ionization * gain + (1 - ionization) * (2 - 1 / gain)
        current = responsivity * 1e-3 * 10 ** (power_dbm / 10) + dark
        return noise**2 * bandwidth / gain**2 + 2 * ELEMENTARY_CHARGE_C * excess * current * bandwidth

    best = minimize_scalar(lambda x: math.log(variance(math.exp(x))), bounds=(0.0, 8.0), method="bounded",
                           options={"xatol": 1e-10})  # fmt: skip
    found = kernels.optimum_apd_gain_ratio(
        power_dbm,
        responsivity_a_per_w=responsivity,
        ionization_ratio=ionization,
        input_noise_pa_per_sqrt_hz=15.0,
        bandwidth_ghz=27.6,
        dark_current_na=10.0,
    )
    assert found == pytest.approx(math.exp(best.x), rel=1e-6)


@pytest.mark.parametrize("split", [0.5, 0.3, 0.1])
@pytest.mark.parametrize("dgd_ps", [2.24, 5.0, 10.0])
def test_dgd(dgd_ps: float, split: float) -> None:
    rate = 53.125
    count = 2**14
    f = np.fft.fftfreq(count, d=1 / rate)
    response = split + (1 - split) * np.exp(-2j * np.pi * f * dgd_ps * 1e-3)
    taps = np.fft.ifft(1 / response)
    expected = 5 * math.log10(float(np.sum(np.abs(taps) ** 2)))
    found = kernels.dgd_penalty_db(dgd_ps, symbol_rate_gbd=rate, power_split_ratio=split)
    assert found == pytest.approx(expected, abs=1e-3)


def test_dgd_ends_at_a_symbol() -> None:
    with pytest.raises(ModelError):
        kernels.dgd_penalty_db(25.0, symbol_rate_gbd=53.125)
    with pytest.raises(ParameterError):
        kernels.dgd_penalty_db(2.0, symbol_rate_gbd=53.125, power_split_ratio=1.5)


def test_pdl() -> None:
    pdl_db, draws = 0.8, 200_000
    rng = np.random.default_rng(7)
    jones = rng.standard_normal((draws, 2)) + 1j * rng.standard_normal((draws, 2))
    jones /= np.linalg.norm(jones, axis=1, keepdims=True)
    power = np.abs(jones[:, 0]) ** 2 + 10 ** (-pdl_db / 10) * np.abs(jones[:, 1]) ** 2
    excess = -10 * np.log10(power / np.mean([1.0, 10 ** (-pdl_db / 10)]))
    for exceedance in (0.01, 0.2, 0.7):
        limit = kernels.pdl_excess_loss_db(pdl_db, exceedance_ratio=exceedance)
        share = float(np.mean(excess > limit))
        assert abs(share - exceedance) < 4 * math.sqrt(exceedance * (1 - exceedance) / draws)
    assert kernels.pdl_excess_loss_db(pdl_db) == pytest.approx(float(excess.max()), abs=1e-3)


def test_lane_crosstalk() -> None:
    # Two neighbors 4 dB stronger, 27 dB away: 3 x 2 x 10^-2.3 of half an eye.
    found = kernels.lane_crosstalk_penalty_db([27.0, 27.0], lane_oma_difference_db=4.0)
    assert found == pytest.approx(-10 * math.log10(1 - 6 * 10**-2.3), abs=1e-12)
