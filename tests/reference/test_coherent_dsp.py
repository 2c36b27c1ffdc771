"""Blocks of the coherent receiver against numpy, scipy, closed forms and OptiCommPy.

Sources
-------
- OptiCommPy 0.11.0, installed as a package. ``mimoAdaptEqualizer`` in the time domain with the same blocks of symbols,
  step and first taps is the same algorithm, sample for sample; its step is a float32, hence one that is a power of 2;
  1e-9 is what rounding grows to over 5000 symbols. ``bps`` tests the same phases in the same windows: one test phase
  apart at most, where two are alike. ``edc`` has the opposite sign of time (exp(-j w t)), hence of dispersion, no slope
  of beta2, and is late by a sample.
- Fields are made in numpy from their definition: root-raised-cosine spectra, exp(-j beta2 w^2 L/2), Jones matrices.
- Variance of a phase from N symbols of noise variance v: v/(2 N); of a Wiener phase around its own mean over N steps
  of variance s: s N/12. Cramer-Rao bound of a frequency: Rife and Boorstyn 1974, doi 10.1109/TIT.1974.1055282.
- BER of 16QAM at an SNR: the project's exact integral, and its own test.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import resample

from lightlane import kernels

Field = NDArray[np.complex128]

RATE_GBD = 60.0
LIGHT_M_PER_S = 299_792_458.0
LEVELS = np.array([-3.0, -1.0, 1.0, 3.0]) / np.sqrt(10.0)


def import_peer(name: str) -> Any:
    """Import a module of OptiCommPy, whose imports warn."""
    from importlib import import_module

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return import_module(name)


def draw_symbols(count: int, seed: int) -> Field:
    rng = np.random.default_rng(seed)
    return np.asarray(rng.choice(LEVELS, (2, count)) + 1j * rng.choice(LEVELS, (2, count)))


def draw_noise(shape: tuple[int, ...], variance: float, seed: int) -> Field:
    rng = np.random.default_rng(seed)
    return np.asarray(np.sqrt(variance / 2) * (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)))


def frequencies(count: int) -> NDArray[np.float64]:
    """Return the bins of two samples per symbol in symbol rates."""
    return np.fft.fftfreq(count, 0.5)


def pulse(count: int, roll_off: float) -> NDArray[np.float64]:
    """Return the root of the raised cosine."""
    f = np.abs(frequencies(count))
    edge = np.clip((f - 0.5 * (1 - roll_off)) / roll_off, 0.0, 1.0)
    return np.asarray(np.cos(0.5 * np.pi * edge))


def spectrum_of(symbols: Field, roll_off: float) -> Field:
    up = np.zeros((2, 2 * symbols.shape[1]), complex)
    up[:, ::2] = 2 * symbols
    return np.asarray(np.fft.fft(up) * pulse(up.shape[1], roll_off))


def fiber(count: int, dispersion_ps_per_nm: float) -> Field:
    """Return exp(-j (beta2 w^2/2 + beta3 w^3/6) L) of a fiber without slope, D > 0 with beta2 < 0."""
    omega = 2 * np.pi * frequencies(count) * RATE_GBD * 1e9
    factor = (1550e-9) ** 2 / (2 * np.pi * LIGHT_M_PER_S)
    beta2_s2 = -dispersion_ps_per_nm * 1e-3 * factor
    beta3_s3 = factor**2 * 2 * dispersion_ps_per_nm * 1e-3 / 1550e-9
    return np.asarray(np.exp(-1j * (beta2_s2 * omega**2 / 2 + beta3_s3 * omega**3 / 6)))


def turn(spectrum: Field, *, angle: float, dgd: float = 0.0, pdl_db: float = 0.0) -> Field:
    """Turn the polarization, delay the axes by ``dgd`` symbols against each other, weaken the second one."""
    c, s = np.cos(angle), np.sin(angle)
    half = np.exp(-1j * np.pi * frequencies(spectrum.shape[1]) * dgd)
    x, y = spectrum
    return np.array([(c * x + s * y) * half, (c * y - s * x) / half * 10 ** (-pdl_db / 20)])


def equalize(field: Field, **options: Any) -> tuple[kernels.AdaptiveEqualizer, Field]:
    equalizer = kernels.AdaptiveEqualizer(modulation="16qam", **options)
    return equalizer, np.hstack([equalizer.process(field), equalizer.finish()])


def decide(symbols: Field) -> Field:
    def part(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return LEVELS[np.argmin(np.abs(values[..., None] - LEVELS), axis=-1)]

    return np.asarray(part(symbols.real) + 1j * part(symbols.imag))


# --- fixed filters and rates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dispersion_ps_per_nm", [-1700.0, 2400.0, 20_000.0])
def test_fiber_then_filter_is_identity(dispersion_ps_per_nm: float) -> None:
    spectrum = spectrum_of(draw_symbols(1 << 14, 1), 0.2)
    sent = np.fft.ifft(spectrum)
    received = np.fft.ifft(spectrum * fiber(sent.shape[1], dispersion_ps_per_nm))
    whole = kernels.compensate_dispersion(received, sample_rate_ghz=120.0, dispersion_ps_per_nm=dispersion_ps_per_nm)
    assert np.abs(whole - sent).max() < 1e-11
    block = kernels.ReceiverFilter(sample_rate_ghz=120.0, dispersion_ps_per_nm=dispersion_ps_per_nm)
    stream = np.hstack([block.process(received), block.finish()])
    # A filter of finite length leaves an error 50 dB down at worst; the ends see zeros instead of the period.
    inside = slice(2_000, -2_000)
    error = np.mean(np.abs(stream - sent)[:, inside] ** 2) / np.mean(np.abs(sent) ** 2)
    assert error < 1e-5


def test_dispersion_as_in_opticommpy() -> None:
    equalization = import_peer("optic.dsp.equalization")
    parameters = import_peer("optic.utils").parameters()
    parameters.Fs, parameters.Rs, parameters.L, parameters.D = 120e9, 60e9, 100.0, -16.0
    parameters.Fc = LIGHT_M_PER_S / 1550e-9
    received = np.fft.ifft(spectrum_of(draw_symbols(1 << 13, 2), 0.2) * fiber(1 << 14, 1600.0))
    theirs = equalization.edc(received.T, parameters).T
    # A slope of -2 D/lambda makes beta3 zero.
    block = kernels.ReceiverFilter(
        sample_rate_ghz=120.0, dispersion_ps_per_nm=1600.0, dispersion_slope_ps_per_nm2=-2 * 1600.0 / 1550.0
    )
    ours = block.apply_periodic(received)
    error = np.mean(np.abs(np.roll(theirs, -1, axis=1) - ours)[:, 1_000:-1_000] ** 2) / np.mean(np.abs(ours) ** 2)
    # Its filter is cut to the length of a rule of thumb for the symbol rate: 30 dB.
    assert error < 2e-3


def test_matched_filter_takes_interference_away() -> None:
    symbols = draw_symbols(1 << 13, 3)
    received = np.fft.ifft(spectrum_of(symbols, 0.1))
    block = kernels.ReceiverFilter(
        sample_rate_ghz=120.0, matched=kernels.MatchedFilter(symbol_rate_gbd=RATE_GBD, roll_off=0.1)
    )
    out = np.hstack([block.process(received), block.finish()])[:, ::2]
    error = np.mean(np.abs(out - symbols)[:, 200:-200] ** 2)
    assert error < 1e-5, "50 dB, as for dispersion"
    before = np.mean(np.abs(received[:, ::2] - symbols)[:, 200:-200] ** 2)
    assert before > 100 * error


def test_resampling_as_in_scipy() -> None:
    field = np.fft.ifft(spectrum_of(draw_symbols(1 << 11, 4), 0.1))
    for count in (3_000, 4_096, 5_120, 6_001):
        expected = resample(field, count, axis=1)
        assert np.abs(kernels.resample_periodic(field, samples_count=count) - expected).max() < 1e-12
    block = kernels.Resampler(input_rate_ghz=120.0, output_rate_ghz=150.0)
    out = np.hstack([block.process(field), block.finish()])
    assert out.shape == (2, 5_120)
    # The Kaiser window's side lobes are 90 dB down; the table of 1024 places costs about as much.
    assert np.abs(out - resample(field, 5_120, axis=1))[:, 100:-100].max() < 1e-4


def test_quadratures_are_orthogonal_and_equal() -> None:
    symbols = draw_symbols(1 << 14, 5)
    bent = symbols.real + 1j * 0.8 * (symbols.imag * np.cos(0.15) + symbols.real * np.sin(0.15)) + (0.1 - 0.03j)
    out = kernels.orthogonalize_quadratures(bent)
    for samples in out:
        moments = np.cov(samples.real, samples.imag, bias=True)
        assert moments == pytest.approx(np.eye(2) * moments[0, 0], abs=1e-12)
        assert abs(samples.mean()) < 1e-12
    gain = np.vdot(symbols, out) / np.vdot(symbols, symbols)
    # Gram and Schmidt leave I as it is: what is left is the chance of 16384 symbols, 1/N of their own correlation.
    assert np.mean(np.abs(out - gain * symbols) ** 2) / np.abs(gain) ** 2 < 4 / (1 << 14)


# --- dispersion and clock -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dispersion_ps_per_nm", [-900.0, 35.0, 2_345.0, 30_000.0])
@pytest.mark.parametrize("roll_off", [0.1, 0.2])
def test_dispersion_is_found(dispersion_ps_per_nm: float, roll_off: float) -> None:
    spectrum = turn(spectrum_of(draw_symbols(1 << 15, 6), roll_off), angle=0.785, dgd=0.5)
    received = np.fft.ifft(spectrum * fiber(spectrum.shape[1], dispersion_ps_per_nm))
    received += draw_noise(received.shape, 0.06, 7)
    found = kernels.estimate_dispersion(
        received, symbol_rate_gbd=RATE_GBD, roll_off=roll_off, dispersion_min_ps_per_nm=-5_000.0,
        dispersion_max_ps_per_nm=50_000.0,
    )  # fmt: skip
    # A tenth of the width of the peak, c/(lambda^2 Rs^2 roll-off).
    width_ps_per_nm = 1e3 * LIGHT_M_PER_S / (1550e-9 * RATE_GBD * 1e9) ** 2 / roll_off
    assert abs(found.dispersion_ps_per_nm - dispersion_ps_per_nm) < 0.1 * width_ps_per_nm
    assert found.clock_tone_ratio > 5.0


def test_noise_has_no_clock_tone() -> None:
    found = kernels.estimate_dispersion(
        draw_noise((2, 1 << 16), 1.0, 8), symbol_rate_gbd=RATE_GBD, roll_off=0.1, dispersion_min_ps_per_nm=-5_000.0,
        dispersion_max_ps_per_nm=50_000.0,
    )  # fmt: skip
    assert found.clock_tone_ratio < 3.0


@pytest.mark.parametrize("roll_off", [0.1, 0.2])
@pytest.mark.parametrize("delay_ratio", [-0.45, -0.1, 0.0, 0.2])
def test_delay_is_found(roll_off: float, delay_ratio: float) -> None:
    spectrum = turn(spectrum_of(draw_symbols(1 << 13, 9), roll_off), angle=0.4, dgd=0.2)
    field = np.fft.ifft(spectrum * np.exp(-2j * np.pi * frequencies(spectrum.shape[1]) * delay_ratio))
    found = kernels.estimate_timing_ratio(field + draw_noise(field.shape, 0.06, 10), roll_off=roll_off)
    assert found == pytest.approx(delay_ratio, abs=0.01)


@pytest.mark.parametrize("clock_error_ppm", [-200.0, 0.0, 100.0])
def test_clock_is_followed(clock_error_ppm: float) -> None:
    field = np.fft.ifft(spectrum_of(draw_symbols(1 << 16, 11), 0.1))
    more = round(field.shape[1] * clock_error_ppm * 1e-6)
    received = resample(field, field.shape[1] + more, axis=1)
    received += draw_noise(received.shape, 0.06, 12)
    loop = kernels.TimingRecovery(roll_off=0.1)
    out = loop.process(received)
    assert loop.clock_error_ppm == pytest.approx(1e6 * more / field.shape[1], abs=10.0)
    late = out[:, out.shape[1] // 2 :]
    error = np.mean(np.abs(late - field[:, out.shape[1] // 2 : out.shape[1]]) ** 2)
    # Noise of 0.06; a jitter of 2 % of a symbol adds (2 pi 0.02)^2 E f^2, about 0.002.
    assert error < 0.066


# --- equalizer ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::numba.core.errors.NumbaPerformanceWarning")
@pytest.mark.parametrize(("update_symbols_count", "criterion"), [(1, "cma"), (8, "cma"), (4, "rde"), (8, "rde")])
def test_radii_as_in_opticommpy(update_symbols_count: int, criterion: Any) -> None:
    equalization = import_peer("optic.dsp.equalization")
    parameters = import_peer("optic.utils").parameters()
    parameters.nTaps, parameters.mu, parameters.alg, parameters.M = 15, [2.0**-9], [criterion], 16
    parameters.domain, parameters.blockSize, parameters.prec = "time", update_symbols_count, np.complex128
    parameters.prgsBar, parameters.L = False, [5_000]
    field = np.fft.ifft(turn(spectrum_of(draw_symbols(1 << 13, 13), 0.1), angle=0.6, dgd=0.4) * pulse(1 << 14, 0.1))
    field /= np.sqrt(np.mean(np.abs(field[:, :4096]) ** 2))
    theirs = equalization.mimoAdaptEqualizer(field.T.copy(), parameters).T
    _, ours = equalize(
        field, stages=[kernels.LearningStage(criterion=criterion, step_ratio=2.0**-9)], single_output_symbols_count=0,
        update_symbols_count=update_symbols_count,
    )  # fmt: skip
    assert np.abs(ours[:, :5_000] - theirs[:, :5_000]).max() < 1e-9


@pytest.mark.parametrize(("dgd", "pdl_db"), [(0.0, 0.0), (0.4, 0.0), (0.6, 3.0)])
def test_taps_show_the_channel(dgd: float, pdl_db: float) -> None:
    spectrum = turn(spectrum_of(draw_symbols(1 << 16, 14), 0.1), angle=0.6, dgd=dgd, pdl_db=pdl_db)
    field = np.fft.ifft(spectrum * pulse(1 << 17, 0.1) * fiber(1 << 17, 25.0))
    equalizer, _ = equalize(field + draw_noise(field.shape, 0.004, 15))
    found = equalizer.estimate_channel(symbol_rate_gbd=RATE_GBD, band_ratio=0.8)
    assert found.dgd_ps == pytest.approx(dgd / RATE_GBD * 1e3, abs=0.4)
    assert found.pdl_db == pytest.approx(pdl_db, abs=0.4)
    assert found.dispersion_ps_per_nm == pytest.approx(25.0, abs=3.0)


@pytest.mark.parametrize("sop_rate_krad_per_s", [0.0, 50.0, 400.0])
def test_speed_of_the_polarization_is_seen(sop_rate_krad_per_s: float) -> None:
    spectrum = spectrum_of(draw_symbols(1 << 18, 16), 0.1)
    x, y = np.fft.ifft(spectrum * pulse(spectrum.shape[1], 0.1))
    # A turn by an angle a in the field is 2 a in Stokes space.
    angle = 0.3 + 0.5 * sop_rate_krad_per_s * 1e3 * np.arange(x.size) / (2 * RATE_GBD * 1e9)
    field = np.array([np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x])
    equalizer, _ = equalize(field + draw_noise(field.shape, 0.02, 17))
    found = equalizer.estimate_channel(symbol_rate_gbd=RATE_GBD)
    # Over 2 us, half the history; what is left of the taps' noise is some 20 krad/s, in squares.
    assert abs(found.sop_rate_krad_per_s**2 - sop_rate_krad_per_s**2) < (20.0 + 0.1 * sop_rate_krad_per_s) * (
        20.0 + 2.1 * sop_rate_krad_per_s
    )


# --- carrier --------------------------------------------------------------------------------------------------------


def rotated(count: int, *, noise: float, linewidth_khz: float, seed: int) -> tuple[Field, Field, NDArray[np.float64]]:
    symbols = draw_symbols(count, seed)
    steps = np.random.default_rng(seed + 1).standard_normal(count)
    phase = 0.2 + np.cumsum(steps) * np.sqrt(2 * np.pi * linewidth_khz * 1e3 / (RATE_GBD * 1e9))
    return symbols, np.asarray(symbols * np.exp(1j * phase) + draw_noise(symbols.shape, noise, seed + 2)), phase


def test_phase_search_as_in_opticommpy() -> None:
    carrier = import_peer("optic.dsp.carrierRecovery")
    symbols, received, _ = rotated(3_000, noise=0.02, linewidth_khz=500.0, seed=20)
    constellation = np.unique(symbols.ravel().round(12))
    theirs = -carrier.bps(received.T.copy(), 32, constellation, 64).T
    block = kernels.BlindPhaseSearch(modulation="16qam", test_phases_count=64, half_window_count=32)
    ours = np.hstack([block.process(received).phase_rad, block.finish().phase_rad])
    step = np.pi / 128
    # Their window at the ends has zeros, whose distance counts; ours has nothing.
    apart = (ours - theirs + np.pi / 4) % (np.pi / 2) - np.pi / 4
    assert np.abs(apart[:, 32:-32]).max() < 1.01 * step
    assert np.sqrt(np.mean(apart[:, 32:-32] ** 2)) < 0.5 * step


def test_viterbi_as_in_opticommpy() -> None:
    carrier = import_peer("optic.dsp.carrierRecovery")
    rng = np.random.default_rng(21)
    symbols = np.exp(1j * (np.pi / 4 + np.pi / 2 * rng.integers(0, 4, (2, 2_000))))
    received = symbols * np.exp(0.3j + 1j * np.cumsum(rng.standard_normal(2_000)) * 0.01)
    theirs = -carrier.viterbi(received.T, 21, 4).T
    block = kernels.ViterbiViterbi(half_window_count=10)
    ours = np.hstack([block.process(received).phase_rad, block.finish().phase_rad])
    apart = (ours - theirs + np.pi / 4) % (np.pi / 2) - np.pi / 4
    # Amplitudes of 1: both weigh alike.
    assert np.abs(apart[:, 10:-10]).max() < 1e-9


@pytest.mark.parametrize("offset_ghz", [-2.2, 0.0137, 1.5])
def test_frequency_offset(offset_ghz: float) -> None:
    symbols = draw_symbols(1 << 14, 22)
    received = symbols * np.exp(2j * np.pi * offset_ghz / RATE_GBD * np.arange(1 << 14))
    received += draw_noise(received.shape, 0.03, 23)
    blind = kernels.estimate_frequency_offset(received, symbol_rate_gbd=RATE_GBD, modulation="16qam")
    bin_ghz = RATE_GBD / (1 << 14)
    assert blind.offset_ghz == pytest.approx(offset_ghz, abs=0.1 * bin_ghz)
    known = kernels.KnownSymbols(symbols=symbols[:, ::32], spacing_count=32)
    by_pilots = kernels.estimate_frequency_offset_by_pilots(
        received, known, symbol_rate_gbd=RATE_GBD, near_ghz=blind.offset_ghz
    )
    assert by_pilots.offset_ghz == pytest.approx(offset_ghz, abs=0.1 * bin_ghz)
    peer = import_peer("optic.dsp.carrierRecovery")
    _, theirs_hz = peer.fourthPowerFOE(received.T.copy(), RATE_GBD * 1e9, 4)
    # Their estimate is a bin of the fourth power's spectrum.
    assert np.abs(theirs_hz * 1e-9 - blind.offset_ghz).max() < 0.51 * bin_ghz / 4
    shifted = kernels.FrequencyShift(offset_ghz=offset_ghz, sample_rate_ghz=RATE_GBD).process(received)
    assert np.mean(np.abs(shifted - symbols) ** 2) == pytest.approx(0.03, rel=0.05)


@pytest.mark.parametrize("linewidth_khz", [0.0, 100.0, 500.0])
def test_error_of_the_blind_phase_is_that_of_noise_and_laser(linewidth_khz: float) -> None:
    _, received, phase = rotated(30_000, noise=0.02, linewidth_khz=linewidth_khz, seed=24)
    block = kernels.BlindPhaseSearch(modulation="16qam", half_window_count=24)
    ours = np.hstack([block.process(received).phase_rad, block.finish().phase_rad])
    window = 49
    step = 2 * np.pi * linewidth_khz * 1e3 / (RATE_GBD * 1e9)
    bound = 0.02 / (2 * window) + step * window / 12
    error = np.mean((ours - phase)[:, 24:-24] ** 2)
    # 17 dB: decisions that are wrong beside the right phase cost up to a quarter.
    assert 0.8 * bound < error < 1.3 * bound


def test_error_of_the_pilots_phase_is_that_of_the_noise() -> None:
    symbols, received, _ = rotated(32 * 2_000, noise=0.1, linewidth_khz=0.0, seed=25)
    known = kernels.KnownSymbols(symbols=symbols[:, ::32], spacing_count=32)
    out = kernels.PilotPhase(known, half_window_count=2).process(received)
    # Known symbols weigh by their energies: noise variance over twice the sum of five of them, whose mean inverse is
    # that of the symbols at hand.
    energy = np.abs(symbols[:, ::32]) ** 2
    sums = np.array([np.convolve(row, np.ones(5), "valid") for row in energy])
    at_known = out.phase_rad[:, 64 : 64 + 32 * 1_900 : 32]
    assert np.mean((at_known - 0.2 - np.mean(at_known - 0.2)) ** 2) == pytest.approx(np.mean(0.05 / sums), rel=0.1)


def test_slips_come_back() -> None:
    symbols, received, _ = rotated(20_000, noise=0.03, linewidth_khz=50.0, seed=26)
    slipped = received * 1j ** np.searchsorted([3_333, 9_000, 15_000], np.arange(20_000), side="right")
    blind = kernels.BlindPhaseSearch(modulation="16qam")
    recovered = np.hstack([blind.process(slipped).symbols, blind.finish().symbols])
    # The search follows a jump by quarter turns without noticing it.
    repair = kernels.CycleSlipRepair(kernels.KnownSymbols(symbols=symbols[:, ::32], spacing_count=32))
    out = np.hstack([repair.process(recovered).symbols])
    assert repair.slips_count == (3, 3)
    out = np.hstack([out, repair.finish().symbols])
    wrong = np.abs(decide(out) - symbols) > 0.1
    before = np.abs(decide(recovered) - symbols) > 0.1
    assert before.mean() > 0.5
    # Between the slip and halfway to the known symbols around it, three times.
    assert wrong.sum() < 3 * 2 * 33 + 0.02 * wrong.size


# --- all together ---------------------------------------------------------------------------------------------------


def test_a_receiver_loses_little() -> None:
    """16QAM at 16 dB behind 1200 ps/nm, DGD, 100 kHz, 0.3 GHz and 20 ppm: SNR and BER behind all blocks."""
    count, snr_db = 1 << 17, 16.0
    symbols = draw_symbols(count, 30)
    spectrum = turn(spectrum_of(symbols, 0.1), angle=0.6, dgd=0.4) * fiber(2 * count, 1_200.0)
    field = resample(np.fft.ifft(spectrum), 2 * count + 5, axis=1)
    # Noise of two samples per symbol behind a filter of the symbol rate: half.
    field += draw_noise(field.shape, 2 * 10 ** (-snr_db / 10), 31)
    steps = np.random.default_rng(32).standard_normal(field.shape[1])
    phase = np.cumsum(steps) * np.sqrt(2 * np.pi * 100e3 / (2 * RATE_GBD * 1e9))
    field = field * np.exp(1j * phase + 2j * np.pi * 0.3 / (2 * RATE_GBD) * np.arange(field.shape[1]))
    found = kernels.estimate_dispersion(
        field, symbol_rate_gbd=RATE_GBD, roll_off=0.1, dispersion_min_ps_per_nm=-3_000.0,
        dispersion_max_ps_per_nm=10_000.0,
    )  # fmt: skip
    matched = kernels.MatchedFilter(symbol_rate_gbd=RATE_GBD, roll_off=0.1)
    block = kernels.ReceiverFilter(
        sample_rate_ghz=120.0, dispersion_ps_per_nm=found.dispersion_ps_per_nm, matched=matched
    )
    field = kernels.TimingRecovery(roll_off=0.1).process(np.hstack([block.process(field), block.finish()]))
    stages = [
        kernels.LearningStage(criterion="cma", step_ratio=2e-3, symbols_count=30_000),
        kernels.LearningStage(criterion="rde", step_ratio=3e-4),
    ]
    equalizer, out = equalize(field, stages=stages)
    assert equalizer.settled_symbols_count is not None
    start = 60_000
    out = out[:, start:] / np.sqrt(np.mean(np.abs(out[:, start:]) ** 2, axis=1, keepdims=True))
    offset = kernels.estimate_frequency_offset(out, symbol_rate_gbd=RATE_GBD, modulation="16qam")
    assert offset.offset_ghz == pytest.approx(0.3, abs=0.001)
    out = kernels.FrequencyShift(offset_ghz=offset.offset_ghz, sample_rate_ghz=RATE_GBD).process(out)
    out = kernels.BlindPhaseSearch(modulation="16qam").process(out).symbols
    for samples in out:
        # Which of the sent polarizations, how late, and which quarter turn.
        lags = [np.fft.ifft(np.fft.fft(samples, count) * np.fft.fft(sent).conj()) for sent in symbols]
        which = int(np.argmax([np.abs(lag).max() for lag in lags]))
        place = int(np.argmax(np.abs(lags[which])))
        sent = np.roll(symbols[which], place)[: samples.size]
        sent = sent * 1j ** np.round(np.angle(np.vdot(sent, samples)) / (np.pi / 2))
        gain = np.vdot(sent, samples) / np.vdot(sent, sent)
        snr = -10 * np.log10(np.mean(np.abs(samples / gain - sent) ** 2))
        assert snr > snr_db - 0.4
        wrong = np.abs(decide((samples / gain)[None, :])[0] - sent) > 0.1
        ber = 0.25 * wrong.mean()  # one bit of four, Gray
        limit = float(kernels.bit_error_ratio(snr_db - 0.5, modulation="16qam"))
        assert ber < limit
