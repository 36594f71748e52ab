"""One payment, many messengers: the money is booked once, whoever comes first."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import func, select

from shop.core.db import db, transaction
from shop.core.errors import RefundTooLarge
from shop.models import (
    Job,
    OrderEvent,
    Payment,
    PaymentStatus,
    Provider,
    Refund,
    ShopState,
    StockMovement,
)
from shop.orders.services import Outcome, fulfil, refund_order, sweep
from tests.conftest import both_engines, filled_by, nothing
from tests.factories import make_product
from tests.orders import kit
from tests.races.race_kit import count, in_app, together
from tests.races.unguarded import book_twice, expire_blindly, refund_blindly

pytestmark = both_engines


def paid_page(app: Flask) -> tuple[int, str, int]:
    """Return an order, its paid page of which nobody knows yet, and its variant."""
    with app.app_context():
        product = make_product(stock=3)
        order, ref = kit.to_payment(kit.fill_cart(product))
        kit.pay(ref, deliver=False)
        return order.id, ref, product.variants[0].id


def land(ref: str) -> str:
    return str(fulfil(Provider.SANDBOX, ref))


def traces(order_id: int) -> dict[str, int]:
    """Count everything that must be there once for a paid order."""
    db.session.close()

    def number(statement: sa.Select[tuple[int]]) -> int:
        return db.session.scalar(statement) or 0

    jobs = select(func.count()).select_from(Job)
    return {
        "payments": number(
            select(func.count()).select_from(Payment).where(Payment.order_id == order_id)
        ),
        "paid": number(
            select(func.count())
            .select_from(OrderEvent)
            .where(OrderEvent.order_id == order_id, OrderEvent.kind == "paid")
        ),
        "mails": number(jobs.where(Job.dedupe_key == f"mail.order_paid:{order_id}")),
        "sales": number(
            select(func.count())
            .select_from(StockMovement)
            .where(StockMovement.order_id == order_id)
        ),
    }


def test_fifty_messengers_are_one_fulfilment_every_time(app: Flask) -> None:
    rounds = count(200)
    for _ in range(rounds):
        order_id, ref, variant_id = paid_page(app)
        outcomes = together([in_app(app, land, ref) for _ in range(50)])
        assert outcomes.count("paid") == 1, outcomes
        assert set(outcomes) == {"paid", "already"}, outcomes
        with app.app_context():
            assert set(traces(order_id).values()) == {1}
            assert kit.stock(variant_id) == (2, 0)
    with app.app_context():
        assert db.session.scalar(select(ShopState.paid_count)) == rounds


@filled_by(nothing)
@pytest.mark.no_audit("the guards are off")
def test_control_without_guards_the_money_is_booked_twice(
    app: Flask, drop: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    book_twice(monkeypatch)
    drop(
        "payment",
        "uq_payment_provider_provider_ref",
        "uq_payment_provider_payment_intent",
        indexes=["uq_payment_captured"],
    )
    order_id, ref, _ = paid_page(app)
    together([in_app(app, land, ref) for _ in range(8)])
    with app.app_context():
        assert traces(order_id)["payments"] > 1, "the control booked the money once"


def ask_refund(order_id: int, amount: int, token: str) -> str:
    try:
        refund_order(order_id, amount, form_token=token)
    except RefundTooLarge:
        return "too large"
    return "written"


def paid_order(app: Flask) -> tuple[int, int]:
    order_id, ref, _ = paid_page(app)
    with app.app_context():
        fulfil(Provider.SANDBOX, ref)
        return order_id, kit.order(order_id).amount_total


def test_refunds_at_once_never_exceed_what_was_paid(app: Flask) -> None:
    for _ in range(count(50)):
        order_id, total = paid_order(app)
        amount = total * 2 // 5
        results = together(
            [in_app(app, ask_refund, order_id, amount, f"{order_id}-{n}") for n in range(8)]
        )
        assert sorted(results) == ["too large"] * 6 + ["written"] * 2
        same = f"{order_id}-same"
        left = [in_app(app, ask_refund, order_id, total - 2 * amount, same) for _ in range(4)]
        assert set(together(left)) <= {"written"}
        with app.app_context():
            asked = select(func.sum(Refund.amount)).where(Refund.order_id == order_id)
            assert db.session.scalar(asked) == total


@filled_by(nothing)
@pytest.mark.no_audit("the guards are off")
def test_control_without_guards_more_is_refunded_than_was_paid(
    app: Flask, drop: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id, total = paid_order(app)
    refund_blindly(monkeypatch)
    drop("payment", "ck_payment_refunded")
    together([in_app(app, ask_refund, order_id, total, str(n)) for n in range(4)])
    with app.app_context():
        asked = select(func.sum(Refund.amount)).where(Refund.order_id == order_id)
        assert (db.session.scalar(asked) or 0) > total, "the control refunded no more than once"


def overdue(app: Flask, number: int) -> list[tuple[int, str]]:
    """Return orders whose time is over while their pages are still open."""
    pages = []
    with app.app_context():
        for _ in range(number):
            order, ref = kit.to_payment(kit.fill_cart(make_product(stock=1)))
            pages.append((order.id, ref))
        with transaction():
            db.session.execute(sa.text("UPDATE orders SET hold_until = placed_at"))
    return pages


def try_to_pay(app: Flask, ref: str) -> str:
    from sandboxes.stripe.errors import ApiError

    try:
        kit.sandbox_of(app).pay(ref, deliver=False)
    except ApiError:
        return "closed"
    return "paid"


def race_to_pay(app: Flask) -> list[tuple[str, PaymentStatus]]:
    """Pay and sweep at once; return what the buyers saw and what the shop knows after a sweep."""
    pages = overdue(app, 8)
    buyers = [lambda ref=ref: try_to_pay(app, ref) for _, ref in pages]
    seen = together([*buyers, in_app(app, sweep), in_app(app, sweep)])[: len(pages)]
    with app.app_context():
        sweep()
        return [
            (saw, kit.order(order_id).payment_status)
            for saw, (order_id, _) in zip(seen, pages, strict=True)
        ]


def test_paying_against_expiring_always_agrees_with_the_provider(app: Flask) -> None:
    for _ in range(count(50)):
        for saw, status in race_to_pay(app):
            assert (saw == "paid") == (status is PaymentStatus.PAID), (saw, status)


@pytest.mark.no_audit("the guards are off")
def test_control_letting_go_by_the_clock_alone_loses_paid_orders(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    expire_blindly(monkeypatch)
    assert ("paid", PaymentStatus.EXPIRED) in race_to_pay(app), "the control lost no payment"


def test_outcomes_are_told_apart(app: Flask) -> None:
    _, ref, _ = paid_page(app)
    with app.app_context():
        assert fulfil(Provider.SANDBOX, ref) is Outcome.PAID
        assert fulfil(Provider.SANDBOX, ref) is Outcome.ALREADY
