"""``lightlane tdecq``: TDECQ of a captured waveform."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from lightlane.cli.console import FiniteFloat, echo_json, get_answer_console
from lightlane.cli.waveform_flags import PLOT_SUFFIXES, save_figure
from lightlane.errors import ParameterError

if TYPE_CHECKING:
    from lightlane.catalog.parts import DirectMode
    from lightlane.files.captures import CapturedWaveform
    from lightlane.kernels.tdecq import TdecqMeasurement

PLOT_SAMPLES_PER_SYMBOL = 32
MEASURES = ("tdecq", "tecq", "secq")


@click.command("tdecq")
@click.argument("capture", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--pmd", help="Direct-detect mode whose symbol rate, equalizer, error ratio and limits hold.")
@click.option("--measure", type=click.Choice(MEASURES), default="tdecq", show_default=True, help="Name and limit.")
@click.option(
    "--pattern", help="ssprq, prbs13q ..., or a file with one level (0-3) a line; absent: the file's, or ssprq."
)
@click.option("--name", help="Array, data set or column that holds the samples.")
@click.option("--sample-rate-ghz", type=FiniteFloat(min=0, min_open=True), help="Absent: as the file says.")
@click.option("--samples-per-symbol", type=FiniteFloat(min=2), help="In place of the sample rate.")
@click.option("--symbol-rate-gbd", type=FiniteFloat(min=0, min_open=True), help="Absent: the mode's, or the file's.")
@click.option("--equalizer", type=click.Choice(("none", "ffe5", "ffe15", "ffe15_dfe1")), help="Absent: the mode's.")
@click.option("--tap-limits", is_flag=True, help="Hold the taps to the limits of the 200G/lane drafts.")
@click.option("--main-tap", type=click.IntRange(min=1), help="Place of the main tap, counted from 1; absent: the best.")
@click.option("--target-ser", type=FiniteFloat(min=0, min_open=True), help="Symbol error ratio; absent: the mode's.")
@click.option("--bandwidth-ghz", type=FiniteFloat(min=0, min_open=True), help="Absent: half the symbol rate.")
@click.option("--filtered", is_flag=True, help="The instrument has applied the reference receiver's filter.")
@click.option("--threshold-reach-percent", type=FiniteFloat(min=0, max=10), default=1.0, show_default=True)
@click.option("--instrument-noise", type=FiniteFloat(min=0), help="Deviation, in the unit of the samples.")
@click.option("--average", is_flag=True, help="Average the periods of the pattern first.")
@click.option("--plot", type=click.Path(path_type=Path, dir_okay=False), help="Draw the eyes: .png, .svg, .pdf.")
@click.option("--check", is_flag=True, help="Exit with code 1 unless every limit of the mode holds.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def command(
    context: click.Context, /, capture: Path, plot: Path | None, check: bool, as_json: bool, **flags: Any
) -> None:
    """Measure TDECQ of a captured waveform: a CSV, NumPy or HDF5 file that holds a known pattern.

    TECQ is the same without a fiber, SECQ that of the signal of a stressed receiver test.
    """
    from lightlane.files.captures import read_capture

    if plot is not None and plot.suffix.lower() not in PLOT_SUFFIXES:
        raise click.UsageError(f"--plot is {plot}; allowed: a file that ends in {', '.join(PLOT_SUFFIXES)}")
    mode = _find_mode(flags["pmd"])
    if check and mode is None:
        raise click.UsageError("--check needs --pmd: the mode that sets the limits")
    waveform = read_capture(capture, name=flags["name"])
    found = _measure(waveform, mode, flags, PLOT_SAMPLES_PER_SYMBOL if plot is not None else 0)
    limits = _judge(found, mode, flags["measure"])
    if plot is not None:
        from lightlane.plots import plot_tdecq

        title = f"{flags['measure'].upper()} of {capture.name}" + (f", {mode.name}" if mode else "")
        save_figure(plot, plot_tdecq(found, title=title, measure=flags["measure"].upper()))
    if as_json:
        echo_json(_describe(found, flags["measure"], mode, limits))
    else:
        _show(found, flags["measure"].upper(), limits)
    context.exit(1 if check and not all(holds for _, _, _, holds in limits) else 0)


def _find_mode(name: str | None) -> DirectMode | None:
    if name is None:
        return None
    from lightlane.catalog.load import load_catalog
    from lightlane.catalog.parts import DirectMode
    from lightlane.files import suggest

    modes = {name: mode for name, mode in load_catalog().modes.items() if isinstance(mode, DirectMode)}
    if name.lower() not in modes:
        raise ParameterError(f"--pmd is {name!r}; allowed: {', '.join(modes)}{suggest(name, modes)}")
    return modes[name.lower()]


def _measure(
    waveform: CapturedWaveform, mode: DirectMode | None, flags: dict[str, Any], samples_per_symbol: int
) -> TdecqMeasurement:
    from lightlane.kernels.direct import ReferenceReceiver
    from lightlane.kernels.tdecq import measure_tdecq

    symbol_rate_gbd = flags["symbol_rate_gbd"] or (mode.symbol_rate_gbd if mode else waveform.symbol_rate_gbd)
    if symbol_rate_gbd is None:
        raise ParameterError(f"{waveform.path} does not say its symbol rate; allowed: --pmd or --symbol-rate-gbd")
    per_symbol = flags["samples_per_symbol"]
    sample_rate_ghz = flags["sample_rate_ghz"] or (
        per_symbol * symbol_rate_gbd if per_symbol else waveform.sample_rate_ghz
    )
    if sample_rate_ghz is None:
        raise ParameterError(
            f"{waveform.path} does not say its sample rate; allowed: --sample-rate-ghz or --samples-per-symbol"
        )
    noise_w = flags["instrument_noise"]
    return measure_tdecq(
        waveform.power_w,
        _read_pattern(flags["pattern"], waveform),
        sample_rate_ghz=sample_rate_ghz,
        symbol_rate_gbd=symbol_rate_gbd,
        receiver=ReferenceReceiver(
            equalizer=flags["equalizer"] or (mode.reference_equalizer if mode else None) or "ffe5",
            tap_limits=flags["tap_limits"],
            target_ser_ratio=flags["target_ser"] or (mode.target_ser_ratio if mode else 4.8e-4),
            bandwidth_ghz=flags["bandwidth_ghz"],
        ),
        main_index=None if flags["main_tap"] is None else flags["main_tap"] - 1,
        threshold_reach_percent=flags["threshold_reach_percent"],
        instrument_noise_w=(waveform.instrument_noise_w or 0.0) if noise_w is None else noise_w,
        average=flags["average"],
        is_filtered=flags["filtered"],
        samples_per_symbol=samples_per_symbol,
    )


def _read_pattern(name: str | None, waveform: CapturedWaveform) -> Any:
    """Return the levels of a pattern file, the name of a known pattern, or what the capture holds."""
    from lightlane.kernels.patterns import PatternName

    if name is None:
        return "ssprq" if waveform.pattern is None else waveform.pattern
    path = Path(name)
    if name in get_args(PatternName) or not path.is_file():
        return name
    import numpy as np

    try:
        return np.loadtxt(path, dtype=np.int64, delimiter="," if path.suffix == ".csv" else None).ravel()
    except ValueError as error:
        raise ParameterError(f"{path}: {error}; allowed: levels from 0 to 3") from error


def _judge(found: TdecqMeasurement, mode: DirectMode | None, measure: str) -> list[tuple[str, float, str, bool]]:
    """Return name, limit, its kind and whether it holds, of each limit of the mode that the waveform tells about."""
    if mode is None:
        return []
    ceiling = mode.secq_max_db if measure == "secq" else mode.tdecq_max_db
    rows = [(f"{measure}_db", found.tdecq_db, ceiling, "max")]
    if measure != "secq":
        rows += [
            ("overshoot_percent", found.overshoot_percent, mode.overshoot_max_percent, "max"),
            ("undershoot_percent", found.undershoot_percent, mode.overshoot_max_percent, "max"),
            ("transition_time_ps", found.transition_time_ps, mode.transition_time_max_ps, "max"),
            ("extinction_ratio_db", found.extinction_ratio_db, mode.extinction_ratio_min_db, "min"),
        ]
    return [
        (name, limit, kind, value <= limit if kind == "max" else value >= limit)
        for name, value, limit, kind in rows
        if limit is not None and math.isfinite(value)
    ]


def _describe(
    found: TdecqMeasurement, measure: str, mode: DirectMode | None, limits: list[tuple[str, float, str, bool]]
) -> dict[str, Any]:
    """Return the measurement as JSON-ready values."""
    left_out = {"early_values_ratio", "late_values_ratio", "window_levels", "waveform", "tdecq_db"}
    names = [name for name in type(found).__slots__ if name not in left_out]
    more = ("oma_outer_w", "extinction_ratio_db", "transition_time_ps")
    return {
        "measure": measure,
        "pmd": mode.id if mode else None,
        f"{measure}_db": found.tdecq_db,
        **{name: _plain(getattr(found, name)) for name in (*names, *more)},
        "notes": list(found.notes),
        "limits": [{"name": n, kind: limit, "holds": holds} for n, limit, kind, holds in limits],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.tolist() if hasattr(value, "tolist") else value


def _show(found: TdecqMeasurement, measure: str, limits: list[tuple[str, float, str, bool]]) -> None:
    """Print the answer."""
    console = get_answer_console()
    console.print(f"[bold]{measure} {found.tdecq_db:.2f} dB[/bold], 10 log10 Ceq {found.noise_enhancement_db:.2f} dB")
    started = "closed" if math.isnan(found.least_squares_tdecq_db) else f"{found.least_squares_tdecq_db:.2f} dB"
    rows = [
        f"Taps {', '.join(f'{tap:.4f}' for tap in found.taps)}, main {found.main_index + 1}"
        + (f", feedback {found.feedback_ratio:.3f}" if found.feedback_ratio else ""),
        f"Least squares {started}, then {found.steps_count} steps; early and late histogram "
        f"{found.window_tdecq_db[0]:.2f} and {found.window_tdecq_db[1]:.2f} dB",
        f"Outer OMA {found.oma_outer_w:.4g}, mean {found.average_power_w:.4g}, ER {found.extinction_ratio_db:.2f} dB, "
        f"R_LM {found.level_mismatch_ratio:.3f}",
        f"Overshoot {found.overshoot_percent:.1f} %, undershoot {found.undershoot_percent:.1f} %, "
        f"transition {found.transition_time_ps:.1f} ps",
        f"{found.judged_symbols_count:,} symbols, {found.periods_count} periods, symbol rate "
        f"{found.rate_error_ppm:+.1f} ppm, pattern from symbol {found.pattern_index}",
    ]
    for row in rows:
        console.print(row, soft_wrap=True)
    for text in found.notes:
        console.print(f"Note: {text}.", soft_wrap=True)
    for name, limit, kind, holds in limits:
        verdict = "[green]holds[/green]" if holds else "[red]is broken[/red]"
        console.print(f"{name}: {kind} {limit:g} {verdict}")
