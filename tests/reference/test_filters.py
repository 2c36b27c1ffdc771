"""Filter cascades: widths, the SNR behind an equalizer, crosstalk, against calculations that share no code.

Sources
-------
- Passband shape: Pulikkaseril 2011 as a numerical convolution of a rectangle of the field with a Gaussian, whose width
  is read from the slope over 20 MHz: 1e-5 of the peak; super-Gaussian by its formula.
- SNR behind filters: an equalizer of 101 taps at half-symbol spacing from the covariance of its input (impulse
  responses by FFT, one linear system). The infinitely long one is the better by less than 0.005 dB; equal to 0.01 dB.
- OpenZR+ MSA: two 75-GHz multiplexer passes whose 3-dB width is at its least (70 GHz) and 10-dB width at its greatest
  (94 GHz), shifted by 4 GHz and the laser by 1.8 GHz, may cost a 60-GBd 16QAM signal at most 0.5 dB. The worst corner
  here costs 0.52 dB, every other one less: the allowance is the physics, to 0.05 dB.
- Crosstalk: scipy.integrate.quad over the overlap, 1e-5 of itself. Cisco QDD-400G-ZR-S and ZRP-S allow 0.5 dB for two
  neighbors at 75 GHz, which the spectral mask (roll-off 0.4) and both laser errors must not exceed.
"""

from __future__ import annotations

import itertools
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad  # type: ignore[import-untyped]
from scipy.linalg import solve, toeplitz  # type: ignore[import-untyped]
from scipy.signal import fftconvolve  # type: ignore[import-untyped]

from lightlane import kernels
from lightlane.kernels import Passband

Floats = NDArray[np.float64]
RATE_GBD = 60.138546798


def _raised_cosine(offset: Floats, roll_off: float) -> Floats:
    """Power spectrum over the offset in symbol rates."""
    inside = 0.5 * (1 + np.cos(np.pi / max(roll_off, 1e-9) * (np.abs(offset) - (1 - roll_off) / 2)))
    return np.where(
        np.abs(offset) <= (1 - roll_off) / 2, 1.0, np.where(np.abs(offset) < (1 + roll_off) / 2, inside, 0.0)
    )


@pytest.mark.parametrize(("near_ghz", "far_ghz"), [(70.0, 83.0), (76.0, 85.0), (40.0, 44.0)])
def test_flat_top_is_a_smoothed_rectangle(near_ghz: float, far_ghz: float) -> None:
    # Edges far from each other: the field is half in the middle of an edge, where its slope is that of the Gaussian.
    passband = [Passband(near_ghz, far_ghz)]
    half_ghz = kernels.cascade_width_ghz(passband, depth_db=20 * np.log10(2)) / 2
    around = 10 ** (kernels.cascade_transmission_db([half_ghz - 0.01, half_ghz + 0.01], passband) / 20)
    sigma_ghz = 0.02 / float(around[0] - around[1]) / np.sqrt(2 * np.pi)
    grid = np.arange(-100.0, 100.001, 0.005)
    rectangle = np.clip((half_ghz - np.abs(grid)) / 0.005 + 0.5, 0.0, 1.0)
    kernel = np.exp(-0.5 * (grid / sigma_ghz) ** 2)
    smoothed = fftconvolve(rectangle, kernel / kernel.sum(), mode="same")
    middle = np.abs(grid) < 55
    found = 10 ** (kernels.cascade_transmission_db(grid[middle], passband) / 20)
    np.testing.assert_allclose(found, smoothed[middle], atol=1e-5)


@pytest.mark.parametrize("shape", ["flat_top", "super_gaussian"])
@pytest.mark.parametrize(("near_ghz", "far_ghz"), [(70.0, 94.0), (76.0, 85.0), (50.0, 80.0)])
def test_widths(near_ghz: float, far_ghz: float, shape: Literal["flat_top", "super_gaussian"]) -> None:
    passband = [Passband(near_ghz, far_ghz, -7.0)]
    for width_ghz, depth_db in ((near_ghz, 10 * np.log10(2)), (far_ghz, 10.0)):
        assert kernels.cascade_width_ghz(passband, depth_db=depth_db, shape=shape) == pytest.approx(width_ghz, abs=1e-5)


def test_super_gaussian() -> None:
    offsets = np.linspace(-60, 60, 31)
    order = np.log(np.log(10) / np.log(2)) / np.log(94 / 70)
    expected = -10 * np.log10(2) * np.abs((offsets - 3) / 35) ** order
    found = kernels.cascade_transmission_db(offsets, [Passband(70.0, 94.0, 3.0)], shape="super_gaussian")
    np.testing.assert_allclose(found, expected, atol=1e-9)


