"""What the report says in words: the verdict, why a link is weak, what would help."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np

from lightlane.lane.remedies import find_remedy
from lightlane.plots.waterfall import format_db
from lightlane.results.records import Results, Table

Row = dict[str, Any]

_LIMITS: dict[str, str] = {
    "power": "received power",
    "overload": "receiver overload",
    "osnr": "OSNR",
    "nonlinearity": "nonlinear noise",
    "dispersion": "chromatic dispersion",
    "pmd": "polarization mode dispersion",
    "pdl": "polarization dependent loss",
    "filtering": "filtering",
    "crosstalk": "crosstalk",
    "sop": "speed of polarization rotation",
    "fec": "the FEC threshold",
    "reach": "reach",
    "none": "nothing known",
}


def join_words(words: list[str], last: str = "and") -> str:
    """Return ``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""


def format_count(number: int) -> str:
    """Return a whole number with narrow spaces between thousands."""
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def count_of(number: int, noun: str) -> str:
    """Return ``1 link`` or ``3 links``."""
    return f"{format_count(number)} {noun}{'' if number == 1 else 's'}"


def name_limit(limit: str) -> str:
    """Return what ``limited_by`` means in words."""
    return _LIMITS.get(limit, limit)


def parse_steps(explanation: str) -> list[tuple[str, float]]:
    """Return the contributions of the column ``explanation``; none where it holds none."""
    if not explanation:
        return []
    return [(str(label), float(value)) for label, value in json.loads(explanation)]


def state_verdict(results: Results) -> list[str]:
    """Return the sentences that say whether the fabric works."""
    links, wanted = results.links, results.manifest.get("wanted_margin_db")
    sentences = [_state_links(links)] if len(links) else ["The fabric has no links yet."]
    margins = links["margin_db"]
    known = np.isfinite(margins)
    if known.any():
        row = int(np.nanargmin(np.where(known, margins, np.nan)))
        sentences.append(
            f"The least margin is {format_db(float(margins[row]))} dB, on {links['link'][row]}, "
            f"limited by {name_limit(links['limited_by'][row])}."
        )
        thin = int(np.count_nonzero(known & (margins >= 0) & (margins < wanted))) if wanted is not None else 0
        if wanted is not None:
            rest = (
                f"{count_of(thin, 'link')} {'has' if thin == 1 else 'have'} less"
                if thin
                else "no link that closes has less"
            )
            sentences.append(f"The wanted margin is {wanted:g} dB: {rest}.")
    unknown = int(np.count_nonzero(links["status"] == "unknown"))
    if unknown:
        sentences.append(
            f"For {count_of(unknown, 'link')} there is no verdict: a figure is missing, named at the end of the report."
        )
    if len(results.demands):
        sentences.append(_state_demands(results.demands))
    return sentences


def _state_links(links: Table) -> str:
    down = [str(name) for name in links["link"][links["status"] == "down"]]
    unknown = int(np.count_nonzero(links["status"] == "unknown"))
    if down:
        verb = "does" if len(down) == 1 else "do"
        names = join_words([*down[:3], *([f"{len(down) - 3} more"] if len(down) > 3 else [])])
        return f"{len(down)} of {count_of(len(links), 'link')} {verb} not close: {names}."
    if unknown == len(links):
        return "No verdict is possible for any link."
    if unknown:
        return f"All {count_of(len(links) - unknown, 'link')} with a known verdict close."
    return "The link closes." if len(links) == 1 else f"All {count_of(len(links), 'link')} close."


def _state_demands(demands: Table) -> str:
    counts = {status: int(np.count_nonzero(demands["status"] == status)) for status in ("met", "late", "blocked")}
    total = len(demands)
    if counts["met"] == total:
        return "The one demand is met." if total == 1 else f"All {count_of(total, 'demand')} are met."
    parts = [f"{counts['met']} met"]
    parts += [f"{counts[status]} {status}" for status in ("late", "blocked") if counts[status]]
    return f"Of {count_of(total, 'demand')}, {join_words(parts)}."


