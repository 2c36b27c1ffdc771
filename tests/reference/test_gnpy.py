"""Lines evaluated by GNPy 3.0.1 (Telecom Infra Project), element by element, and by the budget model.

How: the same fibers, amplifiers and comb are built in both programs from GNPy's own example equipment library; GNPy's
elements propagate its spectral information, and its transceiver reads the noise. Amplifiers have the gain that makes up
the loss before them.

Tolerances
----------
- OSNR of ASE: 0.05 dB with everything on. GNPy takes nonlinear interference out of the signal, Lightlane does not
  (first order), which makes up to 0.02 dB at 6 dBm per channel and below 0.007 dB at 1 dBm. With the Kerr coefficient
  at nothing in GNPy, 0.002 dB is met: both use NF h nu B at the input, and the rest is the ASE that fills amplifiers
  and the catalog's noise figures, rounded to 0.001 dB.
- Between whole decibels of gain, where the catalog's noise figures are interpolated: 0.05 dB.
- OpenROADM amplifiers: GNPy derives the noise figure with 58 dB instead of -10 log10(h nu 12.5 GHz/1 mW), 57.95 dB at
  193.4 THz. That difference is taken off. GNPy also counts ASE to the power that the polynomial is taken at: 0.01 dB.
- Dispersion and PMD: the same formulas, 1e-6 relative. Latency: group index 1.468 there, 1.4682 here; 0.02 %.
- Nonlinear interference of one span: 0.25 dB. GNPy's analytic method is the incoherent GN model (arXiv 1209.0394,
  equation 120) with the effective length and a Kerr coefficient that rises with frequency; here it is the ISRS closed
  form, which holds the span to be long, with one coefficient. The coefficient alone makes +-0.2 dB at the edges of
  3 THz, the finite length 0.1 dB at 20 dB of loss.
- The same against GNPy's numerical integral of the GN model (``ggn_spectrally_separated``), which does not hold the
  span to be long: one channel of 16 on 75 GHz, no Raman transfer, no slope. 0.05 dB from 80 km on, of which the
  integral's own grid makes 0.02. On shorter spans the closed form is pessimistic; SHORT_SPANS says how much (0.05 dB).
- Of many spans: GNPy adds spans incoherently. What coherence adds for one channel is known in closed form (Poggiolini
  2012, doi 10.1109/JLT.2012.2217729, equation 23) and calculated here a second time: the same 0.25 dB after it. For
  combs the interference must lie between none and all of it being of the channel on itself, with those 0.25 dB.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import gnpy
import numpy as np
import pytest
from gnpy.core.elements import Edfa, Transceiver
from gnpy.core.elements import Fiber as GnpyFiber
from gnpy.core.info import create_arbitrary_spectral_information
from gnpy.core.parameters import SimParams, TransceiverRole
from gnpy.tools.json_io import load_equipment
from numpy.typing import NDArray

from lightlane import kernels
from lightlane.catalog.load import load_catalog
from lightlane.catalog.parts import Amplifier, Passive
from lightlane.lane.budget import LaneBatch, evaluate_links
from lightlane.lane.options import BudgetOptions
from lightlane.link import Link

SYMBOL_RATE_GBD = 60.138546798
SPACING_GHZ = 75.0
DATA = Path(gnpy.__file__).parent / "example-data"
PLANCK_J_S = 6.62607015e-34
OURS = {
    "std_medium_gain": "edfa-medium-gain",
    "std_low_gain": "edfa-low-gain",
    "std_high_gain": "edfa-high-gain",
    "openroadm_ila_low_noise": "openroadm-ila-low-noise",
    "openroadm_ila_standard": "openroadm-ila-standard",
}


@pytest.fixture(scope="module")
def equipment() -> dict[str, Any]:
    SimParams.set_params({})
    out: dict[str, Any] = {}
    for name in ("eqpt_config_openroadm_ver5.json", "eqpt_config.json"):
        out |= load_equipment(DATA / name)["Edfa"]
    return out


def _amplifier(kind: str) -> Amplifier:
    """Return our part for a type of GNPy's library."""
    if kind == "std_fixed_gain":
        ours = load_catalog().get_amplifier("edfa-fixed-5.5")
        return ours.model_copy(update={"gain_min_db": 20.0, "gain_max_db": 30.0, "output_power_max_dbm": 21.0})
    return load_catalog().get_amplifier(OURS[kind])


def _comb_hz(channels: int) -> NDArray[np.float64]:
    middle_hz = 193.7e12
    return np.asarray(middle_hz + SPACING_GHZ * 1e9 * (np.arange(channels) - 0.5 * (channels - 1)))


