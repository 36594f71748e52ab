"""Guards taken out of the shop for controls: what each did is what the control shows."""

from collections.abc import Collection
from typing import Any

import pytest
from sqlalchemy import Update, update
from sqlalchemy.orm import InstrumentedAttribute

from shop.core.db import changed
from shop.models import CheckoutAttempt, Order, Payment, Provider
from shop.orders.payment import expire, fulfil, moves, refund


def book_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody see that money was booked, and a status move from wherever it is."""
    really = fulfil._find

    def find(provider: Provider, ref: str) -> tuple[CheckoutAttempt, Order, bool]:
        attempt, order, _ = really(provider, ref)
        return attempt, order, False

    monkeypatch.setattr(fulfil, "_find", find)
    move_blindly(monkeypatch)


def move_blindly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let states move whatever the tables say."""

    def move(row: Update, state: InstrumentedAttribute[Any], sources: Collection[Any]) -> Update:
        return row

    monkeypatch.setattr(moves, "_move", move)


def refund_blindly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a refund be reserved whether so much is left or not."""

    def reserve(payment_id: int, amount: int) -> None:
        gone = Payment.amount_refunded + amount
        changed(update(Payment).where(Payment.id == payment_id).values(amount_refunded=gone))

    monkeypatch.setattr(refund, "reserve_refund", reserve)


def expire_blindly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let orders end by the clock, without a word from the provider."""
    monkeypatch.setattr(expire, "end_page", lambda attempt: None)
