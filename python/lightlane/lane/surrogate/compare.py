"""One direct-detect link by budget, surrogate and waveform."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from lightlane.catalog.parts import DirectMode
from lightlane.errors import ModelError, ParameterError
from lightlane.lane.budget import evaluate_link
from lightlane.lane.model import LaneResult, LinkResult
from lightlane.lane.waveform.direct.tdecq import measure_lane_tdecq
from lightlane.lane.waveform.settings import DEFAULT_WAVEFORM, WaveformSettings
from lightlane.lane.waveform.simulate import simulate_link
from lightlane.link import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneFigures:
    """What one model says of a lane; NaN for what it does not know or where the eye is closed."""

    tdecq_db: float
    sensitivity_oma_dbm: float
    fec_margin_db: float
    margin_db: float
    status: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedLane:
    """The worst lane of a link by all models.

    Attributes
    ----------
    figures
        By fidelity: ``budget``, ``surrogate``, ``waveform``.
    bare_difference_db
        Sensitivity by surrogate less that by waveform, without reflections, DGD and four-wave mixing.
    """

    lane: int
    dispersion_ps_per_nm: float
    figures: dict[str, LaneFigures]
    bare_difference_db: float


def compare_lane(link: Link, bare: Link, *, settings: WaveformSettings = DEFAULT_WAVEFORM) -> ComparedLane:
    """Return the lane of a link that the budget gives the least margin, by all models.

    Parameters
    ----------
    bare
        The same link without what the models count in different ways.
    settings
        Of the waveform.

    Raises
    ------
    ParameterError
        If the link is not direct-detect.
    """
    mode = link.mode
    if not isinstance(mode, DirectMode):
        raise ParameterError(f"link {link.name!r} is not direct-detect; allowed: a link of a direct-detect mode")
    budget = evaluate_link(link)
    worst = min(
        (lane for lane in budget.lanes if lane.direction == "a_to_b"),
        key=lambda lane: lane.fec_margin_db if math.isfinite(lane.fec_margin_db) else math.inf,
    )
    own = replace(settings, lanes=(worst.lane,))
    surrogate = _same(evaluate_link(link, fidelity="surrogate"), worst)
    waveform = _simulate(link, own)
    tdecq_db = _measure(mode, own, worst) if math.isfinite(worst.chromatic_dispersion_ps_per_nm) else math.nan
    found = {
        "budget": _figures(worst, worst.tdecq_db),
        "surrogate": _figures(surrogate, surrogate.tdecq_db),
        "waveform": _figures(waveform, tdecq_db),
    }
    bare_waveform = _simulate(bare, own)
    bare_surrogate = _same(evaluate_link(bare, fidelity="surrogate"), worst)
    return ComparedLane(
        lane=worst.lane,
        dispersion_ps_per_nm=worst.chromatic_dispersion_ps_per_nm,
        figures=found,
        bare_difference_db=(
            bare_surrogate.sensitivity_oma_dbm - bare_waveform.sensitivity_oma_dbm
            if bare_waveform is not None
            else math.nan
        ),
    )


def _same(result: LinkResult, wanted: LaneResult) -> LaneResult:
    return next(lane for lane in result.lanes if (lane.direction, lane.lane) == (wanted.direction, wanted.lane))


def _simulate(link: Link, settings: WaveformSettings) -> LaneResult | None:
    """Return the simulated lane; None where a figure that the simulation needs is not known."""
    try:
        return simulate_link(link, settings=settings).result.lanes[0]
    except ParameterError:
        return None


def _measure(mode: DirectMode, settings: WaveformSettings, lane: LaneResult) -> float:
    try:
        return measure_lane_tdecq(
            mode,
            settings.direct_hardware,
            wavelength_nm=lane.wavelength_nm,
            dispersion_ps_per_nm=lane.chromatic_dispersion_ps_per_nm,
            seed=settings.seed,
        ).tdecq_db
    except (ModelError, ParameterError):
        return math.nan


def _figures(lane: LaneResult | None, tdecq_db: float) -> LaneFigures:
    if lane is None:
        return LaneFigures(
            tdecq_db=tdecq_db,
            sensitivity_oma_dbm=math.nan,
            fec_margin_db=math.nan,
            margin_db=math.nan,
            status="unknown",
            reason="a figure is not known",
        )
    return LaneFigures(
        tdecq_db=tdecq_db,
        sensitivity_oma_dbm=lane.sensitivity_oma_dbm,
        fec_margin_db=lane.fec_margin_db,
        margin_db=lane.margin_db,
        status=lane.status,
        reason=lane.blocked_by or lane.unknown_because,
    )
