"""Margins under uncertainty: links lowered with the spread of their figures, evaluated as worst case and in draws."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.distributions import Distribution, Quantity, Scope, choose_distributions
from lightlane.catalog.load import load_catalog
from lightlane.catalog.parts import Amplifier, CoherentMode, DirectMode, Fiber, Passive
from lightlane.elements import Element
from lightlane.kernels import Task, draw_coherent_lanes, draw_direct_lanes
from lightlane.kernels.draws import BASES, KINDS, QUANTITIES, SCOPES, DrawnMargins, DrawRequest, SpreadColumns
from lightlane.kernels.tables import CoherentPathColumns, Integers
from lightlane.lane.lowering import Lowered, coherent_settings, lower_coherent, lower_direct
from lightlane.lane.model import frame_loss_column, quantile_column
from lightlane.lane.options import BudgetOptions
from lightlane.lane.surrogate.choose import eyes_of
from lightlane.link import Link

Floats = NDArray[np.float64]

FIBER_QUANTITIES: tuple[Quantity, ...] = (
    "attenuation_db_per_km",
    "zero_dispersion_wavelength_nm",
    "zero_dispersion_slope_ps_per_nm2_km",
    "dispersion_ps_per_nm_km",
    "pmd_ps_per_sqrt_km",
)
MODE_QUANTITIES: dict[str, tuple[Quantity, ...]] = {
    "coherent": ("launch_power_dbm", "required_osnr_db"),
    "direct": ("lane_wavelength_nm", "oma_minus_tdecq_dbm", "sensitivity_dbm"),
}
LOSS_QUANTITIES: dict[str, Quantity] = {"connector": "connector_loss_db", "mux_demux": "mux_loss_db"}
LESS_IS_WORSE: frozenset[Quantity] = frozenset({"launch_power_dbm", "oma_minus_tdecq_dbm"})
LANES_MAX = 64
"""No module has more lanes: numbers of lanes of different channels do not meet."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One figure of an element or a mode, and what it spreads like."""

    distribution: int
    scope: Scope
    pieces_count: int
    loss_db: float
    worst_value: float


@dataclass(slots=True)
class Spreads:
    """The distributions of a catalog, and the rules of the parts that were asked for."""

    distributions: tuple[Distribution, ...]
    _rules: dict[tuple[Any, ...], tuple[Rule, ...]] = field(default_factory=dict)

    def of_element(self, element: Element) -> tuple[Rule, ...]:
        """Return the rules of an element; a measured attenuation spreads no more."""
        measured = not math.isnan(element.attenuation_db_per_km)
        # Parts are kept alive by the links, so that their identities are theirs alone.
        key = (id(element.part), id(element.splice), element.reflectors_count, element.splice_count, measured)
        if key not in self._rules:
            self._rules[key] = tuple(self._element_rules(element, measured=measured))
        return self._rules[key]

    def of_mode(self, mode: CoherentMode | DirectMode) -> tuple[Rule, ...]:
        """Return the rules of a mode."""
        if (id(mode),) not in self._rules:
            quantities = MODE_QUANTITIES[mode.detection]
            self._rules[id(mode),] = tuple(rule for name in quantities for rule in self._rules_of(name, mode.id))
        return self._rules[id(mode),]

    def _element_rules(self, element: Element, *, measured: bool) -> Iterable[Rule]:
        part = element.part
        if isinstance(part, Fiber):
            for name in FIBER_QUANTITIES:
                if not (measured and name == "attenuation_db_per_km"):
                    yield from self._rules_of(name, part.id, has_limit=_has_limit(part, name))
            if element.splice is not None and element.splice_count:
                yield from self._loss_rules("splice_loss_db", element.splice, element.splice_count)
        elif isinstance(part, Amplifier):
            yield from self._rules_of("noise_figure_db", part.id)
        elif isinstance(part, Passive) and element.kind == "loss" and part.kind in LOSS_QUANTITIES:
            # Connectors in a row are one element with so many reflecting points.
            yield from self._loss_rules(LOSS_QUANTITIES[part.kind], part, max(1, element.reflectors_count))

    def _rules_of(self, quantity: Quantity, part: str, *, has_limit: bool = False) -> Iterable[Rule]:
        for row, item in self._chosen(quantity, part):
            neutral = 1.0 if item.basis == "ratio" else 0.0
            end = item.bounds()[0 if quantity in LESS_IS_WORSE else 1]
            worst = neutral if has_limit or not math.isfinite(end) else end
            yield Rule(row, item.scope, 1, math.nan, worst)

    def _loss_rules(self, quantity: Quantity, part: Passive, count: int) -> Iterable[Rule]:
        for row, item in self._chosen(quantity, part.id):
            ratio = item.basis == "ratio"
            worst = item.bounds()[1]
            if part.limit_loss_db is not None:
                difference = part.limit_loss_db - part.loss_db
                worst = 1.0 + (difference / part.loss_db if part.loss_db else 0.0) if ratio else difference
            elif not math.isfinite(worst):
                worst = 1.0 if ratio else 0.0
            yield Rule(row, item.scope, count, part.loss_db, worst)

    def _chosen(self, quantity: Quantity, part: str) -> Iterable[tuple[int, Distribution]]:
        for item in choose_distributions(self.distributions, quantity, part):
            yield self.distributions.index(item), item


