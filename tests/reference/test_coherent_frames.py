"""DSP frames of coherent modules against another program.

Source: maiman 0.17.0 (Apache-2.0), ``maiman.wport``, which its authors hold to the test vectors of the Open ROADM MSA
W-Port Digital Specification (TP7). Levels there are integers on a grid of odd numbers; ours have mean energy 1, and
nothing else may differ: the tolerance is that of floating-point division. Pilots, training and alignment are known
symbols; reserved symbols are random by the specification and are not compared.
"""

from __future__ import annotations

import numpy as np
import pytest

from lightlane.errors import ParameterError
from lightlane.kernels.signal import (
    PAYLOAD,
    RESERVED,
    Format,
    amplitude_block,
    build_frame,
    frame_plan,
    frame_roles,
    random_bits,
    shape_amplitudes,
    unshape_amplitudes,
)

wport = pytest.importorskip("maiman.wport")
pcs = pytest.importorskip("maiman.pcs")


@pytest.mark.parametrize(("modulation", "scale"), [("qpsk", np.sqrt(2.0)), ("16qam", np.sqrt(10.0))])
def test_known_symbols_of_the_w_port_frame(modulation: str, scale: float) -> None:
    count = frame_plan("w_port").symbols_count
    assert count == wport.DSP_FRAME_SYMBOLS
    roles = frame_roles("w_port", count)
    places = int(np.count_nonzero(roles == PAYLOAD))
    assert places == wport.PAYLOAD_SYMBOLS
    payload = np.full((places, 4), 1, dtype=np.int8)
    theirs = wport.dsp_frame(payload, modulation=modulation)
    ours = build_frame(
        np.full((2, places), (1.0 + 1.0j) / scale), Format(modulation=modulation), frame="w_port", count=count
    )
    columns = np.stack([ours[0].real, ours[0].imag, ours[1].real, ours[1].imag], axis=1) * scale
    compared = roles != RESERVED
    np.testing.assert_allclose(columns[compared], theirs[compared], atol=1e-12)
    # The reserved symbols lie on the same outermost points.
    np.testing.assert_allclose(np.abs(columns[~compared]), np.abs(theirs[~compared]), atol=1e-12)


@pytest.mark.parametrize(("mode", "inner"), sorted(pcs.INNER_PROBABILITY.items()))
def test_shaping_rates_are_those_of_the_w_port(mode: str, inner: float) -> None:
    block = amplitude_block(inner)
    assert block.bits_count == sum(pcs.LUT_WIDTHS[mode]) == int(mode[1:])
    # Four decimals are stated for the strongest shaping; the stand-in's order of words leaves 0.0007.
    assert block.inner_amplitude_ratio == pytest.approx(inner, abs=7e-4)
    bits = random_bits(50 * block.bits_count, seed=3)
    amplitudes = shape_amplitudes(bits, inner_amplitude_ratio=inner)
    back, impossible = unshape_amplitudes(amplitudes, inner_amplitude_ratio=inner)
    assert impossible == 0
    np.testing.assert_array_equal(back, bits)


def test_openzrplus_symbol_rate_follows_from_its_frame() -> None:
    """The frame of OpenZR+ was derived: with it, the rate of 400ZR's client gives the MSA's symbol rate to nine digits.

    400ZR: 119 x 10,280 client bits in 49 sub-frames at 59.84375 GBd. OpenZR+: 116 x 10,280 bits in 48 sub-frames.
    """
    zr, zrplus = frame_plan("oif_400zr").symbols_count, frame_plan("openzrplus").symbols_count
    client_gbps = 119 * 10_280 / zr * 59.84375
    assert zrplus / (116 * 10_280) * client_gbps == pytest.approx(60.138546798, abs=5e-10)


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ParameterError, match="frame"):
        frame_roles("other", 10)  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="payload"):
        build_frame(np.zeros((2, 3)), Format(modulation="qpsk"), frame="w_port", count=10)
    with pytest.raises(ParameterError, match="inner_amplitude_ratio"):
        amplitude_block(0.75)
