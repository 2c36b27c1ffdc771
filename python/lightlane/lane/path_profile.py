"""One lane along its path: level, noise and dispersion over the kilometers, coherent and direct-detect alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.line_parts import choose_attenuation
from lightlane.catalog.parts import CoherentMode, Fiber
from lightlane.elements import NO_VALUE, Element
from lightlane.errors import ParameterError
from lightlane.lane.model import Direction, LaneResult
from lightlane.lane.options import DEFAULT_OPTIONS, BudgetOptions
from lightlane.lane.trace import trace_link
from lightlane.link import Link
from lightlane.units import REFERENCE_BANDWIDTH_GHZ

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathProfile:
    """What a lane is behind its module and behind each element; arrays have one entry more than ``elements``.

    Attributes
    ----------
    distance_km
        Of fiber passed.
    level_dbm
        The first is what the module launches.
    osnr_db
        In 12.5 GHz, the transmitter's own noise included; NaN where none is known, and of direct-detect lanes.
    gsnr_db
        In the symbol rate, nonlinear interference included; NaN likewise.
    chromatic_dispersion_ps_per_nm
        Accumulated. Of a direct-detect lane that of the corner that its result shows; over fibers of several types
        only the sum of that is known, and what lies between is NaN.
    """

    direction: Direction
    channel_index: int
    lane: int
    elements: tuple[Element, ...]
    distance_km: Floats
    level_dbm: Floats
    osnr_db: Floats
    gsnr_db: Floats
    chromatic_dispersion_ps_per_nm: Floats


def follow_path(link: Link, result: LaneResult, *, options: BudgetOptions = DEFAULT_OPTIONS) -> PathProfile:
    """Follow one lane of a link through the elements of its direction.

    Parameters
    ----------
    result
        Of the lane, by the budget, with the same options.

    Raises
    ------
    ParameterError
        If the link has no such channel, or carries a value that the model does not allow.

    References
    ----------
    ``docs/models/coherent-budget.md``, ``docs/models/direct-budget.md``.
    """
    elements = link.a_to_b if result.direction == "a_to_b" else link.b_to_a
    lengths_km = np.array([item.length_km if item.kind == "fiber" else 0.0 for item in elements])
    follow = _follow_coherent if isinstance(link.mode, CoherentMode) else _follow_direct
    level_dbm, osnr_db, gsnr_db, dispersion = follow(link, result, elements, options)
    return PathProfile(
        direction=result.direction,
        channel_index=result.channel_index,
        lane=result.lane,
        elements=elements,
        distance_km=np.concatenate([[0.0], np.cumsum(lengths_km)]),
        level_dbm=level_dbm,
        osnr_db=osnr_db,
        gsnr_db=gsnr_db,
        chromatic_dispersion_ps_per_nm=dispersion,
    )


def _follow_coherent(
    link: Link, result: LaneResult, elements: tuple[Element, ...], options: BudgetOptions
) -> tuple[Floats, Floats, Floats, Floats]:
    trace = next(item for item in trace_link(link, options=options) if item.direction == result.direction)
    places = np.flatnonzero(trace.channel_indices == result.channel_index)
    if not len(places):
        raise ParameterError(
            f"link {link.name!r} has no lit channel {result.channel_index}; "
            f"allowed: {', '.join(map(str, trace.channel_indices.tolist()))}"
        )
    row = int(places[0])
    own = trace.receivers[row].transmitter_ratio
    tx_osnr_db = -10.0 * float(np.log10(own)) if own > 0.0 else None
    first = NO_VALUE if tx_osnr_db is None else tx_osnr_db
    osnr_db, gsnr_db = trace.osnr_db(tx_osnr_db)[row], trace.gsnr_db(tx_osnr_db)[row]
    # Without any noise yet there is no ratio to show.
    noise_free = ~np.isfinite(osnr_db)
    at_module = 10.0 * float(np.log10(trace.symbol_rate_gbd / REFERENCE_BANDWIDTH_GHZ))
    return (
        np.concatenate([[trace.launch_power_dbm[row]], trace.level_dbm[row]]),
        np.concatenate([[first], np.where(noise_free, NO_VALUE, osnr_db)]),
        np.concatenate([[first - at_module], np.where(np.isfinite(gsnr_db), gsnr_db, NO_VALUE)]),
        np.concatenate([[0.0], np.cumsum(trace.chromatic_dispersion_ps_per_nm[row])]),
    )


def _follow_direct(
    link: Link, result: LaneResult, elements: tuple[Element, ...], options: BudgetOptions
) -> tuple[Floats, Floats, Floats, Floats]:
    losses_db = [
        item.loss_db + _fiber_loss_db(item, result.wavelength_nm, limits=options.fiber_limits) for item in elements
    ]
    unknown = np.full(len(elements) + 1, NO_VALUE)
    return (
        result.launch_power_dbm - np.concatenate([[0.0], np.cumsum(losses_db)]),
        unknown,
        unknown,
        _share_dispersion(elements, result.chromatic_dispersion_ps_per_nm),
    )


def _fiber_loss_db(element: Element, wavelength_nm: float, *, limits: bool) -> float:
    if not isinstance(element.part, Fiber):
        return 0.0
    if not np.isnan(element.attenuation_db_per_km):
        return element.attenuation_db_per_km * element.length_km
    points = np.array(choose_attenuation(element.part, limits=limits))
    return element.length_km * float(
        np.interp(wavelength_nm, points[:, 0], points[:, 1], left=NO_VALUE, right=NO_VALUE)
    )


def _share_dispersion(elements: tuple[Element, ...], total_ps_per_nm: float) -> Floats:
    """Return the accumulated dispersion: over fiber of one type in proportion to its length."""
    lengths = np.array([item.length_km if isinstance(item.part, Fiber) else 0.0 for item in elements])
    passed_km = np.concatenate([[0.0], np.cumsum(lengths)])
    if len({item.part.id for item in elements if isinstance(item.part, Fiber)}) == 1:
        return np.asarray(total_ps_per_nm * passed_km / passed_km[-1])
    inside = (passed_km > 0.0) & (passed_km < passed_km[-1])
    return np.where(inside, NO_VALUE, np.where(passed_km > 0.0, total_ps_per_nm, 0.0))
