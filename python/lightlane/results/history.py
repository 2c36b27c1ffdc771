"""What a run over time says as a whole: margins by step, quantiles over draws, how long links last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lightlane.lane.batch import CLOSING
from lightlane.results.folder import ResultsFolder
from lightlane.results.parquet import table_from_arrow
from lightlane.results.records import Table
from lightlane.results.schemas import STORE_SCHEMAS

Floats = NDArray[np.float64]

FAN_PROBABILITIES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles of a fan chart."""


@dataclass(frozen=True, slots=True)
class History:
    """One variant at one point of the sweep over its steps.

    Attributes
    ----------
    time_days
        Of the steps.
    steps, events
        Tables of the run.
    links
        Every link that was there at any step.
    margin_db
        (links, steps), NaN where a link has no margin or is not there.
    failing
        (links, steps), whether its light does not suffice; a link that is out of service has not failed.
    """

    variant: str
    point_index: int
    time_days: Floats
    steps: Table
    events: Table
    links: tuple[str, ...]
    margin_db: Floats
    failing: NDArray[np.bool_]

    @property
    def first_failure(self) -> tuple[str, float] | None:
        """The link that is the first to fail by its margin, and the day; None where all last or never closed."""
        fails = self.failing & ~self.failing[:, :1]
        if not fails.any():
            return None
        step = int(np.flatnonzero(fails.any(axis=0))[0])
        down = np.flatnonzero(fails[:, step])
        return self.links[int(down[0])], float(self.time_days[step])

    def least_lasting(self, count: int) -> tuple[str, ...]:
        """Return the links whose margin falls lowest, the lowest first; those that never have one are left out."""
        lowest: Floats = np.min(np.where(np.isfinite(self.margin_db), self.margin_db, np.inf), axis=1, initial=np.inf)
        order = np.argsort(lowest, kind="stable").tolist()
        return tuple(self.links[place] for place in order if lowest[place] < np.inf)[:count]


def read_history(folder: ResultsFolder, *, variant: str | None = None, point: int = 0) -> History:
    """Read how a variant went at a point of the sweep; absent: the first variant.

    Raises
    ------
    FormatError
        If the folder cannot be read.
    ParameterError
        If it has no such variant or point.
    """
    steps = _read(folder, "steps", variant, point)
    name = str(steps["variant"][0])
    rows = np.argsort(steps["step_index"], kind="stable")
    ordered = Table({key: column[rows] for key, column in steps.columns.items()})
    columns = ["step_index", "link", "margin_db", "status", "limited_by"]
    links = folder.arrow("links", columns=columns, variant=name, point=point)
    names = links["link"].combine_chunks().cast("string").to_pylist()
    known = tuple(dict.fromkeys(names))
    places = {link: place for place, link in enumerate(known)}
    at = (np.array([places[link] for link in names]), _numbers(links["step_index"]).astype(np.int64))
    shape = (len(known), len(rows))
    margin_db, failing = np.full(shape, np.nan), np.zeros(shape, dtype=bool)
    margin_db[at] = _numbers(links["margin_db"])
    words = zip(links["status"].to_pylist(), links["limited_by"].to_pylist(), strict=True)
    failing[at] = [_fails(status, limit) for status, limit in words]
    return History(
        name, point, np.asarray(ordered["time_days"]), ordered, _events(folder, name), known, margin_db, failing
    )


@dataclass(frozen=True, slots=True)
class DrawnHistory:
    """Draws of one variant at one point over its steps.

    Attributes
    ----------
    fan_db
        (links, steps, quantiles) of :data:`FAN_PROBABILITIES`; draws without a margin count below all others.
    lasting_ratio
        (links, steps): share of the draws in which the light of a link has sufficed at every step so far, as long as it
        was in service.
    all_lasting_ratio
        (steps): share of the draws in which that of every link has.
    first_failures
        Link and share of the draws in which it is the first to fail, the greatest share first.
    """

    links: tuple[str, ...]
    time_days: Floats
    draws_count: int
    fan_db: Floats
    lasting_ratio: Floats
    all_lasting_ratio: Floats
    first_failures: tuple[tuple[str, float], ...]


