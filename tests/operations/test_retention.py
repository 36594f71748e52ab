"""What goes after which time, what stays, and that it goes in small steps."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.core import clock
from shop.core.db import db, transaction
from shop.core.isolation import SomeFailed
from shop.jobs import drain
from shop.jobs.services import ensure_schedules
from shop.models import (
    Cart,
    CartItem,
    CheckoutAttempt,
    Job,
    JobState,
    LoginAttempt,
    MailMessage,
    MailState,
    Order,
    OrderItem,
    Provider,
    UserSession,
    WebhookEvent,
)
from shop.operations import retention
from shop.operations.retention import anonymise_orders, apply_retention, clean_up_carts
from shop.orders.payment.end import end_dead_attempt
from tests.conftest import both_engines
from tests.coupons.kit import apply, coupon, view
from tests.factories import make_product, make_user
from tests.orders import kit

pytestmark = both_engines


@pytest.fixture(autouse=True)
def shop(ctx: Flask) -> Flask:
    kit.open_shop()
    return ctx


def count(model: type, *conditions: object) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0  # type: ignore[arg-type]


def days_ago(days: float) -> object:
    return clock.now() - timedelta(days=days)


def write(*rows: object) -> None:
    with transaction() as session:
        session.add_all(rows)


@pytest.mark.parametrize(("state", "days"), [(JobState.DONE, 7), (JobState.FAILED, 90)])
def test_ended_jobs_go(state: JobState, days: int) -> None:
    for n, age in enumerate((days + 1, days - 1)):
        write(Job(name="x", dedupe_key=f"{n}", run_at=days_ago(age), state=state,
                  finished_at=days_ago(age)))  # fmt: skip
    write(Job(name="x", dedupe_key="ready", run_at=days_ago(200)))
    apply_retention()
    assert sorted(db.session.scalars(select(Job.dedupe_key))) == ["1", "ready"]


def test_webhook_payloads_and_mail_bodies_go_their_rows_stay() -> None:
    for n, age in enumerate((100, 1)):
        write(
            WebhookEvent(provider=Provider.STRIPE, event_id=f"evt_{n}", type="x", livemode=False,
                         payload={"a": 1}, received_at=days_ago(age)),
            MailMessage(kind="x", dedupe_key=f"{n}", message_id="<x>", to_address="a@example.org",
                        subject="s", text_body="t", html_body="h", created_at=days_ago(age)),
        )  # fmt: skip
    done = apply_retention()
    assert (done["webhook_payloads"], done["mail_bodies"]) == (1, 1)
    events = db.session.scalars(select(WebhookEvent).order_by(WebhookEvent.id)).all()
    assert [event.payload for event in events] == [None, {"a": 1}]
    mails = db.session.scalars(select(MailMessage).order_by(MailMessage.id)).all()
    assert [(m.text_body, m.html_body, m.to_address) for m in mails] == [
        (None, None, "a@example.org"),
        ("t", "h", "a@example.org"),
    ]
    assert apply_retention()["webhook_payloads"] == 0


def test_login_attempts_and_ended_sessions_go() -> None:
    user = make_user("a@example.org")
    for n, age in enumerate((31, 29)):
        write(LoginAttempt(kind="login", ip="198.51.100.7", created_at=days_ago(age)))
        write(UserSession(token_hash=f"{n}", user_id=user.id, expires_at=days_ago(age - 30)))
    apply_retention()
    assert count(LoginAttempt) == 1
    assert list(db.session.scalars(select(UserSession.token_hash))) == ["1"]


def test_mail_files_go(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    folder.mkdir(exist_ok=True)
    for name, age in (("old", 91), ("new", 89)):
        path = folder / f"{name}.eml"
        path.write_text("x")
        moment = (clock.now() - timedelta(days=age)).timestamp()
        os.utime(path, (moment, moment))
    assert apply_retention()["mail_files"] == 1
    assert [path.name for path in folder.iterdir()] == ["new.eml"]


def test_guests_idle_carts_go_others_stay() -> None:
    product = make_product(stock=9)
    idle = kit.fill_cart(product)
    busy = kit.fill_cart(product)
    waiting, _ = kit.to_payment(kit.fill_cart(product))
    user = make_user("a@example.org")
    write(Cart(user_id=user.id))
    with transaction() as session:
        for cart in session.scalars(select(Cart).where(Cart.id != busy)):
            cart.updated_at = days_ago(61)
    assert clean_up_carts() == 1
    assert count(Cart, Cart.id == idle) == 0
    assert count(CartItem, CartItem.cart_id == idle) == 0
    assert count(Cart) == 3
    assert waiting.cart_id is not None


def test_unpaid_orders_lose_the_person_and_keep_the_books() -> None:
    product = make_product(stock=9)
    coupon("WINTER")
    bag = kit.fill_cart(product)
    apply(bag, "WINTER")
    placed, _ = kit.to_payment(bag, seen_total=view(bag).totals.amount_total)
    paid, ref = kit.to_payment(kit.fill_cart(product), email="paid@example.org")
    kit.pay(ref)
    drain()
    end_dead_attempt(kit.newest_attempt(placed.id).id, "expired")
    write(MailMessage(kind="x", dedupe_key="x", message_id="<x>", to_address="camille@example.org",
                      subject="Camille", text_body="Camille", html_body="Camille",
                      order_id=placed.id, state=MailState.SENT))  # fmt: skip
    with transaction() as session:
        session.get_one(Order, placed.id).customer_note = "Ring twice"
    before = kit.order(placed.id)
    token = before.access_token
    clock.move(91 * 24 * 3600)
    assert apply_retention()["unpaid_orders"] == 1
    order = kit.order(placed.id)
    texts = str([
        {c.name: getattr(row, c.name) for c in type(row).__table__.columns}
        for model, key in ((Order, Order.id), (CheckoutAttempt, CheckoutAttempt.order_id),
                           (MailMessage, MailMessage.order_id), (OrderItem, OrderItem.order_id))
        for row in db.session.scalars(select(model).where(key == placed.id))
    ])  # fmt: skip
    for word in ("camille", "Camille", "Laurent", "Capucins", "69001", "Ring twice", "198.51"):
        assert word not in texts
    everywhere = [
        str(row) for table in db.metadata.sorted_tables for row in db.session.execute(select(table))
    ]
    assert [row for row in everywhere if "camille@example.org" in row] == []
    assert db.session.get_one(Cart, bag).updated_at < days_ago(90), "no fresher for it"
    assert order.access_token != token
    assert (order.number, order.amount_total, order.country) == (
        before.number,
        before.amount_total,
        "FR",
    )
    assert order.anonymised_at is not None
    assert kit.order(paid.id).email == "paid@example.org"
    assert anonymise_orders(clock.now()) == 0, "once"


def test_it_goes_in_small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "CHUNK", 3)
    write(*(LoginAttempt(kind="x", ip="x", created_at=days_ago(40)) for _ in range(10)))
    assert apply_retention()["login_attempts"] == 10
    assert count(LoginAttempt) == 0


def test_the_worker_does_it_daily_and_the_carts_weekly() -> None:
    ensure_schedules()
    rows = db.session.execute(select(Job.name, Job.repeat_seconds)).all()
    intervals: dict[str, int] = dict(list(rows))
    assert intervals["operations.retention"] == 86400
    assert intervals["cart.clean_up"] == 7 * 86400
    assert intervals["orders.sweep"] == 60
    assert intervals["orders.reconcile"] == 300
    assert "sandbox.deliver" in intervals
    drain()
    names = ("operations.retention", "cart.clean_up")
    assert set(db.session.scalars(select(Job.error).where(Job.name.in_(names)))) == {""}


def test_what_cannot_go_keeps_nothing_else() -> None:
    """One order of a chunk breaks a constraint."""
    orders = []
    for n in range(3):
        placed = kit.place(kit.fill_cart(make_product()), email=f"buyer{n}@example.org")
        end_dead_attempt(placed.attempt.id, "expired")
        orders.append(placed.order.id)
    with transaction():
        session = db.session
        for order in session.scalars(select(Order)):
            order.closed_at = days_ago(91)
    kit.make_ill(orders[1], "email", "buyer1@example.org")
    try:
        with pytest.raises(SomeFailed, match="unpaid_orders"):
            apply_retention()
    finally:
        kit.heal()
    assert count(Order, Order.anonymised_at.is_not(None)) == 2
    assert count(Order, Order.email == "buyer1@example.org") == 1


def test_an_event_that_nobody_could_place_waits_no_longer() -> None:
    write(WebhookEvent(provider=Provider.STRIPE, event_id="evt_1", type="x", livemode=False,
                       payload={"a": 1}, received_at=days_ago(31)))  # fmt: skip
    apply_retention()
    assert count(WebhookEvent, WebhookEvent.processed_at.is_not(None)) == 1
