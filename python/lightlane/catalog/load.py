"""Loading the catalog: the shipped parts, the user's folders over them, and every problem of all files at once."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from lightlane.catalog.distributions import Distribution
from lightlane.catalog.parts import Amplifier, CoherentMode, DirectMode, Fec, Fiber, Module, Part, Passive
from lightlane.errors import FormatError, ParameterError, Problem
from lightlane.files import TomlDocument, problems_of, read_toml, show_value, suggest

SHIPPED_FOLDER = Path(__file__).parent / "data"
"""Where the parts lie that come with the package."""

PART_MODELS: dict[str, type[Part]] = {
    "module": Module,
    "coherent_mode": CoherentMode,
    "direct_mode": DirectMode,
    "fiber": Fiber,
    "amplifier": Amplifier,
    "passive": Passive,
    "fec": Fec,
    "distribution": Distribution,
}
"""Top-level key of a part file and the model of its tables."""

FAMILIES: dict[str, str] = {
    "module": "modules",
    "coherent_mode": "modes",
    "direct_mode": "modes",
    "fiber": "fibers",
    "amplifier": "amplifiers",
    "passive": "passives",
    "fec": "fecs",
    "distribution": "distributions",
}
"""Top-level key of a part file and the family whose ids it shares; a family is a field of the catalog."""

AnyPart = TypeVar("AnyPart", bound=Part)


@dataclass(frozen=True, slots=True)
class Catalog:
    """The parts that links are made of, by id.

    Attributes
    ----------
    modules, modes, fibers, amplifiers, passives, fecs, distributions
        The parts of each family by id, in the order of their files.
    sha256
        Hash of the content; the same parts in any files and order have the same hash.
    folders
        The user's folders that were read besides the shipped parts.
    """

    modules: Mapping[str, Module]
    modes: Mapping[str, CoherentMode | DirectMode]
    fibers: Mapping[str, Fiber]
    amplifiers: Mapping[str, Amplifier]
    passives: Mapping[str, Passive]
    fecs: Mapping[str, Fec]
    distributions: Mapping[str, Distribution]
    sha256: str
    folders: tuple[Path, ...] = ()

    def get_module(self, part: str) -> Module:
        """Return a module by id; raise ParameterError, naming near ids, if there is none."""
        return _get(self.modules, part, "module")

    def get_mode(self, part: str) -> CoherentMode | DirectMode:
        """Return a mode by id; raise ParameterError, naming near ids, if there is none."""
        if part not in self.modes:
            _get(self.modes, part, "mode")
        return self.modes[part]

    def get_fiber(self, part: str) -> Fiber:
        """Return a fiber by id; raise ParameterError, naming near ids, if there is none."""
        return _get(self.fibers, part, "fiber")

    def get_amplifier(self, part: str) -> Amplifier:
        """Return an amplifier by id; raise ParameterError, naming near ids, if there is none."""
        return _get(self.amplifiers, part, "amplifier")

    def get_passive(self, part: str) -> Passive:
        """Return a passive part by id; raise ParameterError, naming near ids, if there is none."""
        return _get(self.passives, part, "passive")

    def get_fec(self, part: str) -> Fec:
        """Return a FEC by id; raise ParameterError, naming near ids, if there is none."""
        return _get(self.fecs, part, "fec")

    def families(self) -> dict[str, Mapping[str, Part]]:
        """Return every family under its name, modules first."""
        return {name: getattr(self, name) for name in dict.fromkeys(FAMILIES.values())}

    def find(self, part: str) -> list[tuple[str, Part]]:
        """Return (family, part) of each part with this id: a module and its mode may share one.

        Raises
        ------
        ParameterError
            If no part has it; names near ids.
        """
        found = [(family, parts[part]) for family, parts in self.families().items() if part in parts]
        if not found:
            ids = dict.fromkeys(id_ for parts in self.families().values() for id_ in parts)
            raise ParameterError(_describe_unknown("part", part, ids))
        return found


def load_catalog(folders: Iterable[Path | str] = ()) -> Catalog:
    """Load the shipped parts and, over them, the parts of the user's folders.

    A user's part with the id of a shipped one replaces it. Parts of user files that share an id are an error.

    Parameters
    ----------
    folders
        Folders of TOML files in the form of the shipped ones; subfolders are not searched.

    Raises
    ------
    FormatError
        With every problem of every file.
    """
    return _load(tuple(Path(folder) for folder in folders)) if folders else _load_shipped()


@lru_cache(maxsize=1)
def _load_shipped() -> Catalog:
    return _load(())


@dataclass(slots=True)
class _Row:
    """One table of a part file; ``part`` is None where the table has problems."""

    kind: str
    document: TomlDocument
    part: Part | None
    shipped: bool


@dataclass(slots=True)
class _Reading:
    """What has been read so far: rows by family and id, and the problems by file."""

    rows: dict[str, dict[str, _Row]] = field(default_factory=lambda: {name: {} for name in FAMILIES.values()})
    problems: list[Problem] = field(default_factory=list)


def _load(folders: Sequence[Path]) -> Catalog:
    reading = _Reading()
    for folder in (SHIPPED_FOLDER, *folders):
        for path in _list_files(folder, reading):
            _read_file(path, reading, shipped=folder is SHIPPED_FOLDER)
    _check_references(reading)
    if reading.problems:
        order = {file: place for place, file in enumerate(dict.fromkeys(item.file for item in reading.problems))}
        raise FormatError(sorted(reading.problems, key=lambda item: (order[item.file], item.line)))
    families: dict[str, dict[str, Any]] = {
        family: {name: row.part for name, row in rows.items() if row.part is not None}
        for family, rows in reading.rows.items()
    }
    return Catalog(**families, sha256=_hash_parts(families), folders=tuple(folders))


def _list_files(folder: Path, reading: _Reading) -> list[Path]:
    try:
        if not folder.is_dir():
            found = "a file" if folder.exists() else "no such folder"
            reading.problems.append(Problem(str(folder), 0, "", found, "a folder of TOML files with parts"))
            return []
        files = sorted(path for path in folder.iterdir() if path.suffix == ".toml")
    except OSError as error:
        found = f"a folder that cannot be read ({error.strerror})"
        reading.problems.append(Problem(str(folder), 0, "", found, "a readable folder of TOML files with parts"))
        return []
    if not files:
        # A catalog folder without parts is a wrong path more often than a wish.
        reading.problems.append(Problem(str(folder), 0, "", "no TOML file", "a folder of TOML files with parts"))
    return files


def _read_file(path: Path, reading: _Reading, *, shipped: bool) -> None:
    try:
        document = read_toml(path)
    except FormatError as error:
        reading.problems.extend(error.problems)
        return
    problems = reading.problems
    sources = _read_sources(document, problems)
    for kind, tables in document.data.items():
        if kind == "sources":
            continue
        if kind not in PART_MODELS:
            kinds = [*PART_MODELS, "sources"]
            found = f"unknown kind of part {kind!r}{suggest(kind, kinds)}"
            problems.append(document.problem((kind,), found, "kinds " + ", ".join(kinds)))
        elif not isinstance(tables, dict):
            allowed = f"tables [{kind}.ID], each a part with an id of its own"
            problems.append(document.problem((kind,), _show(tables), allowed))
        else:
            for name, table in tables.items():
                row = _Row(kind, document, _read_part(document, kind, name, table, sources, problems), shipped)
                _add_row(row, name, reading)


def _read_sources(document: TomlDocument, problems: list[Problem]) -> dict[str, str]:
    """Return the file's abbreviations of sources."""
    sources = document.data.get("sources", {})
    if not isinstance(sources, dict):
        problems.append(
            document.problem(("sources",), _show(sources), "a table of abbreviations and the sources they stand for")
        )
        return {}
    for key, text in sources.items():
        if not isinstance(text, str) or len(text) < 3:
            problems.append(document.problem(("sources", key), _show(text), "text that names a source"))
    return {key: text for key, text in sources.items() if isinstance(text, str)}


