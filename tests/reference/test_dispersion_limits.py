"""Accumulated dispersion of the IEEE 802.3 and MSA reaches.

Source: D = S0/4 lambda (1 - (lambda0/lambda)^4), S0 = 0.093 ps/(nm2 km), lambda0 = 1300 and 1324 nm, at the outer edges
of the lanes and at the nominal reach, calculated independently of this code. The 0.5 km row agrees with clause 124.
Every figure is compared to its last printed digit: half of it is the tolerance. Two came as -18.6 (100G-LR1) and +14.2
(ER4-30 lane 0), which are -18.546 and 14.146 rounded twice (the first stood as -18.5 elsewhere); they stand here
rounded once.
"""

from __future__ import annotations

import pytest

from lightlane import kernels

CWDM = (1264.5, 1337.5)
DR = (1304.5, 1317.5)
LWDM8 = (1272.55, 1310.19)
LWDM4 = (1294.53, 1310.19)
NLWDM = (1304.06, 1311.96)

# fmt: off
LIMITS = [
    ("DR4, DR8 500 m", DR, 0.5, "-0.93", "0.80"),
    ("DR4-2, DR8-2 2 km", DR, 2.0, "-3.7", "3.2"),
    ("FR4-500", CWDM, 0.5, "-3.0", "1.7"),
    ("FR4 2 km", CWDM, 2.0, "-11.9", "6.7"),
    ("FR8 2 km", LWDM8, 2.0, "-10.2", "1.9"),
    ("LR4-6 6 km", CWDM, 6.0, "-35.6", "20.1"),
    ("LR4-10 10 km", CWDM, 10.0, "-59.4", "33.4"),
    ("LR8 10 km", LWDM8, 10.0, "-50.8", "9.4"),
    ("800GBASE-LR4 10 km", LWDM4, 10.0, "-28.4", "9.4"),
    ("100G-LR1 10 km", DR, 10.0, "-18.5", "16.0"),
    ("ER8 40 km", LWDM8, 40.0, "-203.3", "37.5"),
    ("200GBASE-ER4 40 km", LWDM4, 40.0, "-113.4", "37.5"),
    ("ER4-30 30 km", NLWDM, 30.0, "-56.9", "32.9"),
    ("ER4-40 40 km", NLWDM, 40.0, "-75.9", "43.9"),
    # Lanes of 10 km CWDM and of 30 km nLWDM, each with its own two signs.
    ("LR4-10 lane 0", (1264.5, 1277.5), 10.0, "-59.4", "-21.5"),
    ("LR4-10 lane 1", (1284.5, 1297.5), 10.0, "-38.5", "-2.3"),
    ("LR4-10 lane 2", (1304.5, 1317.5), 10.0, "-18.5", "16.0"),
    ("LR4-10 lane 3", (1324.5, 1337.5), 10.0, "0.5", "33.4"),
    ("ER4-30 lane 0", (1304.06, 1305.10), 30.0, "-56.9", "14.1"),
    ("ER4-30 lane 1", (1306.33, 1307.38), 30.0, "-50.3", "20.4"),
    ("ER4-30 lane 2", (1308.61, 1309.66), 30.0, "-43.7", "26.7"),
    ("ER4-30 lane 3", (1310.90, 1311.96), 30.0, "-37.1", "32.9"),
]
# fmt: on


@pytest.mark.parametrize("row", LIMITS, ids=lambda row: str(row[0]))
def test_accumulated_dispersion(row: tuple[str, tuple[float, float], float, str, str]) -> None:
    _, (shortest_nm, longest_nm), length_km, *printed = row
    found = kernels.accumulated_dispersion_range_ps_per_nm(shortest_nm, longest_nm, length_km)
    for value, text in zip(found, printed, strict=True):
        digits = len(text.partition(".")[2])
        assert value == pytest.approx(float(text), abs=0.5 * 10.0**-digits), text


def test_dispersion_vanishes_where_it_should_and_rises_with_the_slope() -> None:
    at = kernels.zero_dispersion_formula_ps_per_nm_km
    figures = {"zero_dispersion_nm": 1312.0, "zero_slope_ps_per_nm2_km": 0.09}
    assert float(at(1312.0, **figures)) == pytest.approx(0.0, abs=1e-12)
    # The derivative of the formula at lambda0 is S0; a central difference over 2 nm is exact to the third order.
    assert float(at(1313.0, **figures) - at(1311.0, **figures)) / 2 == pytest.approx(0.09, rel=1e-5)
