"""``lightlane schema``: what may stand in each kind of file, as JSON schema."""

from __future__ import annotations

from pathlib import Path

import click

from lightlane.cli.console import echo_json, get_console


@click.command("schema")
@click.argument("kind", required=False)
@click.option(
    "--write",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write the schema of each kind of file to DIR.",
)
@click.option("--json", "as_json", is_flag=True, help="List the kinds as JSON where none is named.")
def command(kind: str | None, folder: Path | None, as_json: bool) -> None:
    """Print the JSON schema of KIND: fabric, scenario, catalog, services …, or a row of the catalog such as fiber.

    Without KIND the kinds are listed. Editors use such schemas to complete keys and to mark what is wrong.
    """
    from lightlane.errors import ParameterError
    from lightlane.schemas import FILE_KINDS, format_schema, get_schema, list_schemas

    if folder is not None:
        if kind is not None:
            raise ParameterError("--write writes the schemas of all kinds of files; leave KIND away")
        write_schemas(folder)
        get_console().print(f"{len(FILE_KINDS)} schemas written to {folder}", markup=False, highlight=False)
    elif kind is not None:
        click.echo(format_schema(get_schema(kind)), nl=False)
    elif as_json:
        echo_json(list_schemas())
    else:
        click.echo("\n".join(list_schemas()))


def write_schemas(folder: Path) -> list[Path]:
    """Write the schema of every kind of file to ``folder`` and return the files."""
    from lightlane.errors import ParameterError
    from lightlane.files import write_atomically
    from lightlane.schemas import FILE_KINDS, format_schema, get_schema

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ParameterError(f"cannot write to {folder}: {error.strerror}") from error
    files = []
    for kind in FILE_KINDS:
        files.append(folder / f"{kind}.schema.json")
        write_atomically(files[-1], format_schema(get_schema(kind)))
    return files
