"""Reading scenario files, and telling them from fabric files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lightlane.errors import FormatError, ParameterError
from lightlane.fabric.load import fabric_of, load_fabric
from lightlane.fabric.topology import Fabric, Finding
from lightlane.files import TomlDocument, read_toml, validate
from lightlane.scenario.findings import own_findings, scenario_findings
from lightlane.scenario.schema import Scenario

if TYPE_CHECKING:
    from lightlane.catalog.load import Catalog


TOPOHUB_PREFIX = "topohub:"
"""Of sources that are no files."""


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
    problems = [document.problem(*finding) for finding in own_findings(scenario)]
    if scenario.fabric is not None and not (folder / scenario.fabric).is_file():
        problems.append(document.problem(("fabric",), repr(scenario.fabric), f"a fabric file, seen from {folder}"))
    if scenario.imported is not None and not scenario.imported.source.startswith(TOPOHUB_PREFIX):
        found = scenario.imported.source
        if not (folder / found).exists():
            where = ("import", "source")
            problems.append(document.problem(where, repr(found), f"a file or folder, seen from {folder}"))
    if scenario.surrogate_folder is not None:
        problems += [document.problem(*finding) for finding in _find_tables(scenario, folder)]
    for index, name in enumerate(scenario.catalog):
        if not (folder / name).is_dir():
            problems.append(document.problem(("catalog", index), repr(name), f"a folder of parts, seen from {folder}"))
    if problems:
        raise FormatError(sorted(problems, key=lambda problem: problem.line))
    return place_scenario(scenario, folder)


def place_scenario(scenario: Scenario, folder: Path) -> Scenario:
    """Return a scenario that was read from ``folder``, its paths made independent of it."""
    paths: dict[str, Any] = {"catalog": tuple(str(folder / name) for name in scenario.catalog)}
    if scenario.fabric is not None:
        paths["fabric"] = str(folder / scenario.fabric)
    if scenario.imported is not None and not scenario.imported.source.startswith(TOPOHUB_PREFIX):
        source = str(folder / scenario.imported.source)
        paths["imported"] = scenario.imported.model_copy(update={"source": source})
    if scenario.surrogate_folder is not None:
        paths["surrogate_folder"] = str(folder / scenario.surrogate_folder)
    return scenario.model_copy(update={name: value for name, value in paths.items() if value})


def _find_tables(scenario: Scenario, folder: Path) -> Iterator[Finding]:
    """Yield what is wrong with the folder of the user's own surrogates."""
    tables = str(scenario.surrogate_folder)
    if not any((folder / tables).glob("*.parquet")):
        yield ("surrogate_folder",), repr(tables), f"a folder of `lightlane surrogate build`, seen from {folder}"
    if scenario.fidelity != "surrogate":
        yield ("surrogate_folder",), repr(tables), 'none, or fidelity = "surrogate" with it'


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
    return source_of(read_toml(path), catalog)


def source_of(document: TomlDocument, catalog: Catalog | None = None) -> Fabric | Scenario:
    """Return the fabric or scenario that ``document`` holds; parameters and errors as of :func:`load_any`."""
    return scenario_of(document) if is_scenario(document) else fabric_of(document, catalog)


def load_fabric_of(scenario: Scenario, catalog: Catalog, document: TomlDocument | None = None) -> Fabric:
    """Read the fabric of a scenario and check what the scenario says of its links.

    Parameters
    ----------
    document
        The file of the scenario, to which problems point.

    Raises
    ------
    FormatError
        If the fabric is wrong, or the scenario's file says what does not hold for it; carries all problems.
    ParameterError
        If a scenario that comes from no file does.
    """
    if scenario.fabric is not None:
        fabric = load_fabric(scenario.fabric, catalog)
    else:
        assert scenario.imported is not None
        fabric = scenario.imported.make_fabric(catalog)
    findings = scenario_findings(scenario, fabric, catalog)
    if document is None:
        findings = own_findings(scenario) + findings
    refuse_findings(findings, document)
    return fabric


def refuse_findings(findings: list[Finding], document: TomlDocument | None) -> None:
    """Refuse what was found, all of it and by line where there is a file, else the first.

    Raises
    ------
    FormatError, ParameterError
        If there are findings.
    """
    if findings and document is not None:
        raise FormatError(sorted((document.problem(*item) for item in findings), key=lambda problem: problem.line))
    for path, found, allowed in findings:
        raise ParameterError(f"{_path_words(path)}: found {found}; allowed: {allowed}")


def _path_words(path: Iterable[str | int]) -> str:
    words = ""
    for step in path:
        words += f"[{step}]" if isinstance(step, int) else f".{step}" if words else step
    return words


def is_scenario(document: TomlDocument) -> bool:
    """Return whether the file is a scenario: it has keys that only scenarios have and none that only fabrics have."""
    keys = set(document.data)
    of_scenarios = {field.alias or name for name, field in Scenario.model_fields.items()}
    only_scenario = of_scenarios - set(Fabric.model_fields)
    only_fabric = set(Fabric.model_fields) - of_scenarios
    return "fabric" in keys or (bool(keys & only_scenario) and not keys & only_fabric)
