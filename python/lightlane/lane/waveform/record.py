"""What a simulated lane leaves to be seen: quality by polarization, monitors, spectra, constellations, taps, phase."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightlane.kernels.fields import Field
from lightlane.kernels.signal import Format
from lightlane.kernels.symbol_quality import SymbolQuality
from lightlane.lane.model import Direction
from lightlane.lane.trace import PathTrace
from lightlane.lane.waveform.coding import DecodedPayload

Floats = NDArray[np.float64]
SHOWN_SYMBOLS_MAX = 2**15


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Power density of both polarizations over the offset from the lane's carrier."""

    offset_ghz: Floats
    density_dbm_per_ghz: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleMonitors:
    """What a module reports of its receiver, named as C-CMIS names it.

    Attributes
    ----------
    cd_ps_per_nm
        Chromatic dispersion by the receiver's own estimate.
    dgd_ps, pdl_db
        Of the equalizer.
    cfo_mhz
        Carrier frequency offset.
    sop_roc_krad_per_s
        Rate of change of the state of polarization.
    esnr_db, evm_percent, mer_db
        Electrical SNR at the decision, error vector, modulation error ratio.
    """

    cd_ps_per_nm: float
    dgd_ps: float
    pdl_db: float
    cfo_mhz: float
    sop_roc_krad_per_s: float
    esnr_db: float
    evm_percent: float
    mer_db: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneWaveform:
    """One lane of one direction, simulated.

    Attributes
    ----------
    quality
        Of the two polarizations, over the symbols that are counted.
    symbols, points
        Received payload symbols for a picture, scaled to the points that were sent; both with a row per polarization.
    taps
        Of the equalizer, shape (2, 2, n).
    phase_rad
        That the carrier recovery took off, shape (2, n), one entry for each ``phase_symbols_count`` symbols.
    module_noise_db
        SNR of the noise that was added for what the mode's required OSNR leaves to its module, hardware taken off; inf
        where the hardware leaves nothing.
    payload
        What the mode's FEC leaves of the lane's bits; None where they are too few for it.
    notes
        What a reader must know of this lane.
    """

    direction: Direction
    channel_index: int
    form: Format
    symbol_rate_gbd: float
    quality: tuple[SymbolQuality, SymbolQuality]
    monitors: ModuleMonitors
    trace: PathTrace
    spectrum_sent: Spectrum
    spectrum_received: Spectrum
    symbols: Field
    points: Field
    taps: Field
    phase_rad: Floats
    phase_symbols_count: int
    durations_s: dict[str, float]
    samples_count: int
    steps_count: int
    module_noise_db: float
    seed: int
    payload: DecodedPayload | None
    notes: tuple[str, ...] = ()

    @property
    def counted(self) -> SymbolQuality:
        """Both polarizations together."""
        x, y = self.quality
        # Noise of both adds up; their bits are one stream.
        snr = 2.0 / (10.0 ** (-x.snr_db / 10.0) + 10.0 ** (-y.snr_db / 10.0))
        return SymbolQuality(
            snr_db=float(10.0 * np.log10(snr)),
            evm_percent=float(np.sqrt(0.5 * (x.evm_percent**2 + y.evm_percent**2))),
            gain=x.gain,
            bit_errors_count=x.bit_errors_count + y.bit_errors_count,
            bits_count=x.bits_count + y.bits_count,
            gmi_bits=0.5 * (x.gmi_bits + y.gmi_bits),
            ngmi_ratio=0.5 * (x.ngmi_ratio + y.ngmi_ratio),
        )


def measure_spectrum(field: Field, sample_rate_ghz: float, *, bin_count: int = 1024) -> Spectrum:
    """Return the spectrum of a field (√W) of two polarizations, averaged over segments of a Hann window."""
    length = min(bin_count, field.shape[-1])
    usable = field.shape[-1] // length * length
    segments = field[:, :usable].reshape(field.shape[0], -1, length)
    window = np.hanning(length)
    power_w = np.mean(np.abs(np.fft.fft(segments * window, axis=-1)) ** 2, axis=1).sum(axis=0)
    density_mw_per_ghz = 1e3 * power_w / (np.sum(window**2) * sample_rate_ghz)
    offset_ghz = np.fft.fftshift(np.fft.fftfreq(length, 1.0 / sample_rate_ghz))
    with np.errstate(divide="ignore"):
        return Spectrum(offset_ghz, 10.0 * np.log10(np.fft.fftshift(density_mw_per_ghz)))
