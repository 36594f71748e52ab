"""The one place that moves an order's payment status and an attempt's state, by their tables.

A move is one conditional update: whoever comes second finds nothing to move. All of it happens in
the caller's transaction.
"""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Row, SQLColumnExpression, Update, select, update
from sqlalchemy.orm import InstrumentedAttribute

from shop.core.clock import now, today
from shop.core.config import config
from shop.core.db import changed, db
from shop.jobs import enqueue
from shop.models import AttemptState, CheckoutAttempt, Order, PaymentStatus, Provider
from shop.models.moves import sources_of
from shop.models.order import DEAD, OPEN, PAYMENT_MOVES
from shop.models.payment import ATTEMPT_MOVES
from shop.orders.payment.asked_again import has_left_cart
from shop.payments.current import find_gateway

S = TypeVar("S")


class Former(NamedTuple):
    """How an order stood before it was paid; `is_in_cart`: what was ordered still lay there."""

    status: PaymentStatus
    is_in_cart: bool


def settle_attempt(attempt: CheckoutAttempt) -> Former | None:
    """Note that an attempt was paid, whatever it was before, and move its order to paid.

    Returns as `move_to_paid`.
    """
    former = move_to_paid(attempt.order_id, attempt.amount)
    complete_attempt(attempt.id)
    return former


def move_to_paid(order_id: int, amount: int) -> Former | None:
    """Move an order, whose cart's row is locked, to paid with `amount` (minor units).

    None when it was paid before.
    """
    before = select(Order.payment_status, ~has_left_cart(order_id)).where(Order.id == order_id)
    former = Former(*db.session.execute(before).one())
    is_moved = move_payment(
        order_id,
        PaymentStatus.PAID,
        among=OPEN | DEAD,
        paid_at=now(),
        paid_on=today(config().timezone),
        amount_paid=amount,
        closed_at=None,
    )
    return former if is_moved else None


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


def complete_attempt(attempt_id: str) -> None:
    """Note that an attempt was paid, whatever it was before: money cannot be undone."""
    end_attempt(attempt_id, AttemptState.COMPLETE, is_processing=False)


def end_attempt(attempt_id: str, to: AttemptState, **values: Any) -> bool:
    """End an attempt, with its page's discount; False when it had ended in this way before."""
    ended = move_attempt(attempt_id, to, CheckoutAttempt.provider, CheckoutAttempt.params, **values)
    if ended is not None:
        _drop_discount(ended.provider, ended.params)
    return ended is not None


def _drop_discount(provider: Provider, params: Mapping[str, Any]) -> None:
    """Queue the end of a discount whose page can no longer be paid."""
    provider_gateway = find_gateway(provider)
    ref = provider_gateway.discount_of(params) if provider_gateway else None
    if ref is not None:
        payload = {"provider": provider, "discount": ref}
        enqueue("orders.drop_discount", payload, dedupe_key=f"drop:{ref}")


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


def _move(row: Update, state: InstrumentedAttribute[S], sources: Collection[S]) -> Update:
    """Let an update of `row` happen at one of `sources` alone."""
    return row.where(state.in_(sources))
