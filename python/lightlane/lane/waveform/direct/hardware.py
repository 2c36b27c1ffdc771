"""What a direct-detect module's hardware does beyond the figures of its mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lightlane.errors import ParameterError
from lightlane.kernels.direct_waveform import MeasuredResponse
from lightlane.kernels.lit_lanes import SemiconductorAmplifier
from lightlane.lane.waveform.direct.side_mode import SideMode


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectHardware:
    """Hardware of both modules of a direct-detect link.

    Attributes
    ----------
    modulator
        ``intensity`` (electro-absorption modulator or directly modulated laser: the response acts on the power) or
        ``mach_zehnder`` (on the voltage, behind which the modulator's curve compresses).
    chirp_alpha
        Absent: that of the mode.
    adiabatic_chirp_ghz
        Shift of the optical frequency from the lowest to the highest level, of a directly modulated laser.
    pre_emphasis_ratio, main_tap
        Symbol-spaced taps of the transmitter; the one at ``main_tap`` is the main one.
    measured_response
        Of the transmitter, in place of the bandwidth that its mode states.
    random_jitter_fs, even_odd_jitter_fs
        Of the transmitter's edges: root mean square, and peak to peak between even and odd edges.
    linewidth_mhz
        Of the laser, which decides how fast echoes turn. A distributed-feedback laser has some 1 to 10 MHz (assumed).
    timing_error_ui
        How far the receiver's clock may be off, either way; the worse side counts. As far as the histograms of TDECQ
        lie beside the middle of the eye: sensitivities are stated for eyes that are judged so.
    converter_bits_count
        Effective bits of the receiver's converter, whose range is 1.25 times the outer levels; absent: no rounding.
    decision
        ``slicer`` (with the reference equalizer's decision feedback) or ``sequence`` (the likeliest sequence over what
        the feedback would take off).
    taps_per_symbol
        Of the equalizer: 1 as of the reference equalizer, or 2: taps half a symbol apart, over as many symbols.
    adaptation
        ``mmse``: the taps that lose most light before the target, among those of least squared error; ``lms``: taps
        that adapt to the noisy symbols themselves, at the sampling time that the others choose.
    amplifier
        Semiconductor amplifier between demultiplexer and photodetector, which is then the mode's own without one.
    side_mode
        Of the laser; absent: none.
    """

    modulator: Literal["intensity", "mach_zehnder"] = "intensity"
    chirp_alpha: float | None = None
    adiabatic_chirp_ghz: float = 0.0
    pre_emphasis_ratio: tuple[float, ...] = (1.0,)
    main_tap: int = 0
    measured_response: MeasuredResponse | None = None
    random_jitter_fs: float = 0.0
    even_odd_jitter_fs: float = 0.0
    linewidth_mhz: float = 3.0
    timing_error_ui: float = 0.05
    converter_bits_count: float | None = None
    decision: Literal["slicer", "sequence"] = "slicer"
    taps_per_symbol: Literal[1, 2] = 1
    adaptation: Literal["mmse", "lms"] = "mmse"
    amplifier: SemiconductorAmplifier | None = None
    side_mode: SideMode | None = None

    def __post_init__(self) -> None:
        for name, value in (
            ("random_jitter_fs", self.random_jitter_fs),
            ("even_odd_jitter_fs", self.even_odd_jitter_fs),
            ("linewidth_mhz", self.linewidth_mhz),
        ):
            if not 0.0 <= value < float("inf"):
                raise ParameterError(f"{name} is {value}; allowed: a finite number, 0 or above")
        if not 0.0 <= self.timing_error_ui <= 0.5:
            raise ParameterError(f"timing_error_ui is {self.timing_error_ui}; allowed: 0 to 0.5")
        bits = self.converter_bits_count
        if bits is not None and not 2.0 <= bits <= 16.0:
            raise ParameterError(f"converter_bits_count is {bits}; allowed: 2 to 16")
        if self.taps_per_symbol not in (1, 2):
            raise ParameterError(f"taps_per_symbol is {self.taps_per_symbol}; allowed: 1, 2")
        if self.adaptation not in ("mmse", "lms"):
            raise ParameterError(f"adaptation is {self.adaptation!r}; allowed: 'mmse', 'lms'")
        if self.decision not in ("slicer", "sequence"):
            raise ParameterError(f"decision is {self.decision!r}; allowed: 'slicer', 'sequence'")
        if self.modulator not in ("intensity", "mach_zehnder"):
            raise ParameterError(f"modulator is {self.modulator!r}; allowed: 'intensity', 'mach_zehnder'")


PLAIN_HARDWARE = DirectHardware()
