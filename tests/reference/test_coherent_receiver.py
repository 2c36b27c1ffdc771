"""One receiver from the OSNR limit to the unamplified one, and the colorless drop.

Sources
-------
- Required OSNR over received power of Smartoptics SO-TQSFPDD4CCZRP r5.10: 400G 23.4 dB at -12 dBm, 23.9 at -14, 24.4
  at -16, sensitivity -21 dBm above 36 dB of OSNR; 300G and 200G alike; and of every coherent mode of the catalog: each
  point is met within 1e-9 dB (rounding at a sensitivity, where the curve is steep), and between two points the curve
  stays between them.
- The smooth law alone, by its distance from the points: 0.1, 0.16 and 0.22 dB (400G, 300G, 200G), 0.22 dB at most, as
  the least squares of a second solver confirm. Tables that fall in steps of half a decibel per 2 dB follow no such law.
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
    for power_dbm, osnr_db in points:
        assert float(kernels.receiver_required_osnr_db(power_dbm, fit)) == pytest.approx(osnr_db, abs=1e-9)
    # Nothing is asked for below the sensitivity, where noise goes on growing.
    assert np.isnan(kernels.receiver_required_osnr_db(points[0][0] - 0.01, fit))
    shares = kernels.receiver_noise_share_ratio(points[0][0] - np.array([0.0, 1e-9, 0.5, 1.0]), fit)
    assert shares[0] == pytest.approx(1 - 10 ** ((points[-1][1] - 36.0) / 10), abs=1e-12)
    assert shares[1] == pytest.approx(shares[0], abs=1e-8)
    assert shares[0] < 1 < shares[2] < shares[3]


@pytest.mark.parametrize("mode_id", MODES)
def test_catalog_modes(mode_id: str) -> None:
    mode = MODES[mode_id]
    assert mode.required_osnr_db_by_received_power_dbm is not None
    points = mode.required_osnr_db_by_received_power_dbm
    fit = kernels.fit_receiver(points, sensitivity_dbm=mode.sensitivity_dbm)
    assert np.max(np.abs(fit.distance_db)) < 0.22
    table_dbm, table_db = np.array(points).T
    np.testing.assert_allclose(kernels.receiver_required_osnr_db(table_dbm, fit), table_db, atol=1e-9)
    powers_dbm = np.linspace(points[0][0], points[-1][0], 2001)
    curve_db = kernels.receiver_required_osnr_db(powers_dbm, fit)
    assert np.all(np.diff(curve_db) <= 1e-12)
    above = np.minimum(np.searchsorted(table_dbm, powers_dbm), len(points) - 1)
    assert np.all(curve_db >= table_db[above] - 1e-9)


def test_between_its_points_a_receiver_is_the_law_and_a_straight_line() -> None:
    """By hand for 300G, half way between -22 and -19 dBm, where the law alone is 1.4 dB off at the sensitivity."""
    points, _ = TRIPLES["300G"]
    fit = kernels.fit_receiver(points, sensitivity_dbm=-22.0)
    noise = fit.noise

    def law(power_dbm: float) -> float:
        u = 10 ** ((noise.knee_power_dbm - power_dbm) / 10)
        left = 1 - noise.inverse_power_ratio * u - noise.inverse_square_ratio * u**2
        return 1 - left / noise.line_ratio

    def share(osnr_db: float) -> float:
        return 1 - 10 ** ((20.3 - osnr_db) / 10)

    expected = law(-20.5) + 0.5 * (share(36.0) - law(-22.0)) + 0.5 * (share(21.3) - law(-19.0))
    assert float(kernels.receiver_noise_share_ratio(-20.5, fit)) == pytest.approx(expected, abs=1e-12)
    assert 36.0 - (20.3 - 10 * np.log10(1 - law(-22.0))) > 1.0


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
