"""What is asked of a fabric: conditions, fidelity, seed."""
