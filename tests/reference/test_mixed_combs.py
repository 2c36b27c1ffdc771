"""Combs of mixed rates and formats on one line: each channel is judged by its own mode, and disturbs by its own signal.

Sources
-------
- 400ZR, OpenZR+ 16QAM, 8QAM and QPSK and 800ZR side by side, from 30 to 118 GBd. Without nonlinear interference and
  without neighbors near enough to overlap, every channel has the figures that it has alone on the line: 1e-9, rounding
  of sums in another order.
- OSNR behind amplifiers by P - NF - 10 log10(h nu 12.5 GHz): 1e-6 dB; powers of the comb by hand.
- Nonlinear interference of the comb in two fibers: the kernel on the columns of the comb, with the formats' kurtosis by
  its definition E|a|^4/E|a|^2^2 - 2 (numpy, over the constellation's points); 1e-3 dB, since the fiber's dispersion is
  expanded around another frequency. The kernel itself is held to the GN integral elsewhere.
- Overlap of two raised cosines of different width by scipy.integrate.quad: 1e-3 relative (512 midpoints).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad  # type: ignore[import-untyped]

from lightlane import kernels
from lightlane.catalog.load import load_catalog
from lightlane.catalog.parts import Amplifier, CoherentMode, Fiber, Passive
from lightlane.elements import FiberRun
from lightlane.kernels.budget import CONTRIBUTIONS, evaluate_coherent_lanes
from lightlane.kernels.tables import CoherentPathColumns, ElementColumns
from lightlane.lane.lowering import lower_coherent
from lightlane.lane.options import DEFAULT_OPTIONS
from lightlane.link import LineSystem, compose_link

CATALOG = load_catalog()
COMB = [
    ("oif-400zr", 191.9),
    ("openzrplus-zr400-16qam", 192.4),
    ("openzrplus-zr300-8qam", 192.9),
    ("oif-800zr", 193.5),
    ("openzrplus-zr200-qpsk", 194.1),
    ("openzrplus-zr100-qpsk", 194.6),
    ("openroadm-600g-118", 195.2),
]
"""Modes and centers of channels that are far enough from each other to leave nothing in one another."""
LINEAR = CATALOG.get_fiber("g652d").model_copy(
    update={"nonlinear_coefficient_per_w_km": 0.0, "raman_slope_per_w_km_thz": None}
)
AMPLIFIER = CATALOG.get_amplifier("edfa-fixed-5.5").model_copy(
    update={"output_power_max_dbm": 30.0, "gain_min_db": 0.0, "gain_max_db": 40.0, "gain_tilt_max_db": None}
)
Columns = dict[str, NDArray[Any]]


def _mode(mode_id: str, **fields: Any) -> CoherentMode:
    mode = CATALOG.get_mode(mode_id)
    assert isinstance(mode, CoherentMode)
    return mode.model_copy(update=fields)


def _link(mode: CoherentMode, fiber: Fiber, line: LineSystem, length_km: float) -> Any:
    module = next(module for module in CATALOG.modules.values() if mode.id in module.modes)
    # A measured attenuation is the same at every frequency, so that the levels stay flat.
    run = FiberRun(
        label="duct", fiber=fiber, length_km=length_km, connector=CATALOG.get_passive("lc-upc"),
        splice=CATALOG.get_passive("fusion-splice"), connector_count=0, attenuation_db_per_km=0.2,
    )  # fmt: skip
    return compose_link(
        name=mode.id, module=module, mode=mode, fec=CATALOG.get_fec(mode.fec), runs=[run, run], line=line
    )


def _evaluate(
    channels: Sequence[tuple[CoherentMode, float]],
    *,
    fiber: Fiber = LINEAR,
    amplifier: Amplifier = AMPLIFIER,
    launch_dbm: float = -3.0,
    length_km: float = 60.0,
    slot_ghz: float = 75.0,
) -> Columns:
    """Evaluate channels side by side on a line of two amplified spans, one direction."""
    line = LineSystem(
        mux=Passive(id="mux", name="mux", kind="mux_demux", loss_db=0.0, source="test", confidence="computed"),
        booster=amplifier, inline=amplifier, preamplifier=amplifier, span_launch_power_dbm=0.0, received_power_dbm=-5.0,
    )  # fmt: skip
    links = [_link(mode, fiber, line, length_km) for mode, _ in channels]
    lowered = lower_coherent(links, range(len(links)), DEFAULT_OPTIONS)
    elements = lowered.plant.elements
    first = int(elements.path_offsets[1])
    cut = {
        field.name: getattr(elements, field.name)[: 4 * first if field.name == "osnr_coefficients" else first]
        for field in fields(ElementColumns)
    }
    plant = replace(lowered.plant, elements=ElementColumns(**cut | {"path_offsets": elements.path_offsets[:2]}))
    rows = lowered.rows
    assert isinstance(rows, CoherentPathColumns)
    count = len(channels)
    one_way = {field.name: getattr(rows, field.name)[::2] for field in fields(CoherentPathColumns)}
    comb = CoherentPathColumns(
        **one_way
        | {
            "channel_offsets": np.array([0, count]),
            "frequency_thz": np.array([center_thz for _, center_thz in channels]),
            "slot_ghz": np.full(count, slot_ghz),
            "launch_power_dbm": np.full(count, launch_dbm),
            "crosstalk_penalty_db": np.zeros(count),
        }
    )
    comb = replace(comb, **{name: np.ascontiguousarray(getattr(comb, name)) for name in one_way})
    return evaluate_coherent_lanes(plant, lowered.modes, comb, explain=True)  # type: ignore[arg-type]


def test_every_channel_is_judged_by_its_own_mode() -> None:
    channels = [(_mode(mode_id), center_thz) for mode_id, center_thz in COMB]
    together = _evaluate(channels)
    for row, channel in enumerate(channels):
        alone = _evaluate([channel])
        for name in (
            "osnr_db",
            "snr_db",
            "pre_fec_ber",
            "required_osnr_db",
            "osnr_margin_db",
            "fec_margin_db",
            "latency_us",
        ):
            assert together[name][row] == pytest.approx(alone[name][0], rel=1e-9), (channel[0].id, name)
        mode = channel[0]
        ber = kernels.bit_error_ratio(
            float(together["snr_db"][row]),
            modulation=mode.modulation,
            inner_amplitude_ratio=mode.inner_amplitude_ratio,
        )
        assert together["pre_fec_ber"][row] == pytest.approx(float(ber), rel=1e-9)
        steps = slice(*together["contribution_offsets"][row : row + 2])
        assert together["contribution_db"][steps].sum() == pytest.approx(together["margin_db"][row], abs=1e-6)
    # Formats and FECs that differ by 13 dB in what they need.
    assert np.ptp(together["required_osnr_db"]) > 13.0


def test_noise_behind_the_amplifiers_by_hand() -> None:
    channels = [(_mode(mode_id, tx_osnr_db=None), center_thz) for mode_id, center_thz in COMB]
    answer = _evaluate(channels)
    loss_db = 12.0
    for row, (_, center_thz) in enumerate(channels):
        quantum_dbm = 10 * math.log10(6.62607015e-34 * center_thz * 1e12 * 12.5e9 * 1e3)
        noise = sum(10 ** ((5.5 + quantum_dbm - level_dbm) / 10) for level_dbm in (-3.0, -loss_db, -loss_db))
        assert answer["osnr_db"][row] == pytest.approx(-10 * math.log10(noise), abs=1e-6)
        assert answer["received_power_dbm"][row] == pytest.approx(-5.0, abs=1e-9)


def _kurtosis(mode: CoherentMode) -> float:
    """Excess kurtosis of a constellation from its points."""
    if mode.modulation == "8qam":
        # Two rings of four points, the outer one (1 + sqrt 3)/sqrt 2 times as wide.
        points, weights = np.array([1.0, (1 + math.sqrt(3)) / math.sqrt(2)]), np.array([0.5, 0.5])
        power = points**2
    else:
        inner = {"qpsk": 1.0, "16qam": 0.5}.get(mode.modulation, mode.inner_amplitude_ratio)
        assert inner is not None
        amplitudes, chances = np.array([1.0, 3.0]), np.array([inner, 1 - inner])
        power = (amplitudes[:, None] ** 2 + amplitudes[None, :] ** 2).ravel()
        weights = (chances[:, None] * chances[None, :]).ravel()
    return float(np.sum(weights * power**2) / np.sum(weights * power) ** 2 - 2.0)


def test_nonlinear_interference_of_each_channel_by_the_others_signals() -> None:
    fiber = CATALOG.get_fiber("g652d").model_copy(update={"raman_slope_per_w_km_thz": None})
    centers = 193.0 + 0.15 * np.arange(7)
    channels = [(_mode(mode_id), float(center)) for (mode_id, _), center in zip(COMB, centers, strict=True)]
    answer = _evaluate(channels, fiber=fiber)
    assert fiber.dispersion_ps_per_nm_km is not None
    found = kernels.nonlinear_interference(
        centers,
        [mode.symbol_rate_gbd for mode, _ in channels],
        np.zeros((2, 7)),
        attenuation_db_per_km=np.full(2, 0.2),
        length_km=np.full(2, 60.0),
        dispersion_ps_per_nm_km=np.full(2, fiber.dispersion_ps_per_nm_km),
        slope_ps_per_nm2_km=np.full(2, fiber.dispersion_slope_ps_per_nm2_km),
        gamma_per_w_km=np.full(2, fiber.nonlinear_coefficient_per_w_km),
        reference_thz=299792.458 / 1550.0,
        excess_kurtosis_ratio=[_kurtosis(mode) for mode, _ in channels],
    )
    np.testing.assert_allclose(answer["snr_nli_db"], found.line_snr_nli_db, atol=1e-3)
    # Formats count: with Gaussian signals all around, what each receives is another 0.2 dB and more.
    gaussian = kernels.nonlinear_interference(
        centers,
        [mode.symbol_rate_gbd for mode, _ in channels],
        np.zeros((2, 7)),
        attenuation_db_per_km=np.full(2, 0.2),
        length_km=np.full(2, 60.0),
        dispersion_ps_per_nm_km=np.full(2, fiber.dispersion_ps_per_nm_km),
        slope_ps_per_nm2_km=np.full(2, fiber.dispersion_slope_ps_per_nm2_km),
        gamma_per_w_km=np.full(2, fiber.nonlinear_coefficient_per_w_km),
        reference_thz=299792.458 / 1550.0,
    )
    assert np.min(np.abs(answer["snr_nli_db"] - gaussian.line_snr_nli_db)) > 0.2


def _raised_cosine(f_ghz: float, rate_gbd: float, roll_off: float) -> float:
    edge = abs(f_ghz) / rate_gbd
    if edge <= (1 - roll_off) / 2:
        return 1.0
    return 0.5 * (1 + math.cos(math.pi / roll_off * (edge - (1 - roll_off) / 2))) if edge < (1 + roll_off) / 2 else 0.0


def test_neighbors_of_another_rate_overlap_by_their_own_spectra() -> None:
    figures = {"frequency_tolerance_ghz": None, "linewidth_max_khz": None, "tx_osnr_db": None, "roll_off": 0.2}
    narrow, wide = _mode("openzrplus-zr400-16qam", **figures), _mode("oif-800zr", **figures)
    spacing_ghz = 90.0
    answer = _evaluate([(narrow, 193.4), (wide, 193.4 + spacing_ghz * 1e-3)])
    label = CONTRIBUTIONS.index("crosstalk penalty")
    for row, (own, other) in enumerate(((narrow, wide), (wide, narrow))):
        overlap, _ = quad(
            lambda f, own=own, other=other: _raised_cosine(f, own.symbol_rate_gbd, 0.2)
            * _raised_cosine(f - spacing_ghz, other.symbol_rate_gbd, 0.2),
            spacing_ghz - 0.6 * other.symbol_rate_gbd, 0.6 * own.symbol_rate_gbd, limit=200,
        )  # fmt: skip
        line = 10 ** (-answer["gsnr_db"][row] / 10)
        expected_db = 10 * math.log10(1 + overlap / other.symbol_rate_gbd / line)
        steps = slice(*answer["contribution_offsets"][row : row + 2])
        kinds, values = answer["contribution_kind"][steps], answer["contribution_db"][steps]
        assert -values[kinds == label].sum() == pytest.approx(expected_db, rel=1e-3)


def test_amplifiers_are_set_by_the_power_of_the_whole_comb() -> None:
    """With 10 dBm of total power seven channels have 10 - 10 log10(7) dBm each, whatever their rates."""
    channels = [(_mode(mode_id), center_thz) for mode_id, center_thz in COMB]
    weak = AMPLIFIER.model_copy(update={"output_power_max_dbm": 3.0})
    answer = _evaluate(channels, amplifier=weak)
    expected_dbm = 3.0 - 10 * math.log10(7)
    np.testing.assert_allclose(answer["received_power_dbm"], expected_dbm, atol=1e-9)
