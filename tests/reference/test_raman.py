"""Raman scattering along a fiber against GNPy 3.0.1, scipy's boundary-value solver and closed forms.

How: GNPy's Raman solver (perturbative, fourth order, steps of 0.1 km) and its spontaneous scattering run on its own
SSMF of 83 um2 with its own gain spectrum, 0.2 dB/km at all frequencies; scipy.integrate.solve_bvp runs on the equations
written down a second time here, with gains along a straight line.

Tolerances
----------
- Channels alone: 0.03 dB. GNPy's coupling matrix is antisymmetric (checked here): it keeps power and not photons in a
  transfer, which makes 0.01 dB on the lowest channel, 0.02 dB at twice the power.
- Two pumps from the end (its own example network): 0.1 dB of gain and of noise, and four pumps with 20 dB of on-off
  gain: 0.25 dB. In the second case, on 8 strong channels, scipy's solver with GNPy's matrix is 0.2 dB above us, with
  photons kept within 0.004 dB of us, and 0.1 dB above GNPy's own iteration, which takes Euler steps of 0.1 km. GNPy
  refers its noise to the input of the fiber.
- scipy: 1e-4 dB, ten times the tolerance that both are given.
- Closed form of a straight gain (Zirngibl 1998, doi 10.1049/el:19980555): 1e-5 dB.
- Interference with Raman transfer: the published ISRS closed form for 96 channels over 4.8 THz and 100 km, tilted by
  2.3 dB, within 0.2 dB; over 10 THz, tilted by 6.6 dB, its first order in the transfer makes its noise up to 0.34 dB
  too low at the edges: 0.35 dB.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gnpy.core.elements import Fiber, RamanFiber
from gnpy.core.info import create_arbitrary_spectral_information
from gnpy.core.parameters import SimParams
from gnpy.core.science_utils import RamanSolver
from numpy.typing import NDArray
from scipy.integrate import solve_bvp  # type: ignore[import-untyped]

from lightlane import kernels
from lightlane.kernels import IntegralSpan, RamanPump, RamanSpan

Floats = NDArray[np.float64]
COMB_THZ = 193.4 + 0.05 * (np.arange(96) - 47.5)
TWO = [RamanPump(205.0, 224.403, "backward", 0.2), RamanPump(201.0, 231.135, "backward", 0.2)]
FOUR = [
    RamanPump(208.0, 300.0, "backward", 0.2),
    RamanPump(205.0, 250.0, "backward", 0.2),
    RamanPump(202.0, 200.0, "backward", 0.2),
    RamanPump(206.0, 100.0, "forward", 0.2),
]


def _ours(power_dbm: float, length_km: float, pumps: list[RamanPump]) -> RamanSpan:
    return kernels.solve_raman(
        COMB_THZ, power_dbm, length_km=length_km, attenuation_db_per_km=0.2, pumps=pumps, effective_area_um2=83.0
    )


def _gnpy(power_dbm: float, length_km: float, pumps: list[RamanPump]) -> tuple[Floats, Floats]:
    """Return power at the output in dBm, and ASE at the input in dBm per 12.5 GHz."""
    SimParams.set_params(
        {
            "nli_params": {"method": "gn_model_analytic"},
            "raman_params": {
                "flag": True,
                "method": "perturbative",
                "order": 4,
                "result_spatial_resolution": 500.0,
                "solver_spatial_resolution": 100.0,
            },
        }
    )
    light = create_arbitrary_spectral_information(
        COMB_THZ * 1e12, pch=1e-3 * 10 ** (power_dbm / 10), baud_rate=12.5e9, tx_osnr=40.0, slot_width=25e9,
        roll_off=0.1, tx_power=1e-3, label="comb",
    )  # fmt: skip
    params: dict[str, Any] = {
        "length": length_km, "length_units": "km", "loss_coef": 0.2, "con_in": 0.0, "con_out": 0.0, "pmd_coef": 0.0,
        "dispersion": 16.7e-6, "effective_area": 83e-12,
    }  # fmt: skip
    words = {"backward": "counterprop", "forward": "coprop"}
    raman_pumps = [
        {"power": p.power_mw * 1e-3, "frequency": p.frequency_thz * 1e12, "propagation_direction": words[p.direction]}
        for p in pumps
    ]
    if pumps:
        fiber = RamanFiber(uid="span", params=params, operational={"temperature": 298.15, "raman_pumps": raman_pumps})
    else:
        fiber = Fiber(uid="span", params=params)
    scattering = RamanSolver.calculate_stimulated_raman_scattering(light, fiber)
    end_dbm = 10 * np.log10(scattering.power_profile[: COMB_THZ.size, -1] * 1e3)
    if not pumps:
        return end_dbm, np.full(COMB_THZ.size, -np.inf)
    ase_w = RamanSolver.calculate_spontaneous_raman_scattering(light, scattering, fiber)
    return end_dbm, 10 * np.log10(ase_w * 1e3)


@pytest.mark.parametrize(
    ("power_dbm", "length_km", "pumps", "tolerance_db"),
    [(0.0, 80.0, [], 0.03), (3.0, 100.0, [], 0.03), (-2.0, 80.0, TWO, 0.1), (0.0, 100.0, FOUR, 0.25)],
    ids=["channels alone", "strong channels", "two pumps", "four pumps"],
)
def test_gnpy_solver(power_dbm: float, length_km: float, pumps: list[RamanPump], tolerance_db: float) -> None:
    ours = _ours(power_dbm, length_km, pumps)
    end_dbm, ase_dbm = _gnpy(power_dbm, length_km, pumps)
    np.testing.assert_allclose(ours.channel_power_dbm[:, -1], end_dbm, rtol=0, atol=tolerance_db)
    if pumps:
        found_dbm = 10 * np.log10(ours.ase_ratio) + ours.channel_power_dbm[:, 0]
        np.testing.assert_allclose(found_dbm, ase_dbm, rtol=0, atol=tolerance_db)
        # Pumped from its end, a fiber is quieter than any amplifier there.
        assert ours.noise_figure_db.max() < 1.0
    else:
        assert np.isneginf(ours.noise_figure_db).all()
        np.testing.assert_array_equal(ours.on_off_gain_db, 0.0)


def test_gnpy_keeps_power_and_not_photons() -> None:
    params = {"length": 80.0, "length_units": "km", "loss_coef": 0.2, "pmd_coef": 0.0, "effective_area": 83e-12}
    fiber = Fiber(uid="span", params={**params, "con_in": 0.0, "con_out": 0.0, "dispersion": 16.7e-6})
    coupling = fiber.cr(np.linspace(190e12, 210e12, 41))
    np.testing.assert_allclose(coupling, -coupling.T, rtol=1e-9)


def test_scipy_boundary_value_solver() -> None:
    slope_per_w_km_thz, db = 0.028, np.log(10) / 10
    channel_thz, pump_thz = np.linspace(191.5, 196.0, 6), np.array([203.0, 205.0, 208.0])
    launch_mw, pump_mw = 4.0, np.array([250.0, 300.0, 200.0])
    ahead = np.array([True] * 6 + [False, False, True])
    frequency_thz = np.concatenate([channel_thz, pump_thz])
    difference_thz = frequency_thz[None, :] - frequency_thz[:, None]
    coupling_per_w_km = slope_per_w_km_thz * difference_thz
    loss_per_km = np.array([0.2] * 6 + [0.25] * 3) * db
    sign = np.where(ahead, 1.0, -1.0)[:, None]
    launch_log = np.log(np.concatenate([np.full(6, launch_mw), pump_mw]) * 1e-3)

    def slope(_: Floats, log_power: Floats) -> Floats:
        return np.asarray(sign * (coupling_per_w_km @ np.exp(log_power) - loss_per_km[:, None]))

    def ends(start: Floats, end: Floats) -> Floats:
        return np.where(ahead, start, end) - launch_log

    position_km = np.linspace(0.0, 80.0, 161)
    guess = launch_log[:, None] - loss_per_km[:, None] * np.where(ahead[:, None], position_km, 80.0 - position_km)
    expected = solve_bvp(slope, ends, position_km, guess, tol=1e-9, max_nodes=100_000)
    assert expected.success
    directions = ("backward", "backward", "forward")
    ours = kernels.solve_raman(
        channel_thz,
        10 * np.log10(launch_mw),
        length_km=80.0,
        attenuation_db_per_km=0.2,
        raman_slope_per_w_km_thz=slope_per_w_km_thz,
        pumps=[RamanPump(float(f), float(p), d, 0.25) for f, p, d in zip(pump_thz, pump_mw, directions, strict=True)],
        step_km=0.5,
    )
    at_ours = expected.sol(ours.position_km)
    found = np.concatenate([ours.channel_power_dbm, ours.pump_power_dbm])
    np.testing.assert_allclose(found, 10 * np.log10(np.exp(at_ours) * 1e3), rtol=0, atol=1e-4)
    assert ours.on_off_gain_db.min() > 3.0


def _straight(channel_thz: Floats, power_dbm: float) -> RamanSpan:
    return kernels.solve_raman(
        channel_thz,
        power_dbm,
        length_km=100.0,
        attenuation_db_per_km=0.2,
        raman_slope_per_w_km_thz=0.028,
        step_km=0.5,
    )


def test_closed_form_of_a_straight_gain() -> None:
    ours = _straight(COMB_THZ, 3.0)
    alpha_per_km = 0.2 * np.log(10) / 10
    total_w = 96 * 1e-3 * 10**0.3
    strength = 0.028 * total_w * -np.expm1(-alpha_per_km * ours.position_km) / alpha_per_km
    weight = np.exp(-(COMB_THZ - 193.4)[:, None] * strength)
    expected_dbm = 3.0 - 0.2 * ours.position_km + 10 * np.log10(96 * weight / weight.sum(axis=0))
    np.testing.assert_allclose(ours.channel_power_dbm, expected_dbm, rtol=0, atol=1e-5)
    assert ours.net_gain_db[0] - ours.net_gain_db[-1] > 2.0


@pytest.mark.parametrize(
    ("channels", "spacing_ghz", "symbol_rate_gbd", "tolerance_db"), [(96, 50.0, 40.0, 0.2), (251, 40.005, 40.004, 0.35)]
)
def test_interference_with_raman_transfer(
    channels: int, spacing_ghz: float, symbol_rate_gbd: float, tolerance_db: float
) -> None:
    reference_thz = 299_792.458 / 1550.0
    comb_thz = reference_thz + spacing_ghz * 1e-3 * (np.arange(channels) - (channels - 1) / 2)
    span: dict[str, Any] = {
        "length_km": 100.0, "dispersion_ps_per_nm_km": 17.0, "slope_ps_per_nm2_km": 0.067, "gamma_per_w_km": 1.2,
    }  # fmt: skip
    profile = _straight(comb_thz, 0.0).profile()
    targets = [0, channels // 4, channels // 2, channels - 1]
    found = kernels.integrate_nonlinear_interference(
        comb_thz,
        symbol_rate_gbd,
        [IntegralSpan(**span, launch_power_dbm=0.0, profile=profile)],
        reference_thz=reference_thz,
        targets=targets,
        tolerance_fraction=1e-2,
    )
    closed_db = kernels.nonlinear_efficiency_db(
        comb_thz,
        np.full(channels, symbol_rate_gbd),
        np.zeros(channels),
        attenuation_db_per_km=0.2,
        raman_slope_per_w_km_thz=0.028,
        reference_thz=reference_thz,
        **span,
    )
    np.testing.assert_allclose(found.snr_nli_db, 60.0 - closed_db[targets], rtol=0, atol=tolerance_db)
