"""From a plan to a results folder: chunk by chunk, here or on a cluster, stopped and resumed at any moment."""

from __future__ import annotations

from lightlane.execution.cluster import connect_cluster
from lightlane.execution.execute import Execution, execute
from lightlane.execution.plan import Plan

__all__ = ["Execution", "Plan", "connect_cluster", "execute"]
