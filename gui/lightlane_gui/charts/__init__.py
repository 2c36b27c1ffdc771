"""Plots in house style: units on axes, crosshair, markers, export.

The plot library takes a quarter of a second to load; it is loaded with the first chart, not with a window.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lightlane_gui.charts.chart import Chart
    from lightlane_gui.charts.items import Axis


def __getattr__(name: str) -> Any:
    if name == "Chart":
        from lightlane_gui.charts.chart import Chart

        return Chart
    if name == "Axis":
        from lightlane_gui.charts.items import Axis

        return Axis
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ["Axis", "Chart"]
