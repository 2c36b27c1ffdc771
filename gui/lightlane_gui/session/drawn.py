"""One draw of a results folder in place of what the budget says of the same state."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lightlane_gui.session.picture import FabricPicture


@dataclass(frozen=True, eq=False)
class Drawn:
    """Margins of the links in one draw.

    Attributes
    ----------
    label
        Which draw of which results.
    """

    label: str
    links: tuple[str, ...]
    margin_db: NDArray[np.float64]
    status: tuple[str, ...]
    limited_by: tuple[str, ...]

    def lay_over(self, picture: FabricPicture) -> DrawnPicture:
        """Return a picture that shows this draw: margin, status and what limits; all else stays nominal."""
        return DrawnPicture(
            picture.version,
            picture.variant,
            picture.time_days,
            picture.state,
            picture.routed,
            picture.elapsed_ms,
            picture.layout,
            drawn=self,
        )


@dataclass(frozen=True, eq=False)
class DrawnPicture(FabricPicture):
    """A picture whose margins are those of a draw; links that the draw does not have keep their own."""

    drawn: Drawn = field(kw_only=True)

    @cached_property
    def _places(self) -> list[int]:
        place = {link: index for index, link in enumerate(self.drawn.links)}
        return [place.get(link, -1) for link in self.links]

    @cached_property
    def margin_db(self) -> NDArray[np.float64]:
        """Of the draw."""
        own = np.asarray(self.column("margin_db"), dtype=np.float64)
        places = np.array(self._places, dtype=np.int64)
        if not len(self.drawn.links):
            return own
        return np.where(places >= 0, self.drawn.margin_db[places], own)

    @cached_property
    def status(self) -> list[str]:
        """Of the draw."""
        own = self.words("status")
        return [self.drawn.status[at] if at >= 0 else own[row] for row, at in enumerate(self._places)]

    @cached_property
    def limited_by(self) -> list[str]:
        """Of the draw."""
        own = self.words("limited_by")
        return [self.drawn.limited_by[at] if at >= 0 else own[row] for row, at in enumerate(self._places)]
