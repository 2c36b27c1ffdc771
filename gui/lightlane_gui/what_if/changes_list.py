"""What the variant on display changes: fields and events, each with a button that takes it back."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QToolButton, QTreeWidget, QTreeWidgetItem, QWidget

from lightlane.toolkit import Ground, split_path
from lightlane_gui.session.session import Session
from lightlane_gui.what_if.settings import describe_path, list_settings, read_base, show_value

KeyRole = Qt.ItemDataRole.UserRole
ROWS_SHOWN_MAX = 6


class ChangesList(QTreeWidget):
    """One line per change; Delete takes the selected one back, a double click leads to what it is of."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.setAccessibleName("Changes of the variant")
        self.setToolTip("What the variant changes; Delete takes a change back")
        self.setColumnCount(3)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.header().setSectionResizeMode(2, QHeaderView.ResizeMode.Fixed)
        self.header().setMinimumSectionSize(26)
        self.setColumnWidth(2, 28)
        self._keys: list[str | int] = []
        self.itemDoubleClicked.connect(self._go)
        self.installEventFilter(self)
        for signal in (session.document_opened, session.edited):
            signal.connect(self.refresh)
        session.theme_changed.connect(self._rebuild)
        self.refresh()

    def refresh(self) -> None:
        """Show the changes; lines are made anew only where there are others."""
        keys: list[str | int] = []
        if self.session.document is not None:
            form = self.session.form
            variant = form.find(form.variant)
            keys = [*list_settings(form), *range(len(variant.event) if variant else 0)]
        if keys != self._keys:
            self._keys = keys
            self._rebuild()
        self._write()
        self.setVisible(bool(keys))

    def remove(self, key: str | int) -> None:
        """Take a change back: a field by its path, an event by its place."""
        session = self.session
        session.end_drag()
        if isinstance(key, int):
            session.edit(session.form.remove_event(key), "Remove an event")
        else:
            session.set_field(key, None, f"Reset {describe_path(key)[1]}")

    def _rebuild(self) -> None:
        self.clear()
        for key in self._keys:
            item = QTreeWidgetItem(self)
            item.setData(0, KeyRole, key)
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            button = QToolButton()
            button.setText("\N{MULTIPLICATION SIGN}")
            button.setAutoRaise(True)
            button.setToolTip("Take this change back")
            button.setAccessibleName("Take this change back")
            button.clicked.connect(lambda _=False, key=key: self.remove(key))
            self.setItemWidget(item, 2, button)
        height = self.sizeHintForRow(0) if self._keys else 0
        self.setFixedHeight(max(1, min(len(self._keys), ROWS_SHOWN_MAX)) * max(height, 22) + 6)
        self._write()

    def _write(self) -> None:
        document = self.session.document
        if document is None or not self._keys:
            return
        form = self.session.form
        settings, variant = list_settings(form), form.find(form.variant)
        ground = Ground(form.scenario, document.fabric, document.catalog)
        for place, key in enumerate(self._keys):
            item = self.topLevelItem(place)
            if item is None:
                continue
            if isinstance(key, int):
                event = variant.event[key] if variant is not None else None
                texts = (describe_event(event), f"day {getattr(event, 'start_days', 0.0):g}")
            else:
                owner, label, unit = describe_path(key)
                was = show_value(read_base(ground, key), unit)
                is_whole = owner in ("conditions", "options")
                texts = (label if is_whole else f"{label}, {owner}", show_value(settings.get(key), unit))
                item.setToolTip(1, f"Baseline: {was}")
            for column, text in enumerate(texts):
                item.setText(column, text)
            item.setToolTip(0, str(key) if isinstance(key, str) else texts[0])
            item.setForeground(0, QColor(self.session.theme.ink))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Take the selected change back on Delete."""
        if watched is self and event.type() == QEvent.Type.KeyPress:
            assert isinstance(event, QKeyEvent)
            item = self.currentItem()
            if event.key() == Qt.Key.Key_Delete and item is not None:
                self.remove(item.data(0, KeyRole))
                return True
        return super().eventFilter(watched, event)

    def _go(self, item: QTreeWidgetItem) -> None:
        key = item.data(0, KeyRole)
        if isinstance(key, int):
            form = self.session.form
            variant = form.find(form.variant)
            for kind in ("link", "duct", "site"):
                name = getattr(variant.event[key], kind, None) if variant is not None else None
                if isinstance(name, str) and name != "*":
                    self.session.select(kind, name)
                    return
            return
        steps = split_path(key)
        if len(steps) == 3 and steps[0] in ("link", "duct", "site", "demand") and steps[1] != "*":
            self.session.select(steps[0], steps[1])  # type: ignore[arg-type]


def describe_event(event: object) -> str:
    """Return what happens in an event and where, in a few words."""
    kind = str(getattr(event, "kind", "event")).replace("_", " ").capitalize()
    where = [str(value) for key in ("link", "duct", "site") if (value := getattr(event, key, None)) is not None]
    return f"{kind}: {', '.join('all' if name == '*' else name for name in where)}" if where else kind


__all__ = ["ChangesList", "describe_event"]
