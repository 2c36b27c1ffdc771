"""The lanes of many links: columns, records of single lanes and links, and what each margin is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lightlane.columns import CodedTexts, ColumnSet
from lightlane.lane.frames import module_frame_loss_ratios
from lightlane.lane.model import (
    Contribution,
    Fidelity,
    LaneResult,
    LinkResult,
    Status,
    frame_loss_column,
    is_quantile_column,
    quantile_column,
)
from lightlane.link import Link

STATUS_ORDER: tuple[Status, ...] = ("down", "unknown", "degraded", "up")
"""Worst first: a link is what its worst lane is."""
CLOSING: tuple[Status, ...] = ("up", "degraded")
"""Carries traffic: what has no verdict is not promised to anybody."""

_SINGLE_FIGURES = {
    "worst_margin_db": "worst_margin_db",
    "outage_ratio": "outage_ratio",
    "worst_frame_loss_ratio": "worst_module_frame_loss_ratio",
}
"""Fields of a link's record by the columns of worst case and draws."""

Explained = dict[int, tuple[Contribution, ...]]
"""Contributions by row."""
Explain = Callable[[Sequence[int]], Explained]
"""Evaluates the links of some rows once more and returns the contributions of at least these rows."""


@dataclass(frozen=True, slots=True)
class LaneBatch:
    """The lanes of many links: columns as of the lane table, ordered by link, channel, direction and lane.

    Attributes
    ----------
    links
        In the order that ``link_index`` counts.
    columns
        Lane table; columns of texts hold Python strings, which are made when the column is first read.
    link_index
        For each lane, its link.
    """

    links: tuple[Link, ...]
    columns: ColumnSet
    link_index: NDArray[np.int64]
    _explain: Explain
    _explained: Explained = field(default_factory=dict)
    link_columns: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    """Worst case, margin quantiles and outage of each link, where they were asked for."""
    quantiles: tuple[float, ...] = ()
    """Probabilities of the quantiles among the columns."""
    fidelities: tuple[Fidelity, ...] = ()
    """What each link was evaluated with; empty: all with the budget."""

    def __len__(self) -> int:
        return len(self.link_index)

    @property
    def explained(self) -> Explained:
        """Contributions that are known already, by row."""
        return self._explained

    def link_bounds(self) -> NDArray[np.int64]:
        """Return where the lanes of each link start, and at the end how many lanes there are."""
        return np.searchsorted(self.link_index, np.arange(len(self.links) + 1))

    def deciding_lanes(self) -> NDArray[np.int64]:
        """Return for each link the row of the lane that decides it: worst status first, then least margin."""
        starts = self.link_bounds()[:-1]
        status = self.columns.stored("status")
        assert isinstance(status, CodedTexts)
        rank = np.array([STATUS_ORDER.index(text) for text in status.texts])[status.codes]
        worst = rank == np.minimum.reduceat(rank, starts)[self.link_index]
        # Down without a margin (blocked) is worse than any negative margin.
        margin_db = self.columns["margin_db"]
        margin_db = np.where(worst, np.where(np.isnan(margin_db), -np.inf, margin_db), np.inf)
        least = np.flatnonzero(worst & (margin_db == np.minimum.reduceat(margin_db, starts)[self.link_index]))
        _, first = np.unique(self.link_index[least], return_index=True)
        return np.asarray(least[first], dtype=np.int64)

    def link_frame_loss_ratios(self) -> NDArray[np.float64]:
        """Return for each link the greatest frame loss ratio of its engines in either direction; NaN: none."""
        return module_frame_loss_ratios(self.links, self.link_bounds(), self.columns["pre_fec_ber"])

    def explain(self, row: int) -> tuple[Contribution, ...]:
        """Return the contributions that add up to the margin of one lane; empty where it has no margin."""
        return self.explain_rows([row])[0]

    def explain_rows(self, rows: Sequence[int]) -> list[tuple[Contribution, ...]]:
        """Return the contributions of several lanes; the links that hold them are evaluated once more to find them."""
        missing = sorted({row for row in rows if row not in self._explained})
        if missing:
            self._explained.update(self._explain(missing))
        return [self._explained[row] for row in rows]

    def lane_result(self, row: int, *, explain: bool = True) -> LaneResult:
        """Return one lane as a record."""
        return self._records(row, row + 1, explain=explain)[0]

    def _records(self, start: int, end: int, *, explain: bool) -> list[LaneResult]:
        taken = self.columns.take(slice(start, end))
        rows = zip(*(column.tolist() for column in taken.values()), strict=True)
        steps = self.explain_rows(range(start, end)) if explain else [()] * (end - start)
        out = []
        for row, contributions in zip(rows, steps, strict=True):
            values: dict[str, Any] = dict(zip(taken, row, strict=True))
            assumed = values.pop("assumed")
            values["assumed"] = tuple(assumed.split("; ")) if assumed else ()
            drawn = {name: values.pop(name) for name in taken if is_quantile_column(name)}
            values["margin_db_by_probability_ratio"] = tuple(
                (probability, drawn[quantile_column(probability)]) for probability in self.quantiles
            )
            out.append(LaneResult(**values, contributions=contributions))
        return out

    def link_results(self, *, explain: bool = False) -> list[LinkResult]:
        """Return every link with its lanes as records, in the order of ``links``."""
        bounds = self.link_bounds().tolist()
        if explain:
            self.explain_rows(range(len(self)))
        # All rows are read, link by link: columns that are found are made once and not for each link.
        for name in self.columns:
            self.columns.stored(name)
        out = []
        frame_loss = self.link_frame_loss_ratios().tolist()
        for index, row in enumerate(self.deciding_lanes().tolist()):
            lanes = tuple(self._records(bounds[index], bounds[index + 1], explain=explain))
            worst = lanes[row - bounds[index]]
            out.append(
                LinkResult(
                    link=self.links[index].name,
                    lanes=lanes,
                    margin_db=worst.margin_db,
                    limited_by=worst.limited_by,
                    latency_us=max(lane.latency_us for lane in lanes),
                    status=worst.status,
                    fidelity=self.fidelities[index] if self.fidelities else "budget",
                    worst_lane_index=row - bounds[index],
                    frame_loss_ratio=frame_loss[index],
                    margin_db_by_probability_ratio=tuple(
                        (probability, float(self.link_columns[quantile_column(probability)][index]))
                        for probability in self.quantiles
                    ),
                    frame_loss_ratio_by_probability_ratio=tuple(
                        (probability, float(self.link_columns[frame_loss_column(probability)][index]))
                        for probability in self.quantiles
                        if frame_loss_column(probability) in self.link_columns
                    ),
                    **{
                        field_name: float(self.link_columns[name][index])
                        for field_name, name in _SINGLE_FIGURES.items()
                        if name in self.link_columns
                    },
                )
            )
        return out
