"""What is open, what was changed, what is selected: the state of the application, apart from any widget."""
