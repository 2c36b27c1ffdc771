"""The tables of a fabric: its records, and what the picture on display says of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lightlane import Fabric
from lightlane_gui.session.picture import FabricPicture
from lightlane_gui.tables.column_table import EMPTY_TABLE, Column, ColumnSpec, ColumnTable, Numbers, TextColumn
from lightlane_gui.theme import CLASS_KEYS

UNKNOWN = CLASS_KEYS.index("unknown")
MARGIN_HELP = "Distance to the nearest limit, of the lane that decides"
LINKS = (
    ColumnSpec("link", "Link", "text", is_searched=True),
    ColumnSpec("margin_db", "Margin", help=MARGIN_HELP, is_live=True),
    ColumnSpec("limited_by", "Limit", "text", help="What limits the margin", is_live=True),
    ColumnSpec(
        "status", "Status", "text", help="up, degraded (less than the wanted margin), down, unknown", is_live=True
    ),
    ColumnSpec("a", "A", "text", is_searched=True),
    ColumnSpec("b", "B", "text", is_searched=True),
    ColumnSpec("module", "Module", "text", help="Id of the pluggable module"),
    ColumnSpec("latency_us", "Latency", decimals=1, help="One way, from module to module", is_live=True),
    ColumnSpec("length_km", "Length", decimals=1, help="Of the fiber"),
    ColumnSpec("channels", "Channels", decimals=0),
    ColumnSpec("rate_gbps", "Rate", decimals=0, help="Over all channels"),
)
COMPARED = (
    ColumnSpec("reference_margin_db", "Reference", help="Margin of the variant that is compared with", is_live=True),
    ColumnSpec("change_db", "Change", help="Margin against that of the reference", is_live=True),
)
"""Columns of links that stand behind the margin while a variant is compared with."""
SITES = (
    ColumnSpec("site", "Site", "text", is_searched=True),
    ColumnSpec("role", "Role", "text", help="core, edge or hut (amplifiers only)"),
    ColumnSpec("links_count", "Links", decimals=0, help="That end here"),
    ColumnSpec("margin_db", "Worst margin", help="Of the links that end here", is_live=True),
    ColumnSpec("latitude_deg", "Latitude", decimals=3),
    ColumnSpec("longitude_deg", "Longitude", decimals=3),
)
DUCTS = (
    ColumnSpec("duct", "Duct", "text", is_searched=True),
    ColumnSpec("a", "A", "text", is_searched=True),
    ColumnSpec("b", "B", "text", is_searched=True),
    ColumnSpec("length_km", "Length", decimals=1, help="Of the fiber"),
    ColumnSpec("fiber", "Fiber", "text"),
    ColumnSpec("links_count", "Links", decimals=0, help="That pass it: what a cut takes"),
    ColumnSpec("margin_db", "Worst margin", help="Of the links that pass it", is_live=True),
    ColumnSpec("extra_loss_db", "Extra loss", help="As the fabric has it"),
)
DEMANDS = (
    ColumnSpec("demand", "No.", decimals=0),
    ColumnSpec("from", "From", "text", is_searched=True),
    ColumnSpec("to", "To", "text", is_searched=True),
    ColumnSpec("service", "Service", "text", is_searched=True),
    ColumnSpec("status", "Status", "text", help="met, late (carried, but later than asked for), blocked", is_live=True),
    ColumnSpec("rate_gbps", "Rate", decimals=1, help="Asked for"),
    ColumnSpec("carried_gbps", "Carried", decimals=1, is_live=True),
    ColumnSpec("latency_us", "Latency", decimals=1, help="One way, of its slowest part", is_live=True),
    ColumnSpec("objective_us", "Objective", decimals=1, help="Latency that is asked for"),
    ColumnSpec("hop_count", "Hops", decimals=0, help="Links on the way", is_live=True),
    ColumnSpec("reason", "Reason", "text", help="Why it is not met", is_live=True),
)


def link_specs(*, compared: bool) -> tuple[ColumnSpec, ...]:
    """Return the columns of links."""
    return (*LINKS[:2], *COMPARED, *LINKS[2:]) if compared else LINKS


def build_links(
    fabric: Fabric,
    picture: FabricPicture | None,
    reference: FabricPicture | None,
    *,
    compared: bool,
    before: ColumnTable = EMPTY_TABLE,
) -> ColumnTable:
    """Return the links of a fabric, with what is known of them; ``before``: the table that this one follows."""
    if picture is not None:
        fabric = picture.state.fabric
    records, count = fabric.link, len(fabric.link)
    made_of = (list(map(_read_link, records)), list(map(_read_length, fabric.duct)))
    columns: dict[str, Column] = {
        **(_take_over(before, LINK_RECORD) if made_of == before.made_of else _read_records(fabric)),
        "rate_gbps": _nothing(count),
        "margin_db": _nothing(count),
        "latency_us": _nothing(count),
        "limited_by": TextColumn([""] * count),
        "status": TextColumn([""] * count),
    }
    names = [link.name for link in records]
    classes = np.full(count, UNKNOWN, dtype=np.uint8)
    if picture is not None:
        columns |= {
            "rate_gbps": _numbers(link.rate_gbps for link in picture.state.batch.links),
            "margin_db": picture.margin_db,
            "latency_us": picture.latency_us,
            "limited_by": TextColumn(picture.limited_by),
            "status": TextColumn(picture.status),
        }
        classes = picture.class_index
    if compared:
        there = _nothing(count) if reference is None else _match(reference, names)
        columns |= {"reference_margin_db": there, "change_db": _as_numbers(columns["margin_db"]) - there}
    return ColumnTable(link_specs(compared=compared), columns, names, classes, made_of)


LINK_RECORD = ("link", "a", "b", "module", "length_km", "channels")
"""Columns of links that are as their records say."""
_read_link = attrgetter("name", "a", "b", "module", "ducts", "channels")
_read_length = attrgetter("name", "length_km")


def _read_records(fabric: Fabric) -> dict[str, Column]:
    records, length_km = fabric.link, dict(map(_read_length, fabric.duct))
    return {
        "link": TextColumn([link.name for link in records]),
        "a": TextColumn([link.a for link in records]),
        "b": TextColumn([link.b for link in records]),
        "module": TextColumn([link.module for link in records]),
        "length_km": _numbers(sum(length_km[duct] for duct in link.ducts) for link in records),
        "channels": _numbers(link.channels for link in records),
    }


def _take_over(before: ColumnTable, keys: Iterable[str]) -> dict[str, Column]:
    return {key: before.columns[key] for key in keys}


def build_sites(fabric: Fabric, picture: FabricPicture | None) -> ColumnTable:
    """Return the sites of a fabric, with the worst margin of the links of each."""
    if picture is not None:
        fabric = picture.state.fabric
    names = [site.name for site in fabric.site]
    margin_db, links_count, classes = _worst(names, [(link.a, link.b) for link in fabric.link], picture)
    columns: dict[str, Column] = {
        "site": TextColumn(names),
        "role": TextColumn([site.role for site in fabric.site]),
        "links_count": links_count,
        "margin_db": margin_db,
        "latitude_deg": _numbers(site.latitude_deg for site in fabric.site),
        "longitude_deg": _numbers(site.longitude_deg for site in fabric.site),
    }
    return ColumnTable(SITES, columns, names, classes)


def build_ducts(fabric: Fabric, picture: FabricPicture | None) -> ColumnTable:
    """Return the ducts of a fabric, with the worst margin of the links over each."""
    if picture is not None:
        fabric = picture.state.fabric
    names = [duct.name for duct in fabric.duct]
    margin_db, links_count, classes = _worst(names, [link.ducts for link in fabric.link], picture)
    columns: dict[str, Column] = {
        "duct": TextColumn(names),
        "a": TextColumn([duct.a for duct in fabric.duct]),
        "b": TextColumn([duct.b for duct in fabric.duct]),
        "length_km": _numbers(duct.length_km for duct in fabric.duct),
        "fiber": TextColumn([duct.fiber for duct in fabric.duct]),
        "links_count": links_count,
        "margin_db": margin_db,
        "extra_loss_db": _numbers(duct.extra_loss_db for duct in fabric.duct),
    }
    return ColumnTable(DUCTS, columns, names, classes)


def build_demands(fabric: Fabric, picture: FabricPicture | None) -> ColumnTable:
    """Return the demands of a fabric, and where they go once they are routed."""
    if picture is not None and picture.routed:
        routing: dict[str, Any] = dict(picture.state.routing.columns())
        columns = {
            spec.key: TextColumn(routing[spec.key]) if spec.kind == "text" else _numbers(routing[spec.key])
            for spec in DEMANDS
        }
        return ColumnTable(DEMANDS, columns, [str(place) for place in routing["demand"]])
    if picture is not None:
        fabric = picture.state.fabric
    records, count = fabric.demand, len(fabric.demand)
    objective_us = (float("nan") if item.latency_ms is None else 1e3 * item.latency_ms for item in records)
    columns = {
        "demand": np.arange(count, dtype=np.float64),
        "from": TextColumn([item.from_site for item in records]),
        "to": TextColumn([item.to_site for item in records]),
        "service": TextColumn([item.service for item in records]),
        "rate_gbps": _numbers(item.rate_gbps for item in records),
        "objective_us": _numbers(objective_us),
        **{key: _nothing(count) for key in ("carried_gbps", "latency_us", "hop_count")},
        **{key: TextColumn([""] * count) for key in ("status", "reason")},
    }
    return ColumnTable(DEMANDS, columns, [str(place) for place in range(count)])


def _worst(
    names: Sequence[str], users: Sequence[Iterable[str]], picture: FabricPicture | None
) -> tuple[Numbers, Numbers, NDArray[np.uint8]]:
    """Return for each name the worst margin of the links that use it, how many use it, and their worst class.

    ``users``: for each link the names that it uses.
    """
    place = {name: index for index, name in enumerate(names)}
    pairs = [(place[name], row) for row, used in enumerate(users) for name in used if name in place]
    margin_db, links_count = np.full(len(names), np.inf), np.zeros(len(names))
    # A link without a verdict hides none of the others.
    rank = np.full(len(names), UNKNOWN, dtype=np.uint8)
    if pairs:
        at, rows = np.array(pairs).T
        np.add.at(links_count, at, 1)
        if picture is not None:
            np.fmin.at(margin_db, at, picture.margin_db[rows])
            np.minimum.at(rank, at, picture.class_index[rows])
    margin_db[np.isinf(margin_db)] = np.nan
    return margin_db, links_count, rank


def _match(picture: FabricPicture, names: Sequence[str]) -> Numbers:
    """Return the margins of a picture by the names of another's links, NaN for those that it has not."""
    rows = np.array([picture.row_by_link.get(name, -1) for name in names], dtype=np.int64)
    return np.append(picture.margin_db, np.nan)[rows]


def _numbers(values: Iterable[Any]) -> Numbers:
    return np.array([float("nan") if value is None else value for value in values], dtype=np.float64)


def _nothing(count: int) -> Numbers:
    return np.full(count, np.nan)


def _as_numbers(column: Column) -> Numbers:
    assert not isinstance(column, TextColumn)
    return column


__all__ = ["build_demands", "build_ducts", "build_links", "build_sites", "link_specs"]