class Line:
    """Spans in one direction: levels per channel, amplifier types in order (None: no amplifier there)."""

    def __init__(
        self,
        *,
        spans_km: Sequence[float],
        db_per_km: float,
        booster: str | None = None,
        inline: str | None = None,
        preamplifier: str | None = None,
        launch_dbm: float = 0.0,
        span_dbm: float = 0.0,
        received_dbm: float = 0.0,
        channels: int = 40,
    ) -> None:
        self.spans_km, self.db_per_km, self.channels = spans_km, db_per_km, channels
        self.booster, self.inline, self.preamplifier = booster, inline, preamplifier
        self.launch_dbm, self.span_dbm, self.received_dbm = launch_dbm, span_dbm, received_dbm

    def ours(self, make_link: Callable[..., Link]) -> LaneBatch:
        catalog = load_catalog()
        mode = catalog.get_mode("openzrplus-zr400-16qam-ha").model_copy(update={"tx_osnr_db": None})
        mux = Passive(id="no-mux", name="no mux", kind="mux_demux", loss_db=0.0, source="test", confidence="computed")
        parts = {"booster": self.booster, "inline": self.inline, "preamplifier": self.preamplifier}
        fiber = catalog.get_fiber("g652d").model_copy(update={"raman_slope_per_w_km_thz": None})
        link = make_link(
            "openzrplus-400g-ha",
            self.spans_km,
            mode=mode,
            fiber=fiber,
            channels=self.channels,
            launch_power_dbm=self.launch_dbm,
            first_channel_thz=float(_comb_hz(self.channels)[0]) * 1e-12,
            run={"attenuation_db_per_km": self.db_per_km},
            line={
                "mux": mux,
                "span_launch_power_dbm": self.span_dbm,
                "received_power_dbm": self.received_dbm,
                **{key: _amplifier(kind) for key, kind in parts.items() if kind is not None},
            },
        )
        # GNPy takes every signal as Gaussian.
        return evaluate_links([link], options=BudgetOptions(format_correction=False))

    def gnpy(self, equipment: dict[str, Any], *, nonlinear: bool = True) -> Transceiver:
        light = create_arbitrary_spectral_information(
            _comb_hz(self.channels),
            pch=1e-3 * 10 ** (self.launch_dbm / 10),
            baud_rate=SYMBOL_RATE_GBD * 1e9,
            tx_osnr=40.0,
            slot_width=SPACING_GHZ * 1e9,
            roll_off=0.2,
            tx_power=1e-3,
            label="comb",
        )
        level_dbm = self.launch_dbm

        def amplify(kind: str | None, target_dbm: float) -> None:
            nonlocal light, level_dbm
            if kind is None:
                return
            operational = {"gain_target": target_dbm - level_dbm, "tilt_target": 0.0, "out_voa": 0.0, "in_voa": 0.0}
            light = Edfa(uid=kind, params=equipment[kind].__dict__, operational=operational)(light)
            level_dbm = target_dbm

        amplify(self.booster, self.span_dbm)
        for number, length_km in enumerate(self.spans_km):
            if number > 0:
                amplify(self.inline, self.span_dbm)
            fiber = GnpyFiber(
                uid=f"span {number}",
                params={
                    "length": length_km,
                    "length_units": "km",
                    "loss_coef": self.db_per_km,
                    "con_in": 0.0,
                    "con_out": 0.0,
                    "pmd_coef": 0.04e-12 / np.sqrt(1000.0),
                    "dispersion": 16.7e-6,
                    "dispersion_slope": 60.7,
                    "effective_area": 83e-12,
                },
            )
            fiber.ref_pch_in_dbm = level_dbm
            if not nonlinear:
                fiber.gamma = lambda frequency=None: np.full(np.size(frequency), 1e-12)
            light = fiber(light)
            level_dbm -= length_km * self.db_per_km
        amplify(self.preamplifier, self.received_dbm)
        receiver = Transceiver(uid="receiver", params={})
        receiver(light, TransceiverRole.RECEIVER)
        return receiver


