"""What the modules of a comb send: frames of random bits, shaped, converted, modulated, with noise of their own."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.parts import CoherentMode
from lightlane.kernels.coherent_hardware import (
    Laser,
    complex_normals,
    laser_amplitude_ratio,
    laser_phase_rad,
    modulate_iq,
    pass_converter,
)
from lightlane.kernels.fields import Field
from lightlane.kernels.signal import (
    PAYLOAD,
    SHAPED_BLOCK_COUNT,
    Bits,
    Format,
    Frame,
    amplitude_block,
    build_frame,
    frame_roles,
    map_bits,
    random_bits,
    shape_amplitudes,
    shape_pulses,
)
from lightlane.lane.waveform.address import TRANSMITTER_ASE, stream_of
from lightlane.lane.waveform.comb import SampledComb
from lightlane.lane.waveform.settings import CoherentHardware
from lightlane.lane.waveform.sides import do_both
from lightlane.units import REFERENCE_BANDWIDTH_GHZ

DEFAULT_LINEWIDTH_KHZ = 300.0
"""Limit of modules (Nokia and AddOn datasheets, second-hand)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentSymbols:
    """What one transmitter sends, per polarization; ``symbols`` has the shape (2, n)."""

    form: Format
    frame: Frame
    roles: NDArray[np.uint8]
    symbols: Field


def format_of(mode: CoherentMode) -> Format:
    """Return the format of a mode; shaped ones with the share of inner amplitudes that their matcher makes."""
    inner = mode.inner_amplitude_ratio
    return Format(
        modulation=mode.modulation,
        inner_amplitude_ratio=None if inner is None else amplitude_block(inner).inner_amplitude_ratio,
    )


def frame_of(mode: CoherentMode) -> Frame:
    """Return the DSP frame of a mode: 400ZR by its FEC, the W-Port above 100 GBd and in OpenROADM, else OpenZR+."""
    if mode.fec == "cfec":
        return "oif_400zr"
    return "w_port" if mode.symbol_rate_gbd > 100.0 or mode.id.startswith("openroadm") else "openzrplus"


def send_symbols(mode: CoherentMode, count: int, *, seed: int, stream: int) -> SentSymbols:
    """Build the first symbols of a frame around random bits, shaped ones through their distribution matcher."""
    form, frame = format_of(mode), frame_of(mode)
    roles = frame_roles(frame, count)
    places = int(np.count_nonzero(roles == PAYLOAD))
    payload = np.stack([map_bits(_payload_bits(form, places, seed, stream, side), form) for side in range(2)])
    symbols = build_frame(payload, form, frame=frame, count=count, seed=seed, stream=stream)
    return SentSymbols(form=form, frame=frame, roles=roles, symbols=symbols)


def _payload_bits(form: Format, places: int, seed: int, stream: int, side: int) -> Bits:
    if form.inner_amplitude_ratio is None:
        return random_bits(places * form.bits_per_symbol, seed=seed, stream=stream, purpose=side)
    block = amplitude_block(form.inner_amplitude_ratio)
    blocks = -(-2 * places // SHAPED_BLOCK_COUNT)
    source = random_bits(blocks * block.bits_count, seed=seed, stream=stream, purpose=2 + side)
    amplitudes = shape_amplitudes(source, inner_amplitude_ratio=block.inner_amplitude_ratio)[: 2 * places]
    signs = random_bits(2 * places, seed=seed, stream=stream, purpose=side)
    # Each quadrature is labeled by its sign and its amplitude.
    return np.stack([signs, amplitudes], axis=1).ravel()


def laser_of(mode: CoherentMode, hardware: CoherentHardware, *, rin_db_per_hz: float = -math.inf) -> Laser:
    """Return the laser of a lane: the hardware's, else with the mode's linewidth, else with that of modules."""
    default_khz = DEFAULT_LINEWIDTH_KHZ if mode.linewidth_max_khz is None else mode.linewidth_max_khz
    return Laser(
        linewidth_khz=default_khz if hardware.linewidth_khz is None else hardware.linewidth_khz,
        frequency_noise_hz2_per_hz_by_offset_hz=hardware.frequency_noise_hz2_per_hz_by_offset_hz,
        rin_db_per_hz=rin_db_per_hz,
    )


def modulate_lane(
    sent: SentSymbols, mode: CoherentMode, hardware: CoherentHardware, comb: SampledComb, *, seed: int, stream: int
) -> Field:
    """Return the field of mean power 1 (both polarizations together) that a module makes of its symbols."""
    rate = comb.sample_rate_ghz
    laser = laser_of(mode, hardware, rin_db_per_hz=hardware.rin_db_per_hz)
    carrier = laser_amplitude_ratio(comb.samples_count, laser, sample_rate_ghz=rate, seed=seed, stream=stream) * np.exp(
        1j * laser_phase_rad(comb.samples_count, laser, sample_rate_ghz=rate, seed=seed, stream=stream)
    )

    def modulate(side: int) -> Field:
        drive = shape_pulses(sent.symbols[side], samples_count=comb.samples_count, roll_off=mode.roll_off)
        drive = pass_converter(drive, hardware.transmitter, sample_rate_ghz=rate, filter_first=False)
        return np.asarray(modulate_iq(drive, hardware.modulator, sample_rate_ghz=rate) * carrier)

    x, y = do_both(modulate)
    if hardware.polarization_skew_ps:
        turns = comb.bin_offsets_ghz() * hardware.polarization_skew_ps * 1e-3
        y = np.fft.ifft(np.fft.fft(y) * np.exp(-2j * np.pi * turns))
    return np.asarray(np.stack([x, y]) * np.sqrt(0.5))


def modulate_neighbor(sent: SentSymbols, comb: SampledComb, roll_off: float, bins: int) -> Field:
    """Return the field of an ideal neighbor of mean power 1, on its carrier."""

    def shape(side: int) -> Field:
        return shape_pulses(sent.symbols[side], samples_count=comb.samples_count, roll_off=roll_off)

    return shift_carrier(np.stack(do_both(shape)) * np.sqrt(0.5), bins)


def shift_carrier(field: Field, bins: int) -> Field:
    """Move a periodic field by a whole number of its spectral lines."""
    count = field.shape[-1]
    phase = 2.0 * np.pi * ((np.arange(count, dtype=np.int64) * bins) % count) / count
    return np.asarray(field * np.exp(1j * phase))


def transmitter_noise(comb: SampledComb, noise_ratio: float, occupied_ghz: float, *, seed: int, stream: int) -> Field:
    """Return ASE of a transmitter over its slot: ``noise_ratio`` of its power, in 12.5 GHz and both polarizations.

    Beyond the slot a mux takes it away; it would only fill the neighbors of the sampled field.
    """
    count, rate = comb.samples_count, comb.sample_rate_ghz
    deviation = np.sqrt(0.5 * noise_ratio * rate / REFERENCE_BANDWIDTH_GHZ)
    inside = np.abs(comb.bin_offsets_ghz()) <= 0.5 * occupied_ghz
    noise = [
        np.fft.ifft(
            np.fft.fft(complex_normals(count, seed=seed, stream=stream, purpose=TRANSMITTER_ASE + side)) * inside
        )
        for side in range(2)
    ]
    return np.asarray(np.stack(noise) * deviation)


def lane_stream(link: str, direction: str, channel: int) -> int:
    """Return the stream of a transmitter's random numbers."""
    return stream_of(link, direction, channel, "transmitter")
