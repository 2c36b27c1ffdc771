"""Lanes of one fiber against split steps of the whole field, the closed form, and Gaussian tails; amplified light.

Sources
-------
- Split steps of the Manakov equation over the whole band of three modulated lanes (`propagate_fiber`, itself checked
  against OptiCommPy): their field in one lane's band, less that with the Kerr coefficient 0. First order against all
  orders, whose share goes with the power: 1 % of what is added at -3 dBm per lane (2 % at 3 dBm).
- Leaks: PAM4 symbols of another lane move a level by their power times the isolation; error ratios are Gaussian tails
  averaged over them, worked out here in numpy.
- Amplifier: variances of Olsson 1989 in numpy, and counted errors: four standard errors.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.special import erfc

from lightlane.catalog.load import load_catalog
from lightlane.catalog.parts import DirectMode
from lightlane.errors import ParameterError
from lightlane.fabric.point_to_point import point_to_point
from lightlane.kernels import MixingFiber, propagate_fiber
from lightlane.kernels.direct import Pam4Transmitter
from lightlane.kernels.direct_waveform import DirectReceiver, launch_pam4, propagate_pam4
from lightlane.kernels.lit_lanes import SemiconductorAmplifier, mix_lanes
from lightlane.lane.budget import evaluate_link
from lightlane.lane.mixing import estimate_mixing, merge_fibers
from lightlane.lane.waveform.direct.hardware import DirectHardware
from lightlane.lane.waveform.direct.record import DirectWaveform
from lightlane.lane.waveform.direct.side_mode import SideMode
from lightlane.lane.waveform.settings import WaveformSettings
from lightlane.lane.waveform.simulate import simulate_link
from lightlane.link import Link

C_NM_THZ = 299_792.458
RATE_GBD = 53.125
SYMBOLS = 128
PER_SYMBOL = 64
"""The whole band: 3.4 THz."""
SPACING_GHZ = 8 * RATE_GBD


def _three_lanes() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return envelopes at 8 samples per symbol (W^0.5), frequencies (THz) on the grid of the whole band, and states."""
    random = np.random.default_rng(7)
    transmitter = Pam4Transmitter(symbol_rate_gbd=RATE_GBD, eo_bandwidth_ghz=32.0, extinction_ratio_db=5.0)
    fields = [launch_pam4(random.integers(0, 4, SYMBOLS).astype(np.uint8), transmitter) for _ in range(3)]
    fields = [field * math.sqrt(0.5e-3 / np.mean(np.abs(field) ** 2)) for field in fields]
    states = random.normal(size=(3, 4)).view(complex)
    frequency_thz = C_NM_THZ / 1308.0 + 1e-3 * SPACING_GHZ * np.arange(-1, 2)
    return np.array(fields), frequency_thz, states / np.linalg.norm(states, axis=1, keepdims=True)


