"""A lane's error ratios in other lights, from its one waveform, against the same light received anew.

Reference: the light is attenuated in numpy, the avalanche photodiode gets the gain that the budget sets for it, and the
receiver makes samples and noise afresh, with the same taps and sampling time. Both are sums over the same symbols: 1e-6
of the ratio.
"""

from __future__ import annotations

import numpy as np
import pytest

from lightlane.catalog.parts import DirectMode
from lightlane.fabric.point_to_point import point_to_point
from lightlane.kernels.direct_waveform import FrontEndFigures, SampledPath, direct_front_end, propagate_pam4
from lightlane.kernels.pam4_decisions import pam4_error_ratios
from lightlane.kernels.tables import DirectModeColumns
from lightlane.lane.budget import evaluate_link
from lightlane.lane.lowering import lower_direct
from lightlane.lane.options import DEFAULT_OPTIONS
from lightlane.lane.waveform.direct.gain import FollowedGain
from lightlane.lane.waveform.direct.hardware import DirectHardware
from lightlane.lane.waveform.direct.light import AmplifiedLight, ArrivedLight, take_light
from lightlane.lane.waveform.direct.receiver import receive_lane
from lightlane.lane.waveform.direct.transmitter import mode_transmitter

LOSSES_DB = (0.0, 2.0, 5.0, -2.0)


def test_a_sweep_of_lights_is_that_of_receiving_each() -> None:
    link = point_to_point("400gbase-er8", 20.0)
    mode, lane, hardware = link.mode, evaluate_link(link).lanes[0], DirectHardware()
    assert isinstance(mode, DirectMode)
    modes = lower_direct([link], [0], DEFAULT_OPTIONS).modes
    assert isinstance(modes, DirectModeColumns)

    def in_light(loss_db: float) -> FrontEndFigures:
        levels_dbm = [level - loss_db for level in (lane.oma_outer_dbm, lane.received_power_dbm)]
        found = direct_front_end(modes, 0, oma_outer_dbm=levels_dbm[0], average_power_dbm=levels_dbm[1])
        assert found is not None
        return found

    symbols = np.random.default_rng(2).integers(0, 4, 4096).astype(np.uint8)
    transmitter = mode_transmitter(mode, hardware)
    path = SampledPath(wavelength_nm=lane.wavelength_nm, dispersion_ps_per_nm=lane.chromatic_dispersion_ps_per_nm)
    light = AmplifiedLight(power_ratio=propagate_pam4(symbols, transmitter, path))

    def arrive(loss_db: float, oma_outer_dbm: float) -> ArrivedLight:
        return take_light(mode, in_light(loss_db), transmitter, light, oma_outer_dbm=oma_outer_dbm, symbols=symbols)

    gain = FollowedGain(in_light, in_light(0.0))
    seen = receive_lane(mode, hardware, arrive(0.0, lane.oma_outer_dbm), gain)
    taps, delay_ui = seen.taps, seen.worse.delay_ui
    noise = seen.light.noise_behind(taps.taps, taps.main_index, seen.first, delay_ui=delay_ui)
    swept = gain.error_ratios(
        symbols,
        seen.worse.values,
        noise,
        light_ratio=10.0 ** (-np.array(LOSSES_DB) / 10.0),
        target_ser_ratio=mode.target_ser_ratio,
    )
    for loss_db, found in zip(LOSSES_DB, swept.symbol_error_ratio, strict=True):
        arrived = arrive(loss_db, lane.oma_outer_dbm - loss_db)
        current = arrived.sample(seen.first, delay_ui=delay_ui)
        values = taps.feed_forward(current - seen.average_ratio) - taps.feedback_ratio * np.roll(arrived.sent_ratio, 1)
        afresh = arrived.noise_behind(taps.taps, taps.main_index, seen.first, delay_ui=delay_ui)
        expected = pam4_error_ratios(symbols, values, afresh, target_ser_ratio=None).symbol_error_ratio[0]
        assert found == pytest.approx(expected, rel=1e-6)
    assert len({in_light(loss_db).gain_ratio for loss_db in LOSSES_DB}) == len(LOSSES_DB)
    assert swept.symbol_error_ratio.max() > 100.0 * swept.symbol_error_ratio.min()
