"""Which amplifier types are worth trying in each place of a line; whether a line closes is the lane model's to say."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lightlane.catalog.line_parts import choose_attenuation
from lightlane.catalog.load import Catalog
from lightlane.catalog.parts import Amplifier, CoherentMode
from lightlane.fabric.design_options import DesignOptions
from lightlane.fabric.topology import Duct

ESTIMATE_WAVELENGTH_NM = 1550.0
SPLICE_LOSS_DB = 0.1
CONNECTOR_LOSS_DB = 0.25
"""Rough losses, only to rank amplifier types."""
SLACK_DB = 1.0
"""How far a type may be out of its range by the rough estimate and still count as fitting."""
NO_POWER_DBM = -10.0
"""Where a mode's figures for its received power are not known."""
HEADROOM_DB = 1.0
"""How far above the wanted margin over the least power for the required OSNR the preamplifier is set."""


@dataclass(frozen=True, slots=True)
class AmplifierChain:
    """The amplifiers of a line, the same in both directions, and the powers per channel that they are set to."""

    booster: str | None = None
    inline_amplifier: str | None = None
    preamplifier: str | None = None
    launch_power_dbm: float | None = None
    span_launch_power_dbm: float | None = None
    received_power_dbm: float | None = None

    def list_types(self, span_count: int) -> list[tuple[str, int]]:
        """Return (type, how many) over both directions of a line of ``span_count`` spans."""
        places = ((self.booster, 2), (self.inline_amplifier, 2 * (span_count - 1)), (self.preamplifier, 2))
        return [(name, count) for name, count in places if name is not None and count]

    def count(self, span_count: int) -> int:
        """Return the number of amplifiers over both directions."""
        return sum(count for _, count in self.list_types(span_count))


NO_AMPLIFIERS = AmplifierChain()


@dataclass(frozen=True, slots=True)
class LineEstimate:
    """Rough losses of a line's spans, in order."""

    span_losses_db: tuple[float, ...]

    @property
    def amplified_between(self) -> bool:
        """Whether there is a place between two spans."""
        return len(self.span_losses_db) > 1


@dataclass(frozen=True, slots=True)
class Need:
    """What an amplifier has to do at one place, rounded to 0.1 dB so that like places share one answer.

    Attributes
    ----------
    gain_min_db, gain_max_db
        Over both directions and all places of the kind.
    output_power_dbm
        Of one channel.
    total_power_dbm
        Of all channels.
    """

    gain_min_db: float
    gain_max_db: float
    output_power_dbm: float
    total_power_dbm: float

    @classmethod
    def of(cls, gains_db: Sequence[float], output_power_dbm: float, channels: int) -> Need:
        """Round what is needed for gains ``gains_db`` and ``channels`` channels of ``output_power_dbm`` each."""
        total_dbm = output_power_dbm + 10 * math.log10(channels)
        return cls(round(min(gains_db), 1), round(max(gains_db), 1), round(output_power_dbm, 1), round(total_dbm, 1))

    def misfit_db(self, amplifier: Amplifier) -> float:
        """Return how far the amplifier's gain range or total power is missed; 0 where it fits."""
        return max(
            0.0,
            amplifier.gain_min_db - self.gain_min_db,
            self.gain_max_db - amplifier.gain_max_db,
            self.total_power_dbm - amplifier.output_power_max_dbm,
        )

    def noise_figure_db(self, amplifier: Amplifier) -> float:
        """Return the noise figure at the greatest gain."""
        if amplifier.noise_figure_db is not None:
            return amplifier.noise_figure_db
        if amplifier.noise_figure_db_by_gain_db is not None:
            return float(np.interp(self.gain_max_db, *np.transpose(amplifier.noise_figure_db_by_gain_db)))
        input_dbm = self.output_power_dbm - self.gain_max_db
        # OSNR in 12.5 GHz of a noise-free input is P_in - NF + 57.9 dB at 1550 nm.
        return input_dbm + 57.9 - float(np.polyval(amplifier.incremental_osnr_coefficients or (0.0,), input_dbm))


@dataclass(frozen=True, slots=True)
class AmplifierPicker:
    """Picks amplifier types for needs, each need once."""

    catalog: Catalog
    options: DesignOptions
    known: dict[tuple[Need, tuple[str, ...]], tuple[str, str]] = field(default_factory=dict)

    def pick(self, need: Need, wanted: tuple[str, ...]) -> tuple[str, str]:
        """Return the type of least power (or price) and the type of least noise among those that fit, or nearly do."""
        if (need, wanted) not in self.known:
            types = [self.catalog.get_amplifier(name) for name in wanted] or [
                part for part in self.catalog.amplifiers.values() if part.kind != "raman"
            ]
            self.known[need, wanted] = self._pick(need, types)
        return self.known[need, wanted]

    def _pick(self, need: Need, types: Sequence[Amplifier]) -> tuple[str, str]:
        misfits_db = [max(0.0, need.misfit_db(amplifier) - SLACK_DB) for amplifier in types]
        least_db = min(misfits_db)
        fitting = [item for item, misfit_db in zip(types, misfits_db, strict=True) if misfit_db <= least_db]
        priced = [item for item in fitting if self._cost(item) < math.inf] or fitting
        cheapest = min(priced, key=lambda item: (self._cost(item), need.noise_figure_db(item), item.id))
        quietest = min(priced, key=lambda item: (need.noise_figure_db(item), self._cost(item), item.id))
        return cheapest.id, quietest.id

    def _cost(self, amplifier: Amplifier) -> float:
        book = self.options.price_book
        known = amplifier.power_w if book is None else book.get(amplifier.id)
        return math.inf if known is None else known


