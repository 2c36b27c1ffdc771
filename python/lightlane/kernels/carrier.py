"""Adaptive equalizer and carrier recovery of a coherent receiver.

Fields and symbols are complex arrays (polarization, sample), symbols of mean power 1. Blocks take a stream as those in
:mod:`lightlane.kernels.dsp` do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.kernels.checks import require_positive
from lightlane.kernels.fields import Field, as_field

Floats = NDArray[np.float64]
Criterion = Literal["cma", "rde", "pilots", "decisions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningStage:
    """One stage of an equalizer's learning.

    Attributes
    ----------
    criterion
        ``cma`` (one radius), ``rde`` (nearest radius), ``pilots`` (known symbols alone) or ``decisions`` (known symbols
        where there are any, else the nearest point).
    step_ratio
        Step of the taps for a field of mean power 1 per polarization.
    symbols_count
        Symbols until the next stage; the last goes on for ever.
    """

    criterion: Criterion
    step_ratio: float
    symbols_count: int = 0


BLIND_STAGES = (
    LearningStage(criterion="cma", step_ratio=2e-3, symbols_count=20_000),
    LearningStage(criterion="rde", step_ratio=1e-3),
)
"""Constant modulus first, then the nearest radius."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSymbols:
    """Symbols that the receiver knows.

    Attributes
    ----------
    symbols
        Array (polarization, symbol), mean power 1.
    spacing_count
        They are every so many symbols from the first on, and repeat behind the last. 1: all symbols are known.
    """

    symbols: ArrayLike
    spacing_count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelEstimate:
    """What an equalizer's taps say of the channel.

    Attributes
    ----------
    dispersion_ps_per_nm
        Dispersion that was left before the equalizer.
    sop_rate_krad_per_s
        Speed of the polarization in Stokes space without the taps' noise; NaN with fewer than eight spans of history.
    """

    dgd_ps: float
    pdl_db: float
    dispersion_ps_per_nm: float
    sop_rate_krad_per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FrequencyOffset:
    """Frequency of the carrier over that of the local oscillator, and its line over the mean (below 20: none)."""

    offset_ghz: float
    peak_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """Symbols without their phase, and the phase that was taken off."""

    symbols: Field
    phase_rad: Floats


