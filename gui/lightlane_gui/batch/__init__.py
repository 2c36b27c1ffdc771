"""Headless runs and results folders."""
