"""Real captures: six sampled 53.125 GBd PAM4 waveforms, and another program that measures TDECQ of them.

Source: the wheel of serdes-optical-lab 0.2.0 (MIT), which carries every fifth sample of the waveforms of contribution
mazzini_02_0317_smf (IEEE P802.3bs SMF ad hoc, 7 March 2017: Cisco transmitter, Tektronix DSA8300, PRBS11 on both bits,
2047 symbols) and the levels that were sent. Nothing of it is stored here; `make setup` installs it where it can be had,
else these tests are skipped.

That program (``serdes_sim.blocks.metrics.tdecq_report``) departs from the clause: it filters forth and back, so that
its receiver is 6 dB down where the clause's is 3 dB (worth about 1.2 dB on these waveforms; undone here by filtering
once); it takes each level's histogram for a Gaussian; it puts thresholds midway between the levels; and it takes the
mean of both windows' error ratios, not the greater. The tolerance of 0.1 dB is on the same rules for both. Its sampling
time is that of the greatest correlation and not searched, so that its number may lie up to 0.15 dB above.
"""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

from lightlane.files.captures import read_capture
from lightlane.kernels.direct import ReferenceReceiver
from lightlane.kernels.tdecq import TdecqMeasurement, measure_tdecq

SYMBOL_RATE_GBD, PER_SYMBOL = 53.125, 20
NAMES = ("70G", "55G", "43G", "39G", "32G", "28G")


def find_library() -> Path:
    spec = importlib.util.find_spec("serdes_sim")
    if spec is None or spec.origin is None:
        pytest.skip("serdes-optical-lab is not installed")
    return Path(spec.origin).parent / "data" / "golden" / "ieee_802_3bs_smf_2017"


def measure(name: str, *, bandwidth_ratio: float = 0.5, **more: float | int | None) -> TdecqMeasurement:
    capture = read_capture(find_library() / f"{name}.npz")
    assert capture.pattern is not None
    return measure_tdecq(
        capture.power_w,
        capture.pattern,
        sample_rate_ghz=SYMBOL_RATE_GBD * PER_SYMBOL,
        symbol_rate_gbd=SYMBOL_RATE_GBD,
        receiver=ReferenceReceiver(bandwidth_ghz=bandwidth_ratio * SYMBOL_RATE_GBD),
        threshold_reach_percent=0.0,
        **more,
    )


@pytest.mark.parametrize("name", NAMES)
def test_captures_are_locked_and_improved(name: str) -> None:
    found = measure(name, main_index=2)
    assert found.periods_count == 1
    assert found.symbols_count == 2047
    assert found.correlation_ratio > 0.9
    assert found.levels_from == "equalized_means"
    assert found.tdecq_db <= found.least_squares_tdecq_db + 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_other_program(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other program's number, filtered once, is met by its own rules on Lightlane's equalized values.

    Left are its taps (Nelder-Mead), straight lines between samples, its sampling time, and the 200 symbols at either
    end that it leaves out.
    """
    theirs_db, ceq_db = run_other_program(name, monkeypatch)
    found = measure(name, main_index=2)
    alike_db = judge_as_other(found)
    assert theirs_db - 0.15 < alike_db < theirs_db + 0.1, (found.tdecq_db, theirs_db, ceq_db)


def run_other_program(name: str, monkeypatch: pytest.MonkeyPatch) -> tuple[float, float]:
    find_library()
    monkeypatch.setattr(np, "trapz", np.trapezoid, raising=False)  # numpy 2 has renamed it
    from scipy import signal
    from serdes_sim.blocks.metrics import tdecq_report
    from serdes_sim.blocks.stimulus import get_modulation

    def filter_once(b: NDArray[np.float64], a: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
        gain = np.abs(signal.freqz(b, a, worN=2.0 * np.pi * np.fft.rfftfreq(len(x)))[1])
        return np.fft.irfft(np.fft.rfft(x) * gain, len(x))

    monkeypatch.setattr(signal, "filtfilt", filter_once)
    capture = read_capture(find_library() / f"{name}.npz")
    assert capture.pattern is not None
    form = get_modulation("PAM4", "gray")
    rate = SYMBOL_RATE_GBD * 1e9
    report = tdecq_report(
        capture.power_w,
        form.levels_array[capture.pattern],
        form,
        PER_SYMBOL,
        rate,
        rate * PER_SYMBOL,
        optimize="min_tdecq",
    )
    return report["tdecq_db"], report["ceq_db"]


def judge_as_other(found: TdecqMeasurement) -> float:
    """Return TDECQ of the equalized values by the other program's rules."""
    enhancement = 10.0 ** (found.noise_enhancement_db / 10.0)
    sides = []
    for values in (found.early_values_ratio, found.late_values_ratio):
        levels = [values[found.window_levels == level] for level in range(4)]
        sides.append((np.array([own.mean() for own in levels]), np.array([own.std() for own in levels])))
    oma = np.mean([means[3] - means[0] for means, _ in sides])

    def error_ratio(sigma: float) -> float:
        total = 0.0
        for means, deviations in sides:
            edges = np.concatenate([[-np.inf], 0.5 * (means[1:] + means[:-1]), [np.inf]])
            spread = np.sqrt(deviations**2 + (sigma * enhancement) ** 2)
            inside = norm.cdf((edges[1:] - means) / spread) - norm.cdf((edges[:-1] - means) / spread)
            total += float(np.mean(1.0 - inside)) / 2.0
        return total

    low, high = 1e-5, 0.2
    for _ in range(60):
        sigma = math.sqrt(low * high)
        low, high = (low, sigma) if error_ratio(sigma) > 4.8e-4 else (sigma, high)
    return float(10.0 * math.log10(oma / (6.0 * 3.414 * low)))
