"""Levels along an amplified line: what amplifiers set, what Raman scattering tilts, what dark channels change."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lightlane.catalog.load import load_catalog
from lightlane.errors import ParameterError
from lightlane.lane.budget import evaluate_links
from lightlane.lane.options import BudgetOptions
from lightlane.link import Link

MakeLink = Callable[..., Link]
CATALOG = load_catalog()
FLAT = CATALOG.get_amplifier("edfa-fixed-5.5").model_copy(
    update={"output_power_max_dbm": 30.0, "gain_max_db": 60.0, "gain_tilt_max_db": None}
)


def _line(amplifier: Any, **changes: Any) -> dict[str, Any]:
    levels = {"span_launch_power_dbm": 2.0, "received_power_dbm": -6.0}
    return {"mux": "mux-75ghz", "booster": amplifier, "preamplifier": amplifier, **levels, **changes}


def _one_way(link: Link, column: str, **options: Any) -> NDArray[np.float64]:
    columns = evaluate_links([link], options=BudgetOptions(**options)).columns
    return np.asarray(columns[column][columns["direction"] == "a_to_b"], dtype=np.float64)


def _mean_dbm(levels_dbm: NDArray[np.float64]) -> float:
    return float(10 * np.log10(np.mean(10 ** (levels_dbm / 10))))


def test_raman_scattering_tilts_a_line_that_nothing_levels(make_link: MakeLink) -> None:
    link = make_link("openzrplus-400g-ha", [80.0], channels=64, line=_line(FLAT))
    levels_dbm = _one_way(link, "received_power_dbm")
    fiber = CATALOG.get_fiber("g652d")
    per_km = np.interp(1548.0, *zip(*fiber.typical_attenuation_db_per_km_by_wavelength_nm, strict=True))
    alpha_per_km = per_km * math.log(10) / 10
    effective_km = (1 - math.exp(-alpha_per_km * 80)) / alpha_per_km
    total_w = 64e-3 * 10**0.2
    expected_db = 10 / math.log(10) * (fiber.raman_slope_per_w_km_thz or 0) * total_w * effective_km * 63 * 0.075
    # The fiber's own attenuation over wavelength is the same for an idle comb: it is taken off.
    idle = make_link("openzrplus-400g-ha", [80.0], channels=64, line=_line(FLAT, span_launch_power_dbm=-40.0))
    tilt_db = levels_dbm - _one_way(idle, "received_power_dbm")
    assert tilt_db[0] - tilt_db[-1] == pytest.approx(expected_db, rel=0.01)
    assert expected_db > 0.8
    assert np.all(np.diff(tilt_db) < 0), "lower frequencies gain"


def test_an_amplifier_meets_its_target_on_average(make_link: MakeLink) -> None:
    for amplifier in (FLAT, "edfa-fixed-5.5", "juniper-booster-hg", "adva-am-s20h-2"):
        link = make_link("openzrplus-400g-ha", [70.0, 90.0], channels=20, line=_line(amplifier, inline=FLAT))
        levels_dbm = _one_way(link, "received_power_dbm")
        assert _mean_dbm(levels_dbm) == pytest.approx(-6.0, abs=1e-9), amplifier
        assert np.ptp(levels_dbm) > 1e-3


def test_tilt_control_levels_the_line_as_far_as_it_reaches(make_link: MakeLink) -> None:
    spread_db = {}
    for reach_db in (None, 0.3, 5.0):
        amplifier = FLAT.model_copy(update={"gain_tilt_max_db": reach_db})
        run = {"attenuation_db_per_km": 0.2}
        link = make_link("openzrplus-400g-ha", [80.0], channels=64, line=_line(amplifier), run=run)
        spread_db[reach_db] = np.ptp(_one_way(link, "received_power_dbm"))
    # The Raman tilt in decibels is a straight line: the amplifier turns all of it around.
    assert spread_db[5.0] < 1e-9
    assert spread_db[None] - spread_db[0.3] == pytest.approx(0.3 * 63 * 0.075 / 4.8, abs=1e-9)


def test_ripple_adds_up_over_amplifiers_alike(make_link: MakeLink) -> None:
    part = CATALOG.get_amplifier("juniper-booster-hg").model_copy(
        update={"output_power_max_dbm": 30.0, "gain_tilt_max_db": None, "gain_min_db": 0.0}
    )
    fiber = CATALOG.get_fiber("g652d").model_copy(update={"raman_slope_per_w_km_thz": None})
    for count in (1, 3):
        link = make_link(
            "openzrplus-400g-ha",
            [90.0] * count,
            channels=8,
            fiber=fiber,
            run={"attenuation_db_per_km": 0.2},
            line={**_line(None), "booster": None, "inline": part, "preamplifier": part},
        )
        levels_dbm = _one_way(link, "received_power_dbm")
        ripple_db = np.interp(link.frequencies_thz, *zip(*part.gain_ripple_db_by_frequency_thz or (), strict=True))
        np.testing.assert_allclose(levels_dbm - levels_dbm[0], count * (ripple_db - ripple_db[0]), atol=1e-9)


def test_one_channel_is_what_its_target_says(make_link: MakeLink) -> None:
    link = make_link("openzrplus-400g-ha", [80.0], line=_line("juniper-booster-hg"))
    assert _one_way(link, "received_power_dbm")[0] == pytest.approx(-6.0, abs=1e-12)


def test_dark_channels_have_no_rows(make_link: MakeLink) -> None:
    link = make_link("openzrplus-400g-ha", [80.0], channels=8, lit_channels=[1, 2, 6], line=_line(FLAT))
    columns = evaluate_links([link]).columns
    assert columns["channel_index"].tolist() == [1, 1, 2, 2, 6, 6]
    np.testing.assert_allclose(columns["frequency_thz"][::2], np.array(link.frequencies_thz)[[1, 2, 6]], rtol=1e-15)
    assert link.rate_gbps == 1200.0


def test_what_amplifiers_hold_on_to(make_link: MakeLink) -> None:
    whole = make_link("openzrplus-400g-ha", [80.0], channels=16, line=_line(FLAT))
    some = make_link("openzrplus-400g-ha", [80.0], channels=16, lit_channels=[3, 4, 11, 12], line=_line(FLAT))
    before = _one_way(whole, "received_power_dbm")[[3, 4, 11, 12]]
    levels = {word: _one_way(some, "received_power_dbm", amplifier_control=word) for word in ("level", "gain", "power")}
    assert _mean_dbm(levels["level"]) == pytest.approx(-6.0, abs=1e-9)
    # With the gain held, only the Raman tilt of the missing neighbors is gone.
    np.testing.assert_allclose(levels["gain"], before, atol=0.1)
    assert np.abs(levels["gain"] - before).max() > 1e-3
    # A quarter of the channels share the whole power.
    assert _mean_dbm(levels["power"]) == pytest.approx(-6.0 + 10 * math.log10(4), abs=1e-9)
    snr = {word: _one_way(some, "snr_nli_db", amplifier_control=word) for word in ("gain", "power")}
    assert np.all(snr["power"] < snr["gain"] - 10)


def test_noise_in_idle_channels_keeps_the_line_loaded(make_link: MakeLink) -> None:
    lit = [0, 7, 15]
    whole = make_link("openzrplus-400g-ha", [80.0], channels=16, line=_line(FLAT))
    some = make_link("openzrplus-400g-ha", [80.0], channels=16, lit_channels=lit, line=_line(FLAT))
    for column in ("received_power_dbm", "osnr_db"):
        np.testing.assert_array_equal(_one_way(some, column, idle_channels="noise"), _one_way(whole, column)[lit])
    # Gaussian noise disturbs no less than the signals whose place it takes.
    assert np.all(_one_way(some, "snr_nli_db", idle_channels="noise") <= _one_way(whole, "snr_nli_db")[lit])
    assert np.all(_one_way(some, "snr_nli_db") > _one_way(whole, "snr_nli_db")[lit])


@pytest.mark.parametrize("lit", [[], [2, 1], [1, 1], [-1], [4]])
def test_lit_channels_are_channels(make_link: MakeLink, lit: list[int]) -> None:
    with pytest.raises(ParameterError, match="lit_channels is "):
        make_link("openzrplus-400g-ha", [80.0], channels=4, lit_channels=lit, line=_line(FLAT))


def test_options_are_words_that_exist() -> None:
    with pytest.raises(ParameterError, match="amplifier_control is 'hold'; allowed: 'level', 'gain', 'power'"):
        BudgetOptions(amplifier_control="hold")  # type: ignore[arg-type]


def test_the_integral_stands_behind_the_closed_form(make_link: MakeLink) -> None:
    link = make_link("openzrplus-400g-ha", [80.0, 60.0], channels=5, line=_line(FLAT, inline=FLAT))
    closed, integral = (_one_way(link, "snr_nli_db", nonlinear_model=word) for word in ("closed_form", "integral"))
    np.testing.assert_allclose(closed, integral, atol=0.2)
    assert np.all(closed != integral)
    gaussian = _one_way(link, "snr_nli_db", nonlinear_model="integral", format_correction=False)
    assert np.all(gaussian < integral)


def test_explanations_name_the_share_of_each_fiber(make_link: MakeLink) -> None:
    link = make_link("openzrplus-400g-ha", [80.0, 60.0], channels=8, line=_line(FLAT, inline=FLAT))
    batch = evaluate_links([link], explain=True)
    labels = [step.label for step in batch.explain(0)]
    assert "nonlinear interference of duct 1 (80 km)" in labels
    assert "nonlinear interference of duct 2 (60 km)" in labels
