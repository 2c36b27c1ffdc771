"""How a lane is evaluated: the options that every way into the budget model takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args, get_origin, get_type_hints

from lightlane.errors import ParameterError


def _option(default: Any, text: str) -> Any:
    """Give a field its default and what its flag says of it."""
    return field(default=default, metadata={"help": text})


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetOptions:
    """Options of the analytic lane models; the same words are keys of a scenario and flags of the command line."""

    fiber_limits: bool = _option(False, "Take the limit figures of fibers, not the typical ones.")
    idle_channels: Literal["dark", "noise"] = _option(
        "dark", "What is in the spectrum of channels that are not lit: nothing, or noise at the level of a channel."
    )
    amplifier_control: Literal["level", "gain", "power"] = _option(
        "level",
        "What amplifiers hold on to while channels are dark: the level per channel (they were set anew), "
        "or the gain or total output power that they had with all channels.",
    )

    def __post_init__(self) -> None:
        for name, words in _WORDS.items():
            if getattr(self, name) not in words:
                allowed = ", ".join(repr(word) for word in words)
                raise ParameterError(f"{name} is {getattr(self, name)!r}; allowed: {allowed}")


_WORDS = {name: get_args(kind) for name, kind in get_type_hints(BudgetOptions).items() if get_origin(kind) is Literal}

DEFAULT_OPTIONS = BudgetOptions()
