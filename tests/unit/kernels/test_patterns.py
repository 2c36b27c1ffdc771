"""Names, counts and refusals of the PAM4 test patterns."""

from __future__ import annotations

import numpy as np
import pytest

from lightlane.errors import ParameterError
from lightlane.kernels.patterns import (
    gray_bits,
    gray_levels,
    named_pattern,
    prbs_bits,
    precode,
    quaternary_prbs,
    ssprq,
    undo_precoding,
)


@pytest.mark.parametrize(("name", "count"), [("ssprq", 65535), ("prbs13q", 8191), ("prbs7q", 127), ("prbs15q", 32767)])
def test_one_period_of_a_name(name: str, count: int) -> None:
    levels = named_pattern(name)
    assert levels.size == count
    assert set(levels.tolist()) == {0, 1, 2, 3}


def test_prbs13q_is_gray_code_of_two_periods() -> None:
    bits = prbs_bits(13, 2 * 8191)
    assert (bits[:8191] == bits[8191:]).all()
    assert (quaternary_prbs(13) == gray_levels(bits)).all()
    # The recurrence of x^13 + x^12 + x^2 + x + 1, written out.
    b = bits.astype(int)
    assert (b[13:200] == (b[0:187] + b[1:188] + b[11:198] + b[12:199]) % 2).all()


def test_inversion_is_the_standards() -> None:
    assert (prbs_bits(31, 100) == 1 - prbs_bits(31, 100, inverted=False)).all()
    assert (prbs_bits(13, 100) == prbs_bits(13, 100, inverted=False)).all()


def test_codes_are_undone() -> None:
    levels = ssprq()[:1000]
    assert (gray_levels(gray_bits(levels)) == levels).all()
    assert (undo_precoding(precode(levels, before=3), before=3) == levels).all()


def test_refusals() -> None:
    with pytest.raises(ParameterError, match="prbs8q"):
        named_pattern("prbs8q")
    with pytest.raises(ParameterError, match="order"):
        prbs_bits(8, 10)
    with pytest.raises(ParameterError, match="state"):
        prbs_bits(7, 10, state=0)
    with pytest.raises(ParameterError, match="levels hold 4"):
        precode(np.array([0, 4]))
    with pytest.raises(ParameterError, match="count"):
        quaternary_prbs(13, -1)
