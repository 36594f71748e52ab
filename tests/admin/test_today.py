"""The first page of the staff: what needs a hand, how the shop sells, what a new shop lacks."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from shop.core import clock
from shop.core.db import changed, transaction
from shop.jobs import drain
from shop.models import (
    Attention,
    JobState,
    MailMessage,
    MailState,
    Order,
    Provider,
    SalesSum,
    ShopState,
)
from shop.models.job import Job
from shop.orders.services import fulfil, refund_order
from shop.settings.services import set_setting
from tests.admin.kit import paid_order, sign_in
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit
from tests.sql import counted


def sell(price: int, quantity: int = 1, **options: Any) -> int:
    """Sell pieces of one new product, with free delivery; return the order's id."""
    product = make_product(price=price, stock=quantity + 20, **options)
    order, ref = kit.to_payment(kit.fill_cart(product, quantity=quantity))
    kit.pay(ref, deliver=False)  # a message's signature is as old as the machine's clock says
    fulfil(Provider.SANDBOX, ref)
    drain()
    return order.id


def go_on(app: Flask, days: int) -> None:
    """Let days pass for the shop and for the provider."""
    clock.move(days * 86400)
    kit.sandbox_of(app).advance(days * 86400)


def text_of(client: ShopClient, url: str = "/admin/") -> str:
    """Return a page as it reads, without tags."""
    return client.get(url).text.replace("\N{NO-BREAK SPACE}", " ")


@both_engines
def test_sales_stand_beside_those_of_the_day_before(app: Flask) -> None:
    with app.app_context():
        kit.open_shop()
        sell(20000)
        go_on(app, 1)
        sell(20000, quantity=2)
        refunded = sell(15000)
        refund_order(refunded, 1500, form_token="once")
        drain()
    later = sign_in(app, ["reports.view"])
    page = text_of(later)
    assert "<dd>€550</dd>" in page
    assert "+175 % · €200 before" in page
    assert "<dd>€275</dd>" in page, "on average"
    assert "<dd>€15</dd>" in page, "went back"
    week = text_of(later, "/admin/?range=7")
    assert "<dd>€750</dd>" in week
    assert "€0 before" in week


def test_other_days_are_typed(app: Flask) -> None:
    with app.app_context():
        kit.open_shop()
        order_id = sell(20000)
        sold_on = kit.order(order_id).paid_on
    assert sold_on
    clock.move(40 * 86400)
    later = sign_in(app, ["reports.view"])
    assert "<dd>€200</dd>" not in text_of(later)
    page = text_of(later, f"/admin/?since={sold_on}&until={sold_on + timedelta(days=2)}")
    assert "<dd>€200</dd>" in page


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("since=2026-13-01", "Enter a day, such as"),
        ("since=2026-05-02&until=2026-05-01", "not before the first"),
        ("since=2020-01-01&until=2026-01-01", "at most two years"),
        ("since=0001-01-01&until=0001-01-02", "from the year 2000"),
        ("since=2026-01-01&until=9999-12-31", "from the year 2000"),
    ],
)
def test_impossible_days_are_said_beside_their_field(
    owner: ShopClient, query: str, sentence: str
) -> None:
    answer = owner.get(f"/admin/?{query}")
    assert answer.status_code == 200
    assert sentence in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_an_unknown_range_is_today(owner: ShopClient) -> None:
    assert owner.get("/admin/?range=<b>").status_code == 200


