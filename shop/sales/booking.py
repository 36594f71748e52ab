"""The one place that writes the sums of the days: a fact is added once, and can be taken off.

Whoever books holds the row of the order, and the sums are among the last that are locked.
"""

from collections.abc import Sequence
from functools import cache, partial
from typing import Any, Final

from sqlalchemy import BindParameter, Insert, Update, and_, bindparam, select, update

from shop.core.clock import now, today
from shop.core.config import config
from shop.core.db import before_commit, changed, db, insert_for
from shop.models import Order, Payment, PaymentState, Refund, RefundState, SalesSum
from shop.sales.facts import KEYS, MEASURES, Facts, refund_facts, sale_facts, summed

SUMS: Final = SalesSum.metadata.tables[SalesSum.__tablename__]
_SALES: Final = "sales"
_REFUNDS: Final = "refunds"


def book_sale(order_id: int) -> None:
    """Add an order that has just become paid to its day, at the end of the caller's transaction."""
    before_commit(f"stamps:2:sales:{order_id}", partial(_add, _SALES, [order_id]))


def book_refunds(order_id: int) -> None:
    """Let the days follow the order's refunds, at the end of the caller's transaction.

    A refund counts on the day on which it succeeded, unless it fails afterwards: then it is taken
    off that day again. Safe to repeat.
    """
    before_commit(f"stamps:2:sales:{order_id}:refunds", partial(_follow_refunds, order_id))


def _follow_refunds(order_id: int) -> None:
    refunds = db.session.execute(
        select(Refund.id, Refund.refunded_on, Refund.state, Payment.state.label("payment"))
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.order_id == order_id)
        .order_by(Refund.id)
    ).all()
    new, gone = [], []
    for refund in refunds:
        counts = refund.state is RefundState.SUCCEEDED and refund.payment is PaymentState.CAPTURED
        if counts and refund.refunded_on is None:
            new.append(refund.id)
        elif not counts and refund.refunded_on is not None:
            gone.append(refund.id)
    if gone:
        _subtract(_REFUNDS, gone)
        _date_refunds(gone, refunded_at=None, refunded_on=None)
    if new:
        _date_refunds(new, refunded_at=now(), refunded_on=today(config().timezone))
        _add(_REFUNDS, new)


def _date_refunds(ids: Sequence[str], **values: Any) -> None:
    rows = update(Refund).where(Refund.id.in_(ids))
    changed(rows.values(**values, updated_at=Refund.updated_at))


def move_sales(ids: Sequence[int], days: dict[int, Any]) -> None:
    """Give the orders `ids`, whose rows are locked, other days: order id → day."""
    _move(_SALES, ids, Order, Order.paid_on, days)


def move_refunds(ids: Sequence[str], days: dict[str, Any]) -> None:
    """Give the refunds `ids`, whose rows are locked, other days: refund id → day."""
    _move(_REFUNDS, ids, Refund, Refund.refunded_on, days)


def _move(kind: str, ids: Sequence[Any], model: Any, column: Any, days: dict[Any, Any]) -> None:
    _subtract(kind, ids)
    for day in sorted(set(days.values())):
        rows = update(model).where(model.id.in_([one for one in ids if days[one] == day]))
        changed(rows.values({column: day, model.updated_at: model.updated_at}))
    _add(kind, ids)


def _add(kind: str, ids: Sequence[Any]) -> None:
    _run(_addition(db.session.get_bind().dialect.name, kind), ids)


def _subtract(kind: str, ids: Sequence[Any]) -> None:
    _run(_subtraction(kind), ids)


def _run(statement: Insert | Update, ids: Sequence[Any]) -> None:
    options = {"synchronize_session": False}
    db.session.execute(statement, {"ids": list(ids)}, execution_options=options)


@cache
def _addition(dialect: str, kind: str) -> Insert:
    """Return the statement for adding facts, built once: that costs more than running it."""
    found, columns = _found(kind), [*KEYS, *MEASURES]
    rows = select(*(found.c[name] for name in columns)).order_by(*(found.c[name] for name in KEYS))
    adding = insert_for(dialect)(SUMS).from_select(columns, rows.where(found.c.currency != ""))
    more = {name: SUMS.c[name] + adding.excluded[name] for name in MEASURES}
    return adding.on_conflict_do_update(index_elements=KEYS, set_=more)


@cache
def _subtraction(kind: str) -> Update:
    found = _found(kind)
    same = and_(*(SUMS.c[name] == found.c[name] for name in KEYS))
    less = {name: SUMS.c[name] - found.c[name] for name in MEASURES}
    return update(SUMS).where(same).values(less)


def _found(kind: str) -> Any:
    ids: BindParameter[Any] = bindparam("ids", expanding=True)
    facts: list[Facts] = (
        sale_facts(Order.id.in_(ids)) if kind == _SALES else refund_facts(Refund.id.in_(ids))
    )
    return summed(facts)
