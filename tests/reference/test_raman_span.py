"""A Raman-pumped span through the budget, against GNPy 3.0.1.

Source: GNPy's example network raman_edfa_example_network.json: 80 km with 0.2 dB/km at all frequencies, a connector of
0.5 dB at either end, pumps of 224.403 mW at 205 THz and 231.135 mW at 201 THz from the end, which that connector
attenuates. Our fiber gets the same flat attenuation; the temperature is ours, 298.15 K.
GNPy takes Euler steps: 20 m are fine enough (100 m make 0.06 dB).
Tolerance 0.05 dB; found are 0.03 dB of level and 0.02 dB of noise: GNPy keeps power and not photons in a transfer, so
that its pumps lose too little (see test_raman.py, where both solvers are compared alone).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from gnpy.core.elements import RamanFiber
from gnpy.core.info import create_arbitrary_spectral_information
from gnpy.core.parameters import SimParams
from numpy.typing import NDArray

from lightlane.catalog.load import load_catalog
from lightlane.lane.budget import evaluate_links
from lightlane.link import Link

CONNECTOR_DB = 0.5
PUMPED = "raman-two-counter-pumps"


def _one_way(link: Link) -> dict[str, NDArray[np.float64]]:
    columns = evaluate_links([link]).columns
    rows = columns["direction"] == "a_to_b"
    return {name: np.asarray(columns[name][rows]) for name in ("osnr_db", "received_power_dbm")}


@pytest.mark.parametrize("power_dbm", [-4.0, 0.0, 3.0])
def test_gain_and_noise_of_the_example_span(make_link: Callable[..., Link], power_dbm: float) -> None:
    catalog = load_catalog()
    flat = {"typical_attenuation_db_per_km_by_wavelength_nm": ((1400.0, 0.2), (1600.0, 0.2))}
    fiber = catalog.get_fiber("g652d").model_copy(update=flat)
    amplifier = catalog.get_amplifier(PUMPED)
    loss_ratio = 10 ** (-0.1 * CONNECTOR_DB)
    behind = tuple(pump.model_copy(update={"power_mw": pump.power_mw * loss_ratio}) for pump in amplifier.pumps)
    connector = catalog.get_passive("lc-upc").model_copy(update={"loss_db": CONNECTOR_DB})
    line = {"mux": "mux-75ghz", "booster": "edfa-fixed-5.5", "span_launch_power_dbm": power_dbm + CONNECTOR_DB}
    links = [
        make_link(
            "openzrplus-400g-ha",
            [80.0],
            channels=40,
            fiber=fiber,
            run={"connector": connector, "connector_count": 2},
            line={**line, **more},
        )
        for more in ({}, {"raman": amplifier.model_copy(update={"pumps": behind})})
    ]
    bare, pumped = (_one_way(link) for link in links)
    added = 10 ** (-0.1 * pumped["osnr_db"]) - 10 ** (-0.1 * bare["osnr_db"])
    demux = next(item for item in reversed(links[1].a_to_b) if item.kind == "loss")
    ours_dbm = pumped["received_power_dbm"] + demux.loss_db

    SimParams.set_params(
        {
            "nli_params": {"method": "gn_model_analytic"},
            "raman_params": {"flag": True, "method": "perturbative", "order": 4, "result_spatial_resolution": 500.0,
                             "solver_spatial_resolution": 20.0},
        }
    )  # fmt: skip
    frequency_thz = np.array(links[1].frequencies_thz)
    light = create_arbitrary_spectral_information(
        frequency_thz * 1e12, pch=1e-3 * 10 ** (0.1 * (power_dbm + CONNECTOR_DB)), baud_rate=12.5e9, tx_osnr=200.0,
        slot_width=25e9, roll_off=0.1, tx_power=1e-3, label="comb",
    )  # fmt: skip
    params: dict[str, Any] = {
        "length": 80.0, "length_units": "km", "loss_coef": 0.2, "con_in": CONNECTOR_DB, "con_out": CONNECTOR_DB,
        "pmd_coef": 0.0, "dispersion": 16.7e-6, "effective_area": 83e-12,
    }  # fmt: skip
    pumps = [
        {"power": p.power_mw * 1e-3, "frequency": p.frequency_thz * 1e12, "propagation_direction": "counterprop"}
        for p in amplifier.pumps
    ]
    span = RamanFiber(uid="span", params=params, operational={"temperature": 298.15, "raman_pumps": pumps})
    span.propagate(light)
    np.testing.assert_allclose(ours_dbm, 10 * np.log10(light.signal * 1e3), rtol=0, atol=0.05)
    theirs = 10 * np.log10(light.ase / light.signal)
    np.testing.assert_allclose(10 * np.log10(added), theirs, rtol=0, atol=0.05)
    # The pumps do something: 6 dB and more on every channel.
    assert (pumped["received_power_dbm"] - bare["received_power_dbm"]).min() > 6.0
