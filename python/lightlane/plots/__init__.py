"""Figures drawn from results; matplotlib is loaded when the first one is drawn."""

from __future__ import annotations

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
