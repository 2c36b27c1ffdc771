"""One table of a results folder as one file for other programs."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from lightlane.errors import ParameterError
from lightlane.results.folder import ResultsFolder, filter_expression, state_filter
from lightlane.results.schemas import STORE_SCHEMAS


def export_table(
    opened: ResultsFolder, table: str, output: str | os.PathLike[str], *, variant: str | None = None
) -> int:
    """Write the rows of all finished chunks in the order of the run, some at a time; return their number.

    Raises
    ------
    ParameterError
        If the name does not end in ``.parquet`` or ``.csv``, CSV cannot hold a column, or the file cannot be written.
    """
    path = Path(output)
    if path.suffix not in (".parquet", ".csv"):
        raise ParameterError(f"{str(path)!r} ends in {path.suffix or 'nothing'!r}; allowed: .parquet, .csv")
    opened.require_table(table)
    lists = [name for name, kind in STORE_SCHEMAS[table].items() if kind.endswith("[]")]
    if path.suffix == ".csv" and lists:
        raise ParameterError(f"table {table!r} holds lists, such as {lists[0]}, which CSV has not; allowed: .parquet")
    chosen = state_filter(variant, None, None)
    if not chosen.keys() <= STORE_SCHEMAS[table].keys():
        raise ParameterError(f"table {table!r} has no variant: it is the same for all")
    dataset = opened.dataset(table, chosen)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        rows = _write(dataset.scanner(filter=filter_expression(chosen)).to_batches(), dataset.schema, temporary, path)
        temporary.replace(path)
    except OSError as error:
        raise ParameterError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)
    return rows


def _write(batches: Any, schema: Any, temporary: Path, path: Path) -> int:
    import pyarrow as pa
    import pyarrow.csv as pc
    import pyarrow.parquet as pq

    plain = pa.schema(
        [field.with_type(pa.string()) if pa.types.is_dictionary(field.type) else field for field in schema]
    )
    rows = 0
    make = pc.CSVWriter if path.suffix == ".csv" else pq.ParquetWriter
    with make(temporary, plain) as writer:
        for batch in batches:
            writer.write_table(pa.Table.from_batches([batch]).cast(plain))
            rows += batch.num_rows
    return rows
