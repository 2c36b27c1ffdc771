"""How ``lightlane fec`` shows a waterfall."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lightlane.cli.console import get_console
from lightlane.errors import ParameterError
from lightlane.fec_waterfall import BASIS_TEXTS, Waterfall
from lightlane.files import write_atomically

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def print_waterfall(waterfall: Waterfall) -> None:
    """Print the points on standard error, each with its interval and where its ratio is from."""
    from rich.table import Table

    title = f"{waterfall.code}: {waterfall.description}; seed {waterfall.seed}"
    table = Table(box=None, pad_edge=False, title=title, title_justify="left")
    for name in ("pre-FEC BER", waterfall.quantity.replace("_", " "), "95 % from", "to", "failed", "frames", "basis"):
        table.add_column(name, justify="left" if name == "basis" else "right")
    for point in waterfall.points:
        ratios = ["" if r is None else f"{r:.2e}" for r in (point.ratio, point.low_ratio, point.high_ratio)]
        counts = point.get_counts()
        failed, frames = counts.frame_errors_count, counts.frames_count
        table.add_row(f"{point.pre_fec_ber:.3e}", *ratios, f"{failed:,}", f"{frames:,}", point.basis.replace("_", " "))
    console = get_console()
    console.print(table)
    for basis in sorted({point.basis for point in waterfall.points} - {"counted"}):
        console.print(f"{basis.replace('_', ' ')}: {BASIS_TEXTS[basis]}", style="dim")


def save_plot(waterfall: Waterfall, threshold_ber: float, path: Path) -> None:
    """Draw the waterfall into a file.

    Raises
    ------
    ParameterError
        If the name of the file does not end in .svg, .pdf or .png, or no point has a ratio.
    """
    from lightlane.plots import figure_to_pdf, figure_to_png, figure_to_svg, plot_fec_waterfall

    writers: dict[str, Callable[[Figure], str | bytes]]
    writers = {".svg": figure_to_svg, ".pdf": figure_to_pdf, ".png": figure_to_png}
    if path.suffix.lower() not in writers:
        raise ParameterError(f"--plot is {path}; allowed: a file that ends in .svg, .pdf or .png")
    if not any(point.ratio for point in waterfall.points):
        raise ParameterError("no point has a ratio to draw; allowed: more frames or higher --points")
    figure = plot_fec_waterfall(waterfall, threshold_pre_fec_ber=threshold_ber)
    write_atomically(path, writers[path.suffix.lower()](figure))
