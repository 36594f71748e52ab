"""Money that is not as agreed, whatever it is: on record, before staff, and in nobody's way."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from shop.core import clock
from shop.core.clock import now
from shop.core.db import changed, db, transaction
from shop.jobs import drain
from shop.jobs.queries import job_health
from shop.jobs.services import ensure_schedules
from shop.models import (
    Attention,
    CheckoutAttempt,
    Job,
    Order,
    OrderEvent,
    PaymentState,
    PaymentStatus,
    ProviderState,
    Refund,
    WebhookEvent,
)
from shop.orders.payment.missed_news import OVERLAP
from shop.orders.services import reconcile, refund_order
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit
from tests.orders.test_webhook import URL, signed

STRANGE: dict[str, dict[str, Any]] = {
    "below zero": {"amount_total": -2690},
    "nothing": {"amount_total": 0},
    "no amount": {"amount_total": None},
    "beyond BIGINT": {"amount_total": 2**63},
    "far beyond": {"amount_total": 10**40},
    "words": {"amount_total": "2690"},
    "other currency": {"currency": "jpy"},
    "unknown currency": {"currency": "xxq"},
    "no currency": {"currency": None},
    "a sentence for a currency": {"currency": "euro, or so"},
}


def change(app: Flask, ref: str, **values: Any) -> None:
    """Have the provider say something else about a page."""
    with kit.sandbox_of(app).store.write() as tx:
        row = tx.get("checkout.session", ref)
        row.body.update(values)
        tx.save(row)


def paid_elsewhere(app: Flask, **buyer: Any) -> tuple[Order, str]:
    """An order whose page was paid while no event got through."""
    order, ref = kit.to_payment(kit.fill_cart(make_product()), **buyer)
    kit.pay(ref, deliver=False)
    return order, ref


@pytest.fixture(autouse=True)
def shop(ctx: Flask) -> Flask:
    kit.open_shop()
    return ctx


@both_engines
@pytest.mark.parametrize("strange", STRANGE)
def test_strange_money_is_on_record_and_the_next_order_is_paid(shop: Flask, strange: str) -> None:
    order, ref = paid_elsewhere(shop)
    change(shop, ref, **STRANGE[strange])
    clock.move(1)
    other, _ = paid_elsewhere(shop, email="other@example.org")
    events = kit.sandbox_of(shop).objects("event")
    body = json.dumps(
        next(e for e in events if e["type"] == "checkout.session.completed"
             and e["data"]["object"]["id"] == ref)
    )  # fmt: skip
    clock.move(180)
    db.session.remove()
    header = signed(shop, body, clock.epoch())
    client = shop.test_client()
    assert client.post(URL, data=body, headers=header).status_code == 200
    assert client.get(f"/checkout/success?session_id={ref}").status_code == 200
    result = reconcile()
    assert (result.fulfilled, result.failed) == (1, 0)
    assert kit.order(other.id).payment_status is PaymentStatus.PAID
    [payment] = kit.payments(order.id)
    assert payment.state is PaymentState.MISMATCH
    assert kit.order(order.id).attention is Attention.MISMATCH
    flagged = select(OrderEvent.data).where(
        OrderEvent.kind == "attention", OrderEvent.order_id == order.id
    )
    told = db.session.scalars(flagged).one()
    if "amount_total" in STRANGE[strange]:
        amount = STRANGE[strange]["amount_total"]
        assert told["came"]["amount"] == str(amount if isinstance(amount, int) else 0)
    assert told["differs"] in ("amount", "currency")


def mark() -> Any:
    db.session.rollback()
    return db.session.scalar(select(ProviderState.reconciled_until))


@both_engines
def test_one_order_that_fails_stops_no_other_and_holds_the_mark(shop: Flask) -> None:
    """Each loop has one that fails: open pages, missed payments, missed events, the sweep."""
    ill, ref = paid_elsewhere(shop)
    clock.move(1)
    well, _ = paid_elsewhere(shop, email="other@example.org")
    kit.make_ill(ill.id, "payment_status", "pending")
    try:
        clock.move(32 * 60)
        kit.sandbox_of(shop).advance(32 * 60)
        db.session.remove()
        answer = shop.test_cli_runner().invoke(args=["reconcile"])
        assert answer.exit_code == 1
        assert ill.number in answer.stderr
        assert well.number not in answer.stderr
        assert kit.order(well.id).payment_status is PaymentStatus.PAID
        created = kit.sandbox_of(shop).get("checkout.session", ref)["created"]
        assert mark() <= datetime.fromtimestamp(created, UTC)
        assert shop.test_cli_runner().invoke(args=["sweep"]).exit_code == 1
        ensure_schedules()
        db.session.remove()
        drain()
        assert ill.number in job_health(now()).troubled["orders.reconcile"]
    finally:
        kit.heal()
    clock.move(180)
    db.session.remove()
    answer = shop.test_cli_runner().invoke(args=["reconcile"])
    assert answer.exit_code == 0, answer.output
    assert kit.order(ill.id).payment_status is PaymentStatus.PAID
    assert now() - mark() < OVERLAP


@both_engines
@pytest.mark.parametrize("days", [1, 30])
def test_a_payment_that_failed_is_looked_for_until_it_is_known(shop: Flask, days: int) -> None:
    """Only the provider's list knows of it: its attempt is dead here, and the list moves on."""
    ill, ref = paid_elsewhere(shop)
    with transaction():
        over = update(CheckoutAttempt).where(CheckoutAttempt.provider_ref == ref)
        changed(over.values(state="expired"))
    kit.make_ill(ill.id, "payment_status", "pending")
    try:
        for _ in range(2):
            assert reconcile().failed
            clock.move(days * 86400)
            kit.sandbox_of(shop).advance(days * 86400)
            db.session.remove()
    finally:
        kit.heal()
    with transaction():  # the inbox would remember it, too
        changed(update(WebhookEvent).values(processed_at=now()))
    assert reconcile().fulfilled == 1
    assert kit.order(ill.id).payment_status is PaymentStatus.PAID


