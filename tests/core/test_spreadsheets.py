"""Rows as CSV."""

import csv
import io

import pytest

from shop.core.spreadsheets import write_rows


def written(*rows: list[str | int]) -> list[list[str]]:
    out = io.StringIO()
    write_rows(out, rows)
    return list(csv.reader(io.StringIO(out.getvalue())))


def test_cells_come_back_as_they_were() -> None:
    assert written(["Fair, spring", 'a "word"'], ["two\nlines", -5]) == [
        ["Fair, spring", 'a "word"'],
        ["two\nlines", "-5"],
    ]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "＝1+1"])
def test_what_begins_as_a_formula_is_text(cell: str) -> None:
    assert written([cell]) == [[f"'{cell}"]]
