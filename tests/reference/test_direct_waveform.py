"""Sampled direct-detect lanes against closed forms, the budget, and OptiCommPy."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lightlane.fabric.point_to_point import point_to_point
from lightlane.kernels.direct import Pam4Transmitter
from lightlane.kernels.direct_waveform import DirectReceiver, Pam4Drive, SampledPath, propagate_pam4
from lightlane.kernels.pam4_decisions import DecisionNoise, decide_pam4, pam4_error_ratios
from lightlane.lane.budget import evaluate_link
from lightlane.lane.waveform.direct.hardware import DirectHardware
from lightlane.lane.waveform.direct.record import DirectWaveform
from lightlane.lane.waveform.settings import WaveformSettings
from lightlane.lane.waveform.simulate import simulate_link

RATE_GBD = 53.125


def random_symbols(count: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 4, count).astype(np.uint8)


@pytest.mark.parametrize(
    ("thermal_pa", "gain", "expected_dbm", "rounded_db"),
    # Ideal Gaussian OMA sensitivity at 53.125 GBd, SER 4.8e-4, R = 0.8 A/W, B = 0.52 baud (test_apd_gain.py has the
    # table). The extinction ratio, on which an avalanche photodiode's shot noise depends, is not stated: a tenth more.
    [(10.0, 1.0, -13.5, 0.08), (15.0, 1.0, -11.8, 0.08), (20.0, 1.0, -10.6, 0.08), (15.0, 6.0, -16.9, 0.15)],
)
def test_sensitivity_of_pin_and_apd(thermal_pa: float, gain: float, expected_dbm: float, rounded_db: float) -> None:
    """Symbols eight times as long as the receiver's memory: no interference, its noise bandwidth."""
    symbols = random_symbols(4096)
    slow = Pam4Transmitter(symbol_rate_gbd=RATE_GBD / 8.0, eo_bandwidth_ghz=None, extinction_ratio_db=4.5)
    light = propagate_pam4(symbols, slow, samples_per_symbol=32)
    receiver = DirectReceiver(
        symbol_rate_gbd=slow.symbol_rate_gbd,
        responsivity_a_per_w=0.8,
        thermal_noise_pa_per_sqrt_hz=thermal_pa,
        gain_ratio=gain,
        ionization_ratio=0.2,
        dark_current_na=10.0,
        bandwidth_ghz=RATE_GBD / 2.0,
        samples_per_symbol=32,
    ).to_core()
    power_w = light * 1e-3 * 10.0 ** (expected_dbm / 10.0)
    values = receiver.receive(power_w, first=0, step=32, noise=None)
    found = receiver.decision_noise(power_w, first=0, step=32, taps=np.ones(1), lead=0, tap_step=32)
    errors = pam4_error_ratios(symbols, values, DecisionNoise(found[0] + found[1], found[2], found[3]))
    # The figures are rounded to a tenth; at the stated light the margin is what the rounding took.
    assert errors.margin_db == pytest.approx(0.0, abs=rounded_db)


def test_counted_errors_of_a_lane_are_those_of_the_noise_of_each_decision() -> None:
    """A lane so far below its threshold that hundreds of errors are counted, through the whole chain."""
    link = point_to_point("400g-lr4-10", 10.0, loss_db=12.0)
    settings = WaveformSettings(symbols_count=2**17, direct_hardware=DirectHardware(even_odd_jitter_fs=300.0))
    simulated = simulate_link(link, settings=settings)
    waveform = simulated.waveforms[0]
    assert isinstance(waveform, DirectWaveform)
    expected = waveform.counts.symbol_error_ratio * waveform.counts.symbols_count
    assert expected > 300
    assert abs(waveform.counts.symbol_errors_count - expected) < 4.0 * math.sqrt(expected)
    assert simulated.result.lanes[0].status == "down"
    assert simulated.result.lanes[0].fec_margin_db < 0.0
    low, high = waveform.counts.low_pre_fec_ber, waveform.counts.high_pre_fec_ber
    assert low < waveform.counts.pre_fec_ber < high


