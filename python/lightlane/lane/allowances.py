"""What passbands and neighbors cost where only allowances say it, and which filters are known well enough for more."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lightlane.catalog.parts import CoherentMode
from lightlane.elements import NO_VALUE, Element
from lightlane.link import Link

MAX_SPACING_RATIO_FOR_ALLOWANCES = 1.01
"""Allowances for filtering and crosstalk are written for the least spacing; wider grids do not need them."""


def has_shape(element: Element) -> bool:
    """Tell whether a filter's passband is known well enough to compute what it costs."""
    return not math.isnan(element.passband_3db_ghz) and not math.isnan(element.passband_10db_ghz)


def filtering_allowance_db(link: Link, elements: Sequence[Element]) -> float:
    """Return the OSNR penalty for narrowing that shapes do not give.

    It is each ROADM's own where its shape is not known, and the mode's allowance at its least spacing where no shape
    is.
    """
    if not isinstance(link.mode, CoherentMode):
        return 0.0
    own = sum(element.filtering_penalty_db for element in elements if not has_shape(element))
    if not link.muxed or not is_dense(link) or any(has_shape(element) for element in elements):
        return own
    return own + (link.mode.penalty_filtering_db or 0.0)


def crosstalk_allowance_db(link: Link) -> float:
    """Return the OSNR penalty for adjacent channels: the mode's allowance at its least spacing."""
    if not isinstance(link.mode, CoherentMode) or link.channels < 2 or not is_dense(link):
        return 0.0
    return link.mode.penalty_crosstalk_db or 0.0


def is_dense(link: Link) -> bool:
    """Tell whether the channels stand at their mode's least spacing, for which its allowances are written."""
    least_ghz = link.mode.channel_spacing_min_ghz if isinstance(link.mode, CoherentMode) else NO_VALUE
    return link.channel_spacing_ghz <= MAX_SPACING_RATIO_FOR_ALLOWANCES * least_ghz


def narrowest_passband_ghz(elements: Sequence[Element]) -> float:
    """Return the narrowest 3-dB passband on the way; NaN where there is no filter."""
    bands = [element.passband_3db_ghz for element in elements if not math.isnan(element.passband_3db_ghz)]
    return min(bands) if bands else NO_VALUE
