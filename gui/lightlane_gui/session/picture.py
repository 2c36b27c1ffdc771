"""What the views show of a fabric at one instant: plain arrays, made by a worker and never changed."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lightlane import LiveState
from lightlane.toolkit import MARGIN_CLASSES, MapLayout
from lightlane_gui.theme import CLASS_KEYS

UNKNOWN = CLASS_KEYS.index("unknown")
_UPPER_DB = np.array([item.upper_db for item in MARGIN_CLASSES])


@dataclass(frozen=True, eq=False)
class FabricPicture:
    """The links of a fabric, arrays in its order.

    Attributes
    ----------
    version
        Of the session's parameters that this was computed from.
    state
        Everything else about it; asked for by workers, since some of it is computed when asked for.
    class_index
        Into :data:`lightlane_gui.theme.CLASS_KEYS`.
    is_dark
        Out of service: cut, failed, under maintenance.
    routed
        Whether the demands below are of this state; else they are not known yet.
    layout
        Where it lies on the map; None where nobody laid it out.
    """

    version: int
    variant: str
    time_days: float
    state: LiveState
    routed: bool
    elapsed_ms: float
    layout: MapLayout | None = None

    def with_demands(self, elapsed_ms: float) -> FabricPicture:
        """Return the same picture once its demands are routed; what was found of its links is shared."""
        out = replace(self, routed=True, elapsed_ms=elapsed_ms)
        own = {item.name for item in fields(self)}
        vars(out).update({name: value for name, value in vars(self).items() if name not in own})
        return out

    def is_alike(self, other: FabricPicture) -> bool:
        """Tell whether the links of another picture are these, so that only demands can be others."""
        return self.class_index is other.class_index

    @cached_property
    def links(self) -> tuple[str, ...]:
        """Names."""
        return tuple(link.name for link in self.state.batch.links)

    @cached_property
    def row_by_link(self) -> dict[str, int]:
        """Place of each link."""
        return {name: row for row, name in enumerate(self.links)}

    @cached_property
    def deciding_rows(self) -> NDArray[np.int64]:
        """Rows of the batch: of each link that of the lane that decides it."""
        return self.state.batch.deciding_lanes()

    def column(self, name: str) -> NDArray[np.generic]:
        """Return a column of the lanes that decide the links."""
        return np.asarray(self.state.batch.columns.part(name, self.deciding_rows))

    def words(self, name: str) -> list[str]:
        """Return a column of texts of the lanes that decide the links, without spelling those of all lanes."""
        return list(self.state.batch.columns.part(name, self.deciding_rows).tolist())

    @cached_property
    def margin_db(self) -> NDArray[np.float64]:
        """NaN where a link has none."""
        return np.asarray(self.column("margin_db"), dtype=np.float64)

    @cached_property
    def status(self) -> list[str]:
        """One of up, degraded, down, unknown."""
        return self.words("status")

    @cached_property
    def limited_by(self) -> list[str]:
        """What limits each link."""
        return self.words("limited_by")

    @cached_property
    def blocked_by(self) -> list[str]:
        """Why a link is out of service or past a limit without decibels."""
        return self.words("blocked_by")

    @cached_property
    def latency_us(self) -> NDArray[np.float64]:
        """Of the slowest lane."""
        return np.asarray(self.column("latency_us"), dtype=np.float64)

    @cached_property
    def is_direct(self) -> NDArray[np.bool_]:
        """Direct-detect links."""
        return np.array([link.mode.detection == "direct" for link in self.state.batch.links], dtype=bool)

    @cached_property
    def is_dark(self) -> NDArray[np.bool_]:
        """Down without a margin: nothing comes through."""
        return np.array([s == "down" for s in self.status], dtype=bool) & np.isnan(self.margin_db)

    @cached_property
    def class_index(self) -> NDArray[np.uint8]:
        """Class of margin."""
        out = np.searchsorted(_UPPER_DB, self.margin_db, side="right").astype(np.uint8)
        out[np.isnan(self.margin_db)] = UNKNOWN
        statuses = np.array(self.status)
        out[statuses == "unknown"] = UNKNOWN
        out[statuses == "down"] = 0
        return out