def test_best_sellers_are_those_of_the_days(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        sell(20000, name="Ambre")
        sell(16000, name="Iris", quantity=3)
    page = text_of(owner)
    assert page.index("Best sellers") < page.rindex("Iris") < page.rindex("Ambre")
    assert "€480" in page


def test_figures_are_for_whom_may_see_them(app: Flask, owner: ShopClient) -> None:
    paid_order(app)
    page = text_of(sign_in(app, ["orders.view", "products.view"]))
    assert "Average order" not in page
    assert "Best sellers" not in page
    assert "order to send" in page
    figures = text_of(sign_in(app, ["reports.view"]))
    assert "Average order" in figures
    assert "Newest orders" not in figures


@pytest.mark.no_audit("reasons, mails and jobs are written as if something had happened")
def test_what_needs_a_hand_is_a_link_to_its_list(app: Flask, owner: ShopClient) -> None:
    numbers = [paid_order(app) for _ in range(3)]
    with app.app_context(), transaction():
        for number, reason in zip(
            numbers,
            (Attention.STOCK_SHORT, Attention.LATE_PAYMENT, Attention.DISPUTED),
            strict=True,
        ):
            changed(update(Order).where(Order.number == number).values(attention=reason))
        changed(update(MailMessage).values(state=MailState.FAILED))
        changed(update(Job).where(Job.repeat_seconds.is_(None)).values(state=JobState.FAILED))
    page = text_of(owner)
    for words in (
        "<b>3</b><span>orders to send",
        "<b>1</b><span>paid, but short",
        "<b>1</b><span>payment to check",
        "<b>1</b><span>order to look at",
        "<b>3</b><span>pieces running low",
        "<b>3</b><span>mails could not be sent",
        "jobs were given up",
    ):
        assert words in page, words


def test_late_jobs_are_said(app: Flask, owner: ShopClient) -> None:
    with app.app_context(), transaction():
        kit.db.session.add(Job(name="mail.x", dedupe_key="late", run_at=clock.now()))
    assert "Nobody is doing the shop’s jobs" not in text_of(owner)
    clock.move(600)
    assert "Nobody is doing the shop’s jobs" in text_of(owner)


def test_a_silent_webhook_is_said(app: Flask, owner: ShopClient) -> None:
    paid_order(app)
    clock.move(2 * 3600)
    silent = "its messages do not reach the shop"
    assert silent not in text_of(owner), "it told of this payment"
    with app.app_context(), transaction():
        long_ago = clock.now() - timedelta(days=2)
        changed(update(ShopState).values(webhook_seen_at=long_ago))
    assert silent in text_of(owner)


def test_a_new_shop_is_led_by_steps_that_tick_themselves_off(app: Flask, owner: ShopClient) -> None:
    page = text_of(owner)
    assert "1 of 5 done" in page, "there is a way to deliver"
    assert '<details class="panel setup" open>' in page
    assert "What is sold appears here from the first order on" in page
    with app.app_context():
        set_setting("contact_email", "hello@example.org", user_id=None)
        sell(20000)
    page = text_of(owner)
    assert "4 of 5 done" in page
    assert '<details class="panel setup">' in page, "folded once something was sold"
    assert "Set up your shop" not in text_of(sign_in(app, ["orders.view", "reports.view"]))


def test_stock_is_corrected_in_one_click(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        product = make_product(stock=1)
        variant_id, url = product.variants[0].id, f"/admin/products/{product.id}/stock"
    assert f'action="{url}"' in owner.get("/admin/").text
    answer = owner.submit(
        url, {"variant_id": variant_id, "delta": "+10", "next": "/admin/"}, page="/admin/"
    )
    assert (answer.status_code, answer.location) == (303, "/admin/")
    with app.app_context():
        assert kit.stock(variant_id) == (11, 0)


def test_twelve_statements_and_no_whole_table(app: Flask, owner: ShopClient) -> None:
    paid_order(app)
    owner.get("/admin/")
    with counted(app) as statements:
        assert owner.get("/admin/?range=90").status_code == 200
    assert len(statements) <= 12, "\n".join(statements)
    with app.app_context():
        steps = [step for statement in statements for step in plan(statement)]
    whole = {step.split()[1] for step in steps if step.startswith("SCAN") and "USING" not in step}
    small = {"shop_state", "delivery_method", "CONSTANT", "waiting", "low", "best"}
    small |= {"payment"}  # its newest rows
    assert {name for name in whole - small if not name.startswith("anon_")} == set()
    for index in ("ix_orders_to_send", "ix_mail_message_failed", "ix_product_variant_left"):
        assert any(index in step for step in steps), index


def plan(statement: str) -> list[str]:
    """Return the steps by which SQLite answers a statement."""
    explain = kit.db.session.connection().exec_driver_sql
    rows = explain(f"EXPLAIN QUERY PLAN {statement}", ("x",) * statement.count("?"))
    return [row[3] for row in rows]


@pytest.mark.no_audit("sums without orders stand for those of another currency", "S1")
def test_orders_of_another_currency_are_not_added(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        sell(20000)
        with transaction() as session:
            row = session.query(SalesSum).filter_by(dimension="total").one()
            values = {column.name: getattr(row, column.name) for column in SalesSum.__table__.c}
            session.add(SalesSum(**{**values, "currency": "JPY"}))
    assert "<dd>€200</dd>" in text_of(owner)


def test_only_what_was_paid_since_is_news(app: Flask, owner: ShopClient) -> None:
    begun = clock.now().isoformat()
    paid_order(app)
    assert "1 new order was paid" in owner.get("/admin/news", query_string={"since": begun}).text
    clock.move(1)
    for since in (clock.now().isoformat(), "", "yesterday", begun.split("+")[0], "2026-13-01"):
        assert owner.get("/admin/news", query_string={"since": since}).status_code == 204, since
    assert sign_in(app, ["products.view"]).get("/admin/news").status_code == 403
