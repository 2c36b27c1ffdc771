"""What the computed eye decides of a direct-detect lane.

Sources
-------
- The eyes themselves are held to an independent sweep in test_equalized_eye.py. Here: which verdict follows. The same
  sweep says that at 113.4375 GBd without chirp the eye cannot be opened well at -28.4 ps/nm (10 dB and more), that
  alpha 0.5 has 4.1 and 2.5 dB at -28.4 and +9.4 ps/nm, alpha 1 has 1.4 and 3.3 dB; a mode allows 3.9 dB. Its
  extinction ratio is 4.5 dB and ours the mode's 3.5 dB, so that only the verdicts and no decibels are compared.
- Sums of contributions: 1e-6 dB, what an explanation promises.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lightlane.catalog.load import load_catalog
from lightlane.catalog.parts import DirectMode
from lightlane.kernels import Pam4Transmitter, ReferenceReceiver, estimate_tdecq
from lightlane.lane.budget import evaluate_link
from lightlane.lane.model import LaneResult
from lightlane.link import Link

CATALOG = load_catalog()
LR4 = CATALOG.get_mode("800gbase-lr4")
MODULE = next(item.id for item in CATALOG.modules.values() if LR4.id in item.modes)


def _lanes(make_link: Callable[..., Link], **figures: float) -> tuple[LaneResult, ...]:
    """Evaluate 10 km of fiber with a low loss, so that power never decides."""
    mode = LR4.model_copy(update=figures)
    return evaluate_link(make_link(MODULE, [9.9], mode=mode, run={"attenuation_db_per_km": 0.25})).lanes


def test_without_chirp_the_outermost_lane_does_not_close(make_link: Callable[..., Link]) -> None:
    lanes = _lanes(make_link, chirp_alpha=0.0)
    worst = min(lanes, key=lambda lane: lane.chromatic_dispersion_ps_per_nm)
    assert worst.status == "down"
    assert worst.limited_by == "dispersion"
    assert "chromatic dispersion" in worst.blocked_by or worst.margin_db < 0.0
    assert {lane.status for lane in lanes} == {"up", "down"}


def test_with_chirp_in_between_every_lane_closes(make_link: Callable[..., Link]) -> None:
    for alpha in (0.65, 0.75, 0.85):
        lanes = _lanes(make_link, chirp_alpha=alpha)
        assert {lane.status for lane in lanes} == {"up"}, alpha
        assert all(lane.tdecq_db < 3.9 for lane in lanes)


def test_too_much_tdecq_is_a_margin_below_zero(make_link: Callable[..., Link]) -> None:
    assert isinstance(LR4, DirectMode)
    assert LR4.eo_bandwidth_ghz is not None
    found = [lane for lane in _lanes(make_link, chirp_alpha=1.2) if lane.limited_by == "dispersion"]
    assert found
    for lane in found:
        assert 3.9 < lane.tdecq_db < 8.0
        assert lane.margin_db == pytest.approx(3.9 - lane.tdecq_db, abs=1e-9)
        assert lane.margin_db == min(lane.power_margin_db, lane.fec_margin_db)
        assert lane.status == "down"
        transmitter = Pam4Transmitter(
            symbol_rate_gbd=LR4.symbol_rate_gbd,
            eo_bandwidth_ghz=LR4.eo_bandwidth_ghz,
            extinction_ratio_db=3.5,
            chirp_alpha=1.2,
            rin_db_per_hz=-150.0,
        )
        receiver = ReferenceReceiver(equalizer="ffe15_dfe1", target_ser_ratio=9.6e-3)
        here = estimate_tdecq(
            lane.chromatic_dispersion_ps_per_nm, transmitter, receiver, wavelength_nm=lane.wavelength_nm
        )
        # The lane's corner lies at the end of its wavelength range, 1 nm from its middle: 0.2 % of dispersion; above
        # 4 dB of TDECQ the table's shorter pattern counts too.
        assert lane.tdecq_db == pytest.approx(here.tdecq_db[0], abs=0.1)


@pytest.mark.parametrize("alpha", [-0.5, 0.0, 0.3, 0.75, 1.3])
@pytest.mark.parametrize("attenuation", [0.25, 0.55])
def test_explanations_add_up(alpha: float, attenuation: float, make_link: Callable[..., Link]) -> None:
    mode = LR4.model_copy(update={"chirp_alpha": alpha})
    for lane in evaluate_link(make_link(MODULE, [8.0], mode=mode, run={"attenuation_db_per_km": attenuation})).lanes:
        steps = lane.explain()
        if lane.blocked_by:
            assert not steps
        else:
            assert sum(step.value_db for step in steps) == pytest.approx(lane.margin_db, abs=1e-6)


def test_intensity_noise_and_uneven_levels_cost(make_link: Callable[..., Link]) -> None:
    plain, noisy, uneven = (
        _lanes(make_link, **figures)[0] for figures in ({}, {"rin_db_per_hz": -140.0}, {"level_mismatch_ratio": 0.95})
    )
    assert plain.tdecq_db < noisy.tdecq_db
    assert plain.tdecq_db < uneven.tdecq_db
    assert plain.pre_fec_ber < min(noisy.pre_fec_ber, uneven.pre_fec_ber)