FIXED = "std_fixed_gain"
LINES = {
    "one span of 80 km": Line(spans_km=[80], db_per_km=0.25, preamplifier="std_fixed_gain"),
    "5 x 80 km, all amplifiers alike": Line(
        spans_km=[80] * 5, db_per_km=0.25, launch_dbm=-20, booster=FIXED, inline=FIXED, preamplifier=FIXED
    ),
    "3 x 100 km, three noise figures": Line(
        spans_km=[100] * 3,
        db_per_km=0.22,
        booster="std_medium_gain",
        inline="std_medium_gain",
        preamplifier="std_high_gain",
        launch_dbm=-18,
        received_dbm=3,
    ),
    "unequal spans, variable gain": Line(
        spans_km=[85, 75, 105, 95],
        db_per_km=0.2,
        booster="std_low_gain",
        inline="std_medium_gain",
        preamplifier="std_low_gain",
        launch_dbm=-9,
        span_dbm=1,
        received_dbm=-3,
    ),
    "less gain than the least": Line(
        spans_km=[80] * 3, db_per_km=0.2, inline="std_fixed_gain", preamplifier="std_fixed_gain"
    ),
    "more power than the amplifier gives": Line(
        spans_km=[80], db_per_km=0.25, preamplifier="std_fixed_gain", launch_dbm=6, received_dbm=6
    ),
    "one channel through each amplifier": Line(
        spans_km=[80] * 3, db_per_km=0.25, channels=1, launch_dbm=-20, booster=FIXED, inline=FIXED, preamplifier=FIXED
    ),
}
# fmt: off
BETWEEN_WHOLE_DECIBELS = {
    "variable gain of 17.4 dB": Line(
        spans_km=[87] * 3, db_per_km=0.2, inline="std_medium_gain", preamplifier="std_medium_gain"
    ),
    "variable gain of 15.5 dB": Line(
        spans_km=[77.5] * 3, db_per_km=0.2, inline="std_medium_gain", preamplifier="std_medium_gain"
    ),
    "low gain of 8.5 dB": Line(spans_km=[42.5] * 3, db_per_km=0.2, inline="std_low_gain", preamplifier="std_low_gain"),
}
# fmt: on


def _one_way(batch: LaneBatch, column: str) -> NDArray[np.float64]:
    values = batch.columns[column]
    return np.asarray(values[batch.columns["direction"] == "a_to_b"], dtype=np.float64)


@pytest.mark.parametrize("name", LINES | BETWEEN_WHOLE_DECIBELS)
def test_osnr_of_ase(name: str, make_link: Callable[..., Link], equipment: dict[str, Any]) -> None:
    line = (LINES | BETWEEN_WHOLE_DECIBELS)[name]
    found, expected = _one_way(line.ours(make_link), "osnr_db"), line.gnpy(equipment).osnr_ase_01nm
    assert len(found) == line.channels
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.05)


@pytest.mark.parametrize("name", LINES)
def test_osnr_of_ase_without_nonlinearity(name: str, make_link: Callable[..., Link], equipment: dict[str, Any]) -> None:
    line = LINES[name]
    expected = line.gnpy(equipment, nonlinear=False).osnr_ase_01nm
    np.testing.assert_allclose(_one_way(line.ours(make_link), "osnr_db"), expected, rtol=0, atol=0.002)


@pytest.mark.parametrize("kind", ["openroadm_ila_low_noise", "openroadm_ila_standard"])
def test_openroadm_amplifiers(kind: str, make_link: Callable[..., Link], equipment: dict[str, Any]) -> None:
    line = Line(spans_km=[100] * 4, db_per_km=0.2, inline=kind, preamplifier=kind)
    noise_dbm = 10 * np.log10(PLANCK_J_S * _comb_hz(line.channels) * 12.5e9 * 1e3)
    expected = line.gnpy(equipment, nonlinear=False).osnr_ase_01nm + 58 + noise_dbm
    np.testing.assert_allclose(_one_way(line.ours(make_link), "osnr_db"), expected, rtol=0, atol=0.01)


def test_dispersion_pmd_and_latency(make_link: Callable[..., Link], equipment: dict[str, Any]) -> None:
    line = LINES["unequal spans, variable gain"]
    ours, theirs = line.ours(make_link), line.gnpy(equipment)
    np.testing.assert_allclose(_one_way(ours, "chromatic_dispersion_ps_per_nm"), theirs.chromatic_dispersion, rtol=1e-6)
    np.testing.assert_allclose(_one_way(ours, "dgd_mean_ps"), theirs.pmd, rtol=1e-6)
    catalog = load_catalog()
    mode, fec = catalog.get_mode("openzrplus-zr400-16qam-ha"), catalog.get_fec("ofec")
    rest_us = (mode.latency_us or 0) + (fec.latency_us or 0) + 5 * 0.5
    np.testing.assert_allclose(_one_way(ours, "latency_us") - rest_us, theirs.latency * 1e3, rtol=2e-4)


def test_nonlinear_interference_of_one_span(make_link: Callable[..., Link], equipment: dict[str, Any]) -> None:
    line = LINES["one span of 80 km"]
    difference_db = _one_way(line.ours(make_link), "snr_nli_db") - line.gnpy(equipment).osnr_nli
    assert np.abs(difference_db).max() < 0.25
    assert abs(difference_db.mean()) < 0.1


