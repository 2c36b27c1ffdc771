"""Distributions of DGD and PDL, S factors, and equalization-enhanced phase noise.

Sources
-------
- S factors of the Maxwellian as standards use them (OpenZR+: 3.3), two digits; scipy.stats.maxwell, 1e-9 of itself.
- DGD of fiber and elements: seeded Monte Carlo over vectors; the fiber is 150 sections, not a Gaussian. 4 standard
  errors, and 0.002 for the sections.
- PDL: seeded Monte Carlo over products of Jones matrices in random bases, PDL from their singular values: no vectors
  and no rapidities. 4 standard errors. Mean of a Maxwellian (Mecozzi and Shtaif 2002) for many small elements.
- Equalization-enhanced phase noise: QPSK through dispersion, a local oscillator with a Wiener phase, and the equalizer.
  With the oscillator's own phase at each symbol taken off, the formula's variance remains. A receiver that takes off
  the mean phase over the spread of the dispersion has two thirds of it, the variance of a Wiener process around its own
  mean over that of its distance from the middle. 4 % for both: the spread of three runs of 131072 symbols.
- A submarine trial at 126 ns/nm chose 72 GBd over higher symbol rates because of this noise: direction only.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import maxwell  # type: ignore[import-untyped]

from lightlane import kernels

Floats = NDArray[np.float64]


@pytest.mark.parametrize(
    ("s_ratio", "probability_ratio"), [(3.0, 4.2e-5), (3.2, 9.2e-6), (3.3, 4.1e-6), (3.5, 7.7e-7), (3.775, 6.5e-8)]
)
def test_s_factors(s_ratio: float, probability_ratio: float) -> None:
    found = float(kernels.maxwell_exceedance_ratio(s_ratio))
    assert f"{found:.1e}" == f"{probability_ratio:.1e}"
    assert float(kernels.maxwell_quantile_ratio(found)) == pytest.approx(s_ratio, rel=1e-9)
    assert found == pytest.approx(maxwell.sf(s_ratio / np.sqrt(np.pi / 8)), rel=1e-9)


def _directions(rng: np.random.Generator, count: int) -> Floats:
    vectors = rng.standard_normal((count, 3))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


@pytest.mark.parametrize(
    ("fiber_ps", "elements_ps"),
    [(2.0, ()), (1.0, (3.0,)), (0.0, (3.0, 3.0, 3.0)), (2.0, (3.0, 3.0, 3.0, 3.0)), (0.0, (1.0, 2.5))],
)
def test_dgd_by_monte_carlo(fiber_ps: float, elements_ps: tuple[float, ...]) -> None:
    rng = np.random.default_rng(5)
    count = 40_000
    total = np.zeros((count, 3))
    sections = 150
    section_ps = fiber_ps * np.sqrt(3 * np.pi / 8 / sections)
    for length_ps in (*elements_ps, *([section_ps] * sections if fiber_ps else [])):
        total += length_ps * _directions(rng, count)
    dgd_ps = np.linalg.norm(total, axis=1)
    limits = np.quantile(dgd_ps, [0.2, 0.5, 0.9, 0.99])
    expected = np.mean(dgd_ps[:, None] > limits, axis=0)
    found = kernels.dgd_exceedance_ratio(limits, fiber_mean_dgd_ps=fiber_ps, element_dgd_ps=elements_ps)
    spread = 4 * np.sqrt(expected * (1 - expected) / count) + (0.002 if fiber_ps else 0.0)
    assert np.all(np.abs(found - expected) < spread)
    mean_ps = kernels.dgd_mean_ps(fiber_mean_dgd_ps=fiber_ps, element_dgd_ps=elements_ps)
    assert mean_ps == pytest.approx(dgd_ps.mean(), abs=5 * dgd_ps.std() / np.sqrt(count))


def _random_unitary(rng: np.random.Generator, count: int) -> NDArray[np.complex128]:
    gauss = rng.standard_normal((count, 2, 2)) + 1j * rng.standard_normal((count, 2, 2))
    q, r = np.linalg.qr(gauss)
    phases = np.einsum("nii->ni", r)
    return np.asarray(q * (phases / np.abs(phases))[:, None, :])


@pytest.mark.parametrize(
    "elements_db", [(1.5, 0.7), (1.5, 1.5, 1.5), (3.0, 0.5, 0.2, 0.7), (1.5, 1.5, 1.5, 1.5, 0.7, 0.7, 0.7)]
)
def test_pdl_by_monte_carlo(elements_db: tuple[float, ...]) -> None:
    rng = np.random.default_rng(11)
    count = 40_000
    chain = _random_unitary(rng, count)
    for pdl_db in elements_db:
        element = np.diag([1.0, 10 ** (-pdl_db / 20)])
        chain = _random_unitary(rng, count) @ element @ chain
    singular = np.linalg.svd(chain, compute_uv=False)
    pdl_db = 20 * np.log10(singular[:, 0] / singular[:, 1])
    limits = np.quantile(pdl_db, [0.1, 0.5, 0.9, 0.99])
    expected = np.mean(pdl_db[:, None] > limits, axis=0)
    found = kernels.pdl_exceedance_ratio(limits, element_pdl_db=elements_db)
    assert np.all(np.abs(found - expected) < 4 * np.sqrt(expected * (1 - expected) / count))
    mean_db = kernels.pdl_mean_db(element_pdl_db=elements_db)
    assert mean_db == pytest.approx(pdl_db.mean(), abs=4 * pdl_db.std() / np.sqrt(count))


def test_pdl_of_many_small_elements() -> None:
    elements_db = [0.1] * 100
    assert kernels.pdl_mean_db(element_pdl_db=elements_db) == pytest.approx(np.sqrt(8 / (3 * np.pi)), rel=0.005)
    assert float(kernels.pdl_quantile_db(1e-3, element_pdl_db=elements_db)) == pytest.approx(
        maxwell.isf(1e-3, scale=np.sqrt(1 / 3)), rel=0.02
    )


def test_outage_lies_between_worst_case_and_mean() -> None:
    # Six ROADM passes of 1.5 dB and five amplifiers of 0.7 dB add up to 12.5 dB only if all of them are in line.
    elements_db = [1.5] * 6 + [0.7] * 5
    rare_db = float(kernels.pdl_quantile_db(1e-5, element_pdl_db=elements_db))
    assert kernels.pdl_mean_db(element_pdl_db=elements_db) < rare_db < sum(elements_db)
    assert float(kernels.pdl_exceedance_ratio(rare_db, element_pdl_db=elements_db)) == pytest.approx(1e-5, rel=1e-4)


def _remaining_noise(
    dispersion_ps_per_nm: float, rate_gbd: float, linewidth_khz: float, *, seed: int, known_phase: bool
) -> float:
    rng = np.random.default_rng(seed)
    count = 2**17
    symbols = (rng.choice([-1.0, 1.0], count) + 1j * rng.choice([-1.0, 1.0], count)) / np.sqrt(2)
    omega = 2 * np.pi * np.fft.fftfreq(count, 1 / (rate_gbd * 1e9))
    curvature = dispersion_ps_per_nm * 1e-3 * (1550e-9) ** 2 / (4 * np.pi * 299_792_458.0)
    dispersion = np.exp(1j * curvature * omega**2)
    phase = np.cumsum(rng.standard_normal(count) * np.sqrt(2 * np.pi * linewidth_khz * 1e3 / (rate_gbd * 1e9)))
    # The transform is cyclic: a phase that ends where it starts.
    phase -= np.linspace(0, phase[-1], count)
    received = np.fft.ifft(np.fft.fft(symbols) * dispersion) * np.exp(1j * phase)
    equalized = np.fft.ifft(np.fft.fft(received) / dispersion)
    if known_phase:
        recovered = equalized * np.exp(-1j * phase)
    else:
        # Carrier recovery from known symbols, over a window shorter than the spread of the dispersion.
        rotation = np.convolve(equalized * symbols.conj(), np.ones(64) / 64, mode="same")
        recovered = equalized * np.exp(-1j * np.angle(rotation))
    return float(np.mean(np.abs(recovered - symbols) ** 2))


@pytest.mark.parametrize(
    ("dispersion_ps_per_nm", "rate_gbd", "linewidth_khz"),
    [(20_000.0, 118.2, 300.0), (40_000.0, 118.2, 300.0), (40_000.0, 60.0, 500.0), (126_000.0, 72.0, 100.0)],
)
@pytest.mark.parametrize(("known_phase", "share"), [(True, 1.0), (False, 2 / 3)])
def test_equalization_phase_noise_in_the_time_domain(
    dispersion_ps_per_nm: float, rate_gbd: float, linewidth_khz: float, known_phase: bool, share: float
) -> None:
    noise = np.mean(
        [
            _remaining_noise(dispersion_ps_per_nm, rate_gbd, linewidth_khz, seed=seed, known_phase=known_phase)
            for seed in range(3)
        ]
    )
    snr_db = kernels.equalization_phase_noise_snr_db(
        dispersion_ps_per_nm, symbol_rate_gbd=rate_gbd, linewidth_khz=linewidth_khz
    )
    assert noise / 10 ** (-float(snr_db) / 10) == pytest.approx(share, rel=0.04)


def test_higher_symbol_rates_suffer_more_phase_noise() -> None:
    slow, fast = (
        float(kernels.equalization_phase_noise_snr_db(126_000, symbol_rate_gbd=rate, linewidth_khz=100))
        for rate in (72.0, 119.0)
    )
    assert slow - fast == pytest.approx(10 * np.log10(119 / 72), abs=1e-9)
    assert kernels.equalization_phase_noise_snr_db(0.0, symbol_rate_gbd=60, linewidth_khz=300) == np.inf