def _has_limit(fiber: Fiber, quantity: Quantity) -> bool:
    """Tell whether the fiber has a limit of its own, which the worst case takes in place of its typical figure."""
    limits = {
        "attenuation_db_per_km": fiber.limit_attenuation_db_per_km_by_wavelength_nm,
        "dispersion_ps_per_nm_km": fiber.limit_dispersion_ps_per_nm_km,
        "pmd_ps_per_sqrt_km": fiber.limit_pmd_ps_per_sqrt_km,
    }
    return limits.get(quantity) is not None


def draw_lowered(
    links: Sequence[Link],
    lowered: Lowered,
    options: BudgetOptions,
    spreads: Spreads,
    *,
    task: Task | None = None,
) -> DrawnMargins:
    """Evaluate lowered links in draws of specimens; rows in the order of ``lowered``.

    Raises
    ------
    ParameterError
        If a link carries a value that the model does not allow.
    Cancelled
        If ``task`` was cancelled.

    References
    ----------
    ``docs/models/uncertainty.md``.
    """
    request = DrawRequest(options.seed, options.draws_count, options.quantiles, options.frame_loss)
    return _draw(lowered, lower_spread(links, lowered, spreads), options, request, task)


def evaluate_worst(
    links: Sequence[Link],
    numbers: Sequence[int],
    options: BudgetOptions,
    spreads: Spreads,
    *,
    task: Task | None = None,
) -> tuple[Lowered, DrawnMargins]:
    """Evaluate the links at ``numbers``, all of one kind of detection, with every figure at its limit.

    A limit is the part's own where it has one, else the worse end of the figure's distribution where that has one;
    what has neither stays as it is.

    Raises
    ------
    ParameterError
        If a link carries a value that the model does not allow.
    Cancelled
        If ``task`` was cancelled.
    """
    lower = lower_coherent if links[numbers[0]].mode.detection == "coherent" else lower_direct
    lowered = lower(links, numbers, replace(options, fiber_limits=True))
    request = DrawRequest(0, 0, (0.5,), options.frame_loss)
    return lowered, _draw(lowered, lower_spread(links, lowered, spreads), options, request, task)


def _draw(
    lowered: Lowered,
    spread: SpreadColumns,
    options: BudgetOptions,
    request: DrawRequest,
    task: Task | None,
) -> DrawnMargins:
    draw: Callable[..., DrawnMargins] = partial(draw_direct_lanes, surrogates=eyes_of(options))
    if isinstance(lowered.rows, CoherentPathColumns):
        # An integral takes as long as thousands of closed forms.
        quick = replace(options, nonlinear_model="closed_form") if options.nonlinear_model == "integral" else options
        draw = partial(draw_coherent_lanes, settings=coherent_settings(quick))
    return draw(lowered.plant, lowered.modes, lowered.rows, spread, request, task=task)