def _coherence_db(length_km: float, db_per_km: float, spans: int) -> float:
    alpha = db_per_km * 1e-3 * np.log(10) / 10
    beta2 = 16.7e-6 * 1550e-9**2 / (2 * np.pi * 299792458.0)
    walk = np.arcsinh(np.pi**2 / 2 * beta2 * (SYMBOL_RATE_GBD * 1e9) ** 2 / alpha)
    return float(3 * np.log1p(6 / (alpha * length_km * 1e3 * walk)) * np.log10(spans))


def test_nonlinear_interference_of_one_channel_over_three_spans(
    make_link: Callable[..., Link], equipment: dict[str, Any]
) -> None:
    line = LINES["one channel through each amplifier"]
    expected = line.gnpy(equipment).osnr_nli - _coherence_db(80, line.db_per_km, 3)
    np.testing.assert_allclose(_one_way(line.ours(make_link), "snr_nli_db"), expected, rtol=0, atol=0.25)


@pytest.mark.parametrize("name", ["5 x 80 km, all amplifiers alike", "3 x 100 km, three noise figures"])
def test_nonlinear_interference_of_many_spans(
    name: str, make_link: Callable[..., Link], equipment: dict[str, Any]
) -> None:
    line = LINES[name]
    difference_db = _one_way(line.ours(make_link), "snr_nli_db") - line.gnpy(equipment).osnr_nli
    most_db = _coherence_db(line.spans_km[0], line.db_per_km, len(line.spans_km))
    assert difference_db.max() < 0.25
    assert difference_db.min() > -most_db - 0.25


# Length in km: dB by which the closed form's SNR_NLI lies below that of the integral.
SHORT_SPANS = {10.0: 0.98, 20.0: 0.43, 40.0: 0.10, 80.0: 0.0, 120.0: 0.0}


@pytest.fixture
def numerical_integral() -> Iterator[Callable[[float], float]]:
    """Return SNR_NLI at 0 dBm of the channel in the middle by GNPy's integral, over the span's length."""
    comb_hz = 193.414e12 + SPACING_GHZ * 1e9 * (np.arange(16) - 7.5)

    def integrate(length_km: float) -> float:
        SimParams.set_params(
            {
                "nli_params": {
                    "method": "ggn_spectrally_separated",
                    "dispersion_tolerance": 1,
                    "phase_shift_tolerance": 0.1,
                    "computed_channels": [8],
                },
                "raman_params": {
                    "flag": True,
                    "result_spatial_resolution": length_km * 5.0,
                    "solver_spatial_resolution": length_km * 0.5,
                },
            }
        )
        # A microwatt a channel keeps Raman transfer, which the integral always has, below 1e-4 dB.
        light = create_arbitrary_spectral_information(
            comb_hz, pch=1e-6, baud_rate=SYMBOL_RATE_GBD * 1e9, tx_osnr=40.0, slot_width=75e9, roll_off=0.01,
            tx_power=1e-3, label="comb",
        )  # fmt: skip
        fiber = GnpyFiber(
            uid="span",
            params={
                "length": length_km, "length_units": "km", "loss_coef": 0.2, "con_in": 0.0, "con_out": 0.0,
                "pmd_coef": 0.0, "dispersion": 16.7e-6, "effective_area": 83e-12,
            },
        )  # fmt: skip
        fiber.ref_pch_in_dbm = -30.0
        fiber.gamma = lambda frequency=None: np.full(np.size(frequency), 1.27e-3)
        receiver = Transceiver(uid="receiver", params={})
        receiver(fiber(light), TransceiverRole.RECEIVER)
        return float(receiver.osnr_nli[7]) - 60.0

    yield integrate
    SimParams.set_params({})


@pytest.mark.parametrize("length_km", SHORT_SPANS)
def test_closed_form_against_the_integral(length_km: float, numerical_integral: Callable[[float], float]) -> None:
    comb_thz = 193.414 + SPACING_GHZ * 1e-3 * (np.arange(16) - 7.5)
    efficiency_db = kernels.nonlinear_efficiency_db(
        comb_thz,
        np.full(16, SYMBOL_RATE_GBD),
        np.zeros(16),
        attenuation_db_per_km=0.2,
        length_km=length_km,
        dispersion_ps_per_nm_km=16.7,
        slope_ps_per_nm2_km=0.0,
        gamma_per_w_km=1.27,
        raman_slope_per_w_km_thz=0.0,
        reference_thz=193.414,
    )
    missing_db = numerical_integral(length_km) - (60.0 - float(efficiency_db[7]))
    assert missing_db == pytest.approx(SHORT_SPANS[length_km], abs=0.05)
