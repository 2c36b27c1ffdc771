"""What a study found, and how it is kept: a results folder with one table and the summary in its manifest."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lightlane.errors import FormatError, Problem
from lightlane.results.folder import open_results
from lightlane.results.parquet import table_from_arrow
from lightlane.results.records import Table
from lightlane.results.store import write_tables
from lightlane.results.study_tables import (
    AVAILABILITY_COLUMNS,
    FAILURE_COLUMNS,
    PLACEMENT_COLUMNS,
    STUDY_TABLES,
    UPGRADE_COLUMNS,
)

__all__ = [
    "AVAILABILITY_COLUMNS",
    "FAILURE_COLUMNS",
    "PLACEMENT_COLUMNS",
    "STUDY_TABLES",
    "UPGRADE_COLUMNS",
    "Study",
    "read_study",
    "write_study",
]


@dataclass(frozen=True, slots=True)
class Study:
    """What a study found.

    Attributes
    ----------
    kind
        Which study; a key of :data:`STUDY_TABLES` and the name of its table.
    table
        Its rows.
    summary
        The answers of the whole, JSON-ready.
    manifest
        Where the numbers come from: versions, hashes, the study's settings, the fabric.
    """

    kind: str
    table: Table
    summary: dict[str, Any]
    manifest: dict[str, Any]


def write_study(study: Study, folder: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Write a study to ``folder``: its table and ``manifest.json``, all of it or nothing.

    Raises
    ------
    ParameterError
        If the folder exists and is not to be replaced, is no results folder, or cannot be written.
    """
    manifest = {**study.manifest, "study": study.kind, "summary": study.summary}
    return write_tables({study.kind: study.table}, manifest, folder, overwrite=overwrite)


def read_study(folder: str | os.PathLike[str]) -> Study:
    """Read what :func:`write_study` wrote.

    Raises
    ------
    FormatError
        If the folder is no results folder, or holds no study.
    """
    opened = open_results(folder)
    manifest = dict(opened.manifest)
    kind = manifest.pop("study", None)
    if kind not in STUDY_TABLES or not isinstance(manifest.get("summary"), dict):
        allowed = "the folder of a study, as `lightlane study ... -o DIR` writes it"
        raise FormatError(Problem(str(folder), 0, "study", "nothing" if kind is None else repr(kind), allowed))
    summary = manifest.pop("summary")
    return Study(kind, table_from_arrow(opened.arrow(kind), STUDY_TABLES[kind]), summary, manifest)
