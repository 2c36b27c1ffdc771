"""The sampled transmitter, front end and metrics in Python: units, addresses, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lightlane.errors import ModelError, ParameterError
from lightlane.kernels.coherent_hardware import (
    CoherentFrontEnd,
    Converter,
    IqModulator,
    Laser,
    complex_normals,
    detect_coherent,
    front_end_snr_db,
    laser_amplitude_ratio,
    laser_phase_rad,
    modulate_iq,
    pass_converter,
)
from lightlane.kernels.fec import apply_fec
from lightlane.kernels.metrics import bit_error_ratio, gmi_bits
from lightlane.kernels.signal import (
    Format,
    bit_log_likelihood_ratios,
    decide_bits,
    map_bits,
    random_bits,
    shape_pulses,
)
from lightlane.kernels.symbol_quality import align_symbols, measure_symbols

FORMATS = [
    Format(modulation="qpsk"),
    Format(modulation="8qam"),
    Format(modulation="16qam"),
    Format(modulation="pcs16qam", inner_amplitude_ratio=0.681),
]


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.modulation)
def test_bits_survive_mapping_and_decision(form: Format) -> None:
    bits = random_bits(form.bits_per_symbol * 1000, seed=1)
    symbols = map_bits(bits, form)
    np.testing.assert_array_equal(decide_bits(symbols, form), bits)
    soft = bit_log_likelihood_ratios(symbols, form, noise_variance_ratio=0.01)
    np.testing.assert_array_equal((soft < 0).astype(np.uint8), bits)


@pytest.mark.parametrize("form", FORMATS[:3], ids=lambda form: form.modulation)
def test_noise_costs_what_the_formulas_say(form: Format) -> None:
    count, snr_db = 40_000, {"qpsk": 7.0, "8qam": 10.5, "16qam": 13.0}[form.modulation]
    sent = map_bits(random_bits(form.bits_per_symbol * count, seed=2), form)
    noise = complex_normals(count, seed=2, purpose=5) * 10.0 ** (-snr_db / 20.0)
    quality = measure_symbols(sent + noise, sent, form)
    # The measured variance of 40,000 complex samples is good to 0.5 %, 0.02 dB; three times that.
    assert quality.snr_db == pytest.approx(snr_db, abs=0.06)
    assert quality.evm_percent == pytest.approx(100.0 * 10.0 ** (-quality.snr_db / 20.0))
    low, high = quality.interval_ber(3.3)
    assert low < bit_error_ratio(quality.snr_db, modulation=form.modulation) < high
    # GMI fluctuates with the root of the symbols' count.
    assert quality.gmi_bits == pytest.approx(gmi_bits(quality.snr_db, modulation=form.modulation), abs=0.015)


def test_random_numbers_are_addressed() -> None:
    assert np.array_equal(random_bits(100, seed=1), random_bits(1000, seed=1)[:100])
    assert not np.array_equal(random_bits(100, seed=1), random_bits(100, seed=2))
    assert not np.array_equal(random_bits(100, seed=1, stream=1), random_bits(100, seed=1, stream=2))
    assert np.array_equal(complex_normals(10, seed=4), complex_normals(20_000, seed=4)[:10])


def test_lasers_have_their_noise() -> None:
    phase = laser_phase_rad(2**16, Laser(linewidth_khz=500.0), sample_rate_ghz=100.0, seed=1)
    steps = np.diff(phase)
    # Variance of 65,535 steps: 0.55 % standard deviation, four of them.
    assert np.var(steps) == pytest.approx(2 * math.pi * 500e3 / 100e9, rel=0.022)
    quiet = laser_amplitude_ratio(16, Laser(), sample_rate_ghz=100.0, seed=1)
    assert np.array_equal(quiet, np.ones(16))
    noisy = laser_amplitude_ratio(2**16, Laser(rin_db_per_hz=-145.0), sample_rate_ghz=100.0, seed=1)
    assert np.var(noisy**2) == pytest.approx(10**-14.5 * 50e9, rel=0.022)


def test_converters_and_modulators_take_engineering_units() -> None:
    drive = shape_pulses(map_bits(random_bits(4096, seed=1), FORMATS[0]), samples_count=4096, roll_off=0.2)
    assert np.array_equal(pass_converter(drive, Converter(), sample_rate_ghz=100.0, filter_first=True), drive)
    coarse = pass_converter(
        drive, Converter(effective_bits_count=4, full_scale_ratio=3.0), sample_rate_ghz=100.0, filter_first=True
    )
    assert len(np.unique(np.round(coarse.real, 12))) <= 16
    field = modulate_iq(drive, IqModulator(), sample_rate_ghz=100.0)
    assert np.mean(np.abs(field) ** 2) == pytest.approx(1.0)
    np.testing.assert_allclose(field / field[0], drive / drive[0], rtol=2e-5, atol=1e-5)


def test_front_end_noise_is_shot_noise_at_ample_oscillator_power() -> None:
    # One photon per symbol: h nu Rs at 193.4 THz and 60 GBd is -51.1 dBm; R = q/(h nu) of an ideal diode is 1.25 A/W.
    responsivity = 1.602176634e-19 / (6.62607015e-34 * 193.4e12)
    front_end = CoherentFrontEnd(oscillator_power_dbm=30.0, responsivity_a_per_w=responsivity)
    photon_dbm = 10.0 * math.log10(6.62607015e-34 * 193.4e12 * 60e9) + 30.0
    assert front_end_snr_db(photon_dbm + 20.0, front_end, symbol_rate_gbd=60.0) == pytest.approx(20.0, abs=1e-4)
    field = np.full(2**15, math.sqrt(1e-6), dtype=np.complex128)
    seen = detect_coherent(field, front_end, sample_rate_ghz=60.0, seed=1)
    noise = np.mean(np.abs(seen - field) ** 2) / 1e-6
    expected = 10.0 ** (-front_end_snr_db(-30.0, front_end, symbol_rate_gbd=60.0) / 10.0)
    assert noise == pytest.approx(expected, rel=0.025)


def test_alignment_finds_delays_and_order() -> None:
    sent = np.stack([map_bits(random_bits(8192, seed=1, purpose=side), FORMATS[0]) for side in range(2)])
    received = np.stack([np.roll(sent[1], -5), np.roll(sent[0], -6)]) * 1j
    found = align_symbols(received, sent)
    assert (found.delays_count, found.polarizations) == ((5, 6), (1, 0))
    assert found.correlation_ratio == pytest.approx((1.0, 1.0))
    other = np.stack([complex_normals(4096, seed=9, purpose=side) for side in range(2)])
    with pytest.raises(ModelError, match="not found"):
        align_symbols(other, sent)


def test_fec_of_a_scheme() -> None:
    table = ((2.0e-2, 1e-15), (2.1e-2, 6.3e-4))
    post, frames = apply_fec(1e-2, kind="table", left_ratio_by_pre_fec_ber=table)
    assert post == 1e-15
    assert math.isnan(frames)
    post, frames = apply_fec(2.4e-4, kind="kp4", interleaved_codewords_count=2)
    # direct_detect: 2.4e-15 and 1.73e-12 at the KP4 threshold, two and three digits.
    assert post == pytest.approx(2.4e-15, rel=0.03)
    assert frames == pytest.approx(1.73e-12, rel=0.01)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: map_bits([0, 1, 2, 1], FORMATS[0]), "bits"),
        (lambda: map_bits([0, 1, 1], FORMATS[0]), "bits"),
        (lambda: decide_bits([np.nan], FORMATS[0]), "symbols"),
        (lambda: decide_bits([1.0], Format(modulation="64qam")), "modulation"),
        (lambda: shape_pulses([1.0, 2.0], samples_count=2, roll_off=0.2), "samples_count"),
        (lambda: shape_pulses([1.0, 2.0], samples_count=8, roll_off=1.2), "roll_off"),
        (lambda: laser_phase_rad(8, Laser(linewidth_khz=-1.0), sample_rate_ghz=1.0, seed=0), "linewidth"),
        (
            lambda: pass_converter([1.0], Converter(effective_bits_count=0.5), sample_rate_ghz=1.0, filter_first=True),
            "bits",
        ),
        (lambda: modulate_iq([0.0, 0.0], IqModulator(), sample_rate_ghz=1.0), "drive"),
        (
            lambda: detect_coherent([1.0], CoherentFrontEnd(responsivity_a_per_w=0.0), sample_rate_ghz=1.0),
            "responsivity",
        ),
        (lambda: apply_fec(1e-3, kind="turbo"), "kind"),
    ],
)
def test_wrong_input_is_refused_by_name(call: object, name: str) -> None:
    with pytest.raises(ParameterError, match=name):
        call()  # type: ignore[operator]
