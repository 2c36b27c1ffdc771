"""Sampled fields along a fiber, against OptiCommPy and closed forms.

Source: ``manakovSSF`` of OptiCommPy 0.11.0 on the same field with the same equal steps. It writes fields as
exp(-j omega t): ours is the conjugate. It takes the power of both ends of a step for the phase, ours the integral of
the power: both are of second order, and at steps of 0.1 km their errors are some 1e-4 and found to be 2e-4 apart; hence
1e-3. The noise of amplifiers is known to the four standard errors of its number of samples.
"""

from __future__ import annotations

import logging
import warnings

import numpy as np
import pytest
from numpy.typing import NDArray

from lightlane import kernels

Field = NDArray[np.complex128]
CENTER_THZ = 193.1
RATE_GHZ = 400.0


def make_field(samples: int, power_mw: float, rows: int = 2, channels: int = 3) -> Field:
    """Return channels of 32 GBd QPSK-like noise at 50 GHz, of this power each in all rows together."""
    rng = np.random.default_rng(7)
    frequency_ghz = kernels.field_frequencies_ghz(samples, RATE_GHZ)
    spectrum = np.zeros((rows, samples), dtype=np.complex128)
    for center_ghz in 50.0 * (np.arange(channels) - 0.5 * (channels - 1)):
        inside = np.abs(frequency_ghz - center_ghz) < 16.0
        spectrum[:, inside] = np.exp(2j * np.pi * rng.random((rows, inside.sum())))
    field = np.fft.ifft(spectrum)
    return np.asarray(field * np.sqrt(power_mw * 1e-3 * channels / np.mean(np.sum(np.abs(field) ** 2, axis=0))))


def distance(found: Field, expected: Field) -> float:
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


CENTER_NM = 299_792.458 / CENTER_THZ
FIBER = {
    "sample_rate_ghz": RATE_GHZ,
    "reference_thz": CENTER_THZ,
    "dispersion_ps_per_nm_km": 16.0,
    "dispersion_wavelength_nm": CENTER_NM,
    # No third derivative of the propagation constant, as in OptiCommPy.
    "slope_ps_per_nm2_km": -2.0 * 16.0 / CENTER_NM,
    "attenuation_db_per_km": 0.2,
    "gamma_per_w_km": 1.3,
}


