"""The batched budget: tables in engineering units in, columns in engineering units out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lightlane import _core
from lightlane.kernels.lane_answers import Columns, LaneAnswers
from lightlane.kernels.metrics import q_factor_db
from lightlane.kernels.si import to_si_columns
from lightlane.kernels.surrogate import EyeSurrogates
from lightlane.kernels.tables import (
    CoherentModeColumns,
    CoherentPathColumns,
    DirectLaneColumns,
    DirectModeColumns,
    Integers,
    PlantColumns,
)
from lightlane.kernels.task import Task

LIT = 1
"""Code of a channel with a signal, which is answered."""

LIMITS = (
    "none", "power", "overload", "osnr", "nonlinearity", "dispersion", "pmd", "pdl", "filtering", "crosstalk", "fec",
    "sop",
)  # fmt: skip
"""Words of the codes in ``limited_by``."""

BLOCKS = (*LIMITS, "closed_eye", "leaked_light")
"""Words of the codes in ``blocked``; a closed eye is limited by dispersion, leaked light by crosstalk."""

UNKNOWNS = (
    "",
    "the fiber has no attenuation figure at this wavelength",
    "the fiber has no dispersion figure at this wavelength",
    "the required OSNR of the mode is not known",
    "the least received power of the mode is not known",
    "the dispersion tolerance of the mode is not known",
    "the PMD tolerance of the mode is not known",
    "the PDL tolerance of the mode is not known",
    "a figure of the mode's power closure (OMA - TDECQ, insertion loss, allocation) is not known",
    "an amplifier's noise figure is not known at the gain that it needs",
    "the launch power of the mode is not known",
    "the level into an amplifier or ROADM stage is outside the range that its noise is specified for",
    "the figures of the mode's transmitter leave no open eye even without a fiber",
    "noise that grows with the received power keeps the symbol error ratio above its target",
    "the channels are so near to the fiber's zero dispersion that its nonlinear interference is not modeled",
    "the tolerance of the mode to polarization rotation is not known",
    "the tolerance of the mode to other channels at its receiver (colorless drop) is not known",
    "the nonlinear model isrs_gn has no place for Raman pumps; closed_form and integral have",
    "the mode's transmitter, or the dispersion that it is tested over, lies outside of the surrogate's tables",
    "the dispersion lies outside of the surrogate's table",
)
"""Words of the codes in ``unknown``."""

CONTRIBUTIONS = (
    "launch power",
    "{element}",
    "least received power",
    "greatest received power",
    "transmitter OSNR",
    "noise of {element}",
    "nonlinear interference of {element}",
    "chromatic dispersion penalty",
    "PMD penalty",
    "PDL penalty",
    "filtering penalty",
    "crosstalk penalty",
    "required OSNR",
    "low received power",
    "noise bandwidth (12.5 GHz to symbol rate)",
    "receiver and transceiver noise",
    "SNR at the FEC threshold",
    "OMA less TDECQ",
    "MPI and DGD allocation",
    "sensitivity for a perfect transmitter",
    "receiver shot noise",
    "loss budget",
    "largest TDECQ",
    "TDECQ behind this dispersion",
    "OMA less TDECQ as computed, over the least",
    "multipath interference",
    "polarization rotation penalty",
    "equalization-enhanced phase noise",
    "four-wave mixing",
    "colorless drop penalty",
    "in-band crosstalk penalty",
    "light of other lanes through the demultiplexer",
    "gain of the avalanche photodiode set for the light",
)
"""Words of the codes in ``contribution_kind``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoherentSettings:
    """How coherent lanes are evaluated.

    Attributes
    ----------
    amplifier_control
        What amplifiers hold on to while some channels are dark: ``level``, ``gain`` or ``power``.
    nonlinear_model
        ``closed_form``, ``isrs_gn`` for the model as published for long spans, or ``integral``.
    format_correction
        Take off what constellations make less nonlinear noise than Gaussian signals.
    sop_rate_krad_per_s
        Speed at which polarization rotates.
    """

    amplifier_control: str = "level"
    nonlinear_model: str = "closed_form"
    format_correction: bool = True
    sop_rate_krad_per_s: float = 0.0


DEFAULT_SETTINGS = CoherentSettings()


def settings_in_si(settings: CoherentSettings) -> dict[str, Any]:
    """Return the settings as keywords of the kernels."""
    return {
        "amplifier_control": settings.amplifier_control,
        "nonlinear_model": settings.nonlinear_model,
        "format_correction": settings.format_correction,
        "sop_rate_rad_per_s": settings.sop_rate_krad_per_s * 1e3,
    }


def plant_in_si(plant: PlantColumns) -> dict[str, Columns]:
    """Return the tables that all lane models share, each as a dictionary of SI columns."""
    return {
        "fibers": to_si_columns(plant.fibers),
        "amplifiers": to_si_columns(plant.amplifiers),
        "fecs": to_si_columns(plant.fecs),
        "elements": to_si_columns(plant.elements),
    }


