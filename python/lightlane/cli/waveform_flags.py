"""Flags of a link evaluated by waveform, and what its answer shows beyond the budget's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lightlane.cli.budget_flags import surrogates_flag
from lightlane.cli.coding_view import describe_payload, payload_sentence
from lightlane.cli.console import FiniteFloat

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lightlane.lane.model import LinkResult
    from lightlane.lane.options import BudgetOptions
    from lightlane.lane.waveform.direct.record import DirectWaveform
    from lightlane.lane.waveform.record import LaneWaveform
    from lightlane.lane.waveform.settings import WaveformSettings
    from lightlane.link import Link

Command = TypeVar("Command", bound=Callable[..., Any])
PLOT_SUFFIXES = (".png", ".svg", ".pdf")
WAVEFORM_FLAGS = (
    "symbols_count", "neighbors_count", "channel", "lane", "precision", "response", "measure_tdecq", "taps_per_symbol",
    "adaptation", "lanes_together", "zero_dispersion_nm", "smsr_db", "soa_gain_db", "soa_noise_figure_db",
    "soa_saturation_power_dbm",
)  # fmt: skip


def waveform_flags(command: Command) -> Command:
    """Add the flags of the waveform model."""
    for option in (
        click.option(
            "--plot", type=click.Path(path_type=Path, dir_okay=False), help="Draw the lane: .png, .svg, .pdf."
        ),
        click.option(
            "--neighbors",
            "neighbors_count",
            type=click.IntRange(0, 8),
            help="Waveform: channels on each side in the sampled field; what the others do is added as noise.",
        ),
        click.option(
            "--symbols", "symbols_count", type=click.IntRange(min=1), help="Waveform: symbols, a power of two."
        ),
        surrogates_flag,
        click.option(
            "--fidelity",
            type=click.Choice(("budget", "surrogate", "waveform")),
            default="budget",
            show_default=True,
            help="Analytic lane model; the same with direct-detect eyes from tables of waveform runs; or bits, fiber "
            "and DSP sample by sample.",
        ),
    ):
        command = option(command)
    return _direct_flags(command)


def _direct_flags(command: Command) -> Command:
    """Add the flags of simulated direct-detect lanes alone."""
    for option in (
        click.option(
            "--response",
            type=click.Path(path_type=Path, dir_okay=False, exists=True),
            help="Waveform: Touchstone file whose S21 is a direct-detect transmitter's response.",
        ),
        click.option(
            "--taps-per-symbol", type=click.IntRange(1, 2), help="Waveform: of a direct-detect equalizer; absent: 1."
        ),
        click.option(
            "--adaptation",
            type=click.Choice(("mmse", "lms")),
            help="Waveform: how a direct-detect equalizer finds its taps; absent: mmse.",
        ),
        click.option(
            "--measure-tdecq", is_flag=True, default=None, help="Waveform: TDECQ of the test pattern through the lane."
        ),
        click.option(
            "--lanes-together",
            is_flag=True,
            default=None,
            help="Waveform: light the other lanes of the fiber: Kerr effect, and leaks of the demultiplexer.",
        ),
        click.option(
            "--zero-dispersion-nm", type=FiniteFloat(), help="Waveform: of the fiber that lanes share; absent: drawn."
        ),
        click.option(
            "--smsr-db", type=FiniteFloat(), help="Waveform: side mode of a direct-detect laser; absent: none."
        ),
        click.option(
            "--soa-gain-db", type=FiniteFloat(), help="Waveform: semiconductor amplifier before the receiver."
        ),
        click.option("--soa-noise-figure-db", type=FiniteFloat(), help="Waveform: of that amplifier."),
        click.option(
            "--soa-saturation-power-dbm", type=FiniteFloat(), help="Waveform: its output power at half of its gain."
        ),
        click.option("--precision", type=click.Choice(("f64", "f32")), help="Waveform: numbers in the fiber."),
        click.option("--channel", type=click.IntRange(min=0), help="Waveform: channel to simulate; absent: the worst."),
        click.option(
            "--lane", type=click.IntRange(min=0), help="Waveform: lane of a direct-detect module; absent: the worst."
        ),
    ):
        command = option(command)
    return command


def take_waveform_settings(settings: dict[str, Any], plot: Path | None, *, seed: int) -> WaveformSettings | None:
    """Take the flags out of the keywords of a command; None for a budget or surrogate.

    Raises
    ------
    click.UsageError
        If a flag of the waveform model is given with another, or the plot has an unknown ending.
    """
    fidelity = settings.pop("fidelity")
    given = {name: settings.pop(name) for name in WAVEFORM_FLAGS}
    named = [name for name, value in given.items() if value is not None] + (["plot"] if plot is not None else [])
    if fidelity != "waveform":
        if named:
            flag = "--" + named[0].removesuffix("_count").replace("_", "-")
            raise click.UsageError(f"{flag} is for --fidelity waveform")
        return None
    if plot is not None and plot.suffix.lower() not in PLOT_SUFFIXES:
        raise click.UsageError(f"--plot is {plot}; allowed: a file that ends in {', '.join(PLOT_SUFFIXES)}")
    from lightlane.lane.waveform.settings import WaveformSettings

    response = given.pop("response")
    hardware = {name: given.pop(name) for name in ("taps_per_symbol", "adaptation")}
    hardware |= _take_parts(given)
    hardware = {name: value for name, value in hardware.items() if value is not None}
    if response is not None:
        from lightlane.lane.waveform.direct.measured import load_response

        hardware["measured_response"] = load_response(response)
    if hardware:
        from lightlane.lane.waveform.direct.hardware import DirectHardware

        given["direct_hardware"] = DirectHardware(**hardware)
    channel, lane = given.pop("channel"), given.pop("lane")
    known = {name: value for name, value in given.items() if value is not None}
    return WaveformSettings(
        seed=seed,
        channels=None if channel is None else (channel,),
        lanes=None if lane is None else (lane,),
        **known,
    )


def _take_parts(given: dict[str, Any]) -> dict[str, Any]:
    """Take side mode and amplifier of a direct-detect lane out of the flags; raise UsageError for half of one."""
    smsr_db = given.pop("smsr_db")
    soa = {name: given.pop(f"soa_{name}") for name in ("gain_db", "noise_figure_db", "saturation_power_dbm")}
    parts: dict[str, Any] = {}
    if smsr_db is not None:
        from lightlane.lane.waveform.direct.side_mode import SideMode

        parts["side_mode"] = SideMode(smsr_db=smsr_db)
    missing = [name for name, value in soa.items() if value is None]
    if len(missing) == len(soa):
        return parts
    if missing:
        raise click.UsageError(f"an amplifier needs --soa-{missing[0].replace('_', '-')} too")
    from lightlane.kernels.lit_lanes import SemiconductorAmplifier

    return {**parts, "amplifier": SemiconductorAmplifier(**soa)}


def simulate_and_plot(
    link: Link, settings: WaveformSettings, options: BudgetOptions, wanted_margin_db: float, plot: Path | None
) -> tuple[LinkResult, list[str], dict[str, Any]]:
    """Simulate lanes of a link and draw the one that decides, whole or not at all.

    Returns
    -------
    The result, what the screen says of the lanes, and the same for machines.
    """
    from lightlane.cli.console import progress
    from lightlane.lane.waveform.simulate import simulate_link

    with progress() as bar:
        bar.add_task("Simulating lanes", total=None)
        simulated = simulate_link(link, settings=settings, options=options, wanted_margin_db=wanted_margin_db)
    result, seen = simulated.result, tuple(lane for lane in simulated.waveforms if lane is not None)
    if plot is not None and seen:
        title = f"{link.mode.name}, {link.length_km:g} km"
        save_figure(plot, _draw(simulated.waveforms[result.worst_lane_index] or seen[0], title))
    said = [text for lane in seen for text in _say(lane)]
    return result, said, {"waveforms": [_tell(lane) for lane in seen]}


def _say(lane: LaneWaveform | DirectWaveform) -> list[str]:
    from lightlane.cli.direct_waveform_view import direct_sentences
    from lightlane.lane.waveform.direct.record import DirectWaveform

    return direct_sentences(lane) if isinstance(lane, DirectWaveform) else _sentences(lane)


def _tell(lane: LaneWaveform | DirectWaveform) -> dict[str, Any]:
    from lightlane.cli.direct_waveform_view import describe_direct
    from lightlane.lane.waveform.direct.record import DirectWaveform

    return describe_direct(lane) if isinstance(lane, DirectWaveform) else _describe(lane)


def _draw(lane: LaneWaveform | DirectWaveform, title: str) -> Figure:
    from lightlane.lane.waveform.record import LaneWaveform
    from lightlane.plots import plot_direct_waveform, plot_waveform

    if isinstance(lane, LaneWaveform):
        return plot_waveform(lane, title=title)
    return plot_direct_waveform(lane, title=title)


def save_figure(path: Path, figure: Figure) -> None:
    """Write a figure in the format that the file's ending names, whole or not at all."""
    from lightlane.files.atomic import write_atomically
    from lightlane.plots import figure_to_pdf, figure_to_png, figure_to_svg

    match path.suffix.lower():
        case ".svg":
            write_atomically(path, figure_to_svg(figure))
        case ".pdf":
            write_atomically(path, figure_to_pdf(figure))
        case _:
            write_atomically(path, figure_to_png(figure))


