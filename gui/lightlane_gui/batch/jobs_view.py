"""The list of jobs, newest first, with what can be done to each."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from lightlane_gui.batch.jobs import Job, JobManager
from lightlane_gui.session.session import Session

_WORDS = {"waiting": "waits", "running": "runs", "done": "done", "failed": "failed", "cancelled": "cancelled"}
EMPTY = "No runs yet: set one up above and press Start"


def show_duration(seconds: float) -> str:
    """Return a time that is left in few words."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


class JobRow(QWidget):
    """One job: name, state, progress."""

    def __init__(self) -> None:
        super().__init__()
        self.name, self.state = QLabel(), QLabel()
        self.state.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setStyleSheet("QProgressBar { min-height: 4px; max-height: 4px; border: none; }")
        kept = self.bar.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(kept)
        top = QHBoxLayout()
        top.addWidget(self.name, 1)
        top.addWidget(self.state)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.setSpacing(3)
        layout.addLayout(top)
        layout.addWidget(self.bar)

    def take(self, job: Job) -> None:
        """Show how far it is."""
        self.name.setText(job.request.name)
        words = _WORDS[job.state]
        if job.state == "running" and job.total_count:
            words = f"{job.done_count} of {job.total_count} chunks"
            if job.left_s is not None:
                words += f", {show_duration(job.left_s)} left"
        self.state.setText(words)
        self.bar.setRange(0, job.total_count if job.total_count or job.state != "running" else 0)
        self.bar.setValue(job.done_count)
        self.bar.setVisible(not job.is_over)
        self.setToolTip(job.details)


class JobsView(QWidget):
    """Jobs and their buttons; ``chosen`` names the folder of a job that was clicked."""

    chosen = Signal(object)

    def __init__(self, session: Session, jobs: JobManager) -> None:
        super().__init__()
        self._session, self._jobs = session, jobs
        self._rows: dict[int, tuple[QListWidgetItem, JobRow]] = {}
        self.list = QListWidget()
        self.list.setAccessibleName("Jobs")
        self.list.setToolTip("Runs of this session, the newest first; click one to see its results")
        self.list.currentItemChanged.connect(lambda *_: self._choose())
        self.empty = QLabel(EMPTY)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.reason = QLabel()
        self.reason.setWordWrap(True)
        self.reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.cancel = _button("Cancel", "End the run; what is finished stays", self._cancel)
        self.retry = _button("Retry", "Go on where it stopped", self._retry)
        self.copy = _button("Copy details", "Copy what is known of this run", self._copy)
        self.open = _button("Open folder", "Show the results folder in the file browser", self._open)
        buttons = QHBoxLayout()
        for button in (self.cancel, self.retry, self.copy, self.open):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 2, 8, 6)
        layout.addWidget(self.empty)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.reason)
        layout.addLayout(buttons)
        jobs.changed.connect(self._take)
        session.theme_changed.connect(self._take_theme)
        self._take_theme()
        self._show_current()

    def _take_theme(self) -> None:
        # The texts of a row are widgets, which do not take the ink of a selection.
        theme = self._session.theme
        self.list.setStyleSheet(
            f"QListWidget::item {{ border-left: 3px solid transparent; }}"
            f"QListWidget::item:selected {{ background: {theme.rule}; border-left: 3px solid {theme.accent}; }}"
        )
        self.empty.setStyleSheet(f"color: {theme.muted};")

    @property
    def current(self) -> Job | None:
        """The job that the buttons act on."""
        item = self.list.currentItem()
        return None if item is None else self._jobs.find(int(item.data(Qt.ItemDataRole.UserRole)))

    def _take(self, number: int) -> None:
        if number not in self._rows:
            item, row = QListWidgetItem(), JobRow()
            item.setData(Qt.ItemDataRole.UserRole, number)
            self.list.insertItem(0, item)
            row.take(self._jobs.find(number))
            item.setSizeHint(row.sizeHint())
            self.list.setItemWidget(item, row)
            self._rows[number] = item, row
            self.list.setCurrentItem(item)
        job = self._jobs.find(number)
        self._rows[number][1].take(job)
        self._rows[number][0].setText("")
        self._show_current()

    def _show_current(self) -> None:
        job = self.current
        self.empty.setVisible(not self._rows)
        self.list.setVisible(bool(self._rows))
        self.cancel.setEnabled(job is not None and not job.is_over)
        self.retry.setEnabled(job is not None and job.state in ("failed", "cancelled"))
        self.copy.setEnabled(job is not None)
        self.open.setEnabled(job is not None and job.request.folder.exists())
        text = job.text if job is not None else ""
        self.reason.setText(text if len(text) < 400 else text[:399] + "…")
        color = self._session.theme.error if job is not None and job.state == "failed" else self._session.theme.muted
        self.reason.setStyleSheet(f"color: {color};")
        self.reason.setVisible(bool(text))

    def _choose(self) -> None:
        self._show_current()
        if self.current is not None:
            self.chosen.emit(self.current.request.folder)

    def _cancel(self) -> None:
        if self.current is not None:
            self._jobs.cancel(self.current.number)

    def _retry(self) -> None:
        if self.current is not None:
            self._jobs.retry(self.current.number)

    def _copy(self) -> None:
        if self.current is not None:
            QGuiApplication.clipboard().setText(self.current.details)

    def _open(self) -> None:
        if self.current is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.current.request.folder)))


def _button(text: str, meaning: str, act: Callable[[], None]) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(meaning)
    button.setAccessibleName(text)
    button.clicked.connect(act)
    return button
