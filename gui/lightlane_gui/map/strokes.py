"""How links are drawn: color, width and pattern of each class, for margins and for changes of margin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lightlane.toolkit import MARGIN_CLASSES
from lightlane_gui.session.picture import UNKNOWN, FabricPicture
from lightlane_gui.theme import CLASS_KEYS, Theme

Pattern = Literal["solid", "dash", "dot"]
Mode = Literal["margin", "difference"]
DOWN = CLASS_KEYS.index("down")
MINUS = "\N{MINUS SIGN}"
SAME_DB = 0.1
"""A margin that changed by less is shown as the same."""
LARGE_DB = 1.0
_NOT_COMPARED = 6


@dataclass(frozen=True, slots=True)
class Stroke:
    """One class of links as it is drawn.

    Attributes
    ----------
    rank
        The higher, the later it is drawn: the worst lie on top.
    """

    key: str
    label: str
    color: str
    width_px: float
    pattern: Pattern
    rank: int


_WIDTHS_PX = {"down": 3.5, "critical": 2.6, "low": 2.1, "good": 1.6, "high": 1.6, "unknown": 1.6}
_RANKS = {"high": 0, "good": 1, "unknown": 2, "low": 3, "critical": 4, "down": 5}
_PATTERNS: dict[str, Pattern] = {"down": "dash", "unknown": "dot"}


def margin_strokes(theme: Theme) -> tuple[Stroke, ...]:
    """Return the classes of margin, in the order of ``CLASS_KEYS``."""
    labels = {item.key: item.label for item in MARGIN_CLASSES} | {"unknown": "unknown"}
    return tuple(
        Stroke(key, labels[key], theme.classes[key], _WIDTHS_PX[key], _PATTERNS.get(key, "solid"), _RANKS[key])
        for key in CLASS_KEYS
    )


def change_strokes(theme: Theme) -> tuple[Stroke, ...]:
    """Return the classes of change that :func:`classify_changes` counts by.

    Orange lost, blue gained, gray is as before; a link that is up again gained much.
    The colors are those of the margins, two of which any kind of color vision tells apart.
    """
    color = theme.classes
    return (
        Stroke("lost", "went down", color["down"], 3.5, "dash", 6),
        Stroke("much-worse", f"{MINUS}{LARGE_DB:g} dB or more", color["down"], 2.6, "solid", 5),
        Stroke("worse", "less", color["critical"], 2.1, "solid", 4),
        Stroke("same", f"within {SAME_DB:g} dB", color["unknown"], 1.2, "solid", 0),
        Stroke("better", "more", color["good"], 2.1, "solid", 2),
        Stroke("much-better", f"+{LARGE_DB:g} dB or more", color["high"], 2.6, "solid", 3),
        Stroke("new", "not in both", color["unknown"], 1.6, "dot", 1),
    )


def classify_changes(shown: FabricPicture, reference: FabricPicture) -> NDArray[np.uint8]:
    """Return for each link that is shown the class of its change against the reference."""
    rows = np.array([reference.row_by_link.get(name, -1) for name in shown.links], dtype=np.intp)
    out = np.full(len(rows), _NOT_COMPARED, dtype=np.uint8)
    if not len(reference.links):
        return out
    before_class = np.where(rows >= 0, reference.class_index[rows], UNKNOWN)
    before_db = np.where(rows >= 0, reference.margin_db[rows], np.nan)
    change_db = shown.margin_db - before_db
    known = np.isfinite(change_db)
    steps = (change_db > -LARGE_DB, change_db > -SAME_DB, change_db >= SAME_DB, change_db >= LARGE_DB)
    out[known] = 1 + np.sum(steps, axis=0)[known]
    is_down, was_down = shown.class_index == DOWN, before_class == DOWN
    there = rows >= 0
    out[there & is_down & was_down & ~known] = 3
    out[there & is_down & ~was_down & (before_class != UNKNOWN)] = 0
    out[there & ~is_down & was_down & (shown.class_index != UNKNOWN)] = 5
    return out


def order_worst(picture: FabricPicture) -> NDArray[np.intp]:
    """Return the links, those out of service first, then by rising margin, unknown ones last."""
    margin_db = np.where(np.isnan(picture.margin_db), np.inf, picture.margin_db)
    margin_db[picture.is_dark] = -np.inf
    group = (picture.class_index == UNKNOWN).astype(np.intp) - (picture.class_index == DOWN)
    return np.lexsort((margin_db, group)).astype(np.intp)
