"""Studies of a whole fabric: failures, availability, upgrades and where services are placed."""
