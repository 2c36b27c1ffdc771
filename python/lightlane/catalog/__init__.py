"""The parts that links are made of, as data files, each row with its source."""
