"""Waterfalls of codes: what is left over the pre-FEC BER, counted by decoders, and the mapping file that holds it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lightlane.errors import FormatError, ParameterError, Problem
from lightlane.files import write_atomically
from lightlane.kernels import (
    CountedCode,
    FecCounts,
    Task,
    apply_fec,
    count_fec_errors,
    counted_codes,
    error_ratio_interval,
    hamming_hard_symbol_error_ratio,
    hamming_soft_symbol_error_bound_ratio,
    kp4_post_fec_ber,
)

WATERFALL_FORMAT: Literal[1] = 1
"""Number of the layout of a mapping file; a reader refuses every other."""
LEAST_EVENTS_COUNT = 10
"""Failed frames below which a ratio is not taken from the count: its interval spans a factor of two and more."""
Basis = Literal["counted", "exact", "bound", "kp4_formula", "extrapolated", "unknown"]
BASIS_TEXTS: dict[str, str] = {
    "counted": "counted",
    "exact": "exact formula, too few errors to count",
    "bound": "union bound, too few errors to count",
    "kp4_formula": "KP4's binomial formula on the counted symbol errors of the inner decoder",
    "extrapolated": "log-log line through the two lowest counted points, an upper limit where the curve gets steeper",
    "unknown": "too few errors to count and nothing to extrapolate from",
}

_EXACT: dict[str, Callable[[float], Any]] = {
    "kp4": kp4_post_fec_ber,
    "hamming-128-120-hard": hamming_hard_symbol_error_ratio,
}
_BOUNDS: dict[str, Callable[[float], Any]] = {"hamming-128-120": hamming_soft_symbol_error_bound_ratio}
_CHAINS_WITH_KP4 = frozenset({"hamming-128-120-kp4", "bch-126-110-kp4"})


class WaterfallPoint(BaseModel):
    """One point: its counts, and the ratio that a map takes from it."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    pre_fec_ber: Annotated[float, Field(gt=0, le=0.4)]
    counts: dict[str, Annotated[int, Field(ge=0)]]
    basis: Basis
    ratio: Annotated[float, Field(ge=0, le=1)] | None
    low_ratio: Annotated[float, Field(ge=0, le=1)] | None
    high_ratio: Annotated[float, Field(ge=0, le=1)] | None

    def get_counts(self) -> FecCounts:
        """Return the counts as kernels add them."""
        try:
            return FecCounts(**self.counts)
        except TypeError as error:
            raise ParameterError(f"counts hold {sorted(self.counts)}; allowed: the fields of FecCounts") from error


