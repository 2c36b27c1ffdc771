"""A fabric's way from file to model and back."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from lightlane.errors import FormatError, ParameterError
from lightlane.fabric.load import fabric_to_toml, load_fabric, save_fabric
from lightlane.fabric.topology import Demand, Duct, Fabric, Link, RiskGroup, Site

DATA = Path(__file__).parents[1] / "data"

FULL = Fabric(
    format=1,
    name='Two "cities" — and a hut \\ Köln',
    source="drawn for the tests",
    site=(
        Site(name="Köln", role="core", latitude_deg=50.938, longitude_deg=6.96),
        Site(name="Hut\t1", role="hut", latitude_deg=-0.1, longitude_deg=1e-7),
        Site(name="a.b [c]", role="edge", latitude_deg=1 / 3, longitude_deg=-180),
    ),
    duct=(
        Duct(
            name="d1",
            a="Köln",
            b="Hut\t1",
            length_km=82.1,
            fiber="g652d",
            attenuation_db_per_km=0.19,
            mtbf_h=9000.5,
            mttr_h=20,
        ),
        Duct(
            name="d2",
            a="a.b [c]",
            b="Hut\t1",
            length_km=1e-3,
            fiber="g654e",
            splice_count=3,
            connector_count=0,
            connector="lc-apc",
            splice="own-splice",
            extra_loss_db=0.25,
            cut_rate_per_km_year=0.004,
        ),
    ),
    risk_group=(RiskGroup(name="bridge", ducts=("d1", "d2"), shared_length_km=0.5),),
    link=(
        Link(
            name="l1",
            a="Köln",
            b="a.b [c]",
            module="m",
            mode="m-1",
            ducts=("d1", "d2"),
            channels=8,
            launch_power_dbm=-9.5,
            first_channel_thz=191.35,
            channel_spacing_ghz=75,
            lit_channels=(0, 2),
            mux="x",
            demux="x-drop",
            express="x-express",
            booster="y",
            inline_amplifier="z",
            preamplifier="y",
            raman_amplifier="r",
            span_launch_power_dbm=0,
            received_power_dbm=-12,
            notes=("the least that closes",),
        ),
        Link(name="l2", a="Köln", b="a.b [c]", module="m", ducts=("d1", "d2")),
    ),
    demand=(
        Demand(from_site="Köln", to_site="a.b [c]", rate_gbps=400.5, latency_ms=2.5, service="fronthaul"),
        Demand(from_site="a.b [c]", to_site="Köln", rate_gbps=1e6),
    ),
)


def test_a_saved_fabric_loads_equal(tmp_path: Path) -> None:
    path = tmp_path / "fabric.toml"
    save_fabric(FULL, path)
    assert load_fabric(path) == FULL
    assert load_fabric(str(path)) == FULL


def test_every_field_is_in_the_round_trip() -> None:
    """A field added later must be added above, or the round trip proves nothing about it."""
    for records in (FULL.site, FULL.duct, FULL.risk_group, FULL.link, FULL.demand):
        model = type(records[0])
        fields = model.model_fields
        changed = {name for record in records for name in fields if getattr(record, name) != fields[name].default}
        assert changed == set(fields), model.__name__


def test_the_text_is_for_people() -> None:
    text = fabric_to_toml(load_fabric(DATA / "fabric_of_two.toml"))
    kept = (DATA / "fabric_of_two.toml").read_text(encoding="utf-8")
    # The file in the tests was written by hand; only whole numbers of a float field look different.
    assert text == kept.replace("3200", "3200.0")


def test_what_is_at_its_default_is_not_written() -> None:
    data = tomllib.loads(fabric_to_toml(FULL))
    assert data["link"][1] == {"name": "l2", "a": "Köln", "b": "a.b [c]", "module": "m", "ducts": ["d1", "d2"]}
    assert data["demand"][1] == {"from": "a.b [c]", "to": "Köln", "rate_gbps": 1e6}
    assert data["link"][0]["span_launch_power_dbm"] == 0, "a value given as 0 is no default"


def test_an_empty_fabric_is_one() -> None:
    assert fabric_to_toml(Fabric(format=1)) == "format = 1\n"


def test_a_fabric_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="cannot write"):
        save_fabric(FULL, tmp_path)


def test_without_a_catalog_parts_are_not_looked_up() -> None:
    assert load_fabric(DATA / "broken" / "unknown_module.toml").link[0].module == "plus-400"


def test_names_are_checked_only_in_a_file_of_sound_form(tmp_path: Path) -> None:
    text = (DATA / "broken" / "unknown_site.toml").read_text().replace("channels = 16", "channels = 0")
    path = tmp_path / "both.toml"
    path.write_text(text)
    with pytest.raises(FormatError) as caught:
        load_fabric(path)
    assert [problem.key for problem in caught.value.problems] == ["link[0].channels"]


def test_all_problems_come_in_file_order(tmp_path: Path) -> None:
    """Demands may stand before sites; the problems then do, too."""
    path = tmp_path / "mixed.toml"
    path.write_text(
        "format = 1\n[[demand]]\nfrom = 'A'\nto = 'X'\nrate_gbps = 1\n"
        "[[site]]\nname = 'A'\nrole = 'core'\nlatitude_deg = 0\nlongitude_deg = 0\n"
        "[[duct]]\nname = 'd'\na = 'A'\nb = 'Y'\nlength_km = 1\nfiber = 'f'\n"
        "[[site]]\nname = 'A'\nrole = 'core'\nlatitude_deg = 0\nlongitude_deg = 0\n"
    )
    with pytest.raises(FormatError) as caught:
        load_fabric(path)
    assert [(p.line, p.key) for p in caught.value.problems] == [
        (4, "demand[0].to"),
        (14, "duct[0].b"),
        (18, "site[1].name"),
    ]


@pytest.mark.parametrize("change", [{"unknown": 1}, {"format": 3}])
def test_the_model_itself_is_strict(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Fabric.model_validate({"format": 1, **change})
