"""Time: play, scrub, events, strip charts."""
