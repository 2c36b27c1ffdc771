"""One lane's quality: the result that every fidelity fills, and how it explains itself."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Literal

Direction = Literal["a_to_b", "b_to_a"]
Status = Literal["up", "degraded", "down", "unknown"]
Fidelity = Literal["budget", "surrogate", "waveform"]
Limit = Literal[
    "power",
    "overload",
    "osnr",
    "nonlinearity",
    "dispersion",
    "pmd",
    "pdl",
    "filtering",
    "crosstalk",
    "fec",
    "sop",
    "reach",
    "none",
]


def quantile_column(probability_ratio: float) -> str:
    """Return the name of the column of a margin quantile: 0.05 is ``margin_5_percent_db``."""
    return f"margin_{_percent(probability_ratio)}_percent_db"


def is_quantile_column(name: str) -> bool:
    """Tell whether a column is that of a margin quantile."""
    return name.startswith("margin_") and name.endswith("_percent_db")


def frame_loss_column(probability_ratio: float) -> str:
    """Return the name of the column of the frame loss that such a share of draws exceeds at most."""
    return f"module_frame_loss_{_percent(probability_ratio)}_percent_ratio"


def _percent(ratio: float) -> str:
    return f"{100 * ratio:.10g}".replace(".", "_")


@dataclass(frozen=True, slots=True)
class Contribution:
    """One step of the way from what is launched to the margin that is left.

    Attributes
    ----------
    label
        What contributes, in the field's words.
    value_db
        What it adds to (or, negative, takes from) the margin.
    """

    label: str
    value_db: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneResult:
    """The quality of one lane in one direction. A quantity that the lane does not have is NaN, never 0.

    ``osnr_db`` and ``required_osnr_db`` are in 0.1 nm (12.5 GHz). ``margin_db`` is the least of ``power_margin_db``,
    ``osnr_margin_db`` and ``fec_margin_db``; it is NaN where a limit without a decibel scale is passed
    (``blocked_by`` says which) or where nobody knows a limit that it needs (``unknown_because``). Where one of them is
    below zero and another is not known, it is the least of those that are, and the lane is down.
    """

    link: str
    channel_index: int
    direction: Direction
    lane: int
    frequency_thz: float
    wavelength_nm: float
    symbol_rate_gbd: float
    launch_power_dbm: float
    received_power_dbm: float
    osnr_db: float
    snr_nli_db: float
    gsnr_db: float
    snr_db: float
    chromatic_dispersion_ps_per_nm: float
    dgd_mean_ps: float
    dgd_outage_ratio: float
    """Probability that the instantaneous DGD exceeds what the mode bears."""
    pdl_db: float
    """Mean over the orientation of the path's elements."""
    pdl_outage_ratio: float
    """Probability that the PDL exceeds the end of the mode's tolerance."""
    tdecq_db: float
    """Behind the fiber's dispersion at its worse corner; the mode's limit where the mode lacks a figure of its eye."""
    tecq_db: float
    """Of the same transmitter without a fiber, as computed."""
    oma_outer_dbm: float
    """At the receiver."""
    sensitivity_oma_dbm: float
    """Outer OMA at the receiver with which the symbol error ratio is the mode's target, for this eye and this path."""
    symbol_error_ratio: float
    """Of PAM4 symbols before the FEC."""
    pre_fec_ber: float
    q_db: float
    post_fec_ber: float
    frame_loss_ratio: float
    required_osnr_db: float
    osnr_margin_db: float
    power_margin_db: float
    fec_margin_db: float
    margin_db: float
    limited_by: Limit
    latency_us: float
    status: Status
    blocked_by: str = ""
    """The passed limit in words; empty where none is passed."""
    unknown_because: str = ""
    """The missing figure in words; empty where the verdict is known."""
    outside_domain: str = ""
    """What of the lane lies beyond what its model claims, in words; empty where nothing does."""
    assumed: tuple[str, ...] = ()
    """The assumed values that this verdict rests on, as ``part: field``."""
    worst_margin_db: float = math.nan
    """With every figure at its limit; NaN where nobody asked or the worst case has no margin."""
    margin_db_by_probability_ratio: tuple[tuple[float, float], ...] = ()
    """Quantiles of the margin over the draws: the share of draws that have no more, and the margin."""
    outage_ratio: float = math.nan
    """Share of the draws in which the lane does not close."""
    contributions: tuple[Contribution, ...] = ()

    def explain(self) -> tuple[Contribution, ...]:
        """Return the ordered contributions whose sum is ``margin_db`` within 1e-6 dB; empty where the margin is NaN."""
        return self.contributions

    def to_dict(self) -> dict[str, object]:
        """Return the result as JSON-ready values: NaN becomes None, contributions become a list of pairs."""
        out: dict[str, object] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "contributions":
                value = [{"label": item.label, "value_db": item.value_db} for item in value]
            elif field.name == "margin_db_by_probability_ratio":
                value = _quantile_pairs(value)
            elif isinstance(value, tuple):
                value = list(value)
            elif isinstance(value, float) and not math.isfinite(value):
                value = None
            out[field.name] = value
        return out


