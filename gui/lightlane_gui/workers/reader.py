"""Reading a file in a thread, while the window lives on."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Thread

from PySide6.QtCore import QObject, Qt, Signal

from lightlane import Variant
from lightlane_gui.session.document import BASE
from lightlane_gui.session.opening import open_file
from lightlane_gui.session.session_file import Opened

Reading = Future[Opened]
"""What was read, or the error that it ended with."""


class FileReader(QObject):
    """Reads one file at a time; of one that was given up nobody hears again."""

    _ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reading: Reading | None = None
        self._then: Callable[[Reading], object] = lambda _: None
        self._thread: Thread | None = None
        self._ended.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def begin(self, path: Path, then: Callable[[Reading], object]) -> None:
        """Read a file; ``then`` is called in the window's thread, in a turn of its own."""
        self._reading, self._then = Future(), then
        self._thread = Thread(target=self._read, args=(path, self._reading), name="reader", daemon=True)
        self._thread.start()

    def give_up(self) -> None:
        """Call nobody back."""
        self._reading = None

    def close(self) -> None:
        """Give up, and wait for the end of the thread."""
        self.give_up()
        if self._thread is not None:
            self._thread.join()

    def _read(self, path: Path, reading: Reading) -> None:
        try:
            reading.set_result(open_file(path))
        except Exception as error:  # noqa: BLE001 - raised again where it is asked for
            reading.set_exception(error)
        self._ended.emit(reading)
        # What the first edit is made of is built when it is first used: here, so that no slider waits for it.
        Variant(name=BASE)

    def _tell(self, reading: Reading) -> None:
        if reading is self._reading:
            self._reading = None
            self._then(reading)
