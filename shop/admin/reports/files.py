"""A report as a file for a spreadsheet: amounts as machines read them, in the shop's currency."""

from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Final

from shop.admin.reports.queries import Division, ReportLine
from shop.core.money import plain_amount
from shop.core.spreadsheets import write_rows
from shop.sales.facts import MEASURES

_COLUMNS: Final = (*MEASURES, "amount_net")


def report_as_csv(by: Division, lines: Iterable[ReportLine], currency: str) -> str:
    """Return the lines as CSV, with a head; docs/reports.md says what each column means."""
    out = StringIO()
    write_rows(out, _rows(by, lines, currency))
    return out.getvalue()


def _rows(by: Division, lines: Iterable[ReportLine], currency: str) -> Iterator[list[str | int]]:
    yield [by.value, "name", "currency", *_COLUMNS]
    for line in lines:
        cells = ((name, getattr(line.figures, name)) for name in _COLUMNS)
        yield [
            str(line.key),
            line.name or "",
            currency,
            *(plain_amount(n, currency) if name.startswith("amount") else n for name, n in cells),
        ]
