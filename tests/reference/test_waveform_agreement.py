"""Budget and waveform: two models of one lane that share levels and the module's noise, and nothing else.

Source of the reference: the budget, whose parts are held to the standards and to other programs by tests of their own.
The waveform counts errors behind split steps and DSP. With no more than the module's noise added (ideal hardware), Q
must agree within 0.2 dB: statistics of the count are below 0.04 dB, finite equalizer and blind phase search take up to
0.1 dB, the closed form of nonlinear interference has the rest. ``scripts/compare_fidelities.py`` prints more.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lightlane.fabric.point_to_point import point_to_point
from lightlane.kernels.gn_integral import IntegralSpan, integrate_nonlinear_interference
from lightlane.kernels.propagation import back_propagate_fiber, propagate_fiber
from lightlane.kernels.signal import Format, map_bits, random_bits, shape_pulses
from lightlane.lane.budget import evaluate_link
from lightlane.lane.waveform.settings import IDEAL_HARDWARE, WaveformSettings
from lightlane.lane.waveform.simulate import simulate_link
from lightlane.link import Link

Q_TOLERANCE_DB = 0.2
SETTINGS = WaveformSettings(channels=(0,), hardware=IDEAL_HARDWARE)
FIBER = {"dispersion_ps_per_nm_km": 16.7, "gamma_per_w_km": 1.3, "attenuation_db_per_km": 0.2}
GRID = {"sample_rate_ghz": 128.0, "reference_thz": 193.4, "dispersion_wavelength_nm": 299792.458 / 193.4}
AMPLIFIERS = {"booster": "edfa-fixed-5.5", "preamplifier": "edfa-fixed-5.5"}


def line(module: str, length_km: float, launch_dbm: float, received_dbm: float, spans: int = 1) -> Link:
    inline = {"inline_amplifier": "edfa-fixed-5.5"} if spans > 1 else {}
    return point_to_point(
        module,
        length_km,
        spans=spans,
        span_launch_power_dbm=launch_dbm,
        received_power_dbm=received_dbm,
        **AMPLIFIERS,
        **inline,
    )


@pytest.mark.parametrize(
    "link",
    [
        pytest.param(line("oif-400zr", 80.0, 0.0, -8.0), id="400zr-80"),
        pytest.param(line("oif-400zr", 120.0, -6.0, -8.0), id="400zr-120-low", marks=pytest.mark.slow),
        pytest.param(line("oif-400zr", 40.0, 6.0, -8.0), id="400zr-40-high", marks=pytest.mark.slow),
        pytest.param(line("oif-400zr", 80.0, 0.0, -18.0), id="400zr-dim"),
        pytest.param(line("openzrplus-400g-ha", 400.0, 0.0, -8.0, 5), id="openzrplus-5-spans", marks=pytest.mark.slow),
        pytest.param(line("oif-800zr", 80.0, 0.0, -5.0), id="800zr-80"),
    ],
)
def test_q_agrees(link: Link) -> None:
    expected = {lane.direction: lane.q_db for lane in evaluate_link(link).lanes}
    for lane in simulate_link(link, settings=SETTINGS).result.lanes:
        assert lane.q_db == pytest.approx(expected[lane.direction], abs=Q_TOLERANCE_DB)


def test_back_propagation_takes_the_lanes_own_nonlinearity_back() -> None:
    """At +5 dBm over 5 spans a quarter of the noise is the lane's own: most of it goes, with enough steps."""
    link = line("openzrplus-400g-ha", 400.0, 5.0, -8.0, 5)
    settings = replace(SETTINGS, symbols_count=2**14, polarization_effects=False)
    plain = simulate_link(link, settings=settings).result.lanes[0]
    undone = simulate_link(link, settings=replace(settings, back_propagation_steps_count=20)).result.lanes[0]
    assert undone.snr_db > plain.snr_db + 0.25
    # Nothing but what the line's nonlinearity cost can come back.
    without_db = evaluate_link(link).lanes[0]
    noise = 10.0 ** (-plain.snr_db / 10.0)
    nonlinear = 2.0 * 10.0 ** (-without_db.snr_nli_db / 10.0)
    assert undone.snr_db < -10.0 * np.log10(noise - nonlinear)


