"""Rows as CSV, for people who open them in a spreadsheet. Pure."""

import csv
from collections.abc import Iterable
from typing import Final, TextIO
from unicodedata import normalize

_SIGNS: Final = ("=", "+", "-", "@")  # what a spreadsheet computes begins with one of them


def write_rows(out: TextIO, rows: Iterable[Iterable[str | int]]) -> None:
    """Write rows of cells to `out` as CSV, each cell in quotation marks.

    A text that a spreadsheet would take for a formula gets an apostrophe before it, which shows it
    as the text that it is (security requirement 80).
    """
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([_plain(cell) for cell in row] for row in rows)


def _plain(cell: str | int) -> str | int:
    if isinstance(cell, str) and normalize("NFKC", cell).lstrip().startswith(_SIGNS):
        return f"'{cell}"
    return cell
