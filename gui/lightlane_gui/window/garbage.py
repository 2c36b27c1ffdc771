"""When garbage is looked for and memory given back: where nobody waits, and not among what stays."""

from __future__ import annotations

import ctypes
import gc
import sys
import time

from PySide6.QtCore import QObject

from lightlane_gui.session.session import Session

THRESHOLDS = (500_000, 10, 10)
"""New objects before the young are looked at, and how often that before the older are: so many that no drag comes to
it. Each state of hundreds of links makes ten thousand objects, and as many of the one before it go by themselves; some
twenty are garbage. To look at the young costs milliseconds a state, at the older some ten of a sudden."""
YOUNG_COUNT = 20_000
"""New objects from which a rest is used to look at them."""
OLD_COUNT = 2
"""Searches of the middle generation since the last whole one, from which a rest is used for another."""
TRIM_S = 30.0
"""Time between two times that memory is given back: to get it again takes a few milliseconds of the next drag."""


class GarbageKeeper(QObject):
    """Looks through everything when the user rests; what a document is made of is then left out until the next one.

    A whole search holds up window and workers: a third of a second for a fabric of 500 links, and a few of them fell
    into each minute of a drag. Without what stays it is a few hundredths.
    """

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        gc.set_threshold(*THRESHOLDS)
        self._is_new = self._had_one = False
        self._trimmed_s = time.monotonic()
        session.document_opened.connect(self._expect)
        # Problems are told when no edit has come for a while.
        session.problems_changed.connect(self._rest)

    def _expect(self) -> None:
        self._is_new = True

    def _rest(self) -> None:
        if not gc.isenabled():
            return  # the window is not complete yet
        if self._is_new:
            self._is_new = False
            if self._had_one:
                gc.unfreeze()  # what was of the document before this one
                gc.collect()
            # Of the first one, nothing is garbage yet: its user waits least just now.
            self._had_one = True
            gc.freeze()
        elif gc.get_count()[2] >= OLD_COUNT:
            gc.collect()
        elif gc.get_count()[0] >= YOUNG_COUNT:
            gc.collect(1)
        if time.monotonic() - self._trimmed_s > TRIM_S:
            self._trimmed_s = time.monotonic()
            give_back_memory()


def give_back_memory() -> None:
    """Give freed memory back to the system, where the C library keeps it: some ten kilobytes of each state else."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc alone
        if trim is not None:
            trim(0)
