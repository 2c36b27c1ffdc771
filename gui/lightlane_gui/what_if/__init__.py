"""Parameters under sliders."""
