"""Batches: sweeps and draws as headless runs, and results folders looked at."""

from lightlane_gui.batch.batch_panel import BatchPanel
from lightlane_gui.batch.jobs import Job, JobManager
from lightlane_gui.batch.showing import open_results_folder

__all__ = ["BatchPanel", "Job", "JobManager", "open_results_folder"]
