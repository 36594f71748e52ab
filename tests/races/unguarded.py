"""Guards taken out of the shop for controls: what each did is what the control shows."""

import threading
from collections.abc import Collection, Sequence
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Update, select, true, update
from sqlalchemy.orm import InstrumentedAttribute

from shop.auth.services import hands, second_factor
from shop.core.db import changed, db
from shop.coupons import luck
from shop.coupons import services as coupons
from shop.models import (
    CheckoutAttempt,
    CouponRedemption,
    HoldState,
    NumberSeries,
    Order,
    Payment,
    Provider,
    RedemptionState,
    RefundItem,
    SecondFactor,
    StockHold,
)
from shop.orders import number
from shop.orders.fulfilment import returns
from shop.orders.payment import expire, fulfil, moves, page, refund, webhook
from shop.pages import services as pages
from shop.payments.gateway import GatewayEvent
from shop.shared import rate_limits
from shop.stock import updates


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


def forget_what_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an event about a page that no order has be done with, and wake none."""
    really = webhook.handle

    def handle(provider: Provider, event: GatewayEvent) -> bool:
        really(provider, event)
        return True

    monkeypatch.setattr(webhook, "handle", handle)
    monkeypatch.setattr(page, "recheck_kept_events", lambda ref, attempt_id: None)


def restock_blindly(monkeypatch: pytest.MonkeyPatch, staff: int) -> None:
    """Let as many staff read that pieces are not back yet before any of them puts them back."""
    all_have_read = threading.Barrier(staff, timeout=60)

    def mark(refund_item_id: int) -> bool:
        all_have_read.wait()
        row = update(RefundItem).where(RefundItem.id == refund_item_id)
        return bool(changed(row.values(quantity_restocked=RefundItem.quantity)))

    monkeypatch.setattr(returns, "lock_order", lambda order_id: None)
    monkeypatch.setattr(returns, "_is_marked", mark)


def mark_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody note that pieces are back."""
    monkeypatch.setattr(returns, "_is_marked", lambda refund_item_id: True)


def reserve_blindly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pieces be reserved whether they are there or not."""
    monkeypatch.setattr(updates, "_may_be_reserved", lambda quantity: true())


def close_holds_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a hold be claimed or released that is not active any more."""
    really = updates._is_held

    def is_held(order_id: int, state: HoldState = HoldState.ACTIVE) -> ColumnElement[bool]:
        if state is HoldState.ACTIVE:
            return StockHold.order_id == order_id
        return really(order_id, state)

    monkeypatch.setattr(updates, "_is_held", is_held)


def use_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a coupon be used whether a use is left or not."""
    monkeypatch.setattr(coupons, "_is_left", true)


def use_beyond_the_limit_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody count how often a customer has used a coupon."""
    monkeypatch.setattr(coupons, "_uses_of", lambda coupon_id, user_id, email_key: 0)


def move_uses_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a use be committed or released that is not held any more."""

    def is_use(order_id: int, state: RedemptionState) -> ColumnElement[bool]:
        return CouponRedemption.order_id == order_id

    monkeypatch.setattr(coupons, "_is_use", is_use)


def give_prizes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a prize be drawn, and change hands, whoever has it."""
    monkeypatch.setattr(luck, "_is_in", lambda state: true())


def count_before_writing(monkeypatch: pytest.MonkeyPatch, orders: int) -> None:
    """Let the last number be read, by `orders` at once, before it is written."""
    all_have_read = threading.Barrier(orders, timeout=60)

    def following(start: int) -> int:
        last = db.session.scalar(
            select(NumberSeries.last).where(NumberSeries.name == number.SERIES)
        )
        all_have_read.wait()
        return max(start, (last or 0) + 1)

    monkeypatch.setattr(number, "_following", following)


def look_before_an_address_is_given(monkeypatch: pytest.MonkeyPatch, hands_at_once: int) -> None:
    """Let as many hands see at once that an address of a page is free, before one is given it."""
    all_have_looked = threading.Barrier(hands_at_once, timeout=60)
    forget = pages.forget_slug

    def forget_slug(slug: str) -> None:
        all_have_looked.wait()
        forget(slug)

    monkeypatch.setattr(pages, "lock_addresses", lambda: None)
    monkeypatch.setattr(pages, "forget_slug", forget_slug)


def look_at_the_last_code_first(monkeypatch: pytest.MonkeyPatch, hands_at_once: int) -> None:
    """Let as many hands see that a code was not used yet, before one of them uses it up."""
    all_have_looked = threading.Barrier(hands_at_once, timeout=60)

    def use_step(user_id: int, code: str) -> bool:
        row = db.session.get_one(SecondFactor, user_id)
        secret = second_factor.secret_of(user_id, row.seed)
        step = second_factor.matching_step(secret, code, second_factor.epoch())
        is_fresh = step is not None and row.last_step < step
        all_have_looked.wait()
        if is_fresh:
            whose = SecondFactor.user_id == user_id
            changed(update(SecondFactor).where(whose).values(last_step=step))
        return is_fresh

    monkeypatch.setattr(second_factor, "_use_step", use_step)


def lock_no_owners(monkeypatch: pytest.MonkeyPatch, hands_at_once: int) -> None:
    """Let owners be counted, by as many hands at once, and change before the commit."""
    all_have_counted = threading.Barrier(hands_at_once, timeout=60)

    def count_owners() -> Sequence[int]:
        owners = db.session.scalars(hands._owners()).all()
        all_have_counted.wait()
        return owners

    monkeypatch.setattr(hands, "_lock_owners", count_owners)


def take_the_last_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody ask whether an owner is left."""
    monkeypatch.setattr(hands, "_check_not_last", lambda owners, user_id: None)


def count_tries_once(monkeypatch: pytest.MonkeyPatch, tries: int) -> None:
    """Let tries be counted before they are written, as many at once, and not again."""
    really = rate_limits._wait
    all_have_counted = threading.Barrier(tries, timeout=60)

    def wait(*which: Any, but: int = 0) -> int:
        if but:
            return 0
        seconds = really(*which)
        all_have_counted.wait()
        return seconds

    monkeypatch.setattr(rate_limits, "_wait", wait)
