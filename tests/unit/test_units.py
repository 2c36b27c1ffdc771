"""Names and their units: what the suffix rule takes, what it refuses, and the labels that follow from it."""

from __future__ import annotations

import math

import pytest

from lightlane.errors import ParameterError
from lightlane.units import (
    ACRONYMS,
    PLANCK_J_S,
    REFERENCE_BANDWIDTH_GHZ,
    SPEED_OF_LIGHT_M_PER_S,
    UNIT_LABELS,
    UNITLESS_NAMES,
    UNITLESS_SUFFIXES,
    axis_label,
    unit_of,
)


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("length_km", "km"),
        ("launch_power_dbm", "dbm"),
        ("length_m", "m"),  # not the m of km or nm
        ("effective_area_um2", "um2"),
        ("dispersion_ps_per_nm_km", "ps_per_nm_km"),  # not km, not ps_per_nm
        ("zero_dispersion_slope_max_ps_per_nm2_km", "ps_per_nm2_km"),
        ("pmd_ps_per_sqrt_km", "ps_per_sqrt_km"),
        ("noise_pa_per_sqrt_hz", "pa_per_sqrt_hz"),
        ("rin_oma_max_db_per_hz", "db_per_hz"),
        ("raman_slope_per_w_km_thz", "per_w_km_thz"),
        ("penalty_db_by_sop_rate_krad_per_s", "krad_per_s"),  # a table's x half
        ("loss_per_span_db", "db"),  # a span is a thing and not a unit, so this is no quotient
    ],
)
def test_unit_is_the_longest_suffix(name: str, unit: str) -> None:
    assert unit_of(name) == unit


@pytest.mark.parametrize(
    "name",
    ["pre_fec_ber", "ber", "frame_loss_ratio", "fill_fraction", "span_count", "group_index", "roll_off", "seed"],
)
def test_unitless_quantities(name: str) -> None:
    assert unit_of(name) == ""


@pytest.mark.parametrize(
    "name",
    [
        "",
        "length",
        "km",  # a unit and no quantity
        "lengthkm",
        "length_KM",
        "length_km_",
        "length_miles",
        "number",  # ends in the letters of ber
        "my_roll_off",  # the closed list names whole names
        "dispersion_ps_per_km",  # the table has no ps/km: km alone would be wrong
        "efficiency_w_per_tbps",
        "curvature_ps_per_nm3_km",
        "noise_pw_per_sqrt_hz",
    ],
)
def test_names_that_break_the_rule(name: str) -> None:
    assert unit_of(name) is None


@pytest.mark.parametrize("suffix", UNIT_LABELS)
def test_every_unit_is_found_behind_a_quantity(suffix: str) -> None:
    assert unit_of(f"quantity_{suffix}") == suffix
    assert axis_label(f"quantity_{suffix}") == f"Quantity ({UNIT_LABELS[suffix]})"


def test_no_word_is_both_a_unit_and_unitless() -> None:
    assert not set(UNIT_LABELS) & (set(UNITLESS_SUFFIXES) | UNITLESS_NAMES)
    assert not set(UNIT_LABELS) & ACRONYMS


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("launch_power_dbm", "Launch power (dBm)"),
        ("gsnr_db", "GSNR (dB)"),
        ("q_db", "Q (dB)"),
        ("snr_nli_db", "SNR NLI (dB)"),
        ("dgd_mean_ps", "DGD mean (ps)"),
        ("effective_area_um2", "Effective area (µm²)"),
        ("pre_fec_ber", "Pre FEC BER"),
        ("roll_off", "Roll off"),
    ],
)
def test_label(name: str, label: str) -> None:
    assert axis_label(name) == label


@pytest.mark.parametrize("name", ["", "length", "dispersion_ps_per_km"])
def test_label_of_a_name_without_a_unit_is_refused(name: str) -> None:
    with pytest.raises(ParameterError, match="does not end in a known unit"):
        axis_label(name)


def test_reference_bandwidth_is_a_tenth_of_a_nanometer_at_1550_nm() -> None:
    # The field rounds 12.478 GHz to 12.5 GHz; 0.2 % is 0.008 dB of OSNR.
    exact_ghz = SPEED_OF_LIGHT_M_PER_S / (1550e-9) ** 2 * 0.1e-9 / 1e9
    assert math.isclose(REFERENCE_BANDWIDTH_GHZ, exact_ghz, rel_tol=2e-3)


def test_reference_noise_power_is_the_link_engineers_minus_58_dbm() -> None:
    # h nu B at 1550 nm, written -58 dBm in "OSNR = 58 + P - NF - loss"; to two places it is -57.95 dBm.
    frequency_hz = SPEED_OF_LIGHT_M_PER_S / 1550e-9
    power_mw = PLANCK_J_S * frequency_hz * REFERENCE_BANDWIDTH_GHZ * 1e9 * 1e3
    assert 10 * math.log10(power_mw) == pytest.approx(-57.95, abs=0.005)