def _describe(lane: LaneWaveform) -> dict[str, Any]:
    """Return what was counted and what the receiver reports as JSON-ready values."""
    counted, monitors = lane.counted, lane.monitors
    low, high = counted.interval_ber()
    return {
        "direction": lane.direction,
        "channel_index": lane.channel_index,
        "bit_errors_count": counted.bit_errors_count,
        "bits_count": counted.bits_count,
        "pre_fec_ber_low": low,
        "pre_fec_ber_high": high,
        "snr_db": [side.snr_db for side in lane.quality],
        "evm_percent": counted.evm_percent,
        "gmi_bits": counted.gmi_bits,
        "ngmi_ratio": counted.ngmi_ratio,
        "monitors": {name: _finite(getattr(monitors, name)) for name in type(monitors).__slots__},
        "module_noise_db": _finite(lane.module_noise_db),
        "samples_count": lane.samples_count,
        "steps_count": lane.steps_count,
        "durations_s": lane.durations_s,
        "seed": lane.seed,
        "payload": describe_payload(lane.payload),
        "notes": list(lane.notes),
    }


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None


def _sentences(lane: LaneWaveform) -> list[str]:
    """Return what the screen says of a simulated lane."""
    counted, monitors = lane.counted, lane.monitors
    low, high = counted.interval_ber()
    way = lane.direction.replace("_", " ").replace("to", "→")
    parts = ", ".join(f"{part} {seconds:.2f} s" for part, seconds in lane.durations_s.items())
    return [
        f"Simulated {way}, channel {lane.channel_index}: {counted.bit_errors_count:,} errors in {counted.bits_count:,} "
        f"bits, BER {low:.2e} to {high:.2e} (95 %), EVM {counted.evm_percent:.1f} %, NGMI {counted.ngmi_ratio:.3f}.",
        f"The receiver reports CD {monitors.cd_ps_per_nm:,.0f} ps/nm, DGD {monitors.dgd_ps:.1f} ps, PDL "
        f"{monitors.pdl_db:.2f} dB, carrier offset {monitors.cfo_mhz:,.0f} MHz.",
        f"{lane.samples_count:,} samples, {lane.steps_count:,} steps; {parts}.",
        payload_sentence(lane.payload),
        *(f"Note: {text}." for text in lane.notes),
    ]
