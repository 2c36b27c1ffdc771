"""The scenario that a results folder was made of, taken up again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lightlane.catalog.load import Catalog, add_distributions, load_catalog
from lightlane.errors import FormatError, Problem
from lightlane.fabric.topology import Fabric
from lightlane.files import find_misfits
from lightlane.plan.manifest import hash_fabric
from lightlane.results.folder import ResultsFolder
from lightlane.results.manifest import MANIFEST_NAME
from lightlane.results.state_fabric import GIVEN_FABRIC
from lightlane.scenario.schema import Scenario

GIVEN = "(given)"
"""In place of the fabric's file, which the manifest does not name."""


@dataclass(frozen=True, slots=True)
class RecordedScenario:
    """A scenario with the fabric and the parts that it ran on.

    Attributes
    ----------
    notes
        What is not as it was in the run, in words; empty: a run of these gives the same numbers.
    """

    scenario: Scenario
    fabric: Fabric
    catalog: Catalog
    notes: tuple[str, ...]


def recall_scenario(folder: ResultsFolder, *, catalog: Catalog | None = None) -> RecordedScenario:
    """Return what a results folder was made of.

    Parameters
    ----------
    folder
        Of a run of this release or another.
    catalog
        That the run had; absent: the shipped parts.

    Raises
    ------
    FormatError
        If the manifest holds no scenario, or one that this release does not take.
    """
    manifest = folder.manifest
    plain = manifest.get("scenario")
    if not isinstance(plain, dict):
        raise _refuse(folder.path, "scenario", "nothing", "the scenario that `lightlane run` writes there")
    scenario = _validate(folder.path, ("scenario",), {**plain, "fabric": GIVEN}, Scenario)
    key = GIVEN_FABRIC if GIVEN_FABRIC in manifest else "fabric"
    fabric = _validate(folder.path, (key,), manifest.get(key) or {}, Fabric)
    catalog = load_catalog() if catalog is None else catalog
    notes = []
    if hash_fabric(fabric) != manifest.get("fabric_sha256"):
        notes.append(
            "the folder keeps the fabric of the first instant, which conditions or events have changed: "
            "what is evaluated from here on may differ from the run"
        )
    if add_distributions(catalog, scenario.distribution).sha256 != manifest.get("catalog_sha256"):
        notes.append(
            "the run had other parts than the catalog of this release, its own or those of another release: "
            "what is evaluated from here on may differ from the run"
        )
    return RecordedScenario(scenario, fabric, catalog, tuple(notes))


def _validate(folder: Path, at: tuple[str, ...], values: dict[str, Any], model: Any) -> Any:
    made, misfits = find_misfits(json.loads(json.dumps(values)), model, at=at)
    if made is None:
        problems = [
            _problem(folder, ".".join(map(str, (*at, *path))), found, allowed) for path, found, allowed in misfits
        ]
        raise FormatError(problems)
    return made


def _refuse(folder: Path, key: str, found: str, allowed: str) -> FormatError:
    return FormatError(_problem(folder, key, found, allowed))


def _problem(folder: Path, key: str, found: str, allowed: str) -> Problem:
    return Problem(str(folder / MANIFEST_NAME), 0, key, found, allowed)
