"""Which day a sale and a refund belong to: that of the shop's time zone, which may be changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select, update

from shop.core.config import config
from shop.core.db import changed, db, end_read
from shop.core.long_writes import Pace, turn
from shop.models import Order, Refund, ShopState
from shop.sales.booking import move_refunds, move_sales

_LOOKED_AT: Final = 1000  # rows a statement


@dataclass(frozen=True)
class _Dated:
    """Rows that count on the day of a moment, and what gives them other days."""

    what: str
    model: Any
    moment: Any
    day: Any
    move: Callable[[Sequence[Any], dict[Any, Any]], None]

    @property
    def rows(self) -> Select[*tuple[Any, ...]]:
        """Those that count, by id."""
        columns = self.model.id, self.moment.label("moment"), self.day.label("day")
        return select(*columns).where(self.moment.is_not(None)).order_by(self.model.id)


_DATED: Final = (
    _Dated("sale", Order, Order.paid_at, Order.paid_on, move_sales),
    _Dated("refund", Refund, Refund.refunded_at, Refund.refunded_on, move_refunds),
)


def keep_days() -> int:
    """Give every sale and refund its day in the present time zone; return how many moved.

    In turns of a long write: the sums are right at every moment, before each turn by the former
    days, after it by the new ones. Stopped half-way it goes on where days are still to be moved.
    """
    zone = config().timezone
    known = db.session.scalar(select(ShopState.days_zone))
    end_read()
    if known == zone:
        return 0
    moved = sum(_move_all(dated, ZoneInfo(zone)) for dated in _DATED)
    with turn():
        changed(update(ShopState).values(days_zone=zone))
    return moved


def _move_all(dated: _Dated, zone: ZoneInfo) -> int:
    moved, pace, rows = 0, Pace(first=20, largest=400), dated.rows.limit(_LOOKED_AT)
    found = db.session.execute(rows).all()
    while found:
        end_read()
        wrong = [row.id for row in found if row.day != _day_of(row.moment, zone)]
        while wrong:
            part, wrong = wrong[: pace.size], wrong[pace.size :]
            with pace.turn(len(part)):
                moved += _move_some(dated, zone, part)
        found = db.session.execute(rows.where(dated.model.id > found[-1].id)).all()
    return moved


def _move_some(dated: _Dated, zone: ZoneInfo, ids: Sequence[Any]) -> int:
    """Move those of `ids` that still have another day, now that nobody else can."""
    rows = db.session.execute(dated.rows.where(dated.model.id.in_(ids)).with_for_update()).all()
    days = {row.id: _day_of(row.moment, zone) for row in rows}
    still = [row.id for row in rows if row.day != days[row.id]]
    if still:
        dated.move(still, days)
    return len(still)


def find_wrong_days() -> list[tuple[str, Any, datetime, datetime]]:
    """Return days that hold moments of other days: what, day, first and last moment.

    Empty while the days still wait to follow a change of the time zone.
    """
    zone = config().timezone
    if db.session.scalar(select(ShopState.days_zone)) != zone:
        return []
    found = []
    for dated in _DATED:
        for on, first, last in db.session.execute(_span(dated)).all():
            if not _day_of(first, ZoneInfo(zone)) == on == _day_of(last, ZoneInfo(zone)):
                found.append((dated.what, on, first, last))
    return found


def _span(dated: _Dated) -> Select[*tuple[Any, ...]]:
    is_dated = dated.day.is_not(None) & dated.moment.is_not(None)
    spans = select(dated.day, func.min(dated.moment), func.max(dated.moment)).where(is_dated)
    return spans.group_by(dated.day).order_by(dated.day)


def _day_of(moment: datetime, zone: ZoneInfo) -> Any:
    return moment.astimezone(zone).date()
