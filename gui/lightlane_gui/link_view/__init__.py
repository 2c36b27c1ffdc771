"""One link: both directions, all lanes, budget and waveform.

The view is in ``view``; what it shows comes from ``workers.link_desk``.
"""
