"""Margins of a results folder as arrays: over the points of a sweep, over draws, of one draw."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lightlane.errors import ParameterError
from lightlane.results.folder import ResultsFolder

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StateList:
    """The states of a run that are finished.

    Attributes
    ----------
    times_days
        Instants of the steps of a variant's first point, by variant.
    points
        Fields and values of each point of the sweep; one without any where there is no sweep.
    """

    times_days: dict[str, tuple[float, ...]]
    points: tuple[tuple[tuple[str, Any], ...], ...]

    @property
    def variants(self) -> tuple[str, ...]:
        """Names in the order of the run."""
        return tuple(self.times_days)


def list_states(folder: ResultsFolder) -> StateList:
    """Return which variants, points and steps a results folder has by now; errors as of :meth:`ResultsFolder.arrow`."""
    columns = ["variant", "point_index", "step_index", "time_days"]
    rows = folder.arrow("steps", columns).to_pydict()
    times: dict[str, dict[int, float]] = {}
    counted = 1
    for variant, point, step, time_days in zip(*(rows[name] for name in columns), strict=True):
        times.setdefault(variant, {}).setdefault(step, time_days)
        counted = max(counted, point + 1)
    points: list[list[tuple[str, Any]]] = [[] for _ in range(counted)]
    found = folder.arrow("points").to_pydict()
    first = found["variant"][0] if found["variant"] else ""
    for variant, point, field, value in zip(*(found[name] for name in found), strict=True):
        if variant == first:
            points.extend([] for _ in range(point + 1 - len(points)))
            read = json.loads(value)
            points[point].append((field, tuple(read) if isinstance(read, list) else read))
    ordered = {variant: tuple(steps[step] for step in sorted(steps)) for variant, steps in times.items()}
    return StateList(ordered, tuple(tuple(point) for point in points))


@dataclass(frozen=True, slots=True)
class PointMargins:
    """Margins at one step over the points of a sweep.

    Attributes
    ----------
    margin_db
        (links, points); NaN where a link has none or the point is not finished.
    is_down
        (links, points): whether a link is out of service or does not close.
    """

    links: tuple[str, ...]
    margin_db: Floats
    is_down: NDArray[np.bool_]


def read_point_margins(folder: ResultsFolder, *, variant: str, step: int = 0, points_count: int = 1) -> PointMargins:
    """Read the margins of all links at one step of every point.

    Parameters
    ----------
    points_count
        Points of the sweep; those that are not finished yet have no margins.
    """
    columns = ["point_index", "link", "margin_db", "status"]
    table = folder.arrow("links", columns, variant=variant, step=step)
    places, links = _places(table["link"])
    point = table["point_index"].to_numpy()
    shape = (len(links), max(points_count, int(point.max(initial=-1)) + 1))
    margin_db, is_down = np.full(shape, np.nan), np.zeros(shape, dtype=bool)
    margin_db[places, point] = table["margin_db"].to_numpy(zero_copy_only=False)
    is_down[places, point] = [status == "down" for status in table["status"].to_pylist()]
    return PointMargins(links, margin_db, is_down)


@dataclass(frozen=True, slots=True)
class DrawnMargins:
    """Margins of one state over its draws.

    Attributes
    ----------
    margin_db
        (links, draws); NaN where a link has none.
    status, limited_by
        (links, draws) of texts.
    """

    links: tuple[str, ...]
    margin_db: Floats
    status: NDArray[np.object_]
    limited_by: NDArray[np.object_]

    def worst(self) -> Floats:
        """Return the least margin of any link in each draw; NaN where none has one."""
        least = np.min(np.where(np.isfinite(self.margin_db), self.margin_db, np.inf), axis=0, initial=np.inf)
        return np.where(np.isfinite(least), least, np.nan)


def read_drawn_margins(
    folder: ResultsFolder, *, variant: str, point: int = 0, step: int = 0, link: str | None = None
) -> DrawnMargins:
    """Read the draws of one state; of no links where the run has kept none.

    Parameters
    ----------
    link
        Absent: all.

    Raises
    ------
    ParameterError
        If the draws have no such link.
    """
    columns = ["draw_index", "link", "margin_db", "status", "limited_by"]
    table = folder.arrow("draws", columns, variant=variant, point=point, step=step)
    if link is not None and table.num_rows:
        import pyarrow.compute as pc

        table = table.filter(pc.equal(table["link"], link))
        if not table.num_rows:
            raise ParameterError(f"{link!r} is no link of these draws")
    places, links = _places(table["link"])
    draw = table["draw_index"].to_numpy()
    shape = (len(links), int(draw.max(initial=-1)) + 1)
    margin_db = np.full(shape, np.nan)
    margin_db[places, draw] = table["margin_db"].to_numpy(zero_copy_only=False)
    texts = []
    for name in ("status", "limited_by"):
        out = np.full(shape, "", dtype=object)
        codes, words = _places(table[name])
        out[places, draw] = np.array(words, dtype=object)[codes] if words else ""
        texts.append(out)
    return DrawnMargins(links, margin_db, *texts)


def _places(column: Any) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the place of each text among all that a column has, in the order in which they come."""
    if not len(column):
        return np.zeros(0, dtype=np.int64), ()
    coded = column.combine_chunks()
    coded = coded if hasattr(coded, "indices") else coded.dictionary_encode()
    codes = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    words = coded.dictionary.to_pylist()
    present, first = np.unique(codes, return_index=True)
    order = present[np.argsort(first, kind="stable")]
    rank = np.full(len(words), -1, dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank[codes], tuple(words[code] for code in order.tolist())
