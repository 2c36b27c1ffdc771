"""The steps from what is launched to the margin, as the bridge chart shows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from lightlane import Contribution
from lightlane.toolkit import describe_contribution
from lightlane_gui.charts.number_text import format_number

SMALL_DB = 0.005
"""Steps that are written as 0.00 are shown as one."""


@dataclass(frozen=True, slots=True)
class Step:
    """One bar.

    Attributes
    ----------
    start_db, end_db
        Where it begins and ends.
    reference_db
        The same contribution in what is compared with; None: nothing is compared, or it has none.
    """

    label: str
    value_db: float
    start_db: float
    end_db: float
    reference_db: float | None = None

    def explain(self) -> str:
        """Return why the step has its value: meaning, formula, inputs, page."""
        if self.label.endswith("small contributions"):
            return "Contributions of less than 0.005 dB each, added up."
        note = describe_contribution(self.label)
        text = f"{note.meaning}\nFormula: {note.formula}\nFrom: {note.inputs}\nModel: {note.page}"
        if self.reference_db is not None:
            text += f"\nCompared with: {format_number(self.reference_db, signed=True)} dB"
        return text


def list_steps(contributions: Sequence[Contribution], reference: Sequence[Contribution] = ()) -> list[Step]:
    """Return the steps of a lane, those too small to be written merged; they add up to the margin.

    Parameters
    ----------
    reference
        Of the lane that is compared with: contributions of the same label belong together, in their order.
    """
    others: dict[str, list[float]] = defaultdict(list)
    for item in reference:
        others[item.label].append(item.value_db)
    shown = [item for item in contributions if abs(item.value_db) >= SMALL_DB or others.get(item.label)]
    small = [item for item in contributions if item not in shown]
    if len(small) == 1:
        shown = list(contributions)
    steps: list[Step] = []
    level = 0.0
    for item in shown:
        other = others[item.label].pop(0) if others[item.label] else (0.0 if reference else None)
        steps.append(Step(item.label, item.value_db, level, level + item.value_db, other))
        level += item.value_db
    if len(small) > 1:
        rest = sum(item.value_db for item in small)
        steps.append(Step(f"{len(small)} small contributions", rest, level, level + rest))
    return steps
