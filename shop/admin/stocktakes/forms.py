"""What the pages of a stocktake send: its filter, and the numbers that were counted."""

import re
from collections.abc import Mapping
from typing import Final

from werkzeug.datastructures import MultiDict

from shop.admin.optimistic_lock import read_version
from shop.admin.stocktakes.queries import VIEWS, SheetFilter
from shop.admin.stocktakes.services import CountedRow
from shop.core import plaintext
from shop.core.errors import BadInput, NotFound
from shop.core.row_ids import parse_id

MOST_ROWS: Final = 200  # of one form: more than a page of the sheet
_PIECES = re.compile(r"[0-9]{1,7}", re.ASCII)


def read_sheet_filter(args: MultiDict[str, str]) -> SheetFilter:
    """Return the filter in a query string; nonsense falls back to the default."""
    page = parse_id(args.get("page", "1"))
    if not 1 <= page <= 10_000:
        raise NotFound
    view = args.get("view", "sheet")
    return SheetFilter(
        view=view if view in VIEWS else "sheet",
        text=plaintext.line(args.get("q", "")[:100]),
        page=page,
    )


def read_scope(text: str | None) -> dict[str, int | None]:
    """Return what is to be counted, from a choice such as category-12. Raises BadInput."""
    kind, _, number = (text or "").partition("-")
    found = parse_id(number) or None
    if kind not in {"all", "category", "brand"} or (kind != "all" and not found):
        raise BadInput(scope="Choose what is to be counted.")
    return {
        "category_id": found if kind == "category" else None,
        "brand_id": found if kind == "brand" else None,
    }


def read_counted(form: Mapping[str, str]) -> list[CountedRow]:
    """Return the numbers that were typed over others. Raises BadInput, by field."""
    wrong: dict[str, str] = {}
    found = []
    for variant_id in sent_ids(form):
        typed = plaintext.code(form.get(f"counted-{variant_id}", ""))
        if typed == form.get(f"was-{variant_id}", ""):
            continue
        if not _PIECES.fullmatch(typed):
            wrong[f"counted-{variant_id}"] = "Enter how many pieces you counted, like 12."
            continue
        seen = read_version(form.get(f"line-{variant_id}")) or 0
        found.append(CountedRow(variant_id, seen, int(typed)))
    if wrong:
        raise BadInput(**wrong)
    return found


def sent_ids(form: Mapping[str, str]) -> list[int]:
    """Return the variants of the rows that were sent."""
    names = (name.partition("-") for name in form)
    ids = {parse_id(number) for kind, _, number in names if kind == "counted"}
    return sorted(ids - {0})[:MOST_ROWS]
