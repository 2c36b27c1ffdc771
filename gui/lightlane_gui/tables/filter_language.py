"""What is typed to filter a table: ``margin < 2 dB and module ~ zr``, plain words search names.

::

    filter     = all { "or" all }
    all        = one { ["and"] one }
    one        = "not" one | "(" filter ")" | comparison | word
    comparison = column ("<" | "<=" | ">" | ">=" | "=" | "!=" | "~" | "!~") value [unit]

A column goes by its name with or without its unit, or by the beginning of it. ``~`` means contains, ``none`` stands for
what is not known. What holds spaces stands in quotes.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from lightlane.toolkit import UNIT_LABELS
from lightlane_gui.tables.column_table import ColumnSpec, ColumnTable, Mask

_SAME = {"==": "=", "\u2264": "<=", "\u2265": ">=", "\u2260": "!="}
_WORDS = ("and", "or", "not")
_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"[^"]*"|'[^']*')|(?P<operator><=|>=|!=|==|!~|[<>=~\u2264\u2265\u2260])|(?P<paren>[()])"""
    r"""|(?P<word>(?:(?!!=|!~)[^\s()<>=~"'\u2264\u2265\u2260])+)|(?P<bad>\S))"""
)
_NUMBER = re.compile(r"([-+\u2212]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(.*)")
_SCALES = {
    "us": {"ns": 1e-3, "us": 1.0, "ms": 1e3, "s": 1e6},
    "ms": {"us": 1e-3, "ms": 1.0, "s": 1e3},
    "km": {"m": 1e-3, "km": 1.0},
    "gbps": {"mbps": 1e-3, "gbps": 1.0, "tbps": 1e3},
}
"""Units that a value may have instead of its column's, and how many of that they are."""
_SPELLINGS = {"\u03bcs": "us", "tb/s": "tbps", "mb/s": "mbps", "gbit/s": "gbps", "tbit/s": "tbps"} | {
    label.lower(): key for key, label in UNIT_LABELS.items()
}
_COMPARE: dict[str, Callable[..., Mask]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "!=": operator.ne,
}  # fmt: skip
Test = Callable[[ColumnTable], Mask]


class FilterError(ValueError):
    """What was typed is no filter; the message says what is wrong and what is allowed.

    Attributes
    ----------
    start, end
        Which characters it is about.
    """

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start, self.end = start, end


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def parse_filter(text: str, specs: Sequence[ColumnSpec]) -> Test | None:
    """Return the test that a filter is, for tables of these columns; None: nothing is asked for.

    Raises
    ------
    FilterError
        If the text is no filter.
    """
    tokens = _cut(text)
    if not tokens:
        return None
    return _Parser(tokens, specs, len(text)).parse()


def complete_filter(text: str, specs: Sequence[ColumnSpec], table: ColumnTable | None = None) -> tuple[int, list[str]]:
    """Return what the word at the end of a text could become, and where that word starts.

    Columns at the place of a column, values of the table at that of a value, else the words between.
    """
    matched = re.search(r"[^\s()<>=!~\"']*$", text)
    start = matched.start() if matched else len(text)
    typed = text[start:].lower()
    before = [token for token in _cut(text[:start], strict=False) if token.kind != "bad"]
    if before and before[-1].kind == "operator":
        found = _list_values(before, specs, table)
    else:
        found = [short_name(spec, specs) for spec in specs]
        if before and before[-1].text.lower() not in _WORDS and before[-1].text != "(":
            found = [*_WORDS[:2], *found]
    return start, [item for item in found if typed in item.lower() and item.lower() != typed]


def short_name(spec: ColumnSpec, specs: Sequence[ColumnSpec]) -> str:
    """Return the name of a column without its unit, where no other column has that name."""
    short = spec.key.removesuffix(f"_{spec.unit}") if spec.unit else spec.key
    return short if all(short != other.key for other in specs if other is not spec) else spec.key


