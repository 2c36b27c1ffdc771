"""``lightlane design``: modules, amplifiers and huts for the adjacencies of a fabric."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lightlane.cli.console import FiniteFloat, require_output

if TYPE_CHECKING:
    from lightlane.catalog.load import Catalog
    from lightlane.fabric.design import Design
    from lightlane.fabric.design_options import DesignOptions

EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("design")
@click.argument("fabric", type=EXISTING_FILE)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Fabric file to write.")
@click.option("--overwrite", is_flag=True, help="Replace the file if it exists.")
@click.option("--margin-db", type=FiniteFloat(), default=1.0, show_default=True, help="Least margin of every link.")
@click.option("--modules", metavar="ID,…", help="Modules to choose from; all of the catalog unless given.")
@click.option(
    "--rate", "rates", multiple=True, type=FiniteFloat(), help="Net Gb/s of a module; 400 and 800 unless given."
)
@click.option("--price-book", type=EXISTING_FILE, help="TOML file of prices: the least cost is chosen, not the watts.")
@click.option("--max-span-km", type=FiniteFloat(), default=80.0, show_default=True, help="Longest span between huts.")
@click.option(
    "--max-single-span-km",
    type=FiniteFloat(),
    default=120.0,
    show_default=True,
    help="Longest amplified span without a hut.",
)
@click.option("--max-fiber-pairs", type=int, help="Most fiber pairs between two sites.")
@click.option("--no-assumed", is_flag=True, help="Take no verdict that rests on assumed values.")
@click.option("--fiber-limits", is_flag=True, help="Take fibers at their specified limits, not their typical figures.")
@click.option("--redesign", is_flag=True, help="Drop the links that the fabric has and choose all again.")
@click.option("--explain", "explained", multiple=True, metavar="LINK", help="Say why: a link, or the duct under it.")
@click.option(
    "--catalog",
    "catalogs",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of own parts; may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Choices and reasons as JSON on standard output.")
@click.pass_context
def command(context: click.Context, /, **options: Any) -> None:
    """Choose modules, amplifiers and huts, so that every link closes at the least watts or the least cost.

    FABRIC is a fabric file with sites, ducts and demands. Adjacencies that have a link keep it. Exit code 1: at least
    one adjacency cannot be closed; the file is written with the others.

    \b
    Examples:
      lightlane design germany.toml -o designed.toml
      lightlane design germany.toml -o designed.toml --rate 800 --margin-db 3 --explain Berlin-Leipzig-1
    """  # noqa: D301 - the escape is click's mark for lines that stay as they are
    from lightlane.catalog.load import load_catalog
    from lightlane.cli.console import echo_json
    from lightlane.cli.design_view import explain_adjacency, find_adjacency, print_summary
    from lightlane.fabric.load import load_fabric, save_fabric

    output = require_output(options["output"], overwrite=options["overwrite"], example="designed.toml")
    catalog = load_catalog(options["catalogs"])
    fabric = load_fabric(options["fabric"], catalog)
    chosen = _read_options(options, catalog)
    design = _run(fabric, catalog, chosen)
    explained = [find_adjacency(design, name) for name in options["explained"]]
    save_fabric(design.fabric, output)
    print_summary(design, output)
    for found in explained:
        explain_adjacency(found)
    if options["as_json"]:
        echo_json({"file": str(output), "options": chosen.model_dump(), **design.to_dict()})
    context.exit(1 if design.unclosed else 0)


def _read_options(options: dict[str, Any], catalog: Catalog) -> DesignOptions:
    from pydantic import ValidationError

    from lightlane.fabric.design_options import DesignOptions
    from lightlane.fabric.price_book import load_price_book
    from lightlane.files.validation import as_parameter_error

    book = options["price_book"]
    given: dict[str, Any] = {
        "wanted_margin_db": options["margin_db"],
        "modules": tuple(filter(None, (name.strip() for name in (options["modules"] or "").split(",")))),
        "max_span_km": options["max_span_km"],
        "max_single_span_km": options["max_single_span_km"],
        "max_fiber_pairs": options["max_fiber_pairs"],
        "price_book": None if book is None else load_price_book(book, catalog),
        "allow_assumed": not options["no_assumed"],
        "fiber_limits": options["fiber_limits"],
        "redesign": options["redesign"],
    }
    if options["rates"]:
        given["rates_gbps"] = options["rates"]
    try:
        return DesignOptions(**given)
    except ValidationError as error:
        raise as_parameter_error(error) from None


def _run(fabric: Any, catalog: Catalog, options: DesignOptions) -> Design:
    from lightlane.cli.console import progress
    from lightlane.fabric.design import design_fabric

    with progress() as bar:
        task = bar.add_task("Choosing links", total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        return design_fabric(fabric, catalog, options=options, on_progress=show)