def read_drawn_history(folder: ResultsFolder, history: History) -> DrawnHistory | None:
    """Read the draws of a history step by step, so that memory holds one step at a time; None without draws."""
    links, count = history.links, len(history.time_days)
    places = {link: place for place, link in enumerate(links)}
    fan_db = np.full((len(links), count, len(FAN_PROBABILITIES)), np.nan)
    lasting: NDArray[np.bool_] | None = None
    lasting_ratio, all_ratio = np.full((len(links), count), np.nan), np.full(count, np.nan)
    first = np.zeros(len(links))
    for step in range(count):
        table = folder.arrow(
            "draws", columns=["draw_index", "link", "margin_db", "limited_by", "status"], variant=history.variant,
            point=history.point_index, step=step,
        )  # fmt: skip
        if not table.num_rows:
            return None
        draws = int(_numbers(table["draw_index"]).max()) + 1
        margin_db, fails = _by_link_and_draw(table, places, len(links), draws)
        fan_db[:, step] = _rank(margin_db)
        lasting = np.ones_like(fails) if lasting is None else lasting
        # Links that fail together share the draw.
        new = lasting & fails & lasting.all(axis=0)
        first += (new / np.maximum(new.sum(axis=0), 1)).sum(axis=1)
        lasting = lasting & ~fails
        lasting_ratio[:, step] = lasting.mean(axis=1)
        all_ratio[step] = lasting.all(axis=0).mean()
    assert lasting is not None
    shares = first / lasting.shape[1]
    order = [place for place in np.argsort(-shares, kind="stable").tolist() if shares[place] > 0]
    return DrawnHistory(
        links, history.time_days, lasting.shape[1], fan_db, lasting_ratio, all_ratio,
        tuple((links[place], float(shares[place])) for place in order),
    )  # fmt: skip


def _by_link_and_draw(
    table: Any, places: dict[str, int], links_count: int, draws_count: int
) -> tuple[Floats, NDArray[np.bool_]]:
    margin_db = np.full((links_count, draws_count), np.nan)
    fails = np.zeros((links_count, draws_count), dtype=bool)
    for batch in table.to_batches():
        link, status, limit = (_coded(batch[name]) for name in ("link", "status", "limited_by"))
        own = np.array([places[name] for name in link[1]], dtype=np.int64)
        at = (own[link[0]], batch["draw_index"].to_numpy(zero_copy_only=False))
        margin_db[at] = batch["margin_db"].to_numpy(zero_copy_only=False)
        pairs = np.array([[_fails(word, end) for end in limit[1]] for word in status[1]], dtype=bool)
        fails[at] = pairs[status[0], limit[0]]
    return margin_db, fails


def _fails(status: str, limited_by: str) -> bool:
    """Tell whether a link fails by its light: what is out of service, or has no verdict, has no limit either."""
    return status not in CLOSING and limited_by != "none"


def _coded(column: Any) -> tuple[NDArray[np.int64], list[str]]:
    """Return the codes of a column of texts, and the texts."""
    column = column if hasattr(column, "indices") else column.dictionary_encode()
    return column.indices.to_numpy(zero_copy_only=False).astype(np.int64), column.dictionary.to_pylist()


def _rank(margin_db: Floats) -> Floats:
    """Return order statistics over the draws, as the budget's quantiles are."""
    ranked = np.sort(np.where(np.isnan(margin_db), -np.inf, margin_db), axis=1)
    count = margin_db.shape[1]
    places = [min(max(int(np.ceil(p * count - 1e-9)), 1), count) - 1 for p in FAN_PROBABILITIES]
    chosen = ranked[:, places]
    return np.where(np.isfinite(chosen), chosen, np.nan)


def _events(folder: ResultsFolder, variant: str) -> Table:
    return table_from_arrow(folder.arrow("events", variant=variant), STORE_SCHEMAS["events"])


def _read(folder: ResultsFolder, name: str, variant: str | None, point: int) -> Table:
    table = table_from_arrow(folder.arrow(name, variant=variant, point=point), STORE_SCHEMAS[name])
    if variant is None and len(table):
        first = table["variant"] == table["variant"][0]
        return Table({key: column[first] for key, column in table.columns.items()})
    return table


def _numbers(column: Any) -> Floats:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)
