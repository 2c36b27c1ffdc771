"""What would help a lane, by what limits it: general advice, not a computed promise."""

from __future__ import annotations

REMEDIES: dict[str, dict[str, str]] = {
    "coherent": {
        "power": "more launch power, a preamplifier, or fewer connectors and splices on the way",
        "overload": "an attenuator before the receiver, or less gain in the preamplifier",
        "osnr": "an amplifier hut that splits the longest span, amplifiers with a lower noise figure, fiber with less "
        "loss, or a mode that needs less OSNR",
        "nonlinearity": "less launch power into the spans, fewer or wider spaced channels, or fiber with a larger "
        "effective area",
        "dispersion": "a shorter route, or a mode with a wider dispersion range",
        "pmd": "a fiber with less PMD, or a mode with a wider DGD range",
        "pdl": "fewer amplifiers and ROADM stages in the path",
        "filtering": "wider channel spacing, or fewer filters in the path",
        "crosstalk": "wider channel spacing, or a mux with more isolation",
        "sop": "a quieter route (buried instead of aerial cable), or a mode that follows faster rotation",
        "fec": "a module with less noise of its own, or a mode with a stronger FEC or fewer bits per symbol",
        "reach": "a shorter route, or a module class made for this length",
    },
    "direct": {
        "power": "cleaner connectors, fewer splices, a shorter route, or the next module class (FR to LR, LR to ER, "
        "ER to ZR)",
        "overload": "an attenuator before the receiver, or a module class for shorter reach",
        "dispersion": "a wavelength plan closer to the fiber's zero dispersion, a shorter route, or a coherent module",
        "pmd": "a fiber with less PMD, or a coherent module",
        "crosstalk": "connectors with less reflection; where lanes mix, less launch power or wider lane spacing",
        "fec": "a module with better TDECQ or sensitivity, or less loss in the path",
        "reach": "a module class made for this length",
    },
}
"""By detection and limit."""


def find_remedy(detection: str, limited_by: str) -> str:
    """Return what would help in a few words; empty where nothing general can be said."""
    return REMEDIES.get(detection, {}).get(limited_by, "")
