"""The main window: docks, actions, command palette, help."""