class AdaptiveEqualizer:
    """Butterfly equalizer of both polarizations: two samples per symbol in, one out.

    Parameters
    ----------
    modulation
        ``qpsk``, ``8qam``, ``16qam`` or ``pcs16qam`` with ``inner_amplitude_ratio``.
    taps_count
        Taps half a symbol apart, odd.
    widely_linear
        4x4 real filters, which also undo skew and imbalance of the quadratures, instead of 2x2 complex ones.
    stages
        Stages of learning.
    known
        Known symbols.
    update_symbols_count
        Symbols whose gradients are summed before the taps move: 1, 2, 4 or 8.
    single_output_symbols_count
        Symbols during which the first output learns alone; the second then starts orthogonal to it, so that both
        cannot settle on one polarization. Set it to 0 for stages that know the symbols.

    References
    ----------
    Savory 2008, doi 10.1364/OE.16.000804.
    """

    def __init__(
        self,
        *,
        modulation: str,
        inner_amplitude_ratio: float | None = None,
        taps_count: int = 15,
        widely_linear: bool = False,
        stages: Sequence[LearningStage] = BLIND_STAGES,
        known: KnownSymbols | None = None,
        update_symbols_count: int = 8,
        single_output_symbols_count: int = 4096,
    ) -> None:
        self._block = _core.AdaptiveEqualizer(
            taps_count=taps_count,
            widely_linear=widely_linear,
            modulation=modulation,
            inner_amplitude_ratio=inner_amplitude_ratio,
            update_symbols_count=update_symbols_count,
            single_output_symbols_count=single_output_symbols_count,
            stages=[(stage.criterion, stage.step_ratio, stage.symbols_count) for stage in stages],
            pilots=None if known is None else as_field("pilots", known.symbols),
            pilot_spacing_count=1 if known is None else known.spacing_count,
        )

    def process(self, field: ArrayLike) -> Field:
        """Take the next samples and return the symbols that are complete."""
        return self._block.process(as_field("field", field))

    def finish(self) -> Field:
        """Return the rest, as if zeros followed; the stream starts anew with the taps as they are."""
        return self._block.finish()

    def reset(self) -> None:
        """Forget the stream and what was learned."""
        self._block.reset()

    @property
    def real_taps(self) -> Floats:
        """Taps (output row, input row, tap); rows are I and Q of the first, I and Q of the second polarization."""
        return self._block.taps().reshape(4, 4, -1)

    @property
    def taps(self) -> Field:
        """Complex taps (output, input, tap); of a widely linear equalizer the part that acts on the field itself."""
        real = self.real_taps
        in_phase = 0.5 * (real[0::2, 0::2] + real[1::2, 1::2])
        quadrature = 0.5 * (real[1::2, 0::2] - real[0::2, 1::2])
        return np.asarray(in_phase + 1j * quadrature)

    @property
    def mean_squared_error_ratio(self) -> Floats:
        """Mean of (R - |y|^2)^2 or |d - y|^2 over each span of 1024 symbols, of those that were learned from."""
        return self._block.mean_squared_error_ratio()

    @property
    def center_matrices(self) -> Field:
        """Transfer matrix at the carrier behind each span of 1024 symbols: (span, output, input)."""
        return self._block.center_matrices().reshape(-1, 2, 2)

    @property
    def settled_symbols_count(self) -> int | None:
        """Symbols from which on the error stayed below 1.25 times its mean over the last quarter; None: it never did.

        Counts from the start of the last stage's kind of error only if the stages share it.
        """
        errors = self.mean_squared_error_ratio
        if errors.size < 8 or not np.isfinite(errors).all():
            return None
        late = errors > 1.25 * errors[-(errors.size // 4) :].mean()
        last = int(np.flatnonzero(late)[-1]) + 1 if late.any() else 0
        return None if last > errors.size * 3 // 4 else 1024 * last

    def estimate_channel(
        self, *, symbol_rate_gbd: float, wavelength_nm: float = 1550.0, band_ratio: float = 0.8
    ) -> ChannelEstimate:
        """Estimate DGD, PDL, residual dispersion and the speed of the polarization from the taps.

        Raises
        ------
        ModelError
            If both outputs hold the same polarization.
        """
        require_positive(symbol_rate_gbd=symbol_rate_gbd, wavelength_nm=wavelength_nm)
        dgd_s, pdl_db, dispersion_s_per_m, sop_rate_rad_per_s = self._block.estimate_channel(
            symbol_rate_hz=symbol_rate_gbd * 1e9, wavelength_m=wavelength_nm * 1e-9, band_ratio=band_ratio
        )
        return ChannelEstimate(
            dgd_ps=dgd_s * 1e12,
            pdl_db=pdl_db,
            dispersion_ps_per_nm=dispersion_s_per_m * 1e3,
            sop_rate_krad_per_s=sop_rate_rad_per_s * 1e-3,
        )


class _PhaseRecovery:
    """A block that takes the phase off symbols."""

    _block: _core.BlindPhaseSearch | _core.ViterbiViterbi | _core.PilotPhase

    def process(self, symbols: ArrayLike) -> Recovered:
        """Take the next symbols and return those whose phase is known."""
        out, phase_rad = self._block.process(as_field("symbols", symbols))
        return Recovered(symbols=out, phase_rad=phase_rad)

    def finish(self) -> Recovered:
        """Return the rest, by shorter windows, and start anew."""
        out, phase_rad = self._block.finish()
        return Recovered(symbols=out, phase_rad=phase_rad)

    def reset(self) -> None:
        """Forget the stream."""
        self._block.reset()


class BlindPhaseSearch(_PhaseRecovery):
    """Search over test phases that divide a quarter turn, in windows of 2 ``half_window_count`` + 1 symbols.

    References
    ----------
    Pfau, Hoffmann and Noe 2009, doi 10.1109/JLT.2008.2010511.
    """

    def __init__(
        self,
        *,
        modulation: str,
        inner_amplitude_ratio: float | None = None,
        test_phases_count: int = 64,
        half_window_count: int = 32,
    ) -> None:
        self._block = _core.BlindPhaseSearch(
            modulation=modulation,
            inner_amplitude_ratio=inner_amplitude_ratio,
            test_phases_count=test_phases_count,
            half_window_count=half_window_count,
        )


class ViterbiViterbi(_PhaseRecovery):
    """Phase by the fourth power: for QPSK; other formats add noise of their own pattern.

    References
    ----------
    Viterbi and Viterbi 1983, doi 10.1109/TIT.1983.1056713.
    """

    def __init__(
        self, *, modulation: str = "qpsk", inner_amplitude_ratio: float | None = None, half_window_count: int = 16
    ) -> None:
        self._block = _core.ViterbiViterbi(
            modulation=modulation, inner_amplitude_ratio=inner_amplitude_ratio, half_window_count=half_window_count
        )


class PilotPhase(_PhaseRecovery):
    """Phase from known symbols, smoothed over 2 ``half_window_count`` + 1 of them and linear in between."""

    _block: _core.PilotPhase

    def __init__(self, known: KnownSymbols, *, half_window_count: int = 1) -> None:
        self._block = _core.PilotPhase(
            as_field("pilots", known.symbols),
            pilot_spacing_count=known.spacing_count,
            half_window_count=half_window_count,
            quarters_only=False,
        )


class CycleSlipRepair(_PhaseRecovery):
    """Takes quarter turns off symbols behind a blind recovery, by known symbols."""

    _block: _core.PilotPhase

    def __init__(self, known: KnownSymbols, *, half_window_count: int = 4) -> None:
        self._block = _core.PilotPhase(
            as_field("pilots", known.symbols),
            pilot_spacing_count=known.spacing_count,
            half_window_count=half_window_count,
            quarters_only=True,
        )

    @property
    def slips_count(self) -> tuple[int, int]:
        """Changes of the quarter turn so far, by polarization."""
        return self._block.slips_count


class FrequencyShift:
    """Takes a constant frequency offset off a stream."""

    def __init__(self, *, offset_ghz: float, sample_rate_ghz: float) -> None:
        require_positive(sample_rate_ghz=sample_rate_ghz)
        self._block = _core.FrequencyShift(offset_hz=offset_ghz * 1e9, sample_rate_hz=sample_rate_ghz * 1e9)

    def process(self, field: ArrayLike) -> Field:
        """Return the next samples without the offset."""
        return self._block.process(as_field("field", field))

    def reset(self) -> None:
        """Start anew with no phase."""
        self._block.reset()


def estimate_frequency_offset(
    symbols: ArrayLike, *, symbol_rate_gbd: float, modulation: str, inner_amplitude_ratio: float | None = None
) -> FrequencyOffset:
    """Estimate the frequency offset of symbols by their fourth power, within an eighth of the symbol rate.

    References
    ----------
    Leven et al. 2007, doi 10.1109/LPT.2007.891893.
    """
    require_positive(symbol_rate_gbd=symbol_rate_gbd)
    offset_hz, peak_ratio = _core.estimate_frequency_offset(
        as_field("symbols", symbols),
        symbol_rate_hz=symbol_rate_gbd * 1e9,
        modulation=modulation,
        inner_amplitude_ratio=inner_amplitude_ratio,
    )
    return FrequencyOffset(offset_ghz=offset_hz * 1e-9, peak_ratio=peak_ratio)


def estimate_frequency_offset_by_pilots(
    symbols: ArrayLike, known: KnownSymbols, *, symbol_rate_gbd: float, near_ghz: float = 0.0
) -> FrequencyOffset:
    """Estimate the frequency offset of symbols by known ones, within half the rate of known symbols of ``near_ghz``."""
    require_positive(symbol_rate_gbd=symbol_rate_gbd)
    offset_hz, peak_ratio = _core.estimate_frequency_offset(
        as_field("symbols", symbols),
        symbol_rate_hz=symbol_rate_gbd * 1e9,
        modulation="qpsk",  # not looked at where symbols are known
        inner_amplitude_ratio=None,
        pilots=as_field("pilots", known.symbols),
        pilot_spacing_count=known.spacing_count,
        near_hz=near_ghz * 1e9,
    )
    return FrequencyOffset(offset_ghz=offset_hz * 1e-9, peak_ratio=peak_ratio)
