"""One link: both directions, all lanes, budget and waveform."""
