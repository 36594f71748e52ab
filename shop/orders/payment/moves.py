"""The one place that moves an order's payment status and an attempt's state, by their tables.

A move is one conditional update: whoever comes second finds nothing to move. All of it happens in
the caller's transaction.
"""

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from sqlalchemy import Row, SQLColumnExpression, Update, update
from sqlalchemy.orm import InstrumentedAttribute

from shop.core.clock import now
from shop.core.db import changed, db
from shop.models import AttemptState, CheckoutAttempt, Order, PaymentStatus
from shop.models.order import PAYMENT_MOVES
from shop.models.payment import ATTEMPT_MOVES

S = TypeVar("S")


def move_payment(
    order_id: int,
    to: PaymentStatus,
    *,
    among: Collection[PaymentStatus] = tuple(PaymentStatus),
    **values: Any,
) -> bool:
    """Move an order's payment status to `to` and write `values` with it.

    `among`: the statuses it may come from, of those from which PAYMENT_MOVES leads there. False,
    and nothing is written, when it is at none of them.
    """
    sources = sources_of(PAYMENT_MOVES, to) & frozenset(among)
    move = _move(update(Order).where(Order.id == order_id), Order.payment_status, sources)
    return bool(changed(move.values(payment_status=to, updated_at=now(), **values)))


def move_attempt(
    attempt_id: str, to: AttemptState, *returning: SQLColumnExpression[Any], **values: Any
) -> Row[Any] | None:
    """Move an attempt's state to `to` where ATTEMPT_MOVES leads there, and write `values` with it.

    Returns its row of `returning`; None, and nothing is written, when it cannot be moved.
    """
    sources = sources_of(ATTEMPT_MOVES, to)
    row = update(CheckoutAttempt).where(CheckoutAttempt.id == attempt_id)
    move = _move(row, CheckoutAttempt.state, sources).values(state=to, updated_at=now(), **values)
    return db.session.execute(
        move.returning(CheckoutAttempt.id, *returning),
        execution_options={"synchronize_session": False},
    ).one_or_none()


def sources_of(moves: Mapping[S, frozenset[S]], to: S) -> frozenset[S]:
    """Return the states from which a table of moves leads to `to`."""
    return frozenset(source for source, targets in moves.items() if to in targets)


def _move(row: Update, state: InstrumentedAttribute[S], sources: Collection[S]) -> Update:
    """Let an update of `row` happen at one of `sources` alone."""
    return row.where(state.in_(sources))
