"""Laws of the integral of nonlinear interference and of the Raman solver, on combs drawn at random."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lightlane import kernels
from lightlane.kernels import IntegralSpan, RamanPump

Floats = NDArray[np.float64]
POWERS_DBM = st.lists(st.floats(-6.0, 4.0), min_size=2, max_size=5)
FEW = settings(max_examples=25, deadline=None)


def _comb_thz(channels: int) -> Floats:
    return np.asarray(193.4 + 0.075 * np.arange(channels))


def _integrate(powers_dbm: list[float], **changes: Any) -> Floats:
    figures: dict[str, Any] = {
        "length_km": 60.0,
        "dispersion_ps_per_nm_km": 16.7,
        "slope_ps_per_nm2_km": 0.06,
        "gamma_per_w_km": 1.27,
        "attenuation_db_per_km": 0.2,
        "launch_power_dbm": powers_dbm,
    }
    found = kernels.integrate_nonlinear_interference(
        _comb_thz(len(powers_dbm)), 60.0, [IntegralSpan(**(figures | changes))], reference_thz=193.4
    )
    return found.snr_nli_db


@FEW
@given(POWERS_DBM, st.floats(0.5, 6.0))
def test_all_powers_higher_make_twice_as_many_decibels_of_noise(powers_dbm: list[float], more_db: float) -> None:
    louder = _integrate([power_dbm + more_db for power_dbm in powers_dbm])
    np.testing.assert_allclose(_integrate(powers_dbm) - louder, 2 * more_db, rtol=0, atol=0.005)


@FEW
@given(POWERS_DBM, st.floats(-6.0, 4.0))
def test_another_channel_never_makes_less_noise(powers_dbm: list[float], power_dbm: float) -> None:
    more = _integrate([*powers_dbm, power_dbm])[:-1]
    assert (more <= _integrate(powers_dbm) + 0.005).all()


@FEW
@given(POWERS_DBM, st.floats(10.0, 100.0), st.floats(5.0, 50.0))
def test_a_longer_span_never_makes_less_noise(powers_dbm: list[float], length_km: float, more_km: float) -> None:
    shorter, longer = (_integrate(powers_dbm, length_km=km) for km in (length_km, length_km + more_km))
    # The interference of a long span settles with a ripple of a hundredth of a decibel.
    assert (longer <= shorter + 0.05).all()


@FEW
@given(POWERS_DBM, st.floats(50.0, 400.0), st.sampled_from(["forward", "backward"]))
def test_a_pump_gives_and_never_takes(powers_dbm: list[float], pump_mw: float, direction: Any) -> None:
    pump = RamanPump(206.0, pump_mw, direction, 0.25)
    found = kernels.solve_raman(
        _comb_thz(len(powers_dbm)),
        powers_dbm,
        length_km=70.0,
        attenuation_db_per_km=0.2,
        effective_area_um2=83.0,
        pumps=[pump],
    )
    assert (found.on_off_gain_db > 0.0).all()
    assert (found.ase_ratio > 0.0).all()
    # All noise made at the input, with every mode inverted, is the least: NF >= 2 (1 - 1/G) times the fiber's loss.
    least_db = 10 * np.log10(2 * (1 - 10 ** (-found.on_off_gain_db / 10))) + found.net_gain_db - found.on_off_gain_db
    assert (found.noise_figure_db > least_db).all()