def _equalized_snr_db(
    passbands: list[Passband], stages: list[tuple[float, int]], roll_off: float, taps: int = 101
) -> float:
    """SNR behind a fractionally spaced equalizer of least mean square error, from covariances."""
    size = 4096
    offset = np.fft.fftfreq(size, 1 / 2.0)  # in symbol rates, two samples a symbol
    spectrum = _raised_cosine(offset, roll_off)

    def passed(band: list[Passband]) -> Floats:
        return (
            np.asarray(10 ** (kernels.cascade_transmission_db(offset * RATE_GBD, band) / 10))
            if band
            else 1 + 0 * offset
        )

    step = 2.0 / size
    noise = sum(
        10 ** (-snr_db / 10) * np.sum(spectrum * passed(passbands[:count])) * step * passed(passbands[count:])
        for snr_db, count in stages
    )
    # Symbols of power 1 at times 0, 2, 4 ... samples; pulse and noise correlation by inverse transform.
    pulse = np.fft.ifft(np.sqrt(spectrum * passed(passbands))) * size * step
    correlation = np.fft.ifft(noise) * size * step
    half = taps // 2
    symbols = np.arange(-half, half + 1)
    rows = np.array([[pulse[(tap - 2 * symbol) % size] for symbol in symbols] for tap in range(-half, half + 1)])
    covariance = rows @ rows.conj().T + toeplitz(correlation[:taps])
    wanted = rows[:, half]
    explained = float(np.real(wanted.conj() @ solve(covariance, wanted, assume_a="her")))
    return float(10 * np.log10(explained / (1 - explained)))


@pytest.mark.parametrize("roll_off", [0.1, 0.2, 0.5])
@pytest.mark.parametrize(
    ("passbands", "stages"),
    [
        ([], [(14.0, 0)]),
        ([Passband(70.0, 94.0)], [(14.0, 1)]),
        ([Passband(60.0, 70.0, 5.0)], [(16.0, 1)]),
        ([Passband(60.0, 70.0, 5.0), Passband(62.0, 75.0, -2.0)], [(16.0, 1), (17.0, 2)]),
        ([Passband(70.0, 94.0)] * 6, [(22.0, 1), (22.0, 3), (22.0, 5), (16.7, 6)]),
    ],
    ids=["none", "one", "shifted", "two with noise between", "six with noise along"],
)
def test_snr_behind_a_long_equalizer(
    passbands: list[Passband], stages: list[tuple[float, int]], roll_off: float
) -> None:
    found = kernels.filter_signal(
        passbands,
        [snr_db for snr_db, _ in stages],
        passbands_before_count=[count for _, count in stages],
        symbol_rate_gbd=RATE_GBD,
        roll_off=roll_off,
    )
    assert found.snr_db == pytest.approx(_equalized_snr_db(passbands, stages, roll_off), abs=0.01)


def _penalty_db(near_ghz: float, far_ghz: float, shift_ghz: float) -> float:
    """Of two multiplexer passes to a 60-GBd 16QAM signal at its required OSNR of 24 dB, all noise behind them."""
    line_snr_db = 24.0 - 10 * np.log10(RATE_GBD / 12.5) - 2.38
    return kernels.filter_signal(
        [Passband(near_ghz, far_ghz, shift_ghz)] * 2,
        [line_snr_db],
        passbands_before_count=[2],
        receiver_snr_db=16.7,
        symbol_rate_gbd=RATE_GBD,
        roll_off=0.2,
    ).penalty_db


def test_openzrplus_filtering_allowance_is_its_worst_corner() -> None:
    corners = {(near, far): _penalty_db(near, far, 4.0 + 1.8) for near in (70.0, 76.0) for far in (85.0, 94.0)}
    assert max(corners, key=lambda corner: corners[corner]) == (70.0, 94.0)
    assert corners[70.0, 94.0] == pytest.approx(0.5, abs=0.05)
    assert _penalty_db(70.0, 94.0, 0.0) < 0.5


