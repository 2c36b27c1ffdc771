"""What passbands and neighbors cost where only allowances say it, and which filters are known well enough for more."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from lightlane.catalog.parts import CoherentMode
from lightlane.elements import NO_VALUE, Element
from lightlane.kernels.tables import Floats, Integers
from lightlane.link import Link

MAX_SPACING_RATIO_FOR_ALLOWANCES = 1.01
"""Allowances for filtering and crosstalk are written for the least spacing; wider grids do not need them."""


def has_shape(element: Element) -> bool:
    """Tell whether a filter's passband is known well enough to compute what it costs."""
    return not math.isnan(element.passband_3db_ghz) and not math.isnan(element.passband_10db_ghz)


def filtering_allowance_db(link: Link) -> float:
    """Return the OSNR penalty for narrowing that a mode allows for at its least spacing, where no shape is known."""
    if not isinstance(link.mode, CoherentMode) or not link.muxed or not is_dense(link):
        return 0.0
    return link.mode.penalty_filtering_db or 0.0


def filtering_penalties_db(figures: Mapping[str, Floats], path_offsets: Integers, allowances_db: Floats) -> Floats:
    """Return for each path the OSNR penalty for narrowing that shapes do not give.

    It is each ROADM's own where its shape is not known, and the allowance of the path's mode where no shape is.

    Parameters
    ----------
    figures
        Columns of the elements of all paths: both passbands and their own penalty.
    path_offsets
        Elements of path ``i`` are ``path_offsets[i]:path_offsets[i + 1]``.
    """
    shaped = ~(np.isnan(figures["passband_3db_ghz"]) | np.isnan(figures["passband_10db_ghz"]))
    own_db = figures["filtering_penalty_db"]
    # Few elements are filters.
    unshaped = np.flatnonzero((own_db != 0.0) & ~shaped)
    paths_count = len(path_offsets) - 1
    sum_db = np.bincount(_paths_of(unshaped, path_offsets), own_db[unshaped], paths_count).astype(np.float64)
    is_shaped = np.zeros(paths_count, dtype=np.bool_)
    is_shaped[_paths_of(np.flatnonzero(shaped), path_offsets)] = True
    return sum_db + np.where(is_shaped, 0.0, allowances_db)


def narrowest_passbands_ghz(passband_3db_ghz: Floats, path_offsets: Integers) -> Floats:
    """Return the narrowest 3-dB passband on the way of each path; NaN where there is no filter."""
    out = np.full(len(path_offsets) - 1, NO_VALUE)
    filters = np.flatnonzero(~np.isnan(passband_3db_ghz))
    np.fmin.at(out, _paths_of(filters, path_offsets), passband_3db_ghz[filters])
    return out


def _paths_of(elements: Integers, path_offsets: Integers) -> Integers:
    """Return the paths of some elements."""
    return np.searchsorted(path_offsets, elements, side="right") - 1


def crosstalk_allowance_db(link: Link) -> float:
    """Return the OSNR penalty for adjacent channels: the mode's allowance at its least spacing."""
    if not isinstance(link.mode, CoherentMode) or link.channels < 2 or not is_dense(link):
        return 0.0
    return link.mode.penalty_crosstalk_db or 0.0


def is_dense(link: Link) -> bool:
    """Tell whether the channels stand at their mode's least spacing, for which its allowances are written."""
    least_ghz = link.mode.channel_spacing_min_ghz if isinstance(link.mode, CoherentMode) else NO_VALUE
    return link.channel_spacing_ghz <= MAX_SPACING_RATIO_FOR_ALLOWANCES * least_ghz
