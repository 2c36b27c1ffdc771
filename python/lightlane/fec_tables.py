"""The catalog's maps of codes, written again from mapping files."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from lightlane.errors import ParameterError
from lightlane.fec_waterfall import BASIS_TEXTS, Waterfall
from lightlane.files import write_atomically

CATALOG_IDS = {"hamming-128-120": "hamming-128-120-kp4", "bch-126-110": "bch-126-110-kp4"}
"""Part whose table a code's counts make, where it has another name: an inner code is a part of its chain."""
FIELDS = {
    "post_fec_ber": "post_fec_ber_by_pre_fec_ber",
    "kp4_symbol_error_ratio": "kp4_symbol_error_ratio_by_pre_fec_ber",
}
DIGITS = 4


def update_tables(fecs: Path, waterfalls: Sequence[Waterfall]) -> dict[str, int]:
    """Replace the tables in a catalog file and say in ``field_sources`` where they come from.

    Returns
    -------
    Points of each part that was written.

    Raises
    ------
    ParameterError
        If the file has no such part, a waterfall has a point without a ratio, or its ratios fall.
    """
    import tomlkit

    document = tomlkit.parse(fecs.read_text("utf-8"))
    parts: Any = document.get("fec", {})
    changed = {}
    for waterfall in waterfalls:
        part_id, field = CATALOG_IDS.get(waterfall.code, waterfall.code), FIELDS[waterfall.quantity]
        if part_id not in parts or field not in parts[part_id]:
            raise ParameterError(f"{fecs} has no {field} of {part_id}; allowed: waterfalls of its tables")
        points = _points_of(waterfall)
        stated = _stated_point(parts[part_id], waterfall)
        if stated is not None:
            points = [stated, *(point for point in points if point[0] > stated[0])]
        rows = "".join(f"  [{ber:g}, {ratio:g}],\n" for ber, ratio in points)
        parts[part_id][field] = tomlkit.parse(f"table = [\n{rows}]\n")["table"]
        text = describe_source(waterfall)
        if stated is not None:
            text += f"; at {stated[0]:g} the target that is stated there"
        parts[part_id]["field_sources"][field] = text
        changed[part_id] = len(points)
    write_atomically(fecs, tomlkit.dumps(document))
    return changed


def _stated_point(part: Any, waterfall: Waterfall) -> tuple[float, float] | None:
    """Return where a code meets its target as stated, which no count reaches; None for what is handed to KP4."""
    if waterfall.quantity != "post_fec_ber":
        return None
    return float(part["threshold_pre_fec_ber"]), float(part["target_post_fec_ber"])


def _points_of(waterfall: Waterfall) -> list[tuple[float, float]]:
    points = []
    for point in waterfall.points:
        if not point.ratio:
            raise ParameterError(
                f"{waterfall.code} at {point.pre_fec_ber:g} has no ratio; allowed: points that have one"
            )
        points.append((point.pre_fec_ber, float(f"{point.ratio:.{DIGITS - 1}e}")))
    if any(low[1] > high[1] for low, high in pairwise(points)):
        raise ParameterError(
            f"{waterfall.code} has ratios that fall with the pre-FEC BER; allowed: enough frames a point"
        )
    return points


def describe_source(waterfall: Waterfall) -> str:
    """Return where a table comes from, point by point where that differs."""
    counted = [point for point in waterfall.points if point.basis == "counted"]
    failed = [point.get_counts().frame_errors_count for point in counted]
    text = f"computed: `lightlane fec waterfall {waterfall.code}`, seed {waterfall.seed}"
    if counted:
        text += f", from {counted[0].pre_fec_ber:g} on counted with {min(failed)} and more failed frames a point"
    for basis in sorted({point.basis for point in waterfall.points} - {"counted"}):
        places = ", ".join(f"{point.pre_fec_ber:g}" for point in waterfall.points if point.basis == basis)
        text += f"; at {places}: {BASIS_TEXTS[basis]}"
    return f"{text}. {waterfall.description}, white Gaussian noise, ideal interleaving"
