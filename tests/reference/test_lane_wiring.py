"""From options and catalog figures to the columns of a lane: what a cut wire would leave out.

Sources
-------
- Out-of-band noise behind a mux, by hand: each other transmitter leaves 10^(-(isolation + OSNR)/10) in 12.5 GHz; 1e-9.
- Speed of polarization rotation: Cisco QDD-400G datasheet, penalty over krad/s, straight lines from 0; 1e-9.
- Equalization-enhanced phase noise, by hand: pi lambda^2 D Rs dnu/(2 c) of the signal (Shieh and Ho 2008), over what
  the receiver bears; 1e-9.
- DGD beyond the mode's greatest: Maxwellian tail, erfc(sqrt(4/pi) S) + 4/pi S exp(-4/pi S^2) with scipy, S the limit
  over the mean; 1e-6 relative. PDL of one element: its figure is exceeded never or always; of two of equal PDL by the
  angle between them, whose cosine is even: 1e-3.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from scipy.special import erfc  # type: ignore[import-untyped]

from lightlane.catalog.load import load_catalog
from lightlane.catalog.parts import CoherentMode, Fiber, Passive
from lightlane.lane.budget import evaluate_link, evaluate_links
from lightlane.lane.model import LaneResult
from lightlane.lane.options import BudgetOptions
from lightlane.link import Link

CATALOG = load_catalog()
MakeLink = Callable[..., Link]


def _mode(mode_id: str, **fields: Any) -> CoherentMode:
    mode = CATALOG.get_mode(mode_id)
    assert isinstance(mode, CoherentMode)
    return mode.model_copy(update=fields)


def _fiber(**fields: Any) -> Fiber:
    """Return a fiber that does nothing but what ``fields`` say."""
    nothing = {
        "nonlinear_coefficient_per_w_km": 0.0,
        "raman_slope_per_w_km_thz": None,
        "dispersion_ps_per_nm_km": 0.0,
        "dispersion_slope_ps_per_nm2_km": 0.0,
        "pmd_ps_per_sqrt_km": 0.0,
    }
    return CATALOG.get_fiber("g652d").model_copy(update=nothing | fields)


def _stage(**fields: Any) -> Passive:
    return Passive.model_validate(
        {
            "id": "stage",
            "name": "stage",
            "kind": "mux_demux",
            "loss_db": 0.0,
            "source": "test",
            "confidence": "computed",
        }
        | fields
    )


def _step(lane: LaneResult, label: str) -> float:
    assert sum(step.value_db for step in lane.explain()) == pytest.approx(lane.margin_db, abs=1e-6)
    return sum(step.value_db for step in lane.explain() if step.label == label)


@pytest.mark.parametrize(("out_of_band_db", "adjacent_db", "far_db"), [(23.0, 30.0, 25.0), (36.0, 20.0, 32.0)])
def test_noise_of_the_others_behind_a_mux(
    out_of_band_db: float, adjacent_db: float, far_db: float, make_link: MakeLink
) -> None:
    mode = _mode("openzrplus-zr400-16qam", tx_out_of_band_osnr_db=out_of_band_db)
    mux = _stage(isolation_adjacent_db=adjacent_db, isolation_non_adjacent_db=far_db)
    run = {"attenuation_db_per_km": 0.0}
    link = make_link(
        "openzrplus-400g", [1.0], mode=mode, fiber=_fiber(), line={"mux": mux}, run=run, channels=6,
        launch_power_dbm=-6.0,
    )  # fmt: skip
    assert mode.tx_osnr_db is not None
    for lane in evaluate_link(link).lanes:
        beside = 1 if lane.channel_index in (0, 5) else 2
        noise = beside * 10 ** (-(adjacent_db + out_of_band_db) / 10)
        # No filter lets more through further away.
        noise += (5 - beside) * 10 ** (-(max(far_db, adjacent_db) + out_of_band_db) / 10)
        transmitter = 10 ** (-mode.tx_osnr_db / 10)
        assert lane.osnr_db == pytest.approx(-10 * math.log10(noise + transmitter), abs=1e-9)
        expected_db = -10 * math.log10(1 + noise / transmitter)
        label = "noise of mux at site 0" if lane.direction == "a_to_b" else "noise of mux at site 1"
        assert _step(lane, label) == pytest.approx(expected_db, abs=1e-9)
    silent = make_link(
        "openzrplus-400g", [1.0], mode=_mode("openzrplus-zr400-16qam", tx_out_of_band_osnr_db=None), fiber=_fiber(),
        line={"mux": mux}, run=run, channels=6,
        launch_power_dbm=-6.0,
    )  # fmt: skip
    assert evaluate_link(silent).lanes[0].osnr_db == pytest.approx(mode.tx_osnr_db, abs=1e-9)


def test_speed_of_polarization_rotation(make_link: MakeLink) -> None:
    mode = _mode("oif-400zr", penalty_db_by_sop_rate_krad_per_s=((50.0, 0.5), (80.0, 1.0)))
    link = make_link("oif-400zr", [1.0], mode=mode, fiber=_fiber(), run={"attenuation_db_per_km": 5.0})
    (still,) = evaluate_link(link).lanes[:1]
    for rate_krad_per_s, penalty_db in ((25.0, 0.25), (50.0, 0.5), (65.0, 0.75), (80.0, 1.0)):
        options = BudgetOptions(sop_rate_krad_per_s=rate_krad_per_s)
        lane = evaluate_link(link, options=options).lanes[0]
        assert still.osnr_margin_db - lane.osnr_margin_db == pytest.approx(penalty_db, abs=1e-9)
        assert _step(lane, "polarization rotation penalty") == pytest.approx(-penalty_db, abs=1e-9)
    beyond = evaluate_link(link, options=BudgetOptions(sop_rate_krad_per_s=80.1)).lanes[0]
    assert (beyond.status, beyond.limited_by) == ("down", "sop")
    assert "80.1 krad/s" in beyond.blocked_by


@pytest.mark.parametrize("linewidth_khz", [300.0, 600.0, 1000.0])
def test_equalization_enhanced_phase_noise(linewidth_khz: float, make_link: MakeLink) -> None:
    """The table for dispersion has no penalty but a far end, so that all of this noise is on top of it."""
    mode = _mode(
        "openroadm-800g-118",
        linewidth_max_khz=linewidth_khz,
        penalty_db_by_chromatic_dispersion_ps_per_nm=((0.0, 0.0), (20_000.0, 0.0), (20_001.0, 30.0)),
        tx_osnr_db=32.0,
    )
    fiber = _fiber(dispersion_ps_per_nm_km=17.0)
    lane = evaluate_link(
        make_link("openroadm-800g-118", [1.0], mode=mode, fiber=fiber, run={"attenuation_db_per_km": 5.0})
    ).lanes[0]
    far = evaluate_link(
        make_link("openroadm-800g-118", [1000.0], mode=mode, fiber=fiber, run={"attenuation_db_per_km": 0.005})
    ).lanes[0]
    assert far.chromatic_dispersion_ps_per_nm == pytest.approx(17_000, rel=0.02)
    for found in (lane, far):
        wavelength_m = found.wavelength_nm * 1e-9
        dispersion_s_per_m = found.chromatic_dispersion_ps_per_nm * 1e-3
        noise = math.pi * wavelength_m**2 * dispersion_s_per_m * 118.2e9 * linewidth_khz * 1e3 / (2 * 299792458.0)
        assert mode.snr_trx_db is not None
        threshold = 10 ** ((found.fec_margin_db - found.snr_db) / 10)
        bearable = threshold - 10 ** (-mode.snr_trx_db / 10)
        # What the table allows at its end, in proportion, bounds it: 1 MHz is beyond, 0.6 MHz is not.
        bound = (1 - 1e-3) * found.chromatic_dispersion_ps_per_nm / 20_001
        assert (noise / bearable > bound) == (linewidth_khz > 900)
        expected_db = 10 * math.log10(1 - min(noise / bearable, bound))
        assert _step(found, "equalization-enhanced phase noise") == pytest.approx(expected_db, abs=1e-9)
    assert _step(far, "equalization-enhanced phase noise") < -0.1


def test_outage_of_dgd(make_link: MakeLink) -> None:
    fiber = _fiber(pmd_ps_per_sqrt_km=0.5)
    mode = _mode("openzrplus-zr400-16qam", dgd_max_ps=15.0)
    run = {"attenuation_db_per_km": 0.05}
    modes = [mode.model_copy(update={"dgd_max_ps": limit_ps}) for limit_ps in (12.0, 15.0, None)]
    links = [make_link("openzrplus-400g", [100.0], mode=mode, fiber=fiber, run=run) for mode in modes]
    lanes = [result.lanes[0] for result in evaluate_links(links).link_results()]
    assert lanes[0].dgd_mean_ps == pytest.approx(5.0, rel=1e-9)
    for lane, limit_ps in zip(lanes, (12.0, 15.0), strict=False):
        ratio = limit_ps / 5.0
        tail = erfc(2 / math.sqrt(math.pi) * ratio) + 4 / math.pi * ratio * math.exp(-4 / math.pi * ratio**2)
        assert lane.dgd_outage_ratio == pytest.approx(tail, rel=1e-6)
    assert math.isnan(lanes[2].dgd_outage_ratio)


def test_outage_of_pdl(make_link: MakeLink) -> None:
    def lane(*pdl_db: float, last_db: float = 3.5) -> LaneResult:
        mode = _mode("openzrplus-zr400-16qam", penalty_db_by_pdl_db=((0.0, 0.0), (last_db, 1.8)))
        line = {"mux": _stage(kind="roadm_add", pdl_db=pdl_db[0]), "demux": _stage(kind="roadm_drop", pdl_db=pdl_db[1])}
        run = {"attenuation_db_per_km": 5.0}
        return evaluate_link(make_link("openzrplus-400g", [1.0], mode=mode, fiber=_fiber(), line=line, run=run)).lanes[
            0
        ]

    assert lane(3.0, 0.0).pdl_outage_ratio == 0.0
    assert lane(4.0, 0.0).pdl_outage_ratio == 1.0
    assert lane(4.0, 0.0).status == "down"
    # Small PDL vectors add: |a + b|^2 = 2 a^2 (1 + cos), cos even between -1 and 1: above x with 1 - x^2/(4 a^2).
    two = lane(0.2, 0.2, last_db=0.3)
    assert two.pdl_outage_ratio == pytest.approx(1 - 0.3**2 / (4 * 0.2**2), abs=1e-3)
    assert two.pdl_db == pytest.approx(0.2 * 4 / 3, abs=1e-3)
