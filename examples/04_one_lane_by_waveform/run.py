"""A lane by budget and by waveform, and the kernels behind it used alone."""

from pathlib import Path

import lightlane
from lightlane.kernels import MatchedFilter, ReceiverFilter, propagate_fiber
from lightlane.kernels.signal import Format, map_bits, random_bits, shape_pulses
from lightlane.kernels.symbol_quality import measure_symbols
from lightlane.plots import figure_to_png, plot_waveform

link = lightlane.point_to_point("oif-400zr", 80.0, line="designed", wanted_margin_db=1.0)
budget = lightlane.evaluate_link(link)
simulated = lightlane.simulate_link(link, settings=lightlane.WaveformSettings(symbols_count=2**15))
for direction, lane in enumerate(simulated.result.lanes):
    print(f"{lane.direction}: Q {budget.lanes[direction].q_db:.2f} dB by budget, {lane.q_db:.2f} dB by waveform")
for lane in simulated.waveforms:
    if lane is not None:
        low, high = lane.counted.interval_ber()
        print(f"  BER {low:.1e} to {high:.1e}, the receiver reports CD {lane.monitors.cd_ps_per_nm:.0f} ps/nm")
        Path("lane.png").write_bytes(figure_to_png(plot_waveform(lane, title=link.mode.name)))

# One polarization of QPSK over 80 km, its dispersion undone: what is left is the fiber's nonlinearity.
qpsk = Format(modulation="qpsk")
sent = map_bits(random_bits(2 * 2**13, seed=1), qpsk)
field = shape_pulses(sent, samples_count=2**14, roll_off=0.2) * 2e-3**0.5
rate_ghz, wavelength_nm = 128.0, 1550.0
behind = propagate_fiber(
    [field, 0.0 * field],
    sample_rate_ghz=rate_ghz,
    length_km=80.0,
    attenuation_db_per_km=0.2,
    dispersion_ps_per_nm_km=16.7,
    gamma_per_w_km=1.3,
    reference_thz=299792.458 / wavelength_nm,
)
undone = ReceiverFilter(
    sample_rate_ghz=rate_ghz,
    dispersion_ps_per_nm=16.7 * 80.0,
    wavelength_nm=wavelength_nm,
    matched=MatchedFilter(symbol_rate_gbd=64.0, roll_off=0.2),
).apply_periodic(behind.field)
quality = measure_symbols(undone[0, ::2], sent, qpsk)
print(f"64 GBd QPSK at 3 dBm over 80 km: SNR {quality.snr_db:.1f} dB behind {behind.report.steps_count} steps")
