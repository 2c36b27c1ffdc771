"""What the user points at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["", "site", "duct", "link", "demand"]


@dataclass(frozen=True, slots=True)
class Selection:
    """One record of the fabric, and the lane that is looked at.

    Attributes
    ----------
    kind, name
        Empty: nothing. A demand's name is its place in the list.
    channel_index, direction, lane
        Of a link; what is looked at in it. ``channel_index`` -1: whichever lane decides.
    """

    kind: Kind = ""
    name: str = ""
    channel_index: int = -1
    direction: Literal["a_to_b", "b_to_a"] = "a_to_b"
    lane: int = 0

    @property
    def link(self) -> str:
        """Name of the selected link; empty where something else is selected."""
        return self.name if self.kind == "link" else ""


NOTHING = Selection()
