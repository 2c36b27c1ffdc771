"""The simulated lanes of a report: both models beside each other, in numbers, words and figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from lightlane.kernels.metrics import q_factor_db
from lightlane.lane.waveform.verdict import ERRORS_COUNTED_MIN
from lightlane.plots.direct_waveform import plot_direct_waveform
from lightlane.plots.waterfall import format_db
from lightlane.plots.waveform import plot_waveform
from lightlane.report.figures import inline_svg
from lightlane.report.sentences import format_count, name_limit
from lightlane.results.direct_waveforms import read_direct_picture
from lightlane.results.records import Results
from lightlane.results.waveforms import read_picture

Row = dict[str, Any]

Q_AGREEMENT_DB = 0.2
"""Difference in Q up to which the models agree: what docs/models/coherent-waveform.md holds them to over its grid."""
DIRECT_AGREEMENT_DB = 0.5
"""Difference in light up to which the models agree of a direct-detect lane: one simulated state of its echoes is held
against a quantile over all of them (docs/models/direct-waveform.md)."""
_COMPARED_DIRECT = (
    ("Sensitivity, outer OMA (dBm)", "sensitivity_oma_dbm"),
    ("Pre-FEC BER", "pre_fec_ber"),
    ("FEC margin (dB)", "fec_margin_db"),
    ("Margin (dB)", "margin_db"),
)
_COMPARED = (
    ("SNR at the decision (dB)", "snr_db"),
    ("Q (dB)", "q_db"),
    ("Pre-FEC BER", "pre_fec_ber"),
    ("FEC margin (dB)", "fec_margin_db"),
    ("Margin (dB)", "margin_db"),
)


def describe_waveforms(results: Results) -> list[Row]:
    """Return each simulated lane: its heading, both models' numbers, what they agree on, and its figures as SVG."""
    described = []
    for number, row in enumerate(results.waveforms.rows()):
        picture = read_picture(row)
        way = row["direction"].replace("_", " ")
        figure = ""
        if picture is not None:
            figure = inline_svg(
                plot_waveform(picture),
                prefix=f"waveform{number}-",
                label=f"Spectra, path, constellations, equalizer and phase of {row['link']}, {way}",
            )
        described.append(
            {
                "link": row["link"],
                "place": f"channel {row['channel_index']}, {way}",
                "words": compare_models(row),
                "rows": _compare_numbers(row) if row["snr_db"] is not None else [],
                "figure": figure,
            }
        )
    return [*described, *_describe_direct(results)]


def _describe_direct(results: Results) -> list[Row]:
    """Return the same of simulated direct-detect lanes."""
    described = []
    for number, row in enumerate(results.direct_waveforms.rows()):
        picture = read_direct_picture(row)
        way = row["direction"].replace("_", " ")
        figure = ""
        if picture is not None:
            figure = inline_svg(
                plot_direct_waveform(picture),
                prefix=f"direct{number}-",
                label=f"Eyes, decisions, pulse, taps and error ratios of {row['link']}, {way}",
            )
        described.append(
            {
                "link": row["link"],
                "place": f"lane {row['lane']} of module pair {row['channel_index']}, {way}",
                "words": compare_direct_models(row),
                "rows": _compare_numbers(row, _COMPARED_DIRECT) if row["pre_fec_ber"] is not None else [],
                "figure": figure,
            }
        )
    return described


def compare_direct_models(row: Row) -> list[str]:
    """Return the sentences that say whether budget and waveform agree on a direct-detect lane."""
    if row["unknown_because"]:
        return [f"Not simulated: {row['unknown_because']}."]
    budget_db, found_db = row["budget_sensitivity_oma_dbm"], row["sensitivity_oma_dbm"]
    sentences = []
    if found_db is None:
        reason = row["blocked_by"] or "no light reaches the target"
        sentences.append(f"By waveform the lane is {row['status']}: {reason}. {_state_budget(row)}")
    elif budget_db is None:
        sentences.append("The budget has no sensitivity for this lane.")
    else:
        side = "more" if found_db >= budget_db else "less"
        gap = f"by waveform it needs {format_db(abs(found_db - budget_db))} dB {side} light than by budget"
        agree = abs(found_db - budget_db) <= DIRECT_AGREEMENT_DB
        sentences.append(
            f"The models {'agree' if agree else 'disagree'}: {gap}, "
            f"{'within' if agree else 'beyond'} the {DIRECT_AGREEMENT_DB:g} dB that reflections in one state allow for."
        )
    sentences.append(_compare_verdicts(row))
    if row["symbol_error_ratio"] is not None:
        sentences.append(
            f"{format_count(row['bit_errors_count'])} errors in {format_count(row['bits_count'])} bits; by the noise "
            f"of each decision {_write_ratio(row['symbol_error_ratio'])} of the symbols err."
        )
    if row["outside_domain"]:
        sentences.append(f"To be known: {row['outside_domain']}.")
    return sentences


