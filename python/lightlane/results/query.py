"""SQL over a results folder: DuckDB sees the tables of the finished chunks and nothing else of the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightlane.errors import FormatError, ParameterError, Problem
from lightlane.results.schemas import STORE_SCHEMAS

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from lightlane.results.folder import ResultsFolder

# Python variables are no tables, files are neither read nor written, and no statement changes that.
_LOCKED_DOWN: dict[str, str | bool | int | float | list[str]] = {
    "python_enable_replacements": "false",
    "temp_directory": "",
}


def query_folder(folder: ResultsFolder, sql: str) -> pa.Table:
    """Answer one SELECT; every table of the schemas is a view, without rows where no chunk has any.

    Raises
    ------
    ParameterError
        If the SQL is wrong, is not one SELECT, or reads anything but the views.
    FormatError
        If a file of the folder cannot be read.
    """
    import duckdb

    with duckdb.connect(":memory:", config=_LOCKED_DOWN) as connection:
        statement = _parse(connection, sql)
        for name in STORE_SCHEMAS:
            connection.register(name, folder.dataset(name))
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        try:
            return connection.sql(statement).to_arrow_table()
        except duckdb.Error as error:
            raise ParameterError(_explain(error)) from error
        except OSError as error:
            found = str(error).splitlines()[0]
            raise FormatError(Problem(str(folder.path), 0, "", found, "the Parquet tables of a run")) from error


def _parse(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    import duckdb

    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as error:
        raise ParameterError(_explain(error)) from error
    kinds = [statement.type.name for statement in statements]
    if len(kinds) != 1 or kinds[0] not in ("SELECT", "EXPLAIN"):
        raise ParameterError(
            f"SQL: found {', '.join(kinds) or 'no statement'}; allowed: one SELECT, which changes nothing"
        )
    return statements[0]


def _explain(error: duckdb.Error) -> str:
    """Return DuckDB's words on one line, with the place that it points to."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip(" ^")]
    return "SQL: " + "; ".join(lines)
