"""Does the payment service say the same? For `flask audit --stripe`; asks, changes nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from shop.audit.services import Difference
from shop.core.clock import now
from shop.core.db import db, end_read
from shop.core.isolation import Failure, each
from shop.models import (
    CheckoutAttempt,
    Order,
    OrderEvent,
    Payment,
    PaymentState,
    Refund,
    RefundState,
)
from shop.orders.payment.fulfil import payment_columns
from shop.payments.current import configured_providers, gateway
from shop.payments.errors import PaymentUnavailable, SessionUnknown
from shop.payments.gateway import RefundStatus

PAID = "F1s: Paid there is paid here, with the same amount"
BACK = "M4s: What went back there went back here"


def audit_provider(days: int) -> Iterator[Difference]:
    """Yield what differs for the sessions and refunds of the last `days` days.

    Of every provider that is configured. Raises PaymentUnavailable when one does not answer.
    """
    since = now() - timedelta(days=days)
    for provider in configured_providers():
        yield from _compare_sessions(provider, since)
        yield from _compare_refunds(provider, since)


def _compare_sessions(provider: str, since: datetime) -> Iterator[Difference]:
    accepted = select(OrderEvent.id).where(
        OrderEvent.order_id == Order.id, OrderEvent.kind == "payment_accepted"
    )
    attempts = db.session.execute(
        select(
            CheckoutAttempt.provider_ref,
            CheckoutAttempt.amount,
            CheckoutAttempt.currency,
            Order.number,
            Payment.amount.label("paid"),
            Payment.state,
            accepted.exists().label("is_accepted"),
        )
        .join(Order, Order.id == CheckoutAttempt.order_id)
        .outerjoin(Payment, Payment.attempt_id == CheckoutAttempt.id)
        .where(
            CheckoutAttempt.provider == provider,
            CheckoutAttempt.provider_ref.is_not(None),
            CheckoutAttempt.updated_at >= since,
        )
        .order_by(CheckoutAttempt.created_at)
    ).all()
    end_read()
    found: list[Difference] = []

    def compare(row: Any) -> None:
        ref, amount, currency, number, paid, state, is_accepted = row
        is_known = is_accepted or state is PaymentState.MISMATCH  # staff know, or have decided
        agreed = None if is_known else (amount, currency)
        found.extend(_compare_session(provider, ref or "", agreed, number, paid))

    run = each(
        "payments there",
        attempts,
        compare,
        name=lambda row: str(row.number),
        away=(PaymentUnavailable,),
    )
    yield from found
    yield from _not_compared(PAID, run.failures)


def _compare_session(
    provider: str, ref: str, agreed: tuple[int, str] | None, number: str, paid: int | None
) -> Iterator[Difference]:
    try:
        told = gateway(provider).get_session(ref)
    except SessionUnknown:
        if paid is not None:
            yield _difference(PAID, order=number, here=paid, there="unknown")
        return
    there = payment_columns(told)["amount"] if told.is_paid else None
    if there != paid:
        yield _difference(PAID, order=number, here=paid, there=there)
    elif agreed is not None and (told.amount, told.currency) != agreed:
        yield _difference(PAID, order=number, agreed=agreed[0], there=told.amount)


def _compare_refunds(provider: str, since: datetime) -> Iterator[Difference]:
    payments = db.session.execute(
        select(Payment.id, Payment.payment_intent, Order.number)
        .join(Order, Order.id == Payment.order_id)
        .where(
            Payment.provider == provider,
            Payment.payment_intent.is_not(None),
            Payment.created_at >= since,
        )
    ).all()
    succeeded = (
        select(Refund.payment_id, func.sum(Refund.amount))
        .where(Refund.state == RefundState.SUCCEEDED)
        .group_by(Refund.payment_id)
    )
    here = {payment_id: int(total) for payment_id, total in db.session.execute(succeeded)}
    end_read()
    found: list[Difference] = []

    def compare(row: Any) -> None:
        payment_id, intent, number = row
        told = gateway(provider).list_refunds(intent or "")
        there = sum(r.amount for r in told if r.status is RefundStatus.SUCCEEDED)
        if there != here.get(payment_id, 0):
            found.append(_difference(BACK, order=number, here=here.get(payment_id, 0), there=there))

    run = each(
        "refunds there",
        payments,
        compare,
        name=lambda row: str(row.number),
        away=(PaymentUnavailable,),
    )
    yield from found
    yield from _not_compared(BACK, run.failures)


def _number(row: Any) -> str:
    return str(row.number)


def _not_compared(rule: str, failures: list[Failure[Any]]) -> Iterator[Difference]:
    """Say of what could not be asked that it is not known to be right; nobody answers: raise."""
    for failure in failures:
        if isinstance(failure.error, PaymentUnavailable):
            raise failure.error
        yield _difference(rule, order=failure.name, could_not_be_asked=failure.reason)


def _difference(rule: str, **row: object) -> Difference:
    code, sentence = rule.split(": ", 1)
    return Difference(code, sentence, ", ".join(f"{k}={v}" for k, v in row.items()))
