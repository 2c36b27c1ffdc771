"""Writing scenarios: the keys that were given, and files as they are seen from the folder of the scenario's file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from lightlane.errors import ParameterError
from lightlane.files import format_toml, write_atomically
from lightlane.scenario.load import TOPOHUB_PREFIX
from lightlane.scenario.schema import Scenario


def scenario_to_data(scenario: Scenario, folder: Path) -> dict[str, Any]:
    """Return ``scenario`` as plain data for a file in ``folder``: keys that were given, paths as seen from there."""
    data = scenario.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True)
    if scenario.fabric is not None:
        data["fabric"] = _seen_from(folder, scenario.fabric)
    if scenario.imported is not None and not scenario.imported.source.startswith(TOPOHUB_PREFIX):
        data["import"]["source"] = _seen_from(folder, scenario.imported.source)
    if scenario.surrogate_folder is not None:
        data["surrogate_folder"] = _seen_from(folder, scenario.surrogate_folder)
    if scenario.catalog:
        data["catalog"] = [_seen_from(folder, name) for name in scenario.catalog]
    return data


def save_scenario(scenario: Scenario, path: Path | str) -> None:
    """Write ``scenario`` to a TOML file, all of it or nothing; files that it names are seen from its folder.

    Raises
    ------
    ParameterError
        If the scenario names no file for its fabric, or the file cannot be written.
    """
    if scenario.fabric is not None and not Path(scenario.fabric).is_file():
        raise ParameterError(f"scenario {scenario.name!r}: fabric: found {scenario.fabric!r}; allowed: a fabric file")
    write_atomically(path, format_toml(scenario_to_data(scenario, Path(path).resolve().parent)))


def _seen_from(folder: Path, name: str) -> str:
    """Return a path as a file in ``folder`` names it."""
    try:
        return Path(os.path.relpath(Path(name).resolve(), folder)).as_posix()
    except ValueError:  # on another drive
        return Path(name).resolve().as_posix()
