"""The units that names may end in, and what follows from them: axis labels, form suffixes, a test over all fields.

A quantity's unit is the last word of its name, ``per`` marks a quotient: ``launch_power_dbm``,
``dispersion_ps_per_nm_km``.
A table of points is named ``<y>_<unit>_by_<x>_<unit>``: ``required_osnr_db_by_received_power_dbm``.
"""

from __future__ import annotations

from functools import cache

from lightlane.errors import ParameterError

SPEED_OF_LIGHT_M_PER_S = 299_792_458.0
"""Exact by the definition of the meter."""
PLANCK_J_S = 6.626_070_15e-34
"""Exact by the definition of the kilogram."""
ELEMENTARY_CHARGE_C = 1.602_176_634e-19
"""Exact by the definition of the ampere."""
DAYS_PER_YEAR = 365.25
"""Of the Julian year."""
REFERENCE_BANDWIDTH_GHZ = 12.5
"""Noise bandwidth of every OSNR in Lightlane: 0.1 nm at 1550 nm."""

UNIT_LABELS: dict[str, str] = {
    "db": "dB",
    "dbm": "dBm",
    "dbm_per_ghz": "dBm/GHz",
    "db_per_hz": "dB/Hz",
    "db_per_km": "dB/km",
    "dbc": "dBc",
    "w": "W",
    "mw": "mW",
    "hz": "Hz",
    "hz2_per_hz": "Hz²/Hz",
    "bits": "bit",
    "khz": "kHz",
    "mhz": "MHz",
    "ghz": "GHz",
    "thz": "THz",
    "gbd": "GBd",
    "gbps": "Gb/s",
    "m": "m",
    "km": "km",
    "nm": "nm",
    "um2": "µm²",
    "days": "d",
    "s": "s",
    "h": "h",
    "ms": "ms",
    "us": "µs",
    "ns": "ns",
    "ps": "ps",
    "fs": "fs",
    "ps_per_nm": "ps/nm",
    "ps_per_nm2": "ps/nm²",
    "ps_per_nm_km": "ps/(nm·km)",
    "ps_per_nm2_km": "ps/(nm²·km)",
    "ps_per_sqrt_km": "ps/√km",
    "per_w_m": "1/(W·m)",
    "per_w_km": "1/(W·km)",
    "per_w_km_thz": "1/(W·km·THz)",
    "us_per_km": "µs/km",
    "pa_per_sqrt_hz": "pA/√Hz",
    "a_per_w": "A/W",
    "na": "nA",
    "ua": "µA",
    "ui": "UI",
    "c": "°C",
    "nm_per_c": "nm/°C",
    "ppm_per_c": "ppm/°C",
    "years": "a",
    "db_per_year": "dB/a",
    "percent_per_year": "%/a",
    "deg": "°",
    "rad": "rad",
    "ppm": "ppm",
    "krad_per_s": "krad/s",
    "mrad": "mrad",
    "percent": "%",
    "per_km_year": "1/(km·year)",
    "per_year": "1/year",
    "min_per_year": "min/year",
    "per_s": "1/s",
    "fit": "FIT",
    "w_per_gbps": "W per Gb/s",
    "gbps_km": "Gb/s·km",
    "bytes": "B",
    "bytes_per_token": "B/token",
}
"""Suffix of a name and how people write that unit."""

UNITLESS_SUFFIXES: tuple[str, ...] = ("ber", "ratio", "fraction", "count", "index")
UNITLESS_NAMES: frozenset[str] = frozenset({"quantiles", "roll_off", "taps", "seed", "chirp_alpha", "route_factor"})
"""The closed list of names that carry no unit because the quantity has none."""

# fmt: off
ACRONYMS: frozenset[str] = frozenset({
    "ase", "ber", "dgd", "fec", "gsnr", "mpi", "nli", "oma", "osnr", "pdl", "pmd",
    "q", "rin", "secq", "ser", "smsr", "snr", "sop", "tdecq", "tecq", "trx",
})
# fmt: on
"""Words of names that labels write in capitals."""


@cache
def unit_of(name: str) -> str | None:
    """Return the unit suffix that ends ``name``.

    Returns
    -------
    The longest matching key of :data:`UNIT_LABELS`, ``""`` for a unitless quantity, None where the name breaks the
    rule.
    """
    if name in UNITLESS_NAMES or name.rsplit("_", 1)[-1] in UNITLESS_SUFFIXES:
        return ""
    matches = [suffix for suffix in UNIT_LABELS if name.endswith(f"_{suffix}")]
    if not matches:
        return None
    unit = max(matches, key=len)
    # The end of a quotient that the table does not know, such as km of ps_per_km, is not the quantity's unit.
    words = name[: -len(unit) - 1].split("_")
    while words and (words[-1] == "sqrt" or words[-1].rstrip("23") in UNIT_LABELS):
        words.pop()
    return None if words and words[-1] == "per" else unit


def axis_label(name: str) -> str:
    """Return the label of an axis or a form field for the quantity ``name``, such as ``Launch power (dBm)``.

    Raises
    ------
    ParameterError
        If the name does not end in a known unit.
    """
    unit = unit_of(name)
    if unit is None:
        raise ParameterError(f"{name!r} does not end in a known unit")
    words = name if not unit else name[: -len(unit) - 1]
    text = " ".join(word.upper() if word in ACRONYMS else word for word in words.split("_"))
    label = text[:1].upper() + text[1:]
    return f"{label} ({UNIT_LABELS[unit]})" if unit else label
