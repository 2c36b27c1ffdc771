"""Colors and sizes of the dark and the light theme, and how they are put on Qt and on plots."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

ClassKey = Literal["down", "critical", "low", "good", "high", "unknown"]
CLASS_KEYS: tuple[ClassKey, ...] = ("down", "critical", "low", "good", "high", "unknown")
"""Of margin, as ``lightlane.MARGIN_CLASSES`` has them, worst first."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colors, as ``#rrggbb``.

    Attributes
    ----------
    classes
        Of margin, by key. Text is never in these colors: a chip beside normal text is.
    traces
        Of curves in one plot, in order.
    """

    name: Literal["dark", "light"]
    window: str
    panel: str
    field: str
    ink: str
    muted: str
    rule: str
    accent: str
    accent_ink: str
    plot: str
    grid: str
    coast: str
    border: str
    land: str
    site: str
    selection: str
    warning: str
    error: str
    good: str
    classes: dict[str, str]
    traces: tuple[str, ...]
    density: str
    """Name of the color map of densities, see ``lightlane_gui.charts.palettes``."""


DARK = Theme(
    name="dark",
    window="#14181d",
    panel="#1b2027",
    field="#10141a",
    ink="#e4e8ee",
    muted="#9aa5b1",
    rule="#313944",
    accent="#4aa3df",
    accent_ink="#06121b",
    plot="#10141a",
    grid="#2a313b",
    coast="#46525f",
    border="#333c47",
    land="#181d23",
    site="#e4e8ee",
    selection="#ffffff",
    warning="#ffa51f",
    error="#ff6b4a",
    good="#7bd88f",
    classes={
        "down": "#e8430a", "critical": "#ffa51f", "low": "#fff3a3",
        "good": "#6cc5f5", "high": "#3a6fd8", "unknown": "#6b7480",
    },
    traces=("#6cc5f5", "#ffa51f", "#b48ead", "#a3d977", "#f28fb1", "#d7ba7d", "#8fa3ff", "#5fd3bc"),
    density="inferno",
)  # fmt: skip
LIGHT = Theme(
    name="light",
    window="#f4f5f7",
    panel="#ffffff",
    field="#ffffff",
    ink="#1c232b",
    muted="#5b6672",
    rule="#d3d8de",
    accent="#1f6fb2",
    accent_ink="#ffffff",
    plot="#ffffff",
    grid="#e3e7eb",
    coast="#a7b0ba",
    border="#d0d6dc",
    land="#fbfbfc",
    site="#1c232b",
    selection="#000000",
    warning="#9a5200",
    error="#a3260b",
    good="#1b7a3d",
    classes={
        "down": "#a3260b", "critical": "#d9760a", "low": "#b08f5a",
        "good": "#2f86c9", "high": "#12408c", "unknown": "#8a8f98",
    },
    traces=("#1f6fb2", "#c25a00", "#7a3e9d", "#3f7d20", "#b3325f", "#7d6608", "#3949ab", "#00796b"),
    density="paper",
)  # fmt: skip
THEMES: dict[str, Theme] = {"dark": DARK, "light": LIGHT}

STYLE_SHEET = """
QMainWindow::separator {{ background: {rule}; width: 4px; height: 4px; }}
QMainWindow::separator:hover {{ background: {accent}; }}
QDockWidget {{ color: {muted}; font-weight: 600; }}
QDockWidget::title {{ background: {panel}; padding: 5px 8px; border-bottom: 1px solid {rule}; }}
QToolTip {{ background: {panel}; color: {ink}; border: 1px solid {rule}; padding: 5px; }}
QToolBar {{ background: {panel}; border: none; border-bottom: 1px solid {rule}; spacing: 4px; padding: 3px; }}
QToolButton {{ border: 1px solid transparent; border-radius: 3px; padding: 3px 7px; }}
QToolButton:hover {{ background: {rule}; }}
QToolButton:checked {{ background: {rule}; border-color: {accent}; }}
QToolButton:focus {{ border-color: {accent}; }}
QStatusBar {{ background: {panel}; border-top: 1px solid {rule}; color: {muted}; }}
QStatusBar::item {{ border: none; }}
QHeaderView::section {{ background: {panel}; color: {muted}; border: none; border-bottom: 1px solid {rule};
    border-right: 1px solid {rule}; padding: 3px 6px; }}
QTableView, QTreeView, QListView, QPlainTextEdit, QTextBrowser {{ background: {field}; border: 1px solid {rule};
    gridline-color: {rule}; selection-background-color: {accent}; selection-color: {accent_ink}; }}
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox {{ background: {field}; border: 1px solid {rule}; border-radius: 3px;
    padding: 2px 5px; min-height: 18px; selection-background-color: {accent}; }}
QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus {{ border-color: {accent}; }}
QComboBox::drop-down {{ border: none; width: 18px; }}
QComboBox::down-arrow {{ image: url({arrow}); width: 10px; height: 10px; }}
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {{ width: 0;
    border: none; }}
QDialog#palette {{ background: {panel}; border: 1px solid {accent}; }}
QPushButton {{ background: {panel}; border: 1px solid {rule}; border-radius: 3px; padding: 4px 12px; }}
QPushButton:hover {{ border-color: {accent}; }}
QPushButton:focus {{ border-color: {accent}; }}
QPushButton:default {{ background: {accent}; color: {accent_ink}; border-color: {accent}; }}
QPushButton:disabled, QToolButton:disabled {{ color: {muted}; border-color: {rule}; background: {window}; }}
QTabBar::tab {{ background: {window}; color: {muted}; padding: 5px 12px; border: none;
    border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {ink}; border-bottom: 2px solid {accent}; }}
QTabWidget::pane {{ border: none; border-top: 1px solid {rule}; }}
QProgressBar {{ background: {field}; border: 1px solid {rule}; border-radius: 3px; text-align: center;
    min-height: 16px; }}
QProgressBar::chunk {{ background: {accent}; }}
QScrollArea {{ border: none; }}
"""


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Put a theme on every widget of an application; plots take theirs from the session."""
    app.setStyle("Fusion")
    palette = QPalette()
    role = QPalette.ColorRole
    for target, color in {
        role.Window: theme.window, role.WindowText: theme.ink, role.Base: theme.field, role.AlternateBase: theme.panel,
        role.Text: theme.ink, role.Button: theme.panel, role.ButtonText: theme.ink, role.ToolTipBase: theme.panel,
        role.ToolTipText: theme.ink, role.Highlight: theme.accent, role.HighlightedText: theme.accent_ink,
        role.PlaceholderText: theme.muted, role.Link: theme.accent, role.Light: theme.rule, role.Mid: theme.rule,
        role.Midlight: theme.rule, role.Dark: theme.rule, role.Shadow: theme.window, role.BrightText: theme.error,
    }.items():  # fmt: skip
        palette.setColor(target, QColor(color))
    for target in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, target, QColor(theme.muted))
    app.setPalette(palette)
    app.setFont(QFont(app.font().family(), 9))
    arrow = resources.files("lightlane_gui").joinpath("data", f"arrow-{theme.name}.svg")
    colors = {name: getattr(theme, name) for name in _SHEET_COLORS}
    app.setStyleSheet(STYLE_SHEET.format(**colors, arrow=Path(str(arrow)).as_posix()))


_SHEET_COLORS = ("window", "panel", "field", "ink", "muted", "rule", "accent", "accent_ink")
