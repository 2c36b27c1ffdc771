"""Drawing what was read of a results folder; a click on the drawing is a pick."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from lightlane.toolkit import MARGIN_CLASSES, axis_label, unit_of
from lightlane_gui.batch.results_reader import FolderPicture, Pick, View
from lightlane_gui.charts import Axis, Chart
from lightlane_gui.charts.steps import hold_steps
from lightlane_gui.session.session import Session
from lightlane_gui.theme import CLASS_KEYS

Floats = NDArray[np.float64]
BINS_COUNT = 30
NAME_HEIGHT = 18
"""Pixels between two names of links beside a heat map."""
TICKS_MAX = 8
CELLS_PIXELS_COUNT = 600
"""Of a side of a heat map with few cells."""
NAME_MAX = 22
NO_DRAWS = "This run kept no draws: start a Monte Carlo, or choose another view"
_FAN = ((0, 4, "5 to 95 %", "muted"), (1, 3, "25 to 75 %", "trace:3"))
"""Places of the quantiles of a fan, label and color."""
_UPPER_DB = np.array([item.upper_db for item in MARGIN_CLASSES])


class ResultsPlot(QWidget):
    """Shows one view at a time."""

    picked = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._picture: FolderPicture | None = None
        self._stack = QStackedLayout(self)
        self._chart = self._make("Results", Axis("margin_db"), Axis("draws_count", "Draws", decimals=0))
        self._key: tuple[object, ...] = ()
        session.theme_changed.connect(self._redraw)

    @property
    def chart(self) -> Chart:
        """What is shown now."""
        return self._chart

    def show_picture(self, picture: FolderPicture) -> None:
        """Draw what was read."""
        self._picture = picture
        self._redraw()

    def say(self, text: str) -> None:
        """Show a text in place of a drawing."""
        self._picture = None
        self._chart.clear(text)

    def _redraw(self) -> None:
        picture = self._picture
        if picture is None:
            return
        draw = {
            "histogram": self._draw_histogram,
            "scatter": self._draw_scatter,
            "heat": self._draw_heat,
            "fan": self._draw_fan,
            "survival": self._draw_survival,
        }[picture.request.view]
        draw(picture)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Name as many links as there is room for."""
        super().resizeEvent(event)
        if self._picture is not None and self._picture.request.view == "heat":
            self._redraw()

    # --- views ------------------------------------------------------------------------------------------------------

    def _draw_histogram(self, picture: FolderPicture) -> None:
        draws_db = picture.draws_db if picture.draws_db is not None else np.zeros(0)
        has_draws = len(draws_db) > 0
        what = "Draws" if has_draws else "Links"
        name = f"{what.lower()}_count"
        title = f"{_whom(picture)} over {len(draws_db)} draws" if has_draws else "Margins of all links"
        chart = self._use("histogram", title, Axis("margin_db"), Axis(name, what, decimals=0))
        if has_draws:
            values = draws_db
        else:
            values = picture.margins.margin_db[:, picture.request.point] if picture.margins else np.zeros(0)
        known = values[np.isfinite(values)]
        if not len(known):
            chart.clear("Nothing in service at this state has a margin")
            return
        counts, edges = np.histogram(known, bins=BINS_COUNT)
        centers = (edges[1:] + edges[:-1]) / 2
        colors = tuple(f"class:{key}" for key in _class_keys(centers))
        chart.set_bars(
            "bars", centers, counts.astype(float), color="accent", point_colors=colors, width=float(edges[1] - edges[0])
        )
        chart.set_line("limit", 0.0, "closes", along="y", color="error")

    def _draw_scatter(self, picture: FolderPicture) -> None:
        x, axis = _swept(picture)
        chart = self._use("scatter", _whom(picture), axis, Axis("margin_db"))
        if picture.margins is None or len(picture.states.points) < 2:
            chart.clear("This run swept nothing: start a sweep, or choose another view")
            return
        y = _chosen_row(picture)
        order = np.argsort(x, kind="stable")
        chart.set_curve("line", x[order], y[order], color="muted", style="dotted")
        known = np.isfinite(y)
        chart.remove("points")
        if known.any():
            colors = tuple(f"class:{key}" for key in _class_keys(y[known]))
            chart.set_points("points", x[known], y[known], point_colors=colors)
        chart.set_line("limit", 0.0, "closes", color="error")

    def _draw_heat(self, picture: FolderPicture) -> None:
        over_time = picture.history is not None
        margin_db = picture.history.margin_db if picture.history is not None else None
        if margin_db is None and picture.margins is not None:
            margin_db = picture.margins.margin_db
        if margin_db is None or not margin_db.size:
            self._chart.clear("No state is finished yet")
            return
        rows, columns = margin_db.shape
        across, down = (-0.5, columns - 0.5), (-0.5, rows - 0.5)
        name, label = ("step_index", "Day") if over_time else ("point_index", _swept(picture)[1].text)
        y_axis = Axis("link_index", "Link", decimals=0, limits=down)
        chart = self._use("heat", "Class of margin", Axis(name, label, decimals=0, limits=across), y_axis)
        links = picture.history.links if picture.history is not None else picture.links
        places = picture.history.time_days if picture.history is not None else _swept(picture)[0]
        item = chart.plot.getPlotItem()
        item.getAxis("left").setTicks(
            [_thin([shorten(link) for link in links], max(2, self.height() // NAME_HEIGHT - 4))]
        )
        item.getAxis("bottom").setTicks([_thin([f"{value:.6g}" for value in places.tolist()], TICKS_MAX)])
        present = set(_class_indices(margin_db).ravel().tolist())
        for index, words in enumerate(_class_words()):
            chart.remove(f"class:{index}")
            if index in present:
                nowhere = np.zeros(0)
                chart.set_curve(f"class:{index}", nowhere, nowhere, words, color=f"class:{CLASS_KEYS[index]}")
        chart.set_image("heat", self._shade(margin_db), (*across, *down))

    def _draw_fan(self, picture: FolderPicture) -> None:
        chart = self._use("fan", _whom(picture, over_time=True), Axis("time_days", "Time (d)"), Axis("margin_db"))
        history, drawn = picture.history, picture.drawn_history
        link = _link_over_time(picture)
        if history is None or not link:
            chart.clear("No link has a margin over this timeline")
            return
        days, row = history.time_days, history.links.index(link)
        if drawn is not None:
            for low, high, label, color in _FAN:
                for place in (low, high):
                    corners = hold_steps(days, drawn.fan_db[row, :, place])
                    words = label if place == low else ""
                    chart.set_curve(f"quantile:{place}", *corners, words, color=color, style="dashed")
            chart.set_curve("median", *hold_steps(days, drawn.fan_db[row, :, 2]), "median", color="accent")
        chart.set_curve("nominal", *hold_steps(days, history.margin_db[row]), "nominal", color="ink")
        chart.set_line("limit", 0.0, color="error")

    def _draw_survival(self, picture: FolderPicture) -> None:
        axis = Axis("lasting_ratio", "Share of draws that last", limits=(0.0, 1.02))
        chart = self._use("survival", "How long links last", Axis("time_days", "Time (d)"), axis)
        drawn, link = picture.drawn_history, _link_over_time(picture)
        if drawn is None:
            chart.clear(NO_DRAWS)
            return
        if link:
            chart.set_curve(
                "link", drawn.time_days, drawn.lasting_ratio[drawn.links.index(link)], link, color="trace:0"
            )
        chart.set_curve("all", drawn.time_days, drawn.all_lasting_ratio, "all links", color="trace:1")

    # --- hand -------------------------------------------------------------------------------------------------------

    def _pick(self, x: float, y: float) -> None:
        picture = self._picture
        if picture is None:
            return
        request = picture.request
        pick = {"histogram": _pick_draw, "scatter": _pick_point, "heat": _pick_cell}.get(request.view, _pick_step)
        found = pick(picture, x, y)
        if found is not None:
            self.picked.emit(found)

    # --- charts -----------------------------------------------------------------------------------------------------

    def _make(self, title: str, x: Axis, y: Axis) -> Chart:
        chart = Chart(self._session, title, x, y, empty_text="Choose a job or open a results folder")
        chart.clicked.connect(self._pick)
        self._stack.addWidget(chart)
        return chart

    def _use(self, view: View, title: str, x: Axis, y: Axis) -> Chart:
        """Return the chart with these axes; another one takes the place of the last."""
        key = (view, x, y)
        if key != self._key:
            old, self._chart = self._chart, self._make(title, x, y)
            self._stack.setCurrentWidget(self._chart)
            self._stack.removeWidget(old)
            old.deleteLater()
            self._key = key
        self._chart.set_title(title)
        return self._chart

    def _shade(self, margin_db: Floats) -> NDArray[np.uint32]:
        theme = self._session.theme
        colors = np.array([QColor(theme.classes[key]).rgb() for key in CLASS_KEYS], dtype=np.uint32)
        pixels = colors[_class_indices(margin_db)]
        # A picture is drawn smoothly: cells of many pixels keep their edges.
        for axis, count in enumerate(pixels.shape):
            pixels = np.repeat(pixels, max(1, CELLS_PIXELS_COUNT // max(count, 1)), axis=axis)
        return pixels


def shorten(link: str) -> str:
    """Return a name that fits beside an axis."""
    return link if len(link) <= NAME_MAX else link[: NAME_MAX - 1] + "…"


def _thin(words: list[str], most: int) -> list[tuple[float, str]]:
    """Return ticks with words, evenly chosen where there are too many."""
    step = -(-len(words) // most)
    return [(float(place), words[place]) for place in range(0, len(words), max(step, 1))]


def _class_words() -> list[str]:
    return [*(item.label for item in MARGIN_CLASSES), "no margin"]


def _class_indices(margin_db: Floats) -> NDArray[np.int64]:
    index = np.searchsorted(_UPPER_DB, margin_db, side="right")
    return np.where(np.isnan(margin_db), CLASS_KEYS.index("unknown"), index)


def _class_keys(margin_db: Floats) -> list[str]:
    return [CLASS_KEYS[index] for index in _class_indices(margin_db).tolist()]


def _whom(picture: FolderPicture, *, over_time: bool = False) -> str:
    link = _link_over_time(picture) if over_time else picture.request.link
    return f"Margin of {link}" if link else "Least margin of any link"


def _link_over_time(picture: FolderPicture) -> str:
    """Return the chosen link, else the one whose margin falls lowest."""
    if picture.request.link or picture.history is None:
        return picture.request.link
    return next(iter(picture.history.least_lasting(1)), "")


def _chosen_row(picture: FolderPicture) -> Floats:
    assert picture.margins is not None
    margins = picture.margins
    if picture.request.link:
        row: Floats = margins.margin_db[margins.links.index(picture.request.link)]
        return row
    least = np.min(np.where(np.isfinite(margins.margin_db), margins.margin_db, np.inf), axis=0, initial=np.inf)
    return np.where(np.isfinite(least), least, np.nan)


def _swept(picture: FolderPicture) -> tuple[Floats, Axis]:
    """Return the values of the first field that is swept, or the numbers of the points where they are none."""
    points = picture.states.points
    values = [point[0][1] if point else None for point in points]
    if points and points[0] and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        field = points[0][0][0]
        name = field.rpartition(".")[2]
        label = axis_label(name) if unit_of(name) is not None else name
        subject = field.rpartition(".")[0]
        return np.array(values, dtype=float), Axis(name, f"{label}, {subject}" if subject else label)
    return np.arange(len(points), dtype=float), Axis("point_index", "Point", decimals=0)


def _pick_draw(picture: FolderPicture, x: float, _: float) -> Pick | None:
    request, draws_db = picture.request, picture.draws_db
    if draws_db is None or not np.isfinite(draws_db).any():
        return None
    draw = int(np.nanargmin(np.abs(draws_db - x)))
    return Pick(request.path, request.variant, request.point, request.step, draw, request.link)


def _pick_point(picture: FolderPicture, x: float, _: float) -> Pick | None:
    request = picture.request
    if picture.margins is None:
        return None
    known = np.isfinite(_chosen_row(picture)) | picture.margins.is_down.any(axis=0)
    distance = np.where(known, np.abs(_swept(picture)[0] - x), np.inf)
    point = int(np.argmin(distance))
    return Pick(request.path, request.variant, point, request.step, link=request.link)


def _pick_cell(picture: FolderPicture, x: float, y: float) -> Pick | None:
    request, column, row = picture.request, round(x), round(y)
    links = picture.history.links if picture.history is not None else picture.links
    count = len(picture.history.time_days) if picture.history is not None else len(picture.states.points)
    if not (0 <= row < len(links) and 0 <= column < count):
        return None
    if picture.history is not None:
        return Pick(request.path, request.variant, request.point, column, link=links[row])
    return Pick(request.path, request.variant, column, request.step, link=links[row])


def _pick_step(picture: FolderPicture, x: float, _: float) -> Pick | None:
    request, times = picture.request, picture.states.times_days.get(picture.request.variant, ())
    if not times:
        return None
    step = int(np.argmin(np.abs(np.array(times) - x)))
    return Pick(request.path, request.variant, request.point, step, link=_link_over_time(picture))
