"""The quality of one lane, by three fidelities with one result type."""
