"""Reading scenario files, and telling them from fabric files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lightlane.errors import FormatError
from lightlane.fabric.load import fabric_of
from lightlane.fabric.topology import Fabric
from lightlane.files import TomlDocument, read_toml, validate
from lightlane.scenario.schema import Scenario

if TYPE_CHECKING:
    from lightlane.catalog.load import Catalog


def load_scenario(path: Path | str) -> Scenario:
    """Read a scenario file.

    Returns
    -------
    The scenario, its paths made independent of the folder of the file.

    Raises
    ------
    FormatError
        With every problem of the file. The fabric that it names is looked for and not read.
    """
    return scenario_of(read_toml(path))


def scenario_of(document: TomlDocument) -> Scenario:
    """Return the scenario that ``document`` holds; result and errors as of :func:`load_scenario`."""
    scenario = validate(document, Scenario)
    folder = document.path.parent
    problems = []
    fabric = folder / scenario.fabric
    if not fabric.is_file():
        problems.append(document.problem(("fabric",), repr(scenario.fabric), f"a fabric file, seen from {folder}"))
    for index, name in enumerate(scenario.catalog):
        if not (folder / name).is_dir():
            problems.append(document.problem(("catalog", index), repr(name), f"a folder of parts, seen from {folder}"))
    if problems:
        raise FormatError(sorted(problems, key=lambda problem: problem.line))
    return scenario.model_copy(
        update={"fabric": str(fabric), "catalog": tuple(str(folder / name) for name in scenario.catalog)}
    )


def load_any(path: Path | str, catalog: Catalog | None = None) -> Fabric | Scenario:
    """Read a fabric or a scenario file, whichever it is: a scenario names a fabric.

    Parameters
    ----------
    path
        The TOML file.
    catalog
        Where the parts of a fabric must stand; absent: they are not looked up.

    Raises
    ------
    FormatError
        With every problem of the file.
    """
    document = read_toml(path)
    return scenario_of(document) if is_scenario(document) else fabric_of(document, catalog)


def is_scenario(document: TomlDocument) -> bool:
    """Return whether the file is a scenario: it has keys that only scenarios have and none that only fabrics have."""
    keys = set(document.data)
    only_scenario = set(Scenario.model_fields) - set(Fabric.model_fields)
    only_fabric = set(Fabric.model_fields) - set(Scenario.model_fields)
    return "fabric" in keys or (bool(keys & only_scenario) and not keys & only_fabric)
