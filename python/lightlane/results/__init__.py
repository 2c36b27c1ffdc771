"""The tables that a run gives, and the folder they are kept in."""