class Waterfall(BaseModel):
    """What a mapping file holds."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    format: Literal[1] = WATERFALL_FORMAT
    code: str
    description: str
    quantity: Literal["post_fec_ber", "kp4_symbol_error_ratio"]
    seed: Annotated[int, Field(ge=0)]
    errors_wanted_count: Annotated[int, Field(ge=1)]
    frames_max_count: Annotated[int, Field(ge=1)]
    points: tuple[WaterfallPoint, ...]


def get_code(name: str) -> CountedCode:
    """Return a code that can be counted; raise ParameterError, naming them all, if there is none of the name."""
    codes = counted_codes()
    if name not in codes:
        raise ParameterError(f"code is {name!r}; allowed: {', '.join(codes)}")
    return codes[name]


def run_waterfall(
    code: str,
    pre_fec_ber: Sequence[float],
    *,
    seed: int = 1,
    errors_wanted_count: int = 200,
    frames_max_count: int | None = None,
    start: Waterfall | None = None,
    on_step: Callable[[Waterfall, int, int], None] | None = None,
    task: Task | None = None,
) -> Waterfall:
    """Count a waterfall point after point, highest pre-FEC BER first, until each has its failed frames or frames.

    Frames are counted in steps of a fixed size, so that a run that is stopped and taken up again ends with the same
    counts as one that is not.

    Parameters
    ----------
    pre_fec_ber
        The points.
    errors_wanted_count
        Failed frames after which a point is done.
    frames_max_count
        Frames after which a point is done anyhow; 200 steps of the code unless given.
    start
        A waterfall to go on with: same code and seed. Its other points are kept.
    on_step
        Gets the waterfall so far, the frames counted of the present point and its most.

    Raises
    ------
    ParameterError
        If the code is not known, there is no point, a point is outside 1e-15 to 0.4 or ``start`` is of another run.
    Cancelled
        If ``task`` was cancelled; what ``on_step`` got last is kept.
    """
    entry = get_code(code)
    most = 200 * entry.step_frames_count if frames_max_count is None else frames_max_count
    if not pre_fec_ber or not all(1e-15 <= point <= 0.4 for point in pre_fec_ber):
        raise ParameterError(f"points are {list(pre_fec_ber)}; allowed: one or more pre-FEC BERs from 1e-15 to 0.4")
    if errors_wanted_count < 1 or most < 1:
        raise ParameterError(f"errors {errors_wanted_count} and frames {most}; allowed: 1 or more of each")
    if start is not None and (start.code, start.seed) != (code, seed):
        raise ParameterError(f"the file holds {start.code} with seed {start.seed}; allowed: {code} with seed {seed}")
    counts = {point.pre_fec_ber: point.get_counts() for point in start.points} if start is not None else {}

    def so_far() -> Waterfall:
        return Waterfall(
            code=code,
            description=entry.description,
            quantity=entry.ratio,
            seed=seed,
            errors_wanted_count=errors_wanted_count,
            frames_max_count=most,
            points=judge_points(entry, counts),
        )

    for ber in sorted(set(pre_fec_ber), reverse=True):
        counts.setdefault(ber, FecCounts())
        while counts[ber].frame_errors_count < errors_wanted_count and counts[ber].frames_count < most:
            first = counts[ber].frames_count
            frames = min(entry.step_frames_count, most - first)
            counts[ber] += count_fec_errors(
                code, pre_fec_ber=ber, first_frame=first, frames_count=frames, seed=seed, task=task
            )
            if on_step is not None:
                on_step(so_far(), counts[ber].frames_count, most)
    return so_far()


def judge_points(code: CountedCode, errors_count_by_pre_fec_ber: dict[float, FecCounts]) -> tuple[WaterfallPoint, ...]:
    """Return the points of counts, lowest pre-FEC BER first, each with its ratio, its interval and where that is from.

    A count of ten failed frames and more gives the ratio; its interval is that of failed frames (95 %, Wilson), since
    errors of one frame come together. Below it an exact formula, a bound or, marked as such, a line goes on.
    """
    points = [_counted(code, ber, errors_count_by_pre_fec_ber[ber]) for ber in sorted(errors_count_by_pre_fec_ber)]
    known = [point for point in points if point.basis in ("counted", "kp4_formula")]
    return tuple(point if point.basis != "unknown" else _continued(code, point, known) for point in points)


def _counted(code: CountedCode, ber: float, counts: FecCounts) -> WaterfallPoint:
    point = WaterfallPoint(
        pre_fec_ber=ber,
        counts={name: getattr(counts, name) for name in FecCounts.__dataclass_fields__},
        basis="unknown",
        ratio=None,
        low_ratio=None,
        high_ratio=None,
    )
    failed, frames = counts.frame_errors_count, counts.frames_count
    if failed >= LEAST_EVENTS_COUNT:
        ratio = _ratio(code, counts)
        low, high = error_ratio_interval(failed, frames)
        per_frame = ratio / (failed / frames)
        return _with(point, "counted", ratio, low * per_frame, min(high * per_frame, 1.0))
    if code.name in _CHAINS_WITH_KP4 and counts.symbol_errors_count >= LEAST_EVENTS_COUNT**2:
        return _with(point, "kp4_formula", *_behind_kp4(ber, counts))
    return point


def _ratio(code: CountedCode, counts: FecCounts) -> float:
    if code.ratio == "post_fec_ber":
        return counts.bit_errors_after_count / counts.bits_count
    return counts.symbol_errors_count / counts.symbols_count


def _behind_kp4(ber: float, counts: FecCounts) -> tuple[float, float, float]:
    """Return post-FEC BER by the formula at the counted symbol error ratio, and at the ends of its interval."""
    middle = counts.symbol_errors_count / counts.symbols_count
    # Two to three symbols of a failed inner word are wrong together: half as many events as errors.
    low, high = error_ratio_interval(counts.symbol_errors_count // 3, counts.symbols_count // 3)

    def after(ratio: float) -> float:
        table = ((0.5 * ber, ratio), (2.0 * ber, ratio))
        return apply_fec(ber, kind="inner_kp4", left_ratio_by_pre_fec_ber=table)[0]

    return after(middle), after(low), after(high)


def _continued(code: CountedCode, point: WaterfallPoint, known: list[WaterfallPoint]) -> WaterfallPoint:
    ber = point.pre_fec_ber
    for basis, formulas in (("exact", _EXACT), ("bound", _BOUNDS)):
        if code.name in formulas:
            return _with(point, basis, float(formulas[code.name](ber)), None, None)
    above = [other for other in known if other.pre_fec_ber > ber and other.ratio][:2]
    if len(above) < 2:
        return point
    (x1, y1), (x2, y2) = ((math.log(other.pre_fec_ber), math.log(other.ratio or 1.0)) for other in above)
    return _with(point, "extrapolated", math.exp(y1 + (y2 - y1) / (x2 - x1) * (math.log(ber) - x1)), None, None)


def _with(point: WaterfallPoint, basis: str, ratio: float, low: float | None, high: float | None) -> WaterfallPoint:
    return point.model_copy(update={"basis": basis, "ratio": ratio, "low_ratio": low, "high_ratio": high})


def save_waterfall(waterfall: Waterfall, path: Path) -> None:
    """Write a mapping file, as a whole or not at all.

    Raises
    ------
    ParameterError
        If the file cannot be written.
    """
    write_atomically(path, waterfall.model_dump_json(indent=1) + "\n")


def load_waterfall(path: Path) -> Waterfall:
    """Read a mapping file.

    Raises
    ------
    FormatError
        If it is not one.
    """

    def refuse(key: str, found: str, allowed: str) -> FormatError:
        return FormatError(Problem(str(path), 0, key, found, allowed))

    wanted = "a mapping file as `lightlane fec waterfall` writes it"
    try:
        return Waterfall.model_validate(json.loads(path.read_text("utf-8")))
    except OSError as error:
        raise refuse("", error.strerror or str(error), "a file that can be read") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise refuse("", f"no JSON: {error}", wanted) from error
    except ValidationError as error:
        first = error.errors()[0]
        raise refuse(".".join(map(str, first["loc"])), first["msg"], wanted) from error
