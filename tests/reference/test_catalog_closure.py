"""The catalog against the arithmetic of its own standards and against GNPy.

Sources
-------
- Closure rule of the IEEE 802.3 PAM4 clauses (124, 151, 122, P802.3dj 180-183): SRS = A - IL - X + SECQ and
  RS(max) = max(floor, A - IL - X + TECQ). The clauses print their levels with one decimal, so sums of printed levels
  close exactly; 1e-9 dB only absorbs binary fractions. 400GBASE-DR4, 400GBASE-FR4, 800GBASE-DR4 and 800GBASE-FR4-500
  have a published SRS of their own and so test the figures; the other rows hold an SRS that follows from the rule and
  test only that a later edit keeps them consistent.
- Dispersion limits: D = S0/4 (lambda - lambda0^4/lambda^3), S0 = 0.093 ps/(nm2 km), lambda0 = 1300 and 1324 nm, at the
  edges of the lanes. EXPECTED is a table computed independently of the catalog and given to the digits shown; half of
  the last digit is the tolerance.
- Amplifier noise figures and OpenROADM polynomials: GNPy 3.0.1, gnpy.core.science_utils.estimate_nf_model and
  example-data. The tables are rounded to 0.001 dB, hence 0.0006 dB.
- Two-parameter transceiver noise: 1/SNR_th = kappa/SNR_req + 1/SNR_TRX at the FEC's threshold must give back the
  stated required OSNR within the worst residual of the family's fit (0.8 dB at most, 0.1 dB for the FS ladder).
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from lightlane.catalog.load import load_catalog
from lightlane.catalog.parts import CoherentMode, DirectMode
from lightlane.units import REFERENCE_BANDWIDTH_GHZ

DIRECT = [mode for mode in load_catalog().modes.values() if isinstance(mode, DirectMode)]
COHERENT = [mode for mode in load_catalog().modes.values() if isinstance(mode, CoherentMode)]
CLOSED = [mode for mode in DIRECT if mode.stressed_sensitivity_dbm is not None]
PUBLISHED = {"400gbase-dr4", "400gbase-fr4", "800gbase-dr4", "800gbase-fr4-500"}
EXPECTED = {
    "400gbase-dr4": (-0.93, 0.80, 0.005),
    "800gbase-dr8": (-0.93, 0.80, 0.005),
    "800gbase-dr4": (-0.93, 0.80, 0.005),
    "800gbase-dr4-2": (-3.7, 3.2, 0.05),
    "800gbase-fr4-500": (-3.0, 1.7, 0.05),
    "400gbase-fr4": (-11.9, 6.7, 0.05),
    "800gbase-fr4": (-11.9, 6.7, 0.05),
    "400gbase-fr8": (-10.2, 1.9, 0.05),
    "400gbase-lr4-6": (-35.6, 20.1, 0.05),
    "400g-lr4-10": (-59.4, 33.4, 0.05),
    "400gbase-lr8": (-50.8, 9.4, 0.05),
    "800gbase-lr4": (-28.4, 9.4, 0.05),
    "400gbase-er8": (-203.3, 37.5, 0.05),
    "400g-er4-30": (-56.9, 32.9, 0.05),
}
FITS = {  # prefix of ids: worst residual of the fit in dB, rounded up
    "openzrplus": 0.36,
    "openroadm": 0.75,
    "fs-zrph": 0.1,
    "smartoptics-hp": 0.75,
    "nokia-tof": 0.65,
}


def _known(value: float | None) -> float:
    assert value is not None
    return value


def _allowed_loss_level(mode: DirectMode) -> float:
    return (
        _known(mode.oma_minus_tdecq_min_dbm) - _known(mode.insertion_loss_max_db) - _known(mode.mpi_dgd_allocation_db)
    )


def test_the_published_rows_are_among_those_that_close() -> None:
    assert {mode.id for mode in CLOSED} >= PUBLISHED
    for mode in CLOSED:
        computed = "closure rule" in mode.field_sources.get("stressed_sensitivity_dbm", "")
        assert not (mode.id in PUBLISHED and computed), mode.id


@pytest.mark.parametrize("mode", CLOSED, ids=lambda mode: mode.id)
def test_stressed_sensitivity_closes(mode: DirectMode) -> None:
    expected = _allowed_loss_level(mode) + _known(mode.secq_max_db)
    assert mode.stressed_sensitivity_dbm == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("mode", CLOSED, ids=lambda mode: mode.id)
def test_floors_sit_at_a_tdecq_of_1_4_db(mode: DirectMode) -> None:
    """Below 1.4 dB a better eye buys nothing, at both ends."""
    assert mode.sensitivity_floor_dbm == pytest.approx(_allowed_loss_level(mode) + 1.4, abs=1e-9)
    if mode.oma_outer_min_dbm is not None:
        assert mode.oma_outer_min_dbm == pytest.approx(_known(mode.oma_minus_tdecq_min_dbm) + 1.4, abs=1e-9)


@pytest.mark.parametrize(
    "mode",
    [mode for mode in CLOSED if mode.launch_power_min_dbm is not None],
    ids=lambda mode: mode.id,
)
def test_weakest_transmitter_reaches_the_receiver_over_the_longest_channel(mode: DirectMode) -> None:
    """Average powers close like the OMA: what the least transmitter sends arrives at or above the least that counts."""
    arrives = _known(mode.launch_power_min_dbm) - _known(mode.insertion_loss_max_db)
    assert mode.received_power_min_dbm == pytest.approx(arrives, abs=1e-9)


def test_every_direct_mode_has_a_dispersion_limit_to_compare_with() -> None:
    assert {mode.id for mode in DIRECT} == set(EXPECTED)


@pytest.mark.parametrize("mode", DIRECT, ids=lambda mode: mode.id)
def test_dispersion_limits(mode: DirectMode) -> None:
    low, high, tolerance = EXPECTED[mode.id]
    # The catalog keeps the formula's own value beyond the printed digit, so that a mode closes its own reach.
    assert mode.dispersion_min_ps_per_nm == pytest.approx(low, abs=tolerance)
    assert mode.dispersion_max_ps_per_nm == pytest.approx(high, abs=tolerance)
    reach = _known(mode.reach_km)

    def accumulate(wavelength_nm: float, zero_nm: float) -> float:
        return 0.093 / 4 * wavelength_nm * (1 - (zero_nm / wavelength_nm) ** 4) * reach

    assert min(accumulate(lane.min_nm, 1324) for lane in mode.lanes) == pytest.approx(low, abs=tolerance)
    assert max(accumulate(lane.max_nm, 1300) for lane in mode.lanes) == pytest.approx(high, abs=tolerance)


def _gnpy_folder() -> Path:
    import gnpy

    return Path(gnpy.__path__[0]) / "example-data"


@pytest.mark.parametrize(
    ("part", "variety"),
    [
        ("edfa-low-gain", "std_low_gain"),
        ("edfa-medium-gain", "std_medium_gain"),
        ("edfa-high-gain", "std_high_gain"),
    ],
)
def test_variable_gain_noise_figures_are_those_of_gnpy(part: str, variety: str) -> None:
    entries = json.loads((_gnpy_folder() / "eqpt_config.json").read_text())["Edfa"]
    entry = next(item for item in entries if item["type_variety"] == variety)
    from gnpy.core.science_utils import estimate_nf_model

    nf1, nf2, delta_p = estimate_nf_model(
        variety, entry["gain_min"], entry["gain_flatmax"], entry["nf_min"], entry["nf_max"]
    )
    amplifier = load_catalog().get_amplifier(part)
    assert (amplifier.gain_min_db, amplifier.gain_max_db) == (entry["gain_min"], entry["gain_flatmax"])
    assert amplifier.output_power_max_dbm == entry["p_max"]
    assert amplifier.noise_figure_db_by_gain_db is not None
    for gain, noise_figure in amplifier.noise_figure_db_by_gain_db:
        first_gain = 2 * gain - entry["gain_flatmax"] - delta_p
        expected = 10 * math.log10(10 ** (nf1 / 10) + 10 ** ((nf2 - first_gain) / 10))
        assert noise_figure == pytest.approx(expected, abs=6e-4)


@pytest.mark.parametrize(
    ("part", "variety"),
    [
        ("openroadm-ila-standard", "openroadm_ila_standard"),
        ("openroadm-ila-low-noise", "openroadm_ila_low_noise"),
        ("openroadm-preamp-typical", "openroadm_mw_mw_preamp_typical_ver5"),
        ("openroadm-preamp-worst", "openroadm_mw_mw_preamp_worstcase_ver5"),
    ],
)
def test_openroadm_polynomials_are_those_of_gnpy(part: str, variety: str) -> None:
    entries = json.loads((_gnpy_folder() / "eqpt_config_openroadm_ver5.json").read_text())["Edfa"]
    entry = next(item for item in entries if item["type_variety"] == variety)
    amplifier = load_catalog().get_amplifier(part)
    assert list(amplifier.incremental_osnr_coefficients or ()) == entry["nf_coef"]
    assert (amplifier.gain_max_db, amplifier.output_power_max_dbm) == (entry["gain_flatmax"], entry["p_max"])


def test_zr400_agrees_with_gnpy() -> None:
    entries = json.loads((_gnpy_folder() / "extra_eqpt_config.json").read_text())["Transceiver"]
    mode = next(item for entry in entries for item in entry["mode"] if "SFF-ID:70" in item["format"])
    ours = load_catalog().get_mode("openzrplus-zr400-16qam")
    assert isinstance(ours, CoherentMode)
    assert ours.symbol_rate_gbd * 1e9 == pytest.approx(mode["baud_rate"], rel=1e-12)
    assert ours.roll_off == mode["roll_off"]
    assert ours.tx_osnr_db == mode["tx_osnr"]
    assert min(y for _, y in ours.required_osnr_db_by_received_power_dbm or ()) == mode["OSNR"]


def _error_ratio(modulation: str, snr: float) -> float:
    def tail(x: float) -> float:
        return 0.5 * math.erfc(x / math.sqrt(2))

    if modulation == "qpsk":
        return tail(math.sqrt(snr))
    g = math.sqrt(snr / 5)
    return (3 * tail(g) + 2 * tail(3 * g) - tail(5 * g)) / 4


def _threshold_snr(modulation: str, error_ratio: float) -> float:
    low, high = 0.1, 1e4
    for _ in range(200):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if _error_ratio(modulation, middle) > error_ratio else (low, middle)
    return low


STATED = [
    mode for mode in COHERENT if mode.modulation in ("qpsk", "16qam") and mode.required_osnr_db_by_received_power_dbm
]
FITTED = [mode for mode in STATED if mode.id.startswith(tuple(FITS))]


@pytest.mark.parametrize("mode", FITTED, ids=lambda mode: mode.id)
def test_transceiver_noise_gives_back_the_required_osnr(mode: CoherentMode) -> None:
    threshold = _threshold_snr(mode.modulation, load_catalog().get_fec(mode.fec).threshold_pre_fec_ber)
    line = (1 / threshold - 10 ** (-_known(mode.snr_trx_db) / 10)) / 10 ** (_known(mode.kappa_db) / 10)
    osnr = -10 * math.log10(line) + 10 * math.log10(mode.symbol_rate_gbd / REFERENCE_BANDWIDTH_GHZ)
    stated = min(y for _, y in mode.required_osnr_db_by_received_power_dbm or ())
    residual = next(value for prefix, value in FITS.items() if mode.id.startswith(prefix))
    assert osnr == pytest.approx(stated, abs=residual)


@pytest.mark.parametrize("mode", STATED, ids=lambda mode: mode.id)
def test_no_mode_promises_more_than_its_modulation_can(mode: CoherentMode) -> None:
    """The required OSNR stays above that of an ideal receiver at the FEC's threshold."""
    threshold = _threshold_snr(mode.modulation, load_catalog().get_fec(mode.fec).threshold_pre_fec_ber)
    ideal = 10 * math.log10(threshold * mode.symbol_rate_gbd / REFERENCE_BANDWIDTH_GHZ)
    assert min(y for _, y in mode.required_osnr_db_by_received_power_dbm or ()) > ideal
