"""Everything that can be done by menu, key or command palette, in one list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenuBar, QWidget


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One thing to do.

    Attributes
    ----------
    key
        By which code finds it.
    menu
        In which it stands; a text that begins with ``-`` has a separator above it.
    shortcut
        Several are parted by a comma.
    is_on
        Of an action that is switched: how it is at first.
    is_possible
        Tells whether there is something to do it with; absent: always.
    """

    key: str
    menu: str
    text: str
    run: Callable[..., object]
    shortcut: str = ""
    tip: str = ""
    is_on: bool | None = None
    is_possible: Callable[[], bool] | None = None


class ActionBook(QObject):
    """The actions of the window by their keys, in the order of the menus."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._actions: dict[str, QAction] = {}
        self._menus: dict[str, list[str]] = {}
        self._offered: dict[str, list[QAction]] = {}
        self._conditions: list[tuple[QAction, Callable[[], bool]]] = []

    def add(self, spec: ActionSpec) -> QAction:
        """Make an action that works in the whole window."""
        action = QAction(spec.text.removeprefix("-"), self._window)
        action.setObjectName(f"action-{spec.key}")
        if spec.shortcut:
            action.setShortcuts([QKeySequence(item.strip()) for item in spec.shortcut.split(" | ")])
        action.setToolTip(spec.tip or spec.text.removeprefix("-").replace("&", ""))
        if spec.is_on is None:
            action.triggered.connect(lambda _checked=False: spec.run())
        else:
            action.setCheckable(True)
            action.setChecked(spec.is_on)
            action.triggered.connect(spec.run)
        if spec.is_possible is not None:
            self._conditions.append((action, spec.is_possible))
            action.setEnabled(spec.is_possible())
        self._window.addAction(action)
        self._actions[spec.key] = action
        menu = self._menus.setdefault(spec.menu, [])
        menu += ["-"] * spec.text.startswith("-") + [spec.key]
        return action

    def offer(self, place: str, actions: Sequence[QAction]) -> None:
        """Take in what a view can do, for palette and help; the view has the actions itself."""
        self._offered.setdefault(place, []).extend(actions)

    def refresh(self) -> None:
        """Let what cannot be done now not be offered."""
        for action, is_possible in self._conditions:
            action.setEnabled(is_possible())

    def __getitem__(self, key: str) -> QAction:
        return self._actions[key]

    def __iter__(self) -> Iterator[QAction]:
        yield from self._actions.values()
        for actions in self._offered.values():
            yield from actions

    def groups(self) -> dict[str, list[QAction]]:
        """Return all actions by where they work: anywhere in the window, or with the focus in a view."""
        return {"Anywhere": list(self._actions.values()), **self._offered}

    def fill(self, bar: QMenuBar) -> None:
        """Make the menus."""
        for name, keys in self._menus.items():
            menu = bar.addMenu(name)
            menu.setObjectName(f"menu-{name.replace('&', '').lower()}")
            for key in keys:
                if key == "-":
                    menu.addSeparator()
                else:
                    menu.addAction(self._actions[key])


def plain_text(action: QAction) -> str:
    """Return an action's text without the mark of its key."""
    return action.text().replace("&", "").rstrip("…")


def keys_text(action: QAction) -> str:
    """Return an action's shortcuts as people write them."""
    native = QKeySequence.SequenceFormat.NativeText
    return ", ".join(sequence.toString(native) for sequence in action.shortcuts())
