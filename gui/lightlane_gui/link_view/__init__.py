"""One link: both directions, all lanes, budget and waveform. The view is in ``view``, what it shows on the ``desk``."""
