"""Everything that an installation of Lightlane brings has a license of the list in ``deny.toml``."""

from __future__ import annotations

import importlib.metadata
import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
ALLOWED = frozenset(tomllib.loads((ROOT / "deny.toml").read_text("utf-8"))["licenses"]["allow"])

CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Python Software Foundation License": "PSF-2.0",
}
"""SPDX names of the trove classifiers that older packages carry instead of an expression."""


def is_allowed(expression: str) -> bool:
    """Tell whether an SPDX expression can be met with the allowed licenses alone: of OR one side, of AND both.

    AND binds tighter than OR, ``A WITH B`` is one license, and ``/`` is cargo's old OR.
    """
    tokens = re.findall(r"\(|\)|/|[^\s()/]+", re.sub(r"(\S+)\s+WITH\s+(\S+)", r"\1_WITH_\2", expression))

    def either() -> bool:
        allowed = both()
        while tokens and tokens[0] in {"OR", "/"}:
            tokens.pop(0)
            allowed = both() or allowed
        return allowed

    def both() -> bool:
        allowed = single()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            allowed = single() and allowed
        return allowed

    def single() -> bool:
        token = tokens.pop(0)
        if token != "(":
            return token.replace("_WITH_", " WITH ") in ALLOWED
        allowed = either()
        assert tokens.pop(0) == ")"
        return allowed

    return bool(tokens) and either() and not tokens


def find_license(metadata: importlib.metadata.PackageMetadata) -> str:
    """Return the SPDX expression of a Python package, from what its kind of metadata gives."""
    if expression := metadata.get("License-Expression"):
        return expression
    classifiers = [
        line.rsplit(" :: ", 1)[-1] for line in metadata.get_all("Classifier") or [] if line.startswith("License ::")
    ]
    if classifiers:
        return " AND ".join(CLASSIFIERS.get(name, name.replace(" ", "-")) for name in classifiers)
    stated = (metadata.get("License") or "").splitlines()[0] if metadata.get("License") else ""
    return name_bsd(metadata["Name"]) if stated == "BSD" else stated


def name_bsd(package: str) -> str:
    """Return which license it is that a package calls BSD and no more, by its text; ``BSD`` if that does not tell."""
    texts = [
        path.read_text(encoding="utf-8")
        for path in importlib.metadata.files(package) or []
        if path.name.upper().startswith("LICENSE")
    ]
    has_all = len(texts) == 1 and all(
        clause in " ".join(texts[0].split())
        for clause in (
            "Redistributions of source code must retain",
            "Redistributions in binary form must reproduce",
            "Neither the name",
        )
    )
    return "BSD-3-Clause" if has_all else "BSD"


def walk_requirements(requirements: Iterable[str]) -> set[str]:
    """Return the installed packages that the requirements lead to on this machine."""
    found: set[str] = set()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        requirement = waiting.pop()
        wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if not wanted or requirement.name in found:
            continue
        found.add(requirement.name)
        waiting += [Requirement(text) for text in importlib.metadata.requires(requirement.name) or []]
    return found


def test_python_packages() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    names = walk_requirements(
        [*project["dependencies"], *(line for name in extras if name != "dev" for line in extras[name])]
    )
    assert {"numpy", "pydantic-core", "pillow"} <= names, "the walk has lost its way"
    licenses = {name: find_license(importlib.metadata.metadata(name)) for name in sorted(names)}
    assert {name: text for name, text in licenses.items() if not is_allowed(text)} == {}


def test_packages_of_the_application() -> None:
    """Qt's bindings are used as the library that they are, under the LGPL; everything else is as above."""
    project = tomllib.loads((ROOT / "gui" / "pyproject.toml").read_text("utf-8"))["project"]
    names = walk_requirements(line for line in project["dependencies"] if Requirement(line).name != "lightlane")
    assert {"PySide6-Essentials", "shiboken6", "pyqtgraph"} <= names
    licenses = {name: find_license(importlib.metadata.metadata(name)) for name in sorted(names)}
    assert {name for name, text in licenses.items() if not is_allowed(text)} == {"PySide6-Essentials", "shiboken6"}
    assert all("LGPL" in licenses[name] for name in ("PySide6-Essentials", "shiboken6")), licenses


def test_a_bare_name_is_settled_by_the_text() -> None:
    assert name_bsd("click") == "BSD-3-Clause"
    assert name_bsd("pydantic") == "BSD"
    assert not is_allowed("BSD")


def test_crates() -> None:
    cargo = shutil.which("cargo")
    assert cargo is not None
    command = [cargo, "metadata", "--locked", "--offline", "--all-features", "--format-version", "1"]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    reached: set[str] = set()
    waiting = list(metadata["workspace_members"])
    while waiting:
        identity = waiting.pop()
        if identity not in reached:
            reached.add(identity)
            # Tests are not passed on to anybody, and kind is null for an ordinary dependency.
            waiting += [
                dependency["pkg"]
                for dependency in nodes[identity]["deps"]
                if any(kind["kind"] != "dev" for kind in dependency["dep_kinds"])
            ]
    packages = [package for package in metadata["packages"] if package["id"] in reached]
    assert {"pyo3", "rayon", "lightlane-core"} <= {package["name"] for package in packages}
    assert {
        package["name"]: package["license"] for package in packages if not is_allowed(package["license"] or "")
    } == {}


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("MIT OR GPL-3.0-only", True),
        ("GPL-3.0-only OR MIT", True),
        ("MIT/Apache-2.0", True),
        ("Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT", True),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("GPL-3.0-only AND MIT OR GPL-2.0-only", False),
        ("(MIT OR Apache-2.0) AND GPL-3.0-only", False),
        ("GPL-3.0-only WITH GCC-exception-3.1", False),
        ("MIT MIT", False),
        ("", False),
    ],
)
def test_expressions(expression: str, *, allowed: bool) -> None:
    assert is_allowed(expression) is allowed
