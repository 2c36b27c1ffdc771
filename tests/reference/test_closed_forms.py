"""Closed forms of fiber and amplifiers against published figures and against other ways to calculate them.

Sources
-------
- DGD tails P(DGD > S mean): Maxwell distribution; two digits as printed, and scipy.stats.maxwell to 1e-12 relative.
- The 58-dB rule OSNR = P - NF + 57.95 dB at 193.4 THz and 12.5 GHz: two decimals.
- Equivalent noise figures of the OpenROADM in-line and preamplifier polynomials (MSA optical specification 9.0) as
  NF = p + 57.95 - OSNR(p), two decimals; here they are read back from an evaluated line, with 0.01 dB since 57.95 is
  rounded. The channel has the polynomial's own 50-GHz slot.
- Nonlinear efficiency: the authors' program of the ISRS GN closed form (Semrau, Killey, Bayvel 2019, MIT license).
  Case A: 251 channels of 40.004 GBd on 40.005 GHz, 100 km, D 17, S 0.067, 0.2 dB/km, C_r 0.028 1/(W km THz), gamma 1.2.
  Cases B and C: the combs of ZR+ and 800ZR over 80 km. The program rounds c to 3e8 m/s, which moves beta2 by 0.07 % and
  eta by 0.003 dB: 0.004 dB. Case C is printed with two decimals: 0.005 dB more. Edges of case B with two: the same.
- Delay: group index over the exact speed of light.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import maxwell  # type: ignore[import-untyped]

from lightlane import kernels
from lightlane.catalog.load import load_catalog
from lightlane.lane.budget import evaluate_link
from lightlane.link import Link

REFERENCE_THZ = 299_792.458 / 1550.0


@pytest.mark.parametrize(
    ("multiple", "printed", "half_digit"),
    [(3.0, 4.2e-5, 5e-7), (3.2, 9.2e-6, 5e-8), (3.3, 4.1e-6, 5e-8), (3.5, 7.7e-7, 5e-9), (3.775, 6.5e-8, 5e-10)],
)
def test_dgd_tail(multiple: float, printed: float, half_digit: float) -> None:
    assert float(kernels.maxwell_exceedance_ratio(multiple)) == pytest.approx(printed, abs=half_digit)


def test_dgd_distribution_against_scipy() -> None:
    multiple = np.linspace(0.0, 6.0, 200)
    expected = maxwell.sf(multiple, scale=np.sqrt(np.pi / 8))
    np.testing.assert_allclose(kernels.maxwell_exceedance_ratio(multiple), expected, rtol=1e-12)


@pytest.mark.parametrize("noise_figure_db", [4.5, 5.5, 7.0])
def test_58_decibel_rule(noise_figure_db: float) -> None:
    power_dbm = np.array([-30.0, -20.0, -10.0])
    found = kernels.ase_osnr_db(power_dbm, noise_figure_db=noise_figure_db, frequency_thz=193.4)
    np.testing.assert_allclose(found, power_dbm - noise_figure_db + 57.95, rtol=0, atol=0.005)


@pytest.mark.parametrize(
    ("amplifier", "power_dbm", "noise_figure_db"),
    [
        ("openroadm-ila-standard", -25.0, 6.95),
        ("openroadm-ila-standard", -20.0, 7.78),
        ("openroadm-ila-standard", -15.0, 9.95),
        ("openroadm-ila-low-noise", -25.0, 6.83),
        ("openroadm-ila-low-noise", -20.0, 6.95),
        ("openroadm-ila-low-noise", -15.0, 7.76),
        ("openroadm-preamp-worst", -25.0, 7.95),
        ("openroadm-preamp-worst", -20.0, 8.78),
        ("openroadm-preamp-typical", -20.0, 7.78),
    ],
)
def test_openroadm_equivalent_noise_figure(
    amplifier: str, power_dbm: float, noise_figure_db: float, make_link: Callable[..., Link]
) -> None:
    mode = load_catalog().get_mode("openroadm-100g-31").model_copy(update={"tx_osnr_db": None})
    link = make_link(
        "openroadm-400g",
        [50.0],
        mode=mode,
        launch_power_dbm=power_dbm + 10.0,
        first_channel_thz=193.4,
        channel_spacing_ghz=50.0,
        run={"attenuation_db_per_km": 0.2},
        line={"preamplifier": amplifier, "received_power_dbm": -8.0},
    )
    lane = evaluate_link(link).lanes[0]
    assert power_dbm + 57.95 - lane.osnr_db == pytest.approx(noise_figure_db, abs=0.01)


def _efficiency_db(
    channels: int, symbol_rate_gbd: float, spacing_ghz: float, length_km: float, power_dbm: float, *, raman: bool
) -> NDArray[np.float64]:
    """Return eta of a span that is taken as long, as the authors do: the share of a finite one is divided out."""
    offsets_thz = (np.arange(channels) - 0.5 * (channels - 1)) * spacing_ghz * 1e-3
    finite_share = -np.expm1(-2.0 * 0.2 * np.log(10.0) / 10.0 * length_km)
    return -10.0 * np.log10(finite_share) + kernels.nonlinear_efficiency_db(
        REFERENCE_THZ + offsets_thz,
        np.full(channels, symbol_rate_gbd),
        np.full(channels, power_dbm),
        attenuation_db_per_km=0.2,
        length_km=length_km,
        dispersion_ps_per_nm_km=17.0,
        slope_ps_per_nm2_km=0.067,
        gamma_per_w_km=1.2,
        raman_slope_per_w_km_thz=0.028 if raman else 0.0,
        reference_thz=REFERENCE_THZ,
    )


# Offset of the channel in THz: eta without Raman transfer, at 0 dBm and at 2 dBm with it.
CASE_A = {
    -5.001: (27.7112, 29.4714, 30.4226),
    -4.521: (29.0977, 30.7815, 31.6911),
    -2.000: (29.9725, 30.7623, 31.2276),
    0.000: (30.3241, 30.3393, 30.3791),
    2.000: (30.5798, 29.7824, 29.3502),
    4.481: (30.4666, 28.6520, 27.6713),
    5.001: (29.0871, 27.1894, 26.2086),
}


@pytest.mark.parametrize("offset_thz", CASE_A)
def test_isrs_gn_case_a(offset_thz: float) -> None:
    channel = 125 + round(offset_thz / 0.040005)
    found = [
        _efficiency_db(251, 40.004, 40.005, 100.0, power_dbm, raman=raman)[channel]
        for power_dbm, raman in ((0.0, False), (0.0, True), (2.0, True))
    ]
    assert found == pytest.approx(CASE_A[offset_thz], abs=0.004)


def test_isrs_gn_case_b() -> None:
    efficiency = _efficiency_db(64, 60.1385, 75.0, 80.0, 0.0, raman=True)
    # An even comb has no channel in the middle: the two beside it bracket the figure.
    assert min(abs(efficiency[31] - 25.4065), abs(efficiency[32] - 25.4065)) < 0.004
    assert sorted(efficiency[[0, 63]]) == pytest.approx([23.85, 24.01], abs=0.009)
    # SNR_NLI = 1/(eta P^2).
    assert 60.0 - efficiency[[31, 32]].mean() == pytest.approx(34.59, abs=0.009)


def test_isrs_gn_case_c() -> None:
    efficiency = _efficiency_db(32, 118.2, 150.0, 80.0, 0.0, raman=True)
    assert min(abs(efficiency[15] - 19.62), abs(efficiency[16] - 19.62)) < 0.009
    assert 60.0 - efficiency[[15, 16]].mean() == pytest.approx(40.38, abs=0.009)


def test_delay_of_a_fiber(make_link: Callable[..., Link]) -> None:
    catalog = load_catalog()
    fiber, short_km, long_km = catalog.get_fiber("g652d"), 10.0, 110.0
    lanes = [evaluate_link(make_link("openzrplus-400g-ha", [km])).lanes[0] for km in (short_km, long_km)]
    expected_us = (long_km - short_km) * 1e3 * fiber.group_index / 299_792_458.0 * 1e6
    assert lanes[1].latency_us - lanes[0].latency_us == pytest.approx(expected_us, rel=1e-12)
    assert expected_us / 100.0 == pytest.approx(4.9, abs=0.005)
