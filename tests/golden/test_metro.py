"""The metro example's numbers, and a results folder of each release that still loads.

Tolerance: 0.01 dB, 0.01 ps/nm and 0.01 us, a tenth of what the report shows; rounding between instruction sets is
far below it.
The files were written by make.py in this folder.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

import lightlane

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def make() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_golden", HERE / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def compare(found: object, expected: object, where: str) -> None:
    if isinstance(expected, dict):
        assert isinstance(found, dict), where
        assert found.keys() == expected.keys(), where
        for key, value in expected.items():
            compare(found[key], value, f"{where}.{key}")
    elif isinstance(expected, list):
        assert isinstance(found, list), where
        for index, (one, other) in enumerate(zip(found, expected, strict=True)):
            compare(one, other, f"{where}[{index}]")
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, abs=0.01), where
    else:
        assert found == expected, where


def test_metro_example(make: ModuleType) -> None:
    expected = json.loads((HERE / "metro.json").read_text(encoding="utf-8"))
    compare(make.collect(lightlane.run(make.METRO)), expected, "metro")


@pytest.mark.parametrize("folder", sorted(HERE.glob("results-*")), ids=lambda path: path.name)
def test_results_of_a_release_still_load(folder: Path, make: ModuleType) -> None:
    results = lightlane.read_results(folder)
    assert len(results.links) == 6
    assert make.collect(results).keys() == {"links", "lanes", "demands"}


def test_there_is_a_saved_release() -> None:
    assert list(HERE.glob("results-*"))
