"""How a lane is simulated sample by sample, and what its module's hardware does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from lightlane.errors import ParameterError
from lightlane.kernels.coherent_hardware import Converter, IqModulator
from lightlane.lane.model import Direction
from lightlane.lane.waveform.direct.hardware import DirectHardware

DIRECTIONS: tuple[Direction, ...] = ("a_to_b", "b_to_a")
SEED_MAX = 2**63 - 1
SYMBOLS_MIN, SYMBOLS_MAX = 2**13, 2**22
"""Fewer symbols do not let the equalizer settle; more need more memory than a lane is worth."""
NEIGHBORS_MAX = 8
BACK_PROPAGATION_STEPS_MAX = 1000
CLOCK_ERROR_MAX_PPM = 400.0
"""Well within what the timing loop pulls in, a quarter of a symbol in each frame of 512."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoherentHardware:
    """Impairments of a coherent module that no standard states one by one.

    What they cost is measured back to back and taken off the noise that the mode's required OSNR leaves to the module:
    a module with more of them has less of that noise, and the same required OSNR.

    Attributes
    ----------
    linewidth_khz
        Of both lasers; absent: that of the mode, else 300 kHz (a limit of modules, second-hand).
    frequency_noise_hz2_per_hz_by_offset_hz
        Of both lasers, in place of a linewidth; ``OPENZRPLUS_FREQUENCY_NOISE`` is the mask of OpenZR+ 3.0.
    frequency_offset_ghz
        Carrier less oscillator.
    rin_db_per_hz
        Of the transmitter's laser: the average limit of OpenZR+ 3.0.
    transmitter, receiver
        Converters: effective bits as 7-nm CMOS converters have at such rates (5.5 to 6) and their bandwidth over the
        symbol rate are assumed.
    modulator
        Driven to a third of the half-wave voltage (assumed), with half of the errors that OpenZR+ 3.0 allows.
    polarization_skew_ps
        Delay of Y behind X in the transmitter: half of what OpenZR+ 3.0 allows.
    clock_error_ppm
        Clock of the receiver's converters over that of the transmitter's, less 1: OpenZR+ 3.0 and 400ZR allow 20 ppm
        at either end. With an error, symbol timing is recovered by a loop.
    sampling_offset_ratio, jitter_fs
        Of the receiver's clock: where between two samples of a symbol pair it starts, and its white jitter; OpenZR+ 3.0
        allows a transmitter 250 fs above 1 MHz.
    """

    linewidth_khz: float | None = None
    frequency_noise_hz2_per_hz_by_offset_hz: tuple[tuple[float, float], ...] = ()
    frequency_offset_ghz: float = 0.4
    rin_db_per_hz: float = -145.0
    transmitter: Converter = field(
        default_factory=lambda: Converter(effective_bits_count=6.0, full_scale_ratio=3.2, bandwidth_ghz=None)
    )
    receiver: Converter = field(
        default_factory=lambda: Converter(effective_bits_count=6.0, full_scale_ratio=3.5, bandwidth_ghz=None)
    )
    receiver_bandwidth_ratio: float = 0.6
    """3-dB bandwidth of the receiver's converter over the symbol rate, where it states none; a transmitter makes up for
    its own by pre-emphasis."""
    modulator: IqModulator = field(
        default_factory=lambda: IqModulator(
            drive_rms_ratio=0.3,
            bias_error_deg=(0.5, -0.5),
            quadrature_error_deg=2.5,
            imbalance_db=0.5,
            skew_ps=0.37,
        )
    )
    polarization_skew_ps: float = 2.5
    clock_error_ppm: float = 0.0
    sampling_offset_ratio: float = 0.2
    jitter_fs: float = 100.0
    hybrid_error_deg: float = 2.0
    hybrid_imbalance_db: float = 0.3
    oscillator_power_dbm: float = 10.0
    responsivity_a_per_w: float = 0.8

    def __post_init__(self) -> None:
        if not abs(self.clock_error_ppm) <= CLOCK_ERROR_MAX_PPM:
            found, most = self.clock_error_ppm, CLOCK_ERROR_MAX_PPM
            raise ParameterError(f"clock_error_ppm is {found:g}; allowed: {-most:g} to {most:g}")


