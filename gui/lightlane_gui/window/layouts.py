"""Layouts of docks: what each job wants to see, as the user last arranged it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from lightlane_gui.session.settings import Settings

LEFT, RIGHT, BOTTOM = (
    Qt.DockWidgetArea.LeftDockWidgetArea,
    Qt.DockWidgetArea.RightDockWidgetArea,
    Qt.DockWidgetArea.BottomDockWidgetArea,
)

BOTTOM_SHARES = (900, 540)
"""Widths of docks side by side at the bottom, against each other."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where docks stand.

    Attributes
    ----------
    areas
        For each area groups of docks; those of a group are tabs, groups stand beside each other.
    sizes_px
        Width of the left and the right area, height of the bottom one.
    map_is_shown
        Whether the map has its place in the middle.
    """

    key: str
    text: str
    areas: dict[Qt.DockWidgetArea, tuple[tuple[str, ...], ...]]
    sizes_px: tuple[int, int, int]
    map_is_shown: bool = True


LAYOUTS = (
    Layout(
        "monitor",
        "Monitor",
        {
            LEFT: (("what-if",),),
            RIGHT: (("link",),),
            BOTTOM: (("timeline", "batch"), ("fabric", "problems")),
        },
        (330, 480, 310),
    ),
    Layout("link", "Link", {LEFT: (("what-if",),), RIGHT: (("link",),)}, (320, 1100, 0), map_is_shown=False),
    Layout(
        "batch",
        "Batch",
        {LEFT: (("fabric",),), BOTTOM: (("batch", "timeline"), ("problems",))},
        (300, 0, 470),
    ),
)


def arrange(window: QMainWindow, docks: dict[str, QDockWidget], layout: Layout) -> None:
    """Put the docks where a layout has them and hide the others."""
    for dock in docks.values():
        dock.setFloating(False)
        window.removeDockWidget(dock)
    for area, groups in layout.areas.items():
        # All groups first and tabs after: beside a dock that has tabs Qt splits no place, it adds a tab.
        across = Qt.Orientation.Horizontal if area == BOTTOM else Qt.Orientation.Vertical
        firsts = [docks[group[0]] for group in groups]
        window.addDockWidget(area, firsts[0])
        firsts[0].show()
        for before, first in pairwise(firsts):
            window.splitDockWidget(before, first, across)
            first.show()
        for first, group in zip(firsts, groups, strict=True):
            for key in group[1:]:
                window.tabifyDockWidget(first, docks[key])
                docks[key].show()
            first.raise_()
    central = window.centralWidget()
    central.setVisible(layout.map_is_shown)
    left_px, right_px, bottom_px = layout.sizes_px
    for area, size_px in ((LEFT, left_px), (RIGHT, right_px)):
        columns = [docks[group[0]] for group in layout.areas.get(area, ())]
        if columns:
            window.resizeDocks(columns, [size_px] * len(columns), Qt.Orientation.Horizontal)
    rows = [docks[group[0]] for group in layout.areas.get(BOTTOM, ())]
    if rows:
        window.resizeDocks(rows, [bottom_px] * len(rows), Qt.Orientation.Vertical)
        window.resizeDocks(rows, list(BOTTOM_SHARES[: len(rows)]), Qt.Orientation.Horizontal)


class LayoutKeeper:
    """Changes between layouts and remembers how each was left."""

    def __init__(self, window: QMainWindow, docks: dict[str, QDockWidget], settings: Settings) -> None:
        self._window, self._docks, self._settings = window, docks, settings
        self.current = LAYOUTS[0]

    def show(self, layout: Layout, *, fresh: bool = False) -> None:
        """Go to a layout; ``fresh``: as it was made, not as it was left."""
        if not fresh and self._window.isVisible():
            self.keep()
        self.current = layout
        left = None if fresh else self._settings.layout(layout.key)
        arrange(self._window, self._docks, layout)
        if left is not None:
            self._window.restoreState(left[1])

    def keep(self) -> None:
        """Remember how the layout is now."""
        self._settings.keep_layout(self.current.key, self._window.saveGeometry(), self._window.saveState())

    def restore(self) -> None:
        """Begin as the window was left."""
        left = self._settings.layout(self.current.key)
        if left is not None:
            self._window.restoreGeometry(left[0])
            self._window.restoreState(left[1])
