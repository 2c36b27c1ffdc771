"""What must hold of the kernels over their whole range."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightlane import kernels

SHAPED = st.tuples(st.just("pcs16qam"), st.floats(0.5, 0.9))
FORMATS = st.tuples(st.sampled_from(["qpsk", "8qam", "16qam"]), st.none()) | SHAPED
COMMON = settings(max_examples=100, deadline=None)


@COMMON
@given(form=FORMATS, exponent=st.floats(-15.0, -0.75))
def test_snr_and_ber_are_inverse(form: tuple[str, float | None], exponent: float) -> None:
    modulation, inner = form
    ber = 10.0**exponent
    snr_db = kernels.required_snr_db(ber, modulation=modulation, inner_amplitude_ratio=inner)
    back = float(kernels.bit_error_ratio(snr_db, modulation=modulation, inner_amplitude_ratio=inner))
    # SNR is found to 1e-13 of its decibels, times the slope of ln BER, up to 10 a decibel.
    assert back == pytest.approx(ber, rel=1e-9)
    osnr_db = kernels.required_osnr_db(ber, modulation=modulation, symbol_rate_gbd=50.0, inner_amplitude_ratio=inner)
    assert osnr_db - snr_db == pytest.approx(10 * np.log10(4.0), abs=1e-12)


@COMMON
@given(form=FORMATS, low_db=st.floats(-5.0, 20.0), step_db=st.floats(0.01, 5.0))
def test_more_snr_has_fewer_errors(form: tuple[str, float | None], low_db: float, step_db: float) -> None:
    modulation, inner = form
    at = kernels.bit_error_ratio([low_db, low_db + step_db], modulation=modulation, inner_amplitude_ratio=inner)
    assert 0.5 > at[0] > at[1] >= 0.0


@COMMON
@given(low=st.floats(1e-30, 0.3), factor=st.floats(1.001, 1.6))
def test_q_falls_with_errors(low: float, factor: float) -> None:
    q_db = kernels.q_factor_db([low, low * factor])
    assert q_db[1] < q_db[0]


@COMMON
@given(exponent=st.floats(-12.0, -1.0), factor=st.floats(1.01, 5.0))
def test_kp4_is_monotone_and_bounded(exponent: float, factor: float) -> None:
    ber = np.array([10.0**exponent, min(0.5, 10.0**exponent * factor)])
    codewords, bits = kernels.kp4_codeword_error_ratio(ber), kernels.kp4_post_fec_ber(ber)
    # Near certainty the sum of the binomial terms is 1 but for their rounding.
    assert codewords[0] <= codewords[1] * (1 + 1e-11)
    assert np.all((codewords >= 0.0) & (codewords <= 1.0))
    assert bits[0] <= bits[1] * (1 + 1e-11)
    assert np.all(bits <= ber * (1 + 1e-11))
    frames = [
        float(kernels.kp4_frame_loss_ratio(codewords[0], interleaved_codewords_count=count)) for count in (1, 2, 4)
    ]
    assert frames == sorted(frames)
    assert frames[-1] <= 1.0


@COMMON
@given(low=st.floats(0.0, 8.0), step=st.floats(0.001, 2.0))
def test_dgd_tail_falls_from_one(low: float, step: float) -> None:
    tail = kernels.maxwell_exceedance_ratio([low, low + step])
    assert 1.0 >= tail[0] > tail[1] >= 0.0


@COMMON
@given(power_dbm=st.floats(-45.0, 10.0), noise_figure_db=st.floats(3.0, 12.0), frequency_thz=st.floats(185.0, 235.0))
def test_osnr_of_an_amplifier_is_decibel_for_decibel(
    power_dbm: float, noise_figure_db: float, frequency_thz: float
) -> None:
    osnr_db = kernels.ase_osnr_db(
        [power_dbm, power_dbm + 1.0], noise_figure_db=noise_figure_db, frequency_thz=frequency_thz
    )
    more_noise = kernels.ase_osnr_db(power_dbm, noise_figure_db=noise_figure_db + 1.0, frequency_thz=frequency_thz)
    assert osnr_db[1] - osnr_db[0] == pytest.approx(1.0, abs=1e-12)
    assert osnr_db[0] - float(more_noise) == pytest.approx(1.0, abs=1e-12)


@COMMON
@given(
    band=st.tuples(st.floats(1262.0, 1355.0), st.floats(0.0, 5.0)),
    length_km=st.floats(0.1, 80.0),
    factor=st.floats(1.0, 4.0),
)
def test_dispersion_range_grows_with_length(band: tuple[float, float], length_km: float, factor: float) -> None:
    shortest_nm, width_nm = band
    low, high = kernels.accumulated_dispersion_range_ps_per_nm(shortest_nm, shortest_nm + width_nm, length_km)
    far = kernels.accumulated_dispersion_range_ps_per_nm(shortest_nm, shortest_nm + width_nm, length_km * factor)
    assert low < high
    assert far == pytest.approx((low * factor, high * factor), rel=1e-12, abs=1e-12)


@st.composite
def combs(draw: st.DrawFn) -> tuple[np.ndarray, float, float]:
    """Offsets (THz) of a comb with gaps, its symbol rate and level."""
    slots = sorted(draw(st.sets(st.integers(-24, 24), min_size=2, max_size=20)))
    return 193.4 + 0.1 * np.array(slots, dtype=float), draw(st.floats(20.0, 95.0)), draw(st.floats(-5.0, 5.0))


def _efficiency_db(comb_thz: np.ndarray, rate_gbd: float, power_dbm: np.ndarray, *, raman: float = 0.0) -> np.ndarray:
    return kernels.nonlinear_efficiency_db(
        comb_thz,
        np.full(len(comb_thz), rate_gbd),
        power_dbm,
        attenuation_db_per_km=0.2,
        length_km=80.0,
        dispersion_ps_per_nm_km=16.7,
        slope_ps_per_nm2_km=0.06,
        gamma_per_w_km=1.27,
        raman_slope_per_w_km_thz=raman,
        reference_thz=193.4,
    )


@COMMON
@given(comb=combs(), change_db=st.floats(-6.0, 6.0))
def test_interference_grows_with_the_cube_of_power(comb: tuple[np.ndarray, float, float], change_db: float) -> None:
    comb_thz, rate_gbd, power_dbm = comb
    power = np.full(len(comb_thz), power_dbm)
    # eta = P_NLI/P^3 does not change with the power of a comb without Raman transfer.
    before, after = _efficiency_db(comb_thz, rate_gbd, power), _efficiency_db(comb_thz, rate_gbd, power + change_db)
    np.testing.assert_allclose(after, before, rtol=0, atol=1e-9)


@COMMON
@given(comb=combs(), dropped=st.integers(0, 19))
def test_more_channels_never_disturb_less(comb: tuple[np.ndarray, float, float], dropped: int) -> None:
    comb_thz, rate_gbd, power_dbm = comb
    power = np.full(len(comb_thz), power_dbm)
    left = np.arange(len(comb_thz)) != dropped % len(comb_thz)
    full, thinned = _efficiency_db(comb_thz, rate_gbd, power), _efficiency_db(comb_thz[left], rate_gbd, power[left])
    assert np.all(thinned <= full[left])


@COMMON
@given(comb=combs())
def test_raman_transfer_takes_from_the_high_frequencies(comb: tuple[np.ndarray, float, float]) -> None:
    comb_thz, rate_gbd, power_dbm = comb
    comb_thz = np.append(comb_thz, comb_thz[-1] + 0.1)
    comb_thz += 193.4 - comb_thz.mean()
    power = np.full(len(comb_thz), power_dbm)
    change_db = _efficiency_db(comb_thz, rate_gbd, power, raman=0.028) - _efficiency_db(comb_thz, rate_gbd, power)
    # The lowest frequency is amplified along the fiber and makes more interference, the highest less.
    assert change_db[0] > 0.0 > change_db[-1]


def _line(
    comb_thz: np.ndarray, rate_gbd: float, power_dbm: np.ndarray, lengths_km: list[float], *, kurtosis: float = 0.0
) -> np.ndarray:
    """Return the noise-to-signal ratio of every channel in every span of a line, without Raman transfer."""
    found = kernels.nonlinear_interference(
        comb_thz,
        rate_gbd,
        power_dbm,
        attenuation_db_per_km=0.2,
        length_km=lengths_km,
        dispersion_ps_per_nm_km=16.7,
        slope_ps_per_nm2_km=0.06,
        gamma_per_w_km=1.27,
        reference_thz=193.4,
        excess_kurtosis_ratio=kurtosis,
    )
    return np.asarray(found.self_channel_ratio + found.cross_channel_ratio)


LENGTHS_KM = st.lists(st.floats(1.0, 130.0), min_size=1, max_size=5)


@COMMON
@given(comb=combs(), lengths_km=LENGTHS_KM, kurtosis=st.floats(-1.0, 0.0), dropped=st.integers(0, 19))
def test_line_noise_is_above_zero_and_falls_without_a_channel(
    comb: tuple[np.ndarray, float, float], lengths_km: list[float], kurtosis: float, dropped: int
) -> None:
    comb_thz, rate_gbd, power_dbm = comb
    power = np.full(len(comb_thz), power_dbm)
    left = np.arange(len(comb_thz)) != dropped % len(comb_thz)
    full = _line(comb_thz, rate_gbd, power, lengths_km, kurtosis=kurtosis)
    thinned = _line(comb_thz[left], rate_gbd, power[left], lengths_km, kurtosis=kurtosis)
    assert np.all(thinned > 0.0)
    assert np.all(thinned.sum(axis=0) <= full[:, left].sum(axis=0) * (1 + 1e-12))


@COMMON
@given(comb=combs(), lengths_km=LENGTHS_KM, more_db=st.floats(0.01, 6.0))
def test_line_noise_ratio_grows_with_the_square_of_power(
    comb: tuple[np.ndarray, float, float], lengths_km: list[float], more_db: float
) -> None:
    comb_thz, rate_gbd, power_dbm = comb
    power = np.full(len(comb_thz), power_dbm)
    before, after = (_line(comb_thz, rate_gbd, level, lengths_km, kurtosis=-0.68) for level in (power, power + more_db))
    np.testing.assert_allclose(after, before * 10 ** (0.2 * more_db), rtol=1e-9)


@COMMON
@given(comb=combs(), lengths_km=LENGTHS_KM, seed=st.integers(0, 1000))
def test_line_noise_follows_a_permutation_of_the_channels(
    comb: tuple[np.ndarray, float, float], lengths_km: list[float], seed: int
) -> None:
    comb_thz, rate_gbd, power_dbm = comb
    order = np.random.default_rng(seed).permutation(len(comb_thz))
    power = power_dbm + np.linspace(-1.0, 1.0, len(comb_thz))
    plain = _line(comb_thz, rate_gbd, power, lengths_km, kurtosis=-0.5)
    mixed = _line(comb_thz[order], rate_gbd, power[order], lengths_km, kurtosis=-0.5)
    np.testing.assert_array_equal(mixed, plain[:, order])
