"""Run every check and say what differs. Reads only."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import shop.audit.coupon_checks
import shop.audit.money_checks
import shop.audit.state_checks
import shop.audit.stock_checks  # noqa: F401 -- the four register their checks
from shop.audit.registry import CHECKS
from shop.catalog.queries.listings import find_listing_differences
from shop.db import db, end_read

ENOUGH = 20  # rows a check shows


@dataclass(frozen=True)
class Difference:
    """A row that breaks the invariant `code`."""

    code: str
    sentence: str
    row: str

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}. Not so: {self.row}"


def audit() -> list[Difference]:
    """Return every difference found in the rows of this shop; none in a healthy one."""
    end_read()
    found = []
    for check in CHECKS:
        rows = db.session.execute(check.find().limit(ENOUGH)).mappings()
        found += [Difference(check.code, check.sentence, _shown(dict(row))) for row in rows]
    sentence = "A product carries for lists what its variants, pictures and names say"
    for product_id, column, is_value, should in find_listing_differences():
        row = {"product": product_id, "column": column, "is": is_value, "should_be": should}
        found.append(Difference("P1", sentence, _shown(row)))
    end_read()
    return found


def _shown(row: dict[str, Any]) -> str:
    return ", ".join(f"{name}={_plain(value)}" for name, value in row.items())


def _plain(value: object) -> str:
    return str(value.value if isinstance(value, StrEnum) else value)
