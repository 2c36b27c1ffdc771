"""Links of direct-detect modes at their reach, held to one corner of dispersion."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from lightlane.catalog.load import Catalog, load_catalog
from lightlane.catalog.parts import DirectMode, Fiber
from lightlane.elements import Element
from lightlane.errors import ParameterError
from lightlane.fabric.point_to_point import point_to_point
from lightlane.link import Link

Corner = Literal["least", "greatest"]
NO_REFLECTANCE_DB = -90.0


def corner_link(module: str, mode: str, corner: Corner, *, catalog: Catalog | None = None, bare: bool = False) -> Link:
    """Return a link at its mode's reach whose lanes and fiber are all at one end of their wavelengths.

    Parameters
    ----------
    corner
        ``least``: shortest wavelengths, longest zero-dispersion wavelength; ``greatest``: the other ends.
    bare
        No reflections, DGD or four-wave mixing: only what every model of a lane has in the same way is left.

    Raises
    ------
    ParameterError
        If the mode is not direct-detect or states no reach, or its fiber no range of zero dispersion.
    """
    catalog = load_catalog() if catalog is None else catalog
    known = catalog.modes.get(mode)
    if not isinstance(known, DirectMode) or known.reach_km is None:
        raise ParameterError(f"mode is {mode!r}; allowed: a direct-detect mode with a reach")
    link = point_to_point(module, known.reach_km, mode=mode, catalog=catalog)
    pinned = tuple(
        lane.model_copy(update=dict.fromkeys(("center_nm", "min_nm", "max_nm"), edge))
        for lane in known.lanes
        for edge in [lane.min_nm if corner == "least" else lane.max_nm]
    )
    figures = {"lanes": pinned} | ({"reflectance_max_db": NO_REFLECTANCE_DB} if bare else {})
    return replace(
        link,
        mode=known.model_copy(update=figures),
        a_to_b=tuple(_pin(element, corner, bare) for element in link.a_to_b),
        b_to_a=tuple(_pin(element, corner, bare) for element in link.b_to_a),
    )


def _pin(element: Element, corner: Corner, bare: bool) -> Element:
    """Return an element of the path at a corner of dispersion."""
    if bare and element.reflectors_count:
        element = element.with_figures(reflectance_db=NO_REFLECTANCE_DB)
    if not isinstance(element.part, Fiber):
        return element
    fiber = element.part
    zero_nm = fiber.zero_dispersion_max_nm if corner == "least" else fiber.zero_dispersion_min_nm
    if zero_nm is None:
        raise ParameterError(f"fiber {fiber.id!r} states no range of zero dispersion; allowed: one that does")
    figures = {"zero_dispersion_min_nm": zero_nm, "zero_dispersion_max_nm": zero_nm}
    if bare:
        figures |= {"pmd_ps_per_sqrt_km": 0.0, "nonlinear_coefficient_per_w_km": 0.0}
    return replace(element, part=fiber.model_copy(update=figures))
