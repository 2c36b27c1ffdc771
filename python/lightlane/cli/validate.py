"""``lightlane validate``: are these files sound, and if not, what is wrong with each."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from lightlane.cli.console import echo_json, get_console
from lightlane.errors import FormatError, Problem

if TYPE_CHECKING:
    from lightlane.fabric.topology import Fabric
    from lightlane.files import TomlDocument

FileKind = Literal["fabric", "scenario", "catalog", "services", "presets", "reliability"]


@click.command("validate")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option(
    "--catalog", "catalog_folders", multiple=True, type=click.Path(path_type=Path), metavar="DIR", help="Own parts."
)
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON on standard output.")
@click.pass_context
def command(context: click.Context, files: tuple[Path, ...], catalog_folders: tuple[Path, ...], as_json: bool) -> None:
    """Check fabric, scenario, catalog and study files and name every problem in them.

    Each problem is one line: file and line, key, what was found, what is allowed. What a file is follows from its
    content. Exit code 0: all are sound; 2: at least one is not.
    """
    problems: list[Problem] = []
    summaries: list[str] = []
    for file in files:
        try:
            summaries.append(f"{file}: {_check_file(file, catalog_folders)}")
        except FormatError as error:
            problems += [problem for problem in error.problems if problem not in problems]
    if as_json:
        echo_json([_to_dict(problem) for problem in problems])
        context.exit(2 if problems else 0)
    if problems:
        raise FormatError(problems)
    console = get_console()
    for summary in summaries:
        console.print(summary, markup=False, highlight=False, soft_wrap=True)


def _check_file(file: Path, catalog_folders: Sequence[Path]) -> str:
    """Return what the file is, in a few words.

    Raises
    ------
    FormatError
        If it is not sound.
    """
    from lightlane.catalog.load import load_catalog
    from lightlane.fabric.load import fabric_of
    from lightlane.fabric.reliability import Reliability
    from lightlane.fabric.services import PresetFile, Services
    from lightlane.files import read_toml, validate
    from lightlane.scenario.load import load_fabric_of, scenario_of

    document = read_toml(file)
    kind = _tell_kind(document)
    if kind == "catalog":
        return _check_parts(document, catalog_folders)
    if kind == "services":
        return _count(len(validate(document, Services).service), "service") + ", whose sites are those of a fabric"
    if kind == "presets":
        return _count(len(validate(document, PresetFile).preset), "preset") + " of services"
    if kind == "reliability":
        validate(document, Reliability)
        return "reliability of cables, amplifiers, modules and sites"
    if kind == "fabric":
        return _summarize(fabric_of(document, load_catalog(catalog_folders)))
    scenario = scenario_of(document)
    catalog = load_catalog([*catalog_folders, *map(Path, scenario.catalog)])
    return f"scenario {scenario.name!r} of a {_summarize(load_fabric_of(scenario, catalog, document))}"


def _tell_kind(document: TomlDocument) -> FileKind:
    from lightlane.catalog.load import PART_MODELS
    from lightlane.fabric.topology import Fabric
    from lightlane.scenario.load import is_scenario

    if is_scenario(document):
        return "scenario"
    keys = set(document.data)
    only: dict[FileKind, set[str]] = {"services": {"service"}, "presets": {"preset"}, "reliability": {"cable"}}
    for kind, words in only.items():
        if keys & words:
            return kind
    return "catalog" if keys & {*PART_MODELS, "sources"} and not keys & set(Fabric.model_fields) else "fabric"


def _check_parts(document: TomlDocument, catalog_folders: Sequence[Path]) -> str:
    """Load the folder of the file as one of own parts; only this file's problems count."""
    from lightlane.catalog.load import load_catalog

    file, place = document.path, document.path.resolve()
    if file.suffix != ".toml":
        allowed = "a name that ends in .toml, for a catalog reads no other file of its folder"
        raise FormatError(Problem(str(file), 0, "", f"parts in {file.name!r}", allowed))
    folders = {folder.resolve(): folder for folder in (*catalog_folders, file.parent)}
    try:
        load_catalog(folders.values())
    except FormatError as error:
        own = [problem for problem in error.problems if Path(problem.file).resolve() == place]
        if own:
            raise FormatError([dataclasses.replace(problem, file=str(file)) for problem in own]) from error
    counts = [(len(rows), kind.replace("_", " ")) for kind, rows in document.data.items() if kind != "sources"]
    return "catalog file with " + ", ".join(_count(count, noun) for count, noun in counts)


def _summarize(fabric: Fabric) -> str:
    counts = [(fabric.site, "site"), (fabric.duct, "duct"), (fabric.link, "link"), (fabric.demand, "demand")]
    return "fabric with " + ", ".join(_count(len(records), kind) for records, kind in counts)


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _to_dict(problem: Problem) -> dict[str, str | int]:
    keys = ("file", "line", "key", "found", "allowed")
    return {**{key: getattr(problem, key) for key in keys}, "message": str(problem)}