def explain_link(row: Row, lane: Row | None) -> str:
    """Return the sentences that say why a link has the margin it has.

    Parameters
    ----------
    row
        Of the links table.
    lane
        The deciding row of the lanes table.
    """
    if row["blocked_by"]:
        text = str(row["blocked_by"])
        lead = text[:1].upper() + text[1:]
        return lead if lead.endswith(".") else lead + "."
    sentences = []
    limit = name_limit(row["limited_by"])
    if row["margin_db"] is None:
        return f"The margin has no value in dB; what limits the link is {limit}."
    if row["margin_db"] < 0:
        sentences.append(f"It misses by {format_db(-row['margin_db'])} dB; what limits it is {limit}.")
    else:
        sentences.append(f"It closes with {format_db(row['margin_db'])} dB; what limits it is {limit}.")
    if uncertain := _name_uncertainty(row):
        sentences.append(uncertain)
    figures = _name_figures(row, lane or {})
    if figures:
        sentences.append(f"{figures[:1].upper()}{figures[1:]}.")
    losses = sorted((step for step in parse_steps(row["explanation"]) if step[1] < 0), key=lambda step: step[1])[:3]
    if losses:
        sentences.append(
            "The largest deductions: " + join_words([f"{label} {format_db(value)} dB" for label, value in losses]) + "."
        )
    return " ".join(sentences)


def _name_uncertainty(row: Row) -> str:
    """Say what worst case and draws leave of the margin; empty where the run asked for neither."""
    words = []
    if _known(row.get("worst_margin_db")):
        words.append(f"with every figure at its limit the margin is {format_db(row['worst_margin_db'])} dB")
    if _known(row.get("outage_ratio")):
        words.append(f"{100 * (1 - row['outage_ratio']):.6g} % of the draws close")
    words += [
        f"{percent} % of them have no more than {format_db(row[name])} dB"
        for name, percent in (("margin_1_percent_db", 1), ("margin_5_percent_db", 5))
        if _known(row.get(name))
    ]
    text = "; ".join(words)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _name_figures(row: Row, lane: Row) -> str:
    """Name the figures behind the limit that the deciding lane has."""
    words = []
    if _known(lane.get("osnr_db")) and _known(lane.get("required_osnr_db")):
        words.append(f"the OSNR is {lane['osnr_db']:.2f} dB where {lane['required_osnr_db']:.2f} dB are required")
    if row["limited_by"] == "nonlinearity" and _known(lane.get("snr_nli_db")):
        words.append(f"the SNR of the nonlinear noise alone is {lane['snr_nli_db']:.2f} dB")
    if row["limited_by"] in {"power", "overload", "fec"} and _known(lane.get("received_power_dbm")):
        words.append(f"{format_db(lane['received_power_dbm'])} dBm arrive at the receiver")
    if row["limited_by"] in {"power", "crosstalk"} and _known(lane.get("sensitivity_oma_dbm")):
        words.append(
            f"the OMA is {format_db(lane['oma_outer_dbm'])} dBm, of which the eye needs "
            f"{format_db(lane['sensitivity_oma_dbm'])} dBm"
        )
    if row["limited_by"] == "dispersion" and _known(lane.get("chromatic_dispersion_ps_per_nm")):
        words.append(f"{format_db(lane['chromatic_dispersion_ps_per_nm'], digits=0)} ps/nm accumulate")
    if lane.get("outside_domain"):
        words.append(f"outside what the model claims: {lane['outside_domain']}")
    way = f"{row['length_km']:.4g} km" if _known(row["length_km"]) else ""
    if way:
        spans = f" in {row['span_count']} spans" if row["span_count"] > 1 else ""
        words.append(f"the way is {way}{spans}")
    return "; ".join(words)


def _known(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def suggest_remedy(row: Row) -> str:
    """Return what would help a link, by what limits it; empty where nothing general can be said."""
    remedy = find_remedy(row["detection"], row["limited_by"])
    return f"What would help: {remedy}." if remedy else ""