def _quantile_pairs(quantiles: tuple[tuple[float, float], ...]) -> list[list[float | None]]:
    return [[probability, value if math.isfinite(value) else None] for probability, value in quantiles]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkResult:
    """The quality of a link: its lanes in both directions and the worst of them."""

    link: str
    lanes: tuple[LaneResult, ...]
    margin_db: float
    limited_by: Limit
    latency_us: float
    status: Status
    worst_lane_index: int
    """Index into ``lanes`` of the lane that decides."""
    frame_loss_ratio: float = math.nan
    """Greatest frame loss ratio of any engine in either direction, whose codewords lie on all of its lanes."""
    worst_margin_db: float = math.nan
    """Of the worst lane with every figure at its limit; NaN where nobody asked or the worst case has no margin."""
    margin_db_by_probability_ratio: tuple[tuple[float, float], ...] = ()
    """Quantiles over the draws of the margin of the lane that is worst in each draw."""
    outage_ratio: float = math.nan
    """Share of the draws in which at least one lane does not close."""
    worst_frame_loss_ratio: float = math.nan
    """As ``frame_loss_ratio``, with every figure at its limit; NaN where nobody asked or a lane has no error ratio."""
    frame_loss_ratio_by_probability_ratio: tuple[tuple[float, float], ...] = ()
    """Quantiles of that over the draws: the share of draws that lose more at most, and the frame loss ratio."""
    fidelity: Fidelity = "budget"
    """What the lanes were evaluated with, whatever was asked for."""

    def worst(self) -> LaneResult:
        """Return the lane that decides the link's margin and status."""
        return self.lanes[self.worst_lane_index]

    def explain(self) -> tuple[Contribution, ...]:
        """Return the contributions of the deciding lane."""
        return self.worst().explain()

    def to_dict(self) -> dict[str, object]:
        """Return the result as JSON-ready values."""
        return {
            "link": self.link,
            "fidelity": self.fidelity,
            "status": self.status,
            "margin_db": self.margin_db if math.isfinite(self.margin_db) else None,
            "limited_by": self.limited_by,
            "latency_us": self.latency_us if math.isfinite(self.latency_us) else None,
            "frame_loss_ratio": self.frame_loss_ratio if math.isfinite(self.frame_loss_ratio) else None,
            "worst_lane_index": self.worst_lane_index,
            "worst_margin_db": self.worst_margin_db if math.isfinite(self.worst_margin_db) else None,
            "margin_db_by_probability_ratio": _quantile_pairs(self.margin_db_by_probability_ratio),
            "outage_ratio": self.outage_ratio if math.isfinite(self.outage_ratio) else None,
            "worst_frame_loss_ratio": (
                self.worst_frame_loss_ratio if math.isfinite(self.worst_frame_loss_ratio) else None
            ),
            "frame_loss_ratio_by_probability_ratio": _quantile_pairs(self.frame_loss_ratio_by_probability_ratio),
            "lanes": [lane.to_dict() for lane in self.lanes],
        }