def lower_spread(links: Sequence[Link], lowered: Lowered, spreads: Spreads) -> SpreadColumns:
    """Lower the spread of the figures of lowered links: rules of their elements and modes, and what shares a number."""
    rules: list[Rule] = []
    entities: list[int] = []
    element_offsets = [0]
    for element, cable, place, backward in _elements(lowered):
        for rule in spreads.of_element(element):
            rules.append(rule)
            # Both directions of a link have fibers of their own in the same cable.
            shared = cable if rule.scope in {"cable", "fiber"} else place
            entities.append(shared if rule.scope == "cable" else 2 * shared + backward)
        element_offsets.append(len(rules))
    mode_rules = [spreads.of_mode(mode) for mode in _modes_of(links, lowered)]
    first = np.flatnonzero(np.diff(lowered.path_link, prepend=-1))
    module, number, group, engine = _lane_entities(links, lowered)
    return SpreadColumns(
        **_distribution_columns(spreads.distributions),
        element_offsets=np.array(element_offsets, dtype=np.int64),
        element_rule=np.array([rule.distribution for rule in rules], dtype=np.int64),
        element_entity=np.array(entities, dtype=np.int64),
        element_pieces_count=np.array([rule.pieces_count for rule in rules], dtype=np.int64),
        element_loss_db=np.array([rule.loss_db for rule in rules], dtype=np.float64),
        element_worst=np.array([rule.worst_value for rule in rules], dtype=np.float64),
        mode_offsets=np.cumsum([0, *map(len, mode_rules)]).astype(np.int64),
        mode_rule=np.array([rule.distribution for some in mode_rules for rule in some], dtype=np.int64),
        mode_worst=np.array([rule.worst_value for some in mode_rules for rule in some], dtype=np.float64),
        link_offsets=np.append(first, len(lowered.path_link)).astype(np.int64),
        link_key=np.array([_key(links[index].name) for index in lowered.path_link[first]], dtype=np.int64),
        lane_module=module,
        lane_number=number,
        lane_group=group,
        lane_engine=engine,
    )


def _elements(lowered: Lowered) -> Iterator[tuple[Element, int, int, bool]]:
    """Yield each element with its cable, counted from the end called A, its place in its path, and the direction."""
    bounds = lowered.plant.elements.path_offsets.tolist()
    for start, end, backward in zip(bounds, bounds[1:], lowered.path_is_backward.tolist(), strict=False):
        elements = lowered.path_elements[start:end]
        fibers = sum(element.kind == "fiber" for element in elements)
        passed = 0
        for place, element in enumerate(elements):
            yield element, fibers - 1 - passed if backward else passed, place, backward
            passed += element.kind == "fiber"


def _modes_of(links: Sequence[Link], lowered: Lowered) -> list[CoherentMode | DirectMode]:
    """Return the mode of each row of the table of modes."""
    rows, first = lowered.rows, np.unique(lowered.rows.mode, return_index=True)[1]
    if isinstance(rows, CoherentPathColumns):
        paths = np.searchsorted(rows.channel_offsets, first, side="right") - 1
    else:
        paths = rows.path[first]
    return [links[index].mode for index in lowered.path_link[paths]]


def _lane_entities(links: Sequence[Link], lowered: Lowered) -> tuple[Integers, Integers, Integers, Integers]:
    """Return for each row module and lane within the link, and within the path what shares its fibers and codewords."""
    path, channel, lane = lowered.row_path, lowered.row_channel, lowered.row_lane
    if isinstance(lowered.rows, CoherentPathColumns):
        # The table holds channels that are not lit too.
        offsets = lowered.rows.channel_offsets
        path = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        channel = np.arange(offsets[-1]) - offsets[path]
        lane = np.zeros_like(channel)
    backward = lowered.path_is_backward[path]
    fibers, lanes_per_fiber, lanes_per_engine = [], [], []
    for index in lowered.path_link.tolist():
        link = links[index]
        mode = link.mode
        # Lanes of a coherent line share its fiber; a direct-detect module has fibers of its own.
        parallel = isinstance(mode, DirectMode) and mode.parallel_fibers
        lanes = len(mode.lanes) if isinstance(mode, DirectMode) else 1
        lanes_per_fiber.append(1 if parallel else lanes)
        lanes_per_engine.append(lanes)
        fibers.append(0 if isinstance(mode, CoherentMode) else link.module.engines_count * (lanes if parallel else 1))
    per_module = np.array(fibers, dtype=np.int64)[path]
    per_fiber = np.array(lanes_per_fiber, dtype=np.int64)[path]
    group = channel * per_module + np.where(per_module > 0, lane // per_fiber, 0)
    # Numbers of engines rise along a path, so that no two that stand side by side have the same.
    engine = LANES_MAX * channel + lane // np.array(lanes_per_engine, dtype=np.int64)[path]
    return (
        2 * channel + backward,
        2 * (LANES_MAX * channel + lane) + backward,
        group,
        np.where(per_module > 0, engine, -1),
    )


def _distribution_columns(distributions: Sequence[Distribution]) -> dict[str, Any]:
    def numbers(name: str) -> Floats:
        values = [getattr(item, name) for item in distributions]
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)

    def codes(name: str, words: Sequence[str]) -> NDArray[np.uint8]:
        return np.array([words.index(getattr(item, name)) for item in distributions], dtype=np.uint8)

    parameters = {name: numbers(name) for name in ("mean", "standard_deviation", "low", "peak", "high")}
    words = {"kind": KINDS, "quantity": QUANTITIES, "scope": SCOPES, "basis": BASES}
    return parameters | {name: codes(name, allowed) for name, allowed in words.items()}


