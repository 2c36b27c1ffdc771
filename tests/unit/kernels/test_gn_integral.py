"""The wrapper of the GN integral: shapes, units, profiles, refusals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lightlane import kernels
from lightlane.errors import Cancelled, ModelError, ParameterError
from lightlane.kernels import IntegralSpan, PowerProfile

SPAN = IntegralSpan(
    length_km=80.0,
    dispersion_ps_per_nm_km=16.7,
    slope_ps_per_nm2_km=0.06,
    gamma_per_w_km=1.27,
    launch_power_dbm=0.0,
    attenuation_db_per_km=0.2,
)
COMB_THZ = [193.3, 193.4, 193.5]


def _integrate(spans: list[IntegralSpan], **options: Any) -> kernels.NonlinearInterference:
    return kernels.integrate_nonlinear_interference(COMB_THZ, 64.0, spans, reference_thz=193.4, **options)


def test_units_and_shapes() -> None:
    found = _integrate([SPAN])
    assert found.snr_nli_db.shape == found.error_fraction.shape == (3,)
    total = found.self_channel_ratio + found.cross_channel_ratio + found.multi_channel_ratio
    np.testing.assert_allclose(found.snr_nli_db, -10 * np.log10(total), rtol=1e-12)
    # Twice the Kerr coefficient is four times the noise; one more dB on every channel is two dB.
    harder = _integrate([replace(SPAN, gamma_per_w_km=2.54)])
    np.testing.assert_allclose(found.snr_nli_db - harder.snr_nli_db, 20 * np.log10(2.0), rtol=0, atol=1e-3)
    louder = _integrate([replace(SPAN, launch_power_dbm=[1.0, 1.0, 1.0])])
    np.testing.assert_allclose(found.snr_nli_db - louder.snr_nli_db, 2.0, rtol=0, atol=1e-3)


def test_a_sampled_exponential_is_the_exponential() -> None:
    position_km = np.linspace(0.0, 80.0, 7)
    profile = PowerProfile(position_km, np.tile(-0.2 * position_km, (3, 1)))
    mixed = [SPAN, replace(SPAN, attenuation_db_per_km=None, profile=profile)]
    np.testing.assert_allclose(_integrate(mixed).snr_nli_db, _integrate([SPAN, SPAN]).snr_nli_db, rtol=0, atol=1e-3)


def test_some_channels_alone_are_those_of_all() -> None:
    np.testing.assert_array_equal(_integrate([SPAN], targets=[2, 0]).snr_nli_db, _integrate([SPAN]).snr_nli_db[[2, 0]])


def test_without_phases_noise_powers_add() -> None:
    one, three = _integrate([SPAN]), _integrate([SPAN] * 3, coherent=False)
    np.testing.assert_allclose(one.snr_nli_db - three.snr_nli_db, 10 * np.log10(3.0), rtol=0, atol=1e-3)
    assert (_integrate([SPAN] * 3).snr_nli_db < three.snr_nli_db).all()


def test_no_spans_make_no_noise() -> None:
    assert (_integrate([]).snr_nli_db == np.inf).all()


PROFILE = PowerProfile(np.array([0.0, 80.0]), np.zeros((2, 2)))
REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "no loss at all": (lambda: _integrate([replace(SPAN, attenuation_db_per_km=None)]), "attenuation_db_per_km and"),
    "both losses": (
        lambda: _integrate([replace(SPAN, profile=PowerProfile(np.array([0.0, 80.0]), np.zeros((3, 2))))]),
        "attenuation_db_per_km and profile",
    ),
    "profile of two": (
        lambda: _integrate([replace(SPAN, attenuation_db_per_km=None, profile=PROFILE)]),
        "relative_power_db has the shape",
    ),
    "powers of two": (lambda: _integrate([replace(SPAN, launch_power_dbm=[0.0, 0.0])]), "launch_power_dbm has the"),
    "no length": (lambda: _integrate([replace(SPAN, length_km=0.0)]), "length_m is 0"),
    "a fourth channel": (lambda: _integrate([SPAN], targets=[3]), "targets is 3"),
    "roll-off": (lambda: _integrate([SPAN], roll_off=1.5), "roll_off is 1.5"),
    "no tolerance": (lambda: _integrate([SPAN], tolerance_fraction=0.0), "tolerance_fraction is 0"),
    "too many points": (lambda: _integrate([SPAN], points_count=9), "points_count is 9"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_name_the_parameter(case: str) -> None:
    call, beginning = REFUSED[case]
    with pytest.raises(ParameterError) as caught:
        call()
    assert str(caught.value).startswith(beginning)


def test_an_answer_is_exact_enough_or_none() -> None:
    with pytest.raises(ModelError):
        _integrate([SPAN], evaluations_max_count=100)
    task = kernels.Task()
    task.cancel()
    with pytest.raises(Cancelled):
        _integrate([SPAN], task=task)
