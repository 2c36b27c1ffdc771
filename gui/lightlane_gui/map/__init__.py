"""The fabric on a map."""
