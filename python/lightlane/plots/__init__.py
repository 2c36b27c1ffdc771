"""Figures drawn from results; a figure's module is loaded when it is named, matplotlib when the first one is drawn."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lightlane.plots.availability import plot_availability
    from lightlane.plots.bill import plot_bill
    from lightlane.plots.classes import MARGIN_CLASSES, MarginClass, classify_links, classify_margin
    from lightlane.plots.demands import plot_demand_latency
    from lightlane.plots.difference import plot_difference
    from lightlane.plots.direct_waveform import plot_direct_waveform
    from lightlane.plots.fabric_map import plot_fabric_map
    from lightlane.plots.failure_matrix import plot_failure_matrix
    from lightlane.plots.fec_waterfall import plot_fec_waterfall
    from lightlane.plots.margins import plot_margins
    from lightlane.plots.pam4 import plot_tdecq
    from lightlane.plots.placement import plot_placement
    from lightlane.plots.style import figure_to_pdf, figure_to_png, figure_to_svg
    from lightlane.plots.timeline import plot_margin_fan, plot_survival, plot_timeline
    from lightlane.plots.upgrade import plot_upgrade
    from lightlane.plots.waterfall import plot_waterfall
    from lightlane.plots.waveform import plot_waveform

_HOMES = {
    "MARGIN_CLASSES": "classes",
    "MarginClass": "classes",
    "classify_links": "classes",
    "classify_margin": "classes",
    "figure_to_pdf": "style",
    "figure_to_png": "style",
    "figure_to_svg": "style",
    "plot_availability": "availability",
    "plot_bill": "bill",
    "plot_demand_latency": "demands",
    "plot_difference": "difference",
    "plot_direct_waveform": "direct_waveform",
    "plot_fabric_map": "fabric_map",
    "plot_failure_matrix": "failure_matrix",
    "plot_fec_waterfall": "fec_waterfall",
    "plot_margin_fan": "timeline",
    "plot_margins": "margins",
    "plot_placement": "placement",
    "plot_survival": "timeline",
    "plot_tdecq": "pam4",
    "plot_timeline": "timeline",
    "plot_upgrade": "upgrade",
    "plot_waterfall": "waterfall",
    "plot_waveform": "waveform",
}
"""Modules that the public names come from."""

__all__ = [
    "MARGIN_CLASSES",
    "MarginClass",
    "classify_links",
    "classify_margin",
    "figure_to_pdf",
    "figure_to_png",
    "figure_to_svg",
    "plot_availability",
    "plot_bill",
    "plot_demand_latency",
    "plot_difference",
    "plot_direct_waveform",
    "plot_fabric_map",
    "plot_failure_matrix",
    "plot_fec_waterfall",
    "plot_margin_fan",
    "plot_margins",
    "plot_placement",
    "plot_survival",
    "plot_tdecq",
    "plot_timeline",
    "plot_upgrade",
    "plot_waterfall",
    "plot_waveform",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
