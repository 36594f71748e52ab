"""How many came how far: saw a piece, filled a bag, came to checkout, paid."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from shop.core.db import db
from shop.models import VisitStage, VisitSum
from shop.sales.period import Period

PAID: Final = "paid"


@dataclass(frozen=True)
class FunnelStep:
    """One stage, a name of VisitStage or PAID, and how many came so far.

    `width`: a bar's, in percent of the widest. `percent`: of those of the stage before; None for
    the first, and where nobody came so far.
    """

    name: str
    count: int
    before: int
    width: int
    percent: int | None


def load_funnel(period: Period, *, paid: int, paid_before: int) -> list[FunnelStep]:
    """Return the four stages of a period beside those of the period before; one statement.

    Visitors are counted once a day, orders as often as they were paid. Arguments: how many orders
    were paid in the period and in the one before.
    """
    now, before = ({PAID: paid}, {PAID: paid_before})
    rows = db.session.execute(
        select(
            VisitSum.stage,
            VisitSum.day.between(period.since, period.until).label("is_now"),
            func.sum(VisitSum.visitors).label("visitors"),
        )
        .where(VisitSum.day.between(period.before.since, period.until))
        .group_by(VisitSum.stage, "is_now")
    )
    for row in rows:
        (now if row.is_now else before)[row.stage] = int(row.visitors)
    names = [*VisitStage, PAID]
    most = max(now.values())
    return [
        FunnelStep(
            name=name,
            count=now.get(name, 0),
            before=before.get(name, 0),
            width=round(100 * now.get(name, 0) / most) if most else 0,
            percent=_percent(now.get(name, 0), now.get(names[at - 1], 0)) if at else None,
        )
        for at, name in enumerate(names)
    ]


def _percent(count: int, of: int) -> int | None:
    return round(100 * count / of) if of else None
