"""What the package of kernels offers, and that it loads no more than is asked for."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from lightlane import kernels


def test_every_name_is_offered_from_where_it_is_imported_for_types() -> None:
    tree = ast.parse(Path(kernels.__file__).read_text(encoding="utf-8"))
    for_types = {
        alias.name: (node.module or "").rpartition(".")[2]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lightlane.kernels.")
        for alias in node.names
    }
    assert for_types == kernels._HOMES
    assert sorted(kernels.__all__) == sorted(for_types)
    assert set(kernels.__all__) <= set(dir(kernels))
    for name, home in for_types.items():
        assert getattr(kernels, name) is getattr(sys.modules[f"lightlane.kernels.{home}"], name)


def test_a_name_that_there_is_not_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'evaluate_everything'"):
        kernels.evaluate_everything  # noqa: B018 - the look is what is tested


def test_a_budget_loads_no_kernels_of_waveforms() -> None:
    code = (
        "import sys; from lightlane import LiveScenario; print(*(name for name in sys.modules if 'kernels.' in name))"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = found.stdout.split()
    assert "lightlane.kernels.budget" in loaded
    for name in ("carrier", "dsp", "product_fec", "block_fec", "propagation", "tdecq"):
        assert f"lightlane.kernels.{name}" not in loaded
