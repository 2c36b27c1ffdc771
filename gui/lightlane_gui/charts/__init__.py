"""Plots in house style: units on axes, crosshair, markers, export."""

from lightlane_gui.charts.chart import Chart
from lightlane_gui.charts.items import Axis

__all__ = ["Axis", "Chart"]
