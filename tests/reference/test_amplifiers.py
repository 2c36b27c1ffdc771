"""Gain over frequency against GNPy 3.0.1.

Source: GNPy's ``Edfa`` with its library part Juniper_BoosterHG, whose measured gain ripple the catalog has too, at the
gain for which its ripple is listed (25 dB): away from it GNPy bends the gain by its dynamic gain tilt, which is not
modeled here.
Tolerance 0.002 dB: the ripple is listed to 0.001 dB in the catalog, at each of the two channels that are compared.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import gnpy
import numpy as np
from gnpy.core.elements import Edfa
from gnpy.core.info import create_arbitrary_spectral_information
from gnpy.core.parameters import SimParams
from gnpy.tools.json_io import load_equipment

from lightlane.catalog.load import load_catalog
from lightlane.lane.budget import evaluate_links
from lightlane.link import Link

DATA = Path(gnpy.__file__).parent / "example-data"


def test_gain_ripple(make_link: Callable[..., Link]) -> None:
    SimParams.set_params({})
    channels, loss_db = 40, 20.0
    fiber = load_catalog().get_fiber("g652d").model_copy(update={"raman_slope_per_w_km_thz": None})
    link = make_link(
        "openzrplus-400g-ha",
        [100.0],
        channels=channels,
        fiber=fiber,
        launch_power_dbm=-5.0,
        run={"attenuation_db_per_km": loss_db / 100.0},
        line={"mux": "mux-75ghz", "preamplifier": "juniper-booster-hg", "received_power_dbm": -13.0},
    )
    batch = evaluate_links([link])
    ours = batch.columns["received_power_dbm"][batch.columns["direction"] == "a_to_b"]
    light = create_arbitrary_spectral_information(
        np.array(link.frequencies_thz) * 1e12,
        pch=1e-3 * 10**-3.15,
        baud_rate=60e9,
        tx_osnr=40.0,
        slot_width=74.9e9,
        roll_off=0.2,
        tx_power=1e-3,
        label="comb",
    )
    params = load_equipment(DATA / "eqpt_config.json")["Edfa"]["Juniper_BoosterHG"].__dict__
    operational = {"gain_target": 25.0, "tilt_target": 0.0, "out_voa": 0.0, "in_voa": 0.0}
    theirs = 10 * np.log10(Edfa(uid="x", params=params, operational=operational)(light).signal)
    np.testing.assert_allclose(ours - ours[0], theirs - theirs[0], atol=0.002)
    assert np.ptp(ours) > 0.3
