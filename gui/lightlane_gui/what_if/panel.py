"""What if: every field of the scenario under a slider, a choice or a switch."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lightlane import LightlaneError, Parameter
from lightlane.toolkit import Ground, check_setting, choose_module, ground_scenario
from lightlane_gui.session.session import Session
from lightlane_gui.what_if.changes_list import ChangesList
from lightlane_gui.what_if.listing import Listing, ListingRequest, ParameterLister
from lightlane_gui.what_if.number_row import ROW_STYLE, NumberRow
from lightlane_gui.what_if.parameter_group import HEADING_STYLE, ParameterGroup
from lightlane_gui.what_if.row_store import RowStore
from lightlane_gui.what_if.rows import ParameterRow
from lightlane_gui.what_if.settings import find_value, list_settings, name_step, read_base
from lightlane_gui.what_if.variant_bar import VariantBar

OPENED_FIRST = frozenset({"Conditions", "Link", "Site", "Demand", "Duct"})
"""First words of the groups that are unfolded until the user folds them."""
_SHAPES = frozenset({"module", "mode", "fiber", "fec", "connector", "splice", "mux", "demux", "express", "booster",
                     "inline_amplifier", "preamplifier", "raman_amplifier"})  # fmt: skip
"""Fields that decide which other parameters there are."""


class WhatIfPanel(QWidget):
    """Variants, what they change, and the parameters of what is selected."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.variant_bar = VariantBar(session)
        self.changes = ChangesList(session)
        self.search = QLineEdit()
        self.groups: list[ParameterGroup] = []
        self.hint = QLabel()
        self._lister = ParameterLister(self)
        self._number = 0
        self._shown: tuple[Any, ...] = ()
        self._base: dict[str, Any] = {}
        self._listed: dict[str, Any] = {}
        self._shapes: tuple[Any, ...] = ()
        self._open_words = set(OPENED_FIRST)
        self._lay_out()
        self._make_actions()
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._ask)
        self._lister.listed.connect(self._take)
        session.document_opened.connect(self._start)
        session.selection_changed.connect(self._follow_selection)
        session.edited.connect(self._follow_edit)
        session.theme_changed.connect(self._recolor)
        self._recolor()
        self._start()

    def close_threads(self) -> None:
        """End the panel's thread; the window does so before it goes."""
        self._lister.close()

    def actions_offered(self) -> list[QAction]:
        """Return what can be done here, for menus and the command palette."""
        return [self.find_action, *self.variant_bar.actions_offered()]

    def focus_search(self) -> None:
        """Put the cursor into the line that searches parameters."""
        self.search.setFocus()
        self.search.selectAll()

    # --- making ------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.search.setPlaceholderText("Search parameters: launch, loss, noise figure")
        self.search.setAccessibleName("Search parameters")
        self.search.setToolTip("Show the parameters that have all of these words in their name, unit or place")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.of_selection, self.of_fabric = QToolButton(), QToolButton()
        self.of_fabric.setText("Whole fabric")
        self.of_selection.setToolTip("Parameters of what is selected")
        self.of_fabric.setToolTip("Conditions, options, and fields of all links, ducts and demands at once")
        self._scope = QButtonGroup(self)
        scopes = QHBoxLayout()
        for button in (self.of_selection, self.of_fabric):
            button.setCheckable(True)
            self._scope.addButton(button)
            scopes.addWidget(button)
        scopes.addStretch(1)
        self.of_fabric.setChecked(True)
        self._scope.buttonClicked.connect(lambda _: self._timer.start())
        self.hint.setWordWrap(True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setMargin(16)
        inside = QWidget()
        inside.setStyleSheet(ROW_STYLE + HEADING_STYLE)
        self._store = RowStore(inside, self._check, self._connect)
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(1)
        self._column.addWidget(self.hint)
        self._column.addStretch(1)
        self.scroll_area = QScrollArea()
        self.scroll_area.setWidget(inside)
        self.scroll_area.setWidgetResizable(True)
        self.scroll_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroll_area.setMinimumWidth(300)
        # What is inside takes the focus and is scrolled to.
        self.scroll_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        top = QVBoxLayout()
        top.setContentsMargins(8, 2, 8, 2)
        top.setSpacing(4)
        top.addWidget(self.changes)
        top.addLayout(scopes)
        top.addWidget(self.search)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.variant_bar)
        layout.addLayout(top)
        layout.addWidget(self.scroll_area, 1)

    def _make_actions(self) -> None:
        self.find_action = QAction("Search parameters", self)
        self.find_action.setShortcut(QKeySequence("Ctrl+Shift+W"))
        self.find_action.triggered.connect(self.focus_search)
        self.addAction(self.find_action)

    def _make_row(self, parameter: Parameter) -> ParameterRow:
        row = self._store.take(parameter, self.session.theme)
        self._show_row(row, list_settings(self.session.form))
        return row

    def _connect(self, row: ParameterRow) -> None:
        row.moved.connect(self._move)
        row.let_go.connect(self.session.end_drag)
        row.reset.connect(self._reset)
        if isinstance(row, NumberRow):
            row.is_sure = self._is_sure

    # --- which parameters --------------------------------------------------------------------------------------------

    def _start(self) -> None:
        self._follow_selection()

    def _follow_selection(self) -> None:
        selection = self.session.selection
        is_something = bool(selection.kind)
        words = f"{selection.kind.capitalize()} {selection.name}" if is_something else "Nothing selected"
        if selection.kind == "demand":
            words = f"Demand no. {selection.name}"
        self.of_selection.setText(words if len(words) <= 32 else f"{words[:31]}\N{HORIZONTAL ELLIPSIS}")
        self.of_selection.setEnabled(is_something)
        (self.of_selection if is_something else self.of_fabric).setChecked(True)
        self._timer.start()

    def _ask(self) -> None:
        session = self.session
        if session.document is None:
            self._clear()
            self._say("No fabric loaded. Open one with Ctrl+O.")
            return
        selection = session.selection
        kind, name = (selection.kind, selection.name) if self.of_selection.isChecked() else ("", "")
        self._number += 1
        self._shapes = self._list_shapes()
        if not self.groups:
            self._say("Reading the parameters\N{HORIZONTAL ELLIPSIS}")
        self._lister.ask(ListingRequest(self._number, session.document, session.form, kind, name))

    def _list_shapes(self) -> tuple[Any, ...]:
        settings = list_settings(self.session.form)
        return tuple(item for item in settings.items() if item[0].rpartition(".")[2] in _SHAPES)

    def _take(self, listing: Listing) -> None:
        request = listing.request
        if request.number != self._number:
            return
        if listing.problem:
            self._clear()
            self._say(listing.problem)
            return
        self._listed = list_settings(request.form)
        base = Ground(request.form.scenario, request.document.fabric, request.document.catalog)
        self._base = {item.path: read_base(base, item.path) for item in listing.parameters}
        shown = (request.document, *((item.path, item.choices, item.low, item.high) for item in listing.parameters))
        if shown != self._shown:
            self._shown = shown
            self._build(listing.parameters)
        self._show_values()

    def _clear(self) -> None:
        self._shown = ()
        for group in self.groups:
            self._column.removeWidget(group)
            group.hide()
            self._store.give_back(group.rows.values())
            group.deleteLater()
        self.groups = []

    def _build(self, parameters: Sequence[Parameter]) -> None:
        self.setUpdatesEnabled(False)
        held = self._find_focus()
        self._clear()
        for title, items in groupby(parameters, key=lambda item: item.group):
            group = ParameterGroup(title, list(items), self._make_row)
            group.folded.connect(self._remember)
            self.groups.append(group)
            self._column.insertWidget(self._column.count() - 1, group)
        for group in reversed(self.groups):
            QWidget.setTabOrder(self.search, group.heading)
        self.hint.hide()
        self._filter(self.search.text())
        self.scroll_area.verticalScrollBar().setValue(0)
        self.setUpdatesEnabled(True)
        if held is not None:
            self._give_focus(*held)

    def _find_focus(self) -> tuple[str, int] | None:
        """Return which parameter has the focus, and at which of its controls; None: none has."""
        for group in self.groups:
            if group.heading.hasFocus():
                return "", 0
            for path, row in group.rows.items():
                for number, stop in enumerate(row.tab_stops()):
                    if stop.hasFocus():
                        return path, number
        return None

    def _give_focus(self, path: str, number: int) -> None:
        """Let the new row go on with the keyboard, or where there is none the search."""
        rows = (group.rows[path] for group in self.groups if path in group.rows and group.is_open)
        row = next(rows, None)
        stops = [] if row is None else row.tab_stops()
        (stops[number] if number < len(stops) else self.search).setFocus()

    def _say(self, text: str) -> None:
        self.hint.setText(text)
        self.hint.show()

    def _remember(self, title: str, is_open: bool) -> None:
        word = title.partition(" ")[0]
        (self._open_words.add if is_open else self._open_words.discard)(word)

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        for group in self.groups:
            group.filter(words, is_open=group.title.partition(" ")[0] in self._open_words)
        if self.groups:
            none = all(group.isHidden() for group in self.groups)
            self.hint.setVisible(none)
            self.hint.setText(f"No parameter has {text!r} in its name." if none else "")

    # --- their values ------------------------------------------------------------------------------------------------

    def _follow_edit(self) -> None:
        if self.session.document is None:
            return
        if self._list_shapes() != self._shapes:
            self._timer.start()
        self._show_values()

    def _show_values(self) -> None:
        settings = list_settings(self.session.form)
        for group in self.groups:
            group.set_changed_count(sum(item.path in settings for item in group.parameters))
            for row in group.rows.values():
                self._show_row(row, settings)

    def _show_row(self, row: ParameterRow, settings: dict[str, Any]) -> None:
        parameter = row.parameter
        base = self._base.get(parameter.path)
        row.show_value(find_value(parameter.path, settings, base), base, changed=parameter.path in settings)

    def _is_sure(self, path: str) -> bool:
        """Tell whether nothing but this path was set since the parameters were listed."""
        now = list_settings(self.session.form)
        return {**now, path: None} == {**self._listed, path: None}

    def _check(self, path: str, value: Any) -> str:
        # What is offered fits, once the mode has followed.
        if _is_module(path):
            return ""
        try:
            return check_setting(self._ground_now(), path, value)
        except LightlaneError as error:
            return str(error)

    def _ground_now(self) -> Ground:
        document, form = self.session.document, self.session.form
        assert document is not None
        return ground_scenario(form.scenario, document.fabric, document.catalog, variant=form.variant)

    def _move(self, path: str, value: Any) -> None:
        parameter = next(item for group in self.groups for item in group.parameters if item.path == path)
        form = self.session.form.set_field(path, value)
        if _is_module(path):
            for name, setting in choose_module(self._ground_now(), path, value).items():
                form = form.set_field(name, setting)
        self.session.edit(form, name_step(parameter, value), key=path)

    def _reset(self, path: str) -> None:
        parameter = next(item for group in self.groups for item in group.parameters if item.path == path)
        self.session.end_drag()
        self.session.set_field(path, None, f"{parameter.group}: reset {parameter.label}")

    def _recolor(self) -> None:
        self.hint.setStyleSheet(f"color: {self.session.theme.muted};")
        for group in self.groups:
            for row in group.rows.values():
                row.set_theme(self.session.theme)


def _is_module(path: str) -> bool:
    return path.startswith("link.") and path.endswith(".module")


__all__ = ["WhatIfPanel"]
