"""What a run is made of: the states of a fabric, their tables, and the chunks that a scenario is cut into."""
