"""The exceptions that Lightlane raises on purpose."""

from __future__ import annotations

from dataclasses import dataclass, field


class LightlaneError(Exception):
    """Base of every error that Lightlane raises on purpose."""


class ParameterError(LightlaneError, ValueError):
    """A parameter has a value that its model does not allow."""


class ModelError(LightlaneError, ArithmeticError):
    """A model cannot give an answer for inputs that are each allowed."""


class Cancelled(LightlaneError):  # noqa: N818 - the name that callers of a cancelled task expect
    """A task was cancelled before it ended; what it had finished is kept."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input file.

    Attributes
    ----------
    file
        The file as the user named it.
    line
        Line, counted from 1; 0 where the file as a whole is meant.
    key
        Path of the field, such as ``link[3].module``; empty where the whole file is meant.
    found
        What stands there.
    allowed
        What may stand there.
    label
        The key as people read it, with names for numbers: ``link "berlin-1".module``; empty: as ``key``.
    """

    file: str
    line: int
    key: str
    found: str
    allowed: str
    label: str = field(default="", compare=False)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        subject = self.label or self.key
        subject = f"{subject}: " if subject else ""
        return f"{place}: {subject}found {self.found}; allowed: {self.allowed}"


class FormatError(LightlaneError, ValueError):
    """An input file is wrong; carries every problem found in it, not only the first."""

    def __init__(self, problems: Problem | list[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[FormatError], tuple[list[Problem]]]:
        # An exception is copied and pickled through its args, which hold the message and not the problems.
        return type(self), (list(self.problems),)
