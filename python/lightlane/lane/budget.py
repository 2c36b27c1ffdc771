"""The analytic lane model: links lowered to tables, evaluated in one call per detection, read back as lane results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.parts import CoherentMode, DirectMode
from lightlane.errors import ParameterError
from lightlane.kernels import Task, evaluate_coherent_lanes, evaluate_direct_lanes
from lightlane.kernels.budget import CONTRIBUTIONS, LIMITS, UNKNOWNS, limit_words
from lightlane.lane.lowering import Lowered, lower_coherent, lower_direct
from lightlane.lane.model import Contribution, LaneResult, LinkResult, Status
from lightlane.lane.options import DEFAULT_OPTIONS, BudgetOptions
from lightlane.link import Link, is_dense, part_kind
from lightlane.units import SPEED_OF_LIGHT_M_PER_S

Columns = dict[str, NDArray[Any]]

STATUS_ORDER: tuple[Status, ...] = ("down", "unknown", "degraded", "up")
"""Worst first: a link is what its worst lane is."""

_SAME_NAME = (
    "launch_power_dbm", "received_power_dbm", "osnr_db", "snr_nli_db", "gsnr_db", "snr_db", "pdl_db", "tdecq_db",
    "oma_outer_dbm", "pre_fec_ber", "q_db", "post_fec_ber", "frame_loss_ratio", "required_osnr_db", "osnr_margin_db",
    "power_margin_db", "fec_margin_db", "margin_db", "latency_us", "chromatic_dispersion_ps_per_nm", "dgd_mean_ps",
)  # fmt: skip

_BLOCK_WORDS = {
    "dispersion": "chromatic dispersion {value:.5g} ps/nm, beyond {end:.5g} ps/nm where the mode's limit ends",
    "pmd": "DGD {value:.3g} ps, beyond {end:.3g} ps where the mode's limit ends",
    "pdl": "PDL {value:.3g} dB, beyond {end:.3g} dB where the mode's limit ends",
    "filtering": "passband of {end:.4g} GHz, narrower than the symbol rate of {value:.4g} GBd",
}
_BLOCK_SCALE = {"dispersion": 1e3, "pmd": 1e12, "pdl": 1.0, "filtering": 1e-9}
"""From SI to the units of the sentences."""


@dataclass(frozen=True, slots=True)
class LaneBatch:
    """The lanes of many links: columns as of the lane table, ordered by link, channel, direction and lane.

    Attributes
    ----------
    links
        In the order that ``link_index`` counts.
    columns
        Lane table; text columns hold Python strings.
    link_index
        For each lane, its link.
    """

    links: tuple[Link, ...]
    columns: Columns
    link_index: NDArray[np.int64]
    _explained: dict[str, Any] = field(default_factory=dict)
    _options: BudgetOptions = DEFAULT_OPTIONS

    def __len__(self) -> int:
        return len(self.link_index)

    def deciding_lanes(self) -> NDArray[np.int64]:
        """Return for each link the row of the lane that decides it: worst status first, then least margin."""
        ranks = {status: rank for rank, status in enumerate(STATUS_ORDER)}
        rank = np.array([ranks[status] for status in self.columns["status"]], dtype=np.int64)
        # Down without a margin (blocked) is worse than any negative margin.
        margin = np.where(np.isnan(self.columns["margin_db"]), -np.inf, self.columns["margin_db"])
        order = np.lexsort((np.arange(len(self)), margin, rank, self.link_index))
        _, first = np.unique(self.link_index[order], return_index=True)
        return np.asarray(order[first], dtype=np.int64)

    def explain(self, row: int) -> tuple[Contribution, ...]:
        """Return the contributions that add up to the margin of one lane; empty where it has no margin."""
        if not self._explained:
            answers = _answers(self.links, self._options, explain=True, task=None)
            self._explained.update(_contributions(answers))
        return tuple(self._explained["rows"][row])

    def lane_result(self, row: int, *, explain: bool = True) -> LaneResult:
        """Return one lane as a record."""
        values = {name: column[row] for name, column in self.columns.items()}
        for name, value in values.items():
            if isinstance(value, np.generic):
                values[name] = value.item()
        assumed = values.pop("assumed")
        return LaneResult(
            **values,
            assumed=tuple(assumed.split("; ")) if assumed else (),
            contributions=self.explain(row) if explain else (),
        )

    def link_results(self, *, explain: bool = False) -> list[LinkResult]:
        """Return every link with its lanes as records, in the order of ``links``."""
        bounds = np.searchsorted(self.link_index, np.arange(len(self.links) + 1))
        out = []
        for index, row in enumerate(self.deciding_lanes()):
            lanes = tuple(self.lane_result(k, explain=explain) for k in range(bounds[index], bounds[index + 1]))
            worst = lanes[row - bounds[index]]
            out.append(
                LinkResult(
                    link=self.links[index].name,
                    lanes=lanes,
                    margin_db=worst.margin_db,
                    limited_by=worst.limited_by,
                    latency_us=max(lane.latency_us for lane in lanes),
                    status=worst.status,
                    worst_lane_index=int(row - bounds[index]),
                )
            )
        return out


def evaluate_links(
    links: Sequence[Link],
    *,
    wanted_margin_db: float = 0.0,
    options: BudgetOptions = DEFAULT_OPTIONS,
    explain: bool = False,
    task: Task | None = None,
) -> LaneBatch:
    """Evaluate every lane of every link in both directions with the analytic model.

    Parameters
    ----------
    wanted_margin_db
        A lane that closes with less is ``degraded``.
    options
        How lanes are evaluated.
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
    ``docs/models/coherent-budget.md``, ``docs/models/direct-budget.md``.
    """
    pieces, keys = [], []
    answers = _answers(links, options, explain=explain, task=task)
    for lowered, answer in answers:
        pieces.append(_lane_columns(links, lowered, answer, wanted_margin_db))
        keys.append(_row_keys(lowered))
    if not pieces:
        raise ParameterError("there are no links to evaluate")
    columns = {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
    key = np.concatenate(keys)
    order = np.lexsort(key.T[::-1])
    return LaneBatch(
        tuple(links),
        {name: column[order] for name, column in columns.items()},
        key[order, 0],
        _explained=_contributions(answers) if explain else {},
        _options=options,
    )


def evaluate_link(
    link: Link,
    *,
    fidelity: str = "budget",
    wanted_margin_db: float = 0.0,
    options: BudgetOptions = DEFAULT_OPTIONS,
) -> LinkResult:
    """Evaluate one link; see :func:`evaluate_links`.

    Raises
    ------
    ParameterError
        If ``fidelity`` is not one that exists, or the link carries a value that the model does not allow.
    """
    if fidelity != "budget":
        raise ParameterError(f"fidelity is {fidelity!r}; allowed: 'budget'")
    batch = evaluate_links([link], wanted_margin_db=wanted_margin_db, options=options, explain=True)
    return batch.link_results(explain=True)[0]


def _answers(
    links: Sequence[Link], options: BudgetOptions, *, explain: bool, task: Task | None
) -> list[tuple[Lowered, Columns]]:
    """Evaluate coherent and direct-detect links, each kind in one call."""
    task = Task() if task is None else task
    coherent = [index for index, link in enumerate(links) if isinstance(link.mode, CoherentMode)]
    direct = [index for index, link in enumerate(links) if isinstance(link.mode, DirectMode)]
    jobs: list[tuple[Lowered, Callable[..., Columns]]] = []
    if coherent:
        jobs.append((lower_coherent(links, coherent, options), evaluate_coherent_lanes))
    if direct:
        jobs.append((lower_direct(links, direct, options), evaluate_direct_lanes))
    task.start(sum(len(lowered.row_path) for lowered, _ in jobs))
    return [
        (lowered, evaluate(lowered.plant, lowered.modes, lowered.rows, explain=explain, task=task))
        for lowered, evaluate in jobs
    ]


def _row_keys(lowered: Lowered) -> NDArray[np.int64]:
    """Sort keys of each row: link, channel, direction, lane."""
    links = np.array([path.link_index for path in lowered.paths], dtype=np.int64)[lowered.row_path]
    direction = np.array([path.direction != "a_to_b" for path in lowered.paths], dtype=np.int64)[lowered.row_path]
    return np.stack([links, lowered.row_channel, direction, lowered.row_lane], axis=1)


def _lane_columns(links: Sequence[Link], lowered: Lowered, answer: Columns, wanted_margin_db: float) -> Columns:
    path_links = [links[path.link_index] for path in lowered.paths]

    def per_path(values: list[Any], dtype: Any = object) -> NDArray[Any]:
        column = np.empty(len(values), dtype=dtype)
        column[:] = values
        return column[lowered.row_path]

    coherent = isinstance(path_links[0].mode, CoherentMode)
    if coherent:
        frequency_thz: NDArray[np.float64] = lowered.rows.frequency_thz  # type: ignore[union-attr]
        wavelength_nm = SPEED_OF_LIGHT_M_PER_S * 1e-3 / frequency_thz
    else:
        wavelength_nm = lowered.rows.center_nm  # type: ignore[union-attr]
        frequency_thz = SPEED_OF_LIGHT_M_PER_S * 1e-3 / wavelength_nm
    out: Columns = {
        "link": per_path([link.name for link in path_links]),
        "channel_index": lowered.row_channel,
        "direction": per_path([path.direction for path in lowered.paths]),
        "lane": lowered.row_lane,
        "frequency_thz": frequency_thz,
        "wavelength_nm": wavelength_nm,
        "symbol_rate_gbd": per_path([link.mode.symbol_rate_gbd for link in path_links], np.float64),
    }
    out |= {name: answer[name] for name in _SAME_NAME}
    out["limited_by"] = limit_words(answer["limited_by"])
    out["blocked_by"] = _blocked_words(answer)
    out["unknown_because"] = np.array(UNKNOWNS, dtype=object)[answer["unknown"]]
    out["assumed"] = per_path(["; ".join(assumed_values(link)) for link in path_links])
    out["status"] = _status(out["margin_db"], answer["blocked"] > 0, wanted_margin_db)
    return out


def _status(margin_db: NDArray[np.float64], blocked: NDArray[np.bool_], wanted_margin_db: float) -> NDArray[Any]:
    status = np.full(len(margin_db), "unknown", dtype=object)
    status[margin_db >= wanted_margin_db] = "up"
    status[(margin_db >= 0.0) & (margin_db < wanted_margin_db)] = "degraded"
    status[(margin_db < 0.0) | blocked] = "down"
    return status


def _blocked_words(answer: Columns) -> NDArray[Any]:
    words = np.full(len(answer["blocked"]), "", dtype=object)
    for row in np.flatnonzero(answer["blocked"]):
        limit = LIMITS[answer["blocked"][row]]
        scale = _BLOCK_SCALE[limit]
        words[row] = _BLOCK_WORDS[limit].format(
            value=answer["blocked_value"][row] * scale, end=answer["blocked_end"][row] * scale
        )
    return words


VERDICT_FIELDS = {
    "mode": frozenset(
        {
            "symbol_rate_gbd", "inner_amplitude_ratio", "launch_power_default_dbm", "launch_power_max_dbm",
            "tx_osnr_db",
            "required_osnr_db_by_received_power_dbm", "sensitivity_dbm", "overload_dbm", "kappa_db", "snr_trx_db",
            "loss_budget_db", "penalty_db_by_chromatic_dispersion_ps_per_nm", "penalty_db_by_dgd_mean_ps",
            "penalty_db_by_pdl_db", "penalty_filtering_db", "penalty_crosstalk_db", "oma_minus_tdecq_min_dbm",
            "tdecq_max_db", "insertion_loss_max_db", "mpi_dgd_allocation_db", "extinction_ratio_min_db",
            "received_power_max_dbm", "dispersion_min_ps_per_nm", "dispersion_max_ps_per_nm", "dgd_max_ps", "lanes",
            "apd_gain_ratio", "apd_ionization_ratio", "target_ser_ratio",
        }
    ),
    "fiber": frozenset(
        {
            "typical_attenuation_db_per_km_by_wavelength_nm", "limit_attenuation_db_per_km_by_wavelength_nm",
            "dispersion_ps_per_nm_km", "dispersion_slope_ps_per_nm2_km", "nonlinear_coefficient_per_w_km",
            "pmd_ps_per_sqrt_km", "zero_dispersion_min_nm", "zero_dispersion_max_nm",
            "zero_dispersion_slope_max_ps_per_nm2_km", "limit_dispersion_ps_per_nm_km", "limit_pmd_ps_per_sqrt_km",
        }
    ),
    "amplifier": frozenset(
        {
            "gain_min_db", "gain_max_db", "output_power_max_dbm", "noise_figure_db", "noise_figure_db_by_gain_db",
            "incremental_osnr_coefficients",
        }
    ),
    "passive": frozenset({"loss_db", "osnr_db", "output_power_dbm", "filtering_penalty_db", "passband_3db_ghz"}),
    "fec": frozenset(
        {"threshold_pre_fec_ber", "post_fec_ber_by_pre_fec_ber", "kp4_symbol_error_ratio_by_pre_fec_ber"}
    ),
}  # fmt: skip
"""The fields of each kind of part that a margin rests on: an assumed power or latency changes no verdict."""


NOT_COUNTED = {
    "coherent": ("overload_dbm", "penalty_filtering_db", "penalty_crosstalk_db"),
    "direct": ("launch_power_max_dbm", "received_power_max_dbm", "dgd_max_ps"),
}
"""Figures of a mode that a verdict goes without where nobody knows them: it then assumes that they cost nothing."""


def _uncounted(link: Link) -> list[str]:
    """Return the unknown figures that a verdict on this link takes as costing nothing."""
    mode = link.mode
    matters = dict.fromkeys(NOT_COUNTED[mode.detection], True)
    if isinstance(mode, CoherentMode):
        judged_by_osnr = mode.loss_budget_db is None
        # A table of required OSNR ends at the overload.
        matters["overload_dbm"] = len(mode.required_osnr_db_by_received_power_dbm or ()) < 2
        matters["penalty_filtering_db"] = judged_by_osnr and link.muxed and is_dense(link)
        matters["penalty_crosstalk_db"] = judged_by_osnr and link.channels > 1 and is_dense(link)
    return [name for name, counts in matters.items() if counts and getattr(mode, name) is None]


def assumed_values(link: Link) -> list[str]:
    """Return the assumed figures that a verdict on this link rests on, as ``part: field``, sorted.

    An unknown figure that the verdict takes as costing nothing is among them.
    """
    found = {f"{link.mode.id}: {name}" for name in _uncounted(link)}
    for part in link.parts().values():
        if not part.assumed:
            continue
        fields = VERDICT_FIELDS.get(part_kind(part), frozenset())
        found |= {f"{part.id}: {name}" for name in part.assumed if name in fields}
    return sorted(found)


def _contributions(answers: Sequence[tuple[Lowered, Columns]]) -> dict[str, list[list[Contribution]]]:
    """Put words to the contributions of each row, in the order of the batch."""
    rows: list[list[Contribution]] = []
    keys = []
    for lowered, answer in answers:
        offsets, kinds = answer["contribution_offsets"], answer["contribution_kind"]
        elements, values = answer["contribution_element"].tolist(), answer["contribution_db"].tolist()
        for row in range(len(offsets) - 1):
            steps = []
            for step in range(offsets[row], offsets[row + 1]):
                element = elements[step]
                name = lowered.element_labels[element] if element >= 0 else ""
                steps.append(Contribution(CONTRIBUTIONS[kinds[step]].format(element=name), values[step]))
            rows.append(steps)
        keys.append(_row_keys(lowered))
    order = np.lexsort(np.concatenate(keys).T[::-1])
    return {"rows": [rows[index] for index in order]}
