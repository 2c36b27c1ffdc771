"""Tables as Parquet: the same rows are the same bytes, wherever and whenever they are written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lightlane.columns import CodedTexts
from lightlane.errors import ParameterError
from lightlane.results.records import ADDED_LATER, Table, build_table
from lightlane.results.schemas import STORE_SCHEMAS, UNIQUE_TEXTS
from lightlane.units import axis_label, unit_of

SLICE_ROWS = 1 << 16
"""Rows that are turned into Parquet at a time; also the rows of a row group, of which a reader skips whole ones."""


States = dict[str, list[str] | list[int]]


@dataclass(frozen=True, slots=True)
class EncodedTable:
    """A table as the bytes of its Parquet file.

    Attributes
    ----------
    rows
        Number of rows.
    sha256
        Checksum of ``data``, made where ``data`` was.
    data
        The file.
    states
        The variants, and the least and greatest point and step of its rows, by key column.
    """

    rows: int
    sha256: str
    data: bytes
    states: States = field(default_factory=dict)


def encode_tables(tables: Mapping[str, Table]) -> dict[str, EncodedTable]:
    """Return the tables of one chunk as Parquet; those without rows are left out.

    Raises
    ------
    ParameterError
        If a table is not one of :data:`~lightlane.results.schemas.STORE_SCHEMAS` or its columns are not those named
        there.
    """
    encoded = {}
    for name, table in tables.items():
        schema = STORE_SCHEMAS.get(name)
        if schema is None:
            raise ParameterError(f"there is no table {name!r}; allowed: {', '.join(STORE_SCHEMAS)}")
        if set(table.columns) != set(schema):
            missing, surplus = schema.keys() - set(table.columns), set(table.columns) - schema.keys()
            raise ParameterError(
                f"table {name!r} lacks {', '.join(sorted(missing)) or 'nothing'} and has in surplus "
                f"{', '.join(sorted(surplus)) or 'nothing'}"
            )
        if len(table):
            encoded[name] = encode_table(table, schema)
    return encoded


def encode_table(table: Table, schema: Mapping[str, str]) -> EncodedTable:
    """Return a table as Parquet, turned slice by slice, so that a large one is never in memory twice."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink, typed = pa.BufferOutputStream(), arrow_schema(schema)
    with pq.ParquetWriter(sink, typed, compression="zstd", write_page_checksum=True) as writer:
        for start in range(0, max(len(table), 1), SLICE_ROWS):
            writer.write_table(_to_arrow(table, typed, slice(start, start + SLICE_ROWS)))
    data = sink.getvalue().to_pybytes()
    return EncodedTable(len(table), hashlib.sha256(data).hexdigest(), data, find_states(table) if len(table) else {})


def find_states(table: Table) -> States:
    """Return what a reader that looks for a state needs to know of a file without opening it."""
    found: States = {}
    for name in ("variant", "point_index", "step_index"):
        if name not in table.columns:
            continue
        column = table.stored(name)
        if isinstance(column, CodedTexts):
            found[name] = sorted({column.texts[code] for code in np.unique(column.codes).tolist()})
        elif name == "variant":
            found[name] = sorted(set(column.tolist()))
        else:
            found[name] = [int(column.min()), int(column.max())]
    return found


def arrow_schema(schema: Mapping[str, str]) -> Any:
    """Return the Arrow schema of a table: repeating texts as dictionary, units and labels as metadata of the fields."""
    import pyarrow as pa

    fields = []
    for name, kind in schema.items():
        unit = unit_of(name) if kind.startswith("float") else None
        metadata = {"unit": unit, "label": axis_label(name)} if unit is not None else None
        fields.append(pa.field(name, _arrow_type(name, kind), metadata=metadata))
    return pa.schema(fields)


def _arrow_type(name: str, kind: str) -> Any:
    import pyarrow as pa

    if kind.endswith("[]"):
        # Parquet's own name for what stands in a list; Arrow's would be another one after reading.
        return pa.list_(pa.field("element", _plain_type(kind.removesuffix("[]"))))
    if kind == "str" and name not in UNIQUE_TEXTS:
        return pa.dictionary(pa.int32(), pa.string())
    return _plain_type(kind)


def _plain_type(kind: str) -> Any:
    import pyarrow as pa

    return pa.string() if kind == "str" else pa.from_numpy_dtype(np.dtype(kind))


def _to_arrow(table: Table, schema: Any, rows: slice) -> Any:
    """Return some rows as Arrow table; NaN becomes null."""
    import pyarrow as pa

    arrays = []
    for one in schema:
        column = table.stored(one.name)
        if isinstance(column, CodedTexts):
            coded = CodedTexts(column.codes[rows], column.texts)
            arrays.append(_code_to_arrow(coded, unique=pa.types.is_string(one.type)))
        elif pa.types.is_dictionary(one.type):
            arrays.append(pa.array(column[rows], type=pa.string()).dictionary_encode())
        else:
            values = list(column[rows]) if pa.types.is_list(one.type) else column[rows]
            arrays.append(pa.array(values, type=one.type, from_pandas=True))
    return pa.Table.from_arrays(arrays, schema=schema)


def _code_to_arrow(column: CodedTexts, *, unique: bool) -> Any:
    """Return coded texts with their dictionary in the order in which the rows name them.

    The order of a batch's own list of texts tells in what company the rows were evaluated, which the file must not.
    """
    import pyarrow as pa

    if unique:
        return pa.array(column.decode(), type=pa.string())
    rows_count = len(column.codes)
    first = np.full(len(column.texts), rows_count)
    first[column.codes[::-1]] = np.arange(rows_count - 1, -1, -1)
    order = np.argsort(first, kind="stable")[: np.count_nonzero(first < rows_count)]
    places: dict[str, int] = {}
    new = np.zeros(len(column.texts), dtype=np.int32)
    new[order] = [places.setdefault(column.texts[index], len(places)) for index in order]
    codes = pa.array(new[column.codes], type=pa.int32())
    return pa.DictionaryArray.from_arrays(codes, pa.array(list(places), type=pa.string()))


def table_from_arrow(arrow: Any, schema: Mapping[str, str]) -> Table:
    """Return the columns of ``schema`` that an Arrow table holds, as arrays; null becomes NaN in floats.

    Raises
    ------
    ValueError
        If another column than one of floats or one added by a later release has an empty field.
    """
    return build_table(dict(schema), {name: _to_numpy(arrow[name], name, kind) for name, kind in schema.items()})


def _to_numpy(column: Any, name: str, kind: str) -> Any:
    import pyarrow as pa

    if kind == "str" and name in ADDED_LATER:
        column = column.cast(pa.string()).fill_null("")
    if kind not in ("float32", "float64") and column.null_count:
        raise ValueError(f"an empty field in {name!r}, a column of texts, counts or lists")
    if kind.endswith("[]"):
        plain = pa.list_(_plain_type(kind.removesuffix("[]")))
        return [row.values.to_numpy(zero_copy_only=False) for row in column.cast(plain)]
    return column.cast(_plain_type(kind)).to_numpy()
