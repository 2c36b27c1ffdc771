"""What the menus hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from lightlane_gui.map.export import export_map
from lightlane_gui.session.document import BASE
from lightlane_gui.theme import THEMES, apply_theme
from lightlane_gui.window.actions import ActionSpec, keys_text, plain_text
from lightlane_gui.window.help import ShortcutsDialog
from lightlane_gui.window.layouts import LAYOUTS
from lightlane_gui.window.palette import Entry, Palette
from lightlane_gui.window.views import DOCK_TITLES

if TYPE_CHECKING:
    from lightlane_gui.session.selection import Kind
    from lightlane_gui.window.main_window import MainWindow

NEEDS_DOCUMENT = (
    "save", "save-as", "export-map", "export-state", "new-variant", "compare", "search", "next-worst", "previous-worst",
    "explain",
)  # fmt: skip
"""Actions that need something open."""


def list_actions(window: MainWindow) -> list[ActionSpec]:
    """Return everything that the window itself can do, in the order of the menus."""
    session = window.session
    conditions: dict[str, Callable[[], bool]] = {
        **dict.fromkeys(NEEDS_DOCUMENT, lambda: session.document is not None),
        "reset-variant": lambda: session.document is not None and session.form.variant != BASE,
    }
    specs = [*_file(window), *_edit(window), *_view(window), *_fabric(window), *_help(window)]
    return [replace(spec, is_possible=conditions.get(spec.key)) for spec in specs]


def _file(window: MainWindow) -> Iterator[ActionSpec]:
    files = window.files
    yield ActionSpec("open", "&File", "&Open…", files.ask_open, "Ctrl+O", "Open a fabric, a scenario or a session")
    yield ActionSpec("open-results", "&File", "Open &results…", files.ask_open_results, "Ctrl+Shift+O",
                     "Open a results folder that a headless run wrote")  # fmt: skip
    yield ActionSpec("recent", "&File", "Open re&cent…", partial(_choose_recent, window), "Ctrl+Alt+O")
    yield ActionSpec("demo", "&File", "Open the &demo fabric", files.open_demo, "Ctrl+Shift+E")
    yield ActionSpec(
        "save", "&File", "-&Save", files.save, "Ctrl+S", "Save the session, or the scenario to run headless"
    )
    yield ActionSpec("save-as", "&File", "Save &as…", files.save_as, "Ctrl+Shift+S")
    yield ActionSpec(
        "export-map", "&File", "-Export the &map…", partial(_export_map, window), "Ctrl+E", "As PNG or SVG"
    )
    yield ActionSpec("export-state", "&File", "Export &everything…", window.export.ask, "Ctrl+Shift+R",
                     "Scenario, results and report into one folder, and the command that repeats it")  # fmt: skip
    yield ActionSpec("quit", "&File", "-&Quit", window.close, "Ctrl+Q")


def _edit(window: MainWindow) -> Iterator[ActionSpec]:
    session, stack = window.session, window.session.undo_stack
    yield ActionSpec("undo", "&Edit", "&Undo", stack.undo, "Ctrl+Z", "Take the last step back")
    yield ActionSpec("redo", "&Edit", "&Redo", stack.redo, "Ctrl+Shift+Z | Ctrl+Y", "Do it again")
    yield ActionSpec("new-variant", "&Edit", "-&New variant…", partial(_new_variant, window), "Ctrl+N")
    yield ActionSpec("reset-variant", "&Edit", "Re&set the variant", partial(_reset_variant, window), "Ctrl+Backspace",
                     "Take all changes of this variant back")  # fmt: skip
    yield ActionSpec("compare", "&Edit", "&Compare with the baseline", partial(_toggle_compare, window), "Ctrl+B",
                     "Two maps side by side, changes in tables, ghosts in plots")  # fmt: skip
    yield ActionSpec("clear-selection", "&Edit", "Select nothing", lambda: session.select(""), "Escape")


def _view(window: MainWindow) -> Iterator[ActionSpec]:
    for number, (key, title) in enumerate(DOCK_TITLES.items(), start=1):
        yield ActionSpec(f"dock-{key}", "&View", title, partial(_toggle_dock, window, key), f"Ctrl+{number}",
                         f"Go to: {title}; once more hides it")  # fmt: skip
    for number, layout in enumerate(LAYOUTS):
        mark = "-" if number == 0 else ""
        yield ActionSpec(f"layout-{layout.key}", "&View", f"{mark}Layout: {layout.text}",
                         partial(window.layouts.show, layout), f"F{5 + number}")  # fmt: skip
    yield ActionSpec("layout-reset", "&View", "Reset the layout", partial(_reset_layout, window), "Ctrl+0")
    yield ActionSpec("theme", "&View", "-Dark or light", partial(_toggle_theme, window), "Ctrl+Shift+T")
    yield ActionSpec("full-screen", "&View", "Full screen", partial(_toggle_full_screen, window), "F11")


def _fabric(window: MainWindow) -> Iterator[ActionSpec]:
    views = window.views
    yield ActionSpec("search", "F&abric", "&Search…", partial(_search, window), "Ctrl+F", "Find a site, duct or link")
    yield ActionSpec("next-worst", "F&abric", "&Next worst link", partial(views.map.select_worst, 1), "Ctrl+.")
    yield ActionSpec("previous-worst", "F&abric", "&Previous worst link", partial(views.map.select_worst, -1), "Ctrl+,")
    yield ActionSpec("explain", "F&abric", "&Explain the selected link", partial(_explain, window), "Ctrl+I",
                     "Why this margin: what it is made of, and what to do")  # fmt: skip


def _help(window: MainWindow) -> Iterator[ActionSpec]:
    yield ActionSpec("palette", "&Help", "&Command palette…", partial(_open_palette, window), "Ctrl+K | Ctrl+Shift+P",
                     "Everything that can be done, and every site, duct and link")  # fmt: skip
    yield ActionSpec("shortcuts", "&Help", "&Shortcuts", partial(_show_shortcuts, window), "F1 | Ctrl+/")
    yield ActionSpec("first-steps", "&Help", "&First steps", window.first_steps.show)


# --- what they do -------------------------------------------------------------------------------------------------


def _choose_recent(window: MainWindow) -> None:
    entries = [Entry(path.name, str(path.parent), partial(window.files.open, path)) for path in window.settings.recent]
    Palette(entries, window, prompt="Open recent").show()


def _export_map(window: MainWindow) -> None:
    name, _ = QFileDialog.getSaveFileName(window, "Export the map", "map.svg", "Vectors (*.svg);;Pixels (*.png)")
    if name:
        try:
            export_map(window.views.map.canvas, Path(name))
        except OSError as error:
            window.files.tell(f"{name} could not be written.", [str(error)])


def _new_variant(window: MainWindow) -> None:
    window.views.what_if.variant_bar.make_new()


def _reset_variant(window: MainWindow) -> None:
    window.views.what_if.variant_bar.reset()


def _toggle_compare(window: MainWindow) -> None:
    session = window.session
    if session.document is None:
        return
    form = session.form
    if session.reference_variant is not None:
        session.compare_with(None)
    elif form.variant != "baseline":
        session.compare_with("baseline")
    elif form.scenario.variant:
        session.compare_with(form.scenario.variant[0].name)
    else:
        session.notice(
            "There is nothing to compare with: move a slider first, and compare with the baseline.", "warning"
        )


def _toggle_dock(window: MainWindow, key: str) -> None:
    """Go to a dock; from inside of it, hide it."""
    dock, focus = window.docks[key], QApplication.focusWidget()
    if focus is not None and dock.isAncestorOf(focus) and not dock.visibleRegion().isEmpty():
        dock.hide()
        window.views.map.canvas.setFocus()
    else:
        window.show_dock(key)
        window.focus_dock(key)


def _reset_layout(window: MainWindow) -> None:
    window.layouts.show(window.layouts.current, fresh=True)


def _toggle_theme(window: MainWindow) -> None:
    set_theme(window, "light" if window.session.theme.name == "dark" else "dark")


def set_theme(window: MainWindow, name: str) -> None:
    """Put a theme on the window and remember it."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, THEMES[name])
    window.session.set_theme(THEMES[name])
    window.settings.theme = name


