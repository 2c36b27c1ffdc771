"""The manifest of a results folder and the list of its finished chunks, read together."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from lightlane.errors import FormatError, ParameterError, Problem
from lightlane.results.journal import JOURNAL_NAME, ChunkRecord, read_journal
from lightlane.results.schemas import STORE_SCHEMAS

RESULTS_FORMAT = 2
"""Number of the layout that is written; format 1 is still read."""
MANIFEST_NAME = "manifest.json"
MANIFEST_KEYS = (
    "lightlane_version", "python_version", "numpy_version", "build", "instruction_set", "seed", "fidelity",
    "wanted_margin_db", "fiber_limits", "catalog_sha256", "fabric_sha256", "created_utc", "fabric", "parts", "assumed",
    "module_bill", "amplifier_bill", "design_notes",
)  # fmt: skip
"""What a report reads from a manifest besides its tables."""
STORE_KEYS = ("format", "complete", "fingerprint", "planned", "chunks")
"""What the store itself keeps in a manifest, beside the header of the run."""
_CHUNK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+=@-]{0,199}")
_RECORDS = TypeAdapter(list[ChunkRecord], config=ConfigDict(defer_build=True))


@dataclass(frozen=True, slots=True)
class FolderState:
    """What a results folder holds at one moment.

    Attributes
    ----------
    manifest
        The header of the run, with ``format`` and ``complete``.
    planned
        The chunks of the run in their order; of a complete run those that are recorded.
    records
        The finished chunks in that order.
    fingerprint
        Checksum of all that results depend on; empty where the folder was written at once.
    journal_bytes
        Size of the part of the journal that holds whole lines; 0 without one.
    """

    manifest: dict[str, Any]
    planned: tuple[str, ...]
    records: tuple[ChunkRecord, ...]
    fingerprint: str
    journal_bytes: int

    @property
    def complete(self) -> bool:
        """Whether the run has ended with all of its chunks."""
        return bool(self.manifest["complete"])


def read_folder_state(folder: Path) -> FolderState:
    """Read manifest and journal of a folder that a run may be writing.

    Raises
    ------
    FormatError
        If there is no manifest, or it or the journal is not as they are written.
    """
    while True:
        manifest = read_manifest(folder)
        require_format(folder, manifest, (RESULTS_FORMAT,))
        if not isinstance(manifest.get("complete"), bool):
            raise _refuse(folder, "complete", repr(manifest.get("complete")), "true or false")
        if manifest["complete"]:
            return _state_of(folder, manifest, _read_records(folder, manifest.get("chunks")), 0)
        try:
            records, size = read_journal(folder / JOURNAL_NAME)
        except FileNotFoundError:
            # No chunk is finished, or all are: then the journal went into a manifest that is newer than ours.
            if read_manifest(folder) != manifest:
                continue
            records, size = [], 0
        except OSError as error:
            raise _refuse(
                folder, "", f"{JOURNAL_NAME}: {error.strerror or error}", "a file that can be read"
            ) from error
        return _state_of(folder, manifest, records, size)


def _state_of(folder: Path, manifest: dict[str, Any], records: list[ChunkRecord], size: int) -> FolderState:
    planned = [record.chunk for record in records] if manifest["complete"] else manifest.get("planned")
    if not isinstance(planned, list) or not all(isinstance(chunk, str) for chunk in planned):
        raise _refuse(folder, "planned", repr(planned)[:60], "the list of the run's chunks")
    try:
        check_chunks(planned)
    except ParameterError as error:
        raise _refuse(folder, "chunks", str(error), "each chunk once, by a name for a file") from error
    place = {chunk: index for index, chunk in enumerate(planned)}
    source = MANIFEST_NAME if manifest["complete"] else JOURNAL_NAME
    for record in records:
        if record.chunk not in place:
            raise _refuse(folder, "", f"{source}: the chunk {record.chunk!r}", "a chunk that was planned")
        for table in record.tables:
            if table not in STORE_SCHEMAS:
                raise _refuse(folder, "", f"{source}: the table {table!r}", ", ".join(STORE_SCHEMAS))
    if len({record.chunk for record in records}) != len(records):
        raise _refuse(folder, "", f"{source}: a chunk twice", "each chunk once")
    header = {key: value for key, value in manifest.items() if key not in STORE_KEYS}
    return FolderState(
        manifest={"format": RESULTS_FORMAT, "complete": manifest["complete"], **header},
        planned=tuple(planned),
        records=tuple(sorted(records, key=lambda record: place[record.chunk])),
        fingerprint=str(manifest.get("fingerprint", "")),
        journal_bytes=size,
    )


def _read_records(folder: Path, found: Any) -> list[ChunkRecord]:
    try:
        return _RECORDS.validate_python(found)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in ("chunks", *first["loc"]))
        raise _refuse(folder, place, repr(first["input"])[:60], first["msg"]) from error


def format_manifest(
    header: Mapping[str, Any],
    *,
    fingerprint: str,
    planned: Iterable[str] = (),
    records: list[ChunkRecord] | None = None,
) -> bytes:
    """Return a manifest as JSON: of a run with ``planned`` chunks that begins, or a complete one with its records.

    Raises
    ------
    ParameterError
        If the header holds what JSON does not have.
    """
    own = {key: value for key, value in header.items() if key not in STORE_KEYS}
    ending: dict[str, Any] = {"fingerprint": fingerprint} if fingerprint else {}
    if records is None:
        ending["planned"] = list(planned)
    else:
        ending["chunks"] = [record.model_dump() for record in records]
    content = {"format": RESULTS_FORMAT, "complete": records is not None, **own, **ending}
    try:
        return (json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
    except (TypeError, ValueError) as error:
        raise ParameterError(f"the manifest holds a value that JSON does not have: {error}") from error


def check_chunks(chunks: Iterable[str]) -> None:
    """Refuse chunks whose names are no names for files, or that are there twice.

    Raises
    ------
    ParameterError
        If so; names the chunk.
    """
    seen: set[str] = set()
    for chunk in chunks:
        if not _CHUNK_ID.fullmatch(chunk):
            raise ParameterError(f"{chunk!r} is no name for a chunk; allowed: 1 to 200 of A-Z a-z 0-9 . _ + = @ -")
        # Some file systems do not tell capitals from small letters.
        if chunk.casefold() in seen:
            raise ParameterError(f"the chunk {chunk!r} is there twice")
        seen.add(chunk.casefold())


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read a manifest of any format as plain data.

    Raises
    ------
    FormatError
        If there is none, or it is no JSON object.
    """
    path = folder / MANIFEST_NAME
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        problem = Problem(str(folder), 0, "", f"no {MANIFEST_NAME}", "a results folder as `lightlane run` writes it")
        raise FormatError(problem) from error
    except OSError as error:
        raise _refuse(folder, "", error.strerror or str(error), "a file that can be read") from error
    except json.JSONDecodeError as error:
        raise _refuse(folder, "", f"no JSON: {error.msg}", "the manifest of a results folder", error.lineno) from error
    except UnicodeDecodeError as error:
        raise _refuse(folder, "", "bytes that are not UTF-8", "the manifest of a results folder") from error
    if not isinstance(manifest, dict):
        raise _refuse(folder, "", f"a JSON {type(manifest).__name__}", "a JSON object")
    return manifest


def require_format(folder: Path, manifest: Mapping[str, Any], allowed: tuple[int, ...]) -> None:
    """Refuse a manifest of another format with a :class:`FormatError`."""
    found = manifest.get("format")
    if isinstance(found, bool) or found not in allowed:
        text = "nothing" if found is None else repr(found)
        raise _refuse(folder, "format", text, " or ".join(str(number) for number in allowed))


def require_report_keys(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Refuse a manifest that lacks what a report reads with a :class:`FormatError`."""
    missing = [key for key in MANIFEST_KEYS if key not in manifest]
    if missing:
        raise _refuse(folder, missing[0], "nothing", "what `lightlane run` writes there")


def _refuse(folder: Path, key: str, found: str, allowed: str, line: int = 0) -> FormatError:
    return FormatError(Problem(str(folder / MANIFEST_NAME), line, key, found, allowed))