def _list_values(before: Sequence[_Token], specs: Sequence[ColumnSpec], table: ColumnTable | None) -> list[str]:
    name = before[-2].text if len(before) > 1 else ""
    found = _match_columns(name, specs)
    if len(found) != 1 or found[0].kind != "text" or table is None:
        return []
    texts = sorted(text for text in table.texts(found[0].key).texts if text)
    return [f'"{text}"' if re.search(r"[\s()<>=~\"']", text) else text for text in texts][:200]


def _cut(text: str, *, strict: bool = True) -> list[_Token]:
    out = []
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        word = match[kind]
        start, end = match.span(kind)
        if kind == "bad" and strict:
            missing = "closing quote" if word in "\"'" else "name or operator"
            raise FilterError(f"{word!r} has no {missing}", start, len(text) if word in "\"'" else end)
        out.append(_Token(kind, _SAME.get(word, word), start, end))
    return out


def _match_columns(name: str, specs: Sequence[ColumnSpec]) -> list[ColumnSpec]:
    """Return the columns that a name may mean: the one that is called so, else those that begin so."""
    wanted = name.lower()
    exact = [spec for spec in specs if wanted in (spec.key, short_name(spec, specs))]
    return exact or [spec for spec in specs if wanted and spec.key.startswith(wanted)]


