"""What panels of coherent and of PAM4 lanes have in common: how they take a round of a simulation, and show none."""

from __future__ import annotations

from abc import abstractmethod
from typing import Generic, TypeVar

from PySide6.QtWidgets import QWidget

from lightlane_gui.charts import Chart
from lightlane_gui.link_view.chart_grid import ChartGrid
from lightlane_gui.link_view.fec_chart import FecChart
from lightlane_gui.session.session import Session
from lightlane_gui.workers.lane_worker import LaneShot

EMPTY = "No waveform yet.\nIt is simulated while this page is seen."
Picture = TypeVar("Picture")


class SignalPanel(ChartGrid, Generic[Picture]):
    """A grid of charts that shows pictures of one kind.

    Parameters
    ----------
    kind
        Of picture; a round without one shows nothing, and says why.
    fec
        Among the charts.
    """

    def __init__(self, session: Session, kind: type[Picture], charts: list[QWidget], fec: FecChart) -> None:
        super().__init__(charts)
        self._session, self._kind, self.fec = session, kind, fec
        self._shot: LaneShot | None = None
        session.theme_changed.connect(self._shade_again)

    def show_shot(self, shot: LaneShot | None, *, is_stale: bool) -> None:
        """Draw a round; None: nothing yet."""
        self._shot = shot
        picture = None if shot is None else shot.picture
        if shot is None or not isinstance(picture, self._kind):
            for chart in self._plain_charts():
                chart.clear(EMPTY if shot is None or not shot.reason else f"No signal: {shot.reason}.")
            return
        self.shade(picture)
        self.draw(picture)
        self.fec.show_shot(shot)
        for chart in self._plain_charts():
            chart.set_stale(is_stale)

    @abstractmethod
    def shade(self, picture: Picture) -> None:
        """Draw what is an image, in the colors of the theme."""

    @abstractmethod
    def draw(self, picture: Picture) -> None:
        """Draw everything else."""

    def _plain_charts(self) -> list[Chart]:
        return [chart for chart in self.charts if isinstance(chart, Chart)]

    def _shade_again(self) -> None:
        picture = None if self._shot is None else self._shot.picture
        if isinstance(picture, self._kind):
            self.shade(picture)
