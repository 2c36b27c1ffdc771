"""The exceptions: who catches them, what a user reads, and that nothing is lost on the way between processes."""

from __future__ import annotations

import copy
import pickle

import pytest

from lightlane.errors import Cancelled, FormatError, LightlaneError, ModelError, ParameterError, Problem

PROBLEM = Problem(file="net.toml", line=7, key="link[3].module", found="'zr9'", allowed="'zr', 'zrplus'")
OTHER = Problem(file="net.toml", line=0, key="", found="no [[site]]", allowed="at least one")


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (ParameterError("x"), ValueError),
        (ModelError("x"), ArithmeticError),
        (FormatError(PROBLEM), ValueError),
        (Cancelled(), Exception),
    ],
)
def test_errors_are_lightlanes_and_the_builtin_kind(error: LightlaneError, builtin: type[Exception]) -> None:
    assert isinstance(error, LightlaneError)
    assert isinstance(error, builtin)


def test_a_cancelled_task_is_no_wrong_value() -> None:
    # Code that falls back on ValueError must not swallow a cancel.
    assert not issubclass(Cancelled, (ValueError, ArithmeticError))


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (PROBLEM, "net.toml:7: link[3].module: found 'zr9'; allowed: 'zr', 'zrplus'"),
        (OTHER, "net.toml: found no [[site]]; allowed: at least one"),
        (Problem("a.toml", 0, "name", "1", "text"), "a.toml: name: found 1; allowed: text"),
        (Problem("a.toml", 3, "", "'['", "a key"), "a.toml:3: found '['; allowed: a key"),
    ],
)
def test_problem_is_one_line_that_names_the_place(problem: Problem, text: str) -> None:
    assert str(problem) == text
    assert "\n" not in str(problem)


def test_format_error_tells_every_problem_in_order() -> None:
    error = FormatError([PROBLEM, OTHER])
    assert error.problems == (PROBLEM, OTHER)
    assert str(error).splitlines() == [str(PROBLEM), str(OTHER)]


def test_format_error_takes_one_problem_as_it_is() -> None:
    assert FormatError(PROBLEM).problems == (PROBLEM,)


def test_format_error_does_not_follow_the_callers_list() -> None:
    found = [PROBLEM]
    error = FormatError(found)
    found.append(OTHER)
    assert error.problems == (PROBLEM,)


@pytest.mark.parametrize("error", [FormatError([PROBLEM, OTHER]), FormatError(PROBLEM)])
def test_format_error_survives_pickle_and_copy(error: FormatError) -> None:
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(twin) is FormatError
        assert twin.problems == error.problems
        assert str(twin) == str(error)


def test_parameter_error_survives_pickle() -> None:
    error = ParameterError("length_km must be positive")
    twin = pickle.loads(pickle.dumps(error))
    assert type(twin) is ParameterError
    assert twin.args == error.args


def test_problem_is_frozen_and_comparable() -> None:
    twin = Problem(file="net.toml", line=7, key="link[3].module", found="'zr9'", allowed="'zr', 'zrplus'")
    assert twin == PROBLEM
    assert len({twin, PROBLEM}) == 1
    with pytest.raises(AttributeError):
        twin.line = 8  # type: ignore[misc]
