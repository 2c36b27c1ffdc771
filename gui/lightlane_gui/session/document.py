"""The open document: a scenario on its fabric, and the edits of it that can be undone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lightlane import Catalog, Conditions, Fabric, Scenario, Variant

BASE = "baseline"
"""The scenario as its file has it; edits go to variants."""
FIRST_VARIANT = "what-if"


@dataclass(frozen=True, eq=False)
class Document:
    """What was opened.

    Attributes
    ----------
    scenario
        As read.
    path
        Of the file; None for what has none.
    """

    scenario: Scenario
    fabric: Fabric
    catalog: Catalog
    path: Path | None = None

    @property
    def title(self) -> str:
        """What the window is called by."""
        return self.scenario.name


GIVEN = "(given)"
"""In place of a fabric's file, where a fabric was opened by itself."""


@dataclass(frozen=True, slots=True)
class Edited:
    """The edited scenario and the variant that is looked at: one step of the undo stack is a pair of these."""

    scenario: Scenario
    variant: str = BASE

    def find(self, name: str) -> Variant | None:
        """Return a variant; None for the base and for names that there are none of."""
        return next((item for item in self.scenario.variant if item.name == name), None)

    def names(self) -> tuple[str, ...]:
        """Return base and variants in the order of the scenario."""
        return (BASE, *(item.name for item in self.scenario.variant))

    def free_name(self, wanted: str = FIRST_VARIANT) -> str:
        """Return a name that no variant has."""
        taken = set(self.names())
        if wanted not in taken:
            return wanted
        number = 2
        while f"{wanted}-{number}" in taken:
            number += 1
        return f"{wanted}-{number}"

    def open_variant(self) -> Edited:
        """Return a form whose variant can be changed: on the base, a new one beside it."""
        if self.variant != BASE:
            return self
        return self.add(Variant(name=self.free_name()))

    def add(self, variant: Variant) -> Edited:
        """Return a form with one more variant, which is looked at."""
        scenario = self.scenario.model_copy(update={"variant": (*self.scenario.variant, variant)})
        return Edited(scenario, variant.name)

    def put(self, variant: Variant, *, in_place_of: str | None = None) -> Edited:
        """Return a form in which a variant has changed."""
        old = variant.name if in_place_of is None else in_place_of
        variants = tuple(variant if item.name == old else item for item in self.scenario.variant)
        scenario = self.scenario.model_copy(update={"variant": variants})
        return Edited(scenario, variant.name if self.variant == old else self.variant)

    def remove(self, name: str) -> Edited:
        """Return a form without a variant; the base is looked at where it was this one."""
        variants = tuple(item for item in self.scenario.variant if item.name != name)
        scenario = self.scenario.model_copy(update={"variant": variants})
        return Edited(scenario, BASE if self.variant == name else self.variant)

    def set_field(self, path: str, value: Any) -> Edited:
        """Return a form in which a field has another value; None: the value of the base."""
        form = self.open_variant()
        variant = form.find(form.variant)
        assert variant is not None
        head, _, key = path.partition(".")
        if head == "conditions":
            given = {name: getattr(variant.conditions, name) for name in variant.conditions.model_fields_set}
            given.pop(key, None)
            if value is not None:
                given[key] = value
            return form.put(variant.model_copy(update={"conditions": Conditions(**given)}))
        fields = {name: item for name, item in variant.set.items() if name != path}
        if value is not None:
            fields[path] = value
        return form.put(variant.model_copy(update={"set": fields}))

    def add_event(self, event: Any) -> Edited:
        """Return a form in which something more happens."""
        form = self.open_variant()
        variant = form.find(form.variant)
        assert variant is not None
        return form.put(variant.model_copy(update={"event": (*variant.event, event)}))

    def remove_event(self, place: int) -> Edited:
        """Return a form without one of the events of its variant, by its place among these."""
        variant = self.find(self.variant)
        if variant is None:
            return self
        events = tuple(event for number, event in enumerate(variant.event) if number != place)
        return self.put(variant.model_copy(update={"event": events}))

    def show(self, variant: str) -> Edited:
        """Return a form that looks at another variant."""
        return replace(self, variant=variant)
