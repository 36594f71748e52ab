"""What came about an order and what goes out: messages handled again, mails looked at, policies."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import null, select, update

from shop.core.db import changed, db, transaction
from shop.models import Attention, MailMessage, Order, PaymentStatus, WebhookEvent
from shop.orders.events import raise_attention
from shop.payments.current import gateway
from shop.settings.services import set_settings
from shop.shared.inbox import Message, store_message
from tests.admin.kit import order_of, paid_order, sign_in, trail, twice
from tests.admin.staff_walk import Walk
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit


@pytest.fixture
def walk(app: Flask, owner: ShopClient) -> Walk:
    return Walk(app, owner)


def missed(app: Flask) -> tuple[str, int]:
    """Return an order whose payment was told, but not taken in: its number, the message."""
    with app.app_context():
        order, ref = kit.to_payment(kit.fill_cart(make_product("Iris", stock=4)))
        kit.pay(ref, deliver=False)
        events = kit.sandbox_of(app).objects("event")
        body: dict[str, Any] = next(e for e in events if e["type"] == "checkout.session.completed")
        event = gateway("sandbox").read_event(json.loads(json.dumps(body)))
        store_message(
            "sandbox", Message(event.id, event.type, event.object_ref, False, event.payload)
        )
        row = select(WebhookEvent.id).where(WebhookEvent.event_id == event.id)
        return order.number, db.session.scalars(row).one()


@both_engines
def test_a_message_is_handled_again_and_does_nothing_twice(app: Flask, walk: Walk) -> None:
    number, row = missed(app)
    page = f"/admin/orders/{number}"
    assert "not handled yet" in walk.client.get(page).text
    url, form = walk.form(page, f"/events/{row}/replay")
    answers = twice(walk.client, url, form)
    assert [answer.status_code for answer in answers] == [303, 303]
    walk.do(walk.form(page, f"/events/{row}/replay"))
    with app.app_context():
        order = order_of(number)
        assert order.payment_status is PaymentStatus.PAID
        assert len(kit.payments(order.id)) == 1
        event = db.session.get_one(WebhookEvent, row)
        assert event.processed_at is not None
        entries = [each for each in trail() if each.action == "orders.event"]
        assert [each.after for each in entries] == [
            {"event": event.event_id, "type": "checkout.session.completed"}
        ] * 2
    other = paid_order(app)
    foreign = walk.client.submit(f"/admin/orders/{other}/events/{row}/replay", {})
    assert foreign.status_code == 404
    with app.app_context(), transaction():
        changed(update(WebhookEvent).values(payload=null()))
    assert "/replay" not in walk.client.get(page).text
    walk.client.post(url, data={**form, "form_token": "z" * 24})
    assert "was forgotten after 30 days" in walk.client.get(page).text
    viewer = sign_in(app, ["orders.view", "orders.ship"])
    assert "/replay" not in viewer.get(page).text
    assert viewer.submit(url, {}).status_code == 403


@both_engines
def test_what_names_only_the_payment_stands_with_its_order(app: Flask, owner: ShopClient) -> None:
    numbers = [paid_order(app) for _ in range(2)]
    with app.app_context():
        intent = kit.payments(order_of(numbers[0]).id)[0].payment_intent
        message = Message("evt_other", "charge.dispute.created", "dp_1", False, {}, intent or "")
        store_message("sandbox", message)
        store_message("sandbox", Message("evt_none", "charge.updated", "ch_9", False, {}))
    pages = [owner.get(f"/admin/orders/{number}").text for number in numbers]
    assert ["charge.dispute.created" in page for page in pages] == [True, False]
    assert "charge.updated" not in pages[0] + pages[1]


def test_it_says_what_the_policy_does_and_when(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app)
    with app.app_context(), transaction():
        raise_attention(order_of(number), Attention.STOCK_SHORT)
    page = f"/admin/orders/{number}"
    assert "Nothing happens by itself" in owner.get(page).text
    with app.app_context():
        kept = {"attention_policy": "refund", "attention_refund_hours": "24"}
        set_settings(kept, user_id=None)
    shown = owner.get(page).text
    assert "What cannot be sent is refunded by itself on" in shown
    assert 'href="/admin/settings/orders#attention_policy"' in shown
    viewer = sign_in(app, ["orders.view", "orders.ship"]).get(page).text
    assert "is refunded by itself on" in viewer
    assert "attention_policy" not in viewer


def test_a_mail_is_looked_at_before_it_is_sent_again(app: Flask, owner: ShopClient) -> None:
    number, other = paid_order(app), paid_order(app)
    with app.app_context():
        order_id = db.session.scalars(select(Order.id).where(Order.number == number)).one()
        mail = db.session.scalars(select(MailMessage).filter_by(order_id=order_id)).first()
        assert mail
        mail_id, subject = mail.id, mail.subject
    page = f"/admin/orders/{number}/mails/{mail_id}"
    shown = owner.get(page).text
    assert f'src="{page}/html" sandbox' in shown
    assert "Send again" in shown
    assert number in owner.get(f"{page}?as=text").text
    plain = app.test_client(use_cookies=True)
    plain.set_cookie("session", owner.get_cookie("session").value)  # type: ignore[union-attr]
    body = super(ShopClient, plain).open(f"{page}/html")  # not linted: a mail has inline styles
    assert (body.status_code, number in body.text) == (200, True)
    policy = body.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script-src" not in policy
    assert body.headers["Cache-Control"] == "no-store"
    assert subject in shown
    for foreign in (f"/admin/orders/{other}/mails/{mail_id}", f"{page}9"):
        assert owner.get(foreign).status_code == 404
    assert sign_in(app, ["orders.view"]).get(page).status_code == 403
