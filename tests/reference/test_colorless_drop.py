"""Colorless drop and in-band crosstalk, from the part that a link names to the margin.

Sources
-------
- Penalties over the ratio of total to channel power as the modes state them: OpenROADM MSA optical specification 9.0,
  OpenZR+ MSA 3.0 (0.3 dB at 13 dB, 0.5 at 15; 0.2 and 0.3 at 15 dB), Cisco QDD-400G-ZR-S (1 dB at 15 dB, 15 other
  channels). At the required OSNR the budget gives them back within 0.01 dB, a fifth of what one decimal hides.
- The law between them, by hand: noise of the others is r (R - 1) of what the receiver bears, so that the required OSNR
  rises by 1/(1 - r (R - 1)); 1e-9, rounding.
- In band, by hand: leaks of level x add x (1 - roll-off/4) of noise after the matched filter (mean of the squared
  raised cosine), so that the line may have that much less; 1e-9. At -35 dB, the interferometric crosstalk that 400ZR
  allows on its link ("Optical Communications in the 5G Era", table 7.2), 26 dB of OSNR cost 0.11 dB.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from lightlane.catalog.load import load_catalog
from lightlane.catalog.parts import CoherentMode, Passive
from lightlane.lane.budget import evaluate_link
from lightlane.lane.model import LaneResult
from lightlane.link import Link

CATALOG = load_catalog()
COLORLESS = [
    mode
    for mode in CATALOG.modes.values()
    if isinstance(mode, CoherentMode) and mode.penalty_db_by_colorless_ratio_db is not None
]
MakeLink = Callable[..., Link]
FIBER = CATALOG.get_fiber("g652d").model_copy(
    update={
        "nonlinear_coefficient_per_w_km": 0.0,
        "raman_slope_per_w_km_thz": None,
        "dispersion_ps_per_nm_km": 0.0,
        "dispersion_slope_ps_per_nm2_km": 0.0,
        "pmd_ps_per_sqrt_km": 0.0,
    }
)


def _stage(kind: str, **fields: Any) -> Passive:
    """Return a ROADM stage that does nothing but what ``fields`` say."""
    return Passive.model_validate(
        {
            "id": kind.replace("_", "-"),
            "name": kind,
            "kind": kind,
            "loss_db": 0.0,
            "source": "test",
            "confidence": "computed",
        }
        | fields
    )


def _lanes(
    make_link: MakeLink,
    mode: CoherentMode,
    channels: int,
    *,
    osnr_db: float = 30.0,
    power_dbm: float = -3.0,
    drop: dict[str, Any] | None = None,
    **link: Any,
) -> tuple[LaneResult, ...]:
    """Evaluate a comb behind a line that adds nothing: the OSNR is the transmitter's."""
    module = next(module.id for module in CATALOG.modules.values() if mode.id in module.modes)
    mode = mode.model_copy(update={"tx_osnr_db": osnr_db, "penalty_crosstalk_db": 0.0, "roll_off": 0.0})
    line = {"mux": _stage("roadm_add"), "demux": _stage("roadm_drop", **(drop or {}))}
    run = {"attenuation_db_per_km": 0.0}
    spacing_ghz = max(mode.channel_spacing_min_ghz, mode.symbol_rate_gbd + 8.0)
    return evaluate_link(
        make_link(
            module, [1.0], mode=mode, fiber=FIBER, line=line, run=run, channels=channels, launch_power_dbm=power_dbm,
            channel_spacing_ghz=spacing_ghz, **link,
        )
    ).lanes  # fmt: skip


def _step(lane: LaneResult, label: str) -> float:
    return sum(step.value_db for step in lane.explain() if step.label == label)


@pytest.mark.parametrize("mode", COLORLESS, ids=lambda mode: mode.id)
def test_stated_penalties(mode: CoherentMode, make_link: MakeLink) -> None:
    assert mode.penalty_db_by_colorless_ratio_db is not None
    with_filter = _lanes(make_link, mode, 2)[0]
    for ratio_db, penalty_db in mode.penalty_db_by_colorless_ratio_db[1:]:
        others = 10 ** (ratio_db / 10) - 1
        # No whole number of equal channels makes the ratio: the most below it, with the share that the law gives them.
        count = min(int(others) + 1, 30)
        share = (1 - 10 ** (-penalty_db / 10)) * (count - 1) / others
        for lane in _lanes(make_link, mode, count, drop={"is_colorless": True})[::11]:
            penalty = with_filter.osnr_margin_db - lane.osnr_margin_db
            assert penalty == pytest.approx(-10 * math.log10(1 - share), abs=0.01)
            assert penalty == pytest.approx(penalty_db, rel=0.08)
            assert lane.status == "up"


