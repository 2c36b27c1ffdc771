"""Sampled fields along fibers: split steps of the Manakov and the nonlinear Schroedinger equation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.errors import ParameterError
from lightlane.kernels.checks import require_positive
from lightlane.kernels.fields import Field, as_field
from lightlane.kernels.gn_integral import NEPER_PER_DB, PowerProfile
from lightlane.kernels.sampled_field import Waveplates, as_rotations
from lightlane.kernels.task import Task

__all__ = ["Propagation", "PropagationReport", "back_propagate_fiber", "propagate_fiber"]

Precision = Literal["f64", "f32"]
PRECISIONS = ("f64", "f32")
DISPERSION_WAVELENGTH_NM = 1550.0


@dataclass(frozen=True, slots=True)
class PropagationReport:
    """What a propagation took."""

    steps_count: int
    """Steps taken; by local error these are the halves of the stretches tried."""
    rejected_count: int
    """Stretches that were too far off and taken again."""
    transforms_count: int
    """Transforms of one polarization."""
    error_fraction: float
    """Estimated error over the norm of the field; NaN unless the steps were chosen by it."""
    phase_max_mrad: float
    """Greatest nonlinear phase in one step."""
    step_min_km: float
    step_max_km: float


@dataclass(frozen=True, slots=True)
class Propagation:
    """A field behind a fiber, and what it took to get there."""

    field: Field
    """Polarizations in rows, in the square root of a watt."""
    report: PropagationReport


def _choose_rule(
    step_km: float | None, phase_max_mrad: float | None, error_fraction: float | None
) -> tuple[str, float]:
    rules = {
        "fixed": None if step_km is None else step_km * 1e3,
        "phase": None if phase_max_mrad is None else phase_max_mrad * 1e-3,
        "error": error_fraction,
    }
    given = [(rule, value) for rule, value in rules.items() if value is not None]
    if len(given) > 1:
        raise ParameterError(
            "step_km, phase_max_mrad and error_fraction are given together; allowed: one of them, or none"
        )
    require_positive(
        **{
            name: value
            for name, value in (
                ("step_km", step_km),
                ("phase_max_mrad", phase_max_mrad),
                ("error_fraction", error_fraction),
            )
            if value is not None
        }
    )
    return given[0] if given else ("error", 1e-3)


def _profile_columns(profile: PowerProfile | None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if profile is None:
        return np.zeros(0), np.zeros(0)
    position_m = np.atleast_1d(np.asarray(profile.position_km, dtype=np.float64)) * 1e3
    log_ratio = np.asarray(profile.relative_power_db, dtype=np.float64) * NEPER_PER_DB
    if log_ratio.size != position_m.size:
        raise ParameterError(
            f"relative_power_db has the shape {log_ratio.shape}; allowed: one number for each of the"
            f" {position_m.size} positions, which holds for the whole field"
        )
    return position_m, np.ascontiguousarray(log_ratio.ravel())


def _check_sampling(field: Field, sample_rate_ghz: float, bandwidth_ghz: float | None) -> None:
    require_positive(sample_rate_ghz=sample_rate_ghz)
    if bandwidth_ghz is not None:
        require_positive(bandwidth_ghz=bandwidth_ghz)
        if sample_rate_ghz < bandwidth_ghz:
            raise ParameterError(
                f"sample_rate_ghz is {sample_rate_ghz:g}; allowed: at least the bandwidth of the field,"
                f" {bandwidth_ghz:g} GHz"
            )
    if field.shape[1] < 16:
        raise ParameterError(f"field has {field.shape[1]} samples; allowed: 16 or more")


def _count_places(plates: Waveplates | None, places_count: int | None) -> int:
    sections_count = 0 if plates is None else len(plates.rotations)
    if places_count is None:
        return sections_count
    if not 1 <= places_count <= sections_count:
        allowed = f"1 to {sections_count}, the number of plates" if plates is not None else "none without plates"
        raise ParameterError(f"places_count is {places_count}; allowed: {allowed}")
    return places_count


def _propagate(field: ArrayLike, *, backward: bool, **options: Any) -> Propagation:
    samples = as_field("field", field, scalar=True)
    _check_sampling(samples, options["sample_rate_ghz"], options["bandwidth_ghz"])
    length_km, attenuation_db_per_km = options["length_km"], options["attenuation_db_per_km"]
    require_positive(length_km=length_km, reference_thz=options["reference_thz"])
    profile = options["profile"]
    if (attenuation_db_per_km is None) == (profile is None):
        raise ParameterError("attenuation_db_per_km and profile are both given or both absent; allowed: one of them")
    precision = options["precision"]
    if precision not in PRECISIONS:
        raise ParameterError(f"precision is {precision!r}; allowed: {' or '.join(PRECISIONS)}")
    rule, rule_value = _choose_rule(options["step_km"], options["phase_max_mrad"], options["error_fraction"])
    position_m, log_power_ratio = _profile_columns(profile)
    plates: Waveplates | None = options["plates"]
    places_count = _count_places(plates, options["places_count"])
    slope_s_per_m3 = options["slope_ps_per_nm2_km"] * 1e3
    # The core takes dispersion at 1550 nm.
    offset_m = (DISPERSION_WAVELENGTH_NM - options["dispersion_wavelength_nm"]) * 1e-9
    out, report = _core.propagate_fiber(
        samples,
        position_m,
        log_power_ratio,
        sample_rate_hz=options["sample_rate_ghz"] * 1e9,
        length_m=length_km * 1e3,
        attenuation_per_m=(attenuation_db_per_km or 0.0) * NEPER_PER_DB * 1e-3,
        dispersion_s_per_m2=options["dispersion_ps_per_nm_km"] * 1e-6 + slope_s_per_m3 * offset_m,
        slope_s_per_m3=slope_s_per_m3,
        reference_hz=options["reference_thz"] * 1e12,
        gamma_per_w_m=options["gamma_per_w_km"] * 1e-3,
        rotations=np.zeros((0, 2, 2), dtype=np.complex128) if plates is None else as_rotations(plates),
        delay_s=0.0 if plates is None else plates.delay_ps * 1e-12,
        places_count=places_count,
        rule=rule,
        rule_value=rule_value,
        single=precision == "f32",
        backward=backward,
        task=options["task"] or Task(),
    )
    return Propagation(
        field=out,
        report=PropagationReport(
            steps_count=report["steps_count"],
            rejected_count=report["rejected_count"],
            transforms_count=report["transforms_count"],
            error_fraction=report["error_fraction"],
            phase_max_mrad=report["phase_max_rad"] * 1e3,
            step_min_km=report["step_min_m"] * 1e-3,
            step_max_km=report["step_max_m"] * 1e-3,
        ),
    )


def propagate_fiber(  # noqa: PLR0913 - keyword-only options
    field: ArrayLike,
    *,
    sample_rate_ghz: float,
    length_km: float,
    dispersion_ps_per_nm_km: float,
    gamma_per_w_km: float,
    reference_thz: float,
    slope_ps_per_nm2_km: float = 0.0,
    dispersion_wavelength_nm: float = DISPERSION_WAVELENGTH_NM,
    attenuation_db_per_km: float | None = None,
    profile: PowerProfile | None = None,
    step_km: float | None = None,
    phase_max_mrad: float | None = None,
    error_fraction: float | None = None,
    precision: Precision = "f64",
    bandwidth_ghz: float | None = None,
    plates: Waveplates | None = None,
    places_count: int | None = None,
    task: Task | None = None,
) -> Propagation:
    """Return the field behind a fiber: Manakov (8/9 of gamma) for two rows, scalar for one.

    Parameters
    ----------
    field
        Shape (2, samples) or (1, samples), in the square root of a watt, exp(+j omega t), periodic in time. Any count
        of samples from 16 on; powers of two from 256 on are several times as fast.
    dispersion_ps_per_nm_km, slope_ps_per_nm2_km, dispersion_wavelength_nm
        Dispersion and its slope at this wavelength.
    reference_thz
        The field's center.
    attenuation_db_per_km, profile
        One of them; a profile has one row, which holds for the whole field.
    step_km, phase_max_mrad, error_fraction
        One of them: equal steps of at most this length; steps within which the peak turns by at most this phase; steps
        chosen so that the estimated error at the end is at most this share of the field's norm. None of them is an
        ``error_fraction`` of 1e-3.
    precision
        ``f32`` is about twice as fast; it loses some 4e-8 of the field's norm in each step.
    bandwidth_ghz
        What the field occupies, to be held against the sample rate. Mixing products fall outside it: leave room.
    plates, places_count
        Waveplates of the fiber, and at how many places of it they act, in the middle of as many equal pieces; absent:
        at as many as there are plates. Steps end there. Without the Kerr effect the places do not matter.

    Raises
    ------
    ParameterError
        If a figure is outside its range or the field is none.
    ModelError
        If the field does not stay finite.
    Cancelled
        If the task was cancelled.

    References
    ----------
    Marcuse, Menyuk and Wai 1997, doi 10.1109/50.622902; Sinkin et al. 2003, doi 10.1109/JLT.2003.808628.
    """
    options = {name: value for name, value in locals().items() if name != "field"}
    return _propagate(field, backward=False, **options)


def back_propagate_fiber(  # noqa: PLR0913 - keyword-only options
    field: ArrayLike,
    *,
    sample_rate_ghz: float,
    length_km: float,
    dispersion_ps_per_nm_km: float,
    gamma_per_w_km: float,
    reference_thz: float,
    slope_ps_per_nm2_km: float = 0.0,
    dispersion_wavelength_nm: float = DISPERSION_WAVELENGTH_NM,
    attenuation_db_per_km: float | None = None,
    profile: PowerProfile | None = None,
    step_km: float | None = None,
    phase_max_mrad: float | None = None,
    error_fraction: float | None = None,
    precision: Precision = "f64",
    bandwidth_ghz: float | None = None,
    plates: Waveplates | None = None,
    places_count: int | None = None,
    task: Task | None = None,
) -> Propagation:
    """Return the field in front of a fiber from the one behind it: :func:`propagate_fiber` the other way.

    Distances and nonlinear phases have the other sign, and power rises toward the start. The parameters are those of
    :func:`propagate_fiber`, stated for the way there.

    References
    ----------
    Ip and Kahn 2008, doi 10.1109/JLT.2008.927791.
    """
    options = {name: value for name, value in locals().items() if name != "field"}
    return _propagate(field, backward=True, **options)
