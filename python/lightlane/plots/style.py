"""How every figure looks and how it is saved: one font, one set of colors, sizes that hold on paper."""

from __future__ import annotations

import io
import logging
import re
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from lightlane.plots.classes import ALL_CLASSES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure
    from matplotlib.text import Text

FIGURE_WIDTH_IN = 7.2
"""The text width of an A4 page: fonts below are real sizes there."""
FONT_SIZE_PT = 8.0
SMALL_SIZE_PT = 7.0
_HALO_PT = 2.0

INK = "#1b2127"
MUTED = "#59636e"
RULE = "#ccd2d9"
PAPER = "#ffffff"
COAST = "#8fa3b3"
BORDER = "#b9c3cc"
GAIN = "#2f7fc1"
LOSS = "#d97a16"
COHERENT = "#3d6fb4"
DIRECT = "#d08b2c"
AMPLIFIER = "#7d8794"

THEME_COLORS: dict[str, tuple[str, str]] = {
    "ink": (INK, "#e6ebf0"),
    "muted": (MUTED, "#a3afba"),
    "rule": (RULE, "#343d47"),
    "paper": (PAPER, "#14181d"),
    "coast": (COAST, "#4f6476"),
    "border": (BORDER, "#3a4753"),
    "gain": (GAIN, "#6cb6f0"),
    "loss": (LOSS, "#ffae52"),
    "coherent": (COHERENT, "#6f9fe6"),
    "direct": (DIRECT, "#e6ac58"),
    "amplifier": (AMPLIFIER, "#8a95a1"),
    **{item.key: (item.color, item.dark_color) for item in ALL_CLASSES},
}
"""Role: (color on white, color on a dark screen). Each light color stands for one role only, so that a page can
exchange them; a test holds this."""

_STYLE: dict[str, Any] = {
    "font.family": ["DejaVu Sans"],  # comes with matplotlib: the same everywhere
    "font.size": FONT_SIZE_PT,
    "axes.titlesize": FONT_SIZE_PT + 1,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": FONT_SIZE_PT,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.6,
    "axes.facecolor": PAPER,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "figure.facecolor": PAPER,
    "grid.color": RULE,
    "grid.linewidth": 0.5,
    "text.color": INK,
    "text.parse_math": False,  # a "$" in a site's name is a dollar sign
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": FONT_SIZE_PT,
    "ytick.labelsize": FONT_SIZE_PT,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.frameon": False,
    "legend.fontsize": FONT_SIZE_PT,
    "svg.fonttype": "none",  # text stays text: searchable, small, in the reader's font
    "svg.hashsalt": "lightlane",  # the same figure gives the same bytes
    "path.simplify": True,
}


@contextmanager
def lightlane_style() -> Iterator[None]:
    """Set the house style for what is drawn inside; scripts that the font lacks are no reason to warn."""
    import matplotlib as mpl

    with mpl.rc_context(rc=cast("Any", _STYLE)), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        logger = logging.getLogger("matplotlib.mathtext")
        level = logger.level
        logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            logger.setLevel(level)


def new_figure(height_in: float, *, width_in: float = FIGURE_WIDTH_IN) -> Figure:
    """Return an empty figure outside of pyplot: nothing global holds it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_in, height_in))
    FigureCanvasAgg(figure)
    return figure


def add_axes_in(figure: Figure, left_in: float, bottom_in: float, width_in: float, height_in: float) -> Axes:
    """Add axes at a place given in inches from the lower left corner."""
    total_width, total_height = figure.get_size_inches()
    axes: Axes = figure.add_axes(
        (left_in / total_width, bottom_in / total_height, width_in / total_width, height_in / total_height)
    )
    return axes


def display_name(name: str, limit: int = 80) -> str:
    """Return ``name`` as a figure can show it: without control characters, shortened with an ellipsis."""
    clean = "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(char) in {"Cc", "Cs", "Co", "Cn"} else char for char in name
    )
    return clean if len(clean) <= limit else clean[: limit - 1].rstrip() + "…"


def text_width_pt(figure: Figure | SubFigure, text: str, size_pt: float, *, bold: bool = False) -> float:
    """Return how wide ``text`` is when it is drawn."""
    from matplotlib.font_manager import FontProperties

    properties = FontProperties(family=_STYLE["font.family"], size=size_pt, weight="bold" if bold else "normal")
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]  # new_figure gives it an Agg canvas
    width_px, _, _ = renderer.get_text_width_height_descent(text, properties, ismath=False)
    return float(width_px) * 72.0 / float(figure.dpi)


def draw_haloed_text(axes: Axes, x: float, y: float, text: str, **style: Any) -> None:
    """Write text with a rim in the color of the paper, so that it reads over lines.

    In SVG the rim is a stroke painted before the letters: a path effect would turn the letters into curves.
    """
    from matplotlib.patheffects import withStroke

    rim = withStroke(linewidth=_HALO_PT, foreground=PAPER)
    axes.text(x, y, text, color=INK, zorder=5, clip_on=True, path_effects=[rim], **style)


def note(axes: Axes, text: str) -> Text:
    """Write a sentence where there is nothing to draw: bare axes say nothing."""
    axes.set_axis_off()
    written: Text = axes.text(0.0, 0.5, text, transform=axes.transAxes, color=MUTED, ha="left", va="center")
    return written


def figure_to_svg(figure: Figure) -> str:
    """Return the figure as SVG; the same figure always gives the same text."""
    from matplotlib.text import Text

    haloed = [text for text in figure.findobj(Text) if text.get_path_effects()]
    effects = [text.get_path_effects() for text in haloed]
    buffer = io.StringIO()
    try:
        for text in haloed:
            text.set_path_effects([])
        with lightlane_style():
            figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": "Lightlane"})
    finally:
        for text, effect in zip(haloed, effects, strict=True):
            text.set_path_effects(effect)
    halo = f"paint-order: stroke; stroke: {PAPER}; stroke-width: {_HALO_PT}px; stroke-linejoin: round; "
    svg = re.sub(r'(<g id="name-[^"]*">\s*(?:<g [^>]*>\s*)?<text style=")', rf"\g<1>{halo}", buffer.getvalue())
    # Matplotlib ends some lines with blanks.
    return re.sub(r"[ \t]+\n", "\n", svg)


def figure_to_png(figure: Figure, *, dots_per_inch: int = 200) -> bytes:
    """Return the figure as PNG."""
    buffer = io.BytesIO()
    with lightlane_style():
        figure.savefig(buffer, format="png", dpi=dots_per_inch, metadata={"Software": "Lightlane"})
    return buffer.getvalue()


def figure_to_pdf(figure: Figure) -> bytes:
    """Return the figure as PDF; the same figure always gives the same bytes."""
    buffer = io.BytesIO()
    with lightlane_style():
        figure.savefig(buffer, format="pdf", metadata={"CreationDate": None, "Creator": "Lightlane"})
    return buffer.getvalue()