@pytest.mark.parametrize("margin_db", [6.0, 0.0, -1.0])
def test_noise_of_the_others_by_hand(margin_db: float, make_link: MakeLink) -> None:
    mode = CATALOG.get_mode("openroadm-400g-63")
    assert isinstance(mode, CoherentMode)
    share = (1 - 10**-0.03) / (10**1.3 - 1) * 10
    mode = mode.model_copy(update={"penalty_db_by_colorless_ratio_db": ((0.0, 0.0), (13.0, 0.3))})
    osnr_db = 24.0 - 10 * math.log10(1 - share) + margin_db
    lane = _lanes(make_link, mode, 11, osnr_db=osnr_db, drop={"is_colorless": True})[4]
    assert lane.osnr_margin_db == pytest.approx(margin_db, abs=1e-9)
    assert mode.snr_trx_db is not None
    transceiver = 10 ** (-mode.snr_trx_db / 10)
    threshold_snr = 10 ** (lane.snr_db / 10) if margin_db == 0.0 else 10 ** ((lane.snr_db - lane.fec_margin_db) / 10)
    bearable = 1 / threshold_snr - transceiver
    noise = bearable * 10 ** ((24.0 - osnr_db) / 10) + share * bearable + transceiver
    assert lane.snr_db == pytest.approx(-10 * math.log10(noise), abs=1e-9)
    if margin_db == 0.0:
        assert lane.fec_margin_db == pytest.approx(0.0, abs=1e-9)
        assert lane.pre_fec_ber == pytest.approx(2e-2, rel=1e-9)
    # The drop is a step of its own, whichever margin decides.
    assert _step(lane, "colorless drop penalty") < -0.05
    assert sum(step.value_db for step in lane.explain()) == pytest.approx(lane.margin_db, abs=1e-6)


def test_a_bank_brings_no_more_channels_than_it_has_ports(make_link: MakeLink) -> None:
    mode = CATALOG.get_mode("openroadm-400g-63")
    assert isinstance(mode, CoherentMode)
    (few,) = {lane.osnr_margin_db for lane in _lanes(make_link, mode, 16, drop={"is_colorless": True})}
    (many,) = {
        lane.osnr_margin_db for lane in _lanes(make_link, mode, 40, drop={"is_colorless": True, "ports_count": 16})
    }
    assert many == pytest.approx(few, abs=1e-12)
    # Dark channels bring nothing, those that are filled with noise bring their power.
    lit = _lanes(make_link, mode, 40, drop={"is_colorless": True}, lit_channels=range(16))
    assert lit[0].osnr_margin_db == pytest.approx(few, abs=1e-12)
    alone = _lanes(make_link, mode, 1, drop={"is_colorless": True})[0]
    assert _step(alone, "colorless drop penalty") == 0.0


def test_beyond_the_stated_ratio_a_lane_is_blocked_and_without_one_unknown(make_link: MakeLink) -> None:
    mode = CATALOG.get_mode("openroadm-400g-63")
    assert isinstance(mode, CoherentMode)
    # 32 channels are 15.05 dB, 31 are 14.9.
    assert {lane.status for lane in _lanes(make_link, mode, 31, drop={"is_colorless": True})} == {"up"}
    blocked = _lanes(make_link, mode, 32, drop={"is_colorless": True})[0]
    assert (blocked.status, blocked.limited_by) == ("down", "crosstalk")
    assert "15.1 dB of total to channel power" in blocked.blocked_by
    silent = mode.model_copy(update={"penalty_db_by_colorless_ratio_db": None})
    unknown = _lanes(make_link, silent, 2, drop={"is_colorless": True})[0]
    assert unknown.status == "unknown"
    assert "colorless" in unknown.unknown_because
    assert _lanes(make_link, silent, 1, drop={"is_colorless": True})[0].status == "up"


def test_the_others_alone_may_be_too_much(make_link: MakeLink) -> None:
    mode = CATALOG.get_mode("openroadm-400g-63")
    assert isinstance(mode, CoherentMode)
    # 10 dB of penalty at 13 dB of ratio: 90 % of what the receiver bears; at half a decibel more nothing is left.
    mode = mode.model_copy(update={"penalty_db_by_colorless_ratio_db": ((0.0, 0.0), (13.0, 10.0), (15.0, 30.0))})
    lane = _lanes(make_link, mode, 31, osnr_db=40.0, drop={"is_colorless": True})[0]
    assert math.isnan(lane.osnr_margin_db)
    assert (lane.status, lane.limited_by) == ("down", "crosstalk")
    assert lane.fec_margin_db < 0
    assert lane.pre_fec_ber > 2e-2
    assert sum(step.value_db for step in lane.explain()) == pytest.approx(lane.margin_db, abs=1e-6)


def test_a_drop_that_decides(make_link: MakeLink) -> None:
    mode = CATALOG.get_mode("openroadm-400g-63")
    assert isinstance(mode, CoherentMode)
    lane = _lanes(make_link, mode, 20, osnr_db=24.2, drop={"is_colorless": True})[0]
    assert lane.margin_db == pytest.approx(-0.1, abs=0.02)
    assert (lane.status, lane.limited_by) == ("down", "crosstalk")


