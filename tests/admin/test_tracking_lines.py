"""Tracking numbers as they are pasted: which order each belongs to, and what is refused."""

import pytest

from shop.admin.dispatch.tracking_lines import read_tracking_lines

ORDERS = ["MF-A1", "MF-B2", "MF-C3"]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", {}),
        ("1\n2\n3", {"MF-A1": "1", "MF-B2": "2", "MF-C3": "3"}),
        ("1\r\n\r\n3\r\n", {"MF-A1": "1", "MF-B2": "", "MF-C3": "3"}),
        ("6A 1948 2207", {"MF-A1": "6A 1948 2207"}),
        ("MF-C3\t9\nMF-A1\t7", {"MF-C3": "9", "MF-A1": "7"}),
        ("mf-b2, 6A 77", {"MF-B2": "6A 77"}),
        ('"MF-B2";"8"', {"MF-B2": "8"}),
        ("MF-B2 8 8", {"MF-B2": "8 8"}),
        ("MF-A1\t\n\nMF-B2\t5", {"MF-A1": "", "MF-B2": "5"}),
        ("\u200bMF\u2010A1\t\uff11\uff12", {"MF-A1": "12"}),
    ],
)
def test_each_order_gets_its_number(text: str, numbers: dict[str, str]) -> None:
    found = read_tracking_lines(text, ORDERS)
    assert (found.numbers, found.problems) == (numbers, [])


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("1\n2\n3\n4", 4, "only 3 orders"),
        ("MF-A1\t1\nMF-X9\t2", 2, "MF-X9 is not among"),
        ("MF-A1\t1\n2", 2, "before each line, or before none"),
        ("MF-A1\t1\nMF-A1\t2", 2, "MF-A1 has a line already"),
        ("1\n1", 2, "MF-A1 has the same tracking number"),
        ("9" * 121, 1, "at most 120"),
        ("order,tracking\nMF-A1,1", 1, "order is not among"),
    ],
)
def test_what_does_not_fit_is_told_by_its_line(text: str, line: int, words: str) -> None:
    (problem,) = read_tracking_lines(text, ORDERS).problems
    assert problem.startswith(f"Line {line}: ")
    assert words in problem
