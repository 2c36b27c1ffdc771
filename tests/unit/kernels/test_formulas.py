"""The wrappers of single formulas: shapes, units, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lightlane import kernels
from lightlane.errors import ParameterError

SPAN: dict[str, Any] = {
    "attenuation_db_per_km": 0.2,
    "length_km": 80.0,
    "dispersion_ps_per_nm_km": 17.0,
    "slope_ps_per_nm2_km": 0.06,
    "gamma_per_w_km": 1.2,
    "raman_slope_per_w_km_thz": 0.0,
    "reference_thz": 193.4,
}
ZERO = {"zero_dispersion_nm": 1310.0, "zero_slope_ps_per_nm2_km": 0.09}

REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "format": (lambda: kernels.bit_error_ratio(10, modulation="64qam"), "modulation is 64qam"),
    "no shaping": (lambda: kernels.bit_error_ratio(10, modulation="pcs16qam"), "inner_amplitude_ratio is NaN"),
    "too little shaping": (
        lambda: kernels.required_snr_db(0.01, modulation="pcs16qam", inner_amplitude_ratio=0.4),
        "inner_amplitude_ratio is 0.4",
    ),
    "too many errors": (lambda: kernels.required_snr_db(0.3, modulation="qpsk"), "ber is 0.3"),
    "no errors": (lambda: kernels.required_snr_db(0.0, modulation="qpsk"), "ber is 0"),
    "BER not a number": (lambda: kernels.required_snr_db(float("nan"), modulation="qpsk"), "ber is NaN"),
    "no symbol rate": (
        lambda: kernels.required_osnr_db(0.01, modulation="qpsk", symbol_rate_gbd=0.0),
        "symbol_rate_gbd is 0",
    ),
    "SER of guessing": (lambda: kernels.pam4_target_q_ratio(0.75), "symbol_error_ratio is 0.75"),
    "negative BER": (lambda: kernels.kp4_codeword_error_ratio([1e-4, -0.1]), "pre_fec_ber is -0.1"),
    "BER above 1": (lambda: kernels.kp4_post_fec_ber(1.5), "pre_fec_ber is 1.5"),
    "no codeword": (
        lambda: kernels.kp4_frame_loss_ratio(1e-3, interleaved_codewords_count=0),
        "interleaved_codewords_count is 0",
    ),
    "negative ratio": (
        lambda: kernels.kp4_frame_loss_ratio(-1e-3, interleaved_codewords_count=2),
        "codeword_error_ratio is -0.001",
    ),
    "negative frequency": (
        lambda: kernels.ase_osnr_db(-20, noise_figure_db=5.0, frequency_thz=-3.0),
        "frequency_thz is -3",
    ),
    "no wavelength": (
        lambda: kernels.zero_dispersion_formula_ps_per_nm_km([1300.0, 0.0], **ZERO),
        "wavelength_nm is 0",
    ),
    "wavelengths upside down": (
        lambda: kernels.accumulated_dispersion_range_ps_per_nm(1320.0, 1300.0, 10.0),
        "wavelength_min_nm is 1320",
    ),
    "zeros upside down": (
        lambda: kernels.accumulated_dispersion_range_ps_per_nm(
            1300.0, 1320.0, 10.0, zero_dispersion_min_nm=1330.0, zero_dispersion_max_nm=1324.0
        ),
        "zero_dispersion_min_nm is 1330",
    ),
    "no length": (lambda: kernels.accumulated_dispersion_range_ps_per_nm(1300.0, 1320.0, 0.0), "length_km is 0"),
    "no loss": (
        lambda: kernels.nonlinear_efficiency_db([193.4], [60.0], [0.0], **{**SPAN, "attenuation_db_per_km": 0.0}),
        "attenuation_db_per_km is 0",
    ),
    "negative span": (
        lambda: kernels.nonlinear_efficiency_db([193.4], [60.0], [0.0], **{**SPAN, "length_km": -1.0}),
        "length_km is -1",
    ),
    "uneven comb": (lambda: kernels.nonlinear_efficiency_db([193.4], [60.0, 60.0], [0.0], **SPAN), "comb is"),
    "no symbols": (lambda: kernels.nonlinear_efficiency_db([193.4], [0.0], [0.0], **SPAN), "symbol_rate_hz is 0"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_name_the_parameter(case: str) -> None:
    call, beginning = REFUSED[case]
    with pytest.raises(ParameterError) as caught:
        call()
    assert str(caught.value).startswith(beginning)
    assert "allowed: " in str(caught.value)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0,)])
def test_shapes_are_kept(shape: tuple[int, ...]) -> None:
    snr_db = np.full(shape, 12.0)
    ber = kernels.bit_error_ratio(snr_db, modulation="16qam")
    for answer in (
        ber,
        kernels.q_factor_db(ber),
        kernels.kp4_codeword_error_ratio(ber),
        kernels.kp4_post_fec_ber(ber),
        kernels.kp4_frame_loss_ratio(ber, interleaved_codewords_count=4),
        kernels.maxwell_exceedance_ratio(snr_db),
        kernels.ase_osnr_db(snr_db, noise_figure_db=5.0, frequency_thz=193.4),
    ):
        assert answer.shape == shape
        assert answer.dtype == np.float64


def test_absent_figures_stay_absent() -> None:
    nan = float("nan")
    assert np.isnan(kernels.bit_error_ratio(nan, modulation="qpsk"))
    assert np.isnan(kernels.kp4_codeword_error_ratio(nan))
    assert np.isnan(kernels.kp4_post_fec_ber(nan))
    assert np.isnan(kernels.ase_osnr_db(nan, noise_figure_db=5.0, frequency_thz=193.4))


def test_q_exists_only_between_no_errors_and_guessing() -> None:
    q_db = kernels.q_factor_db([0.0, 0.5, 0.7, -0.1, 1e-3])
    np.testing.assert_array_equal(np.isnan(q_db), [True, True, True, True, False])


def test_unit_conversions_of_the_nonlinear_wrapper() -> None:
    # eta of one channel goes with gamma squared, and does not depend on a reference that moves without slope.
    one = kernels.nonlinear_efficiency_db(193.4, 60.0, 0.0, **{**SPAN, "slope_ps_per_nm2_km": 0.0})
    twice = kernels.nonlinear_efficiency_db(
        [193.4], [60.0], [3.0], **{**SPAN, "slope_ps_per_nm2_km": 0.0, "gamma_per_w_km": 2.4}
    )
    assert one.shape == (1,)
    assert float(twice[0] - one[0]) == pytest.approx(20 * np.log10(2.0), abs=1e-9)
    assert kernels.nonlinear_efficiency_db([193.4], [60.0], [0.0], **{**SPAN, "gamma_per_w_km": 0.0})[0] == -np.inf


def test_build_info_names_what_a_manifest_needs() -> None:
    info = kernels.build_info()
    assert set(info) == {"version", "target", "optimized", "instruction_set"}
    assert info["version"].count(".") == 2
