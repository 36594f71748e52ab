"""The ledger of a variant: every movement with who, why and for which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, func, select

from shop.admin.query_strings import query_string
from shop.core.config import config
from shop.core.db import db
from shop.models import MovementKind, Order, ProductVariant, StockMovement, User

PER_PAGE: Final = 50
_M = StockMovement


@dataclass(frozen=True)
class LedgerFilter:
    """Which movements: of a kind, from one day to another, those older than the id `below`."""

    kind: MovementKind | None = None
    first: date | None = None
    last: date | None = None
    below: int = 0

    def query(self, **changes: object) -> str:
        """Return it as a query string, "" for all of them."""
        values = {"kind": self.kind, "from": self.first, "to": self.last, "below": self.below}
        return query_string({**values, **changes})

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return not self.query(below=0)


def list_movements(variant_id: int, chosen: LedgerFilter) -> tuple[Sequence[Row[Any]], bool]:
    """Return a page of the ledger, the newest first, and whether there is more.

    `sum`: how many pieces were on hand after the movement, whatever the filter leaves out.
    """
    wanted = select(_M.id).where(_M.variant_id == variant_id, *_conditions(chosen))
    ids = db.session.scalars(wanted.order_by(_M.id.desc()).limit(PER_PAGE + 1)).all()
    shown = ids[:PER_PAGE]
    if not shown:
        return [], False
    on_hand = select(ProductVariant.stock_on_hand).where(ProductVariant.id == variant_id)
    since = func.sum(_M.quantity).over(order_by=_M.id.desc(), rows=(None, 0)) - _M.quantity
    sums = (
        select(_M.id, (on_hand.scalar_subquery() - since).label("sum"))
        .where(_M.variant_id == variant_id, _M.id >= shown[-1])
        .subquery()
    )
    who = func.coalesce(func.nullif(User.name, ""), User.email)
    rows = db.session.execute(
        select(
            _M.id, _M.created_at, _M.kind, _M.quantity, _M.reason, sums.c.sum, Order.number,
            who.label("who"),
        )
        .join(sums, sums.c.id == _M.id)
        .outerjoin(Order, Order.id == _M.order_id)
        .outerjoin(User, User.id == _M.user_id)
        .where(_M.id.in_(shown))
        .order_by(_M.id.desc())
    ).all()  # fmt: skip
    return rows, len(ids) > PER_PAGE


def _conditions(chosen: LedgerFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if chosen.below:
        found.append(_M.id < chosen.below)
    if chosen.kind:
        found.append(_M.kind == chosen.kind)
    if chosen.first:
        found.append(_M.created_at >= _midnight(chosen.first))
    if chosen.last:
        found.append(_M.created_at < _midnight(chosen.last + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(config().timezone))
