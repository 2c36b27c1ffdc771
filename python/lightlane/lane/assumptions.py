"""The assumed figures that verdicts rest on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.parts import CoherentMode, DirectMode, Passive
from lightlane.columns import CodedTexts, Column, LateColumn, code_texts
from lightlane.lane.allowances import has_shape, is_dense
from lightlane.link import Link, part_kind

VERDICT_FIELDS = {
    "mode": frozenset(
        {
            "symbol_rate_gbd", "inner_amplitude_ratio", "launch_power_default_dbm", "launch_power_max_dbm",
            "tx_osnr_db",
            "required_osnr_db_by_received_power_dbm", "sensitivity_dbm", "overload_dbm", "kappa_db", "snr_trx_db",
            "loss_budget_db", "penalty_db_by_chromatic_dispersion_ps_per_nm", "penalty_db_by_dgd_mean_ps",
            "penalty_db_by_pdl_db", "penalty_db_by_sop_rate_krad_per_s", "penalty_db_by_colorless_ratio_db",
            "roll_off", "linewidth_max_khz",
            "tx_out_of_band_osnr_db", "penalty_filtering_db", "penalty_crosstalk_db", "oma_minus_tdecq_min_dbm",
            "tdecq_max_db", "insertion_loss_max_db", "mpi_dgd_allocation_db", "extinction_ratio_min_db",
            "reflectance_max_db",
            "received_power_max_dbm", "dispersion_min_ps_per_nm", "dispersion_max_ps_per_nm", "dgd_max_ps", "lanes",
            "apd_gain_ratio", "apd_ionization_ratio", "apd_bandwidth_ghz", "apd_gain_bandwidth_ghz",
            "target_ser_ratio", "chirp_alpha", "eo_bandwidth_ghz",
            "reference_equalizer", "oma_outer_min_dbm", "level_mismatch_ratio", "rin_db_per_hz",
            "rin_oma_max_db_per_hz", "demux_isolation_adjacent_db", "demux_isolation_non_adjacent_db",
            "lane_oma_difference_max_db", "aggressor_oma_dbm", "stressed_sensitivity_dbm",
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
            "incremental_osnr_coefficients", "gain_ripple_db_by_frequency_thz", "gain_tilt_max_db", "pumps",
        }
    ),
    "passive": frozenset(
        {
            "loss_db", "osnr_db", "output_power_dbm", "filtering_penalty_db", "passband_3db_ghz", "passband_10db_ghz",
            "frequency_tolerance_ghz", "isolation_adjacent_db", "isolation_non_adjacent_db", "reflectance_db",
            "in_band_crosstalk_db", "ports_count",
        }
    ),
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


UNKNOWN_REASON = "not known: taken as costing nothing"
UNKNOWN_REASONS = {"apd_gain_ratio": "not known: taken as the best for the light that arrives"}
"""What a verdict makes of a figure that nobody knows, and of some figures by name."""


LEAK_FIELDS = frozenset({"lane_oma_difference_max_db", "aggressor_oma_dbm", "stressed_sensitivity_dbm"})
"""Figures of a direct-detect mode that matter only where the isolation of its demultiplexer is known."""


SWITCHES = ("roadm_express", "roadm_add", "roadm_drop")
"""Kinds of passive parts that leak at a channel's own frequency: where no level is known, they are taken not to."""


def _uncounted(link: Link) -> list[str]:
    """Return the unknown figures that a verdict on this link takes as costing nothing."""
    mode = link.mode
    matters = dict.fromkeys(NOT_COUNTED[mode.detection], True)
    if isinstance(mode, CoherentMode):
        judged_by_osnr = mode.loss_budget_db is None
        # A table of required OSNR ends at the overload.
        matters["overload_dbm"] = len(mode.required_osnr_db_by_received_power_dbm or ()) < 2
        shaped = any(has_shape(element) for element in (*link.a_to_b, *link.b_to_a))
        matters["penalty_filtering_db"] = judged_by_osnr and link.muxed and is_dense(link) and not shaped
        matters["penalty_crosstalk_db"] = judged_by_osnr and link.channels > 1 and is_dense(link)
    else:
        matters |= _demux_and_gain(mode)
    return [name for name, counts in matters.items() if counts and getattr(mode, name) is None]


def _demux_and_gain(mode: DirectMode) -> dict[str, bool]:
    """Tell which figures of the demultiplexer and the avalanche photodiode would matter to a direct-detect mode."""
    greatest_db, stressed_db = mode.lane_oma_difference_max_db, mode.stressed_lane_difference_db
    # The sensitivity of a mode whose stressed test has lanes as unequal as the mode allows holds their light already.
    held = greatest_db is not None and stressed_db is not None and stressed_db >= greatest_db
    demultiplexes = not mode.parallel_fibers and len(mode.lanes) > 1
    avalanche = mode.detector == "apd"
    return {
        "demux_isolation_adjacent_db": demultiplexes and not held,
        "demux_isolation_non_adjacent_db": demultiplexes and not held and len(mode.lanes) > 2,
        "lane_oma_difference_max_db": demultiplexes and _has_isolation(mode),
        "apd_gain_ratio": avalanche,
        "apd_ionization_ratio": avalanche,
        "apd_gain_bandwidth_ghz": avalanche and mode.apd_gain_ratio is None,
    }


def _has_isolation(mode: DirectMode) -> bool:
    """Tell whether any isolation of the mode's demultiplexer is known."""
    return mode.demux_isolation_adjacent_db is not None or mode.demux_isolation_non_adjacent_db is not None


def assumed_values(link: Link) -> list[str]:
    """Return the assumed figures that a verdict on this link rests on, as ``part: field``, sorted.

    An unknown figure that the verdict takes as costing nothing is among them.
    """
    found = {f"{link.mode.id}: {name}" for name in _uncounted(link)}
    judged_by_osnr = isinstance(link.mode, CoherentMode) and link.mode.loss_budget_db is None
    for part in link.parts().values():
        if judged_by_osnr and isinstance(part, Passive) and part.kind in SWITCHES and part.in_band_crosstalk_db is None:
            found.add(f"{part.id}: in_band_crosstalk_db")
        if not part.assumed:
            continue
        fields = VERDICT_FIELDS.get(part_kind(part), frozenset())
        if link.channels == 1:
            # One channel has no slope that a tilt would level.
            fields -= {"gain_tilt_max_db"}
        if isinstance(part, DirectMode) and not _has_isolation(part):
            fields -= LEAK_FIELDS
        found |= {f"{part.id}: {name}" for name in part.assumed if name in fields}
    return sorted(found)


class AssumedColumn(LateColumn):
    """The column ``assumed`` of a batch: for each lane, by its link's index, the figures joined by ``; ``."""

    def __init__(self, links: Sequence[Link], link_index: NDArray[np.int64]) -> None:
        self._links, self._link_index = links, link_index
        self._known: dict[int, str] = {}

    def __call__(self) -> CodedTexts:
        """Return the whole column."""
        by_link = code_texts([self._text(number) for number in range(len(self._links))])
        return CodedTexts(by_link.codes[self._link_index], by_link.texts)

    def decode(self, rows: Any) -> Column:
        """Return the texts of some rows; only their links are looked at."""
        numbers = self._link_index[rows]
        texts = np.empty(len(numbers), dtype=object)
        texts[:] = [self._text(number) for number in numbers.tolist()]
        return texts

    def _text(self, number: int) -> str:
        known = self._known.get(number)
        if known is None:
            known = self._known[number] = "; ".join(assumed_values(self._links[number]))
        return known
