"""Lowering: any number of links becomes the flat tables that the budget kernels read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from operator import is_
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.parts import CoherentMode, DirectMode, Fec
from lightlane.elements import ELEMENT_FIGURES, Element
from lightlane.errors import ParameterError
from lightlane.kernels.budget import LIT, CoherentSettings
from lightlane.kernels.tables import (
    Codes,
    CoherentModeColumns,
    CoherentPathColumns,
    DirectLaneColumns,
    DirectModeColumns,
    ElementColumns,
    Integers,
    PlantColumns,
)
from lightlane.lane.allowances import (
    crosstalk_allowance_db,
    filtering_allowance_db,
    filtering_penalties_db,
    narrowest_passbands_ghz,
)
from lightlane.lane.model import Direction
from lightlane.lane.options import BudgetOptions
from lightlane.lane.part_tables import (
    ModeIndex,
    PartIndex,
    lower_amplifiers,
    lower_coherent_modes,
    lower_direct_modes,
    lower_fecs,
    lower_fibers,
    number_or_nan,
    to_floats,
)
from lightlane.link import Link

DARK, NOISE = 0, 2
"""Codes of what is in the spectrum of a channel, beside :data:`~lightlane.kernels.budget.LIT`."""
ELEMENT_CODES = {"fiber": 0, "loss": 1, "amplifier": 2, "stage": 3}
DIRECTIONS: tuple[Direction, Direction] = ("a_to_b", "b_to_a")
TURNED_ROWS_COUNT = 512

Member = TypeVar("Member")


@dataclass(frozen=True, slots=True)
class Lowered:
    """The tables of one kind of detection and, for each row of the answer, where it comes from.

    Attributes
    ----------
    path_link, path_is_backward
        For each path, in the order of the element table: the index of its link, and whether it leads from b to a.
    row_path, row_channel, row_lane
        For each row of the answer: its path, channel and lane index.
    row_rank
        For each row of the answer, how many channels of its path come before it in the answer.
    path_elements
        Elements of all paths, in the order of the element table.
    """

    plant: PlantColumns
    modes: CoherentModeColumns | DirectModeColumns
    rows: CoherentPathColumns | DirectLaneColumns
    path_link: Integers
    path_is_backward: NDArray[np.bool_]
    row_path: Integers
    row_channel: Integers
    row_lane: Integers
    row_rank: Integers
    path_elements: Sequence[Element]


def coherent_settings(options: BudgetOptions) -> CoherentSettings:
    """Return the options that the coherent kernels read."""
    return CoherentSettings(
        amplifier_control=options.amplifier_control,
        nonlinear_model=options.nonlinear_model,
        format_correction=options.format_correction,
        sop_rate_krad_per_s=options.sop_rate_krad_per_s,
    )


def lower_coherent(links: Sequence[Link], indices: Sequence[int], options: BudgetOptions) -> Lowered:
    """Lower the coherent links at ``indices`` of ``links``: one row per channel of each direction."""
    modes: ModeIndex[CoherentMode] = ModeIndex()
    chosen = [links[index] for index in indices]
    kinds, rows_of_kinds = _number_kinds(
        chosen, lambda link: (modes.add(_coherent(link), link.fec), *_coherent_figures(link))
    )
    mode_of_kind, rate, slot, launch_power, crosstalk, allowance = _table(rows_of_kinds, 6)
    path_link, path_is_backward = _paths(indices)
    frequencies_thz, comb_starts, counts = _combs([link.frequencies_thz for link in chosen])
    offsets = _offsets(counts)
    occupancy = _occupy(chosen, counts, options)
    path, channel = _rows(counts)
    row_path, row_channel, row_rank = path, channel, channel
    is_lit = occupancy == LIT
    if not is_lit.all():
        row_path, row_channel = path[is_lit], channel[is_lit]
        row_rank = _ranks(row_path)
    elements = _Elements.of(links, indices)
    filtering = filtering_penalties_db(elements.figures, elements.path_offsets, allowance[kinds])
    passband = narrowest_passbands_ghz(elements.figures["passband_3db_ghz"], elements.path_offsets)
    rows = CoherentPathColumns(
        channel_offsets=offsets,
        mode=np.repeat(mode_of_kind.astype(np.int64)[kinds], counts),
        occupancy=occupancy,
        frequency_thz=frequencies_thz[channel + np.repeat(comb_starts, counts)],
        symbol_rate_gbd=np.repeat(rate[kinds], counts),
        slot_ghz=np.repeat(slot[kinds], counts),
        launch_power_dbm=np.repeat(launch_power[kinds], counts),
        filtering_penalty_db=np.repeat(filtering, counts),
        crosstalk_penalty_db=np.repeat(crosstalk[kinds], counts),
        passband_ghz=np.repeat(passband, counts),
    )
    return Lowered(
        elements.plant(modes.fecs.parts, options),
        lower_coherent_modes(modes.parts, tuple(modes.fec_rows)),
        rows,
        path_link,
        path_is_backward,
        row_path,
        row_channel,
        np.zeros(len(row_path), dtype=np.int64),
        row_rank,
        elements.all,
    )


def _combs(combs: Sequence[tuple[float, ...]]) -> tuple[NDArray[np.float64], Integers, Integers]:
    """Return the frequencies of all combs, and for each path where its own starts among them and how long it is."""
    frequencies_thz, starts = stack_once(combs)
    # Both directions of a link carry one comb.
    start, count = np.repeat(np.array([starts, list(map(len, combs))], dtype=np.int64), len(DIRECTIONS), axis=1)
    return to_floats(frequencies_thz), start, count


def stack_once(groups: Sequence[Sequence[Member]]) -> tuple[list[Member], list[int]]:
    """Return the members of all groups, one and the same group once, and for each group where its own start.

    Groups are told apart as objects, which whoever asks keeps alive: many links have one comb or one mode.
    """
    start_by_group: dict[int, int] = {}
    members: list[Member] = []
    for group in groups:
        if id(group) not in start_by_group:
            start_by_group[id(group)] = len(members)
            members += group
    return members, [start_by_group[id(group)] for group in groups]


def _number_kinds(
    links: Sequence[Link], describe: Callable[[Link], tuple[float, ...]]
) -> tuple[Integers, list[tuple[float, ...]]]:
    """Return the kind of each path of links, of which a fabric has few, and what describes each kind."""
    known: dict[tuple[Any, ...], int] = {}
    rows: list[tuple[float, ...]] = []
    numbers = []
    for link in links:
        # All that mode and figures follow from; parts are told apart as objects.
        key = (
            id(link.mode), id(link.fec), id(link.module), link.channel_spacing_ghz, link.launch_power_dbm, link.muxed,
            link.channels,
        )  # fmt: skip
        number = known.get(key)
        if number is None:
            number = known[key] = len(rows)
            rows.append(describe(link))
        numbers.append(number)
    return np.repeat(np.array(numbers, dtype=np.int64), len(DIRECTIONS)), rows


def _coherent_figures(link: Link) -> tuple[float, ...]:
    """Return symbol rate, slot, launch power, allowances for crosstalk and filtering."""
    mode = _coherent(link)
    launch = mode.launch_power_default_dbm if link.launch_power_dbm is None else link.launch_power_dbm
    return (
        mode.symbol_rate_gbd,
        link.channel_spacing_ghz,
        number_or_nan(launch),
        crosstalk_allowance_db(link),
        filtering_allowance_db(link),
    )


def _occupy(links: Sequence[Link], counts: Integers, options: BudgetOptions) -> Codes:
    """Return what is in the spectrum of every channel of every path of links."""
    idle = NOISE if options.idle_channels == "noise" else DARK
    starts = _offsets(counts)
    occupancy = np.full(starts[-1], LIT, dtype=np.uint8)
    for number, link in enumerate(links):
        if link.lit_channels is not None:
            for path in range(len(DIRECTIONS) * number, len(DIRECTIONS) * (number + 1)):
                occupancy[starts[path] : starts[path + 1]] = idle
                occupancy[starts[path] + np.array(link.lit_channels)] = LIT
    return occupancy


def _ranks(row_path: Integers) -> Integers:
    """Return for each row how many rows of its path come before it."""
    counts = np.bincount(row_path)
    return np.arange(len(row_path)) - (np.cumsum(counts) - counts)[row_path]


def lower_direct(links: Sequence[Link], indices: Sequence[int], options: BudgetOptions) -> Lowered:
    """Lower the direct-detect links at ``indices`` of ``links``: one row per lane, channel and direction."""
    modes: ModeIndex[DirectMode] = ModeIndex()
    kinds, rows_of_kinds = _number_kinds(
        [links[index] for index in indices],
        lambda link: (modes.add(_direct(link), link.fec), *_direct_figures(link)),
    )
    mode_of_kind, launch_power, lanes_of_kind, channels_of_kind = _table(rows_of_kinds, 4)
    path_link, path_is_backward = _paths(indices)
    lanes_per_channel = lanes_of_kind.astype(np.int64)[kinds]
    row_path, row_within = _rows(lanes_per_channel * channels_of_kind.astype(np.int64)[kinds])
    row_channel, row_lane = np.divmod(row_within, lanes_per_channel[row_path])
    row_kind = kinds[row_path]
    mode_rows = mode_of_kind.astype(np.int64)[row_kind]
    # The wavelengths of a mode stand once in the list; every engine of a module has the same.
    grids = [[(lane.center_nm, lane.min_nm, lane.max_nm) for lane in mode.lanes] for mode in modes.parts]
    grid_sizes = np.array([len(grid) for grid in grids], dtype=np.int64)
    wavelength = _offsets(grid_sizes)[mode_rows] + row_lane % grid_sizes[mode_rows]
    center, least, greatest = _table([lane for grid in grids for lane in grid], 3)
    elements = _Elements.of(links, indices)
    rows = DirectLaneColumns(
        path=row_path,
        mode=mode_rows,
        center_nm=center[wavelength],
        min_nm=least[wavelength],
        max_nm=greatest[wavelength],
        launch_power_dbm=launch_power[row_kind],
    )
    return Lowered(
        elements.plant(modes.fecs.parts, options),
        lower_direct_modes(modes.parts, tuple(modes.fec_rows)),
        rows,
        path_link,
        path_is_backward,
        row_path,
        row_channel,
        row_lane,
        row_channel,
        elements.all,
    )


def _direct_figures(link: Link) -> tuple[float, ...]:
    """Return launch power, lanes of a channel, and channels."""
    lanes_count = len(_direct(link).lanes) * link.module.engines_count
    return number_or_nan(link.launch_power_dbm), lanes_count, link.channels


def _paths(indices: Sequence[int]) -> tuple[Integers, NDArray[np.bool_]]:
    """Link and direction of each path: both directions of a link one after the other."""
    links = np.repeat(np.asarray(indices, dtype=np.int64), len(DIRECTIONS))
    return links, np.arange(len(links)) % len(DIRECTIONS) == 1


def _rows(counts: Integers) -> tuple[Integers, Integers]:
    """Path of each row, and the number of the row within its path."""
    row_path = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    return row_path, np.arange(len(row_path), dtype=np.int64) - np.repeat(_offsets(counts)[:-1], counts)


def _offsets(counts: Sequence[int] | Integers) -> Integers:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _table(rows: Iterable[Sequence[float]], width: int) -> NDArray[np.float64]:
    """Columns of rows of one width, each contiguous; a row is gone as soon as it is read."""
    flat = np.fromiter(chain.from_iterable(rows), dtype=np.float64)
    return np.ascontiguousarray(flat.reshape(-1, width).T)


def _turn(packed: bytes, width: int) -> NDArray[np.float64]:
    """Columns of packed rows, for reading alone; so many rows at a time as the nearest memory holds."""
    rows = np.frombuffer(packed).reshape(-1, width)
    columns = np.empty((width, len(rows)))
    for start in range(0, len(rows), TURNED_ROWS_COUNT):
        columns[:, start : start + TURNED_ROWS_COUNT] = rows[start : start + TURNED_ROWS_COUNT].T
    columns.flags.writeable = False
    return columns


_NOT_ALIKE = ("chromatic_dispersion_ps_per_nm", "filtering_penalty_db")
"""Figures that the table of elements has by another name, or has not."""


class _Elements:
    """The elements of all paths with their figures; path ``i`` has ``path_offsets[i]:path_offsets[i + 1]``.

    They are those of the links alone, so that they stay where links change in their channels, or options change.
    """

    KEPT_COUNT = 4
    """So many are kept, the newest first: of both detections for two states that are looked at in turn."""
    KEPT_SIZES = range(200, 20_000)
    """Elements of those that are kept: fewer are lowered at once, more take memory that is wanted elsewhere."""
    # Threads put another tuple in the place of this one and never change what it holds.
    _kept: tuple[_Elements, ...] = ()

    def __init__(self, ways: list[tuple[Element, ...]]) -> None:
        self._ways = ways
        self.all = list(chain.from_iterable(ways))
        columns = _turn(b"".join([element.figures.packed for element in self.all]), len(ELEMENT_FIGURES))
        self.figures: dict[str, NDArray[np.float64]] = dict(zip(ELEMENT_FIGURES, columns, strict=True))
        self.path_offsets = _offsets(np.fromiter(map(len, ways), np.int64, len(ways)))
        self._rows = self._lower()

    @classmethod
    def of(cls, links: Sequence[Link], indices: Sequence[int]) -> _Elements:
        ways = [way for index in indices for way in (links[index].a_to_b, links[index].b_to_a)]
        for known in cls._kept:
            if len(known._ways) == len(ways) and all(map(is_, known._ways, ways)):
                return known
        made = cls(ways)
        if len(made.all) in cls.KEPT_SIZES:
            cls._kept = (made, *cls._kept[: cls.KEPT_COUNT - 1])
        return made

    def _count_parts(self, is_kind: NDArray[np.bool_], rows: Integers) -> PartIndex[Any]:
        """Put the rows of the parts of one kind of elements into ``rows``; return the parts that they count."""
        index: PartIndex[Any] = PartIndex()
        parts = [element.part for element in compress(self.all, is_kind.tobytes())]
        last, row = None, -1
        # Elements of one part mostly follow each other.
        numbers = [row if part is last else (row := index.add(last := part)) for part in parts]
        rows[is_kind] = np.fromiter(numbers, np.int64, len(numbers))
        return index

    def _lower(self) -> tuple[ElementColumns, Sequence[Any], Sequence[Any]]:
        """Return the table of elements, and the fibers and amplifiers that its rows count."""
        elements, figures = self.all, self.figures
        kinds = np.frombuffer(bytes([ELEMENT_CODES[element.kind] for element in elements]), dtype=np.uint8)
        parts = np.full(len(elements), -1, dtype=np.int64)
        fibers, amplifiers = (self._count_parts(kinds == ELEMENT_CODES[kind], parts) for kind in ("fiber", "amplifier"))
        polynomials = np.full((len(elements), 4), np.nan)
        for row in np.flatnonzero(kinds == ELEMENT_CODES["stage"]).tolist():
            polynomials[row] = elements[row].osnr_coefficients or np.nan
        columns = ElementColumns(
            kind=kinds,
            part=parts,
            osnr_coefficients=polynomials.ravel(),
            dispersion_ps_per_nm=figures["chromatic_dispersion_ps_per_nm"],
            path_offsets=self.path_offsets,
            **{name: column for name, column in figures.items() if name not in _NOT_ALIKE},
        )
        return columns, fibers.parts, amplifiers.parts

    def plant(self, fecs: Sequence[Fec], options: BudgetOptions) -> PlantColumns:
        columns, fibers, amplifiers = self._rows
        return PlantColumns(
            lower_fibers(fibers, options.fiber_limits), lower_amplifiers(amplifiers), lower_fecs(fecs), columns
        )


def _coherent(link: Link) -> CoherentMode:
    if not isinstance(link.mode, CoherentMode):
        raise ParameterError(f"link {link.name!r} is not coherent")
    return link.mode


def _direct(link: Link) -> DirectMode:
    if not isinstance(link.mode, DirectMode):
        raise ParameterError(f"link {link.name!r} is not direct-detect")
    return link.mode
