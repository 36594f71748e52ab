"""S: the sums of the days are those of the orders, refunds and visits."""

from typing import Any

from sqlalchemy import Select, and_, func, literal, or_, select, union_all

from shop.audit.registry import check
from shop.models import (
    Order,
    Payment,
    PaymentState,
    Refund,
    RefundState,
    SalesSum,
    Visit,
    VisitSalt,
    VisitSum,
)
from shop.sales.facts import KEYS, MEASURES, refund_facts, sale_facts

Rows = Select[*tuple[Any, ...]]


@check("S1", "The sums of a day are those of the orders paid and the refunds made on it")
def sums_differ() -> Rows:
    """Find sums that are too large or too small; by how much, as far as money goes."""
    sums = SalesSum.__table__.c
    noted = select(
        *(sums[name] for name in KEYS), *((-sums[name]).label(name) for name in MEASURES)
    )
    both = union_all(*sale_facts(), *refund_facts(), noted).subquery("both")
    keys = [both.c[name] for name in KEYS]
    missing = {name: func.sum(both.c[name]) for name in MEASURES}
    return (
        select(
            *keys,
            missing["orders"].label("orders_missing"),
            missing["amount_sales"].label("sales_missing"),
            missing["amount_refunded"].label("refunds_missing"),
        )
        .group_by(*keys)
        .having(or_(*(one != 0 for one in missing.values())))
    )


@check("S2", "A paid order has the day of its sale, a refund that counts the day of its success")
def days_are_missing() -> Rows:
    """Find what counts and has no day, or has one and does not count."""
    counts = and_(Refund.state == RefundState.SUCCEEDED, Payment.state == PaymentState.CAPTURED)
    sales = select(Order.number.label("order"), Order.paid_on.label("day")).where(
        Order.paid_at.is_(None) != Order.paid_on.is_(None)
    )
    refunds = (
        select(Order.number.label("order"), Refund.refunded_on.label("day"))
        .join(Refund, Refund.order_id == Order.id)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(
            or_(
                and_(counts, Refund.refunded_on.is_(None)),
                and_(~counts, Refund.refunded_on.is_not(None)),
                Refund.refunded_at.is_(None) != Refund.refunded_on.is_(None),
            )
        )
    )
    found = union_all(sales, refunds).subquery("undated")
    return select(found.c.order, found.c.day)


@check("S4", "As many visitors are counted on a day as were told apart, while they are known")
def visits_differ() -> Rows:
    """Find days whose sums are not those of the visits that are still kept."""
    lately = select(VisitSalt.day)
    seen = select(Visit.day, Visit.stage, literal(1).label("visitors")).where(Visit.day.in_(lately))
    noted = select(VisitSum.day, VisitSum.stage, -VisitSum.visitors).where(VisitSum.day.in_(lately))
    both = union_all(seen, noted).subquery("visits")
    missing = func.sum(both.c.visitors)
    return (
        select(both.c.day, both.c.stage, missing.label("visitors_missing"))
        .group_by(both.c.day, both.c.stage)
        .having(missing != 0)
    )
