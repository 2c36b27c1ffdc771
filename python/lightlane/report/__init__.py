"""The report of a run as one HTML page."""

from __future__ import annotations

from lightlane.report.page import render_report, write_report

__all__ = ["render_report", "write_report"]