def test_penalty_definition_closes() -> None:
    found = kernels.filter_signal(
        [Passband(60.0, 72.0, 3.0)] * 2,
        [17.0, 16.0],
        passbands_before_count=[1, 2],
        receiver_snr_db=17.0,
        symbol_rate_gbd=RATE_GBD,
        roll_off=0.15,
    )
    line = 10**-1.7 + 10**-1.6
    assert 10 ** (-found.snr_db / 10) == pytest.approx(line * 10 ** (found.penalty_db / 10) + 10**-1.7, rel=1e-12)
    assert found.passed_power_db < 0


@pytest.mark.parametrize(("spacing_ghz", "roll_off"), [(50.0, 0.05), (62.5, 0.2), (70.0, 0.4), (75.0, 0.4)])
@pytest.mark.parametrize("mux", [(), (Passband(65.0, 80.0, 1.0),)])
def test_crosstalk_by_adaptive_integration(spacing_ghz: float, roll_off: float, mux: tuple[Passband, ...]) -> None:
    def integrand(f: float) -> float:
        own = float(_raised_cosine(np.array(f / RATE_GBD), 0.2))
        other = float(_raised_cosine(np.array((f - spacing_ghz) / 63.1), roll_off))
        return own * other * float(10 ** (kernels.cascade_transmission_db(f - spacing_ghz, mux) / 10))

    low = max(spacing_ghz - 63.1 * (1 + roll_off) / 2, -RATE_GBD * 0.6)
    high = min(spacing_ghz + 63.1 * (1 + roll_off) / 2, RATE_GBD * 0.6)
    expected = quad(integrand, low, high, limit=400, epsrel=1e-9)[0] / 63.1 * 2.0 if high > low else 0.0
    found = kernels.neighbor_crosstalk_db(
        spacing_ghz,
        symbol_rate_gbd=RATE_GBD,
        roll_off=0.2,
        neighbor_symbol_rate_gbd=63.1,
        neighbor_roll_off_ratio=roll_off,
        neighbor_level_db=10 * np.log10(2.0),
        neighbor_passbands=mux,
    )
    assert 10 ** (float(found) / 10) == pytest.approx(expected, rel=1e-5)


def test_neighbors_of_the_mask_stay_within_the_allowance() -> None:
    crosstalk_db = kernels.neighbor_crosstalk_db(
        75.0 - 2 * 1.8,
        symbol_rate_gbd=RATE_GBD,
        roll_off=0.2,
        neighbor_symbol_rate_gbd=RATE_GBD,
        neighbor_roll_off_ratio=0.4,
    )
    snr_db = 24.0 - 10 * np.log10(RATE_GBD / 12.5)
    penalty_db = -10 * np.log10(1 - 2 * 10 ** ((float(crosstalk_db) + snr_db) / 10))
    assert 0.1 < penalty_db < 0.5


@pytest.mark.parametrize("count", [3, 4])
def test_shifts_to_one_side_are_the_worst(count: int) -> None:
    def penalty_db(signs: tuple[int, ...]) -> float:
        passbands = [Passband(70.0, 94.0, 1.8 + 4.0 * sign) for sign in signs]
        line = {"passbands_before_count": [count], "symbol_rate_gbd": RATE_GBD, "roll_off": 0.2}
        return kernels.filter_signal(passbands, [15.0], receiver_snr_db=16.7, **line).penalty_db  # type: ignore[arg-type]

    found = {signs: penalty_db(signs) for signs in itertools.product((-1, 0, 1), repeat=count)}
    assert max(found, key=lambda signs: found[signs]) == (1,) * count


def test_oscillator_offset_is_a_passband_of_the_receiver() -> None:
    # Two-sided electrical bandwidth of 66 GHz; the carrier may be 3.6 GHz from the oscillator. A receiver at its own
    # center costs least, both directions cost alike, and an offset costs more with less bandwidth.
    def penalty_db(offset_ghz: float, width_ghz: float) -> float:
        front_end = [Passband(width_ghz, 1.3 * width_ghz, offset_ghz)]
        line = {"passbands_before_count": [0], "symbol_rate_gbd": RATE_GBD, "roll_off": 0.2}
        return kernels.filter_signal(front_end, [15.0], receiver_snr_db=16.7, **line).penalty_db  # type: ignore[arg-type]

    assert penalty_db(3.6, 66.0) == pytest.approx(penalty_db(-3.6, 66.0), abs=1e-9)
    assert 0.0 < penalty_db(0.0, 66.0) < penalty_db(3.6, 66.0) < 0.5
    assert penalty_db(3.6, 60.0) - penalty_db(0.0, 60.0) > penalty_db(3.6, 72.0) - penalty_db(0.0, 72.0)
