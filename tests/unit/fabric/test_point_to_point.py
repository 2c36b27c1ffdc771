"""Single links: what is refused, and verdicts that an engineer would check first."""

from __future__ import annotations

import math
from typing import Any

import pytest

import lightlane
from lightlane.catalog.load import load_catalog
from lightlane.catalog.parts import CoherentMode
from lightlane.units import SPEED_OF_LIGHT_M_PER_S

AMPLIFIED: dict[str, Any] = {
    "booster": "edfa-fixed-5.5",
    "preamplifier": "edfa-fixed-5.5",
    "span_launch_power_dbm": 1.0,
    "received_power_dbm": -8.0,
}


@pytest.mark.parametrize(
    ("module", "length_km", "settings", "word"),
    [
        ("oif-400rz", 80.0, {}, "oif-400zr"),
        ("oif-400zr", 0.0, {}, "length_km"),
        ("oif-400zr", 30_000.0, {}, "length_km"),
        ("oif-400zr", math.nan, {}, "length_km"),
        ("oif-400zr", 80.0, {"loss_db": -1.0}, "loss_db"),
        ("oif-400zr", 80.0, {"line": "guessed"}, "guessed"),
        ("oif-400zr", 80.0, {"launch": 3.0}, "launch"),
        ("oif-400zr", 60.0, {"launch_power_dbm": 3.0}, "launch_power_dbm"),
        ("800gbase-dr8", 0.5, {"launch_power_dbm": 15.0}, "launch_power_dbm"),
        ("openzrplus-400g-ha", 80.0, {"channels": 4, "mux": "mux-150ghz", **AMPLIFIED}, "mux"),
        ("openzrplus-400g-ha", 80.0, {"raman_amplifier": "edfa-fixed-5.5"}, "raman_amplifier: found 'edfa-fixed-5.5'"),
        ("openzrplus-400g-ha", 80.0, {**AMPLIFIED, "booster": "raman-two-counter-pumps"}, "booster: found 'raman-two"),
        ("openzrplus-400g-ha", 80.0, {"raman_amplifier": "raman-two-counter-pumps", "fiber": "g655"}, "1462 nm"),
        ("400gbase-fr4", 1.0, {"raman_amplifier": "raman-two-counter-pumps"}, "raman_amplifier: found"),
        ("openroadm-400g", 80.0, {"mux": "openroadm-add", "demux": "openroadm-drop", **AMPLIFIED}, "preamplifier"),
    ],
)
def test_what_does_not_fit_is_refused(module: str, length_km: float, settings: dict[str, Any], word: str) -> None:
    with pytest.raises(lightlane.ParameterError, match=word):
        lightlane.point_to_point(module, length_km, **settings)


def test_every_c_band_fiber_covers_every_c_band_mode() -> None:
    catalog = load_catalog()
    modes = [mode for mode in catalog.modes.values() if isinstance(mode, CoherentMode) and mode.band == "c"]
    assert len(modes) > 20
    for fiber in catalog.fibers.values():
        for points in (
            fiber.typical_attenuation_db_per_km_by_wavelength_nm,
            fiber.limit_attenuation_db_per_km_by_wavelength_nm,
        ):
            if points is None:
                continue
            for mode in modes:
                assert points[-1][0] >= SPEED_OF_LIGHT_M_PER_S * 1e-3 / mode.frequency_min_thz, (fiber.id, mode.id)
                assert points[0][0] <= SPEED_OF_LIGHT_M_PER_S * 1e-3 / mode.frequency_max_thz, (fiber.id, mode.id)


def test_a_full_comb_has_a_verdict() -> None:
    link = lightlane.point_to_point("openzrplus-400g-ha", 80.0, channels=64, mux="mux-75ghz", **AMPLIFIED)
    result = lightlane.evaluate_link(link)
    assert len(result.lanes) == 128
    assert result.status == "up"


def test_a_loss_budget_knows_the_level_too() -> None:
    """Unamplified 400ZR: 10 dB of loss, and -20 to 0 dBm at the receiver."""
    mode = load_catalog().get_mode("oif-400zr-unamplified")
    assert mode.launch_power_min_dbm is not None
    assert mode.launch_power_max_dbm is not None

    def margin_db(length_km: float, launch_dbm: float) -> float:
        link = lightlane.point_to_point("oif-400zr", length_km, mode=mode.id, launch_power_dbm=launch_dbm)
        return lightlane.evaluate_link(link).margin_db

    weakest, strongest = mode.launch_power_min_dbm, mode.launch_power_max_dbm
    assert margin_db(40.0, weakest) <= margin_db(40.0, strongest)
    received_dbm = (
        lightlane.evaluate_link(lightlane.point_to_point("oif-400zr", 40.0, mode=mode.id, launch_power_dbm=weakest))
        .lanes[0]
        .received_power_dbm
    )
    assert margin_db(40.0, weakest) <= received_dbm + 20.0 + 1e-9


def test_a_drop_is_set_to_the_received_power() -> None:
    line = {"booster": "edfa-fixed-5.5", "span_launch_power_dbm": 1.0, "received_power_dbm": -10.0}
    link = lightlane.point_to_point(
        "openroadm-400g", 60.0, mux="openroadm-add", demux="openroadm-drop", channel_spacing_ghz=87.5, **line
    )
    lane = lightlane.evaluate_link(link).worst()
    assert lane.received_power_dbm == pytest.approx(-10.0)
    assert not math.isnan(lane.margin_db)


def test_too_little_power_is_named_as_such() -> None:
    """On dark fiber the receiver's own noise rises as less arrives: no amplifier of a lower noise figure would help."""
    link = lightlane.point_to_point("oif-400zr", 46.0)
    assert lightlane.evaluate_link(link).limited_by == "power"


def test_a_legal_launch_power_closes_the_reach() -> None:
    mode = load_catalog().get_mode("400gbase-fr4")
    link = lightlane.point_to_point("400gbase-fr4", 1.0, launch_power_dbm=mode.launch_power_min_dbm)
    assert lightlane.evaluate_link(link).margin_db > 0