def _read_part(
    document: TomlDocument, kind: str, name: str, table: Any, sources: Mapping[str, str], problems: list[Problem]
) -> Part | None:
    if not isinstance(table, dict):
        problems.append(
            document.problem((kind, name), _show(table), f"a table [{kind}.{name}] with the fields of the part")
        )
        return None
    if "id" in table:
        # The table's name is the id; a second one could only contradict it.
        problems.append(
            document.problem((kind, name, "id"), "a key 'id'", f"none: the table's name {name!r} is the id")
        )
        return None
    values = {**table, "id": name}
    if isinstance(source := table.get("source"), str):
        values["source"] = sources.get(source, source)
    if isinstance(single := table.get("field_sources"), dict):
        values["field_sources"] = {
            key: sources.get(text, text) if isinstance(text, str) else text for key, text in single.items()
        }
    part, found = problems_of(document, PART_MODELS[kind], data=values, at=(kind, name))
    problems.extend(found)
    return part


def _add_row(row: _Row, name: str, reading: _Reading) -> None:
    rows = reading.rows[FAMILIES[row.kind]]
    earlier = rows.get(name)
    if earlier is not None and (row.shipped or not earlier.shipped):
        place = f"{earlier.document.path}:{earlier.document.line_of((earlier.kind, name))}"
        found = f"{name!r} again, already in {place}"
        allowed = f"an id that no other of the {FAMILIES[row.kind]} has"
        reading.problems.append(row.document.problem((row.kind, name), found, allowed))
        return
    rows[name] = row