def estimate_line(
    ducts: Sequence[Duct], spans: Sequence[int], catalog: Catalog, options: DesignOptions, *, joined: bool
) -> LineEstimate:
    """Estimate the losses of the spans that ``ducts`` are split into; ``joined``: patched through to one span."""
    losses: list[float] = []
    for duct, count in zip(ducts, spans, strict=True):
        per_km_db = duct.attenuation_db_per_km
        if per_km_db is None:
            points = choose_attenuation(catalog.get_fiber(duct.fiber), limits=options.fiber_limits)
            per_km_db = float(np.interp(ESTIMATE_WAVELENGTH_NM, *np.transpose(points)))
        loss_db = duct.length_km * per_km_db + duct.extra_loss_db + SPLICE_LOSS_DB * duct.splice_count
        losses += [loss_db / count + 2 * CONNECTOR_LOSS_DB] * count
    return LineEstimate((sum(losses),) if joined else tuple(losses))


def pick_chains(
    line: LineEstimate,
    mode: CoherentMode,
    mux_loss_db: float,
    channels: int,
    picker: AmplifierPicker,
) -> Iterator[AmplifierChain]:
    """Pick the chains worth evaluating: for each span power the types of least power and of least noise that fit.

    A line is also tried without a booster, with the module at its greatest power, and without a preamplifier where the
    last span leaves enough.
    """
    options = picker.options
    tx_dbm = mode.launch_power_default_dbm if mode.launch_power_default_dbm is not None else 0.0
    least_dbm = least_received_power_dbm(mode)
    received_dbm = wanted_received_power_dbm(mode, options.wanted_margin_db)
    losses, ends = line.span_losses_db, (line.span_losses_db[0], line.span_losses_db[-1])
    for span_dbm in options.span_launch_powers_dbm:
        at_end_dbm = received_dbm + mux_loss_db
        needs = (
            Need.of((span_dbm + mux_loss_db - tx_dbm,), span_dbm, channels),
            Need.of(losses, span_dbm, channels),
            Need.of(tuple(at_end_dbm - span_dbm + loss for loss in ends), at_end_dbm, channels),
        )
        names = (options.boosters, options.inline_amplifiers, options.preamplifiers)
        picks = [picker.pick(need, wanted) for need, wanted in zip(needs, names, strict=True)]
        for booster, inline, preamplifier in dict.fromkeys(zip(*picks, strict=True)):
            full = AmplifierChain(
                booster, inline if line.amplified_between else None, preamplifier, None, span_dbm, received_dbm
            )
            without_preamplifier = replace(full, preamplifier=None, received_power_dbm=None)
            enough = span_dbm - max(ends) - mux_loss_db > least_dbm - SLACK_DB
            for chain in (full, without_preamplifier) if enough else (full,):
                yield chain
                if line.amplified_between:
                    yield replace(chain, booster=None, launch_power_dbm=mode.launch_power_max_dbm)
    if not line.amplified_between and mode.launch_power_max_dbm is not None:
        into_span_dbm = mode.launch_power_max_dbm - mux_loss_db
        at_end_dbm = received_dbm + mux_loss_db
        need = Need.of((at_end_dbm - into_span_dbm + losses[0],), at_end_dbm, channels)
        for preamplifier in dict.fromkeys(picker.pick(need, options.preamplifiers)):
            yield AmplifierChain(None, None, preamplifier, mode.launch_power_max_dbm, None, received_dbm)


def least_received_power_dbm(mode: CoherentMode) -> float:
    """Return the least power at which the mode needs its least OSNR; a low one where the mode has no table."""
    points = mode.required_osnr_db_by_received_power_dbm
    if points is None:
        return NO_POWER_DBM
    lowest_db = min(osnr_db for _, osnr_db in points)
    return min(power_dbm for power_dbm, osnr_db in points if osnr_db <= lowest_db)


def wanted_received_power_dbm(mode: CoherentMode, wanted_margin_db: float) -> float:
    """Return the level to set a preamplifier to: half way to the overload, or enough for the margin if that is more."""
    least_dbm = least_received_power_dbm(mode)
    enough_dbm = least_dbm + max(0.0, wanted_margin_db) + HEADROOM_DB
    points = mode.required_osnr_db_by_received_power_dbm
    return enough_dbm if points is None else max(enough_dbm, (least_dbm + points[-1][0]) / 2)
