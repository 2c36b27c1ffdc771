"""One link between two places, without a fabric file: for the command line and for notebooks."""

from __future__ import annotations

from typing import Any

from lightlane.catalog.load import Catalog, load_catalog
from lightlane.catalog.parts import CoherentMode
from lightlane.errors import ParameterError
from lightlane.fabric.catalog_check import catalog_problems
from lightlane.fabric.design import design_fabric
from lightlane.fabric.design_options import DesignOptions
from lightlane.fabric.evaluation import compose_links
from lightlane.fabric.topology import Duct, Fabric, Site
from lightlane.fabric.topology import Link as LinkRecord
from lightlane.link import Link

LINK_NAME = "link"
LENGTH_MAX_KM = 20_000.0
"""Half way around the Earth, as for the duct of a fabric file."""
_LINE_FIELDS = ("mux", "demux", "express", "booster", "inline_amplifier", "preamplifier", "span_launch_power_dbm")


def point_to_point(
    module: str,
    length_km: float,
    *,
    fiber: str = "g652d",
    loss_db: float | None = None,
    catalog: Catalog | None = None,
    line: str = "as given",
    wanted_margin_db: float = 0.0,
    fiber_limits: bool = False,
    **settings: Any,
) -> Link:
    """Compose a link between two places.

    Parameters
    ----------
    module
        Id of the module at both ends.
    loss_db
        Loss of the whole fiber with its connectors, as measured; absent: the fiber's attenuation and two connectors.
    line
        ``"as given"``: only what ``settings`` name. ``"designed"``: the design rules choose mux, amplifiers and huts so
        that the link closes with ``wanted_margin_db``; where nothing does, the fiber is left bare.
    **settings
        Any field of a link in a fabric file: ``mode``, ``channels``, ``launch_power_dbm``, ``mux``, ``booster`` …

    Raises
    ------
    ParameterError
        If a part is not in the catalog or the parts do not fit each other.
    """
    catalog = load_catalog() if catalog is None else catalog
    if not 0 < length_km <= LENGTH_MAX_KM:
        raise ParameterError(f"length_km is {length_km:g}; allowed: above 0 and at most {LENGTH_MAX_KM:g}")
    if loss_db is not None and not 0 <= loss_db < float("inf"):
        raise ParameterError(f"loss_db is {loss_db}; allowed: a finite number, 0 or above")
    if line not in ("as given", "designed"):
        raise ParameterError(f"line is {line!r}; allowed: 'as given', 'designed'")
    unknown = sorted(set(settings) - set(LinkRecord.model_fields))
    if unknown:
        raise ParameterError(f"a link has no setting {unknown[0]!r}; it has {', '.join(LinkRecord.model_fields)}")
    catalog.get_module(module)
    catalog.get_fiber(fiber)
    measured = {} if loss_db is None else {"attenuation_db_per_km": loss_db / length_km, "connector_count": 0}
    bare = Fabric(
        format=1,
        # The places have no geography; a degree apart, so that huts between them have coordinates.
        site=(
            Site(name="A", role="core", latitude_deg=0.0, longitude_deg=0.0),
            Site(name="B", role="edge", latitude_deg=0.0, longitude_deg=1.0),
        ),
        duct=(Duct(name="fiber", a="A", b="B", length_km=length_km, fiber=fiber, **measured),),
        link=(LinkRecord(name=LINK_NAME, a="A", b="B", module=module, ducts=("fiber",), **settings),),
    )
    problems = catalog_problems(bare, catalog)
    if problems:
        path, found, allowed = problems[0]
        raise ParameterError(f"{path[-1]}: found {found}; allowed: {allowed}")
    if line == "designed" and not any(name in settings for name in _LINE_FIELDS):
        designed = _design(bare, module, catalog, wanted_margin_db, fiber_limits, settings)
        if designed is not None:
            return designed
    return compose_links(bare, catalog)[0]


def _design(
    bare: Fabric,
    module: str,
    catalog: Catalog,
    wanted_margin_db: float,
    fiber_limits: bool,
    settings: dict[str, Any],
) -> Link | None:
    """Let the design rules complete the line; None where nothing closes or there is nothing to choose."""
    part = catalog.get_module(module)
    mode = catalog.get_mode(settings.get("mode") or part.modes[0])
    if not isinstance(mode, CoherentMode):
        return None
    # The rules choose among all modes of a module; a catalog in which it has but one asks about just that.
    only = part.model_copy(update={"modes": (mode.id,)})
    narrowed = Catalog(
        modules={module: only},
        modes=catalog.modes,
        fibers=catalog.fibers,
        amplifiers=catalog.amplifiers,
        passives=catalog.passives,
        fecs=catalog.fecs,
        sha256=catalog.sha256,
        folders=catalog.folders,
    )
    options = DesignOptions(
        modules=(module,),
        rates_gbps=(mode.net_rate_gbps * part.engines_count,),
        wanted_margin_db=wanted_margin_db,
        fiber_limits=fiber_limits,
    )
    design = design_fabric(bare.model_copy(update={"link": ()}), narrowed, options=options)
    if not design.choices:
        return None
    record = design.fabric.link[0].model_copy(update={"name": LINK_NAME, **settings})
    chosen = design.fabric.model_copy(update={"link": (record,)})
    return compose_links(chosen, catalog)[0]
