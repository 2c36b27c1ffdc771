"""Autosave: unsaved edits survive a crash."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_state_path
from PySide6.QtCore import QLockFile, QObject, QTimer

from lightlane import LightlaneError
from lightlane_gui.session.session import Session
from lightlane_gui.session.session_file import SUFFIX, save_session

INTERVAL_MS = 30_000


def autosave_folder() -> Path:
    """Return where autosaves of all running windows are."""
    return user_state_path("lightlane") / "autosave"


class Autosave(QObject):
    """Writes the session's edits into a file of this process while they are not saved, and takes it away at the end."""

    def __init__(self, session: Session, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._folder = autosave_folder() if folder is None else folder
        self.path = self._folder / f"{os.getpid()}{SUFFIX}"
        self._lock = _lock(self.path)
        self._saved_version = -1
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.save)
        self._timer.start()

    def save(self) -> bool:
        """Write what is not saved; return whether there was something to write."""
        session = self._session
        if session.document is None or session.undo_stack.isClean():
            self.discard()
            return False
        if session.version == self._saved_version:
            return False
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock.tryLock(0)
            save_session(session, self.path)
        except (LightlaneError, OSError) as error:
            session.notice(f"The edits could not be saved for a crash: {error}", "warning")
            return False
        self._saved_version = session.version
        return True

    def discard(self) -> None:
        """Take the file away: everything is saved, or given up by the user."""
        self.path.unlink(missing_ok=True)
        self._lock.unlock()
        self._saved_version = -1

    def left_behind(self) -> list[Path]:
        """Return files of processes that ended without taking theirs away, latest first."""
        found = [path for path in self._folder.glob(f"*{SUFFIX}") if path != self.path and not _is_in_use(path)]
        return sorted(found, key=lambda path: -path.stat().st_mtime)


def _lock(path: Path) -> QLockFile:
    lock = QLockFile(str(path.with_suffix(".lock")))
    lock.setStaleLockTime(0)
    return lock


def _is_in_use(path: Path) -> bool:
    """Tell whether the process that a file belongs to is running."""
    lock = _lock(path)
    if not lock.tryLock(0):
        return True
    lock.unlock()
    return False
