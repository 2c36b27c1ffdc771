"""However often a writer dies, at any of its calls of the system: the folder is readable, and is resumed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightlane.errors import FormatError
from lightlane.results.folder import open_results
from lightlane.results.parquet import EncodedTable, encode_tables
from lightlane.results.records import Table, build_table
from lightlane.results.schemas import STORE_SCHEMAS
from lightlane.results.verify import verify_results
from lightlane.results.writer import FolderWriter, create_folder

CHUNKS = tuple(f"chunk-{number}" for number in range(4))
CALLS = ("open", "write", "fsync", "replace", "rename", "unlink", "mkdir", "ftruncate", "chmod", "rmdir")


class Death(BaseException):
    """What a killed process does not notice."""


class Fate:
    """Counts calls of the system and ends the process's life at one of them; a dead process calls nothing."""

    def __init__(self, calls_count: int | None) -> None:
        self.left_count = calls_count
        self.used_count = 0

    def meet(self) -> bool:
        """Count a call and tell whether it is the last one, of which a part may happen."""
        if self.left_count is None:
            self.used_count += 1
            return False
        self.left_count -= 1
        if self.left_count < 0:
            raise Death
        return self.left_count == 0


@contextmanager
def mortal(fate: Fate) -> Iterator[None]:
    """Let a writer in this process die as ``fate`` wants."""

    def wrap(name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def call(*arguments: Any, **named: Any) -> Any:
            if not fate.meet():
                return real(*arguments, **named)
            if name == "write":  # a torn line
                real(arguments[0], arguments[1][: len(arguments[1]) // 2])
            elif name not in ("fsync", "open"):
                real(*arguments, **named)
            raise Death

        return call

    patches = [mock.patch.object(os, name, wrap(name)) for name in CALLS]
    # What a file object writes does not go through os.write: a death before fsync leaves it whole, half or empty.
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in patches:
            patch.stop()


def _tables(number: int) -> dict[str, Table]:
    rng = np.random.default_rng(number)
    out = {}
    for name in ("events", "points"):
        values = {
            column: rng.integers(0, 5, 3).astype(str).astype(object) if kind == "str" else rng.integers(0, 5, 3)
            for column, kind in STORE_SCHEMAS[name].items()
        }
        out[name] = build_table(STORE_SCHEMAS[name], values)
    return out


ENCODED: dict[str, dict[str, EncodedTable]] = {
    chunk: encode_tables(_tables(number)) for number, chunk in enumerate(CHUNKS)
}


def write(folder: Path, fate: Fate) -> bool:
    """Be a process that writes what is missing; return whether it lived to the end."""
    try:
        with mortal(fate):
            if not folder.exists():
                create_folder(folder, {"name": "x"}, CHUNKS, "f" * 64)
            writer = FolderWriter(folder)
            if not writer.complete:
                for chunk in CHUNKS:
                    if chunk not in writer.recorded:
                        writer.add(chunk, ENCODED[chunk])
                writer.finish()
            writer.__exit__(None, None, None)
    except Death:
        return False
    return True


def check(folder: Path) -> int:
    """Check what a reader finds; return the number of finished chunks."""
    if not folder.exists():
        return 0
    opened = open_results(folder)
    for record in opened.chunks():
        for name, path in record.paths(folder).items():
            assert path.read_bytes() == ENCODED[record.chunk][name].data
    assert opened.arrow("events").num_rows == 3 * len(opened.chunks())
    assert opened.manifest["complete"] <= (len(opened.chunks()) == len(CHUNKS))
    assert verify_results(folder).problems == ()
    return len(opened.chunks())


def _check_end(folder: Path) -> None:
    assert check(folder) == len(CHUNKS)
    assert open_results(folder).manifest["complete"]
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {"manifest.json", *(f"{name}/{chunk}.parquet" for chunk in CHUNKS for name in ("events", "points"))}


def count_calls() -> int:
    """Return the calls of a life without a death."""
    with tempfile.TemporaryDirectory() as place:
        fate = Fate(None)
        assert write(Path(place) / "run", fate)
        _check_end(Path(place) / "run")
        return fate.used_count


CALLS_COUNT = count_calls()


def test_the_deaths_are_all_over_the_work() -> None:
    # Each of eight files takes open, fsync, rename and the folder's open and fsync; each chunk a line and its fsync.
    assert CALLS_COUNT >= 8 * 5 + 4 * 2


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, CALLS_COUNT + 3), max_size=6))
def test_any_deaths_leave_a_readable_folder(lives: list[int]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder, before = Path(place) / "run", 0
        for calls_count in lives:
            write(folder, Fate(calls_count))
            kept = check(folder)
            assert kept >= before, "a finished chunk was lost"
            before = kept
        assert write(folder, Fate(None))
        _check_end(folder)


@pytest.mark.slow
def test_a_death_at_each_call() -> None:
    for first in range(1, CALLS_COUNT + 1):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "run"
            assert not write(folder, Fate(first))
            check(folder)
            assert write(folder, Fate(None))
            _check_end(folder)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_journal_cut_anywhere_has_its_first_lines(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "run"
        create_folder(folder, {}, CHUNKS, "")
        with FolderWriter(folder) as writer:
            for chunk in CHUNKS:
                writer.add(chunk, ENCODED[chunk])
        journal = folder / "chunks.jsonl"
        whole = journal.read_bytes()
        cut = data.draw(st.integers(0, len(whole)))
        journal.write_bytes(whole[:cut])
        expected = whole[:cut].count(b"\n")
        assert len(open_results(folder).chunks()) == expected
        # A letter that was changed is found; or it spoils the last line, or joins it to the one before: those chunks
        # are not there and are done again.
        place_index = data.draw(st.integers(0, len(whole) - 1))
        changed = bytearray(whole)
        changed[place_index] ^= data.draw(st.integers(1, 255))
        journal.write_bytes(changed)
        try:
            opened = open_results(folder)
        except FormatError:
            return
        assert len(CHUNKS) - 2 <= len(opened.chunks()) < len(CHUNKS) or verify_results(folder).problems
