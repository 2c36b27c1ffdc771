"""Refusals of the kernels of sampled fields: each names the parameter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lightlane import kernels
from lightlane.errors import Cancelled, ParameterError

ADDRESS = kernels.NumberAddress(seed=1)
PLATES = kernels.draw_waveplates(dgd_mean_ps=1.0, address=ADDRESS)
GOOD = {
    "field": np.ones((2, 256)) * 0.01,
    "sample_rate_ghz": 400.0,
    "reference_thz": 193.1,
    "dispersion_ps_per_nm_km": 16.0,
    "attenuation_db_per_km": 0.2,
    "gamma_per_w_km": 1.3,
    "length_km": 10.0,
    "step_km": 1.0,
}


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"length_km": -1.0}, "length_km"),
        ({"length_km": float("nan")}, "length_km"),
        ({"step_km": 0.0}, "step_km"),
        ({"error_fraction": 1e-3}, "step_km"),
        ({"step_km": None, "error_fraction": 1e-12}, "error_fraction"),
        ({"sample_rate_ghz": 0.0}, "sample_rate_ghz"),
        ({"bandwidth_ghz": 500.0}, "sample_rate_ghz"),
        ({"attenuation_db_per_km": None}, "attenuation_db_per_km"),
        ({"precision": "f16"}, "precision"),
        ({"gamma_per_w_km": -1.0}, "gamma"),
        ({"field": np.zeros((3, 64))}, "field"),
        ({"field": np.zeros((2, 8))}, "field"),
        ({"field": np.full((2, 64), np.nan)}, "field"),
        ({"places_count": 3}, "places_count"),
        ({"plates": PLATES, "places_count": 61}, "places_count"),
        ({"plates": PLATES, "places_count": -1}, "places_count"),
        ({"plates": PLATES, "field": np.ones((1, 64))}, "field"),
    ],
)
def test_refusals_name_the_parameter(change: dict[str, object], name: str) -> None:
    options: dict[str, Any] = {**GOOD, **change}
    field = options.pop("field")
    for propagate in (kernels.propagate_fiber, kernels.back_propagate_fiber):
        with pytest.raises(ParameterError, match=f"^{name}"):
            propagate(field, **options)


def test_a_cancelled_task_stops() -> None:
    options: dict[str, Any] = dict(GOOD)
    task = kernels.Task()
    task.cancel()
    with pytest.raises(Cancelled):
        kernels.propagate_fiber(options.pop("field"), task=task, **options)


FIELD = np.ones((2, 64))
AMPLIFIER: dict[str, Any] = {"sample_rate_ghz": 100.0, "reference_thz": 193.4, "address": ADDRESS}
ROTATION: dict[str, Any] = {"sample_rate_ghz": 100.0, "rate_krad_per_s": 1.0}


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: kernels.NumberAddress(seed=-1), "seed"),
        (
            lambda: kernels.amplify_field(FIELD, gain_db=[1.0, 2.0], noise_figure_db=5.0, purpose=0, **AMPLIFIER),
            "gain_db",
        ),
        (
            lambda: kernels.amplify_field(FIELD, gain_db=np.nan, noise_figure_db=5.0, purpose=0, **AMPLIFIER),
            "gain_db",
        ),
        (
            lambda: kernels.amplify_field(FIELD, gain_db=1.0, noise_figure_db=np.inf, purpose=0, **AMPLIFIER),
            "noise_figure_db",
        ),
        (lambda: kernels.amplify_field(FIELD, gain_db=1.0, noise_figure_db=5.0, purpose=-1, **AMPLIFIER), "purpose"),
        (lambda: kernels.filter_field(FIELD, np.ones(63)), "transmission"),
        (lambda: kernels.rotate_polarization(FIELD, axis=(0.0, 0.0, 0.0), **ROTATION), "axis"),
        (lambda: kernels.rotate_polarization(FIELD[:1], axis=(1.0, 0.0, 0.0), **ROTATION), "field"),
        (lambda: kernels.pass_waveplates(FIELD[:1], PLATES, sample_rate_ghz=1.0), "field"),
        (lambda: kernels.pass_polarization_loss(FIELD[:1], pdl_db=1.0, axis=(1.0, 0.0, 0.0)), "field"),
        (lambda: kernels.pass_polarization_loss(FIELD, pdl_db=-1.0, axis=(1.0, 0.0, 0.0)), "pdl_db"),
        (lambda: kernels.draw_waveplates(dgd_mean_ps=-1.0, address=ADDRESS), "dgd_mean"),
        (lambda: kernels.draw_waveplates(dgd_mean_ps=1.0, sections_count=0, address=ADDRESS), "sections_count"),
        (
            lambda: kernels.pass_waveplates(
                FIELD, kernels.Waveplates(1.0, np.zeros((3, 2, 3), dtype=np.complex128)), sample_rate_ghz=1.0
            ),
            "rotations",
        ),
    ],
)
def test_refusals_of_parts_name_the_parameter(call: Callable[[], object], name: str) -> None:
    with pytest.raises(ParameterError, match=f"^{name}"):
        call()
