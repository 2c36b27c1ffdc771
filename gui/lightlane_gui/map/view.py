"""The map as one widget: canvas, card and legend, bound to the session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QStyle, QVBoxLayout, QWidget

from lightlane_gui.map.aiming import aim_at, is_seen
from lightlane_gui.map.camera import MapCamera
from lightlane_gui.map.canvas import MapCanvas
from lightlane_gui.map.card import HoverCard
from lightlane_gui.map.facts import Card, describe_duct, describe_link, describe_site
from lightlane_gui.map.fading import Fade
from lightlane_gui.map.legend import Legend
from lightlane_gui.map.menu import Entry, fill_menu, list_entries
from lightlane_gui.map.scene import MapScene
from lightlane_gui.map.strokes import Mode, order_worst
from lightlane_gui.session.picture import FabricPicture
from lightlane_gui.session.selection import Kind
from lightlane_gui.session.session import Session

FLASH_MS, BEACON_MS, LATE_MS = 900, 1500, 150
_KINDS: dict[str, Kind] = {"site": "site", "duct": "duct", "link": "link"}


class MapView(QWidget):
    """The fabric on a map.

    Parameters
    ----------
    which
        The picture on display, or that of the variant that it is compared with.
    camera
        Shared by maps side by side; absent: one of its own.
    """

    link_opened = Signal(str)
    explain_requested = Signal(str)
    cut_requested = Signal(str, str)
    """Kind and name of what is selected: the duct, or the link whose ducts are meant."""
    event_requested = Signal(object)
    """An event as ``[[event]]`` has it, with the time of now as its start."""
    filter_changed = Signal(object)

    def __init__(
        self,
        session: Session,
        *,
        which: Literal["shown", "reference"] = "shown",
        camera: MapCamera | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.session, self._which = session, which
        self.camera = MapCamera(self) if camera is None else camera
        self.scene = MapScene(session.theme, self.camera)
        self.canvas = MapCanvas(self.scene, self.camera, self)
        self.legend = Legend(self.camera, session.theme, self)
        self.card = HoverCard(self.canvas)
        self.animated = bool(self.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration))
        """Whether anything fades; else it is there or it is not."""
        self.has_legend = True
        """False: the legend of a map beside this one is for both."""
        self._failure = ""
        self._is_late = False
        """Whether numbers are marked as not of now."""
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(LATE_MS)
        self._late.timeout.connect(self._mark_late)
        self._flash = Fade(FLASH_MS, self._glow, self)
        self._beacon = Fade(BEACON_MS, self._shine, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.legend)
        self._actions = self._make_actions()
        self._listen()
        self._document_opened()

    def _listen(self) -> None:
        session, canvas = self.session, self.canvas
        session.document_opened.connect(self._document_opened)
        session.reading_changed.connect(self._reading_changed)
        session.edited.connect(self._edited)
        session.picture_came.connect(self._picture_came)
        session.picture_changed.connect(self._picture_changed)
        session.reference_changed.connect(self._reference_changed)
        session.selection_changed.connect(self._selection_changed)
        session.theme_changed.connect(self._theme_changed)
        session.noticed.connect(self._noticed)
        canvas.pointed.connect(self._pointed)
        canvas.clicked.connect(self._clicked)
        canvas.activated.connect(self._activated)
        canvas.menu_wanted.connect(self._open_menu)
        self.camera.changed.connect(self._camera_moved)
        self.legend.filtered.connect(self._filtered)

    # --- actions ----------------------------------------------------------------------------------------------------

    def actions_offered(self) -> list[QAction]:
        """Return what can be done from the keyboard, for menus and the palette."""
        return list(self._actions)

    def _make_actions(self) -> list[QAction]:
        offered: tuple[tuple[str, tuple[str, ...], Callable[[], object], str], ...] = (
            ("Fit the map", ("F",), self.canvas.fit, "Show all sites"),
            ("Zoom in", ("+", "="), self.canvas.zoom_in, "Magnify the map about its middle"),
            ("Zoom out", ("-",), self.canvas.zoom_out, "Show more of the map"),
            ("Next worst link", ("N",), lambda: self.select_worst(1), "To the next larger margin"),
            ("Previous worst link", ("Shift+N",), lambda: self.select_worst(-1), "To the next smaller margin"),
            ("Open the selected link", ("Return", "Enter"), self._open_selected, "Show its lanes, margin and path"),
            ("Cut the selected duct", ("X",), self._cut_selected, "The duct, or the ducts of the link"),
        )  # fmt: skip
        actions = []
        for text, keys, do, tip in offered:
            action = QAction(text, self)
            action.setShortcuts([QKeySequence(key) for key in keys])
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.setToolTip(tip)
            action.triggered.connect(lambda _checked=False, do=do: do())
            actions.append(action)
        self._difference = QAction("Color by change of margin", self)
        self._difference.setCheckable(True)
        self._difference.setShortcut(QKeySequence("D"))
        self._difference.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._difference.setToolTip("Show what each link gained or lost against the variant that is compared with")
        self._difference.toggled.connect(lambda on: self.set_mode("difference" if on else "margin"))
        actions.append(self._difference)
        self.canvas.addActions(actions)
        return actions

    def set_mode(self, mode: Mode) -> None:
        """Color links by margin, or by its change against the reference."""
        self.scene.mode = mode
        self._difference.setChecked(mode == "difference")
        self._restyle()

    def select_worst(self, step: int) -> None:
        """Select the next worse (-1) or next better (1) link; from none, the worst."""
        picture = self.scene.picture
        if picture is None or not picture.links:
            return
        order = [picture.links[row] for row in order_worst(picture)]
        if self.scene.wanted and not self.scene.is_comparing:
            order = [name for name in order if int(picture.class_index[picture.row_by_link[name]]) in self.scene.wanted]
        if not order:
            return
        here = self.session.selection.link
        place = order.index(here) + step if here in order else (0 if step > 0 else len(order) - 1)
        name = order[place % len(order)]
        self.session.select("link", name)
        if not is_seen(self.scene, "link", name, self.canvas.width(), self.canvas.height()):
            self.center_on("link", name)

    def center_on(self, kind: str, name: str) -> None:
        """Put something into the middle, near enough to be seen, and ring it gently."""
        aim = aim_at(self.scene, kind, name, self.canvas.width(), self.canvas.height())
        if aim is not None:
            self.camera.move_to(*aim)
            self.scene.accents.beacon = (kind, name)
            self._beacon.start()

    def _open_selected(self) -> None:
        if self.session.selection.link:
            self.link_opened.emit(self.session.selection.link)

    def _cut_selected(self) -> None:
        selection = self.session.selection
        if selection.kind in ("duct", "link"):
            self.cut_requested.emit(selection.kind, selection.name)

    # --- session ----------------------------------------------------------------------------------------------------

    def _pictures(self) -> tuple[FabricPicture | None, FabricPicture | None]:
        session = self.session
        if self._which == "reference":
            return session.reference, None
        return session.picture, session.reference

    def _document_opened(self) -> None:
        self._failure = ""
        self.camera.is_fitted = True
        self._show_pictures(flash=False)

    def _reading_changed(self) -> None:
        self._say_what_to_do()
        self._describe()
        self.canvas.update()

    def _edited(self) -> None:
        self._failure = ""
        if not self._late.isActive():
            self._late.start()

    def _mark_late(self) -> None:
        """Say that the numbers are not of now, where an answer takes longer than a blink."""
        if self.session.is_stale:
            self._is_late = True
            self.legend.refresh(self.scene, stale=True)
            self._refresh_card()

    def _picture_came(self) -> None:
        """Paint the map at once: whatever else follows a picture comes after it."""
        self._failure = ""
        was_late = self._is_late
        if not self.session.is_stale:
            self._late.stop()
            self._is_late = False
        shown, before = self._pictures()[0], self.scene.picture
        if shown is not None and before is not None and shown.is_alike(before) and self._knows_the_rest(was_late):
            self.scene.picture = shown
            if self.session.selection.kind == "site":
                self._describe()  # which tells of demands as well
            return
        self._show_pictures(flash=True)

    def _knows_the_rest(self, was_late: bool) -> bool:
        """Tell whether the map is as it should be but for demands, which are not to be seen."""
        same = (self.scene.against is self._pictures()[1], was_late is self._is_late)
        return all(same) and self.session.selection.kind != "demand"

    def _picture_changed(self) -> None:
        self._refresh_card()

    def _reference_changed(self) -> None:
        self._show_pictures(flash=self._which == "reference")

    def _show_pictures(self, *, flash: bool) -> None:
        before = self.scene.picture
        shown, against = self._pictures()
        self._difference.setEnabled(against is not None)
        moved = self.scene.show(shown, against)
        if flash and before is not None and shown is not None and before is not shown:
            self._flash_changes(before, shown)
        self._say_what_to_do()
        self.canvas.show_anew(moved=moved)
        # At once: what else follows a picture must not come before the map that a slider moves.
        self.canvas.repaint()
        self.legend.setVisible(self.has_legend and self.scene.geometry is not None)
        self.legend.refresh(self.scene, stale=self._is_late)
        self._describe()

    def _flash_changes(self, before: FabricPicture, shown: FabricPicture) -> None:
        if before.links != shown.links:
            return
        rows = np.flatnonzero(before.class_index != shown.class_index)
        if len(rows) and self.animated:
            self.scene.accents.changed = tuple(shown.links[row] for row in rows)
            self._flash.start()

    def _glow(self, brightness: float) -> None:
        self.scene.accents.glow = brightness
        # While another picture is awaited it paints the glow too, and needs the time for itself.
        if brightness == 0.0 or not self.session.is_stale:
            self.canvas.update()

    def _shine(self, brightness: float) -> None:
        self.scene.accents.beacon_glow = brightness if self.animated or brightness == 0 else 1.0
        self.canvas.update()

    def _say_what_to_do(self) -> None:
        session = self.session
        if session.document is None and session.reading:
            self.canvas.message = (f"Reading {session.reading} \N{HORIZONTAL ELLIPSIS}",)
        elif session.document is None:
            self.canvas.message = ("No fabric is open", "Drop a fabric or a scenario here, or press Ctrl+O")
        elif self._failure:
            self.canvas.message = ("This state could not be computed", self._failure)
        elif self.scene.picture is None and self._which == "reference":
            self.canvas.message = ("Nothing to compare with", "Choose a variant to stand beside the one on display")
        elif self.scene.picture is None:
            count = len(session.document.fabric.link)
            self.canvas.message = (f"Working out the margins of {count} links \N{HORIZONTAL ELLIPSIS}",)
        elif not self.scene.picture.state.fabric.site:
            self.canvas.message = ("The fabric has no sites", "There is nothing to draw on a map")
        else:
            self.canvas.message = ()

    def _noticed(self, level: str, text: str) -> None:
        if level == "error" and self.session.document is not None and self.scene.picture is None:
            self._failure = text.splitlines()[0][:160] if text else ""
            self._say_what_to_do()
            self.canvas.update()

    def _selection_changed(self) -> None:
        self.scene.accents.selection = self.session.selection
        self.canvas.rest_soon()  # for the name of a site that is selected
        self._describe()
        self.canvas.update()

    def _theme_changed(self) -> None:
        self.scene.theme = self.session.theme
        self.card.hide()
        self._restyle()

    def _restyle(self) -> None:
        self.scene.restyle()
        self.legend.refresh(self.scene, stale=self._is_late)
        self.canvas.update()

    def _describe(self) -> None:
        """Tell readers of the screen what a glance tells others."""
        picture = self.scene.picture
        if picture is None:
            self.canvas.setAccessibleDescription(" ".join(self.canvas.message))
            return
        counts = np.bincount(self.scene.classes, minlength=len(self.scene.strokes)).tolist()
        words = [f"{n} {s.label}" for n, s in zip(counts, self.scene.strokes, strict=True) if n]
        card = self._card_of(self.session.selection.kind, self.session.selection.name)
        selected = f" Selected: {card.to_text()}." if card else ""
        self.canvas.setAccessibleDescription(f"Links: {', '.join(words)}.{selected} The table of links says the same.")

    # --- mouse ------------------------------------------------------------------------------------------------------

    def _card_of(self, kind: str, name: str) -> Card | None:
        picture, theme = self.scene.picture, self.session.theme
        geometry, clusters = self.scene.geometry, self.scene.clusters()
        if picture is None or geometry is None or clusters is None:
            return None
        if kind == "link" and name in picture.row_by_link:
            return describe_link(picture, name, theme, stale=self._is_late, reference=self.scene.against)
        if kind == "duct" and name in geometry.duct_index:
            return describe_duct(picture, name, theme)
        if kind == "site" and name in geometry.site_index:
            roles, names = geometry.layout.places.roles, geometry.layout.places.names
            same = np.flatnonzero(clusters.center == geometry.site_index[name]).tolist()
            together = tuple(names[k] for k in same if names[k] != name and roles[k] != "hut")
            return describe_site(picture, name, theme, stale=self._is_late, together=together)
        return None

    def _pointed(self, kind: str, name: str, at: QPoint) -> None:
        accents = self.scene.accents
        if (kind, name) == accents.hovered:
            self.card.follow(at)
            return
        accents.hovered = (kind, name)
        card = self._card_of(kind, name)
        if card is None:
            self.card.hide()
        else:
            self.card.show_card(card, at, self.session.theme)
        self.canvas.update()

    def _refresh_card(self) -> None:
        """Say of what is under the pointer what is known now."""
        card = self._card_of(*self.scene.accents.hovered) if self.card.isVisible() else None
        if card is not None:
            self.card.say(card, self.session.theme)

    def _camera_moved(self) -> None:
        self.legend.refresh(self.scene, stale=self._is_late)

    def _clicked(self, kind: str, name: str) -> None:
        self.session.select(_KINDS.get(kind, ""), name if kind in _KINDS else "")

    def _activated(self, kind: str, name: str) -> None:
        if kind == "link":
            self.session.select("link", name)
            self.link_opened.emit(name)
        elif kind == "site":
            self.center_on("site", name)

    def _filtered(self, classes: frozenset[int]) -> None:
        self.scene.wanted = classes
        self.canvas.update()
        self.filter_changed.emit(classes)

    def _open_menu(self, kind: str, name: str, at: QPoint) -> None:
        document, picture = self.session.document, self.scene.picture
        if document is None or picture is None:
            return
        entries = list_entries(picture, document.catalog, kind, name)
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if entries:
            self._clicked(kind, name)
            menu.addSection(name)
            fill_menu(menu, entries, lambda entry: self._choose(entry, name))
        else:
            menu.addActions(self._actions[:3])
        menu.popup(self.canvas.mapToGlobal(at))

    def _choose(self, entry: Entry, name: str) -> None:
        if entry.verb == "open":
            self.link_opened.emit(name)
        elif entry.verb == "explain":
            self.explain_requested.emit(name)
        elif entry.event is not None:
            event: dict[str, Any] = {**entry.event, "start_days": self.session.time_days}
            self.event_requested.emit(event)
