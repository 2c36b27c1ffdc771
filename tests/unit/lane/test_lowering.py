"""Lowering: which row of which table a link's parts become."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lightlane.catalog.load import load_catalog
from lightlane.catalog.parts import DirectMode
from lightlane.errors import ParameterError
from lightlane.kernels.tables import CoherentModeColumns, CoherentPathColumns, DirectLaneColumns, DirectModeColumns
from lightlane.lane.lowering import Lowered, _Elements, lower_coherent, lower_direct
from lightlane.lane.options import BudgetOptions
from lightlane.lane.part_tables import (
    DEFAULT_RESPONSIVITY_A_PER_W,
    KEPT_PARTS_COUNT,
    KEPT_TABLES_COUNT,
    lower_amplifiers,
    lower_coherent_modes,
    lower_fibers,
)
from lightlane.link import Link

MakeLink = Callable[..., Link]
CATALOG = load_catalog()
LINE = {
    "mux": "mux-75ghz",
    "booster": "edfa-fixed-5.5",
    "inline": "edfa-medium-gain",
    "preamplifier": "openroadm-ila-standard",
    "span_launch_power_dbm": 0.5,
    "received_power_dbm": -8.0,
}


def test_coherent_rows_are_channels_of_directions(make_link: MakeLink) -> None:
    links = [
        make_link("openzrplus-400g-ha", [60.0, 70.0], channels=3, line=LINE, launch_power_dbm=-3.0),
        make_link("400gbase-fr4", [1.0]),
        make_link("openzrplus-400g-hb", [80.0]),
    ]
    lowered = lower_coherent(links, [0, 2], BudgetOptions())
    assert lowered.path_link.tolist() == [0, 0, 2, 2]
    assert lowered.path_is_backward.tolist() == [False, True, False, True]
    assert lowered.row_path.tolist() == [0, 0, 0, 1, 1, 1, 2, 3]
    assert lowered.row_channel.tolist() == [0, 1, 2, 0, 1, 2, 0, 0]
    assert lowered.row_lane.tolist() == [0] * 8
    rows = lowered.rows
    assert isinstance(rows, CoherentPathColumns)
    assert rows.channel_offsets.tolist() == [0, 3, 6, 7, 8]
    assert rows.mode.tolist() == [0] * 6 + [1] * 2
    assert rows.launch_power_dbm.tolist() == [-3.0] * 6 + [0.0] * 2
    assert rows.slot_ghz.tolist() == [75.0] * 8
    assert rows.filtering_penalty_db.tolist() == [0.0] * 8
    elements = lowered.plant.elements
    assert elements.passband_10db_ghz[0] == CATALOG.get_passive("mux-75ghz").passband_10db_ghz
    assert np.isnan(elements.passband_10db_ghz[1])
    assert rows.crosstalk_penalty_db.tolist() == [1.0] * 6 + [0.0] * 2
    assert rows.passband_ghz[:6].tolist() == [CATALOG.get_passive("mux-75ghz").passband_3db_ghz] * 6
    assert np.isnan(rows.passband_ghz[6:]).all()


def test_elements_and_parts(make_link: MakeLink) -> None:
    run = {"connector_count": 2, "attenuation_db_per_km": 0.21, "extra_loss_db": 0.4}
    link = make_link("openzrplus-400g-ha", [60.0, 70.0], line=LINE, run=run)
    lowered = lower_coherent([link], [0], BudgetOptions())
    elements, plant = lowered.plant.elements, lowered.plant
    count = len(link.a_to_b)
    assert elements.path_offsets.tolist() == [0, count, 2 * count]
    assert elements.kind[:count].tolist() == [1, 2, 1, 0, 1, 2, 1, 0, 1, 2, 1]
    assert elements.part[:count].tolist() == [-1, 0, -1, 0, -1, 1, -1, 0, -1, 2, -1]
    fibers = elements.kind == 0
    assert elements.length_km[fibers].tolist() == [60.0, 70.0, 70.0, 60.0]
    assert set(elements.attenuation_db_per_km[fibers]) == {0.21}
    assert set(elements.loss_db[fibers]) == {0.4}
    assert [element.label for element in lowered.path_elements[:2]] == ["mux at site 0", "booster at site 0"]
    # One row for each amplifier type in order of use, each with its own kind of noise.
    assert plant.amplifiers.noise_figure_db[0] == 5.5
    assert np.isnan(plant.amplifiers.noise_figure_db[1:]).all()
    points = plant.amplifiers.noise_figure__noise_figure_db_by_gain_db.offsets
    assert np.diff(points).tolist() == [
        0,
        len(CATALOG.get_amplifier("edfa-medium-gain").noise_figure_db_by_gain_db or ()),
        0,
    ]
    coefficients = plant.amplifiers.osnr_coefficients.reshape(3, 4)
    assert np.isnan(coefficients[:2]).all()
    assert tuple(coefficients[2]) == CATALOG.get_amplifier("openroadm-ila-standard").incremental_osnr_coefficients


def test_typical_and_limit_figures_of_a_fiber(make_link: MakeLink) -> None:
    fiber = CATALOG.get_fiber("g652d")
    link = make_link("openzrplus-400g")
    typical = lower_coherent([link], [0], BudgetOptions()).plant.fibers
    limits = lower_coherent([link], [0], BudgetOptions(fiber_limits=True)).plant.fibers
    name = "attenuation__attenuation_db_per_km_by_wavelength_nm"
    assert getattr(typical, name).y.tolist() == [y for _, y in fiber.typical_attenuation_db_per_km_by_wavelength_nm]
    assert getattr(limits, name).y.tolist() == [y for _, y in fiber.limit_attenuation_db_per_km_by_wavelength_nm or ()]
    assert (typical.pmd_ps_per_sqrt_km[0], limits.pmd_ps_per_sqrt_km[0]) == (0.04, 0.2)
    assert (typical.dispersion_ps_per_nm_km[0], limits.dispersion_ps_per_nm_km[0]) == (16.7, 18.0)
    # A fiber without a limit figure keeps its typical one.
    bare = fiber.model_copy(update={"limit_pmd_ps_per_sqrt_km": None})
    lowered = lower_coherent([make_link("openzrplus-400g", fiber=bare)], [0], BudgetOptions(fiber_limits=True))
    assert lowered.plant.fibers.pmd_ps_per_sqrt_km[0] == 0.04


def test_variants_of_a_part_are_rows_of_their_own(make_link: MakeLink) -> None:
    mode = CATALOG.get_mode("oif-400zr")
    variant = mode.model_copy(update={"tx_osnr_db": 40.0})
    fiber = CATALOG.get_fiber("g652d")
    better = fiber.model_copy(update={"pmd_ps_per_sqrt_km": 0.02})
    links = [
        make_link("oif-400zr", mode=mode, fiber=fiber),
        make_link("oif-400zr", mode=variant, fiber=better),
        make_link("oif-400zr", mode=mode, fiber=better),
    ]
    lowered = lower_coherent(links, range(3), BudgetOptions())
    assert isinstance(lowered.modes, CoherentModeColumns)
    assert isinstance(lowered.rows, CoherentPathColumns)
    assert lowered.modes.tx_osnr_db.tolist() == [34.0, 40.0]
    assert lowered.rows.mode.tolist() == [0, 0, 1, 1, 0, 0]
    assert lowered.plant.fibers.pmd_ps_per_sqrt_km.tolist() == [0.04, 0.02]
    assert lowered.plant.elements.part.tolist() == [0, 0, 1, 1, 1, 1]
    # The FEC of both is one part and one row.
    assert lowered.modes.fec.tolist() == [0, 0]
    assert len(lowered.plant.fecs.kind) == 1


def test_modes_find_their_own_fec(make_link: MakeLink) -> None:
    links = [make_link("openzrplus-400g"), make_link("oif-400zr"), make_link("openzrplus-400g-ha")]
    lowered = lower_coherent(links, range(3), BudgetOptions())
    assert isinstance(lowered.modes, CoherentModeColumns)
    thresholds = lowered.plant.fecs.threshold_ber[lowered.modes.fec]
    assert thresholds.tolist() == [0.02, 0.0125, 0.02]


def test_penalties_start_at_zero_unless_their_table_does(make_link: MakeLink) -> None:
    mode = CATALOG.get_mode("oif-400zr").model_copy(
        update={
            "penalty_db_by_pdl_db": ((1.0, 0.5), (2.0, 1.0)),
            "penalty_db_by_dgd_mean_ps": ((0.0, 0.1), (10.0, 0.5)),
            "penalty_db_by_chromatic_dispersion_ps_per_nm": ((-100.0, 0.2), (2400.0, 0.5)),
        }
    )
    lowered = lower_coherent([make_link("oif-400zr", mode=mode)], [0], BudgetOptions())
    modes = lowered.modes
    assert isinstance(modes, CoherentModeColumns)
    assert modes.pdl_penalty__penalty_db_by_pdl_db.x.tolist() == [0.0, 1.0, 2.0]
    assert modes.pdl_penalty__penalty_db_by_pdl_db.y.tolist() == [0.0, 0.5, 1.0]
    assert modes.dgd_penalty__penalty_db_by_dgd_ps.x.tolist() == [0.0, 10.0]
    assert modes.dispersion_penalty__penalty_db_by_dispersion_ps_per_nm.x.tolist() == [-100.0, 2400.0]


def test_direct_rows_are_lanes_of_channels_of_directions(make_link: MakeLink) -> None:
    links = [make_link("800g-2xfr4", [1.0], channels=2), make_link("400gbase-lr8", [5.0], launch_power_dbm=1.0)]
    lowered = lower_direct(links, [0, 1], BudgetOptions())
    # Two engines of four lanes, two channels, two directions; then eight lanes, two directions.
    assert len(lowered.row_path) == 2 * 2 * 8 + 2 * 8
    assert lowered.row_path.tolist() == [0] * 16 + [1] * 16 + [2] * 8 + [3] * 8
    assert lowered.row_lane.tolist() == [*range(8)] * 6
    assert lowered.row_channel[:16].tolist() == [0] * 8 + [1] * 8
    rows, mode = lowered.rows, CATALOG.get_mode("400gbase-fr4")
    assert isinstance(rows, DirectLaneColumns)
    assert isinstance(mode, DirectMode)
    assert rows.center_nm[:8].tolist() == [lane.center_nm for lane in mode.lanes] * 2
    assert np.isnan(rows.launch_power_dbm[:32]).all()
    assert set(rows.launch_power_dbm[32:]) == {1.0}


def test_direct_links_of_one_mode_keep_modules_powers_and_channels_of_their_own(make_link: MakeLink) -> None:
    mode = CATALOG.get_mode("400gbase-fr4")
    cases = [("800g-2xfr4", 1, None), ("400gbase-fr4", 1, None), ("800g-2xfr4", 2, 0.5), ("400gbase-fr4", 1, 0.5)]
    links = [make_link(name, mode=mode, channels=count, launch_power_dbm=level) for name, count, level in 2 * cases]
    together = lower_direct(links, range(len(links)), BudgetOptions())
    assert isinstance(together.rows, DirectLaneColumns)
    assert set(together.rows.mode) == {0}
    for number, (name, count, level) in enumerate(2 * cases):
        own = together.row_path == 2 * number
        lanes_count = CATALOG.get_module(name).engines_count * 4
        assert together.row_lane[own].tolist() == [*range(lanes_count)] * count
        assert together.row_channel[own].tolist() == np.repeat(np.arange(count), lanes_count).tolist()
        expected_dbm = math.nan if level is None else level
        np.testing.assert_array_equal(together.rows.launch_power_dbm[own], expected_dbm)


def test_detectors_and_their_defaults(make_link: MakeLink) -> None:
    links = [make_link("400gbase-fr4", [1.0]), make_link("400gbase-er8", [30.0]), make_link("400g-er4-30", [20.0])]
    bare = CATALOG.get_mode("400gbase-fr4").model_copy(
        update={"responsivity_a_per_w": None, "dark_current_na": None, "apd_gain_ratio": 8.0}
    )
    links.append(make_link("400gbase-fr4", [1.0], mode=bare))
    modes = lower_direct(links, range(4), BudgetOptions()).modes
    assert isinstance(modes, DirectModeColumns)
    # The gain of an APD that states none is found in the kernel; what a PIN says of one counts for nothing.
    assert modes.gain_ratio.tolist() == pytest.approx([1.0, math.nan, math.nan, 1.0], nan_ok=True)
    assert modes.ionization_ratio.tolist() == [0.0, 0.18, 0.18, 0.0]
    assert modes.apd_gain_bandwidth_ghz[1:3].tolist() == [290.0, 290.0]
    assert modes.responsivity_a_per_w[3] == DEFAULT_RESPONSIVITY_A_PER_W
    assert modes.dark_current_na[3] == 0.0


def test_limits_cross_as_they_stand_and_missing_ones_as_nan(make_link: MakeLink) -> None:
    mode = CATALOG.get_mode("400g-lr4-10")
    assert isinstance(mode, DirectMode)
    bare = mode.model_copy(update={"dispersion_min_ps_per_nm": None, "insertion_loss_max_db": None})
    links = [make_link("800g-2xlr4", [1.0], mode=mode), make_link("800g-2xlr4", [1.0], mode=bare)]
    modes = lower_direct(links, [0, 1], BudgetOptions()).modes
    assert isinstance(modes, DirectModeColumns)
    assert modes.dispersion_min_ps_per_nm[0] == mode.dispersion_min_ps_per_nm
    assert modes.dispersion_max_ps_per_nm.tolist() == [mode.dispersion_max_ps_per_nm] * 2
    assert np.isnan([modes.dispersion_min_ps_per_nm[1], modes.insertion_loss_max_db[1]]).all()


def test_the_wrong_kind_of_link_is_refused(make_link: MakeLink) -> None:
    with pytest.raises(ParameterError, match="is not coherent"):
        lower_coherent([make_link("400gbase-fr4", [1.0])], [0], BudgetOptions())
    with pytest.raises(ParameterError, match="is not direct-detect"):
        lower_direct([make_link("oif-400zr")], [0], BudgetOptions())


def _print_tables(lowered: Lowered) -> dict[str, str]:
    tables = {
        "elements": lowered.plant.elements, "fibers": lowered.plant.fibers, "amplifiers": lowered.plant.amplifiers,
        "fecs": lowered.plant.fecs, "modes": lowered.modes, "rows": lowered.rows,
    }  # fmt: skip
    with np.printoptions(threshold=10**9, floatmode="unique"):
        return {name: repr(table) for name, table in tables.items()}


def test_elements_are_lowered_once_while_links_have_the_same(
    make_link: MakeLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = [
        make_link("openzrplus-400g-ha", [60.0, 70.0], channels=3, line=LINE, launch_power_dbm=-3.0) for _ in range(20)
    ]
    louder = [replace(link, launch_power_dbm=-1.0) for link in links]
    first, *others = links[0].a_to_b
    worse = [replace(links[0], a_to_b=(first.with_figures(loss_db=9.0), *others)), *links[1:]]
    noisier = next(item for item in links[5].b_to_a if item.kind == "amplifier")
    part = noisier.part.model_copy(update={"noise_figure_db": 9.0})
    aged = [item if item is not noisier else item.with_figures(part=part) for item in links[5].b_to_a]
    older = [*links[:5], replace(links[5], b_to_a=tuple(aged)), *links[6:]]
    limits = BudgetOptions(fiber_limits=True)
    cases = {
        "as they are": (links, BudgetOptions()), "louder": (louder, BudgetOptions()), "limits": (louder, limits),
        "a worse joint": (worse, BudgetOptions()), "an older amplifier": (older, BudgetOptions()),
        "one less": (links[:-1], BudgetOptions()), "turned": (links[::-1], BudgetOptions()),
    }  # fmt: skip
    alone = {}
    for name, (chosen, options) in cases.items():
        monkeypatch.setattr(_Elements, "_kept", ())
        alone[name] = _print_tables(lower_coherent(chosen, range(len(chosen)), options))
    assert alone["a worse joint"]["elements"] != alone["as they are"]["elements"]
    assert alone["an older amplifier"]["amplifiers"] != alone["as they are"]["amplifiers"]
    assert alone["limits"]["fibers"] != alone["louder"]["fibers"]
    for before, earlier in cases.values():
        for name, (chosen, options) in cases.items():
            monkeypatch.setattr(_Elements, "_kept", ())
            lower_coherent(before, range(len(before)), earlier)
            found = lower_coherent(chosen, range(len(chosen)), options)
            assert _print_tables(found) == alone[name]
    monkeypatch.setattr(_Elements, "_kept", ())
    one = lower_coherent(links, range(20), BudgetOptions())
    assert lower_coherent(louder, range(20), limits).plant.elements is one.plant.elements
    for number in range(2 * _Elements.KEPT_COUNT):
        lower_coherent(links[number % 3 :], range(17), BudgetOptions())
    assert len(_Elements._kept) <= _Elements.KEPT_COUNT
    # What is shared cannot be changed.
    with pytest.raises(ValueError, match="read-only"):
        one.plant.elements.loss_db[0] = 1.0


def test_tables_of_parts_are_those_of_the_parts_that_are_asked_for() -> None:
    fiber, amplifier = CATALOG.get_fiber("g652d"), CATALOG.get_amplifier("edfa-fixed-5.5")
    typical, limits = lower_fibers([fiber], False), lower_fibers([fiber], True)
    assert (typical.pmd_ps_per_sqrt_km[0], limits.pmd_ps_per_sqrt_km[0]) == (0.04, 0.2)
    assert lower_fibers([fiber], False) is typical
    modes = [CATALOG.get_mode("oif-400zr"), CATALOG.get_mode("openzrplus-zr400-16qam")]
    assert lower_coherent_modes(modes, (0, 1)).fec.tolist() == [0, 1]
    assert lower_coherent_modes(modes, (1, 0)).fec.tolist() == [1, 0]
    for number in range(3 * KEPT_TABLES_COUNT):
        # One is gone before the next, which may take its place in memory.
        part = amplifier.model_copy(update={"noise_figure_db": 4.0 + number})
        assert lower_amplifiers([part]).noise_figure_db.tolist() == [4.0 + number]
        del part
    many = [amplifier.model_copy(update={"noise_figure_db": 4.0 + number}) for number in range(KEPT_PARTS_COUNT + 1)]
    assert lower_amplifiers(many).noise_figure_db[-1] == 4.0 + KEPT_PARTS_COUNT
    assert lower_amplifiers(many) is not lower_amplifiers(many)
    # What is shared cannot be changed.
    for column in (typical.pmd_ps_per_sqrt_km, typical.attenuation__attenuation_db_per_km_by_wavelength_nm.y):
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 1.0
