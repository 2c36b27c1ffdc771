"""From an audited draft to a fabric: lengths, names, sites, ducts."""

from __future__ import annotations

import math

from lightlane.errors import FormatError, ParameterError, Problem
from lightlane.fabric.importers.audit import name_ends
from lightlane.fabric.importers.draft import DUCT_LENGTH_MAX_KM, Draft, DraftDuct, make_unique
from lightlane.fabric.topology import Duct, Site

ROUTE_FACTOR_ALLOWED = "a number from 1 to 10; 1.2 to 1.5 are common (fiber length over great-circle distance)"


def require_route_factor(draft: Draft, route_factor: float | None, *, for_metro: bool) -> float:
    """Return the route factor, 1 where the source needs none.

    Raises
    ------
    ParameterError
        If it is missing where lengths hang on it, or no factor at all.
    """
    if route_factor is not None:
        if not (math.isfinite(route_factor) and 1 <= route_factor <= 10):
            raise ParameterError(f"route_factor is {route_factor!r}; allowed: {ROUTE_FACTOR_ALLOWED}")
        return route_factor
    measured = sum(duct.properties.length_km is None for duct in draft.ducts)
    if measured and not draft.follows_route:
        raise ParameterError(
            f"route_factor (--route-factor) is missing, and {draft.label} gives no fiber length for {measured} of its "
            f"{len(draft.ducts)} ducts; allowed: {ROUTE_FACTOR_ALLOWED}"
        )
    if for_metro:
        raise ParameterError(
            f"route_factor (--route-factor) is missing, and metro edges need it; allowed: {ROUTE_FACTOR_ALLOWED}"
        )
    return 1.0


def build_sites(draft: Draft) -> list[Site]:
    """Return the sites; each must have its role."""
    return [
        Site(name=site.name, role=site.role, latitude_deg=site.position_deg[0], longitude_deg=site.position_deg[1])
        for site in draft.sites
        if site.role is not None
    ]


def build_ducts(draft: Draft, *, route_factor: float, fiber: str) -> list[Duct]:
    """Return the ducts, each with a name of its own and its fiber length.

    Raises
    ------
    FormatError
        Naming each duct that is longer than a duct can be.
    """
    taken = {duct.properties.name for duct in draft.ducts if duct.properties.name}
    problems, ducts = [], []
    for draft_duct in draft.ducts:
        length_km = draft_duct.properties.length_km or round(draft_duct.geometry_km * route_factor, 3)
        if length_km > DUCT_LENGTH_MAX_KM:
            allowed = f"at most {DUCT_LENGTH_MAX_KM:g} km"
            problems.append(
                Problem(draft.label, draft_duct.line, name_ends(draft, draft_duct), f"{length_km:g} km", allowed)
            )
            continue
        ducts.append(_build_duct(draft, draft_duct, length_km, fiber, taken))
    if problems:
        raise FormatError(problems)
    return ducts


def _build_duct(draft: Draft, duct: DraftDuct, length_km: float, fiber: str, taken: set[str]) -> Duct:
    given = duct.properties
    return Duct(
        name=given.name or make_unique(name_ends(draft, duct), taken),
        a=draft.sites[duct.a].name,
        b=draft.sites[duct.b].name,
        length_km=length_km,
        fiber=given.fiber or fiber,
        attenuation_db_per_km=given.attenuation_db_per_km,
        splice_count=given.splice_count,
        connector_count=given.connector_count,
        extra_loss_db=given.extra_loss_db,
    )
