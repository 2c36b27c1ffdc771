"""The figure of a TDECQ measurement holds what was measured, is the same each time, and needs its waveforms."""

from __future__ import annotations

import numpy as np
import pytest

from lightlane.errors import ParameterError
from lightlane.kernels.direct import ReferenceReceiver
from lightlane.kernels.patterns import quaternary_prbs
from lightlane.kernels.tdecq import TdecqMeasurement, measure_tdecq
from lightlane.plots import figure_to_svg, plot_tdecq


def measure(samples_per_symbol: int) -> TdecqMeasurement:
    power_w = np.repeat(1e-3 + 1e-3 * quaternary_prbs(9), 8)
    hertz = np.fft.rfftfreq(power_w.size, 0.125)
    power_w = np.fft.irfft(np.fft.rfft(power_w) * np.exp(-((hertz / 0.9) ** 2)), power_w.size)
    return measure_tdecq(
        power_w,
        "prbs9q",
        sample_rate_ghz=8 * 106.25,
        symbol_rate_gbd=106.25,
        receiver=ReferenceReceiver(equalizer="ffe15_dfe1"),
        samples_per_symbol=samples_per_symbol,
    )


def test_same_measurement_same_bytes() -> None:
    found = measure(16)
    one, other = (figure_to_svg(plot_tdecq(found, title="Title", measure="TECQ")) for _ in range(2))
    assert one == other
    assert f"TECQ {found.tdecq_db:.2f} dB at the target" in one
    assert "Title" in one


def test_pulse_settles_on_the_level() -> None:
    """A symbol's response sums to one level over the symbols, and peaks in its own."""
    waveform = measure(16).waveform
    assert waveform is not None
    assert waveform.pulse_ratio.sum() / 16 == pytest.approx(1.0, abs=0.05)
    assert 3 * 16 <= int(np.argmax(waveform.pulse_ratio)) < 4 * 16


def test_without_waveforms_there_is_no_figure() -> None:
    with pytest.raises(ParameterError, match="samples_per_symbol"):
        plot_tdecq(measure(0))
