"""``lightlane gui`` without the application, or without what Qt needs, says what to install."""

from __future__ import annotations

import sys

import pytest

from lightlane.cli import EXIT_DONE, EXIT_WRONG_INPUT, run_command


class Refuse:
    """An import hook that refuses one package, in the way that Python or the system's loader does."""

    def __init__(self, name: str, error: ImportError) -> None:
        self.name, self.error = name, error

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == self.name:
            raise self.error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ModuleNotFoundError("No module named 'lightlane_gui'", name="lightlane_gui"), "pip install lightlane-gui"),
        (ImportError("libEGL.so.1: cannot open shared object file"), "cannot start: libEGL.so.1"),
    ],
)
def test_what_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: ImportError, said: str
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "lightlane_gui"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Refuse("lightlane_gui", error), *sys.meta_path])
    assert run_command(["gui"]) == EXIT_WRONG_INPUT
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert "Traceback" not in told.err


def test_arguments_are_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[list[str]] = []
    monkeypatch.setattr("lightlane_gui.main", lambda arguments: given.append(arguments) or EXIT_DONE)
    assert run_command(["gui", "fabric.toml", "--theme", "light"]) == EXIT_DONE
    assert run_command(["gui"]) == EXIT_DONE
    assert given == [["fabric.toml", "--theme", "light"], []]
    assert run_command(["gui", "--theme", "pink"]) == EXIT_WRONG_INPUT