def evaluate_coherent_lanes(
    plant: PlantColumns,
    modes: CoherentModeColumns,
    paths: CoherentPathColumns,
    *,
    explain: bool = False,
    settings: CoherentSettings = DEFAULT_SETTINGS,
    task: Task | None = None,
) -> Columns:
    """Evaluate every lit channel of every path.

    Parameters
    ----------
    settings
        How lanes are evaluated.

    Returns
    -------
    One array per quantity, one row per lit channel in the order of ``paths``, NaN where a quantity does not exist or
    is not known; ``blocked_value`` and ``blocked_end`` hold for rows that pass a limit alone. With ``explain`` the
    contributions of row i are ``contribution_*[contribution_offsets[i]:contribution_offsets[i + 1]]``. Codes are those
    of :data:`LIMITS`, :data:`UNKNOWNS` and :data:`CONTRIBUTIONS`.

    Raises
    ------
    ParameterError
        If tables do not fit each other or hold a value that the model does not allow.
    Cancelled
        If ``task`` was cancelled.

    References
    ----------
    ``docs/models/coherent-budget.md``.
    """
    rows = np.arange(np.count_nonzero(paths.occupancy == LIT))
    answers = LaneAnswers(len(rows))
    steps = fill_coherent_lanes(plant, modes, paths, answers, rows, explain=explain, settings=settings, task=task)
    return _finish(answers) | steps


def _finish(answers: LaneAnswers) -> Columns:
    columns = answers.finish()
    return columns | {"q_db": q_factor_db(columns["pre_fec_ber"])}


def fill_coherent_lanes(
    plant: PlantColumns,
    modes: CoherentModeColumns,
    paths: CoherentPathColumns,
    answers: LaneAnswers,
    rows: Integers,
    *,
    explain: bool = False,
    settings: CoherentSettings = DEFAULT_SETTINGS,
    task: Task | None = None,
) -> Columns:
    """Evaluate every lit channel of every path and write each answer to its row; return the contributions.

    Rows of other calls may lie between, but calls are fastest where the rows of one path lie near each other.
    See :func:`evaluate_coherent_lanes`.

    Raises
    ------
    ParameterError
        As there, and if there is not one row for each answer.
    Cancelled
        If ``task`` was cancelled.
    """
    return _core.evaluate_coherent(
        plant_in_si(plant),
        to_si_columns(modes),
        to_si_columns(paths),
        answers.at(rows),
        explain=explain,
        **settings_in_si(settings),
        task=Task() if task is None else task,
    )


def trace_coherent_paths(
    plant: PlantColumns,
    modes: CoherentModeColumns,
    paths: CoherentPathColumns,
    *,
    settings: CoherentSettings = DEFAULT_SETTINGS,
    task: Task | None = None,
) -> Columns:
    """Follow every channel of every path from element to element.

    Returns
    -------
    One row per path, channel that is not dark, and element, in this order: ``channel_row`` and ``element`` (rows of the
    tables), ``level_dbm`` behind the element, ``level_step_db``, ``noise_ratio`` (in 12.5 GHz) and ``nonlinear_ratio``
    (in the symbol rate) that it adds, ``attenuation_db`` of a fiber alone, ``chromatic_dispersion_ps_per_nm``. And one
    row per lit channel: ``kappa_ratio`` by which noise of the line counts at the decision, ``receiver_ratio`` and
    ``transmitter_ratio`` (12.5 GHz) of noise, ``tabled_penalty_db`` (dispersion, DGD, PDL, rotation) and
    ``shaped_penalty_db`` (filters, neighbors).

    Raises
    ------
    ParameterError
        If tables do not fit each other or hold a value that the model does not allow.

    References
    ----------
    ``docs/models/coherent-budget.md``.
    """
    task = Task() if task is None else task
    out = dict(
        _core.trace_coherent(
            plant_in_si(plant), to_si_columns(modes), to_si_columns(paths), **settings_in_si(settings), task=task
        )
    )
    out["chromatic_dispersion_ps_per_nm"] = out.pop("dispersion_s_per_m") * 1e3
    return out


def evaluate_direct_lanes(
    plant: PlantColumns,
    modes: DirectModeColumns,
    lanes: DirectLaneColumns,
    *,
    explain: bool = False,
    task: Task | None = None,
) -> Columns:
    """Evaluate every direct-detect lane; see :func:`evaluate_coherent_lanes` for the form of the answer.

    Raises
    ------
    ParameterError
        If tables do not fit each other or hold a value that the model does not allow.
    Cancelled
        If ``task`` was cancelled.

    References
    ----------
    ``docs/models/direct-budget.md``.
    """
    rows = np.arange(len(lanes.path))
    answers = LaneAnswers(len(rows))
    steps = fill_direct_lanes(plant, modes, lanes, answers, rows, explain=explain, task=task)
    return _finish(answers) | steps


def fill_direct_lanes(
    plant: PlantColumns,
    modes: DirectModeColumns,
    lanes: DirectLaneColumns,
    answers: LaneAnswers,
    rows: Integers,
    *,
    surrogates: EyeSurrogates | None = None,
    explain: bool = False,
    task: Task | None = None,
) -> Columns:
    """Evaluate every direct-detect lane and write each answer to its row; see :func:`fill_coherent_lanes`.

    Parameters
    ----------
    surrogates
        Eyes of simulated waveforms in place of those that are computed.

    Raises
    ------
    ParameterError
        As there.
    Cancelled
        If ``task`` was cancelled.
    """
    return _core.evaluate_direct(
        plant_in_si(plant),
        to_si_columns(modes),
        to_si_columns(lanes),
        answers.at(rows),
        surrogates=None if surrogates is None else surrogates.core,
        explain=explain,
        task=Task() if task is None else task,
    )


def limit_words(codes: NDArray[np.uint8]) -> NDArray[Any]:
    """Return the words of limit codes."""
    return np.array(LIMITS, dtype=object)[codes]
