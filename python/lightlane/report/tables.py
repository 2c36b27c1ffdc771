"""The report's rows: links, demands, bills and provenance as plain values for the template."""

from __future__ import annotations

from typing import Any

import numpy as np

from lightlane.plots.classes import badness, classify_links
from lightlane.plots.waterfall import format_db
from lightlane.report.sentences import count_of, format_count, name_limit
from lightlane.results.records import Results

Row = dict[str, Any]
_ROLE_WORDS = {"core": "core", "edge": "edge", "hut": "amplifier huts"}
TIGHT_DEMANDS = 25
"""So many of the demands that are met, those with the least headroom, are printed; the screen has all."""


def list_links(results: Results) -> list[Row]:
    """Return the rows of the links table in file order, each with its margin class and texts ready to show."""
    rows = results.links.rows()
    for index, (row, item) in enumerate(zip(rows, classify_links(results.links), strict=True)):
        row["index"] = index
        row["class_key"], row["class_label"] = item.key, item.label
        row["badness"] = badness(item)
        row["family"] = {"direct": "direct-detect"}.get(row["detection"], row["detection"])
        row["limit_text"] = "" if row["limited_by"] == "none" else name_limit(row["limited_by"]).removeprefix("the ")
        row["margin_text"] = "" if row["margin_db"] is None else format_db(row["margin_db"])
        row["remark"] = row["blocked_by"] or row["unknown_because"]
    return rows


def rank_worst(rows: list[Row], count: int) -> list[Row]:
    """Return the links in greatest need; unknown verdicts are no candidates.

    Returns
    -------
    At most ``count`` blocked links without a margin in dB, then the ``count`` links with the least margin.
    """
    known = [row for row in rows if row["status"] != "unknown"]
    blocked = [row for row in known if row["margin_db"] is None and row["blocked_by"]]
    measured = sorted((row for row in known if row["margin_db"] is not None), key=lambda row: row["margin_db"])
    return blocked[:count] + measured[:count]


def find_deciding_lane(results: Results, row: Row) -> Row | None:
    """Return the row of the lanes table that decides the link's verdict."""
    lanes = results.lanes
    chosen = (
        (lanes["link"] == row["link"])
        & (lanes["direction"] == row["worst_direction"])
        & (lanes["lane"] == row["worst_lane"])
    )
    indexes = np.flatnonzero(chosen)
    if len(indexes) == 0:
        return None
    margins = lanes["margin_db"][indexes]
    best = int(indexes[0] if not np.isfinite(margins).any() else indexes[int(np.nanargmin(margins))])
    lane = {name: column[best] for name, column in lanes.columns.items()}
    return {name: value.item() if isinstance(value, np.generic) else value for name, value in lane.items()}


def list_demands(results: Results) -> list[Row]:
    """Return the demands: blocked ones first, then late ones, then by headroom."""
    rows = results.demands.rows()
    order = {"blocked": 0, "late": 1, "met": 2}
    for row in rows:
        row["hops"] = [name for name in row["path"].split(";") if name]
        objective, latency = row["objective_us"], row["latency_us"]
        row["used_ratio"] = latency / objective if latency is not None and objective else None
    rows.sort(key=lambda row: (order.get(row["status"], 0), -(row["used_ratio"] or 0.0), row["demand"]))
    met = 0
    for row in rows:
        met += row["status"] == "met"
        row["printed"] = row["status"] != "met" or met <= TIGHT_DEMANDS
    return rows


def bill_rows(items: list[dict[str, Any]]) -> list[Row]:
    """Return bill items with the power of all pieces, most numerous first."""
    rows = [{**item, "total_w": None if item["power_w"] is None else item["power_w"] * item["count"]} for item in items]
    return sorted(rows, key=lambda row: (-row["count"], row["name"]))


def sum_bill(results: Results) -> tuple[float, list[str]]:
    """Return the power of all modules and amplifiers in watts, and the names of those whose power nobody knows."""
    rows = [*(results.manifest.get("module_bill") or []), *(results.manifest.get("amplifier_bill") or [])]
    known_w = sum(row["power_w"] * row["count"] for row in rows if row["power_w"] is not None)
    return known_w, [row["name"] for row in rows if row["power_w"] is None and row["count"]]


def _describe_sites(roles: list[str], length_km: float) -> str:
    counts = [f"{roles.count(role)} {word}" for role, word in _ROLE_WORDS.items() if role in roles]
    return ", ".join([*counts, f"{format_count(round(length_km))} km of duct"])


def key_numbers(results: Results) -> list[tuple[str, str, str]]:
    """Return (label, value, remark) of the numbers at the top of the page."""
    links, demands, fabric = results.links, results.demands, results.manifest["fabric"]
    margins = links["margin_db"][np.isfinite(links["margin_db"])]
    closing = int(np.count_nonzero(np.isin(links["status"], ["up", "degraded"])))
    directions = len(results.lanes)
    watts, unknown = sum_bill(results)
    modules = sum(row["count"] for row in results.manifest.get("module_bill") or [])
    amplifiers = sum(row["count"] for row in results.manifest.get("amplifier_bill") or [])
    length_km = sum(duct["length_km"] for duct in fabric["duct"])
    roles = [site["role"] for site in fabric["site"]]
    numbers = [
        ("Links that close", f"{closing} of {len(links)}", f"{count_of(directions, 'lane')} evaluated"),
        (
            "Least margin",
            f"{format_db(float(margins.min()))} dB" if len(margins) else "none",
            f"median {format_db(float(np.median(margins)))} dB" if len(margins) else "",
        ),
    ]
    if len(demands):
        met = int(np.count_nonzero(demands["status"] == "met"))
        carried = float(np.nansum(demands["carried_gbps"])) / 1000
        numbers.append(("Demands met", f"{met} of {len(demands)}", f"{carried:.1f} Tb/s carried"))
    numbers += [
        (
            "Power, typical",
            f"{watts / 1000:.1f} kW" if watts >= 1000 else f"{watts:.0f} W",
            f"without {count_of(len(unknown), 'type')} of unknown power" if unknown else "modules and amplifiers",
        ),
        ("Modules", format_count(modules), f"and {count_of(amplifiers, 'amplifier')}"),
        (
            "Sites",
            format_count(len(roles)),
            _describe_sites(roles, length_km),
        ),
    ]
    return numbers
