"""Threads that compute beside the window."""
