"""Everything that is open, as a folder by itself: fabric, scenario, results, report, and how to repeat it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from lightlane import LightlaneError, save_fabric, save_scenario
from lightlane.toolkit import write_atomically
from lightlane_gui.session.session import Session
from lightlane_gui.window.banner import Banner

COMMANDS = (
    ("run", "scenario.toml", "--output", "results", "--overwrite"),
    ("report", "results", "--output", "report.html"),
)
"""What is run in the folder, one after the other: the same as by hand."""


class StateExport(QObject):
    """Writes the folder, then lets the command line make results and report in a process of their own."""

    ended = Signal(bool)
    """Whether all of it is there."""

    def __init__(self, session: Session, banner: Banner, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._banner, self._window = session, banner, window
        self._process = QProcess(self)
        self._process.finished.connect(self._step_ended)
        self._folder = Path()
        self._left: list[tuple[str, ...]] = []

    def ask(self) -> None:
        """Let the user choose the folder."""
        if self._session.document is None:
            return
        name = QFileDialog.getExistingDirectory(self._window, "Export everything into a folder")
        if name:
            self.start(Path(name))

    def start(self, folder: Path) -> None:
        """Write fabric and scenario into ``folder``, run it and make its report, beside the window."""
        document = self._session.document
        if document is None or self._left:
            return
        scenario = self._session.form.scenario.model_copy(update={"fabric": str(folder / "fabric.toml")})
        lines = ["# In this folder:", *(" ".join(("lightlane", *command)) for command in COMMANDS), ""]
        try:
            save_fabric(document.fabric, folder / "fabric.toml")
            save_scenario(scenario, folder / "scenario.toml")
            write_atomically(folder / "repeat.sh", "\n".join(lines))
        except LightlaneError as error:
            self._fail(str(error))
            return
        self._folder, self._left = folder, list(COMMANDS)
        self._next()

    def cancel(self) -> None:
        """End what is running; what is finished stays."""
        if self._left:
            self._left = []
            self._process.terminate()
            self._session.notice(f"Export into {self._folder} cancelled; what is finished stays there", "warning")

    def close(self) -> None:
        """End everything with the window."""
        self._left = []
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(2000)

    def _next(self) -> None:
        command = self._left[0]
        self._banner.tell(
            f"Export into {self._folder}: {'running the scenario' if command[0] == 'run' else 'making the report'} …",
            buttons=[("Cancel", self.cancel)],
            theme=self._session.theme,
        )
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
        self._process.setProcessEnvironment(environment)
        self._process.setWorkingDirectory(str(self._folder))
        self._process.start(sys.executable, ["-m", "lightlane", *command])

    def _step_ended(self, code: int, status: QProcess.ExitStatus) -> None:
        if not self._left:
            return
        if code != 0 or status != QProcess.ExitStatus.NormalExit:
            said = bytes(self._process.readAllStandardError().data()).decode(errors="replace").strip()
            self._left = []
            self._fail(said or f"lightlane ended with code {code}")
            return
        self._left.pop(0)
        if self._left:
            self._next()
            return
        self._session.notice(f"Exported everything into {self._folder}")
        self._banner.tell(
            f"Exported into {self._folder}: fabric.toml, scenario.toml, results, report.html, repeat.sh",
            theme=self._session.theme,
        )
        self.ended.emit(True)

    def _fail(self, text: str) -> None:
        self._session.notice(text, "error")
        self._banner.tell("The export did not come to its end.", text.splitlines(), theme=self._session.theme)
        self.ended.emit(False)
