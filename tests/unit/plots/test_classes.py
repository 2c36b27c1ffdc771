"""The margin classes cover every margin once and stay apart for every kind of color vision."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from lightlane.plots.classes import ALL_CLASSES, MARGIN_CLASSES, badness, classify_links, classify_margin
from lightlane.plots.style import THEME_COLORS
from lightlane.results.records import Results

# Machado, Oliveira, Fernandes 2009, doi 10.1109/TVCG.2009.113, severity 1.0, in linear RGB.
SIMULATIONS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
RGB_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])


def _linear(color: str) -> np.ndarray:
    rgb = np.array([int(color[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def _lab(linear: np.ndarray) -> np.ndarray:
    ratio = RGB_TO_XYZ @ linear / WHITE
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def _contrast(one: str, other: str) -> float:
    light = sorted((float(RGB_TO_XYZ[1] @ _linear(color)) for color in (one, other)), reverse=True)
    return (light[0] + 0.05) / (light[1] + 0.05)


@pytest.mark.parametrize("vision", SIMULATIONS)
@pytest.mark.parametrize(("theme", "least"), [("color", 24.0), ("dark_color", 22.0)])
def test_classes_stay_apart(vision: str, theme: str, least: float) -> None:
    seen = [_lab(np.clip(SIMULATIONS[vision] @ _linear(getattr(item, theme)), 0, 1)) for item in ALL_CLASSES]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) >= least


@pytest.mark.parametrize("item", ALL_CLASSES, ids=lambda item: item.key)
def test_marks_stand_out(item: object) -> None:
    """WCAG 2.1, 1.4.11: graphical objects need a contrast of 3 to 1."""
    paper, dark_paper = THEME_COLORS["paper"]
    assert _contrast(item.color, paper) >= 3
    assert _contrast(item.dark_color, dark_paper) >= 3


@pytest.mark.parametrize("role", ["ink", "muted"])
def test_text_reads(role: str) -> None:
    """WCAG 2.1, 1.4.3: text needs a contrast of 4.5 to 1."""
    for place in (0, 1):
        assert _contrast(THEME_COLORS[role][place], THEME_COLORS["paper"][place]) >= 4.5


def test_each_light_color_stands_for_one_role() -> None:
    lights = [light for light, _ in THEME_COLORS.values()]
    assert len(set(lights)) == len(lights)
    assert all(color == color.lower() and len(color) == 7 for pair in THEME_COLORS.values() for color in pair)


def test_classes_have_no_gap() -> None:
    assert MARGIN_CLASSES[0].lower_db == -math.inf
    assert MARGIN_CLASSES[-1].upper_db == math.inf
    for lower, upper in itertools.pairwise(MARGIN_CLASSES):
        assert lower.upper_db == upper.lower_db


@pytest.mark.parametrize(
    ("margin_db", "status", "key"),
    [
        (-0.01, "down", "down"),
        (0.0, "up", "critical"),
        (0.99, "degraded", "critical"),
        (1.0, "up", "low"),
        (2.0, "up", "good"),
        (3.0, "up", "high"),
        (math.inf, "up", "unknown"),
        (math.nan, "down", "down"),
        (math.nan, "unknown", "unknown"),
        (math.nan, "up", "unknown"),
        (4.0, "down", "down"),
        (4.0, "unknown", "unknown"),
    ],
)
def test_class_of(margin_db: float, status: str, key: str) -> None:
    assert classify_margin(margin_db, status).key == key


def test_badness_ranks_every_class() -> None:
    assert sorted(badness(item) for item in ALL_CLASSES) == list(range(len(ALL_CLASSES)))
    ranks = [badness(item) for item in MARGIN_CLASSES]
    assert ranks == sorted(ranks, reverse=True)


def test_rows_are_classified(synthetic_results: Results) -> None:
    classes = classify_links(synthetic_results.links)
    assert len(classes) == len(synthetic_results.links)
    down = (synthetic_results.links["status"] == "down").tolist()
    assert [item.key == "down" for item in classes] == down
