"""One link between two places, without a fabric file: for the command line and for notebooks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from lightlane.catalog.load import Catalog, load_catalog
from lightlane.catalog.parts import CoherentMode
from lightlane.errors import ParameterError
from lightlane.fabric.catalog_check import catalog_problems
from lightlane.fabric.composition import compose_links
from lightlane.fabric.design import design_fabric
from lightlane.fabric.design_options import DesignOptions
from lightlane.fabric.topology import Demand, Duct, Fabric, Site
from lightlane.fabric.topology import Link as LinkRecord
from lightlane.files.validation import as_parameter_error
from lightlane.link import Link

LINK_NAME = "link"
LENGTH_MAX_KM = 20_000.0
"""Half way around the Earth, as for the duct of a fabric file."""
SPANS_MAX = 200
"""More parts of a fiber than any line has."""
LINE_SETTINGS = (
    "mux", "demux", "express", "booster", "inline_amplifier", "preamplifier", "raman_amplifier",
    "span_launch_power_dbm", "received_power_dbm",
)  # fmt: skip
"""Settings that name the line: with one of them the design rules add nothing."""


def point_to_point(  # noqa: PLR0913 - keyword-only, one argument per flag
    module: str,
    length_km: float,
    *,
    fiber: str = "g652d",
    loss_db: float | None = None,
    spans: int | None = None,
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
    spans
        Equal parts of the fiber, with a hut between two of them; the design rules divide further what is too long.
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
    _check(length_km, loss_db, spans, line, settings)
    catalog.get_module(module)
    catalog.get_fiber(fiber)
    measured = {} if loss_db is None else {"attenuation_db_per_km": loss_db / length_km, "connector_count": 0}
    try:
        count = spans or 1
        names = ["fiber"] if count == 1 else [f"fiber.{number + 1}" for number in range(count)]
        places = ["A", *(f"hut{number + 1}" for number in range(count - 1)), "B"]
        roles = ["core", *["hut"] * (count - 1), "edge"]
        record = LinkRecord(name=LINK_NAME, a="A", b="B", module=module, ducts=tuple(names), **settings)
        bare = Fabric(
            format=1,
            # The places have no geography; a degree apart, so that huts between them have coordinates.
            site=tuple(
                Site(name=name, role=role, latitude_deg=0.0, longitude_deg=number / count)
                for number, (name, role) in enumerate(zip(places, roles, strict=True))
            ),
            duct=tuple(
                Duct(name=name, a=a, b=b, length_km=length_km / count, fiber=fiber, **measured)
                for name, a, b in zip(names, places, places[1:], strict=False)
            ),
            link=(record,),
        )
    except ValidationError as error:
        raise as_parameter_error(error) from None
    notes: tuple[str, ...] = ()
    if line == "designed" and not any(name in settings for name in LINE_SETTINGS):
        # What the design will add (a mux for many channels) cannot be missing yet.
        _refuse(bare.model_copy(update={"link": (record.model_copy(update={"channels": 1}),)}), catalog)
        designed, notes = _design(bare, catalog, wanted_margin_db, fiber_limits)
        bare = designed or bare
    _refuse(bare, catalog)
    return replace(compose_links(bare, catalog)[0], notes=notes)


def _check(length_km: float, loss_db: float | None, spans: int | None, line: str, settings: dict[str, Any]) -> None:
    if not 0 < length_km <= LENGTH_MAX_KM:
        raise ParameterError(f"length_km is {length_km:g}; allowed: above 0 and at most {LENGTH_MAX_KM:g}")
    if loss_db is not None and not 0 <= loss_db < float("inf"):
        raise ParameterError(f"loss_db is {loss_db}; allowed: a finite number, 0 or above")
    if spans is not None and not 1 <= spans <= SPANS_MAX:
        raise ParameterError(f"spans is {spans}; allowed: 1 to {SPANS_MAX}")
    if line not in ("as given", "designed"):
        raise ParameterError(f"line is {line!r}; allowed: 'as given', 'designed'")
    fields = sorted(set(LinkRecord.model_fields) - {"name", "a", "b", "module", "ducts", "notes"})
    unknown = sorted(set(settings) - set(fields))
    if unknown:
        raise ParameterError(f"a link between two places has no setting {unknown[0]!r}; it has {', '.join(fields)}")


def _refuse(fabric: Fabric, catalog: Catalog) -> None:
    """Raise for the first part or setting that does not fit."""
    for path, found, allowed in catalog_problems(fabric, catalog):
        raise ParameterError(f"{path[-1]}: found {found}; allowed: {allowed}")


def _design(
    bare: Fabric, catalog: Catalog, wanted_margin_db: float, fiber_limits: bool
) -> tuple[Fabric | None, tuple[str, ...]]:
    """Let the design rules complete the line; no fabric and the reason where nothing closes."""
    (record,) = bare.link
    part = catalog.get_module(record.module)
    mode = catalog.get_mode(record.mode or part.modes[0])
    if not isinstance(mode, CoherentMode):
        return None, ()
    # The rules choose among all modes of a module; a catalog in which it has but one asks about just that.
    narrowed = replace(catalog, modules={part.id: part.model_copy(update={"modes": (mode.id,)})})
    rate_gbps = mode.net_rate_gbps * part.engines_count
    options = DesignOptions(
        modules=(part.id,),
        rates_gbps=(rate_gbps,),
        wanted_margin_db=wanted_margin_db,
        fiber_limits=fiber_limits,
        max_fiber_pairs=1,
    )
    demand = Demand(from_site="A", to_site="B", rate_gbps=record.channels * rate_gbps)
    design = design_fabric(bare.model_copy(update={"link": (), "demand": (demand,)}), narrowed, options=options)
    if not design.choices:
        best = design.unclosed[0].best
        return None, (
            f"no line closes with {wanted_margin_db:g} dB" + (f"; the nearest: {best.reason}" if best else ""),
        )
    given = record.model_dump(exclude_unset=True, include=set(LinkRecord.model_fields) - {"name", "a", "b", "ducts"})
    chosen = design.fabric.link[0].model_copy(update={**given, "name": LINK_NAME})
    return design.fabric.model_copy(update={"link": (chosen,), "demand": ()}), ()
