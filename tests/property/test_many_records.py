"""A value set in many records at once: the records, and the refusals, are those of reading all of their JSON again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, model_validator
from pydantic_core import to_json

from lightlane.fabric.load import load_fabric
from lightlane.files.schema_words import list_choices
from lightlane.scenario.checked_records import CheckedRecords, checked_records
from lightlane.scenario.fields import NAMING, RECORDS, assign_key, assign_keys
from lightlane.scenario.refusal import Refusal

FABRIC = load_fabric(Path(__file__).parents[2] / "examples" / "09_years_of_a_metro" / "fabric.toml")
KEYS = {
    kind: [key for key in list_choices(type(getattr(FABRIC, kind)[0]), ()) if key not in NAMING] for kind in RECORDS
}
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 200),
    st.floats(-100.0, 300.0),
    st.sampled_from([float("nan"), float("inf"), -0.0, 1e300, 2.0, "", "edge", "hut", "lc-upc", "y" * 90, "2.0"]),
    st.lists(st.integers(-1, 3), max_size=2).map(tuple),
    st.just({"a": 1}),
)
Answer = list[tuple[dict[str, str], set[str]]] | tuple[Any, ...]


def read_again(records: Sequence[BaseModel], key: str, value: Any) -> list[Any]:
    """Do it without any memory."""
    adapter = TypeAdapter(list[type(records[0])])  # type: ignore[misc]
    if key in KEYS_OF_MODEL[type(records[0])]:
        rows = adapter.dump_python(list(records), mode="json", by_alias=True)
        for row in rows:
            row[key] = list(value) if isinstance(value, tuple) else value
        try:
            return list(adapter.validate_json(to_json(rows, inf_nan_mode="constants"), strict=True))
        except ValueError:
            pass
    return [assign_key(record, key, value) for record in records]


KEYS_OF_MODEL = {type(getattr(FABRIC, kind)[0]): keys for kind, keys in KEYS.items()}


def answer(way: Callable[..., list[Any]], records: Sequence[BaseModel], key: str, value: Any) -> tuple[Any, list[Any]]:
    """Return all that is seen of an answer, types and signs of zeros too, and the records themselves."""
    try:
        rows = way(records, key, value)
    except Refusal as refusal:
        return (refusal.path, refusal.found, refusal.allowed), []
    return [({name: repr(item) for name, item in vars(row).items()}, row.model_fields_set) for row in rows], rows


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_many_are_changed_as_if_their_json_were_read(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(RECORDS))
    keys = st.sampled_from([*KEYS[kind], "nothing"])
    records: list[Any] = list(getattr(FABRIC, kind))
    for _ in range(data.draw(st.integers(1, 4))):
        if data.draw(st.booleans()):
            # One of them is of another making, and may hold what its model would refuse.
            place = data.draw(st.integers(0, len(records) - 1))
            field = data.draw(st.sampled_from(KEYS[kind]))
            records[place] = records[place].model_copy(update={field: data.draw(VALUES)})
        key, value = data.draw(keys), data.draw(VALUES)
        found, rows = answer(assign_keys, records, key, value)
        wanted, _ = answer(read_again, records, key, value)
        assert found == wanted
        # The next change is of these, or of what they were made of.
        if rows and data.draw(st.booleans()):
            records = rows


def test_every_value_is_set_and_none_stays_from_the_time_before() -> None:
    links = list(FABRIC.link)
    for power_dbm in (-1.0, -2.5, None, 3.0):
        rows = assign_keys(links, "launch_power_dbm", power_dbm)
        assert [row.launch_power_dbm for row in rows] == [power_dbm] * len(links)
        assert rows == read_again(links, "launch_power_dbm", power_dbm)
    quiet = assign_keys(links, "channels", 2)
    assert [row.launch_power_dbm for row in quiet] == [link.launch_power_dbm for link in links]


def test_a_record_that_became_unsound_is_refused_whatever_was_known_of_it() -> None:
    links = list(FABRIC.link)
    assign_keys(links, "launch_power_dbm", -1.0)
    links[-1] = links[-1].model_copy(update={"channels": 0})
    with pytest.raises(Refusal) as found:
        assign_keys(links, "launch_power_dbm", -1.0)
    with pytest.raises(Refusal) as wanted:
        assign_key(links[-1], "launch_power_dbm", -1.0)
    assert str(found.value) == str(wanted.value)


def test_rules_that_join_fields_are_asked_for_every_record() -> None:
    assert not checked_records(type(FABRIC.duct[0])).is_field_by_field
    assert all(checked_records(type(getattr(FABRIC, kind)[0])).is_field_by_field for kind in ("site", "link", "demand"))
    ducts = [FABRIC.duct[0], FABRIC.duct[1].model_copy(update={"mtbf_h": 1e4, "cut_rate_per_km_year": None})]
    with pytest.raises(Refusal, match="and not both"):
        assign_keys(ducts, "cut_rate_per_km_year", 0.1)

    class Joined(BaseModel):
        low_db: float = 0.0
        high_db: float = 1.0

        @model_validator(mode="after")
        def _check(self) -> Joined:
            return self

    assert not CheckedRecords(Joined).is_field_by_field


def test_no_more_records_are_kept_than_a_few_calls_gave() -> None:
    checked = checked_records(type(FABRIC.site[0]))
    for number in range(20):
        sites = [site.model_copy(update={"latitude_deg": float(number)}) for site in FABRIC.site]
        assert checked.put(sites, "longitude_deg", 1.0)[0].latitude_deg == number
    assert len(checked._forms) <= 3 * len(FABRIC.site)
