"""Four-wave mixing of the lanes of a link, as a distribution over what nobody controls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.parts import DirectMode, Fiber
from lightlane.elements import Element
from lightlane.errors import ModelError, ParameterError
from lightlane.kernels import MixingFiber, draw_mixing_crosstalk_dbc, interference_penalty_db
from lightlane.link import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class MixingEstimate:
    """What mixing products do to each lane of one engine.

    Attributes
    ----------
    crosstalk_dbc
        Level of all products under the lane that is passed with ``exceedance_ratio``; -inf where nothing falls on it.
    penalty_db
        Optical penalty at that level and the mode's symbol error ratio; infinite where it closes the eye.
    """

    launch_power_dbm: float
    exceedance_ratio: float
    wavelength_nm: NDArray[np.float64]
    crosstalk_dbc: NDArray[np.float64]
    penalty_db: NDArray[np.float64]


def estimate_mixing(
    link: Link,
    *,
    launch_power_dbm: float | None = None,
    exceedance_ratio: float = 0.01,
    draws_count: int = 4000,
    seed: int = 1,
) -> MixingEstimate:
    """Draw zero-dispersion wavelength, lane wavelengths and polarizations, and return the stated quantile per lane.

    Parameters
    ----------
    launch_power_dbm
        Per lane; otherwise the link's own, otherwise the greatest that the mode allows.

    Raises
    ------
    ParameterError
        If the link is not direct-detect with all lanes on one fiber, a fiber's zero-dispersion wavelength or the launch
        power is not known, or a figure is outside its range.

    References
    ----------
    ``docs/models/four-wave-mixing.md``.
    """
    mode = link.mode
    if not isinstance(mode, DirectMode) or mode.parallel_fibers:
        raise ParameterError(f"link {link.name!r}: four-wave mixing needs direct-detect lanes that share a fiber")
    if not 0.0 < exceedance_ratio < 1.0:
        raise ParameterError(f"exceedance_ratio is {exceedance_ratio:g}; allowed: above 0 and below 1")
    power = next(
        (p for p in (launch_power_dbm, link.launch_power_dbm, mode.launch_power_max_dbm) if p is not None), None
    )
    if power is None:
        raise ParameterError(f"link {link.name!r}: the launch power of mode {mode.id!r} is not known; give one")
    fiber, zero_nm = merge_fibers(link, float(np.mean([lane.center_nm for lane in mode.lanes])))
    crosstalk = draw_mixing_crosstalk_dbc(
        [lane.min_nm for lane in mode.lanes],
        [lane.max_nm for lane in mode.lanes],
        power,
        fiber=fiber,
        zero_dispersion_min_nm=zero_nm[0],
        zero_dispersion_max_nm=zero_nm[1],
        window_ghz=0.5 * mode.symbol_rate_gbd,
        draws_count=draws_count,
        seed=seed,
    )
    passed = np.quantile(crosstalk, 1.0 - exceedance_ratio, axis=0, method="higher")
    return MixingEstimate(
        launch_power_dbm=power,
        exceedance_ratio=exceedance_ratio,
        wavelength_nm=np.array([lane.center_nm for lane in mode.lanes]),
        crosstalk_dbc=passed,
        penalty_db=np.array([_penalty_db(level, mode) for level in passed.tolist()]),
    )


def _penalty_db(crosstalk_dbc: float, mode: DirectMode) -> float:
    if np.isneginf(crosstalk_dbc):
        return 0.0
    if mode.extinction_ratio_min_db is None:
        return float("nan")
    try:
        return interference_penalty_db(
            crosstalk_dbc,
            extinction_ratio_db=mode.extinction_ratio_min_db,
            method="averaged",
            field="mixing",
            polarization_aligned=True,
            target_ser_ratio=mode.target_ser_ratio,
        )
    except ModelError:
        # Interference alone passes the target: no power helps.
        return float("inf")


def merge_fibers(link: Link, wavelength_nm: float) -> tuple[MixingFiber, tuple[float, float]]:
    """Take the fibers of a path as one: means by length, the zero-dispersion range of all of them, the least slope."""
    runs = [(element, element.part) for element in link.a_to_b if isinstance(element.part, Fiber)]
    lengths = np.array([element.length_km for element, _ in runs])
    ranges = []
    slopes = []
    for _, part in runs:
        figures = (
            part.zero_dispersion_min_nm,
            part.zero_dispersion_max_nm,
            part.zero_dispersion_slope_max_ps_per_nm2_km,
        )
        if figures[0] is None or figures[1] is None or figures[2] is None:
            raise ParameterError(
                f"link {link.name!r}: the zero-dispersion wavelength of fiber {part.id!r} is not known"
            )
        ranges.append(figures[:2])
        slopes.append(figures[2])
    weights = lengths / lengths.sum()
    fiber = MixingFiber(
        length_km=float(lengths.sum()),
        attenuation_db_per_km=float(weights @ [_attenuation(element, part, wavelength_nm) for element, part in runs]),
        gamma_per_w_km=float(weights @ [part.nonlinear_coefficient_per_w_km for _, part in runs]),
        zero_slope_ps_per_nm2_km=float(min(slopes)),
    )
    return fiber, (min(low for low, _ in ranges if low), max(high for _, high in ranges if high))


def _attenuation(element: Element, part: Fiber, wavelength_nm: float) -> float:
    if not np.isnan(element.attenuation_db_per_km):
        return element.attenuation_db_per_km
    points = part.typical_attenuation_db_per_km_by_wavelength_nm
    if not points[0][0] <= wavelength_nm <= points[-1][0]:
        raise ParameterError(f"the attenuation of fiber {part.id!r} at {wavelength_nm:g} nm is not known")
    return float(np.interp(wavelength_nm, [x for x, _ in points], [y for _, y in points]))
