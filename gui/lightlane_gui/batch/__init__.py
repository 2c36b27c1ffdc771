"""Batches: sweeps and draws as headless runs, and results folders looked at.

Nothing is imported here: the process of a run, ``lightlane_gui.batch.child``, is to start without a window's libraries.
"""
