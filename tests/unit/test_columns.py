"""Columns of coded texts: what is stored, what is read, and when it is made."""

from __future__ import annotations

from typing import Any

import numpy as np

from lightlane.columns import CodedTexts, Column, ColumnSet, LateColumn, code_texts


def test_texts_are_coded_in_order_of_first_occurrence() -> None:
    coded = code_texts(["b", "a", "b", "", "a"])
    assert coded.texts == ("b", "a", "")
    assert coded.codes.tolist() == [0, 1, 0, 2, 1]
    assert coded.decode().tolist() == ["b", "a", "b", "", "a"]
    assert coded.decode(slice(1, 3)).tolist() == ["a", "b"]
    assert len(code_texts([])) == 0


def test_compact_texts_leave_out_what_does_not_occur() -> None:
    coded = CodedTexts(np.array([3, 1, 3], dtype=np.uint8), ("none", "power", "overload", "osnr"))
    compact = coded.compact()
    assert compact.texts == ("power", "osnr")
    assert compact.decode().tolist() == coded.decode().tolist() == ["osnr", "power", "osnr"]
    assert compact.compact() is compact


def test_columns_are_made_when_they_are_read() -> None:
    made = []

    def texts() -> CodedTexts:
        made.append("texts")
        return code_texts(["x", "y", "x"])

    columns = ColumnSet({"margin_db": np.arange(3.0), "status": texts})
    assert list(columns) == ["margin_db", "status"]
    assert columns.made() == ["margin_db"]
    assert columns["margin_db"].tolist() == [0.0, 1.0, 2.0]
    assert made == []
    taken = columns.take(np.array([2, 1]))
    assert taken["status"].tolist() == ["x", "y"]
    assert taken["margin_db"].tolist() == [2.0, 1.0]
    # Spelled out once, made once.
    assert columns["status"] is columns["status"]
    assert isinstance(columns.stored("status"), CodedTexts)
    assert made == ["texts"]


def test_some_rows_of_late_texts_are_had_without_the_others() -> None:
    whole = code_texts(["x", "y", "x"])
    made: list[str] = []

    class Late(LateColumn):
        def __call__(self) -> CodedTexts:
            made.append("whole")
            return whole

        def decode(self, rows: Any) -> Column:
            made.append("some")
            return whole.decode(rows)

    columns = ColumnSet({"margin_db": np.arange(3.0), "assumed": Late()})
    assert columns.take(slice(1, 2))["assumed"].tolist() == ["y"]
    assert made == ["some"]
    assert columns["assumed"].tolist() == ["x", "y", "x"]
    assert columns.take(slice(1, 2))["assumed"].tolist() == ["y"]
    assert made == ["some", "whole"]
