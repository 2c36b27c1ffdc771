"""``lightlane catalog``: the parts that links are made of, in a terminal or as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from lightlane.catalog.load import Catalog

FAMILY_NAMES = ("modules", "modes", "fibers", "amplifiers", "passives", "fecs", "distributions")

folders_option = click.option(
    "--catalog",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of TOML files with parts of your own; a part of the same id replaces the shipped one. Repeatable.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON to standard output.")


@click.group(name="catalog", short_help="List and show the parts that links are made of.")
def command() -> None:
    """List and show modules, modes, fibers, amplifiers, passives, FECs and distributions, each with its source."""


@command.command(name="list")
@click.argument("kind", required=False, type=click.Choice(FAMILY_NAMES, case_sensitive=False))
@folders_option
@json_option
def list_parts(kind: str | None, folders: tuple[Path, ...], *, as_json: bool) -> None:
    """List the parts of one KIND or of all, with their key figures."""
    catalog = _load(folders)
    families = {name: parts for name, parts in catalog.families().items() if kind in (None, name)}
    if as_json:
        from lightlane.cli.console import echo_json

        content: dict[str, object] = {"sha256": catalog.sha256}
        for name, parts in families.items():
            content[name] = [part.model_dump(mode="json") for part in parts.values()]
        echo_json(content)
        return
    from lightlane.cli.catalog_view import open_page, print_family

    page = open_page()
    for name, parts in families.items():
        print_family(page, name, list(parts.values()))
    page.print("* rests on assumed values; `lightlane catalog show ID` names them with their reasons.", style="dim")


@command.command(name="show")
@click.argument("part_id", metavar="ID")
@folders_option
@json_option
def show_part(part_id: str, folders: tuple[Path, ...], *, as_json: bool) -> None:
    """Show every figure of the part ID with its unit, its source and what is assumed."""
    catalog = _load(folders)
    found = catalog.find(part_id)
    if as_json:
        from lightlane.cli.console import echo_json

        echo_json([{"family": family, **part.model_dump(mode="json")} for family, part in found])
        return
    from lightlane.cli.catalog_view import open_page, print_part

    page = open_page()
    for _, part in found:
        print_part(page, part)


def _load(folders: tuple[Path, ...]) -> Catalog:
    from lightlane.catalog.load import load_catalog

    return load_catalog(folders)
