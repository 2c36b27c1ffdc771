"""Topologies from tables: ``sites.csv`` and ``links.csv``, and ``demands.csv`` where there is one.

Commas, semicolons or tabs separate the columns; a table separated by semicolons may have decimal commas. UTF-8, with or
without a byte order mark.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from lightlane.errors import FormatError, ParameterError, Problem
from lightlane.fabric.importers.draft import (
    DemandFields,
    Draft,
    DraftDemand,
    DraftDuct,
    DraftSite,
    DuctFields,
    DuctProperties,
    SiteFields,
)
from lightlane.fabric.importers.geodesic import measure_geodesic_km
from lightlane.fabric.importers.rows import list_fields, read_record
from lightlane.files import show_value, suggest

Record = TypeVar("Record", bound=BaseModel)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    values: dict[str, str]


def read_tables(sites_path: Path, links_path: Path, demands_path: Path | None = None) -> Draft:
    """Read a topology from tables.

    Parameters
    ----------
    sites_path
        Columns ``name, latitude_deg, longitude_deg`` and, if wanted, ``role``.
    links_path
        Columns ``a, b`` and, if wanted, those of :class:`DuctProperties`; ``length_km`` is fiber length.
    demands_path
        Columns ``from, to, rate_gbps`` and, if wanted, ``latency_ms, service``.

    Raises
    ------
    FormatError
        With every problem of every table.
    ParameterError
        If a file cannot be read.
    """
    problems: list[Problem] = []
    site_rows = _read_records(sites_path, SiteFields, problems)
    index = _index_names(sites_path, site_rows, "site", problems)
    link_rows = _read_records(links_path, DuctFields, problems)
    _index_names(links_path, link_rows, "duct", problems)
    demand_rows = _read_records(demands_path, DemandFields, problems) if demands_path else []
    known = _list_names(sites_path)
    for path, rows, keys in (
        (links_path, link_rows, ("a", "b")),
        (demands_path, demand_rows, ("from_site", "to_site")),
    ):
        for line, row in rows:
            problems += _check_ends(str(path), line, row, keys, known)
    if problems:
        raise FormatError(sorted(problems, key=lambda problem: (problem.file, problem.line)))
    sites = tuple(DraftSite(row.name, (row.latitude_deg, row.longitude_deg), row.role) for _, row in site_rows)
    return Draft(
        name=sites_path.resolve().parent.name,
        label=f"{sites_path}, {links_path}",
        source=f"{sites_path.name}, {links_path.name}",
        sites=sites,
        ducts=tuple(_draft_duct(line, row, sites, index, links_path) for line, row in link_rows),
        demands=tuple(
            DraftDemand(index[row.from_site], index[row.to_site], row.rate_gbps, row.latency_ms, row.service)
            for _, row in demand_rows
        ),
        demand_in_gbps=True,
    )


def _draft_duct(
    line: int, row: DuctFields, sites: tuple[DraftSite, ...], index: Mapping[str, int], path: Path
) -> DraftDuct:
    a, b = index[row.a], index[row.b]
    properties = DuctProperties.model_validate(row.model_dump(exclude={"a", "b"}))
    return DraftDuct(a, b, measure_geodesic_km(sites[a].position_deg, sites[b].position_deg), properties, line)


def _read_records(path: Path, model: type[Record], problems: list[Problem]) -> list[tuple[int, Record]]:
    records = []
    for row in _read_rows(path, model, problems):
        record, found = read_record(model, row.values, str(path), row.line)
        problems += found
        if record is not None:
            records.append((row.line, record))
    return records


def _read_rows(path: Path, model: type[BaseModel], problems: list[Problem]) -> list[_Row]:
    """Return the rows that have a cell under each column; adds to ``problems``."""
    text = _read_text(path, problems)
    if text is None:
        return []
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    rows: list[_Row] = []
    start = 1
    try:
        for raw in reader:
            line, start = start, reader.line_num + 1
            cells = [cell.strip() for cell in raw]
            if not any(cells):
                continue
            if header is None:
                header = cells
                if found := _check_header(str(path), line, header, model):
                    problems += found
                    return []
            elif len(cells) != len(header):
                problems.append(
                    Problem(str(path), line, "", f"{len(cells)} cells", f"{len(header)}, as the header has")
                )
            else:
                rows.append(_Row(line, {key: cell for key, cell in zip(header, cells, strict=True) if cell}))
    except csv.Error as error:
        problems.append(Problem(str(path), reader.line_num, "", f"a broken row ({error})", "quoted cells that end"))
    if header is None or (not rows and not problems):
        problems.append(Problem(str(path), 0, "", "no rows", "a header and at least one row"))
    return [_with_points(row) for row in rows] if delimiter == ";" and _has_decimal_commas(rows) else rows


def _read_text(path: Path, problems: list[Problem]) -> str | None:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ParameterError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problems.append(Problem(str(path), line, "", f"the byte 0x{data[error.start]:02x}", "UTF-8 text"))
        return None


def _check_header(file: str, line: int, header: list[str], model: type[BaseModel]) -> list[Problem]:
    fields = list_fields(model)
    allowed = "columns " + ", ".join(fields)
    problems = [
        Problem(file, line, "", f"unknown column {show_value(name)}{suggest(name, fields)}", allowed)
        for name in header
        if name not in fields
    ]
    problems += [
        Problem(file, line, name, "the column twice", "each column once")
        for name in dict.fromkeys(header)
        if header.count(name) > 1
    ]
    required = [field.alias or name for name, field in model.model_fields.items() if field.is_required()]
    problems += [Problem(file, line, name, "no such column", allowed) for name in required if name not in header]
    return problems


def _has_decimal_commas(rows: list[_Row]) -> bool:
    """Tell whether commas are decimal: some number has one, and none has a point."""
    cells = [cell for row in rows for cell in row.values.values()]
    return any(_DECIMAL_COMMA.fullmatch(cell) for cell in cells) and not any(
        re.fullmatch(r"[+-]?\d+\.\d+", cell) for cell in cells
    )


def _with_points(row: _Row) -> _Row:
    values = {
        key: cell.replace(",", ".") if _DECIMAL_COMMA.fullmatch(cell) else cell for key, cell in row.values.items()
    }
    return _Row(row.line, values)


def _list_names(path: Path) -> set[str] | None:
    """Return the names in a table of sites, of sound rows and broken ones; None where not all can be read."""
    problems: list[Problem] = []
    rows = _read_rows(path, SiteFields, problems)
    return None if problems or any("name" not in row.values for row in rows) else {row.values["name"] for row in rows}


def _index_names(path: Path, rows: list[tuple[int, Record]], kind: str, problems: list[Problem]) -> dict[str, int]:
    """Return the place of each name among the records; adds names used twice to ``problems``."""
    index: dict[str, int] = {}
    for place, (line, row) in enumerate(rows):
        name = row.name  # type: ignore[attr-defined]
        if name is None:
            continue
        if name in index:
            problems.append(Problem(str(path), line, "name", f"{name!r} again", f"a name that no other {kind} has"))
        index.setdefault(name, place)
    return index


def _check_ends(file: str, line: int, row: BaseModel, keys: tuple[str, str], known: set[str] | None) -> list[Problem]:
    names = [getattr(row, key) for key in keys]
    columns = [key.removesuffix("_site") for key in keys]
    problems = [
        Problem(file, line, column, f"{show_value(name)}{suggest(name, known or ())}", "the name of a site")
        for column, name in zip(columns, names, strict=True)
        if known is not None and name not in known
    ]
    if names[0] == names[1]:
        problems.append(Problem(file, line, columns[1], f"{names[1]!r}, the same site as {columns[0]}", "another site"))
    return problems