@pytest.mark.parametrize("victim", [0, 1])
def test_mixed_lanes_are_those_of_split_steps(victim: int) -> None:
    fields, frequency_thz, states = _three_lanes()
    zero_nm, slope, length_km, loss = 1308.5, 0.092, 2.0, 0.35
    fiber = MixingFiber(
        length_km=length_km, attenuation_db_per_km=loss, gamma_per_w_km=1.5, zero_slope_ps_per_nm2_km=slope
    )
    found = mix_lanes(
        fields,
        C_NM_THZ / frequency_thz,
        states,
        victim_index=victim,
        fiber=fiber,
        zero_dispersion_nm=zero_nm,
        sample_rate_ghz=8 * RATE_GBD,
        window_ghz=RATE_GBD,
    )
    # All lanes in one field: spectra side by side.
    count, few = SYMBOLS * PER_SYMBOL, SYMBOLS * 8
    spectrum = np.zeros((2, count), dtype=complex)
    bins = np.fft.fftfreq(few, 1.0 / few).round().astype(int)
    shift = round(SPACING_GHZ / (RATE_GBD / SYMBOLS))
    for lane in range(3):
        place = (bins + (lane - 1) * shift) % count
        part = np.fft.fft(fields[lane]) * (np.abs(bins) < shift // 2)
        spectrum[:, place] += states[lane][:, None] * part[None] * (count / few)
    whole = np.fft.ifft(spectrum, axis=1)
    # D = S0/4 (w - w0^4/w^3) and its slope at the middle of the three.
    middle_nm = C_NM_THZ / frequency_thz[1]
    options = {
        "sample_rate_ghz": PER_SYMBOL * RATE_GBD,
        "length_km": length_km,
        "dispersion_ps_per_nm_km": slope / 4.0 * (middle_nm - zero_nm**4 / middle_nm**3),
        "slope_ps_per_nm2_km": slope / 4.0 * (1.0 + 3.0 * zero_nm**4 / middle_nm**4),
        "dispersion_wavelength_nm": middle_nm,
        "reference_thz": frequency_thz[1],
        "attenuation_db_per_km": loss,
        "step_km": 0.005,
    }
    with_it, without = (propagate_fiber(whole, gamma_per_w_km=gamma, **options).field for gamma in (1.5, 0.0))
    # A constant phase of the lane is not compared: the mean of its own field in the change is taken off on both sides.
    place = (bins + (victim - 1) * shift) % count
    keep = np.abs(bins) < shift // 2
    lane_with, lane_without = (
        states[victim].conj() @ np.fft.fft(field, axis=1)[:, place] * keep for field in (with_it, without)
    )
    # The dispersion that the fiber gives the lane's band, as a ratio of what arrives without the Kerr effect.
    launched = np.fft.fft(fields[victim]) * keep
    passed = np.where(
        np.abs(launched) > 1e-6 * np.abs(launched).max(), lane_without / np.where(launched, launched, 1), 0
    )
    known = np.divide(lane_with - lane_without, passed, out=np.zeros_like(passed), where=np.abs(passed) > 0)
    added = np.where(np.abs(passed) > 0, np.fft.fft(found), 0)
    known, added = (
        change - launched * np.vdot(launched, change) / np.vdot(launched, launched) for change in (known, added)
    )
    assert np.linalg.norm(added - known) < 0.01 * np.linalg.norm(known)
    assert np.linalg.norm(known) > 3e-4 * np.linalg.norm(launched)


def _fr4(isolation_db: float | None) -> DirectMode:
    """Return four coarse lanes, far too far apart to mix, behind a demultiplexer."""
    mode = (
        load_catalog()
        .get_mode("400gbase-fr4")
        .model_copy(
            update={
                "aggressor_oma_dbm": None,
                "demux_isolation_adjacent_db": isolation_db,
                "demux_isolation_non_adjacent_db": isolation_db,
            }
        )
    )
    assert isinstance(mode, DirectMode)
    return mode


def _margin_db(link: Link, **settings: Any) -> float:
    simulated = simulate_link(link, settings=WaveformSettings(symbols_count=2**13, lanes=(1,), **settings))
    return simulated.result.lanes[0].fec_margin_db


def test_leaked_light_costs_what_gaussian_tails_say_and_no_more_than_the_budget(
    make_link: Callable[..., Link],
) -> None:
    isolation_db = 17.0
    leak = 10.0 ** (-isolation_db / 10.0)

    def error_ratio(half_step_over_sigma: float, leaks: np.ndarray) -> float:
        # A level moves by the sum of the other lanes' levels less their mean; outer levels have one neighbor.
        moved = 6.0 * leak * leaks * half_step_over_sigma
        return float(np.mean(0.75 * erfc((half_step_over_sigma + moved) / math.sqrt(2.0))))

    levels = np.arange(4) / 3.0 - 0.5
    sums = np.add.outer(np.add.outer(levels, levels), levels).ravel()
    ratios = np.linspace(2.0, 8.0, 60_001)
    needed = [
        np.interp(-math.log(4.8e-4), [-math.log(error_ratio(ratio, part)) for ratio in ratios[::100]], ratios[::100])
        for part in (np.zeros(1), sums)
    ]
    expected_db = 10.0 * math.log10(needed[1] / needed[0])
    link = make_link("400gbase-fr4", [0.5], mode=_fr4(isolation_db))
    lost_db = _margin_db(link) - _margin_db(link, lanes_together=True)
    bound_db = -10.0 * math.log10(1.0 - 3.0 * 3.0 * leak)
    # The receiver's taps and the other lanes' edges, which pass its samples at any time, spread what leaks.
    assert lost_db == pytest.approx(expected_db, rel=0.25)
    assert 0.0 < lost_db < bound_db


def test_lanes_that_cannot_share_a_fiber_are_refused() -> None:
    with pytest.raises(ParameterError, match="have a fiber each"):
        simulate_link(point_to_point("400gbase-dr4", 0.5), settings=WaveformSettings(lanes_together=True))


def test_constant_lanes_mix_as_often_as_in_the_budget() -> None:
    """Wavelengths, zero dispersion and polarizations drawn by numpy pass the budget's level as often as it says."""
    link = point_to_point("800gbase-lr4", 10.0)
    exceedance_ratio, draws, victim = 0.1, 1500, 1
    estimate = estimate_mixing(link, launch_power_dbm=5.0, exceedance_ratio=exceedance_ratio)
    fiber, (low_nm, high_nm) = merge_fibers(link, 1305.0)
    mode = link.mode
    assert isinstance(mode, DirectMode)
    random = np.random.default_rng(11)
    amplitude = math.sqrt(1e-3 * 10.0**0.5)
    passed = 0
    for _ in range(draws):
        states = random.normal(size=(len(mode.lanes), 4)).view(complex)
        added = mix_lanes(
            np.full((len(mode.lanes), 256), amplitude),
            [random.uniform(lane.min_nm, lane.max_nm) for lane in mode.lanes],
            states / np.linalg.norm(states, axis=1, keepdims=True),
            victim_index=victim,
            fiber=fiber,
            zero_dispersion_nm=random.uniform(low_nm, high_nm),
            sample_rate_ghz=200.0,
            window_ghz=0.5 * mode.symbol_rate_gbd,
        )
        passed += np.mean(np.abs(added) ** 2) > amplitude**2 * 10.0 ** (estimate.crosstalk_dbc[victim] / 10.0)
    # Both are draws: the level is a quantile of 4000 others.
    deviation = math.sqrt(exceedance_ratio * (1.0 - exceedance_ratio) * (1.0 / draws + 1.0 / 4000))
    assert abs(passed / draws - exceedance_ratio) < 4.0 * deviation


def test_lanes_of_a_link_cost_each_other_light_and_more_the_louder_they_are() -> None:
    """800GBASE-LR4 at its reach: four-wave mixing as above, and phase modulation, which the budget leaves out."""
    margins_db = []
    for more_db in (0.0, 3.0):
        link = point_to_point("800gbase-lr4", 10.0)
        launch_dbm = evaluate_link(link).lanes[1].launch_power_dbm + more_db
        link = replace(link, launch_power_dbm=launch_dbm)
        margins_db.append([_margin_db(link, lanes_together=together) for together in (False, True)])
    losses_db = [alone - lit for alone, lit in margins_db]
    assert 0.0 < losses_db[0] < losses_db[1] < 0.5


def test_noise_of_an_amplifier_beats_with_the_light() -> None:
    power_w = np.full(4096, 0.4e-3)
    figures = {"symbol_rate_gbd": RATE_GBD, "responsivity_a_per_w": 0.8, "thermal_noise_pa_per_sqrt_hz": 15.0}
    amplifier = SemiconductorAmplifier(gain_db=15.0, noise_figure_db=7.0, saturation_power_dbm=10.0)
    density_w_per_hz = amplifier.noise_w_per_hz(1310.0, 10.0**1.5)
    # n_sp (G - 1) h nu with NF G = 2 n_sp (G - 1), the definition that decision 0003 states.
    assert density_w_per_hz == pytest.approx(0.5 * 10**0.7 * 6.626e-34 * 2.99792e8 / 1310e-9 * 10**1.5, rel=1e-4)
    behind = DirectReceiver(**figures, amplified_dbm_per_ghz=10.0 * math.log10(density_w_per_hz * 1e12)).to_core()
    before = DirectReceiver(**figures).to_core()
    options = {"first": 0, "step": 8, "taps": np.ones(1), "lead": 0, "tap_step": 8}
    more_a2 = behind.decision_noise(power_w, **options)[2] - before.decision_noise(power_w, **options)[2]
    expected_a2 = 4.0 * 0.8**2 * 0.4e-3 * density_w_per_hz * before.noise_bandwidth_hz()
    np.testing.assert_allclose(more_a2, expected_a2, rtol=1e-9)
    drawn = behind.receive(power_w, first=0, step=8, noise=(1, 2)) - behind.receive(
        power_w, first=0, step=8, noise=None
    )
    total_a2 = sum(np.mean(part) for part in behind.decision_noise(power_w, **options))
    assert np.var(drawn) == pytest.approx(total_a2, rel=4.0 * math.sqrt(2.0 / len(drawn)))


def test_an_amplified_lane_errs_as_computed_and_bears_more_loss() -> None:
    link = point_to_point("400gbase-fr4", 2.0, loss_db=14.0)
    amplifier = SemiconductorAmplifier(gain_db=12.0, noise_figure_db=7.0, saturation_power_dbm=13.0)
    margins_db = []
    for hardware in (DirectHardware(), DirectHardware(amplifier=amplifier)):
        simulated = simulate_link(link, settings=WaveformSettings(symbols_count=2**15, direct_hardware=hardware))
        waveform = simulated.waveforms[0]
        assert isinstance(waveform, DirectWaveform)
        margins_db.append(waveform.margin_db)
        expected = waveform.counts.symbol_error_ratio * waveform.counts.symbols_count
        assert abs(waveform.counts.symbol_errors_count - expected) < 4.0 * math.sqrt(expected) + 4.0
    assert margins_db[0] < 0.0 < margins_db[1] - margins_db[0] < 12.0


def test_an_amplifier_that_saturates_costs_margin() -> None:
    """Patterns of 200 ps in the gain close the eye; far below saturation there are none."""
    link = point_to_point("400gbase-fr4", 2.0, loss_db=8.0)
    margins_db = []
    for saturation_dbm in (20.0, 3.0):
        amplifier = SemiconductorAmplifier(gain_db=15.0, noise_figure_db=7.0, saturation_power_dbm=saturation_dbm)
        hardware = DirectHardware(amplifier=amplifier)
        simulated = simulate_link(link, settings=WaveformSettings(symbols_count=2**13, direct_hardware=hardware))
        margins_db.append(simulated.result.lanes[0].fec_margin_db)
    assert not margins_db[1] > margins_db[0] - 0.5


def test_an_amplifier_in_front_of_an_avalanche_photodiode_is_refused() -> None:
    amplifier = SemiconductorAmplifier(gain_db=15.0, noise_figure_db=7.0, saturation_power_dbm=10.0)
    settings = WaveformSettings(symbols_count=2**13, direct_hardware=DirectHardware(amplifier=amplifier))
    with pytest.raises(ParameterError, match="avalanche photodiode"):
        simulate_link(point_to_point("400gbase-er8", 20.0), settings=settings)


def test_side_mode_is_a_late_copy_that_comes_and_goes() -> None:
    symbols = np.random.default_rng(3).integers(0, 4, 2**14).astype(np.uint8)
    transmitter = Pam4Transmitter(symbol_rate_gbd=RATE_GBD, eo_bandwidth_ghz=32.0, extinction_ratio_db=5.0)
    power = propagate_pam4(symbols, transmitter)
    options = {"sample_rate_ghz": 8 * RATE_GBD, "seed": 1, "stream": 2}
    share = 1.0 / (1.0 + 10.0**2)
    steady = SideMode(smsr_db=20.0, spacing_nm=0.5, fluctuation_ghz=0.0)
    # Delayed by dispersion times spacing: three samples.
    late_ps_per_nm = 3e3 / (8 * RATE_GBD) / 0.5
    found = steady.split(power, dispersion_ps_per_nm=late_ps_per_nm, **options)
    np.testing.assert_allclose(found, (1.0 - share) * power + share * np.roll(power, 3), atol=1e-9)
    wild = SideMode(smsr_db=20.0, spacing_nm=0.5, fluctuation_ghz=1.0)
    np.testing.assert_allclose(wild.split(power, dispersion_ps_per_nm=0.0, **options), power, atol=1e-12)
    # A pulse and its copy far away tell the share: mean and deviation of thermal light, of some 800 independent values.
    train = np.zeros(2**17)
    train[::64] = 1.0
    shares = wild.split(train, dispersion_ps_per_nm=2.0 * late_ps_per_nm, **options)[6::64]
    assert np.mean(shares) == pytest.approx(share, rel=0.12)
    assert np.std(shares) == pytest.approx(share, rel=0.2)
