"""Raman-pumped spans in the budget: levels, noise, what explains the margin, and where the noise is not known."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from lightlane.catalog.load import load_catalog
from lightlane.catalog.parts import Amplifier
from lightlane.kernels import RamanPump, solve_raman
from lightlane.lane.budget import evaluate_link, evaluate_links
from lightlane.lane.options import BudgetOptions
from lightlane.link import Link
from lightlane.units import SPEED_OF_LIGHT_M_PER_S

MakeLink = Callable[..., Link]
PUMPS = load_catalog().get_amplifier("raman-two-counter-pumps")
LINE: dict[str, Any] = {
    "mux": "mux-75ghz", "booster": "edfa-fixed-5.5", "inline": "edfa-fixed-5.5", "preamplifier": "edfa-fixed-5.5",
    "span_launch_power_dbm": 0.0, "received_power_dbm": -8.0,
}  # fmt: skip


def _scaled(ratio: float) -> Amplifier:
    pumps = tuple(pump.model_copy(update={"power_mw": ratio * pump.power_mw}) for pump in PUMPS.pumps)
    return PUMPS.model_copy(update={"pumps": pumps, "output_power_max_dbm": 40.0})


def _link(make_link: MakeLink, raman: Amplifier | None, spans_km: list[float] | None = None, **more: Any) -> Link:
    line = LINE if raman is None else {**LINE, "raman": raman}
    return make_link("openzrplus-400g-ha", spans_km or [90.0, 90.0], **{"channels": 8, "line": line, **more})


def test_more_pump_is_a_better_line_until_its_noise_is_not_known(make_link: MakeLink) -> None:
    links = [_link(make_link, None), *(_link(make_link, _scaled(ratio)) for ratio in (0.25, 0.5, 1.0))]
    osnr_db = [evaluate_link(link).lanes[0].osnr_db for link in links]
    assert all(b > a + 0.3 for a, b in pairwise(osnr_db)), osnr_db
    # 20 dB of on-off gain and more, where light scattered back twice would count.
    over = evaluate_link(_link(make_link, _scaled(4.0)))
    assert math.isnan(over.margin_db)
    assert over.status == "unknown"


def test_contributions_add_up_and_name_the_pumps(make_link: MakeLink) -> None:
    result = evaluate_link(_link(make_link, PUMPS))
    contributions = result.explain()
    assert sum(item.value_db for item in contributions) == pytest.approx(result.margin_db, abs=1e-9)
    assert sum("Raman pumps" in item.label for item in contributions) == 2


def test_the_level_behind_the_pumps_is_the_solvers(make_link: MakeLink) -> None:
    link = make_link("openzrplus-400g-ha", [100.0], launch_power_dbm=-1.0, line={"raman": PUMPS})
    lane = evaluate_link(link).lanes[0]
    table = load_catalog().get_fiber("g652d").typical_attenuation_db_per_km_by_wavelength_nm
    loss_db, *pump_db = (
        float(np.interp(SPEED_OF_LIGHT_M_PER_S / thz * 1e-3, *np.transpose(table)))
        for thz in (lane.frequency_thz, *(pump.frequency_thz for pump in PUMPS.pumps))
    )
    pumps = [
        RamanPump(pump.frequency_thz, pump.power_mw, "backward", alpha_db)
        for pump, alpha_db in zip(PUMPS.pumps, pump_db, strict=True)
    ]
    span = solve_raman(
        [lane.frequency_thz], [-1.0], length_km=100.0, attenuation_db_per_km=loss_db, pumps=pumps,
        effective_area_um2=83.0,
    )  # fmt: skip
    assert lane.received_power_dbm == pytest.approx(-1.0 + span.net_gain_db[0], abs=1e-6)
    assert span.on_off_gain_db[0] > 8.0


def test_a_batch_is_the_same_one_by_one(make_link: MakeLink) -> None:
    links = [_link(make_link, PUMPS, [length]) for length in (60.0, 80.0, 100.0)] * 2
    together = evaluate_links(links).columns["osnr_db"]
    alone = np.concatenate([evaluate_links([link]).columns["osnr_db"] for link in links])
    np.testing.assert_array_equal(together, alone)


def test_closed_form_and_integral_see_the_pumped_powers(make_link: MakeLink) -> None:
    snr_db = {}
    for model in ("closed_form", "integral"):
        for raman in (None, _scaled(1.5)):
            link = _link(make_link, raman, [60.0], channels=3)
            options = BudgetOptions(nonlinear_model=model)  # type: ignore[arg-type]
            snr_db[model, raman is None] = evaluate_link(link, options=options).lanes[0].snr_nli_db
    for is_bare in (True, False):
        assert snr_db["closed_form", is_bare] == pytest.approx(snr_db["integral", is_bare], abs=0.05)
    assert snr_db["closed_form", True] > snr_db["closed_form", False] + 0.5


def test_the_published_form_gives_no_verdict_on_pumped_spans(make_link: MakeLink) -> None:
    options = BudgetOptions(nonlinear_model="isrs_gn")
    assert evaluate_link(_link(make_link, None), options=options).status != "unknown"
    lane = evaluate_link(_link(make_link, PUMPS), options=options).lanes[0]
    assert math.isnan(lane.margin_db)
    batch = evaluate_links([_link(make_link, PUMPS)], options=options)
    reason = batch.columns["unknown_because"][0]
    assert "isrs_gn" in reason
    assert "closed_form" in reason


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"pumps": ()}, "needs pumps"),
        ({"noise_figure_db": 5.0}, "takes no noise_figure_db"),
        ({"output_power_max_dbm": 20.0}, "more than output_power_max_dbm"),
        ({"kind": "fixed_nf", "noise_figure_db": 5.0}, "takes no pumps"),
    ],
)
def test_figures_that_do_not_go_together_are_refused(change: dict[str, Any], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        Amplifier.model_validate({**PUMPS.model_dump(), **change})
