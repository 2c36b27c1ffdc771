"""The figures of a lane: what each is called, what it means, and from which model it comes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from lightlane.toolkit import UNIT_LABELS, unit_of
from lightlane_gui.charts.number_text import format_number, format_quantity

COHERENT_PAGE, DIRECT_PAGE = "docs/models/coherent-budget.md", "docs/models/direct-budget.md"
FEC_PAGE = "docs/models/fec.md"


@dataclass(frozen=True, slots=True)
class Figure:
    """One of them.

    Attributes
    ----------
    name
        Column of the lane table.
    detection
        Links that have it.
    """

    name: str
    label: str
    meaning: str
    detection: Literal["", "coherent", "direct"] = ""
    decimals: int = 2
    page: str = ""

    def fits(self, detection: str) -> bool:
        """Return whether links of a detection have it."""
        return self.detection in ("", detection)

    @property
    def unit(self) -> str:
        """As people write it; empty where there is none."""
        unit = unit_of(self.name)
        return UNIT_LABELS[unit] if unit else ""

    def write(self, value: float) -> str:
        """Return a value without its unit, or that there is none."""
        if not self.unit:
            return format_quantity(self.name, value, self.decimals)
        return format_number(value, self.decimals)

    @lru_cache(maxsize=256)  # noqa: B019 - of the few figures that there are
    def explain(self, detection: str) -> str:
        """Return what a tooltip says: meaning, unit, model."""
        page = self.page or (COHERENT_PAGE if detection == "coherent" else DIRECT_PAGE)
        return f"{self.meaning}\nUnit: {self.unit or 'none'}\nModel: {page}"


FIGURES: tuple[Figure, ...] = (
    Figure("margin_db", "Margin", "The least of the margins that apply; below 0 the lane does not close"),
    Figure("power_margin_db", "Power margin", "Distance of the received power to the nearer of the mode's limits"),
    Figure("osnr_margin_db", "OSNR margin", "OSNR after penalties over the required one", "coherent"),
    Figure("fec_margin_db", "FEC margin", "Distance of the signal to the FEC's threshold"),
    Figure("launch_power_dbm", "Launched", "Power of the lane where it leaves the module"),
    Figure("received_power_dbm", "Received", "Power of the lane where it reaches the module"),
    Figure("oma_outer_dbm", "Received OMA", "Outer optical modulation amplitude at the receiver", "direct"),
    Figure("sensitivity_oma_dbm", "OMA sensitivity", "Outer OMA with which the lane just reaches its target", "direct"),
    Figure("tdecq_db", "TDECQ", "Closure of the transmitter's eye behind the fiber's dispersion", "direct", 2,
           "docs/models/tdecq.md"),
    Figure("tecq_db", "TECQ", "Closure of the transmitter's eye without a fiber", "direct", 2, "docs/models/tdecq.md"),
    Figure("osnr_db", "OSNR", "Signal over noise in 12.5 GHz (0.1 nm) at the receiver", "coherent"),
    Figure("required_osnr_db", "Required OSNR", "OSNR with which the mode reaches its FEC threshold", "coherent"),
    Figure("snr_nli_db", "SNR of NLI", "Signal over the nonlinear interference of the fibers", "coherent", 2,
           "docs/models/nonlinear-interference.md"),
    Figure("gsnr_db", "GSNR", "Signal over all noise of the line, in the symbol rate", "coherent"),
    Figure("snr_db", "SNR", "Signal over noise at the decision", "coherent", 2, "docs/models/transceiver.md"),
    Figure("q_db", "Q", "Q factor that belongs to the pre-FEC BER"),
    Figure("symbol_error_ratio", "SER", "Symbol error ratio before the FEC", "direct", 1, FEC_PAGE),
    Figure("pre_fec_ber", "Pre-FEC BER", "Bit error ratio before the FEC", "", 1, FEC_PAGE),
    Figure("post_fec_ber", "Post-FEC BER", "Bit error ratio behind the FEC; of a tabled FEC a bound", "", 1, FEC_PAGE),
    Figure("frame_loss_ratio", "Frame loss", "Share of frames that are lost", "", 1, FEC_PAGE),
    Figure("chromatic_dispersion_ps_per_nm", "Dispersion", "Accumulated chromatic dispersion", "", 1),
    Figure("dgd_mean_ps", "Mean DGD", "Mean differential group delay of the path", "", 2,
           "docs/models/polarization.md"),
    Figure("pdl_db", "Mean PDL", "Mean polarization-dependent loss of the path", "coherent", 2,
           "docs/models/polarization.md"),
    Figure("latency_us", "Latency", "One way, modules and FEC included", "", 1),
)  # fmt: skip
FIGURE_BY_NAME = {figure.name: figure for figure in FIGURES}
