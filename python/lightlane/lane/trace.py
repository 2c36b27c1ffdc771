"""A coherent link element by element: levels, noise, nonlinear interference and dispersion along each direction."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.parts import CoherentMode
from lightlane.elements import NO_VALUE, Element
from lightlane.errors import ParameterError
from lightlane.kernels.budget import LIT, trace_coherent_paths
from lightlane.kernels.tables import CoherentModeColumns, CoherentPathColumns
from lightlane.lane.lowering import DARK, DIRECTIONS, coherent_settings, lower_coherent
from lightlane.lane.model import Direction
from lightlane.lane.options import DEFAULT_OPTIONS, BudgetOptions
from lightlane.link import Link
from lightlane.units import REFERENCE_BANDWIDTH_GHZ

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverTrace:
    """What a lane's receiver makes of noise.

    Attributes
    ----------
    kappa_ratio
        By which noise of the line counts at the decision.
    receiver_ratio
        Noise of the receiver over the signal.
    transmitter_ratio
        Noise of the transmitter in 12.5 GHz over the signal.
    tabled_penalty_db
        Of the mode's tables for dispersion, DGD, PDL and rotation of polarization, on the noise of the line.
    shaped_penalty_db
        Of filters and neighbors.
    """

    kappa_ratio: float = NO_VALUE
    receiver_ratio: float = NO_VALUE
    transmitter_ratio: float = NO_VALUE
    tabled_penalty_db: float = NO_VALUE
    shaped_penalty_db: float = NO_VALUE


ELEMENT_COLUMNS = (
    "level_dbm", "level_step_db", "noise_ratio", "nonlinear_ratio", "attenuation_db", "chromatic_dispersion_ps_per_nm",
)  # fmt: skip
RECEIVER_FIELDS = tuple(field.name for field in fields(ReceiverTrace))


@dataclass(frozen=True, slots=True, kw_only=True)
class PathTrace:
    """One direction of a link, seen by the analytic model. Arrays have the shape (channels, elements).

    Attributes
    ----------
    channel_indices
        Of the channels that are not dark; ``is_lit`` tells signals from noise.
    level_dbm
        Behind each element.
    noise_ratio
        ASE of each element in 12.5 GHz over the signal; the transmitter's own comes on top of their sum.
    nonlinear_ratio
        Nonlinear interference of each element in the symbol rate over the signal.
    attenuation_db
        Of each fiber alone; ``level_step_db`` holds its extra loss and what Raman scattering moves as well.
    """

    direction: Direction
    elements: tuple[Element, ...]
    channel_indices: NDArray[np.int64]
    is_lit: NDArray[np.bool_]
    frequency_thz: Floats
    symbol_rate_gbd: float
    launch_power_dbm: Floats
    level_dbm: Floats
    level_step_db: Floats
    noise_ratio: Floats
    nonlinear_ratio: Floats
    attenuation_db: Floats
    chromatic_dispersion_ps_per_nm: Floats
    receivers: tuple[ReceiverTrace, ...]
    """One for each channel; of dark noise in a channel's place all is NaN."""

    def osnr_db(self, tx_osnr_db: float | None = None) -> Floats:
        """Return the OSNR (12.5 GHz) behind each element, ``tx_osnr_db`` the transmitter's own; inf without noise."""
        own = 0.0 if tx_osnr_db is None else 10.0 ** (-tx_osnr_db / 10.0)
        with np.errstate(divide="ignore"):
            return np.asarray(-10.0 * np.log10(own + np.cumsum(self.noise_ratio, axis=1)))

    def gsnr_db(self, tx_osnr_db: float | None = None) -> Floats:
        """Return the SNR in the symbol rate behind each element, nonlinear interference included."""
        own = 0.0 if tx_osnr_db is None else 10.0 ** (-tx_osnr_db / 10.0)
        noise = (own + np.cumsum(self.noise_ratio, axis=1)) * (self.symbol_rate_gbd / REFERENCE_BANDWIDTH_GHZ)
        with np.errstate(divide="ignore"):
            return np.asarray(-10.0 * np.log10(noise + np.cumsum(self.nonlinear_ratio, axis=1)))


def trace_link(link: Link, *, options: BudgetOptions = DEFAULT_OPTIONS) -> tuple[PathTrace, PathTrace]:
    """Follow all channels of both directions of a coherent link through its elements.

    Raises
    ------
    ParameterError
        If the link is not coherent, or carries a value that the model does not allow.

    References
    ----------
    ``docs/models/coherent-budget.md``.
    """
    if not isinstance(link.mode, CoherentMode):
        raise ParameterError(f"link {link.name!r} is not coherent; allowed: a link of a coherent mode")
    lowered = lower_coherent([link], [0], options)
    modes, paths = lowered.modes, lowered.rows
    if not isinstance(modes, CoherentModeColumns) or not isinstance(paths, CoherentPathColumns):
        raise TypeError("coherent links are lowered to coherent tables")
    columns = trace_coherent_paths(lowered.plant, modes, paths, settings=coherent_settings(options))
    traces = []
    ways = (link.a_to_b, link.b_to_a)
    row, lit_row = 0, 0
    for number, (direction, elements) in enumerate(zip(DIRECTIONS, ways, strict=True)):
        first, last = paths.channel_offsets[number], paths.channel_offsets[number + 1]
        present = first + np.flatnonzero(paths.occupancy[first:last] != DARK)
        shape = (len(present), len(elements))
        size = shape[0] * shape[1]
        rows = slice(row, row + size)
        row += size
        cut = {name: columns[name][rows].reshape(shape) for name in ELEMENT_COLUMNS}
        is_lit = paths.occupancy[present] == LIT
        receivers = [ReceiverTrace()] * len(present)
        for place in np.flatnonzero(is_lit):
            receivers[place] = ReceiverTrace(**{name: float(columns[name][lit_row]) for name in RECEIVER_FIELDS})
            lit_row += 1
        traces.append(
            PathTrace(
                direction=direction,
                elements=elements,
                channel_indices=present - first,
                is_lit=is_lit,
                frequency_thz=paths.frequency_thz[present],
                symbol_rate_gbd=link.mode.symbol_rate_gbd,
                launch_power_dbm=paths.launch_power_dbm[present],
                receivers=tuple(receivers),
                **cut,
            )
        )
    return traces[0], traces[1]
