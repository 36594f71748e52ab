"""Run every check and say what differs. Reads only."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Select, exists, select

import shop.audit.coupon_checks
import shop.audit.customer_checks
import shop.audit.money_checks
import shop.audit.sales_checks
import shop.audit.state_checks
import shop.audit.stock_checks  # noqa: F401 -- these register their checks
from shop.audit.registry import CHECKS, Check
from shop.catalog.queries.listings import find_listing_differences
from shop.core.db import db, end_read
from shop.sales.days import find_wrong_days

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
    for check in broken_checks():
        rows = db.session.execute(check.statement.limit(ENOUGH)).mappings()
        found += [Difference(check.code, check.sentence, _shown(dict(row))) for row in rows]
    sentence = "A product carries for lists what its variants, pictures and names say"
    for product_id, column, is_value, should in find_listing_differences():
        row = {"product": product_id, "column": column, "is": is_value, "should_be": should}
        found.append(Difference("P1", sentence, _shown(row)))
    sentence = "What counts on a day happened on it, in the shop's time zone"
    for what, day, first, last in find_wrong_days():
        row = {"of": what, "day": day, "first": first, "last": last}
        found.append(Difference("S3", sentence, _shown(row)))
    end_read()
    return found


def broken_checks() -> list[Check]:
    """Return the checks for which some row is wrong, found by one statement for all of them."""
    answers = db.session.execute(_any_rows()).one()
    return [check for check, is_broken in zip(CHECKS, answers, strict=True) if is_broken]


@cache
def _any_rows() -> Select[*tuple[bool, ...]]:
    return select(*(exists(check.statement).label(check.code) for check in CHECKS))


def _shown(row: dict[str, Any]) -> str:
    return ", ".join(f"{name}={_plain(value)}" for name, value in row.items())


def _plain(value: object) -> str:
    return str(value.value if isinstance(value, StrEnum) else value)
