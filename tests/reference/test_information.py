"""Mutual information of the formats, its generalized and normalized forms, and the excess kurtosis.

Sources
-------
- Limits of binary-input Gaussian channels as tabulated for code design: Eb/N0 of rates 1/2, 2/3, 3/4, 4/5 and 9/10.
  Each quadrature of QPSK is such a channel, Es/N0 = 2 R Eb/N0. Three decimals: 0.001 dB.
- Adaptive integration (scipy.integrate.quad) of the entropies of one quadrature, written from the definitions with
  normal densities: 1e-5 bits, the stated error of a quadrature with 64 nodes.
- Mutual information by OptiCommPy 0.11.0, theoryMI (adaptive integration over the plane, shaped formats with their
  probabilities), run once and copied here: 1e-5 bits.
- Seeded Monte Carlo over the plane with posterior bit probabilities from the joint densities, for 8QAM and all others:
  4 standard errors, about 0.01 bits.
- Kurtosis of QPSK (-1) and 16QAM (-0.68) as published for the format correction of nonlinear interference; the sum over
  the points for the others, 1e-12.
- Shaping: at its own rate each OpenROADM constellation must need less SNR than plain 16QAM for the same GMI, and never
  less than the channel's capacity.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad  # type: ignore[import-untyped]
from scipy.special import logsumexp  # type: ignore[import-untyped]

from lightlane import kernels

FORMATS = [("qpsk", None), ("8qam", None), ("16qam", None)] + [("pcs16qam", p) for p in (0.623, 0.681, 0.8265)]
GRAY = np.array([0b00, 0b01, 0b11, 0b10])


@pytest.mark.parametrize(
    ("rate_ratio", "eb_n0_db"), [(1 / 2, 0.187), (2 / 3, 1.059), (3 / 4, 1.626), (4 / 5, 2.040), (9 / 10, 3.198)]
)
def test_binary_limits(rate_ratio: float, eb_n0_db: float) -> None:
    snr_db = kernels.required_snr_for_ngmi_db(rate_ratio, modulation="qpsk")
    assert snr_db - 10 * math.log10(2 * rate_ratio) == pytest.approx(eb_n0_db, abs=0.001)


def _levels(inner_ratio: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    levels = np.array([-3.0, -1.0, 1.0, 3.0])
    priors = np.where(np.abs(levels) == 1, inner_ratio, 1 - inner_ratio) / 2
    return levels / math.sqrt(2 * priors @ levels**2), priors


def _integrated_bits(snr_db: float, inner_ratio: float) -> float:
    """GMI of 16QAM as twice the sum of h(B) - h(B|Y) of one quadrature, by adaptive integration over y."""
    levels, priors = _levels(inner_ratio)
    sigma = math.sqrt(0.5 / 10 ** (snr_db / 10))

    def entropy(bit: int, y: float) -> float:
        density = priors * np.exp(-((y - levels) ** 2) / (2 * sigma**2)) / math.sqrt(2 * math.pi) / sigma
        one = density[(GRAY >> bit) & 1 == 1].sum()
        total = density.sum()
        return -sum(part * math.log2(part / total) for part in (one, total - one) if 0 < part < total)

    hidden = sum(
        quad(lambda y, bit=bit: entropy(bit, y), -8, 8, points=list(levels), limit=400, epsabs=1e-10)[0]
        for bit in (0, 1)
    )
    source = -2 * float(priors @ np.log2(priors))
    return source - 2 * float(hidden)


@pytest.mark.parametrize("inner_ratio", [0.5, 0.623, 0.681, 0.8265])
@pytest.mark.parametrize("snr_db", [3.0, 8.0, 12.71, 17.0])
def test_sixteen_points_by_adaptive_integration(snr_db: float, inner_ratio: float) -> None:
    found = kernels.gmi_bits(snr_db, modulation="pcs16qam", inner_amplitude_ratio=inner_ratio)
    assert float(found) == pytest.approx(_integrated_bits(snr_db, inner_ratio), abs=1e-5)


@pytest.mark.parametrize(
    ("modulation", "inner_ratio", "snr_db", "expected_bits"),
    [
        ("qpsk", None, 6.0, 1.823761070254227),
        ("qpsk", None, 10.0, 1.9935126421870528),
        ("16qam", None, 6.0, 2.203630633611504),
        ("16qam", None, 10.0, 3.1639434731906055),
        ("16qam", None, 12.71, 3.695515944809159),
        ("pcs16qam", 0.623, 8.0, 2.765724468301037),
        ("pcs16qam", 0.623, 12.0, 3.6263450615803268),
        ("pcs16qam", 0.8265, 8.0, 2.7423918223006587),
        ("pcs16qam", 0.8265, 12.0, 3.2686177118949984),
    ],
)
def test_mutual_information_of_another_program(
    modulation: str, inner_ratio: float | None, snr_db: float, expected_bits: float
) -> None:
    found = kernels.mutual_information_bits(snr_db, modulation=modulation, inner_amplitude_ratio=inner_ratio)
    assert float(found) == pytest.approx(expected_bits, abs=1e-5)


def _constellation(
    modulation: str, inner_ratio: float | None
) -> tuple[NDArray[np.complex128], NDArray[np.float64], NDArray[np.int64]]:
    if modulation == "8qam":
        angles = np.arange(4) * np.pi / 2
        outer = (1 + math.sqrt(3)) / math.sqrt(2)
        points = np.concatenate([np.exp(1j * (angles + np.pi / 4)), outer * np.exp(1j * angles)])
        points /= math.sqrt(np.mean(np.abs(points) ** 2))
        return points, np.full(8, 1 / 8), np.concatenate([GRAY, GRAY + 4])
    if modulation == "qpsk":
        signs = np.array([-1.0, 1.0]) / math.sqrt(2)
        return (signs[:, None] + 1j * signs).ravel(), np.full(4, 0.25), np.arange(4)
    levels, priors = _levels(inner_ratio or 0.5)
    points = (levels[:, None] + 1j * levels).ravel()
    return points, (priors[:, None] * priors).ravel(), (4 * GRAY[:, None] + GRAY).ravel()


@pytest.mark.parametrize(("modulation", "inner_ratio"), FORMATS)
@pytest.mark.parametrize("snr_db", [6.0, 11.0])
def test_against_monte_carlo(modulation: str, inner_ratio: float | None, snr_db: float) -> None:
    points, priors, labels = _constellation(modulation, inner_ratio)
    rng = np.random.default_rng(61)
    count = 40_000
    sent = rng.choice(points.size, count, p=priors)
    sigma = math.sqrt(0.5 / 10 ** (snr_db / 10))
    received = points[sent] + sigma * (rng.standard_normal(count) + 1j * rng.standard_normal(count))
    joint = np.log(priors) - np.abs(received[:, None] - points) ** 2 / (2 * sigma**2)
    total = logsumexp(joint, axis=1)
    symbol = (total - joint[np.arange(count), sent]) / math.log(2)
    bits = np.zeros(count)
    for bit in range(round(math.log2(points.size))):
        same = (labels >> bit & 1) == (labels[sent][:, None] >> bit & 1)
        bits += (total - logsumexp(np.where(same, joint, -np.inf), axis=1)) / math.log(2)
    entropy = -float(priors @ np.log2(priors))
    for hidden, kernel in ((symbol, kernels.mutual_information_bits), (bits, kernels.gmi_bits)):
        found = float(kernel(snr_db, modulation=modulation, inner_amplitude_ratio=inner_ratio))
        assert found == pytest.approx(entropy - hidden.mean(), abs=4 * hidden.std() / math.sqrt(count))
    width = math.log2(points.size)
    ngmi = float(kernels.ngmi_ratio(snr_db, modulation=modulation, inner_amplitude_ratio=inner_ratio))
    assert ngmi == pytest.approx(1 - bits.mean() / width, abs=4 * bits.std() / math.sqrt(count) / width)


@pytest.mark.parametrize(("modulation", "inner_ratio"), FORMATS)
def test_kurtosis(modulation: str, inner_ratio: float | None) -> None:
    points, priors, _ = _constellation(modulation, inner_ratio)
    expected = float(priors @ np.abs(points) ** 4) / float(priors @ np.abs(points) ** 2) ** 2 - 2
    found = kernels.excess_kurtosis_ratio(modulation=modulation, inner_amplitude_ratio=inner_ratio)
    assert found == pytest.approx(expected, abs=1e-12)
    assert found == pytest.approx({"qpsk": -1.0, "16qam": -0.68}.get(modulation, found), abs=1e-12)


@pytest.mark.parametrize("inner_ratio", [0.623, 0.681, 0.8265])
def test_shaping_saves_power_and_obeys_capacity(inner_ratio: float) -> None:
    snr_db = kernels.required_snr_for_ngmi_db(111 / 128, modulation="pcs16qam", inner_amplitude_ratio=inner_ratio)
    shaped = float(kernels.gmi_bits(snr_db, modulation="pcs16qam", inner_amplitude_ratio=inner_ratio))
    assert shaped > float(kernels.gmi_bits(snr_db, modulation="16qam"))
    assert shaped < math.log2(1 + 10 ** (snr_db / 10))


@pytest.mark.parametrize(("modulation", "inner_ratio"), FORMATS)
def test_no_code_beats_the_ideal_one(modulation: str, inner_ratio: float | None) -> None:
    # oFEC, rate 111/128, works from a pre-FEC BER of 2e-2 on; an ideal code of its rate does with less SNR.
    threshold_db = kernels.required_snr_db(2e-2, modulation=modulation, inner_amplitude_ratio=inner_ratio)
    ideal_db = kernels.required_snr_for_ngmi_db(111 / 128, modulation=modulation, inner_amplitude_ratio=inner_ratio)
    assert threshold_db > ideal_db
