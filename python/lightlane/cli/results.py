"""``lightlane results``: what is in a results folder, whether it is whole, and answers in SQL."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lightlane.cli.console import echo_json, get_answer_console
from lightlane.cli.results_diff import diff
from lightlane.errors import ParameterError

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN_ROWS = 200
"""Rows that people get to see; machines get all."""

folder_argument = click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON to standard output.")


@click.group(name="results", short_help="Show, check, query and export results folders.")
def command() -> None:
    """Show, check, query and export a results folder, complete or growing."""


command.add_command(diff)


@command.command(name="show")
@folder_argument
@json_option
def show(folder: Path, *, as_json: bool) -> None:
    """Tell what is inside: variants, points, steps, tables with rows and bytes, complete or not."""
    from lightlane.results.folder import open_results
    from lightlane.results.summary import summarize_folder

    summary = summarize_folder(open_results(folder))
    if as_json:
        echo_json({"results": str(folder), **summary})
        return
    from rich.table import Table

    console = get_answer_console()
    done = "complete" if summary["complete"] else "not complete, `lightlane run --resume` does the rest"
    console.print(f"{summary['chunks']} of {summary['chunks_planned']} chunks, {done}", markup=False)
    for variant, counts in summary["variants"].items():
        line = f"variant {variant}: {counts['points']} points of the sweep, {counts['steps']} steps in time"
        console.print(line, markup=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False)
    table.add_column("table")
    for name in ("files", "rows", "bytes"):
        table.add_column(name, justify="right")
    for name, counts in summary["tables"].items():
        table.add_row(name, *(f"{counts[key]:,}" for key in ("files", "rows", "bytes")))
    console.print(table)


@command.command(name="verify")
@folder_argument
@json_option
def verify(folder: Path, *, as_json: bool) -> int:
    """Read every file and compare checksum, columns and rows with what was recorded.

    The exit code is 1 if something is wrong; each problem is a line.
    """
    from lightlane.results.verify import verify_results

    found = verify_results(folder)
    if as_json:
        problems = [{"file": p.file, "key": p.key, "found": p.found, "allowed": p.allowed} for p in found.problems]
        counts = {"files": found.files_count, "bytes": found.bytes_count, "complete": found.complete}
        echo_json({"results": str(folder), **counts, "problems": problems})
    else:
        for problem in found.problems:
            click.echo(str(problem), err=True)
        verdict = f"{len(found.problems)} problems" if found.problems else "all as recorded"
        rest = "" if found.complete else "; the run is not complete"
        click.echo(f"{found.files_count} files, {found.bytes_count:,} bytes: {verdict}{rest}", err=True)
    return 1 if found.problems else 0


@command.command(name="query")
@folder_argument
@click.argument("sql", metavar="SQL")
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Write CSV to standard output.")
def query(folder: Path, sql: str, *, as_json: bool, as_csv: bool) -> None:
    """Answer one SELECT in SQL as DuckDB has it over the tables of the folder.

    Tables: lanes, links, demands, steps, events, points, draws, demand_draws, waveforms, and those of studies;
    `describe links` names the columns. Nothing is written and no other file is read.
    """
    if as_json and as_csv:
        raise ParameterError("--json and --csv: allowed: one of them")
    from lightlane.results.folder import open_results

    answer = open_results(folder).query(sql)
    if as_csv:
        _write_csv(answer)
    elif as_json:
        echo_json([_plain(row) for row in answer.to_pylist()])
    else:
        _print_rows(answer)


@command.command(name="export")
@folder_argument
@click.argument("table")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, metavar="FILE", help="A .parquet or .csv file."
)
@click.option("--variant", help="Of this variant alone.")
def export(folder: Path, table: str, output: Path, variant: str | None) -> None:
    """Write one TABLE of all chunks to one file, Parquet or CSV by the name's end."""
    from lightlane.results.export import export_table
    from lightlane.results.folder import open_results

    rows = export_table(open_results(folder), table, output, variant=variant)
    click.echo(f"wrote {rows:,} rows to {output}", err=True)


def _write_csv(answer: pa.Table) -> None:
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(answer.column_names)
    for batch in answer.to_batches(max_chunksize=1 << 14):
        writer.writerows(zip(*(column.to_pylist() for column in batch.columns), strict=True))


def _print_rows(answer: pa.Table) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for field in answer.schema:
        table.add_column(escape(field.name), justify="right" if _is_number(field.type) else "left", overflow="fold")
    for row in answer.slice(0, SHOWN_ROWS).to_pylist():
        table.add_row(*(escape(_show(value)) for value in row.values()))
    console = get_answer_console()
    console.print(table)
    if answer.num_rows > SHOWN_ROWS:
        console.print(f"{answer.num_rows - SHOWN_ROWS:,} rows more; --csv and --json write all", markup=False)


def _is_number(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _show(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: NaN is null, what has no end is its word, other kinds are text."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        if value != value:  # noqa: PLR0124 - NaN
            return None
        return str(value) if value in (float("inf"), float("-inf")) else value
    return value if value is None or isinstance(value, bool | int | str) else str(value)
