"""Reading and writing fabric files, with every problem of a file named at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lightlane.errors import FormatError
from lightlane.fabric.catalog_check import catalog_problems
from lightlane.fabric.topology import Fabric, reference_problems
from lightlane.files import TomlDocument, format_toml, read_toml, validate, write_atomically

if TYPE_CHECKING:
    from lightlane.catalog.load import Catalog


def load_fabric(path: Path | str, catalog: Catalog | None = None) -> Fabric:
    """Read a fabric file.

    Parameters
    ----------
    path
        The TOML file.
    catalog
        Where the parts that the fabric names must stand; absent: they are not looked up.

    Raises
    ------
    FormatError
        With every problem of the file's form; where there is none, with every name that stands for nothing and every
        part that does not fit.
    """
    return fabric_of(read_toml(path), catalog)


def fabric_of(document: TomlDocument, catalog: Catalog | None = None) -> Fabric:
    """Return the fabric that ``document`` holds; parameters and errors as of :func:`load_fabric`."""
    fabric = validate(document, Fabric)
    findings = reference_problems(fabric)
    if catalog is not None:
        findings += catalog_problems(fabric, catalog)
    if findings:
        problems = [document.problem(*finding) for finding in findings]
        raise FormatError(sorted(problems, key=lambda problem: problem.line))
    return fabric


def fabric_to_toml(fabric: Fabric) -> str:
    """Return ``fabric`` as the text of its file; fields at their default are left out."""
    return format_toml(fabric.model_dump(by_alias=True, exclude_none=True, exclude_defaults=True))


def save_fabric(fabric: Fabric, path: Path | str) -> None:
    """Write ``fabric`` to a TOML file, all of it or nothing.

    Raises
    ------
    ParameterError
        If the file cannot be written.
    """
    write_atomically(path, fabric_to_toml(fabric))