IDEAL_HARDWARE = CoherentHardware(
    linewidth_khz=0.0,
    frequency_offset_ghz=0.0,
    rin_db_per_hz=-float("inf"),
    transmitter=Converter(),
    receiver=Converter(),
    receiver_bandwidth_ratio=float("inf"),
    modulator=IqModulator(),
    polarization_skew_ps=0.0,
    sampling_offset_ratio=0.0,
    jitter_fs=0.0,
    hybrid_error_deg=0.0,
    hybrid_imbalance_db=0.0,
)
"""Nothing but the noise that the mode states."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveformSettings:
    """How lanes are simulated.

    Attributes
    ----------
    symbols_count
        Symbols of the simulated block, which is periodic.
    seed
        Key of every random number.
    channels
        Indices of the channels to simulate; absent: the one with the least margin of each direction.
    lanes
        Indices of the lanes of a direct-detect module; absent: the one with the least margin of each direction.
    directions
        That are simulated.
    neighbors_count
        Channels on each side that share the sampled field; what the others do to the lane is added as noise, by the
        closed form.
    max_error_db
        Greatest error that the steps of each fiber leave, below the field.
    precision
        ``f64`` or ``f32`` in the fiber.
    hardware
        Of both modules of a coherent link.
    direct_hardware
        Of both modules of a direct-detect link.
    back_propagation_steps_count
        Steps per fiber in which the receiver undoes the lane's own nonlinearity with the dispersion; 0: none.
    polarization_effects
        Whether fibers and parts turn, delay and attenuate polarizations at random.
    measure_tdecq
        Whether the test pattern passes direct-detect lanes too, so that their TDECQ and TECQ are those of the waveform.
    lanes_together
        Whether the other lanes of a direct-detect lane's fiber are lit: the Kerr effect of all of them, and what the
        receiver's demultiplexer lets through.
    zero_dispersion_nm
        Of that fiber; absent: drawn in the range of its type.
    """

    symbols_count: int = 2**16
    seed: int = 0
    channels: tuple[int, ...] | None = None
    lanes: tuple[int, ...] | None = None
    directions: tuple[Direction, ...] = DIRECTIONS
    neighbors_count: int = 1
    max_error_db: float = -60.0
    precision: Literal["f64", "f32"] = "f64"
    hardware: CoherentHardware = field(default_factory=CoherentHardware)
    direct_hardware: DirectHardware = field(default_factory=DirectHardware)
    back_propagation_steps_count: int = 0
    polarization_effects: bool = True
    measure_tdecq: bool = False
    lanes_together: bool = False
    zero_dispersion_nm: float | None = None

    def __post_init__(self) -> None:
        for name, least, greatest in (
            ("symbols_count", SYMBOLS_MIN, SYMBOLS_MAX),
            ("seed", 0, SEED_MAX),
            ("neighbors_count", 0, NEIGHBORS_MAX),
            ("back_propagation_steps_count", 0, BACK_PROPAGATION_STEPS_MAX),
        ):
            if not least <= getattr(self, name) <= greatest:
                raise ParameterError(f"{name} is {getattr(self, name)}; allowed: {least} to {greatest}")
        if self.symbols_count & (self.symbols_count - 1):
            raise ParameterError(f"symbols_count is {self.symbols_count}; allowed: powers of two")
        if not self.directions or not set(self.directions) <= set(DIRECTIONS):
            allowed = " or ".join(repr(name) for name in DIRECTIONS)
            raise ParameterError(f"directions is {self.directions!r}; allowed: {allowed}, or both")
        if not -80.0 <= self.max_error_db <= -20.0:
            raise ParameterError(f"max_error_db is {self.max_error_db:g}; allowed: -80 to -20")
        if self.zero_dispersion_nm is not None and not 1200.0 <= self.zero_dispersion_nm <= 1700.0:
            raise ParameterError(f"zero_dispersion_nm is {self.zero_dispersion_nm:g}; allowed: 1200 to 1700")
        if self.precision not in ("f64", "f32"):
            raise ParameterError(f"precision is {self.precision!r}; allowed: 'f64', 'f32'")


DEFAULT_WAVEFORM = WaveformSettings()
