"""The thread that writes finished chunks while the next ones are evaluated."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from lightlane.errors import ParameterError
from lightlane.results.parquet import EncodedTable
from lightlane.results.store import explain_refusal
from lightlane.results.writer import FolderWriter

Encode = Callable[[], dict[str, EncodedTable]]
_WAITING_CHUNKS = 1
"""Chunks that wait for the writer, besides the one that it writes and the one that is evaluated: memory is theirs."""
_PATIENCE_S = 1.0
"""How often a thread that waits looks up, on systems where a signal does not wake it."""


class ChunkSink:
    """Takes chunks from one thread and writes them in another; leaving it waits until all that it took are written."""

    def __init__(self, writer: FolderWriter) -> None:
        self._writer = writer
        self._queue: queue.Queue[tuple[str, Encode] | None] = queue.Queue(_WAITING_CHUNKS)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._write, name="lightlane-writer", daemon=True)

    @property
    def written_count(self) -> int:
        """Number of chunks that are recorded, those of earlier runs included."""
        return self._writer.recorded_count

    def put(self, chunk: str, encode: Encode) -> None:
        """Hand over a chunk, whose bytes are made by the writing thread; wait while it is behind.

        Raises
        ------
        ParameterError
            If the folder cannot be written any more: full, read-only, gone.
        """
        self._refuse()
        self._offer((chunk, encode))
        self._refuse()

    def _offer(self, item: tuple[str, Encode] | None) -> None:
        while True:
            try:
                return self._queue.put(item, timeout=_PATIENCE_S)
            except queue.Full:
                continue

    def _refuse(self) -> None:
        if self._error is not None:
            raise self._error

    def _write(self) -> None:
        while (item := self._queue.get()) is not None:
            if self._error is not None:
                continue  # whoever puts must not wait for a writer that has given up
            chunk, encode = item
            try:
                self._writer.add(chunk, encode())
            except OSError as error:
                text = f"{explain_refusal(self._writer.folder, error)}; {self._writer.describe()}"
                self._error = ParameterError(text)
            except BaseException as error:  # noqa: BLE001 - it is raised again where somebody sees it
                self._error = error

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._offer(None)
        wait_for(self._thread)
        if error is None:
            self._refuse()


def wait_for(thread: threading.Thread) -> None:
    """Wait until a thread ends; Ctrl-C ends the waiting."""
    while thread.is_alive():
        thread.join(_PATIENCE_S)
