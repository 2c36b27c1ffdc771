"""How a lane is evaluated: the options that every way into the budget model takes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

from lightlane.errors import ParameterError

DRAWS_MAX = 10_000_000
SEED_MAX = 2**63 - 1


def _option(default: Any, text: str, greatest: int | None = None) -> Any:
    """Give a field its default, what its flag says of it, and the greatest value of a number."""
    return field(default=default, metadata={"help": text, "greatest": greatest})


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetOptions:
    """Options of the analytic lane models; the same words are keys of a scenario and flags of the command line."""

    fiber_limits: bool = _option(False, "Take the limit figures of fibers, not the typical ones.")
    nonlinear_model: Literal["closed_form", "isrs_gn", "integral"] = _option(
        "closed_form",
        "Nonlinear interference: in closed form, right for spans of any length; by the ISRS GN model as published; or "
        "by the GN model's integral (seconds per channel of a full band).",
    )
    format_correction: bool = _option(
        True, "Take off what constellations make less nonlinear interference than Gaussian signals."
    )
    sop_rate_krad_per_s: float = _option(0.0, "Speed at which polarization rotates.")
    idle_channels: Literal["dark", "noise"] = _option(
        "dark", "What is in the spectrum of channels that are not lit: nothing, or noise at the level of a channel."
    )
    amplifier_control: Literal["level", "gain", "power"] = _option(
        "level",
        "What amplifiers hold on to while channels are dark: the level per channel (they were set anew), "
        "or the gain or total output power that they had with all channels.",
    )
    worst_case: bool = _option(False, "Also evaluate every lane with all figures at their limits; draws always do.")
    draws_count: int = _option(
        0, "Draws of specimens over the distributions of the catalog, for margin quantiles; 0: none.", DRAWS_MAX
    )
    frame_loss: bool = _option(
        False, "Also find what direct-detect modules lose of frames in worst case and draws (microseconds a draw)."
    )
    seed: int = _option(0, "Key of every random number.", SEED_MAX)
    fidelity: Literal["budget", "surrogate"] = "budget"
    """Where the eyes of direct-detect lanes come from: computed, or from tables of waveform runs."""
    surrogate_folder: str | None = None
    """Of tables of the user's own, which serve the modes that they hold before the shipped ones do."""
    quantiles: tuple[float, ...] = (0.001, 0.01, 0.05, 0.5, 0.95)
    """Probabilities of the wanted margin quantiles."""

    @property
    def asks_for_worst_case(self) -> bool:
        """Whether lanes are evaluated with all figures at their limits too."""
        return self.worst_case or self.frame_loss or self.draws_count > 0

    def nominal(self) -> BudgetOptions:
        """Return the options without worst case and draws."""
        return replace(self, worst_case=False, draws_count=0, frame_loss=False)

    def __post_init__(self) -> None:
        if not 0 <= self.sop_rate_krad_per_s < float("inf"):
            found = self.sop_rate_krad_per_s
            raise ParameterError(f"sop_rate_krad_per_s is {found}; allowed: a finite number, 0 or above")
        for name, words in _WORDS.items():
            if getattr(self, name) not in words:
                allowed = ", ".join(repr(word) for word in words)
                raise ParameterError(f"{name} is {getattr(self, name)!r}; allowed: {allowed}")
        for name, greatest in (("draws_count", DRAWS_MAX), ("seed", SEED_MAX)):
            if not 0 <= getattr(self, name) <= greatest:
                raise ParameterError(f"{name} is {getattr(self, name)}; allowed: 0 to {greatest}")
        for value in self.quantiles:
            if not 0 < value < 1:
                raise ParameterError(f"quantiles holds {value}; allowed: numbers between 0 and 1, both excluded")


_WORDS = {name: get_args(kind) for name, kind in get_type_hints(BudgetOptions).items() if get_origin(kind) is Literal}

DEFAULT_OPTIONS = BudgetOptions()
