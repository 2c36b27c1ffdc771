"""The wrappers of filters, crosstalk, receiver and polarization: shapes, units, refusals, limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lightlane import kernels
from lightlane.errors import ParameterError
from lightlane.kernels import Passband

SIGNAL: dict[str, Any] = {"symbol_rate_gbd": 60.0, "roll_off": 0.2}
NEIGHBOR: dict[str, Any] = {**SIGNAL, "neighbor_symbol_rate_gbd": 60.0, "neighbor_roll_off_ratio": 0.2}
BAND = [Passband(70.0, 90.0)]

REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "no width": (lambda: kernels.cascade_width_ghz([Passband(0.0, 90.0)]), "width_3db_hz is 0"),
    "widths upside down": (lambda: kernels.cascade_width_ghz([Passband(90.0, 70.0)]), "width_10db_hz is 7"),
    "edges that meet": (lambda: kernels.cascade_width_ghz([Passband(50.0, 90.0)]), "width_10db_hz is 9"),
    "no passband": (lambda: kernels.cascade_width_ghz([]), "passbands is an empty list"),
    "no depth": (lambda: kernels.cascade_width_ghz(BAND, depth_db=0.0), "depth_db is 0"),
    "law": (lambda: kernels.cascade_transmission_db(0.0, BAND, shape="brick"), "shape is brick"),  # type: ignore[arg-type]
    "no noise": (
        lambda: kernels.filter_signal(BAND, [np.inf], passbands_before_count=[0], **SIGNAL),
        "line_noise_ratio is 0",
    ),
    "noise behind more than there is": (
        lambda: kernels.filter_signal(BAND, [15.0], passbands_before_count=[2], **SIGNAL),
        "passbands_before_count is 2",
    ),
    "noise before the beginning": (
        lambda: kernels.filter_signal(BAND, [15.0], passbands_before_count=[-1], **SIGNAL),
        "passbands_before_count is -1",
    ),
    "uneven noise": (
        lambda: kernels.filter_signal(BAND, [15.0, 16.0], passbands_before_count=[1], **SIGNAL),
        "line is 2 noise ratios and 1 counts",
    ),
    "roll-off": (
        lambda: kernels.neighbor_crosstalk_db(75.0, **{**NEIGHBOR, "neighbor_roll_off_ratio": 1.2}),
        "roll_off is 1.2",
    ),
    "no spacing": (lambda: kernels.neighbor_crosstalk_db(np.nan, **NEIGHBOR), "spacing_hz is NaN"),
    "no level": (lambda: kernels.in_band_crosstalk_db([np.nan], **SIGNAL), "levels_db is NaN"),
    "no isolation": (
        lambda: kernels.combined_transmitters_osnr_db([0.0], isolation_db=np.nan, out_of_band_osnr_db=40.0),
        "transmitters is a level that is not a number",
    ),
    "no point": (lambda: kernels.fit_receiver([]), "points is 0 powers and 0 OSNRs"),
    "power that falls": (lambda: kernels.fit_receiver([(-12, 24), (-14, 25)]), "points is power that does not rise"),
    "no rejection": (lambda: kernels.fit_colorless_receiver([(0.0, 0.0)]), "colorless points is columns"),
    "negative rejection": (lambda: kernels.colorless_penalty_db(15, rejection_ratio=-0.1), "rejection_ratio is -0.1"),
    "negative DGD": (lambda: kernels.dgd_mean_ps(fiber_mean_dgd_ps=-1.0), "elements is -"),
    "certain DGD": (lambda: kernels.dgd_quantile_ps(0.0, fiber_mean_dgd_ps=1.0), "probability is 0"),
    "negative PDL": (lambda: kernels.pdl_mean_db(element_pdl_db=[0.5, -0.5]), "elements is -"),
    "certain PDL": (lambda: kernels.pdl_quantile_db(1.0, element_pdl_db=[0.5]), "probability is 1"),
    "certain S": (lambda: kernels.maxwell_quantile_ratio(1.0), "probability is 1"),
    "negative linewidth": (
        lambda: kernels.equalization_phase_noise_snr_db(1e4, symbol_rate_gbd=60, linewidth_khz=-1.0),
        "linewidth_hz is -1000",
    ),
    "NGMI of no SNR": (lambda: kernels.required_snr_for_ngmi_db(1.5, modulation="qpsk"), "ngmi_ratio is 1.5"),
    "format of the kurtosis": (lambda: kernels.excess_kurtosis_ratio(modulation="64qam"), "modulation is 64qam"),
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
    values = np.full(shape, 0.5)
    receiver = kernels.fit_receiver([(-14.0, 25.0), (-12.0, 24.0)])
    for answer in (
        kernels.cascade_transmission_db(values, BAND),
        kernels.neighbor_crosstalk_db(values, **NEIGHBOR),
        kernels.receiver_required_osnr_db(values, receiver),
        kernels.receiver_noise_share_ratio(values, receiver),
        kernels.colorless_penalty_db(values, rejection_ratio=0.01),
        kernels.dgd_exceedance_ratio(values, fiber_mean_dgd_ps=1.0),
        kernels.dgd_quantile_ps(values, fiber_mean_dgd_ps=1.0, element_dgd_ps=[3.0]),
        kernels.pdl_exceedance_ratio(values, element_pdl_db=[0.5, 0.4, 0.3]),
        kernels.pdl_quantile_db(values, element_pdl_db=[0.5, 0.4, 0.3]),
        kernels.maxwell_quantile_ratio(values),
        kernels.equalization_phase_noise_snr_db(values, symbol_rate_gbd=60, linewidth_khz=300),
        kernels.gmi_bits(values, modulation="16qam"),
        kernels.ngmi_ratio(values, modulation="8qam"),
        kernels.mutual_information_bits(values, modulation="qpsk"),
    ):
        assert answer.shape == shape
        assert answer.dtype == np.float64


def test_nothing_in_the_way_leaves_nothing() -> None:
    assert kernels.cascade_transmission_db(12.0, []) == 0.0
    assert kernels.neighbor_crosstalk_db(75.0, **NEIGHBOR) == -np.inf
    assert kernels.in_band_crosstalk_db([], **SIGNAL) == -np.inf
    assert kernels.combined_transmitters_osnr_db([], isolation_db=0.0, out_of_band_osnr_db=40.0) == np.inf
    assert kernels.pdl_mean_db(element_pdl_db=[]) == 0.0
    assert kernels.pdl_exceedance_ratio(0.0, element_pdl_db=[]) == 0.0
    found = kernels.filter_signal([], [15.0], passbands_before_count=[0], **SIGNAL)
    assert found.snr_db == pytest.approx(15.0, abs=1e-9)
    assert found.penalty_db == pytest.approx(0.0, abs=1e-9)


def test_absent_figures_stay_absent() -> None:
    nan = float("nan")
    receiver = kernels.fit_receiver([(-14.0, 25.0), (-12.0, 24.0)])
    assert np.isnan(kernels.receiver_required_osnr_db(nan, receiver))
    assert np.isnan(kernels.receiver_noise_share_ratio(nan, receiver))
    assert np.isnan(kernels.dgd_exceedance_ratio(nan, fiber_mean_dgd_ps=1.0, element_dgd_ps=[3.0, 1.0]))
    assert np.isnan(kernels.pdl_exceedance_ratio(nan, element_pdl_db=[0.5, 0.4, 0.3]))
    assert np.isnan(kernels.gmi_bits(nan, modulation="16qam"))


def test_units() -> None:
    # Combining 16 transmitters of 43 dB out-of-band OSNR without a filter: 15 others.
    osnr_db = kernels.combined_transmitters_osnr_db(np.zeros(15), isolation_db=0.0, out_of_band_osnr_db=43.0)
    assert osnr_db == pytest.approx(43 - 10 * np.log10(15), abs=1e-9)
    assert kernels.dgd_mean_ps(fiber_mean_dgd_ps=2.0) == pytest.approx(2.0, rel=1e-12)
    assert kernels.dgd_mean_ps(fiber_mean_dgd_ps=0.0, element_dgd_ps=[3.0]) == pytest.approx(3.0, rel=1e-12)
    assert kernels.pdl_mean_db(element_pdl_db=[1.5]) == pytest.approx(1.5, rel=1e-12)
