"""The analytic lane model: links lowered to tables, evaluated in one call per detection, read back as lane results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.distributions import Distribution
from lightlane.catalog.parts import CoherentMode
from lightlane.columns import CodedTexts, ColumnSet, FoundColumn, StoredColumn
from lightlane.errors import ParameterError
from lightlane.kernels import Task
from lightlane.kernels.budget import (
    CONTRIBUTIONS,
    LIMITS,
    UNKNOWNS,
)
from lightlane.kernels.lane_answers import LaneAnswers
from lightlane.kernels.metrics import q_factor_db
from lightlane.lane.assumptions import VERDICT_FIELDS, AssumedColumn, assumed_values
from lightlane.lane.batch import STATUS_ORDER, Explained, LaneBatch
from lightlane.lane.chunks import count_lanes, evaluate_chunks
from lightlane.lane.lane_places import LanePlaces
from lightlane.lane.lowering import DIRECTIONS, Lowered
from lightlane.lane.model import Contribution, LinkResult
from lightlane.lane.options import DEFAULT_OPTIONS, BudgetOptions
from lightlane.lane.surrogate.choose import fidelity_of
from lightlane.lane.uncertainty import Uncertainty, unknown_columns
from lightlane.lane.verdict_words import blocked_words, outside_domain
from lightlane.link import Link

if TYPE_CHECKING:
    from lightlane.lane.waveform.settings import WaveformSettings

Columns = dict[str, NDArray[Any]]

_SAME_NAME = (
    "launch_power_dbm", "received_power_dbm", "osnr_db", "snr_nli_db", "gsnr_db", "snr_db", "pdl_db", "tdecq_db",
    "tecq_db", "oma_outer_dbm", "sensitivity_oma_dbm", "symbol_error_ratio", "pre_fec_ber", "q_db", "post_fec_ber",
    "frame_loss_ratio", "required_osnr_db", "osnr_margin_db", "power_margin_db", "fec_margin_db", "margin_db",
    "latency_us", "chromatic_dispersion_ps_per_nm", "dgd_mean_ps", "dgd_outage_ratio", "pdl_outage_ratio",
)  # fmt: skip

RANKED_LANES_COUNT = 32_768
"""Lanes that are ranked at a time: few enough to stay in the nearest memory from step to step."""

__all__ = [
    "STATUS_ORDER",
    "VERDICT_FIELDS",
    "LaneBatch",
    "assumed_values",
    "evaluate_link",
    "evaluate_links",
    "explain_lanes",
]


def evaluate_links(
    links: Sequence[Link],
    *,
    wanted_margin_db: float = 0.0,
    options: BudgetOptions = DEFAULT_OPTIONS,
    distributions: Iterable[Distribution] | None = None,
    explain: bool = False,
    task: Task | None = None,
) -> LaneBatch:
    """Evaluate every lane of every link in both directions with the analytic model.

    Parameters
    ----------
    wanted_margin_db
        A lane that closes with less is ``degraded``.
    options
        How lanes are evaluated; among them the fidelity, ``"budget"`` or ``"surrogate"``.
    distributions
        How figures spread, where the options ask for the worst case or draws; absent: as the shipped catalog says.
    explain
        Keep the contributions at once; otherwise the first :meth:`LaneBatch.explain` evaluates once more to find them.

    Raises
    ------
    ParameterError
        If a link carries a value that the model does not allow.
    Cancelled
        If ``task`` was cancelled.

    References
    ----------
    ``docs/models/coherent-budget.md``, ``docs/models/direct-budget.md``, ``docs/models/uncertainty.md``.
    """
    links = tuple(links)
    if not links:
        raise ParameterError("there are no links to evaluate")
    task = Task() if task is None else task
    bounds = np.concatenate([[0], np.cumsum([count_lanes(link) for link in links])])
    task.start(int(bounds[-1]) * (1 + options.asks_for_worst_case + options.draws_count))
    answers = LaneAnswers(int(bounds[-1]), paths_count=len(DIRECTIONS) * len(links))
    uncertain = Uncertainty.of(links, int(bounds[-1]), options, distributions)
    explained: Explained = {}
    link_names: CodedTexts | None = None
    for lowered, rows, steps in evaluate_chunks(links, bounds, answers, options, explain=explain, task=task):
        # Threads are at work on the next links meanwhile.
        link_names = _name_links(links, bounds) if link_names is None else link_names
        if uncertain is not None:
            uncertain.fill(rows, lowered, task)
        if explain:
            explained |= _contributions(lowered, steps, rows)
    assert link_names is not None
    return LaneBatch(
        links,
        ColumnSet(
            _lane_columns(links, link_names, LanePlaces(links, bounds, link_names.codes), answers, wanted_margin_db)
            | unknown_columns(int(bounds[-1]), options)
            | ({} if uncertain is None else uncertain.lane_columns)
        ),
        link_names.codes,
        partial(explain_lanes, links, bounds, options),
        explained,
        {} if uncertain is None else uncertain.link_columns,
        options.quantiles if options.draws_count else (),
        tuple(fidelity_of(link, options) for link in links) if options.fidelity != "budget" else (),
    )


def evaluate_link(
    link: Link,
    *,
    fidelity: str = "budget",
    wanted_margin_db: float = 0.0,
    options: BudgetOptions = DEFAULT_OPTIONS,
    distributions: Iterable[Distribution] | None = None,
    waveform: WaveformSettings | None = None,
) -> LinkResult:
    """Evaluate one link; see :func:`evaluate_links`.

    Parameters
    ----------
    fidelity
        ``"budget"``, the analytic model of every lane; ``"surrogate"``, the same with the eyes of direct-detect lanes
        from tables of waveform runs (coherent lanes stay with the budget, and ``fidelity`` of the result says so); or
        ``"waveform"``, bits, fiber and DSP of some lanes sample by sample, of which :func:`lightlane.simulate_link`
        gives spectra and constellations as well.
    waveform
        How lanes are simulated; read with ``fidelity="waveform"``.

    Raises
    ------
    ParameterError
        If ``fidelity`` is not one that exists, or the link carries a value that the model does not allow.
    """
    if fidelity == "waveform":
        from lightlane.lane.waveform.settings import DEFAULT_WAVEFORM
        from lightlane.lane.waveform.simulate import simulate_link

        settings = DEFAULT_WAVEFORM if waveform is None else waveform
        return simulate_link(link, settings=settings, options=options, wanted_margin_db=wanted_margin_db).result
    if fidelity not in ("budget", "surrogate"):
        raise ParameterError(f"fidelity is {fidelity!r}; allowed: 'budget', 'surrogate', 'waveform'")
    if waveform is not None:
        raise ParameterError(f"waveform is given with fidelity {fidelity!r}; allowed: with fidelity 'waveform'")
    if fidelity == "surrogate":
        options = replace(options, fidelity="surrogate")
    batch = evaluate_links(
        [link], wanted_margin_db=wanted_margin_db, options=options, distributions=distributions, explain=True
    )
    return batch.link_results(explain=True)[0]


def _name_links(links: Sequence[Link], bounds: NDArray[np.int64]) -> CodedTexts:
    """Return for each lane its link."""
    return CodedTexts(np.repeat(np.arange(len(links)), np.diff(bounds)), tuple([link.name for link in links]))


def _lane_columns(
    links: Sequence[Link], link_names: CodedTexts, places: LanePlaces, filled: LaneAnswers, wanted_margin_db: float
) -> dict[str, StoredColumn | Callable[[], StoredColumn]]:
    apart = filled.late_columns(places.paths)
    answers = filled.finish()
    link_index = places.link_index

    def blocked_by() -> CodedTexts:
        coherent = np.array([isinstance(link.mode, CoherentMode) for link in links])[link_index]
        return blocked_words(answers["blocked"], answers["blocked_value"], answers["blocked_end"], coherent)

    # Of Q most runs read little or nothing.
    late = {**apart, "q_db": FoundColumn(lambda rows: q_factor_db(answers["pre_fec_ber"][rows]))}
    return {
        "link": link_names,
        **places.columns(),
        **{name: late.get(name) or answers[name] for name in _SAME_NAME},
        "limited_by": CodedTexts(answers["limited_by"], LIMITS),
        "blocked_by": blocked_by,
        "unknown_because": CodedTexts(answers["unknown"], UNKNOWNS),
        "outside_domain": lambda: outside_domain(
            *(apart[name].decode(slice(None)) for name in ("tdecq_db", "tecq_db"))
        ),
        "assumed": AssumedColumn(links, link_index),
        "status": CodedTexts(_status(answers["margin_db"], answers["blocked"], wanted_margin_db), STATUS_ORDER),
    }


def _status(margin_db: NDArray[np.float64], blocked: NDArray[np.uint8], wanted_margin_db: float) -> NDArray[np.uint8]:
    """Rank each lane: indices into ``STATUS_ORDER``."""
    status = np.empty(len(margin_db), dtype=np.uint8)
    for start in range(0, len(status), RANKED_LANES_COUNT):
        some = slice(start, start + RANKED_LANES_COUNT)
        status[some] = _rank(margin_db[some], blocked[some], wanted_margin_db)
    return status


def _rank(margin_db: NDArray[np.float64], blocked: NDArray[np.uint8], wanted_margin_db: float) -> NDArray[np.uint8]:
    # Counted up from unknown to degraded and up: lanes of all kinds lie side by side, and masks take longer there.
    is_enough = margin_db >= wanted_margin_db
    closes = (margin_db >= 0.0) & (is_enough | (margin_db < wanted_margin_db))
    status: NDArray[np.uint8] = closes.view(np.uint8) + (closes & is_enough)
    status += STATUS_ORDER.index("unknown")
    status *= ~((margin_db < 0.0) | (blocked > 0))
    return status


def explain_lanes(
    links: Sequence[Link], bounds: NDArray[np.int64], options: BudgetOptions, rows: Sequence[int]
) -> Explained:
    """Evaluate the links that hold some rows of a batch once more and return the contributions of at least these rows.

    Of a single link all rows are kept, else the wanted ones alone.

    Parameters
    ----------
    bounds
        Where the lanes of each link start in the batch, and at the end how many lanes there are.
    rows
        Rows of the batch.
    """
    numbers = np.unique(np.searchsorted(bounds, rows, side="right") - 1)
    if len(numbers) == 1:
        rows = range(int(bounds[numbers[0]]), int(bounds[numbers[0] + 1]))
    wanted = np.zeros(int(bounds[-1]), dtype=np.bool_)
    wanted[rows] = True
    # The links are a batch of their own: a row there is so many lanes before its row here.
    own_bounds = np.concatenate([[0], np.cumsum(np.diff(bounds)[numbers])])
    shift = bounds[numbers] - own_bounds[:-1]
    out: Explained = {}
    answers = LaneAnswers(int(own_bounds[-1]), paths_count=len(DIRECTIONS) * len(numbers))
    for lowered, own_rows, steps in evaluate_chunks(
        [links[number] for number in numbers], own_bounds, answers, options, explain=True, task=Task()
    ):
        positions = own_rows + shift[lowered.path_link][lowered.row_path]
        out |= _contributions(lowered, steps, positions, wanted[positions])
    return out


def _contributions(
    lowered: Lowered, answer: Columns, rows: NDArray[np.int64], wanted: NDArray[np.bool_] | None = None
) -> Explained:
    """Put words to the contributions of the rows of an answer, by their place in the batch."""
    offsets, kinds = answer["contribution_offsets"], answer["contribution_kind"]
    elements, values = answer["contribution_element"], answer["contribution_db"]
    out: Explained = {}
    for row in range(len(rows)) if wanted is None else np.flatnonzero(wanted).tolist():
        steps = slice(offsets[row], offsets[row + 1])
        described = zip(kinds[steps].tolist(), elements[steps].tolist(), values[steps].tolist(), strict=True)
        out[int(rows[row])] = tuple(
            Contribution(CONTRIBUTIONS[kind].format(element=_label(lowered, element)), value_db)
            for kind, element, value_db in described
        )
    return out


def _label(lowered: Lowered, element: int) -> str:
    return lowered.path_elements[element].label if element >= 0 else ""