def _key(name: str) -> int:
    """Return what a link is known by: the hash of its name, so that its place among other links does not matter."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little", signed=True)


def column_names(options: BudgetOptions) -> list[str]:
    """Return the names of the columns that worst case and draws fill."""
    return ["worst_margin_db", *map(quantile_column, options.quantiles), "outage_ratio"]


def unknown_columns(rows_count: int, options: BudgetOptions) -> dict[str, Callable[[], Floats]]:
    """Return the columns as they are where nobody asks for worst case or draws; made when they are first read."""
    return {name: partial(np.full, rows_count, np.nan) for name in column_names(options)}


def frame_loss_names(options: BudgetOptions) -> list[str]:
    """Return the names of the columns of links that hold what modules lose of frames; none where nobody asks."""
    drawn = map(frame_loss_column, options.quantiles) if options.draws_count else ()
    return ["worst_module_frame_loss_ratio", *drawn] if options.frame_loss else []


@dataclass(slots=True)
class Uncertainty:
    """Columns of worst case and quantiles of a whole batch, filled chunk by chunk.

    Attributes
    ----------
    lane_columns, link_columns
        By name; one row per lane of the batch, one per link.
    """

    links: Sequence[Link]
    options: BudgetOptions
    spreads: Spreads
    lane_columns: dict[str, Floats]
    link_columns: dict[str, Floats]

    @classmethod
    def of(
        cls,
        links: Sequence[Link],
        lanes_count: int,
        options: BudgetOptions,
        distributions: Iterable[Distribution] | None,
    ) -> Uncertainty | None:
        """Return empty columns; None where the options ask neither for the worst case nor for draws."""
        if not options.asks_for_worst_case:
            return None
        if distributions is None:
            distributions = load_catalog().distributions.values()
        names = column_names(options)
        return cls(
            links,
            options,
            Spreads(tuple(distributions)),
            {name: np.full(lanes_count, np.nan) for name in names},
            {name: np.full(len(links), np.nan) for name in (*names, *frame_loss_names(options))},
        )

    def fill(self, rows: NDArray[np.int64], lowered: Lowered, task: Task) -> None:
        """Evaluate lowered links once more, at their limits and in draws; ``rows`` are their places in the batch."""
        numbers = np.unique(lowered.path_link)
        # Lowering the same links with limits gives the same rows.
        _, worst = evaluate_worst(self.links, numbers.tolist(), self.options, self.spreads, task=task)
        self.lane_columns["worst_margin_db"][rows] = worst.lane_margin_db[:, 0]
        self.link_columns["worst_margin_db"][numbers] = worst.link_margin_db[:, 0]
        self._fill_frame_loss(numbers, worst, ("worst_module_frame_loss_ratio",))
        if not self.options.draws_count:
            return
        drawn = draw_lowered(self.links, lowered, self.options, self.spreads, task=task)
        for column, probability in enumerate(self.options.quantiles):
            name = quantile_column(probability)
            self.lane_columns[name][rows] = drawn.lane_margin_db[:, column]
            self.link_columns[name][numbers] = drawn.link_margin_db[:, column]
        self.lane_columns["outage_ratio"][rows] = drawn.lane_outage_ratio
        self.link_columns["outage_ratio"][numbers] = drawn.link_outage_ratio
        self._fill_frame_loss(numbers, drawn, list(map(frame_loss_column, self.options.quantiles)))

    def _fill_frame_loss(self, numbers: Integers, drawn: DrawnMargins, names: Sequence[str]) -> None:
        for column, name in enumerate(names if self.options.frame_loss else ()):
            self.link_columns[name][numbers] = drawn.link_frame_loss_ratio[:, column]
