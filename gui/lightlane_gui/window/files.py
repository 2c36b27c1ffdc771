"""Opening, saving and exporting, with the messages that go with them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from lightlane import FormatError, LightlaneError, open_results, save_scenario
from lightlane_gui.session.autosave import Autosave
from lightlane_gui.session.opening import demo_path, open_file
from lightlane_gui.session.session import Session
from lightlane_gui.session.session_file import SUFFIX, Opened, save_session
from lightlane_gui.session.settings import Settings
from lightlane_gui.window.banner import Banner
from lightlane_gui.workers.reader import FileReader, Reading

OPENED = f"Fabrics, scenarios, sessions (*.toml *{SUFFIX});;All files (*)"
SAVED = f"Session (*{SUFFIX});;Scenario, to run headless (*.toml)"


class Files(QObject):
    """The files of one window.

    Parameters
    ----------
    open_results
        Called with a results folder that the user named.
    """

    def __init__(
        self,
        session: Session,
        settings: Settings,
        autosave: Autosave,
        banner: Banner,
        window: QWidget,
        open_results: Callable[[Path], object],
    ) -> None:
        super().__init__(window)
        self._session, self._settings, self._autosave = session, settings, autosave
        self._banner, self._window, self._open_results = banner, window, open_results
        self.path: Path | None = None
        """Where the session was saved; None: nowhere yet."""
        self._reader = FileReader(self)
        session.document_opened.connect(self._forget_path)

    # --- opening ----------------------------------------------------------------------------------------------------

    def ask_open(self) -> None:
        """Let the user choose a file."""
        folder = str(self._settings.recent[0].parent) if self._settings.recent else ""
        name, _ = QFileDialog.getOpenFileName(self._window, "Open", folder, OPENED)
        if name:
            self.open(Path(name))

    def ask_open_results(self) -> None:
        """Let the user choose a results folder."""
        name = QFileDialog.getExistingDirectory(self._window, "Open a results folder")
        if name:
            self.open(Path(name))

    def open_demo(self) -> None:
        """Open what comes with the application."""
        self.open(demo_path(), remember=False)

    def open(self, path: Path, *, remember: bool = True) -> bool:
        """Open anything; on a problem it is told in words and what was open stays. Return whether it is open."""
        return self._open(path, partial(open_file, path), remember)

    def begin_with(self, path: Path, *, remember: bool = True, then: Callable[[], object] = lambda: None) -> None:
        """Open what the window begins with: a thread reads it, the window is there meanwhile.

        Parameters
        ----------
        then
            Called when it is open.
        """

        def take(reading: Reading) -> None:
            self._session.announce("")
            if self._open(path, reading.result, remember):
                then()

        if path.is_dir():
            if self.open(path, remember=remember):
                then()
        else:
            self._session.announce(path.name)
            self._reader.begin(path, take)

    def close(self) -> None:
        """End the thread that reads."""
        self._reader.close()

    def _open(self, path: Path, read: Callable[[], Opened], remember: bool) -> bool:
        def again() -> object:
            return self.open(path, remember=remember)

        try:
            if path.is_dir():
                open_results(path)  # raises here, where a banner says it
                self._open_results(path)
            else:
                opened = read()
                # Only now: of a file that cannot be opened nothing would be lost.
                if not self.may_leave():
                    return False
                self._take(opened, path)
        except FormatError as error:
            count = len(error.problems)
            title = f"{path.name} cannot be opened: {count} problem{'s' * (count > 1)}. What was open stays open."
            self.tell(title, [str(problem) for problem in error.problems], again=again)
            return False
        except (LightlaneError, OSError) as error:
            self.tell(f"{path.name} cannot be opened. What was open stays open.", [str(error)], again=again)
            return False
        self._banner.hide()
        if remember:
            self._settings.add_recent(path)
        self._session.notice(f"Opened {path}")
        return True

    def _forget_path(self) -> None:
        # Whoever opened it, the file of what was open before must not be written over.
        self.path = None
        # Nor may what is still being read take its place.
        self._reader.give_up()

    def _take(self, opened: Opened, path: Path) -> None:
        opened.put_into(self._session)
        self.path = path if path.suffix == SUFFIX else None

    def offer_recovery(self) -> None:
        """Offer edits that a window left behind when it ended without a word."""
        found = self._autosave.left_behind()
        if found:
            self._banner.tell(
                "The last window ended before its edits were saved.",
                [str(path) for path in found],
                buttons=[("Recover", lambda: self._recover(found[0])), ("Discard", lambda: _remove(found))],
                theme=self._session.theme,
            )

    def _recover(self, path: Path) -> None:
        if self.open(path, remember=False):
            self.path = None
            # Recovered edits are not saved anywhere that the user knows of.
            self._session.undo_stack.resetClean()
            self._autosave.save()
            _remove([path])

    # --- saving -----------------------------------------------------------------------------------------------------

    def save(self) -> bool:
        """Save the session where it was saved before, else where the user says; return whether it is saved."""
        return self.save_as() if self.path is None else self._write(self.path)

    def save_as(self) -> bool:
        """Save the session, or the scenario alone, where the user says."""
        if self._session.document is None:
            return False
        proposed = self.path or Path(f"{self._session.document.title}{SUFFIX}")
        name, kind = QFileDialog.getSaveFileName(self._window, "Save", str(proposed), SAVED)
        if not name:
            return False
        path = Path(name)
        if not path.suffix:
            path = path.with_suffix(".toml" if kind.startswith("Scenario") else SUFFIX)
        return self._write(path)

    def _write(self, path: Path) -> bool:
        try:
            if path.suffix == SUFFIX:
                save_session(self._session, path)
                self.path = path
            else:
                save_scenario(self._session.form.scenario, path)
        except LightlaneError as error:
            self.tell(f"{path.name} could not be saved.", [str(error)])
            return False
        self._session.undo_stack.setClean()
        self._autosave.discard()
        self._settings.add_recent(path)
        self._session.notice(f"Saved {path}")
        return True

    def may_leave(self) -> bool:
        """Return whether what is open may be left; asks only if edits would be lost."""
        session = self._session
        if session.document is None or session.undo_stack.isClean():
            return True
        button = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self._window,
            "Unsaved changes",
            f"{session.document.title}: keep what you changed?",
            button.Save | button.Discard | button.Cancel,
            button.Save,
        )
        if answer == button.Save:
            return self.save()
        return answer == button.Discard

    def tell(self, title: str, details: list[str], *, again: Callable[[], object] | None = None) -> None:
        """Show what went wrong, and write it into the log."""
        self._session.notice("\n".join([title, *details]), "error")
        buttons = [] if again is None else [("Try again", again)]
        self._banner.tell(title, details, buttons=buttons, theme=self._session.theme)


def _remove(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
        path.with_suffix(".lock").unlink(missing_ok=True)
