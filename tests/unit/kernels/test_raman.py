"""The wrapper of the Raman solver: shapes, units, profiles, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lightlane import kernels
from lightlane.errors import Cancelled, ModelError, ParameterError
from lightlane.kernels import RamanPump

PUMP = RamanPump(frequency_thz=206.0, power_mw=300.0, direction="backward", attenuation_db_per_km=0.25)
SPAN: dict[str, Any] = {"length_km": 80.0, "attenuation_db_per_km": 0.2, "effective_area_um2": 83.0}


def _solve(**changes: Any) -> kernels.RamanSpan:
    return kernels.solve_raman([193.0, 193.5, 194.0], [0.0, -3.0, -6.0], **(SPAN | changes))


def test_shapes_and_ends() -> None:
    found = _solve(pumps=[PUMP], step_km=10.0)
    assert found.position_km.tolist() == [0, 10, 20, 30, 40, 50, 60, 70, 80]
    assert found.channel_power_dbm.shape == (3, 9)
    np.testing.assert_allclose(found.channel_power_dbm[:, 0], [0.0, -3.0, -6.0], atol=1e-9)
    assert found.pump_power_dbm[0, -1] == pytest.approx(10 * np.log10(300.0), abs=1e-9)
    np.testing.assert_allclose(found.net_gain_db, found.channel_power_dbm[:, -1] - [0.0, -3.0, -6.0], atol=1e-9)
    assert found.sweeps_count > 1
    assert found.change_ratio <= 1e-7
    profile = found.profile()
    np.testing.assert_array_equal(profile.relative_power_db[:, 0], 0.0)
    np.testing.assert_allclose(profile.relative_power_db[:, -1], found.net_gain_db, atol=1e-9)


def test_without_pumps_and_power_a_fiber_only_loses() -> None:
    found = kernels.solve_raman([193.0, 194.0], -60.0, **(SPAN | {"attenuation_db_per_km": [0.2, 0.25]}))
    np.testing.assert_allclose(found.net_gain_db, [-16.0, -20.0], atol=1e-4)
    assert (found.on_off_gain_db == 0.0).all()
    assert (found.ase_ratio == 0.0).all()
    assert found.pump_power_dbm.shape == (0, found.position_km.size)


def test_more_pump_power_gives_more_gain_and_a_cold_fiber_less_noise() -> None:
    weak, strong = (_solve(pumps=[RamanPump(206.0, mw, "backward", 0.25)]) for mw in (100.0, 300.0))
    assert (strong.on_off_gain_db > weak.on_off_gain_db).all()
    cold = _solve(pumps=[PUMP], temperature_c=-40.0)
    assert (cold.noise_figure_db < strong.noise_figure_db).all()
    assert (strong.noise_figure_db < 0.0).all()


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "no gain": (lambda: _solve(effective_area_um2=None), "effective_area_um2 and"),
    "two gains": (lambda: _solve(raman_slope_per_w_km_thz=0.028), "effective_area_um2 and"),
    "no length": (lambda: _solve(length_km=0.0), "length_km is 0"),
    "no area": (lambda: _solve(effective_area_um2=0.0), "effective_area_m2 is 0"),
    "losses of two": (lambda: _solve(attenuation_db_per_km=[0.2, 0.2]), "attenuation_db_per_km has the shape"),
    "negative loss": (lambda: _solve(attenuation_db_per_km=-0.2), "attenuation_per_m is -"),
    "dark pump": (lambda: _solve(pumps=[RamanPump(206.0, 0.0, "forward", 0.25)]), "power_w is 0"),
    "absolute zero": (lambda: _solve(temperature_c=-273.15), "temperature_k is 0"),
    "no tolerance": (lambda: _solve(tolerance_ratio=0.0), "tolerance_ratio is 0"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_name_the_parameter(case: str) -> None:
    call, beginning = REFUSED[case]
    with pytest.raises(ParameterError) as caught:
        call()
    assert str(caught.value).startswith(beginning)


def test_no_answer_without_convergence_and_after_cancelling() -> None:
    with pytest.raises(ModelError):
        _solve(pumps=[PUMP], sweeps_max_count=2)
    task = kernels.Task()
    task.cancel()
    with pytest.raises(Cancelled):
        _solve(task=task)
