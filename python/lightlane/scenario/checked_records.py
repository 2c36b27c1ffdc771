"""Records that were found to be sound: what is changed in many of them at once need not be looked at as a whole again.

A record is sound if its own JSON is accepted under the rules of its model. Where no rule of a model joins several
fields, a sound record with a sound value in one field is sound too, and it is the record that its JSON would give.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic_core import to_json

KEPT_COUNT = 3
"""So many times the records of a call are remembered at most."""


class CheckedRecords:
    """Remembers which records of a model are sound, each by the form in which its JSON comes back."""

    def __init__(self, model: type[BaseModel]) -> None:
        rules = model.__pydantic_decorators__
        self.is_field_by_field = not any(
            (rules.model_validators, rules.root_validators, rules.field_validators, rules.model_serializers)
        )
        """Whether a field is sound or not whatever the others are."""
        self._adapter: TypeAdapter[list[Any]] = TypeAdapter(list[model])  # type: ignore[valid-type]
        # By identity; records are kept so that no other object can get theirs. Threads put other tables in the place
        # of these and never change one: what one of them forgets is looked at again.
        self._forms: dict[int, tuple[BaseModel, Any]] = {}
        self._made: dict[int, Any] = {}

    def replace(self, records: Sequence[BaseModel], changes: dict[str, Any]) -> list[Any]:
        """Return records with other values under some keys, as their JSON gives them.

        Raises
        ------
        ValueError
            If one of them is not sound.
        """
        rows = self._adapter.dump_python(list(records), mode="json", by_alias=True)
        for row in rows:
            row.update(changes)
        return self._adapter.validate_json(to_json(rows, inf_nan_mode="constants"), strict=True)

    def put(self, records: Sequence[BaseModel], field: str, value: Any) -> list[Any]:
        """Return records with another value of a field, one that was found to be sound, as their JSON gives them.

        Raises
        ------
        ValueError
            If one of the records is not sound.
        """
        forms = self._find_forms(records)
        rows = [form.model_copy(update={field: value}) for form in forms]
        self._made = {id(row): row for row in rows}
        return rows

    def _find_forms(self, records: Sequence[BaseModel]) -> list[Any]:
        known, made = self._forms, self._made
        forms = [known[id(record)][1] if id(record) in known else made.get(id(record)) for record in records]
        new = [place for place, form in enumerate(forms) if form is None]
        if not new:
            return forms
        found = self.replace([records[place] for place in new], {})
        for place, form in zip(new, found, strict=True):
            forms[place] = form
        # Single records that were changed before the others come anew each time.
        if 2 * len(new) > len(records):
            kept = known if len(known) + len(new) <= KEPT_COUNT * len(records) else {}
            own = {id(records[place]): (records[place], forms[place]) for place in new}
            self._forms = {**kept, **own}
        return forms


@cache
def checked_records(model: type[BaseModel]) -> CheckedRecords:
    """Return what is known of the records of a model."""
    return CheckedRecords(model)