def compare_models(row: Row) -> list[str]:
    """Return the sentences that say whether budget and waveform agree on a lane, and how sure the count is."""
    if row["unknown_because"]:
        return [f"Not simulated: {row['unknown_because']}."]
    if row["q_db"] is None:
        reason = row["blocked_by"] or "no reason given"
        return [f"The models disagree: by waveform the lane is {row['status']}, {reason}. {_state_budget(row)}"]
    sentences = [_compare_quality(row), _compare_verdicts(row), _judge_count(row)]
    if row["outside_domain"]:
        sentences.append(f"To be known: {row['outside_domain']}.")
    return [sentence for sentence in sentences if sentence]


def _compare_quality(row: Row) -> str:
    if row["budget_q_db"] is None:
        return "The budget has no Q for this lane."
    difference_db = row["q_db"] - row["budget_q_db"]
    side = "above" if difference_db >= 0.0 else "below"
    gap = f"Q by waveform is {format_db(abs(difference_db))} dB {side} the budget's"
    if abs(difference_db) <= Q_AGREEMENT_DB:
        return f"The models agree: {gap}, within the {Q_AGREEMENT_DB:g} dB that they are held to."
    return (
        f"The models disagree: {gap}, more than the {Q_AGREEMENT_DB:g} dB that they are held to. "
        "The model page of the coherent waveform names what parts them."
    )


def _compare_verdicts(row: Row) -> str:
    if row["status"] == row["budget_status"]:
        return f"Both call the lane {row['status']}."
    return f"The verdicts differ: {row['budget_status']} by budget, {row['status']} by waveform."


def _state_budget(row: Row) -> str:
    margin = "" if row["budget_margin_db"] is None else f" with {format_db(row['budget_margin_db'])} dB of margin"
    return f"The budget calls it {row['budget_status']}{margin}."


def _judge_count(row: Row) -> str:
    """Say between which Q the counted errors leave the lane, or that they are too few."""
    errors = row["bit_errors_count"]
    counted = f"{format_count(errors)} errors in {format_count(row['bits_count'])} bits"
    if errors < ERRORS_COUNTED_MIN:
        return f"Only {counted} were counted: BER and Q are those of the measured SNR."
    worst_db, best_db = (float(q_factor_db(row[name])) for name in ("pre_fec_high_ber", "pre_fec_low_ber"))
    text = f"{counted} leave Q between {format_db(worst_db)} and {format_db(best_db)} dB (95 %)"
    if row["budget_q_db"] is not None:
        inside = worst_db <= row["budget_q_db"] <= best_db
        text += f"; the budget's lies {'within' if inside else 'outside'}"
    return f"{text[:1].upper()}{text[1:]}."


def _compare_numbers(row: Row, compared: Sequence[tuple[str, str]] = _COMPARED) -> list[tuple[str, str, str, str]]:
    """Return (quantity, by budget, by waveform, difference) of what both models have."""
    rows = []
    for label, name in compared:
        budget, found = row[f"budget_{name}"], row[name]
        if name == "pre_fec_ber":
            ratio = f"{found / budget:.2f} times" if budget and found else ""
            rows.append((label, _write_ratio(budget), _write_ratio(found), ratio))
            continue
        known = budget is not None and found is not None and math.isfinite(budget) and math.isfinite(found)
        difference = format_db(found - budget, signed=True) if known else ""
        rows.append((label, _write_db(budget), _write_db(found), difference))
    for label, name in (("Limited by", "limited_by"), ("Status", "status")):
        budget, found = (name_limit(row[key]).removeprefix("the ") for key in (f"budget_{name}", name))
        rows.append((label, budget, found, "" if budget == found else "differs"))
    return rows


def _write_db(value: float | None) -> str:
    return "\N{EN DASH}" if value is None else format_db(value)


def _write_ratio(value: float | None) -> str:
    return "\N{EN DASH}" if value is None else f"{value:.2e}".replace("-", "\N{MINUS SIGN}")
