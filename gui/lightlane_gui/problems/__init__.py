"""What does not close and why; the log."""
