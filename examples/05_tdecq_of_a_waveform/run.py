"""A capture of a slow transmitter: TDECQ, what the search for taps gained, and a picture of it."""

from pathlib import Path

import numpy as np

import lightlane
from lightlane.kernels.patterns import ssprq
from lightlane.plots import figure_to_png, plot_tdecq

SYMBOL_RATE_GBD, PER_SYMBOL = 53.125, 16

# A quarter of the pattern, which holds the runs that the OMA is measured on, through a slow response with some noise.
levels = ssprq()[:16384]
power_w = np.repeat(0.6e-3 + 0.5e-3 * levels, PER_SYMBOL)
ghz = np.fft.rfftfreq(power_w.size, 1.0 / (SYMBOL_RATE_GBD * PER_SYMBOL))
power_w = np.fft.irfft(np.fft.rfft(power_w) * np.exp(-0.35 * (ghz / 26.0) ** 2), power_w.size)
power_w += 8e-6 * np.random.default_rng(1).standard_normal(power_w.size)
capture = {"waveform_w": power_w, "symbols": levels, "sample_rate_ghz": SYMBOL_RATE_GBD * PER_SYMBOL}
np.savez("capture.npz", **capture)

waveform = lightlane.read_capture("capture.npz")
assert waveform.pattern is not None
assert waveform.sample_rate_ghz is not None
found = lightlane.measure_tdecq(
    waveform.power_w,
    waveform.pattern,
    sample_rate_ghz=waveform.sample_rate_ghz,
    symbol_rate_gbd=SYMBOL_RATE_GBD,
    samples_per_symbol=32,
)
print(f"TDECQ {found.tdecq_db:.2f} dB, {found.least_squares_tdecq_db:.2f} dB with taps of least squared error")
print(f"taps {found.taps.round(3)}, 10 log10 Ceq {found.noise_enhancement_db:.2f} dB")
print(f"outer OMA {1e3 * found.oma_outer_w:.2f} mW, extinction ratio {found.extinction_ratio_db:.2f} dB")
print(f"overshoot {found.overshoot_percent:.1f} %, transition time {found.transition_time_ps:.1f} ps")
Path("tdecq.png").write_bytes(figure_to_png(plot_tdecq(found, title="A slow transmitter")))
