"""Laws of the coherent kernels on figures drawn at random."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lightlane import kernels
from lightlane.kernels import Passband

widths = st.tuples(st.floats(45, 120), st.floats(1.05, 1.6), st.floats(-8, 8)).map(
    lambda figures: Passband(figures[0], figures[0] * figures[1], figures[2])
)
# Edges sharper than a hundredth, which no signal has, fall between the nodes of the overlap and cost it up to 2e-3 dB.
ROLL_OFFS = st.one_of(st.just(0.0), st.floats(0.01, 1.0))
signals = st.fixed_dictionaries({"symbol_rate_gbd": st.floats(28, 131), "roll_off": ROLL_OFFS})
snrs_db = st.floats(3, 30)
lengths = st.lists(st.floats(0.05, 3.0), min_size=0, max_size=8)
shapes = st.sampled_from(["flat_top", "super_gaussian"])


@settings(deadline=None, max_examples=60)
@given(st.lists(widths, max_size=6), signals, snrs_db, shapes, st.data())
def test_filters_never_help_and_cost_nothing_behind_all_noise(passbands, signal, snr_db, shape, data) -> None:  # type: ignore[no-untyped-def]
    count = data.draw(st.integers(0, len(passbands)))
    found = kernels.filter_signal(passbands, [snr_db], passbands_before_count=[count], shape=shape, **signal)
    assert found.snr_db <= snr_db + 1e-3
    assert found.passed_power_db <= 1e-9
    edge_ghz = 0.5 * signal["symbol_rate_gbd"] * (1 + signal["roll_off"])
    if count == 0 and np.all(kernels.cascade_transmission_db([-edge_ghz, edge_ghz], passbands, shape=shape) > -1000):
        assert found.snr_db > snr_db - 1e-6
    # Noise of the receiver on top of it only takes away.
    last = kernels.filter_signal(passbands, [snr_db], passbands_before_count=[len(passbands)], shape=shape, **signal)
    more = kernels.filter_signal(
        passbands, [snr_db], passbands_before_count=[len(passbands)], receiver_snr_db=snr_db, shape=shape, **signal
    )
    assert more.snr_db <= last.snr_db + 1e-9


@settings(deadline=None)
@given(st.lists(widths, min_size=1, max_size=5), widths, shapes)
def test_one_more_filter_never_widens(passbands, another, shape) -> None:  # type: ignore[no-untyped-def]
    # Logarithms of the transmissions are concave; the product lies below each of them on both sides of its peak.
    centered = [Passband(band.width_3db_ghz, band.width_10db_ghz) for band in (*passbands, another)]
    for depth_db in (3.0, 10.0):
        wide = kernels.cascade_width_ghz(centered[:-1], depth_db=depth_db, shape=shape)
        assert kernels.cascade_width_ghz(centered, depth_db=depth_db, shape=shape) <= wide * (1 + 1e-9)


@settings(deadline=None)
@given(signals, signals, st.floats(0, 200), st.floats(-10, 10))
def test_crosstalk_is_bounded_and_falls_with_spacing(signal, other, spacing_ghz, level_db) -> None:  # type: ignore[no-untyped-def]
    figures = {
        "neighbor_symbol_rate_gbd": other["symbol_rate_gbd"],
        "neighbor_roll_off_ratio": other["roll_off"],
        "neighbor_level_db": level_db,
        **signal,
    }
    near, far = kernels.neighbor_crosstalk_db([spacing_ghz, spacing_ghz + 5.0], **figures)
    assert near <= level_db + 1e-4
    assert far <= near + 1e-4


@settings(deadline=None, max_examples=60)
@given(lengths, st.floats(0.05, 3.0), st.floats(0, 5))
def test_one_more_element_raises_the_mean(elements, another, fiber_ps) -> None:  # type: ignore[no-untyped-def]
    both = [*elements, another]
    assert kernels.pdl_mean_db(element_pdl_db=both) >= kernels.pdl_mean_db(element_pdl_db=elements) - 1e-5
    assert kernels.pdl_mean_db(element_pdl_db=both) <= sum(both) + 1e-5
    mean_ps = kernels.dgd_mean_ps(fiber_mean_dgd_ps=fiber_ps, element_dgd_ps=elements)
    assert kernels.dgd_mean_ps(fiber_mean_dgd_ps=fiber_ps, element_dgd_ps=both) >= mean_ps - 1e-5


@settings(deadline=None, max_examples=60)
@given(lengths, st.floats(0, 5))
@example([2.0, 0.0546875], 6e-142)
@example([1.0, 1.5], 6e-142)
@example([1.0, 1.5], 1e-3)
@example([3.0, 0.05, 0.05], 1.2e-3)
def test_exceedance_falls_from_one_to_nothing(elements, fiber_ps) -> None:  # type: ignore[no-untyped-def]
    total = sum(elements)
    pdl = kernels.pdl_exceedance_ratio(np.linspace(0, total, 30), element_pdl_db=elements)
    dgd = kernels.dgd_exceedance_ratio(
        np.linspace(0, total + 6 * fiber_ps, 30), fiber_mean_dgd_ps=fiber_ps, element_dgd_ps=elements
    )
    for tail in (pdl, dgd):
        assert np.all((tail >= 0) & (tail <= 1))
        assert np.all(np.diff(tail) <= 1e-8)
        assert tail[-1] < 1e-8


@settings(deadline=None)
@given(
    st.floats(-24, -8),
    st.lists(st.floats(0.3, 4), min_size=1, max_size=4),
    st.lists(st.floats(0.05, 5), min_size=4, max_size=4),
    st.floats(10, 28),
    st.booleans(),
)
def test_a_receiver_never_asks_for_more_at_more_power(knee_dbm, steps_db, rises_db, ample_db, has_sensitivity) -> None:  # type: ignore[no-untyped-def]
    powers = knee_dbm - np.concatenate([[0.0], np.cumsum(steps_db)])
    osnrs = ample_db + np.concatenate([[0.0], np.cumsum(rises_db[: len(steps_db)])])
    points = list(zip(powers[::-1].tolist(), osnrs[::-1].tolist(), strict=True))
    limit_dbm = points[0][0] if has_sensitivity else None
    fit = kernels.fit_receiver(points, sensitivity_dbm=limit_dbm)
    curve = kernels.receiver_required_osnr_db(np.linspace(points[0][0], knee_dbm + 10, 100), fit)
    known = curve[~np.isnan(curve)]
    assert np.all(np.diff(known) <= 1e-12)
    assert known[-1] >= ample_db
    assert float(kernels.receiver_required_osnr_db(knee_dbm + 200, fit)) == ample_db
    # Every point is met, whatever the law makes of them.
    found = kernels.receiver_required_osnr_db([power for power, _ in points], fit)
    np.testing.assert_allclose(found, [osnr for _, osnr in points], atol=1e-9)


@settings(deadline=None)
@given(st.floats(-10, 14), st.floats(0.1, 5), st.floats(0.5, 0.95))
def test_information_rises_with_snr_below_capacity(snr_db, step_db, inner_ratio) -> None:  # type: ignore[no-untyped-def]
    for modulation, inner in (("qpsk", None), ("16qam", None), ("pcs16qam", inner_ratio)):
        low, high = kernels.gmi_bits([snr_db, snr_db + step_db], modulation=modulation, inner_amplitude_ratio=inner)
        assert low <= high + 1e-9
        assert high <= np.log2(1 + 10 ** ((snr_db + step_db) / 10))
        information = kernels.mutual_information_bits(snr_db, modulation=modulation, inner_amplitude_ratio=inner)
        assert low <= float(information) + 1e-9