@pytest.mark.parametrize("samples", [4096, 5000])
def test_opticommpy(samples: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from optic.models.channels import manakovSSF
        from optic.utils import parameters

        logging.disable(logging.INFO)
        param = parameters()
        param.Fs, param.Fc, param.hz = RATE_GHZ * 1e9, CENTER_THZ * 1e12, 0.1
        param.Ltotal = param.Lspan = 20.0
        param.alpha, param.D, param.gamma = 0.2, 16.0, 1.3
        param.amp, param.nlprMethod, param.prgsBar, param.saveSpanN = None, False, False, [1]
        param.tol = 1e-9
        field = make_field(samples, 10.0)
        theirs = manakovSSF(np.ascontiguousarray(field.conj().T), param)
        logging.disable(logging.NOTSET)
    # What its amplifier setting does to the level is not compared.
    theirs = theirs.T[:2].conj()
    ours = kernels.propagate_fiber(field, length_km=20.0, step_km=0.1, **FIBER).field
    theirs = theirs * np.linalg.norm(ours) / np.linalg.norm(theirs)
    assert distance(ours, theirs) < 1e-3
    linear = kernels.propagate_fiber(field, length_km=20.0, step_km=0.1, **{**FIBER, "gamma_per_w_km": 0.0}).field
    assert distance(linear, theirs) > 0.1


@pytest.mark.parametrize("power_mw", [1.0, 10.0])
@pytest.mark.parametrize("dispersion_ps_per_nm_km", [16.0, 2.0, -5.0])
def test_promise_of_the_local_error_on_a_comb(power_mw: float, dispersion_ps_per_nm_km: float) -> None:
    field = make_field(4096, power_mw, channels=5)
    fiber = {**FIBER, "dispersion_ps_per_nm_km": dispersion_ps_per_nm_km, "length_km": 80.0}
    exact = kernels.propagate_fiber(field, error_fraction=1e-6, **fiber).field
    # A second opinion on what is exact: the error of plain steps of 0.04 km and its extrapolation.
    coarse, fine = (kernels.propagate_fiber(field, step_km=step_km, **fiber).field for step_km in (0.08, 0.04))
    assert distance((4.0 * fine - coarse) / 3.0, exact) < 1e-6
    for error_fraction in (1e-2, 1e-3, 1e-4):
        taken = kernels.propagate_fiber(field, error_fraction=error_fraction, **fiber)
        assert distance(taken.field, exact) < error_fraction
        assert taken.report.error_fraction <= error_fraction
    default = kernels.propagate_fiber(field, **fiber)
    assert distance(default.field, exact) < 1e-3


def test_singles_lose_what_is_documented() -> None:
    field = make_field(8192, 2.0)
    steps = 400
    double, single = (
        kernels.propagate_fiber(field, length_km=80.0, step_km=80.0 / steps, precision=precision, **FIBER).field
        for precision in ("f64", "f32")
    )
    # Tables are rounded alike in all steps, by half a unit of the last place (6e-8) at most.
    assert 1e-8 * steps < distance(single, double) < 1e-7 * steps


def test_sampled_profile_is_the_decay_that_it_samples() -> None:
    field = make_field(2048, 5.0)
    profile = kernels.PowerProfile(np.array([0.0, 10.0, 25.0, 60.0]), np.array([[0.0, -2.0, -5.0, -12.0]]))
    plain = {**FIBER, "length_km": 60.0, "step_km": 0.5}
    sampled = {**plain, "attenuation_db_per_km": None, "profile": profile}
    assert (
        distance(kernels.propagate_fiber(field, **sampled).field, kernels.propagate_fiber(field, **plain).field) < 1e-12
    )


def test_third_order_dispersion_delays_as_its_group_delay() -> None:
    """A narrow tone group 1 THz off the center arrives later by the integral of D over wavelength."""
    rate_ghz, samples, slope = 4096.0, 1 << 14, 0.06
    frequency_ghz = kernels.field_frequencies_ghz(samples, rate_ghz)
    spectrum = np.exp(-(((frequency_ghz - 1000.0) / 5.0) ** 2))[np.newaxis]
    field = np.fft.ifft(spectrum)
    out = kernels.propagate_fiber(
        field, sample_rate_ghz=rate_ghz, reference_thz=193.4, length_km=1.0, step_km=1.0, gamma_per_w_km=0.0,
        dispersion_ps_per_nm_km=16.0, slope_ps_per_nm2_km=slope, attenuation_db_per_km=0.0,
    ).field  # fmt: skip
    power = np.abs(out[0]) ** 2
    time_ps = 1e3 * np.fft.fftfreq(samples, rate_ghz / samples)
    found_ps = np.sum(power * time_ps) / np.sum(power)
    from_nm, to_nm = 299_792.458 / 193.4, 299_792.458 / 194.4
    expected_ps = 16.0 * (to_nm - from_nm) + 0.5 * slope * ((to_nm - 1550.0) ** 2 - (from_nm - 1550.0) ** 2)
    # Derivatives beyond the third are left out: their share at 1 THz of 193 is some 1e-4.
    assert found_ps == pytest.approx(expected_ps, rel=5e-4)


def test_amplifier_chain_has_the_osnr_of_the_budget() -> None:
    samples, spans = 1 << 16, 5
    field = np.full((2, samples), np.sqrt(0.5e-3), dtype=np.complex128)
    address = kernels.NumberAddress(seed=3)
    for span in range(spans):
        field = kernels.amplify_field(
            field * 10 ** (-20.0 / 20.0), gain_db=20.0, noise_figure_db=5.0, sample_rate_ghz=100.0,
            reference_thz=193.4, address=address, purpose=span,
        )  # fmt: skip
    signal = np.abs(field.mean(axis=1)) ** 2
    noise = np.var(field, axis=1)
    found_db = 10.0 * np.log10(signal.sum() / noise.sum() * 100.0 / 12.5)
    expected_db = kernels.ase_osnr_db(
        noise_figure_db=5.0, input_power_dbm=-20.0, frequency_thz=193.4
    ) - 10.0 * np.log10(5)
    # 2^17 complex numbers: four standard errors are 1.1 %.
    assert found_db == pytest.approx(expected_db, abs=0.05)


def test_passbands_of_fields_are_those_of_the_budget() -> None:
    samples = 4096
    passband = kernels.Passband(70.0, 94.0, 2.0)
    impulse = np.zeros((1, samples), dtype=np.complex128)
    impulse[0, 0] = 1.0
    spectrum = np.fft.fft(kernels.pass_passbands(impulse, [passband, passband], sample_rate_ghz=RATE_GHZ)[0])
    offset_ghz = kernels.field_frequencies_ghz(samples, RATE_GHZ)
    near = np.abs(offset_ghz) < 60.0
    expected_db = 2.0 * kernels.cascade_transmission_db(offset_ghz[near], [passband])
    assert 20.0 * np.log10(np.abs(spectrum[near])) == pytest.approx(expected_db, abs=1e-6)


def test_mean_dgd_of_waveplates_and_their_field() -> None:
    dgd_ps = [
        kernels.waveplates_dgd_ps(
            kernels.draw_waveplates(dgd_mean_ps=3.0, address=kernels.NumberAddress(seed=1, draw=draw)), [0.0]
        )[0]
        for draw in range(2000)
    ]
    # The standard error of 2,000 Maxwellian numbers is 0.95 %.
    assert np.mean(dgd_ps) == pytest.approx(3.0, rel=0.02)
    assert np.mean(np.square(dgd_ps)) == pytest.approx(3.0 * np.pi / 8.0 * 9.0, rel=0.04)
    # Jones matrices of neighboring frequencies, from fields, give the DGD by Heffner's eigenvalues.
    plates = kernels.draw_waveplates(dgd_mean_ps=3.0, address=kernels.NumberAddress(seed=1))
    samples, rate_ghz = 1024, 102.4
    columns = []
    for row in range(2):
        impulse = np.zeros((2, samples), dtype=np.complex128)
        impulse[row, 0] = 1.0
        columns.append(np.fft.fft(kernels.pass_waveplates(impulse, plates, sample_rate_ghz=rate_ghz)))
    jones = np.moveaxis(np.array(columns), 2, 0).transpose(0, 2, 1)
    step_rad_per_ps = 2.0 * np.pi * rate_ghz / samples * 1e-3
    eigenvalues = np.linalg.eigvals(jones[1] @ np.linalg.inv(jones[0]))
    found_ps = np.abs(np.angle(eigenvalues[0] / eigenvalues[1])) / step_rad_per_ps
    # Between bins 0 and 1 at 0.05 GHz; the third derivative over 0.1 GHz is some 1e-6.
    assert found_ps == pytest.approx(kernels.waveplates_dgd_ps(plates, 0.05), rel=1e-4)


def test_fibers_have_the_dgd_of_the_plates_along_them() -> None:
    """DGD of 2,000 fibers by Heffner's eigenvalues from the fields behind them, dispersion and all: Maxwellian."""
    samples, rate_ghz, places_count = 256, 102.4, 12
    step_rad_per_ps = 2.0 * np.pi * rate_ghz / samples * 1e-3
    line = FIBER | {"sample_rate_ghz": rate_ghz, "gamma_per_w_km": 0.0, "length_km": 80.0, "step_km": 80.0}
    impulses = np.zeros((2, 2, samples), dtype=np.complex128)
    impulses[0, 0, 0] = impulses[1, 1, 0] = 1.0
    found_ps, expected_ps = [], []
    for draw in range(2000):
        address = kernels.NumberAddress(seed=2, draw=draw)
        plates = kernels.draw_waveplates(dgd_mean_ps=3.0, sections_count=24, address=address)
        columns = [
            np.fft.fft(kernels.propagate_fiber(field, plates=plates, places_count=places_count, **line).field)[:, :2]
            for field in impulses
        ]
        first, second = np.array(columns).transpose(2, 1, 0)
        eigenvalues = np.linalg.eigvals(second @ np.linalg.inv(first))
        found_ps.append(np.abs(np.angle(eigenvalues[0] / eigenvalues[1])) / step_rad_per_ps)
        expected_ps.append(float(kernels.waveplates_dgd_ps(plates, 0.2)))
    # Between bins 0 and 1; what the second derivative over 0.4 GHz and 12 ps leaves.
    assert np.array(found_ps) == pytest.approx(np.array(expected_ps), rel=1e-3, abs=1e-3)
    # The standard error of 2,000 Maxwellian numbers is 0.95 %.
    assert np.mean(found_ps) == pytest.approx(3.0, rel=0.02)
    assert np.mean(np.square(found_ps)) == pytest.approx(3.0 * np.pi / 8.0 * 9.0, rel=0.04)


def test_fast_rotations_and_loss() -> None:
    field = make_field(4096, 1.0)
    turned = kernels.rotate_polarization(field, rate_krad_per_s=1000.0, sample_rate_ghz=RATE_GHZ, axis=(0.3, -0.5, 0.8))
    assert np.sum(np.abs(turned) ** 2, axis=0) == pytest.approx(np.sum(np.abs(field) ** 2, axis=0), rel=1e-12)
    axis = kernels.random_axis(kernels.NumberAddress(seed=5), 2)
    lossy = kernels.pass_polarization_loss(field, pdl_db=2.0, axis=axis)
    jones = np.linalg.lstsq(field.T, lossy.T, rcond=None)[0].T
    values = np.linalg.svd(jones, compute_uv=False)
    assert 20.0 * np.log10(values[0] / values[1]) == pytest.approx(2.0, abs=1e-9)
