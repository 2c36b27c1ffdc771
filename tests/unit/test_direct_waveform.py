"""Sampled direct-detect lanes: what they are made of, what they refuse, and that they are the same every time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lightlane.catalog.load import load_catalog
from lightlane.errors import FormatError, ModelError, ParameterError
from lightlane.fabric.point_to_point import point_to_point
from lightlane.kernels.direct import Pam4Transmitter
from lightlane.kernels.direct_waveform import (
    DirectEcho,
    DirectReceiver,
    MeasuredResponse,
    Pam4Drive,
    SampledPath,
    propagate_pam4,
)
from lightlane.kernels.pam4_decisions import (
    DecisionNoise,
    Pam4Taps,
    decide_pam4,
    fit_fractional_equalizer,
    fit_pam4_equalizer,
    pam4_error_ratios,
)
from lightlane.lane.budget import evaluate_link
from lightlane.lane.surrogate.runs import RunPoint, RunTarget, run_point, run_symbols
from lightlane.lane.waveform.direct.hardware import PLAIN_HARDWARE, DirectHardware
from lightlane.lane.waveform.direct.measured import load_response
from lightlane.lane.waveform.direct.record import DirectWaveform
from lightlane.lane.waveform.direct.reflections import Reflector, draw_echoes, pair_reflectors
from lightlane.lane.waveform.direct.tdecq import measure_lane_tdecq
from lightlane.lane.waveform.settings import WaveformSettings
from lightlane.lane.waveform.simulate import simulate_link

HARD = RunPoint(dispersion_ratio=0.6, chirp_alpha=0.948, bandwidth_ratio=0.632, extinction_ratio_db=6.012)
"""An eye of 3.3 dB of TDECQ that two sampling times with other taps leave nearly alike."""
SYMBOLS = np.random.default_rng(2).integers(0, 4, 2048).astype(np.uint8)
TRANSMITTER = Pam4Transmitter(symbol_rate_gbd=53.125, eo_bandwidth_ghz=34.0, chirp_alpha=0.3)
SHORT = WaveformSettings(symbols_count=2**13)


def simulate(module: str = "400gbase-fr4", length_km: float = 2.0, **hardware: object) -> DirectWaveform:
    settings = replace(SHORT, direct_hardware=DirectHardware(**hardware))  # type: ignore[arg-type]
    waveform = simulate_link(point_to_point(module, length_km), settings=settings).waveforms[0]
    assert isinstance(waveform, DirectWaveform)
    return waveform


def test_a_link_is_simulated_and_judged() -> None:
    link = point_to_point("400gbase-fr4", 2.0)
    result = evaluate_link(link, fidelity="waveform", waveform=SHORT)
    budget = evaluate_link(link)
    assert {lane.direction for lane in result.lanes} == {"a_to_b", "b_to_a"}
    for lane in result.lanes:
        same = next(one for one in budget.lanes if (one.direction, one.lane) == (lane.direction, lane.lane))
        assert lane.received_power_dbm == same.received_power_dbm
        assert lane.latency_us == same.latency_us
        assert lane.status == "up"
        assert sum(step.value_db for step in lane.explain()) == pytest.approx(lane.margin_db, abs=1e-9)
        assert lane.sensitivity_oma_dbm == pytest.approx(lane.oma_outer_dbm - lane.fec_margin_db, abs=1e-9)


def test_the_same_seed_gives_the_same_lane_whatever_else_is_simulated() -> None:
    link = point_to_point("400gbase-fr4", 2.0)
    both = simulate_link(link, settings=replace(SHORT, lanes=(0, 2)))
    one = simulate_link(link, settings=replace(SHORT, lanes=(2,)))
    assert both.result.lanes[1].to_dict() == one.result.lanes[0].to_dict()
    other = simulate_link(link, settings=replace(SHORT, lanes=(2,), seed=5))
    assert other.waveforms[0].decision_ratio[0] != one.waveforms[0].decision_ratio[0]  # type: ignore[union-attr]


def test_what_hardware_does_has_the_right_sign() -> None:
    plain = simulate()
    assert simulate(even_odd_jitter_fs=2500.0).margin_db < plain.margin_db
    assert simulate(random_jitter_fs=600.0).margin_db < plain.margin_db
    assert simulate(converter_bits_count=2.0).counts.symbol_errors_count > plain.counts.symbol_errors_count
    # Dispersion at the far corner is negative: positive chirp opens the eye, negative closes it.
    assert plain.dispersion_ps_per_nm < 0.0
    assert simulate(chirp_alpha=-0.8).margin_db < simulate(chirp_alpha=0.0).margin_db
    pulse = plain.pulse_response_ratio[np.argmin(np.abs(plain.pulse_time_ui))]
    assert 0.6 < pulse < 1.1
    assert np.all(np.diff(plain.waterfall.symbol_error_ratio) <= 0.0)


def test_measured_responses_stand_in_for_bandwidths() -> None:
    frequency_ghz = np.linspace(0.0, 210.0, 841)
    y = 2.113917674904216 * frequency_ghz / 34.0
    # Fourth-order Bessel-Thomson, its delay at low frequencies taken off.
    gain = 105.0 / (105.0 + 105j * y - 45.0 * y**2 - 10j * y**3 + y**4) * np.exp(1j * y)
    measured = MeasuredResponse(frequency_ghz=tuple(frequency_ghz), gain=tuple(gain))
    by_points = propagate_pam4(SYMBOLS, TRANSMITTER, drive=Pam4Drive(measured_response=measured))
    by_formula = propagate_pam4(SYMBOLS, TRANSMITTER)
    assert np.abs(by_points - by_formula).max() < 2e-3
    wider = propagate_pam4(SYMBOLS, replace(TRANSMITTER, eo_bandwidth_ghz=38.0))
    assert np.abs(by_points - wider).max() > 0.02


def test_echoes_are_pairs_of_faces_with_their_delay_and_loss() -> None:
    faces = [Reflector(0.0, -26.0, 0.0), Reflector(1.0, -35.0, 1.0), Reflector(2.0, -26.0, 2.0)]
    echoes = pair_reflectors(faces)
    assert len(echoes) == 3
    # The outermost pair: both reflectances and twice the loss between; 2 km there and back.
    assert echoes[0].power_ratio == pytest.approx(10.0 ** (-5.6))
    assert echoes[0].delay_us == pytest.approx(19.58, abs=0.01)
    assert {round(10.0 * np.log10(echo.power_ratio)) for echo in echoes} == {-56, -63}
    drawn = draw_echoes(echoes, symbols_count=1024, symbol_rate_gbd=53.125, linewidth_mhz=1.0, seed=1, lane="a")
    assert sum(echo.amplitude_ratio**2 for echo in drawn) == pytest.approx(sum(echo.power_ratio for echo in echoes))
    # Two walks of a laser: their variance grows by 4 pi linewidth in a second.
    long = draw_echoes(echoes[:1], symbols_count=2**16, symbol_rate_gbd=53.125, linewidth_mhz=1.0, seed=1, lane="a")
    steps = np.diff(long[0].phase_rad)
    assert steps.var() == pytest.approx(4.0 * np.pi * 1e6 / 53.125e9, rel=0.05)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (SampledPath(wavelength_nm=0.0), "wavelength_m"),
        (SampledPath(dispersion_ps_per_nm=float("nan")), "dispersion_s_per_m"),
        (SampledPath(dgd_ps=-1.0), "dgd_s"),
        (SampledPath(slow_power_ratio=2.0), "slow_power_ratio"),
        (SampledPath(echoes=(DirectEcho(delay_symbols=-1, amplitude_ratio=0.1, phase_rad=np.zeros(2048)),)), "delay"),
        (SampledPath(echoes=(DirectEcho(delay_symbols=1, amplitude_ratio=0.1, phase_rad=np.zeros(3)),)), "phase_rad"),
        (SampledPath(echoes=(DirectEcho(delay_symbols=1, amplitude_ratio=2.0, phase_rad=np.zeros(2048)),)), "ampl"),
    ],
)
def test_wrong_paths_are_refused(path: SampledPath, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        propagate_pam4(SYMBOLS, TRANSMITTER, path)


def test_wrong_input_is_refused_by_name() -> None:
    with pytest.raises(ParameterError, match="symbols hold 4"):
        propagate_pam4([0, 4], TRANSMITTER)
    with pytest.raises(ParameterError, match="samples_per_symbol is 6"):
        propagate_pam4(SYMBOLS, TRANSMITTER, samples_per_symbol=6)
    with pytest.raises(ParameterError, match="modulator"):
        propagate_pam4(SYMBOLS, TRANSMITTER, drive=Pam4Drive(modulator="ring"))  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="delays"):
        propagate_pam4(SYMBOLS, TRANSMITTER, drive=Pam4Drive(edge_delays_ui=np.zeros(3)))
    with pytest.raises(ModelError, match="below zero power"):
        propagate_pam4(
            SYMBOLS, replace(TRANSMITTER, extinction_ratio_db=12.0), drive=Pam4Drive(pre_emphasis_ratio=(1.6, -0.6))
        )
    with pytest.raises(ParameterError, match="thermal"):
        DirectReceiver(
            symbol_rate_gbd=53.125, responsivity_a_per_w=0.8, thermal_noise_pa_per_sqrt_hz=float("nan")
        ).to_core()
    with pytest.raises(ParameterError, match="levels"):
        decide_pam4([0.0], level_ratio=[0, 1, 1, 2], threshold_ratio=[0.5, 1.0, 1.5])
    with pytest.raises(ParameterError, match="values"):
        pam4_error_ratios([0, 1, 2, 3], [0.0], DecisionNoise(1.0, np.ones(4), np.ones(4)))
    with pytest.raises(ParameterError, match="equalizer"):
        fit_pam4_equalizer(
            np.ones(64),
            np.ones(64),
            equalizer="ffe9",
            noise_variance_ratio=1.0,
            noise_autocorrelation_ratio=np.ones(32),  # type: ignore[arg-type]
        )
    for wrong in (
        {"random_jitter_fs": -1.0},
        {"converter_bits_count": 1.0},
        {"decision": "coin"},
        {"modulator": "ring"},
    ):
        with pytest.raises(ParameterError, match=next(iter(wrong))):
            DirectHardware(**wrong)  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="lanes is set"):
        simulate_link(point_to_point("oif-400zr", 40.0, line="designed"), settings=replace(SHORT, lanes=(0,)))
    with pytest.raises(ParameterError, match="precision is set"):
        simulate_link(point_to_point("400gbase-fr4", 2.0), settings=replace(SHORT, precision="f32"))
    with pytest.raises(ParameterError, match="lanes holds 9"):
        simulate_link(point_to_point("400gbase-fr4", 2.0), settings=replace(SHORT, lanes=(9,)))


def test_feed_forward_is_a_sum_over_neighbors() -> None:
    taps = Pam4Taps(np.array([0.1, 1.0, -0.2]), 1, 0.0, 0.0)
    samples = np.arange(5.0)
    expected = [0.1 * samples[(k + 1) % 5] + samples[k] - 0.2 * samples[k - 1] for k in range(5)]
    assert taps.feed_forward(samples) == pytest.approx(expected)


def test_other_symbols_find_the_same_equalizer() -> None:
    """Symbols at the ends of the part that the search looks at once decided it: half a decibel between two seeds."""
    borne = [run_point(HARD, RunTarget("ffe5", 4.8e-4), run_symbols(2**13, seed)).noise_ratio for seed in (1, 2, 3)]
    assert 10.0 * np.log10(max(borne) / min(borne)) < 0.03


def test_the_gain_that_follows_the_light_is_that_of_the_light() -> None:
    """Behind the loss that the margin names the lane has none left: a simulation of that lane has its own gain."""
    link = point_to_point("400gbase-er8", 40.0)
    settings = replace(SHORT, lanes=(0,))
    first = simulate_link(link, settings=settings).result.lanes[0]
    more_db = first.launch_power_dbm - first.received_power_dbm + 1.0
    behind = simulate_link(point_to_point("400gbase-er8", 40.0, loss_db=more_db), settings=settings).result.lanes[0]
    # A decibel more of loss in the fiber is one less of margin, but for the echoes' other amplitudes.
    assert first.fec_margin_db - behind.fec_margin_db == pytest.approx(1.0, abs=0.06)
    assert first.sensitivity_oma_dbm == pytest.approx(behind.sensitivity_oma_dbm, abs=0.06)


def test_the_bathtub_has_its_bottom_near_the_sampling_time() -> None:
    waveform = simulate()
    ratio, time_ui = waveform.bathtub.symbol_error_ratio, waveform.bathtub.time_ui
    assert abs(time_ui[int(np.argmin(ratio))]) < 0.2
    assert ratio[0] > 1e-2 < ratio[-1]
    middle = ratio[np.abs(time_ui) <= waveform.samples_per_symbol**-1]
    assert middle.max() < 1e-4


def test_tdecq_of_a_lane_is_that_of_the_computed_eye() -> None:
    """The clause's method on the sampled test pattern, against the field of a short pattern: 0.1 dB, as both claim."""
    mode = load_catalog().modes["400gbase-fr4"]
    found = measure_lane_tdecq(mode, PLAIN_HARDWARE, wavelength_nm=1310.0, dispersion_ps_per_nm=6.7)  # type: ignore[arg-type]
    lane = next(item for item in evaluate_link(point_to_point("400gbase-fr4", 2.0)).lanes if item.lane == 3)
    assert lane.chromatic_dispersion_ps_per_nm == pytest.approx(6.7, abs=0.1)
    assert found.tdecq_db == pytest.approx(lane.tdecq_db, abs=0.1)
    with pytest.raises(ParameterError, match="states no chirp_alpha"):
        measure_lane_tdecq(
            mode.model_copy(update={"chirp_alpha": None}),  # type: ignore[arg-type]
            PLAIN_HARDWARE,
            wavelength_nm=1310.0,
            dispersion_ps_per_nm=0.0,
        )


