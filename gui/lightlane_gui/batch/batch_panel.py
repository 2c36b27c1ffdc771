"""The panel of batches: set up, jobs, results."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QPushButton, QScrollArea, QSplitter, QVBoxLayout, QWidget

from lightlane_gui.batch.child import RunRequest
from lightlane_gui.batch.jobs import JobManager
from lightlane_gui.batch.jobs_view import JobsView
from lightlane_gui.batch.results_view import ResultsView
from lightlane_gui.batch.setup_form import SetupForm
from lightlane_gui.session.session import Session

LEFT_WIDTH = 390


class BatchPanel(QWidget):
    """Starts runs and shows results folders; :meth:`close_workers` ends its threads, ``jobs.close()`` the runs."""

    def __init__(self, session: Session, jobs: JobManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.jobs = session, jobs
        self.setup = SetupForm(session)
        self.jobs_view = JobsView(session, jobs)
        self.results = ResultsView(session)
        open_button = QPushButton("Open results folder…")
        open_button.setToolTip("Show a results folder that was made headless")
        open_button.clicked.connect(self.ask_folder)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.setup)
        column.addWidget(self.jobs_view, 1)
        bottom = QVBoxLayout()
        bottom.setContentsMargins(8, 0, 8, 8)
        bottom.addWidget(open_button)
        column.addLayout(bottom)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(left)
        scroll.setMinimumWidth(LEFT_WIDTH)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        splitter = QSplitter()
        splitter.addWidget(scroll)
        splitter.addWidget(self.results)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([LEFT_WIDTH, 2 * LEFT_WIDTH])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)
        self.setup.asked.connect(self._start)
        self.jobs_view.chosen.connect(lambda folder: self.results.open(folder, is_starting=True))
        self._actions = self._make_actions()

    def actions_offered(self) -> list[QAction]:
        """Return what can be done here, for menus and the palette."""
        return self._actions

    def open_folder(self, path: Path) -> None:
        """Show a results folder, complete or growing."""
        self.results.open(path)

    def ask_folder(self) -> None:
        """Let the user choose a results folder."""
        chosen = QFileDialog.getExistingDirectory(self, "Results folder, as `lightlane run` writes it")
        if chosen:
            self.open_folder(Path(chosen))

    def close_workers(self) -> None:
        """End the threads that read."""
        self.results.close_workers()

    def _start(self, request: RunRequest) -> None:
        self.jobs.start(request)
        self.setup.suggest()

    def _make_actions(self) -> list[QAction]:
        actions = []
        for text, meaning, act in (
            ("Open results folder…", "Show a results folder that was made headless", self.ask_folder),
            ("Start batch", "Run what is set up in the batch panel", self.setup.start.click),
            ("Cancel job", "End the run that is chosen in the list", self.jobs_view.cancel.click),
            ("Retry job", "Go on with the run that is chosen in the list", self.jobs_view.retry.click),
        ):
            action = QAction(text, self)
            action.setToolTip(meaning)
            action.triggered.connect(lambda _=False, act=act: act())
            actions.append(action)
        return actions
