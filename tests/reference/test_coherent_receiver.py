"""One receiver from the OSNR limit to the unamplified one, and the colorless drop.

Sources
-------
- Required OSNR over received power of Smartoptics SO-TQSFPDD4CCZRP r5.10: 400G 23.4 dB at -12 dBm, 23.9 at -14, 24.4 at
  -16, sensitivity -21 dBm above 36 dB of OSNR; 300G and 200G alike. One law with 1/P and 1/P^2 goes through the 400G
  points within 0.1 dB. Those of 300G (0.16 dB) and 200G (0.22 dB) fall in steps of half a decibel per 2 dB and end in a
  sensitivity that no such law meets exactly: the residual is reported, and held here.
- Every coherent mode of the catalog with a table: the same law, 0.22 dB, the greatest residual found.
- scipy.optimize.nnls with the weights of the solution, as second solver of the last step: 1e-6.
- Colorless drop: OpenROADM MSA optical specification 9.0, 0.3 dB at 13 dB and 0.5 dB at 15 dB of total to channel
  power: both follow from one rejection within 0.01 dB, a fifth of what their one decimal hides.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import nnls  # type: ignore[import-untyped]

from lightlane import kernels
from lightlane.catalog.load import load_catalog
from lightlane.catalog.parts import CoherentMode

MODES = {
    mode_id: mode
    for mode_id, mode in load_catalog().modes.items()
    if isinstance(mode, CoherentMode) and mode.required_osnr_db_by_received_power_dbm is not None
}
TRIPLES = {
    "400G": ([(-21.0, 36.0), (-16.0, 24.4), (-14.0, 23.9), (-12.0, 23.4)], 0.1),
    "300G": ([(-22.0, 36.0), (-19.0, 21.3), (-17.0, 20.8), (-15.0, 20.3)], 0.16),
    "200G": ([(-29.0, 36.0), (-22.0, 16.0), (-20.0, 15.5), (-18.0, 15.0)], 0.22),
}


@pytest.mark.parametrize("name", TRIPLES)
def test_published_triples(name: str) -> None:
    points, worst_db = TRIPLES[name]
    fit = kernels.fit_receiver(points, sensitivity_dbm=points[0][0])
    assert np.max(np.abs(fit.distance_db)) < worst_db
    for power_dbm, osnr_db in points[1:]:
        found = float(kernels.receiver_required_osnr_db(power_dbm, fit.noise))
        assert found == pytest.approx(osnr_db, abs=worst_db + 0.01)
    # The sensitivity is met: its OSNR is enough there, and nothing is said below.
    at_limit = kernels.receiver_required_osnr_db([points[0][0], points[0][0] - 0.01], fit.noise)
    assert at_limit[0] <= 36.0 + 1e-9
    assert np.isnan(at_limit[1])


@pytest.mark.parametrize("mode_id", MODES)
def test_catalog_modes(mode_id: str) -> None:
    mode = MODES[mode_id]
    assert mode.required_osnr_db_by_received_power_dbm is not None
    points = mode.required_osnr_db_by_received_power_dbm
    fit = kernels.fit_receiver(points, sensitivity_dbm=mode.sensitivity_dbm)
    assert np.max(np.abs(fit.distance_db)) < 0.22
    least, most = points[0][0], points[-1][0]
    powers = np.linspace(least, most, 200)
    curve = kernels.receiver_required_osnr_db(powers, fit.noise)
    assert np.all(np.diff(curve) <= 0)
    assert curve[-1] == min(osnr for _, osnr in points)


@pytest.mark.parametrize("name", TRIPLES)
def test_second_solver(name: str) -> None:
    points, _ = TRIPLES[name]
    noise = kernels.fit_receiver(points).noise
    knee_dbm, ample_db = points[-1]
    shares = np.array([noise.line_ratio, noise.inverse_power_ratio, noise.inverse_square_ratio])
    u = 10 ** ((knee_dbm - np.array([power for power, _ in points])) / 10)
    x = 10 ** ((ample_db - np.array([osnr for _, osnr in points])) / 10)
    rows = np.stack([x, u, u**2], axis=1)
    weights = 1 / np.hypot(shares[0] * x, shares[1] * u + 2 * shares[2] * u**2)
    expected, _ = nnls(rows * weights[:, None], weights)
    np.testing.assert_allclose(shares, expected, atol=1e-6)


def test_colorless_drop_has_one_rejection() -> None:
    rejection_ratio, worst_db = kernels.fit_colorless_receiver([(0.0, 0.0), (13.0, 0.3), (15.0, 0.5)])
    assert worst_db < 0.01
    penalties = kernels.colorless_penalty_db([0.0, 13.0, 15.0, 30.0], rejection_ratio=rejection_ratio)
    np.testing.assert_allclose(penalties[:3], [0.0, 0.3, 0.5], atol=0.01)
    assert np.isnan(penalties[3])