@pytest.mark.parametrize("taps_per_symbol", [1, 2])
def test_adapted_taps_come_near_the_chosen_ones(taps_per_symbol: int) -> None:
    """Least mean squares ends at taps of least squared error, which the search betters by what it spares the worst."""
    chosen = simulate("400g-lr4-10", 10.0, taps_per_symbol=taps_per_symbol)
    adapted = simulate("400g-lr4-10", 10.0, taps_per_symbol=taps_per_symbol, adaptation="lms")
    assert adapted.margin_db == pytest.approx(chosen.margin_db, abs=0.15)
    assert adapted.taps.per_symbol == chosen.taps.per_symbol == taps_per_symbol
    assert len(adapted.taps.taps) == {1: 5, 2: 9}[taps_per_symbol]


def test_taps_half_a_symbol_apart_are_no_worse() -> None:
    plain, fractional = simulate("800gbase-lr4", 10.0), simulate("800gbase-lr4", 10.0, taps_per_symbol=2)
    assert fractional.margin_db > plain.margin_db + 0.3
    assert 0.0 <= fractional.taps.feedback_ratio <= 0.3


def test_fractional_taps_undo_what_a_channel_does() -> None:
    """Two samples a symbol of a channel that shorter taps can undo: no error is left, whatever the sampling time."""
    sent = SYMBOLS / 3.0 - 0.5
    samples = np.stack([0.8 * sent + 0.2 * np.roll(sent, 1), 0.6 * sent + 0.4 * np.roll(sent, -1)], axis=1).ravel()
    taps = fit_fractional_equalizer(
        samples,
        sent,
        taps_count=9,
        feedback_max_ratio=0.0,
        noise_variance_ratio=0.0,
        noise_autocorrelation_ratio=np.eye(1, 32)[0],
    )
    assert taps.mean_squared_error_ratio < 1e-9
    assert np.abs(taps.feed_forward(samples) - sent).max() < 1e-4
    assert taps.taps.sum() == pytest.approx(1.0)
    with pytest.raises(ParameterError, match="taps_count"):
        fit_fractional_equalizer(
            samples,
            sent,
            taps_count=8,
            feedback_max_ratio=0.0,
            noise_variance_ratio=0.0,
            noise_autocorrelation_ratio=np.ones(32),
        )


