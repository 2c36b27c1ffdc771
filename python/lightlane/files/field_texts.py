"""The texts below the fields of a model: what each field means, in the words of its source."""

from __future__ import annotations

import ast
import functools
import inspect
import itertools

from pydantic import BaseModel


@functools.lru_cache(maxsize=256)
def read_field_texts(model: type[BaseModel]) -> dict[str, str]:
    """Return the plain text of each field of a model and its bases that has one, by the field's name in Python."""
    texts: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, BaseModel) and base is not BaseModel:
            texts |= _read_own(base)
    return texts


def plain_text(text: str) -> str:
    """Return a docstring as a sentence without markup and line breaks."""
    return " ".join(text.replace("``", "'").split())


def _read_own(model: type[BaseModel]) -> dict[str, str]:
    """Return the text that stands below each field of ``model`` in its source."""
    body = ast.parse(inspect.getsource(model)).body[0]
    texts: dict[str, str] = {}
    statements = body.body if isinstance(body, ast.ClassDef) else []
    for statement, following in itertools.pairwise(statements):
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and isinstance(following, ast.Expr)
            and isinstance(following.value, ast.Constant)
            and isinstance(following.value.value, str)
        ):
            texts[statement.target.id] = plain_text(following.value.value)
    return texts
