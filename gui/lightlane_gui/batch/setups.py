"""What a batch is made of: a sweep, draws, or the scenario as it is; checked before anything starts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from lightlane import LightlaneError, ParameterError, Scenario, Sweep
from lightlane_gui.session.document import BASE, Document, Edited

DRAWS_DEFAULT_COUNT = 1000
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def build_sweep(field: str, *, values: str = "", start: str = "", stop: str = "", count: int = 0) -> Sweep:
    """Return a sweep from the texts of a form: ``values`` with commas, or a range.

    Raises
    ------
    ParameterError
        If something is missing or no number; names it.
    """
    if not field.strip():
        raise ParameterError("field: found nothing; allowed: a path such as duct.NAME.length_km")
    if values.strip():
        return Sweep(field=field.strip(), values=tuple(_read(text) for text in values.split(",") if text.strip()))
    ends = []
    for name, text in (("from", start), ("to", stop)):
        try:
            ends.append(float(text.replace("\N{MINUS SIGN}", "-")))
        except ValueError:
            found = repr(text) if text else "nothing"
            raise ParameterError(f"{name}: found {found}; allowed: a number") from None
    if count < 2:
        raise ParameterError(f"count: found {count}; allowed: an integer from 2 on")
    return Sweep(field=field.strip(), start=ends[0], stop=ends[1], count=count)


def build_scenario(
    form: Edited, *, sweep: Sweep | None = None, draws_count: int | None = None, seed: int | None = None,
    shown_variant_only: bool = False,
) -> Scenario:  # fmt: skip
    """Return the scenario of a batch.

    Parameters
    ----------
    form
        As it is edited.
    sweep
        In place of those of the scenario; absent: as they are.
    draws_count
        With draws that are kept one by one; absent: as the scenario says.
    shown_variant_only
        Leave out variants other than the one on display; the base always runs.
    """
    changes: dict[str, Any] = {}
    if sweep is not None:
        changes["sweep"] = (sweep,)
    if draws_count is not None:
        changes |= {"draws_count": draws_count, "keep_draws": draws_count > 0}
    if seed is not None:
        changes["seed"] = seed
    if shown_variant_only:
        changes["variant"] = tuple(item for item in form.scenario.variant if item.name == form.variant != BASE)
    return form.scenario.model_copy(update=changes)


def ends_of(scenario: Scenario) -> Scenario:
    """Return a scenario whose sweeps have their first and last values alone, to try it quickly."""
    sweeps = []
    for sweep in scenario.sweep:
        values = sweep.list_values()
        sweeps.append(Sweep(field=sweep.field, values=tuple(dict.fromkeys((values[0], values[-1]))), zip=sweep.zip))
    return scenario.model_copy(update={"sweep": tuple(sweeps)})


def describe_batch(scenario: Scenario, kind: str) -> str:
    """Return what a job is called."""
    if kind == "sweep":
        return f"Sweep of {scenario.sweep[0].field}"
    return f"{scenario.draws_count} draws" if kind == "draws" else scenario.name


def suggest_folder(document: Document, kind: str) -> Path:
    """Return a folder beside the document, or in the user's home, that is not there yet."""
    home = Path.home() / "lightlane-results" if document.path is None else document.path.parent / "results"
    stem = _UNSAFE.sub("-", document.title).strip("-.").lower()[:40] or "run"
    number = 1
    while (home / f"{stem}-{kind}-{number}").exists():
        number += 1
    return home / f"{stem}-{kind}-{number}"


def words_of(error: Exception) -> str:
    """Return an error in words for a form: of a model's checks only the sentence."""
    if isinstance(error, LightlaneError):
        return str(error)
    errors: Any = getattr(error, "errors", None)
    text = errors()[0]["msg"] if callable(errors) else error
    return str(text).removeprefix("Value error, ")


def _read(text: str) -> Any:
    text = text.strip().replace("\N{MINUS SIGN}", "-")
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