@pytest.mark.parametrize("equalizer", ["slicer", "sequence"])
def test_counted_and_computed_ratios_agree_where_both_can_be_had(equalizer: str) -> None:
    """White noise of known deviation behind a transmitter and a receiver without a fiber."""
    symbols = random_symbols(2**16)
    transmitter = Pam4Transmitter(symbol_rate_gbd=RATE_GBD, eo_bandwidth_ghz=40.0, extinction_ratio_db=4.5)
    light = propagate_pam4(symbols, transmitter) * 0.02e-3
    receiver = DirectReceiver(
        symbol_rate_gbd=RATE_GBD,
        responsivity_a_per_w=0.8,
        thermal_noise_pa_per_sqrt_hz=12.0,
        gain_ratio=6.0,
        ionization_ratio=0.2,
        dark_current_na=10.0,
        rin_db_per_hz=-142.0,
        bandwidth_ghz=40.0,
    ).to_core()
    quiet = receiver.receive(light, first=0, step=8, noise=None)
    noisy = receiver.receive(light, first=0, step=8, noise=(3, 4))
    found = receiver.decision_noise(light, first=0, step=8, taps=np.ones(1), lead=0, tap_step=8)
    errors = pam4_error_ratios(symbols, quiet, DecisionNoise(found[0] + found[1], found[2], found[3]))
    levels = [quiet[symbols == level].mean() for level in range(4)]
    decided = decide_pam4(
        noisy, level_ratio=levels, threshold_ratio=errors.threshold_ratio[0], sequence=equalizer == "sequence"
    )
    counted = np.count_nonzero(decided != symbols)
    expected = errors.symbol_error_ratio[0] * symbols.size
    assert expected > 300
    if equalizer == "slicer":
        assert abs(counted - expected) < 4.0 * math.sqrt(expected)
    else:
        # Thresholds half way between the levels where the noise asks for others.
        assert counted > 0.7 * expected


def test_dispersion_is_that_of_opticommpy() -> None:
    """The power behind 10 km of a fiber with 6 ps/(nm km), for the field that this program's transmitter makes."""
    channels = pytest.importorskip("optic.models.channels")
    utils = pytest.importorskip("optic.utils")
    symbols = random_symbols(1024)
    transmitter = Pam4Transmitter(symbol_rate_gbd=RATE_GBD, eo_bandwidth_ghz=32.0, extinction_ratio_db=6.0)
    drive = Pam4Drive(modulator="mach_zehnder")
    before = propagate_pam4(symbols, transmitter, drive=drive)
    frequency_hz = 228.8e12
    fiber = utils.parameters()
    fiber.L, fiber.alpha, fiber.D, fiber.Fc, fiber.Fs = 10.0, 0.0, 6.0, frequency_hz, RATE_GBD * 8e9
    expected = np.abs(channels.linearFiberChannel(np.sqrt(before).astype(complex), fiber).reshape(-1)) ** 2
    wavelength_nm = 299_792_458.0 / frequency_hz * 1e9
    # A slope that makes beta3 zero, which the peer does not have.
    path = SampledPath(
        wavelength_nm=wavelength_nm, dispersion_ps_per_nm=60.0, slope_ps_per_nm2=-2.0 * 60.0 / wavelength_nm
    )
    found = propagate_pam4(symbols, transmitter, path, drive=drive)
    assert np.linalg.norm(found - expected) < 1e-3 * np.linalg.norm(expected)
    assert np.linalg.norm(before - expected) > 0.03 * np.linalg.norm(expected)


CLOSE_DB = 0.1
"""Found: 0.05 dB."""


@pytest.mark.parametrize(
    ("module", "length_km"),
    [("400gbase-fr4", 2.0), ("400g-lr4-10", 8.0), ("400gbase-lr8", 8.0), ("800gbase-dr4", 0.5)],
)
def test_waveform_and_budget_agree_without_echoes(
    module: str, length_km: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The light that can be lost, by the tabulated eye and by the simulated one, reflections left aside."""
    from lightlane.lane.waveform.direct import lane as simulation

    monkeypatch.setattr(simulation, "draw_echoes", lambda *_args, **_settings: ())
    link = point_to_point(module, length_km)
    simulated = simulate_link(link, settings=WaveformSettings(symbols_count=2**15))
    for lane, waveform in zip(simulated.result.lanes, simulated.waveforms, strict=True):
        assert waveform is not None
        known = next(
            one for one in evaluate_link(link).lanes if (one.direction, one.lane) == (lane.direction, lane.lane)
        )
        steps = known.explain()
        words = ("interference", "DGD", "PMD", "mixing")
        interference_db = sum(-step.value_db for step in steps if any(word in step.label for word in words))
        assert lane.fec_margin_db == pytest.approx(known.fec_margin_db + interference_db, abs=CLOSE_DB)