class _Parser:
    def __init__(self, tokens: list[_Token], specs: Sequence[ColumnSpec], length: int) -> None:
        self._tokens, self._specs, self._length = tokens, specs, length
        self._place = 0

    def parse(self) -> Test:
        test = self._any()
        if self._place < len(self._tokens):
            token = self._tokens[self._place]
            self._fail("there is a ) without its (", token)
        return test

    def _next(self, offset: int = 0) -> _Token:
        place = self._place + offset
        return self._tokens[place] if place < len(self._tokens) else _Token("end", "", self._length, self._length)

    def _is_word(self, word: str) -> bool:
        token = self._next()
        return token.kind == "word" and token.text.lower() == word

    @staticmethod
    def _fail(message: str, token: _Token) -> NoReturn:
        raise FilterError(message, token.start, token.end)

    def _any(self) -> Test:
        tests = [self._all()]
        while self._is_word("or"):
            self._place += 1
            tests.append(self._all())
        return tests[0] if len(tests) == 1 else lambda table: np.logical_or.reduce([test(table) for test in tests])

    def _all(self) -> Test:
        tests = [self._one()]
        while self._next().kind != "end" and self._next().text != ")" and not self._is_word("or"):
            if self._is_word("and"):
                self._place += 1
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda table: np.logical_and.reduce([test(table) for test in tests])

    def _one(self) -> Test:
        token = self._next()
        if self._is_word("not"):
            self._place += 1
            inner = self._one()
            return lambda table: ~inner(table)
        if token.text == "(" and token.kind == "paren":
            self._place += 1
            inner = self._any()
            if self._next().text != ")":
                self._fail("a ( has no ) after it", token)
            self._place += 1
            return inner
        if token.kind == "operator":
            self._fail(f"{token.text} needs the name of a column before it: {self._list_columns()}", token)
        if token.kind in ("end", "paren") or self._is_word("and") or self._is_word("or"):
            self._fail("something is missing here: a word to search for, or COLUMN < VALUE", token)
        self._place += 1
        if self._next().kind == "operator":
            return self._compare(token)
        return _search(token.text.strip("\"'"))

    def _compare(self, name: _Token) -> Test:
        found = _match_columns(name.text.strip("\"'"), self._specs)
        if not found:
            self._fail(f"there is no column {name.text!r}; there are {self._list_columns()}", name)
        if len(found) > 1:
            names = " or ".join(short_name(spec, self._specs) for spec in found)
            self._fail(f"{name.text!r} may mean {names}; write more of it", name)
        sign = self._next()
        self._place += 1
        value = self._next()
        if value.kind not in ("word", "quoted") or value.text.lower() in _WORDS:
            what = "a number" if found[0].kind == "number" else "a text"
            self._fail(f"{what} is missing after {sign.text}", value if value.kind != "end" else sign)
        self._place += 1
        text = value.text.strip("\"'") if value.kind == "quoted" else value.text
        if found[0].kind == "text":
            return self._compare_text(found[0], sign, text)
        return self._compare_number(found[0], sign, value, text)

    def _compare_text(self, spec: ColumnSpec, sign: _Token, text: str) -> Test:
        wanted = "" if text.lower() == "none" else text.lower()
        if sign.text in ("<", "<=", ">", ">="):
            self._fail(f"{spec.label} is a text, which takes =, != and ~ (contains)", sign)
        is_same = sign.text in ("=", "!=")

        def test(table: ColumnTable) -> Mask:
            column = table.texts(spec.key)
            hits = [(item == wanted) if is_same else (wanted in item) for item in column.lowered]
            mask = np.array(hits, dtype=bool)[column.codes] if hits else np.zeros(len(table), dtype=bool)
            return ~mask if sign.text.startswith("!") else mask

        return test

    def _compare_number(self, spec: ColumnSpec, sign: _Token, value: _Token, text: str) -> Test:
        if sign.text in ("~", "!~"):
            self._fail(f"{spec.label} is a number, which takes <, <=, >, >=, = and !=", sign)
        if text.lower() == "none" and sign.text in ("=", "!="):
            is_wanted = sign.text == "="
            return lambda table: np.isnan(table.numbers(spec.key)) == is_wanted
        match = _NUMBER.fullmatch(text)
        if match is None:
            self._fail(f"{text!r} is no number", value)
        number = float(match[1].replace("\u2212", "-")) * self._take_unit(spec, match[2], value)
        compare = _COMPARE[sign.text]
        if sign.text in ("=", "!="):
            # People compare with what they see: two figures are the same where they are shown alike.
            slack = 0.5 * 10.0**-spec.decimals
            is_equal = sign.text == "="
            return lambda table: (np.abs(table.numbers(spec.key) - number) <= slack) == is_equal
        return lambda table: compare(table.numbers(spec.key), number)

    def _take_unit(self, spec: ColumnSpec, glued: str, value: _Token) -> float:
        """Return the factor of the unit behind a number, in the same word or in the next."""
        token, word = value, glued
        scales = _SCALES.get(spec.unit, {spec.unit: 1.0} if spec.unit else {})
        if not glued:
            token = self._next()
            word = token.text if token.kind == "word" else ""
            if not self._is_begun(word, scales) and (_spell(word) is None or word.lower() in _WORDS):
                return 1.0
            self._place += 1
        if self._is_begun(word, scales):
            return 1.0
        unit = _spell(word)
        if unit not in scales:
            allowed = " or ".join(UNIT_LABELS.get(item, item) for item in scales) or "no unit"
            self._fail(f"{word!r} does not fit {spec.label}, which takes {allowed}", token)
        return scales[unit]

    def _is_begun(self, word: str, scales: Mapping[str, float]) -> bool:
        """Tell whether a word at the end is a unit that is still being typed."""
        if not word or self._place < len(self._tokens) - 1 or _spell(word) in scales:
            return False
        names = {name for name, key in _SPELLINGS.items() if key in scales} | set(scales)
        return any(name.startswith(word.lower()) for name in names)

    def _list_columns(self) -> str:
        return ", ".join(short_name(spec, self._specs) for spec in self._specs)


def _spell(word: str) -> str | None:
    """Return the key of a unit as people write it; None: it is no unit."""
    lowered = word.lower()
    if lowered in _SPELLINGS:
        return _SPELLINGS[lowered]
    return lowered if lowered in UNIT_LABELS or any(lowered in scale for scale in _SCALES.values()) else None


def _search(word: str) -> Test:
    wanted = word.lower()

    def test(table: ColumnTable) -> Mask:
        mask = np.zeros(len(table), dtype=bool)
        for spec in table.specs:
            if spec.is_searched:
                column = table.texts(spec.key)
                hits = np.array([wanted in item for item in column.lowered], dtype=bool)
                mask |= hits[column.codes] if len(hits) else False
        return mask

    return test


__all__ = ["FilterError", "complete_filter", "parse_filter", "short_name"]
