"""Draws of specimens: the budget tables and the spreads of their figures in, quantiles of margins out."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lightlane import _core
from lightlane.kernels.budget import DEFAULT_SETTINGS, CoherentSettings, plant_in_si, settings_in_si
from lightlane.kernels.si import SI_UNITS, to_si_columns
from lightlane.kernels.surrogate import EyeSurrogates
from lightlane.kernels.tables import (
    Codes,
    CoherentModeColumns,
    CoherentPathColumns,
    DirectLaneColumns,
    DirectModeColumns,
    Floats,
    Integers,
    PlantColumns,
)
from lightlane.kernels.task import Task
from lightlane.units import unit_of

KINDS = ("normal", "truncated_normal", "uniform", "triangular", "lognormal")
"""Words of the codes in ``kind``."""
QUANTITIES = (
    "attenuation_db_per_km", "zero_dispersion_wavelength_nm", "zero_dispersion_slope_ps_per_nm2_km",
    "dispersion_ps_per_nm_km", "pmd_ps_per_sqrt_km", "connector_loss_db", "splice_loss_db", "mux_loss_db",
    "noise_figure_db", "lane_wavelength_nm", "launch_power_dbm", "oma_minus_tdecq_dbm", "sensitivity_dbm",
    "required_osnr_db",
)  # fmt: skip
"""Words of the codes in ``quantity``."""
SCOPES = ("cable", "fiber", "element", "module", "lane")
"""Words of the codes in ``scope``."""
BASES = ("offset", "ratio", "range")
"""Words of the codes in ``basis``."""

_PARAMETERS = ("mean", "standard_deviation", "low", "peak", "high")


@dataclass(frozen=True, slots=True)
class SpreadColumns:
    """Distributions in use, the figures of elements and modes that they belong to, and the links that are drawn.

    The rules of element ``i`` are ``element_offsets[i]:element_offsets[i + 1]``, those of modes alike; a rule names the
    row of a distribution. Parameters, and the numbers of the worst specimens, are in the unit of the quantity where the
    basis is an offset; NaN where a kind has none.
    """

    kind: Codes
    mean: Floats
    standard_deviation: Floats
    low: Floats
    peak: Floats
    high: Floats
    quantity: Codes
    scope: Codes
    basis: Codes
    element_offsets: Integers
    element_rule: Integers
    element_entity: Integers
    element_pieces_count: Integers
    element_loss_db: Floats
    element_worst: Floats
    mode_offsets: Integers
    mode_rule: Integers
    mode_worst: Floats
    link_offsets: Integers
    link_key: Integers
    lane_module: Integers
    lane_number: Integers
    lane_group: Integers
    lane_engine: Integers
    """Lanes side by side whose codewords lie on all of them have the same; -1: the lane loses no frames."""


@dataclass(frozen=True, slots=True)
class DrawRequest:
    """What is asked of draws: how many, which quantiles, and whether the loss of frames too.

    No draws: one evaluation of the worst specimen of everything.
    """

    seed: int
    draws_count: int
    quantiles: tuple[float, ...]
    frame_loss: bool = False

    def arguments(self) -> dict[str, Any]:
        """Return the request as keywords of the kernels."""
        quantile_ratio = np.array(self.quantiles, dtype=np.float64)
        return {
            "seed": self.seed,
            "draws_count": self.draws_count,
            "quantile_ratio": quantile_ratio,
            "frame_loss": self.frame_loss,
        }


@dataclass(frozen=True, slots=True)
class DrawList:
    """Every link in every draw of a range, one row per link, one column per draw.

    Attributes
    ----------
    margin_db
        Of the lane that decides; minus infinity where one passes a limit, NaN where the link has no verdict.
    limited_by
        Codes of :data:`~lightlane.kernels.budget.LIMITS`.
    """

    margin_db: Floats
    limited_by: Codes


@dataclass(frozen=True, slots=True)
class DrawnMargins:
    """Quantiles of margins, one row per lane or link, one column per probability; NaN where one has no margin.

    ``*_outage_ratio`` is the share of draws in which a lane, or any lane of a link, does not close.
    ``link_frame_loss_ratio`` is the frame loss ratio of the worst engine that no more than so many draws exceed; no
    column where nobody asked.
    """

    lane_margin_db: Floats
    lane_outage_ratio: Floats
    link_margin_db: Floats
    link_outage_ratio: Floats
    link_frame_loss_ratio: Floats


def _spread_in_si(spread: SpreadColumns) -> dict[str, NDArray[Any]]:
    units = [unit_of(name) or "" for name in QUANTITIES]
    factors = np.array([SI_UNITS.get(unit, ("", 1.0))[1] for unit in units])[spread.quantity]
    factors = np.where(spread.basis == BASES.index("offset"), factors, 1.0)
    out = {field.name: getattr(spread, field.name) for field in fields(spread)}
    out |= {name: out[name] * factors for name in _PARAMETERS}
    out["element_worst"] = spread.element_worst * factors[spread.element_rule]
    out["mode_worst"] = spread.mode_worst * factors[spread.mode_rule]
    return out


def draw_coherent_lanes(
    plant: PlantColumns,
    modes: CoherentModeColumns,
    paths: CoherentPathColumns,
    spread: SpreadColumns,
    request: DrawRequest,
    *,
    settings: CoherentSettings = DEFAULT_SETTINGS,
    task: Task | None = None,
) -> DrawnMargins:
    """Evaluate every channel of every path in draws of specimens.

    Parameters
    ----------
    settings
        As of :func:`~lightlane.kernels.evaluate_coherent_lanes`.

    Raises
    ------
    ParameterError
        If tables do not fit each other or hold a value that the model does not allow.
    Cancelled
        If ``task`` was cancelled.

    References
    ----------
    ``docs/models/uncertainty.md``.
    """
    columns = _core.draw_coherent(
        plant_in_si(plant),
        to_si_columns(modes),
        to_si_columns(paths),
        _spread_in_si(spread),
        **settings_in_si(settings),
        **request.arguments(),
        task=Task() if task is None else task,
    )
    return _margins(columns, len(request.quantiles))


def draw_direct_lanes(
    plant: PlantColumns,
    modes: DirectModeColumns,
    lanes: DirectLaneColumns,
    spread: SpreadColumns,
    request: DrawRequest,
    *,
    surrogates: EyeSurrogates | None = None,
    task: Task | None = None,
) -> DrawnMargins:
    """Evaluate every direct-detect lane in draws of specimens; see :func:`draw_coherent_lanes`.

    Raises
    ------
    ParameterError
        If tables do not fit each other or hold a value that the model does not allow.
    Cancelled
        If ``task`` was cancelled.

    References
    ----------
    ``docs/models/uncertainty.md``.
    """
    columns = _core.draw_direct(
        plant_in_si(plant),
        to_si_columns(modes),
        to_si_columns(lanes),
        _spread_in_si(spread),
        surrogates=None if surrogates is None else surrogates.core,
        **request.arguments(),
        task=Task() if task is None else task,
    )
    return _margins(columns, len(request.quantiles))


def list_coherent_draws(
    plant: PlantColumns,
    modes: CoherentModeColumns,
    paths: CoherentPathColumns,
    spread: SpreadColumns,
    draws: range,
    *,
    seed: int,
    settings: CoherentSettings = DEFAULT_SETTINGS,
    task: Task | None = None,
) -> DrawList:
    """Evaluate every channel in a range of draws and keep each link's worst; see :func:`draw_coherent_lanes`.

    Draw ``i`` is the same in every range that holds it.
    """
    columns = _core.list_coherent_draws(
        plant_in_si(plant),
        to_si_columns(modes),
        to_si_columns(paths),
        _spread_in_si(spread),
        **settings_in_si(settings),
        seed=seed,
        first_draw=draws.start,
        draws_count=len(draws),
        task=Task() if task is None else task,
    )
    return _list(columns, len(spread.link_key))


def list_direct_draws(
    plant: PlantColumns,
    modes: DirectModeColumns,
    lanes: DirectLaneColumns,
    spread: SpreadColumns,
    draws: range,
    *,
    seed: int,
    surrogates: EyeSurrogates | None = None,
    task: Task | None = None,
) -> DrawList:
    """Evaluate every direct-detect lane in a range of draws; see :func:`list_coherent_draws`."""
    columns = _core.list_direct_draws(
        plant_in_si(plant),
        to_si_columns(modes),
        to_si_columns(lanes),
        _spread_in_si(spread),
        surrogates=None if surrogates is None else surrogates.core,
        seed=seed,
        first_draw=draws.start,
        draws_count=len(draws),
        task=Task() if task is None else task,
    )
    return _list(columns, len(spread.link_key))


def _list(columns: dict[str, NDArray[Any]], links_count: int) -> DrawList:
    shape = (links_count, -1)
    return DrawList(columns["margin_db"].reshape(shape), columns["limited_by"].reshape(shape))


def _margins(columns: dict[str, NDArray[Any]], quantiles: int) -> DrawnMargins:
    return DrawnMargins(
        lane_margin_db=columns["lane_margin_db"].reshape(-1, quantiles),
        lane_outage_ratio=columns["lane_outage_ratio"],
        link_margin_db=columns["link_margin_db"].reshape(-1, quantiles),
        link_outage_ratio=columns["link_outage_ratio"],
        link_frame_loss_ratio=columns["link_frame_loss_ratio"].reshape(len(columns["link_outage_ratio"]), -1),
    )
