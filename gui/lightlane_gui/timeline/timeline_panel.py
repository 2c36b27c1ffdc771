"""The panel of the timeline: transport, events, margins over time, figures of the present state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from lightlane_gui.session.document import Edited
from lightlane_gui.session.session import Session
from lightlane_gui.timeline.event_dialog import EventDialog, open_event_dialog
from lightlane_gui.timeline.event_track import EventTrack
from lightlane_gui.timeline.figures import FiguresRequest, FiguresWorker, StateFigures
from lightlane_gui.timeline.figures_row import FiguresRow
from lightlane_gui.timeline.history import HistoryRequest, HistoryWorker, MarginHistory
from lightlane_gui.timeline.margin_strip import MarginStrip
from lightlane_gui.timeline.player import Player
from lightlane_gui.timeline.transport import Transport, build_event_menu
from lightlane_gui.workers.mailbox import Mailbox
from lightlane_gui.workers.restraint import QUICK_MS, Restraint


class TimelinePanel(QWidget):
    """Plays, scrubs and edits the time of a session; :meth:`close_workers` ends its threads."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.player = Player(session, self)
        self.dialog: EventDialog | None = None
        self._asked: Edited | None = None
        self._has_failed = False
        self._mailbox = Mailbox(self)
        self.history_worker = HistoryWorker(self._mailbox)
        self.figures_worker = FiguresWorker(self._mailbox)
        self._restrained_history, self._restrained_figures = Restraint(self), Restraint(self)
        self._mailbox.arrived.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self.actions_by_name = self._make_actions()
        self.transport = Transport(session, self.player, self.actions_by_name)
        self.track = EventTrack(session)
        self.strip = MarginStrip(session)
        self.figures = FiguresRow(session)
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.hide()
        self._lay_out()
        self._connect()
        self._ask_history()
        self._ask_figures()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.transport)
        layout.addWidget(self.track)
        layout.addWidget(self.message)
        layout.addWidget(self.strip, 1)
        layout.addWidget(self.figures)

    def _connect(self) -> None:
        self.player.playing_changed.connect(self._show_playing)
        self.track.refused.connect(self._say)
        self.strip.view.sigResized.connect(lambda _: self._align_soon())
        self.strip.view.sigXRangeChanged.connect(lambda *_: self._align())
        self.session.document_opened.connect(self._ask_history)
        self.session.edited.connect(self._ask_history)
        self.session.picture_changed.connect(self._ask_figures)
        self.session.selection_changed.connect(self._show_pin)
        self.session.pins_changed.connect(self._show_pin)
        self._show_pin()

    def actions_offered(self) -> list[QAction]:
        """Return what can be done here, for menus and the palette."""
        return list(self.actions_by_name.values())

    def close_workers(self) -> None:
        """End the threads."""
        self.player.pause()
        self.history_worker.close()
        self.figures_worker.close()

    def ask_event(self, kind: str, **given: Any) -> None:
        """Open the dialog of an event."""
        self.dialog = open_event_dialog(self.session, kind, parent=self.window(), **given)

    # --- actions ----------------------------------------------------------------------------------------------------

    def _make_actions(self) -> dict[str, QAction]:
        def make(text: str, key: str, meaning: str, act: Callable[[], object] | None) -> QAction:
            action = QAction(text, self)
            action.setToolTip(f"{meaning} ({QKeySequence(key).toString()})" if key else meaning)
            if key:
                action.setShortcut(QKeySequence(key))
                # Typing in a field is no command: only while this panel has the focus.
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            if act is not None:
                action.triggered.connect(lambda _=False: act())
            self.addAction(action)
            return action

        actions = {
            "play": make("▶ Play", "Space", "Let time pass, or stop it", self.player.toggle),
            "previous": make("|◀", "Ctrl+Left", "Previous event", lambda: self.player.step(forward=False)),
            "next": make("▶|", "Ctrl+Right", "Next event", lambda: self.player.step(forward=True)),
            "pin": make("Pin link", "", "Keep the selected link in the chart, or let go of it", self._toggle_pin),
            "add": make("Add event", "", "Let something happen at the time of the cursor", None),
            "delete": make("Delete event", "", "Remove the selected event of the variant", self._delete),
        }
        actions["add"].setMenu(build_event_menu(self, self.ask_event))
        for name, text, meaning in (
            ("show_link", "Link", "Margin of the selected link"),
            ("show_worst", "Worst", "Least margin of any link in service"),
            ("show_low", "5 %", "Margin that 5 % of the links do not reach"),
        ):
            actions[name] = make(text, "", f"Show in the chart: {meaning.lower()}", None)
            actions[name].setCheckable(True)
            actions[name].setChecked(True)
            actions[name].toggled.connect(lambda on, key=name: self._choose(key, on))
        for name, text in (("previous", "Previous event"), ("next", "Next event")):
            actions[name].setIconText(actions[name].text())
            actions[name].setText(text)
        return actions

    def _choose(self, name: str, on: bool) -> None:
        setattr(self.strip, name.replace("show_", "shows_"), on)
        self.strip.redraw()

    def _toggle_pin(self) -> None:
        if self.session.selection.link:
            self.session.toggle_pin(self.session.selection.link)

    def _delete(self) -> None:
        self.track.delete_selected()

    def _show_pin(self) -> None:
        link = self.session.selection.link
        action = self.actions_by_name["pin"]
        action.setEnabled(bool(link))
        action.setText("Unpin link" if link in self.session.pinned_links else "Pin link")

    def _show_playing(self, is_playing: bool) -> None:
        self.actions_by_name["play"].setText("⏸ Pause" if is_playing else "▶ Play")

    # --- data -------------------------------------------------------------------------------------------------------

    def _ask_history(self) -> None:
        document = self.session.document
        if document is None or self.session.form is self._asked:
            return
        form = self._asked = self.session.form
        self.history_worker.cancel()
        self._restrained_history.ask(lambda: self.history_worker.submit(HistoryRequest(document, form)))

    def _ask_figures(self) -> None:
        document, picture = self.session.document, self.session.picture
        if document is not None and picture is not None and picture.routed:
            request = FiguresRequest(document, self.session.form, picture)
            self._restrained_figures.ask(lambda: self.figures_worker.submit(request))

    def _take(self) -> None:
        for value in self._mailbox.take().values():
            if self.session.document is None:
                continue
            if isinstance(value, MarginHistory) and value.form is self._asked:
                self.strip.take(value)
                if value.is_complete or value.elapsed_ms > QUICK_MS:
                    self._restrained_history.note(value.elapsed_ms)
                self._align()
                if self._has_failed:
                    self._has_failed = False
                    self._say("")
            elif isinstance(value, StateFigures):
                self.figures.take(value)
                self._restrained_figures.note(value.elapsed_ms)
            elif isinstance(value, tuple) and value[0] is self._asked:
                self._has_failed = True
                self._say(f"Margins over time cannot be computed: {value[1].error}")

    def _say(self, text: str) -> None:
        self.message.setText(text)
        self.message.setStyleSheet(f"color: {self.session.theme.error}; padding: 2px 8px;")
        self.message.setVisible(bool(text))

    # --- geometry ---------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Keep the track over the chart."""
        super().resizeEvent(event)
        self._align_soon()

    def _align_soon(self) -> None:
        QTimer.singleShot(0, self, self._align)

    def _align(self) -> None:
        """Let a day be at the same pixel in the track as in the chart."""
        view, plot = self.strip.view, self.strip.plot
        box = view.sceneBoundingRect()
        left = self.track.mapFromGlobal(plot.mapToGlobal(QPointF(plot.mapFromScene(box.topLeft())))).x()
        right = self.track.mapFromGlobal(plot.mapToGlobal(QPointF(plot.mapFromScene(box.topRight())))).x()
        low, high = view.viewRange()[0]
        self.track.set_view(float(low), float(high), float(left), float(right))