def _check_references(reading: _Reading) -> None:
    """Report ids that stand for no part; a part that is itself broken counts, its own problems are reported."""
    fecs, modes = reading.rows["fecs"], reading.rows["modes"]
    for name, row in [*reading.rows["modes"].items(), *reading.rows["modules"].items()]:
        if isinstance(row.part, CoherentMode | DirectMode) and row.part.fec not in fecs:
            found = f"{row.part.fec!r}{suggest(row.part.fec, fecs)}"
            allowed = "the id of a FEC: " + ", ".join(fecs)
            reading.problems.append(row.document.problem((row.kind, name, "fec"), found, allowed))
        if isinstance(row.part, Module):
            for position, mode in enumerate(row.part.modes):
                if mode not in modes:
                    found = f"{mode!r}{suggest(mode, modes)}"
                    reading.problems.append(
                        row.document.problem((row.kind, name, "modes", position), found, "the id of a mode")
                    )
    for name, row in reading.rows["distributions"].items():
        if isinstance(row.part, Distribution):
            _check_parts_of(name, row, row.part, reading)


def _check_parts_of(name: str, row: _Row, distribution: Distribution, reading: _Reading) -> None:
    known = [id_ for family, rows in reading.rows.items() if family != "distributions" for id_ in rows]
    for position, part in enumerate(distribution.parts):
        if part not in known:
            found = f"{part!r}{suggest(part, known)}"
            reading.problems.append(
                row.document.problem((row.kind, name, "parts", position), found, "the id of a part whose figure it is")
            )


def add_distributions(catalog: Catalog, rows: Sequence[Distribution]) -> Catalog:
    """Return a catalog with more distributions, or others of the same ids; its hash says so."""
    if not rows:
        return catalog
    distributions = {**catalog.distributions, **{row.id: row for row in rows}}
    families = {**catalog.families(), "distributions": distributions}
    return replace(catalog, distributions=distributions, sha256=_hash_parts(families))


def _hash_parts(families: Mapping[str, Mapping[str, Part]]) -> str:
    content = {
        family: {name: parts[name].model_dump(exclude_defaults=True) for name in sorted(parts)}
        for family, parts in families.items()
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _get(parts: Mapping[str, AnyPart], name: str, kind: str) -> AnyPart:
    try:
        return parts[name]
    except KeyError:
        raise ParameterError(_describe_unknown(kind, name, parts)) from None


def _describe_unknown(kind: str, name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(repr(item) for item in near)}?" if near else ""
    return f"the catalog has no {kind} {name!r}{hint}"


def _show(value: Any) -> str:
    return show_value(value)
