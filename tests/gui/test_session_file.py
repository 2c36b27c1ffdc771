"""Session files and autosave: what was edited comes back, after a crash too."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from lightlane import FormatError, LiveScenario, load_scenario
from lightlane_gui.session.autosave import Autosave
from lightlane_gui.session.opening import open_file
from lightlane_gui.session.session_file import save_session
from lightlane_gui.session.settings import Settings


def edit(session: Any, path: Path) -> None:
    open_file(path).put_into(session)
    session.set_field("conditions.connector_loss_db", 0.25, "Connector loss")
    session.set_field('link."adlershof".channels', 1, "Channels")
    session.set_time(900.0)
    session.select("link", "adlershof")
    session.compare_with("careless")


def test_a_session_comes_back(workbench: Any, metro_path: Path, tmp_path: Path) -> None:
    session = workbench.session
    edit(session, metro_path)
    form = session.form
    save_session(session, tmp_path / "one.lightlane")
    opened = open_file(tmp_path / "one.lightlane")
    opened.put_into(session)
    assert session.form.variant == form.variant
    assert session.form.scenario.variant == form.scenario.variant
    assert session.form.scenario.event == form.scenario.event
    assert (session.time_days, session.selection.name, session.reference_variant) == (900.0, "adlershof", "careless")
    assert session.document.fabric == LiveScenario.open(metro_path).fabric
    assert opened.document.path == metro_path.resolve()


def test_a_fabric_by_itself_becomes_a_scenario_that_runs(workbench: Any, metro_path: Path, tmp_path: Path) -> None:
    from lightlane import save_scenario

    session = workbench.session
    fabric = metro_path.with_name("fabric.toml")
    open_file(fabric).put_into(session)
    session.set_field("conditions.temperature_c", -10.0, "Temperature")
    save_scenario(session.form.scenario, tmp_path / "scenario.toml")
    again = load_scenario(tmp_path / "scenario.toml")
    assert again.variant == session.form.scenario.variant
    assert Path(again.fabric or "").resolve() == fabric.resolve()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("format = 1\nkind = 'session'\n", "scenario"),
        ("format = 1\nkind = 'picture'\n[scenario]\nformat = 1\n", "kind"),
        ("format = 1\nkind = 'session'\n[view]\nday = 1\n[scenario]\nformat = 1\nname = 'x'\nfabric = 'f'\n", "day"),
        ("nothing", "found"),
    ],
)
def test_broken_sessions_are_refused_in_words(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "broken.lightlane"
    path.write_text(text)
    with pytest.raises(FormatError, match=said):
        open_file(path)


def test_autosave_keeps_what_is_not_saved(workbench: Any, metro_path: Path, tmp_path: Path) -> None:
    session = workbench.session
    autosave = Autosave(session, tmp_path)
    open_file(metro_path).put_into(session)
    assert not autosave.save()
    edit(session, metro_path)
    assert autosave.save()
    assert not autosave.save(), "nothing is new"
    assert open_file(autosave.path).form.variant == "what-if"
    assert autosave.left_behind() == []
    session.undo_stack.setClean()
    assert not autosave.save()
    assert list(tmp_path.glob("*.lightlane")) == []


def test_edits_of_a_killed_process_are_found(workbench: Any, metro_path: Path, tmp_path: Path) -> None:
    program = f"""
    import os, sys
    from pathlib import Path
    from PySide6.QtWidgets import QApplication
    app = QApplication([])
    from lightlane_gui.session.autosave import Autosave
    from lightlane_gui.session.opening import open_file
    from lightlane_gui.session.session import Session
    session = Session()
    open_file(Path({str(metro_path)!r})).put_into(session)
    session.set_field("conditions.temperature_c", -7.0, "Temperature")
    Autosave(session, Path({str(tmp_path)!r})).save()
    os.kill(os.getpid(), 9)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, check=False)
    assert done.returncode == -9, done.stderr
    found = Autosave(workbench.session, tmp_path).left_behind()
    assert len(found) == 1
    variant = open_file(found[0]).form.find("what-if")
    assert variant is not None
    assert variant.conditions.temperature_c == -7.0


def test_settings_remember(tmp_path: Path, metro_path: Path) -> None:
    settings = Settings(tmp_path / "settings.ini")
    assert (settings.recent, settings.theme, settings.knows_the_way) == ([], "dark", False)
    fabric = metro_path.with_name("fabric.toml")
    for path in (metro_path, fabric, metro_path):
        settings.add_recent(path)
    settings.theme, settings.knows_the_way = "light", True
    again = Settings(tmp_path / "settings.ini")
    assert again.recent == [metro_path.resolve(), fabric.resolve()]
    assert (again.theme, again.knows_the_way) == ("light", True)
