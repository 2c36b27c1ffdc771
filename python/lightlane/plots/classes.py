"""The classes by which every picture and table shows a link's margin: names, limits, colors."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lightlane.results.records import Table


@dataclass(frozen=True, slots=True)
class MarginClass:
    """One class of the margin scale.

    Attributes
    ----------
    key
        Word for identifiers and style sheets.
    label
        What a legend says.
    lower_db, upper_db
        The class holds ``lower_db <= margin < upper_db``.
    color, dark_color
        On white and on a dark screen.
    width_pt
        Width of a link's line: thin margins are drawn heavier, a second cue beside color.
    """

    key: str
    label: str
    lower_db: float
    upper_db: float
    color: str
    dark_color: str
    width_pt: float


# Orange to blue through a muted middle. Under simulated protanopia, deuteranopia and tritanopia (Machado 2009, full
# severity) two classes stay at least 24 apart on white and 22 on dark (CIE 1976 difference); a test holds this.
MARGIN_CLASSES: tuple[MarginClass, ...] = (
    MarginClass("down", "down, < 0 dB", -math.inf, 0.0, "#a3260b", "#e8430a", 2.6),
    MarginClass("critical", "0 to 1 dB", 0.0, 1.0, "#d9760a", "#ffa51f", 2.2),
    MarginClass("low", "1 to 2 dB", 1.0, 2.0, "#b08f5a", "#fff3a3", 1.9),
    MarginClass("good", "2 to 3 dB", 2.0, 3.0, "#2f86c9", "#6cc5f5", 1.6),
    MarginClass("high", "3 dB or more", 3.0, math.inf, "#12408c", "#3a6fd8", 1.6),
)
"""Worst first."""
UNKNOWN_CLASS = MarginClass("unknown", "unknown", math.nan, math.nan, "#8a8f98", "#6b7480", 1.6)
ALL_CLASSES: tuple[MarginClass, ...] = (*MARGIN_CLASSES, UNKNOWN_CLASS)


def classify_margin(margin_db: float, status: str) -> MarginClass:
    """Return the class of a link.

    A link that is down is in the lowest class even where it has no margin in dB (a limit without a decibel scale is
    passed); a verdict that nobody knows is in a class of its own.
    """
    if status == "unknown":
        return UNKNOWN_CLASS
    if status == "down":
        return MARGIN_CLASSES[0]
    for item in MARGIN_CLASSES:
        if item.lower_db <= margin_db < item.upper_db:
            return item
    return UNKNOWN_CLASS


def classify_links(links: Table) -> list[MarginClass]:
    """Return the class of each row of the links table."""
    pairs = zip(links["margin_db"].tolist(), links["status"].tolist(), strict=True)
    return [classify_margin(margin_db, status) for margin_db, status in pairs]


def badness(item: MarginClass) -> int:
    """Return a rank for drawing and sorting: the worse the class, the higher; unknown stands between low and good."""
    order = {"high": 0, "good": 1, "unknown": 2, "low": 3, "critical": 4, "down": 5}
    return order[item.key]