@pytest.mark.parametrize("roll_off", [0.0, 0.2])
@pytest.mark.parametrize("levels_db", [(-35.0, None, None), (-30.0, -33.0, None), (-28.0, -30.0, -31.0)])
def test_leaks_in_band_by_hand(roll_off: float, levels_db: tuple[float | None, ...], make_link: MakeLink) -> None:
    mode = CATALOG.get_mode("openroadm-400g-63")
    assert isinstance(mode, CoherentMode)
    leak = sum(10 ** (level / 10) for level in levels_db if level is not None) * (1 - roll_off / 4)
    per_bandwidth = mode.symbol_rate_gbd / 12.5
    # The line may have less noise by what leaks.
    osnr_db = -10 * math.log10(10**-2.4 - leak / per_bandwidth)
    kinds = ("roadm_add", "roadm_express", "roadm_drop")
    add, express, drop = (
        _stage(kind, in_band_crosstalk_db=level) for kind, level in zip(kinds, levels_db, strict=True)
    )
    link = make_link(
        "openroadm-400g",
        [1.0, 1.0],
        mode=mode.model_copy(update={"tx_osnr_db": osnr_db, "roll_off": roll_off}),
        fiber=FIBER,
        line={"mux": add, "express": express, "demux": drop},
        run={"attenuation_db_per_km": 0.0},
    )
    for lane in evaluate_link(link).lanes:
        assert lane.osnr_margin_db == pytest.approx(0.0, abs=1e-9)
        assert lane.pre_fec_ber == pytest.approx(2e-2, rel=1e-9)
        penalty_db = -_step(lane, "in-band crosstalk penalty")
        assert penalty_db == pytest.approx(osnr_db - 24.0, abs=1e-9)
        assert sum(step.value_db for step in lane.explain()) == pytest.approx(lane.margin_db, abs=1e-6)


def test_interferometric_crosstalk_of_400zr(make_link: MakeLink) -> None:
    mode = CATALOG.get_mode("oif-400zr")
    assert isinstance(mode, CoherentMode)
    lane = _lanes(make_link, mode, 1, osnr_db=26.05, drop={"in_band_crosstalk_db": -35.0})[0]
    snr_db = 26.05 - 10 * math.log10(59.84375 / 12.5)
    expected_db = 10 * math.log10(1 + 10 ** ((snr_db - 35.0) / 10))
    assert expected_db == pytest.approx(0.11, abs=0.01)
    assert lane.osnr_margin_db == pytest.approx(0.05 - expected_db, abs=1e-9)
    assert (lane.status, lane.limited_by) == ("down", "crosstalk")


def test_a_line_without_noise_of_its_own_still_has_its_leaks(make_link: MakeLink) -> None:
    mode = CATALOG.get_mode("openroadm-400g-63")
    assert isinstance(mode, CoherentMode)
    link = make_link(
        "openroadm-400g",
        [1.0],
        mode=mode.model_copy(update={"tx_osnr_db": None}),
        fiber=FIBER,
        line={"mux": _stage("roadm_add"), "demux": _stage("roadm_drop", in_band_crosstalk_db=-15.0)},
        run={"attenuation_db_per_km": 0.0},
    )
    lane = evaluate_link(link).lanes[0]
    assert math.isnan(lane.osnr_db)
    # At -15 dB the leak is 0.7 dB below the line noise that the required OSNR stands for: 17.0 dB in the symbol rate.
    assert lane.fec_margin_db < 0
    assert sum(step.value_db for step in lane.explain()) == pytest.approx(lane.margin_db, abs=1e-6)


def test_unknown_leaks_stand_among_the_assumed_values(make_link: MakeLink) -> None:
    line = {"mux": "openroadm-add", "demux": "openroadm-drop-colorless", "received_power_dbm": -10.0}
    lane = evaluate_link(make_link("openroadm-400g", [40.0], line=line)).lanes[0]
    assert "openroadm-drop-colorless: in_band_crosstalk_db" in lane.assumed
    assert "openroadm-drop-colorless: ports_count" in lane.assumed
    known = _stage("roadm_drop", in_band_crosstalk_db=-40.0)
    lane = evaluate_link(make_link("openroadm-400g", [40.0], line={"mux": known, "demux": known})).lanes[0]
    assert not any("in_band" in item for item in lane.assumed)


def test_a_coupler_lets_out_of_band_noise_through(make_link: MakeLink) -> None:
    """15 others of 43 dB on one coupler leave 43 - 10 log10(15) = 31.24 dB, those of 23 dB 11.24 dB."""
    for mode_id, expected_db in (("openzrplus-zr400-16qam-hb", 31.24), ("openzrplus-zr400-16qam", 11.24)):
        mode = CATALOG.get_mode(mode_id)
        module = next(module.id for module in CATALOG.modules.values() if mode_id in module.modes)
        lane = evaluate_link(
            make_link(module, [1.0], mode=mode, fiber=FIBER, line={"mux": "coupler-16"}, channels=16)
        ).lanes[0]
        assert isinstance(mode, CoherentMode)
        assert mode.tx_osnr_db is not None
        expected = 10 ** (-expected_db / 10) + 10 ** (-mode.tx_osnr_db / 10)
        assert lane.osnr_db == pytest.approx(-10 * math.log10(expected), abs=0.01)
