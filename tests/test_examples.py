"""The gallery runs: each example does what its README says, from a folder of its own, without a warning."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
FOLDERS = sorted(path for path in EXAMPLES.glob("[!_]*") if path.is_dir())


def test_there_is_a_gallery_in_order() -> None:
    assert FOLDERS
    numbers = [int(path.name[:2]) for path in FOLDERS if re.fullmatch(r"\d\d_[a-z0-9_]+", path.name)]
    assert numbers == list(range(1, len(FOLDERS) + 1))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_example_says_what_it_shows(folder: Path) -> None:
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert "run.py" in text


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_example_runs(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / folder.name, ignore=shutil.ignore_patterns("__pycache__"))
    before = {path.relative_to(folder): path.stat().st_mtime_ns for path in folder.rglob("*")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "run.py"],
        cwd=copy,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip(), "an example shows something"
    assert {path.relative_to(folder): path.stat().st_mtime_ns for path in folder.rglob("*")} == before