def test_a_measured_response_is_read_from_a_touchstone_file(tmp_path: Path) -> None:
    """A Bessel-Thomson response with gain and delay of its own, as a file: the lane is that of the bandwidth itself."""
    pytest.importorskip("skrf")
    frequency_ghz = np.linspace(0.05, 90.0, 600)
    y = 2.1139j * frequency_ghz / 31.9
    gain = 0.03 * 105.0 / (105.0 + 105.0 * y + 45.0 * y**2 + 10.0 * y**3 + y**4)
    gain *= np.exp(-2j * np.pi * frequency_ghz * 0.08)
    rows = [
        f"{f:.6f} 0 0 {value.real:.12e} {value.imag:.12e} 0 0 0 0" for f, value in zip(frequency_ghz, gain, strict=True)
    ]
    path = tmp_path / "eml.s2p"
    path.write_text("# GHZ S RI R 50\n" + "\n".join(rows) + "\n", encoding="utf-8")
    measured = load_response(path)
    assert measured.frequency_ghz[0] == 0.0
    assert measured.gain[0] == 1.0
    assert simulate(measured_response=measured).margin_db == pytest.approx(simulate().margin_db, abs=0.02)


def test_files_that_hold_no_response_are_refused(tmp_path: Path) -> None:
    pytest.importorskip("skrf")
    path = tmp_path / "a.s2p"
    for text, words in (
        ("no numbers", "Touchstone"),
        ("# GHZ S RI R 50\n5 0 0 1 0 0 0 0 0\n6 0 0 1 0 0 0 0 0\n7 0 0 1 0 0 0 0 0\n", "the lowest at 1 GHz"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(FormatError, match=words):
            load_response(path)
    path.unlink()
    with pytest.raises(FormatError, match="can be read"):
        load_response(path)
    one_port = tmp_path / "a.s1p"
    one_port.write_text("# GHZ S RI R 50\n0.1 1 0\n1 1 0\n2 1 0\n", encoding="utf-8")
    with pytest.raises(FormatError, match="two ports"):
        load_response(one_port)


def test_hardware_words_are_checked() -> None:
    with pytest.raises(ParameterError, match="taps_per_symbol is 3"):
        DirectHardware(taps_per_symbol=3)  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="adaptation is 'rls'"):
        DirectHardware(adaptation="rls")  # type: ignore[arg-type]