def _toggle_full_screen(window: MainWindow) -> None:
    if window.isFullScreen():
        window.showNormal()
    else:
        window.showFullScreen()


def _records(window: MainWindow) -> list[Entry]:
    document = window.session.document
    if document is None:
        return []
    fabric = document.fabric if window.session.picture is None else window.session.picture.state.fabric
    entries: list[Entry] = []
    groups: list[tuple[Kind, tuple[str, ...]]] = [
        ("link", tuple(item.name for item in fabric.link)),
        ("site", tuple(item.name for item in fabric.site)),
        ("duct", tuple(item.name for item in fabric.duct)),
    ]
    for kind, names in groups:
        entries += [Entry(name, kind, _go_to(window, kind, name)) for name in names]
    return entries


def _go_to(window: MainWindow, kind: Kind, name: str) -> Callable[[], None]:
    def go() -> None:
        window.session.select(kind, name)
        window.views.map.center_on(kind, name)

    return go


def _search(window: MainWindow) -> None:
    Palette(_records(window), window, prompt="Search sites, links, ducts").show()


def _open_palette(window: MainWindow) -> None:
    window.filler.fill()
    actions: list[Entry] = []
    for action in window.actions_book:
        menu = action.menu()
        if isinstance(menu, QMenu):
            # A menu does nothing by itself.
            text = plain_text(action)
            menu.aboutToShow.emit()  # a menu may be filled when it is opened
            lines = [line for line in menu.actions() if line.isEnabled() and line.text()]
            actions += [Entry(f"{text}: {plain_text(line)}", keys_text(line), line.trigger) for line in lines]
        elif action.isEnabled():
            actions.append(Entry(plain_text(action), keys_text(action), action.trigger))
    Palette([*actions, *_records(window)], window, prompt="What to do, or where to go").show()


def _show_shortcuts(window: MainWindow) -> None:
    window.filler.fill()
    ShortcutsDialog(window.actions_book.groups(), window, window.session.theme).open()


def _explain(window: MainWindow) -> None:
    if window.session.selection.link:
        window.explain_link(window.session.selection.link)
    else:
        window.session.notice("Select a link first, or press N for the worst one.")
