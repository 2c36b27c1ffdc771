"""The map of a catalog's FEC over the pre-FEC BER."""

import numpy as np
import pytest

from lightlane import load_catalog
from lightlane.kernels import kp4_post_fec_ber
from lightlane.toolkit import map_fec

CATALOG = load_catalog()


def test_kp4_is_the_binomial_formula():
    ratios = np.array([1e-5, 2.4e-4, 1e-3])
    np.testing.assert_allclose(map_fec(CATALOG.get_fec("kp4-2"), ratios), kp4_post_fec_ber(ratios), rtol=1e-12)


def test_a_table_meets_its_target_at_the_threshold():
    fec = CATALOG.get_fec("cfec")
    left = map_fec(fec, [fec.threshold_pre_fec_ber, 2.0 * fec.threshold_pre_fec_ber])
    assert left[0] == pytest.approx(fec.target_post_fec_ber)
    assert left[1] > 1e3 * left[0]


def test_shape_is_kept():
    assert map_fec(CATALOG.get_fec("ofec"), np.full((2, 3), 1e-3)).shape == (2, 3)
