"""Single settings of a scenario: what a variant makes of the ground, and whether a field takes a value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel

from lightlane.catalog.load import Catalog
from lightlane.errors import ParameterError
from lightlane.fabric.catalog_check import catalog_problems
from lightlane.fabric.topology import Fabric, Link
from lightlane.scenario.fields import ALL, PARTS, RECORDS, Ground, assign_field, split_path
from lightlane.scenario.refusal import Refusal
from lightlane.scenario.schema import Scenario
from lightlane.scenario.variants import BASE_NAME, build_ground

_WHO_AND_WHERE = frozenset({"name", "a", "b", "from_site", "to_site", "ducts", "notes"})
"""Fields of a record that do not decide what its others may be."""
PUMPED_KEYS = frozenset({"raman_amplifier", "fiber"})
"""Fields of links and ducts that must fit each other: pumps need figures of the fiber."""
Row = TypeVar("Row", bound=BaseModel)


def ground_scenario(scenario: Scenario, fabric: Fabric, catalog: Catalog, *, variant: str = BASE_NAME) -> Ground:
    """Return scenario, fabric and catalog as a variant makes them.

    Raises
    ------
    ParameterError
        If a field that the variant sets does not exist or does not take its value.
    """
    try:
        return build_ground(Ground(scenario, fabric, catalog), variant)
    except Refusal as refusal:
        place = ".".join(map(str, refusal.path))
        raise ParameterError(f"variant {variant!r}: {place}: found {refusal}") from None


def check_setting(ground: Ground, path: str, value: Any) -> str:
    """Tell whether a field takes a value, with parts that then still fit each other.

    Returns
    -------
    What is allowed in its place; empty: the value is accepted.
    """
    try:
        return try_value(narrow_ground(ground, path), path, value)
    except Refusal as refusal:
        return refusal.allowed


def choose_module(ground: Ground, path: str, module: str) -> dict[str, Any]:
    """Return the settings that put another module into links: where these name a mode, it takes the new default.

    Parameters
    ----------
    path
        Of the field ``module`` of a link, or of all.

    Raises
    ------
    ParameterError
        If there is no such link or module.
    """
    device = ground.catalog.get_module(module)
    mode_path = path.removesuffix("module") + "mode"
    read_setting(ground, path)
    steps = split_path(path)
    has_mode = any(link.mode is not None for link in ground.fabric.link if steps[1] in (ALL, link.name))
    return {path: module, **({mode_path: device.modes[0]} if has_mode else {})}


def read_setting(ground: Ground, path: str) -> Any:
    """Return the value of a field; None where it is left open, or where records that ``*`` names have different ones.

    Raises
    ------
    ParameterError
        If there is no such field.
    """
    try:
        steps = split_path(path)
    except Refusal as refusal:
        raise ParameterError(str(refusal)) from None
    head = steps[0]
    rows: list[Any]
    if head in RECORDS:
        named = getattr(ground.fabric, head)
        rows = [row for place, row in enumerate(named) if steps[1] in (ALL, getattr(row, "name", str(place)))]
    elif head in PARTS:
        rows = [part for part in [getattr(ground.catalog, PARTS[head]).get(steps[1])] if part is not None]
    elif head == "event":
        rows = list(ground.scenario.event[int(steps[1]) :][:1])
    else:
        rows = [ground.scenario.conditions if head == "conditions" else ground.scenario]
    if not rows or not hasattr(rows[0], steps[-1]):
        raise ParameterError(f"{path!r} is the path of no field")
    values = [getattr(row, steps[-1]) for row in rows]
    return values[0] if all(value == values[0] for value in values) else None


def narrow_ground(ground: Ground, path: str, *, alike_max_count: int | None = None) -> Ground:
    """Return as much of the ground as decides what the fields of a record, a part or the scenario may be.

    Parameters
    ----------
    path
        Of one of its fields.
    alike_max_count
        Of records that differ in their parts or in which fields they have so many are kept; absent: all that differ
        in any figure.

    Raises
    ------
    Refusal
        If the text is no path.
    """
    steps = split_path(path)
    head, name, key = (*steps, "", "")[:3]
    fabric, scenario = ground.fabric, ground.scenario
    kept: dict[str, Any] = {"site": (), "duct": (), "link": (), "demand": (), "risk_group": ()}
    if head == "demand" and name != ALL:
        kept["demand"] = fabric.demand  # their names are their places
    elif head in RECORDS:
        rows = [row for row in getattr(fabric, head) if name in (ALL, row.name)] if head != "demand" else fabric.demand
        kept[head] = tuple(_distinct(rows, by_kind=alike_max_count is not None)[:alike_max_count])
    elif head in PARTS:
        users = (link for link in fabric.link if name in _list_parts(link, ground.catalog))
        kept["link"] = tuple(_distinct(users, by_kind=alike_max_count is not None)[:alike_max_count])
    kept |= _keep_pumped(fabric, head, key, kept)
    if head != "event":
        scenario = scenario.model_copy(update={"event": (), "variant": (), "sweep": ()})
    return replace(ground, scenario=scenario, fabric=fabric.model_copy(update=kept))


def _keep_pumped(fabric: Fabric, head: str, key: str, kept: dict[str, Any]) -> dict[str, Any]:
    """Return the ducts and links that Raman pumps join: what a fiber must know depends on who pumps it."""
    if head == "link":
        names = {
            duct for link in kept["link"] if link.raman_amplifier or key == "raman_amplifier" for duct in link.ducts
        }
        return {"duct": tuple(duct for duct in fabric.duct if duct.name in names)}
    if head == "duct" and key == "fiber":
        names = {duct.name for duct in kept["duct"]}
        return {"link": tuple(link for link in fabric.link if link.raman_amplifier and names & set(link.ducts))}
    return {}


def try_value(ground: Ground, path: str, value: Any) -> str:
    """Return what is allowed in place of a value on a ground that is narrow; empty: the value is accepted."""
    try:
        changed = assign_field(ground, path, value)
    except Refusal as refusal:
        return refusal.allowed
    if changed.fabric is ground.fabric and changed.catalog is ground.catalog:
        return ""
    return next((allowed for _, _, allowed in catalog_problems(changed.fabric, changed.catalog)), "")


def split_ground(ground: Ground, path: str) -> list[Ground]:
    """Return a ground for each of the links that ``*`` stands for, so that the first that refuses ends a search."""
    if not path.startswith(f"link.{ALL}."):
        return [ground]
    fabric = ground.fabric
    return [replace(ground, fabric=fabric.model_copy(update={"link": (link,)})) for link in fabric.link]


def _distinct(rows: Iterable[Row], *, by_kind: bool) -> list[Row]:
    """Leave out records that differ from one before only in what decides nothing, ``by_kind``: only in numbers.

    Those that are the first with their module and mode stand in front.
    """
    seen: set[Any] = set()
    first: list[Row] = []
    later: list[Row] = []
    for row in rows:
        values = [value for name, value in row if name not in _WHO_AND_WHERE]
        key = tuple(isinstance(v, int | float | tuple) or v for v in values) if by_kind else tuple(values)
        if key not in seen:
            device = (getattr(row, "module", None), getattr(row, "mode", None))
            (later if device in seen else first).append(row)
            seen |= {key, device}
    return first + later


def _list_parts(link: Link, catalog: Catalog) -> set[Any]:
    """Return the parts that a link names, and its mode also where it leaves that open."""
    return {link.module, link.mode or catalog.get_module(link.module).modes[0], link.mux, link.demux, link.express}


__all__ = [
    "check_setting",
    "choose_module",
    "ground_scenario",
    "narrow_ground",
    "read_setting",
    "split_ground",
    "try_value",
]