@pytest.mark.slow
def test_neighbors_and_filters_agree() -> None:
    """Three of eight channels behind muxes, the other five by their closed form; the neighbors' crosstalk is sampled.

    The budget allows the standard's 1 dB for neighbors at the least spacing, which is no closed form of what they do:
    the waveform may be better by no more than that in OSNR, some 0.4 dB of Q, and not worse by more than the tolerance.
    """
    link = point_to_point(
        "openzrplus-400g-ha",
        80.0,
        channels=8,
        mux="mux-75ghz",
        span_launch_power_dbm=1.0,
        received_power_dbm=-6.0,
        **AMPLIFIERS,
    )
    settings = WaveformSettings(channels=(4,), neighbors_count=1, symbols_count=2**15)
    expected = next(lane for lane in evaluate_link(link).lanes if lane.channel_index == 4)
    for lane in simulate_link(link, settings=settings).result.lanes:
        assert -Q_TOLERANCE_DB < lane.q_db - expected.q_db < 0.4


@pytest.mark.slow
def test_split_step_makes_the_noise_of_the_gn_integral() -> None:
    """Nonlinear noise of five spans: split steps against the GN integral, and the sign of what the format changes.

    Gaussian symbols are what the GN model is of; QPSK makes less. Noise is what is left once dispersion is
    undone and the best complex gain is taken off. 0.5 dB: the GN model is of first order, takes the noise as flat over
    the channel and the dispersion of 1550 nm, and 2^14 symbols fluctuate.
    """
    count, rate_gbd, power_w, spans, length_km = 2**14, 32.0, 2e-3, 5, 80.0

    def noise_db(symbols: np.ndarray) -> float:
        field = np.stack([shape_pulses(side, samples_count=4 * count, roll_off=0.0) for side in symbols])
        field *= np.sqrt(0.5 * power_w / np.mean(np.abs(symbols) ** 2))
        sent = field
        for _ in range(spans):
            run = propagate_fiber(field, length_km=length_km, error_fraction=1e-3, **GRID, **FIBER)
            field = run.field * 10.0 ** (0.2 * length_km / 20.0)
        # Dispersion alone, the other way.
        linear = FIBER | {"gamma_per_w_km": 0.0, "attenuation_db_per_km": 0.0}
        field = back_propagate_fiber(
            field, length_km=spans * length_km, step_km=spans * length_km, **GRID, **linear
        ).field
        offset_ghz = np.fft.fftfreq(4 * count, 1.0 / GRID["sample_rate_ghz"])
        inside = np.abs(offset_ghz) <= 0.5 * rate_gbd
        got = np.fft.ifft(np.fft.fft(field) * inside)
        wanted = np.fft.ifft(np.fft.fft(sent) * inside)
        ratios = []
        for side in range(2):
            gain = np.vdot(wanted[side], got[side]) / np.vdot(wanted[side], wanted[side])
            left = got[side] - gain * wanted[side]
            ratios.append(np.mean(np.abs(left) ** 2) / np.mean(np.abs(gain * wanted[side]) ** 2))
        return float(10.0 * np.log10(np.mean(ratios)))

    rng = np.random.default_rng(4)
    gaussian = rng.normal(size=(2, count)) + 1j * rng.normal(size=(2, count))
    qpsk = np.stack(
        [map_bits(random_bits(2 * count, seed=5, purpose=side), Format(modulation="qpsk")) for side in range(2)]
    )
    span = IntegralSpan(
        length_km=length_km,
        dispersion_ps_per_nm_km=16.7,
        slope_ps_per_nm2_km=0.0,
        gamma_per_w_km=1.3,
        launch_power_dbm=10.0 * np.log10(power_w) + 30.0,
        attenuation_db_per_km=0.2,
    )
    integral = integrate_nonlinear_interference([193.4], [rate_gbd], [span] * spans, reference_thz=193.4)
    expected_db = -float(integral.snr_nli_db[0])
    gaussian_db = noise_db(gaussian)
    assert gaussian_db == pytest.approx(expected_db, abs=0.5)
    assert noise_db(qpsk) < gaussian_db - 0.5