@both_engines
def test_refunds_go_on_past_one_that_the_provider_cannot_name(shop: Flask) -> None:
    for n in range(2):
        order, _ = paid_elsewhere(shop, email=f"buyer{n}@example.org")
        clock.move(180)
        reconcile()
        refund_order(order.id, 100, form_token=f"token-{n}-0123456789")
    with transaction():
        changed(update(Job).where(Job.name == "orders.send_refund").values(state="done"))
        first = db.session.scalars(select(Refund).order_by(Refund.created_at)).first()
        assert first is not None
        first.provider_ref = "re_of_another_account"
    clock.move(2 * 3600)
    db.session.remove()
    assert reconcile().failed == 1
    states = select(func.count()).select_from(Refund).where(Refund.state == "succeeded")
    assert db.session.scalar(states) == 1
    db.session.rollback()
    with transaction():  # let the books be right again
        ill = db.session.scalars(select(Refund).where(Refund.state == "pending")).one()
        ill.provider_ref = None
    clock.move(2 * 3600)
    reconcile()


@both_engines
def test_a_page_in_an_odd_shape_hides_no_other(shop: Flask) -> None:
    """It stands in the provider's list beside the others, and on our table of open pages."""
    odd, ref = paid_elsewhere(shop)
    clock.move(1)
    well, _ = paid_elsewhere(shop, email="other@example.org")
    with transaction():  # known by the provider's list alone
        changed(update(CheckoutAttempt).values(state="expired"))
    change(shop, ref, created="yesterday", mode=None, expires_at=None)
    clock.move(180)
    assert reconcile().fulfilled == 1
    assert kit.order(well.id).payment_status is PaymentStatus.PAID
    assert kit.order(odd.id).payment_status is PaymentStatus.PENDING


def refunded_elsewhere(app: Flask, number: int) -> list[int]:
    """Orders partly refunded in the provider’s dashboard while no event got through."""
    found = []
    for n in range(number):
        order, ref = kit.to_payment(kit.fill_cart(make_product()), email=f"buyer{n}@example.org")
        kit.pay(ref)
        [payment] = kit.payments(order.id)
        charge = payment.charge
        db.session.close()
        kit.sandbox_of(app).fault("drop")
        kit.sandbox_of(app).refund(charge, 900)
        kit.sandbox_of(app).clear_faults()
        clock.move(1)
        found.append(order.id)
    return found


def refunded(order_ids: list[int]) -> list[int]:
    return [kit.order(order_id).amount_refunded for order_id in order_ids]


def test_the_first_run_takes_all_that_the_provider_remembers(shop: Flask) -> None:
    order_ids = refunded_elsewhere(shop, 1)
    clock.move(5 * 86400)
    kit.sandbox_of(shop).advance(5 * 86400)
    db.session.remove()
    assert mark() is None
    assert reconcile().failed == 0
    assert refunded(order_ids) == [900]


def test_more_missed_events_than_one_list_has_are_all_taken(
    shop: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.orders.payment.missed_news.EVENTS_AT_ONCE", 2)
    order_ids = refunded_elsewhere(shop, 4)
    assert reconcile().failed == 0
    assert refunded(order_ids) == [900] * 4
