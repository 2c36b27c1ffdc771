"""A results folder that an earlier build has written still loads, is whole and answers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import lightlane
from lightlane.results.verify import verify_results

HERE = Path(__file__).parent


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    # Reading makes no file in the folder; a copy keeps the tree clean whatever happens.
    return shutil.copytree(HERE / "results-0.1.0", tmp_path / "saved")


def test_a_saved_folder_of_format_2_loads(saved: Path) -> None:
    assert verify_results(saved).problems == ()
    results = lightlane.read_results(saved)
    kept = json.loads((HERE / "metro.json").read_text(encoding="utf-8"))["links"]
    assert {row["link"]: row["status"] for row in results.links.rows()} == {
        name: figures["status"] for name, figures in kept.items()
    }
    margins = lightlane.open_results(saved).query("select link, margin_db from links order by link").to_pylist()
    assert [row["link"] for row in margins] == sorted(kept)
    assert all(row["margin_db"] == pytest.approx(kept[row["link"]]["margin_db"], abs=1e-6) for row in margins)
