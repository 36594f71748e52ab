"""The orders desk: sent once, refunded once, and every step in the trail."""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from shop.core.db import db, transaction
from shop.jobs import drain
from shop.models import (
    AuditEntry,
    Carrier,
    FulfilmentStatus,
    MailMessage,
    OrderEvent,
    OrderItem,
    OrderNote,
    PaymentStatus,
    Refund,
    RefundItem,
    Shipment,
)
from shop.orders.services import refund_order, send_refund
from tests.admin.kit import fill_in, hidden, order_of, paid_order, shown, sign_in, trail, twice
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit


def item_of(number: str) -> OrderItem:
    order_id = order_of(number).id
    return db.session.scalars(select(OrderItem).where(OrderItem.order_id == order_id)).one()


def parcel(client: ShopClient, number: str, **typed: str) -> dict[str, str]:
    url = f"/admin/orders/{number}"
    return fill_in(client, url, f"{url}/shipments", **{"carrier": "Colissimo", **typed})


@both_engines
def test_a_partial_parcel_sent_twice_leaves_once(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app, quantity=3)
    with app.app_context():
        item = f"item-{item_of(number).id}"
    form = parcel(owner, number, **{item: "1"})
    answers = twice(owner, f"/admin/orders/{number}/shipments", form)
    assert [answer.status_code for answer in answers] == [303, 303]
    with app.app_context():
        assert item_of(number).quantity_shipped == 1
        assert db.session.scalar(select(func.count(Shipment.id))) == 1
        assert [entry.action for entry in trail()] == ["orders.ship"]


@both_engines
def test_a_number_that_no_order_can_have_is_not_found(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app)
    form = parcel(owner, number)
    for wrong in ("a" * 65, "a" * 300, "MF-NOWHERE"):
        answer = owner.post(f"/admin/orders/{wrong}/shipments", data=form)
        assert answer.status_code == 404
    with app.app_context():
        assert trail() == []


@both_engines
def test_a_parcel_sent_by_many_requests_at_once_leaves_once(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app, quantity=3)
    with app.app_context():
        item = f"item-{item_of(number).id}"
    form, url = parcel(owner, number, **{item: "1"}), f"/admin/orders/{number}/shipments"
    cookie = owner.get_cookie("session")
    assert cookie
    start = threading.Barrier(4)

    def send(_nth: int) -> int:
        client = app.test_client()
        client.set_cookie("session", cookie.value)
        start.wait()
        return client.post(url, data=dict(form)).status_code

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(send, range(4))) == [303] * 4
    with app.app_context():
        assert item_of(number).quantity_shipped == 1
        assert len(trail()) == 1


@both_engines
def test_two_members_of_staff_send_the_same_piece_once(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app, quantity=3)
    with app.app_context():
        item = f"item-{item_of(number).id}"
    url = f"/admin/orders/{number}/shipments"
    forms = [parcel(owner, number, **{item: "1"}) for _ in range(2)]
    assert owner.post(url, data=forms[0]).status_code == 303
    late = owner.post(url, data=forms[1])
    assert late.status_code == 409
    assert "has happened to this order in the meantime" in late.text
    with app.app_context():
        assert item_of(number).quantity_shipped == 1


def test_a_parcel_that_was_overtaken_keeps_what_was_typed(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app, quantity=3)
    with app.app_context():
        item = f"item-{item_of(number).id}"
    url = f"/admin/orders/{number}/shipments"
    typed = {item: "1", "tracking_number": "6A 77", "carrier": "Bicycle"}
    first, second = (parcel(owner, number, **typed) for _ in range(2))
    assert owner.post(url, data=first).status_code == 303
    late = owner.post(url, data=second)
    assert late.status_code == 409
    for kept in ('value="6A 77"', 'value="Bicycle"', f'name="{item}" value="1"', "of 2"):
        assert kept in late.text
    assert "autofocus" not in late.text, "on a phone the field would hide what was said"
    again = {**second, **hidden(late.text, f'action="{url}"')}
    assert owner.post(url, data=again).status_code == 303
    with app.app_context():
        assert item_of(number).quantity_shipped == 2


def test_what_was_sent_is_not_sent_again(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app, quantity=1)
    with app.app_context():
        item = f"item-{item_of(number).id}"
    url, page = f"/admin/orders/{number}/shipments", f"/admin/orders/{number}"
    first = parcel(owner, number, **{item: "1"})
    again = {name: first[name] for name in ("csrf_token", item, "carrier")}
    assert owner.post(url, data=first).status_code == 303
    assert owner.post(url, data=again).status_code == 409
    assert owner.submit(f"{page}/deliveries", page="/cart").status_code == 303
    assert owner.submit(f"{page}/deliveries", page="/cart").status_code == 409


def test_a_parcel_that_is_refused_keeps_what_was_typed(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app, quantity=2)
    with app.app_context():
        item = f"item-{item_of(number).id}"
    form = parcel(owner, number, **{item: "9", "tracking_number": "6A 77"})
    answer = owner.post(f"/admin/orders/{number}/shipments", data=form)
    assert answer.status_code == 422
    assert 'value="6A 77"' in answer.text


def test_a_parcel_is_given_to_a_carrier_of_the_list_or_to_another(
    app: Flask, owner: ShopClient
) -> None:
    number = paid_order(app, quantity=3)
    with app.app_context(), transaction() as session:
        item = f"item-{item_of(number).id}"
        dhl = Carrier(name="DHL", name_key="dhl", tracking_url="https://dhl.example/{number}")
        gone = Carrier(name="Gone", name_key="gone", is_active=False)
        session.add_all([dhl, gone])
        session.flush()
        known, inactive = str(dhl.id), str(gone.id)
    url, other = f"/admin/orders/{number}/shipments", "https://bicycle.example/7"
    sent = {item: "1", "tracking_number": "7", "carrier": "Bicycle", "tracking_url": other}
    for chosen, status in ((known, 303), ("", 303), (inactive, 422), ("x", 422)):
        answer = owner.post(url, data=parcel(owner, number, **{**sent, "carrier_id": chosen}))
        assert answer.status_code == status
    wrong = {**sent, "tracking_url": "javascript:alert(1)"}
    refused = owner.post(url, data=parcel(owner, number, **wrong))
    assert refused.status_code == 422
    assert 'value="javascript:alert(1)"' in refused.text
    page = owner.get(f"/admin/orders/{number}").text
    for link in ("https://dhl.example/7", other):
        assert f'<a href="{link}" rel="noopener">7</a>' in page


@contextmanager
def no_trail(app: Flask) -> Iterator[None]:
    """Let the database refuse any new entry of the trail while the block runs."""
    with app.app_context():
        is_sqlite = db.engine.dialect.name == "sqlite"
    setup = SQLITE_TRIGGER if is_sqlite else POSTGRESQL_TRIGGER
    _execute(app, *setup)
    try:
        yield
    finally:
        drop = "DROP TRIGGER no_trail" if is_sqlite else "DROP FUNCTION no_trail CASCADE"
        _execute(app, drop)


SQLITE_TRIGGER = (
    (
        "CREATE TRIGGER no_trail BEFORE INSERT ON audit_entry"
        " BEGIN SELECT RAISE(ABORT, 'no trail'); END"
    ),
)
POSTGRESQL_TRIGGER = (
    (
        "CREATE FUNCTION no_trail() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RAISE EXCEPTION 'no trail'; END $$"
    ),
    "CREATE TRIGGER no_trail BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION no_trail()",
)


def _execute(app: Flask, *statements: str) -> None:
    with app.app_context(), transaction() as session:
        for statement in statements:
            session.execute(text(statement))


@both_engines
def test_a_change_and_its_trail_are_one(app: Flask, owner: ShopClient) -> None:
    """Nothing is changed when its trail cannot be written."""
    number = paid_order(app, quantity=1)
    with app.app_context():
        item = f"item-{item_of(number).id}"
    form = parcel(owner, number, **{item: "1"})
    with no_trail(app):
        assert owner.post(f"/admin/orders/{number}/shipments", data=form).status_code == 500
    with app.app_context():
        assert item_of(number).quantity_shipped == 0
        assert order_of(number).fulfilment_status is FulfilmentStatus.UNFULFILLED


@both_engines
def test_canceling_leaves_one_trail_with_the_end_of_the_order(
    app: Flask, owner: ShopClient
) -> None:
    with app.app_context():
        number = kit.to_payment(kit.fill_cart(make_product()))[0].number
    url = f"/admin/orders/{number}/cancellation"
    token = owner.token("/cart")
    with no_trail(app):
        assert owner.post(url, data={"csrf_token": token}).status_code == 500
    with app.app_context():
        assert order_of(number).payment_status is PaymentStatus.PENDING
    for _ in range(2):
        assert owner.post(url, data={"csrf_token": token}).status_code == 303
    with app.app_context():
        assert order_of(number).payment_status is PaymentStatus.CANCELED
        assert [entry.action for entry in trail()] == ["orders.cancel"]
        kinds = db.session.scalars(select(OrderEvent.kind)).all()
        assert kinds.count("canceled_by") == 1


@both_engines
def test_a_note_sent_twice_stands_there_once(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app)
    url = f"/admin/orders/{number}"
    form = fill_in(owner, url, f"{url}/notes", note="Gift wrap")
    assert [a.status_code for a in twice(owner, f"{url}/notes", form)] == [303, 303]
    with app.app_context():
        assert db.session.scalars(select(OrderNote.text)).all() == ["Gift wrap"]
        assert [(e.action, e.object_id, e.after) for e in trail()] == [
            ("orders.note", number, {"notes": 1})
        ]


@both_engines
def test_a_mail_is_sent_again_once_for_each_form(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app)
    url = f"/admin/orders/{number}"
    action = re.search(rf"{url}/mails/\d+", owner.get(url).text)[0]
    for _ in range(2):
        assert [a.status_code for a in twice(owner, action, fill_in(owner, url, action))] == [
            303,
            303,
        ]
    with app.app_context():
        drain()
        kinds = db.session.scalars(select(MailMessage.kind)).all()
        assert kinds.count("order_paid") == 3
        assert [entry.action for entry in trail()] == ["orders.mail"] * 2


def test_a_form_is_of_one_order_and_one_person(app: Flask, owner: ShopClient) -> None:
    first, second = paid_order(app), paid_order(app)
    form = fill_in(owner, f"/admin/orders/{first}", f"/admin/orders/{first}/notes", note="A")
    assert owner.post(f"/admin/orders/{first}/notes", data=form).status_code == 303
    assert owner.post(f"/admin/orders/{second}/notes", data=form).status_code == 409
    colleague = sign_in(app, ["orders.view", "orders.note"])
    theirs = {**form, "csrf_token": colleague.token("/cart")}
    assert colleague.post(f"/admin/orders/{first}/notes", data=theirs).status_code == 409


# ---- Refunds


def refund_form(client: ShopClient, number: str, **typed: str) -> dict[str, str]:
    url = f"/admin/orders/{number}"
    form = shown(client.get(f"{url}/refund").text, f'action="{url}/refunds"')
    return {**form, "reason": "requested_by_customer", **typed}


@both_engines
@pytest.mark.parametrize("amount", [500, 15_000])
def test_what_is_left_after_a_refund_in_the_dashboard_goes_back(
    app: Flask, owner: ShopClient, amount: int
) -> None:
    """Part of it went back at the provider, which names no pieces; M4c is audited after each."""
    number = paid_order(app, quantity=3, price=4999)
    with app.app_context():
        payment = kit.payments(order_of(number).id)[0]
        kit.sandbox_of(app).refund(payment.charge, amount)
        kit.sandbox_of(app).deliver_due()
        drain()
        order = order_of(number)
        assert order.amount_refunded == amount
        left = order.amount_paid - amount
    form = refund_form(owner, number)
    assert form["amount"] == str(left)
    answers = twice(owner, f"/admin/orders/{number}/refunds", form)
    assert [answer.status_code for answer in answers] == [303, 303]
    with app.app_context():
        drain()
        order = order_of(number)
        assert order.payment_status is PaymentStatus.REFUNDED
        assert order.amount_refunded == order.amount_paid
        mine = db.session.scalars(select(Refund).where(Refund.is_external.is_(False))).one()
        lines = db.session.scalars(select(RefundItem).where(RefundItem.refund_id == mine.id)).all()
        assert sum(line.amount for line in lines) + mine.amount_shipping == left


@both_engines
def test_delivery_that_went_back_does_not_go_back_again(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app, quantity=1, price=4000)
    with app.app_context():
        order = order_of(number)
        shipping = order.amount_shipping
        assert shipping
        send_refund(refund_order(order.id, shipping, form_token="x", amount_shipping=shipping).id)
    assert (
        owner.post(f"/admin/orders/{number}/refunds", data=refund_form(owner, number)).status_code
        == 303
    )
    with app.app_context():
        drain()
        rows = db.session.execute(select(Refund.amount, Refund.amount_shipping)).all()
        assert sorted(tuple(row) for row in rows) == [(600, 600), (4000, 0)]


def test_money_under_way_is_not_offered_again(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app)
    url = f"/admin/orders/{number}"
    form = refund_form(owner, number)
    assert owner.post(f"{url}/refunds", data=form).status_code == 303
    assert order_is(app, number, PaymentStatus.PAID), "the job has not run yet"
    assert "Refund…" not in owner.get(url).text
    assert owner.get(f"{url}/refund").status_code == 302


def test_a_part_goes_back_at_the_amount_that_was_seen(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app, quantity=3, price=4000)
    url = f"/admin/orders/{number}/refunds"
    with app.app_context():
        item = f"item-{item_of(number).id}"
    whole = refund_form(owner, number, **{item: "1"})
    assert whole["amount"] == "12600", "everything, the delivery as well"
    del whole["shipping"]  # its tick is taken away
    unseen = owner.post(url, data=whole)
    assert unseen.status_code == 409, "the button said another amount"
    assert "Refund €40.00" in unseen.text
    none = owner.post(url, data={**whole, item: "0"})
    assert none.status_code == 422
    assert "Choose at least one piece" in none.text
    assert owner.post(url, data={**whole, item: "x"}).status_code == 422
    looked = owner.post(url, data={**whole, "preview": "1"})
    assert looked.status_code == 200
    assert "Refund €40.00" in looked.text
    again = {**whole, **shown(looked.text, f'action="{url}"')}
    assert [a.status_code for a in twice(owner, url, again)] == [303, 303]
    with app.app_context():
        drain()
        order = order_of(number)
        assert order.payment_status is PaymentStatus.PARTIALLY_REFUNDED
        assert item_of(number).quantity_refunded == 1
    left = refund_form(owner, number)
    with app.app_context():
        order = order_of(number)
        assert left["amount"] == str(order.amount_paid - order.amount_refunded)


@both_engines
def test_two_members_of_staff_refund_the_same_piece_once(app: Flask, owner: ShopClient) -> None:
    """The second piece is worth as much as the first: its amount tells nothing."""
    number = paid_order(app, quantity=3, price=4000)
    url = f"/admin/orders/{number}/refunds"
    with app.app_context():
        part = {f"item-{item_of(number).id}": "1", "part": "1", "preview": "1"}
    chosen = refund_form(owner, number, **part)
    del chosen["shipping"]
    forms = [
        {**shown(owner.post(url, data=chosen).text, f'action="{url}"'), "reason": "duplicate"}
        for _ in range(2)
    ]
    first, late = (owner.post(url, data=form) for form in forms)
    assert first.status_code == 303
    assert late.status_code == 409
    assert "has happened to this order in the meantime" in late.text
    with app.app_context():
        assert item_of(number).quantity_refunded == 1
        assert db.session.scalar(select(func.count(Refund.id))) == 1
    again = {**forms[1], **hidden(late.text, f'action="{url}"')}
    assert owner.post(url, data=again).status_code == 303, "who means it sends it once more"
    with app.app_context():
        assert item_of(number).quantity_refunded == 2


def order_is(app: Flask, number: str, status: PaymentStatus) -> bool:
    with app.app_context():
        return order_of(number).payment_status is status


@both_engines
def test_an_amount_that_is_no_longer_true_is_shown_anew(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app)
    form = refund_form(owner, number)
    with app.app_context():
        order = order_of(number)
        send_refund(refund_order(order.id, 700, form_token="x").id)
        left = order.amount_paid - 700
    answer = owner.post(f"/admin/orders/{number}/refunds", data=form)
    assert answer.status_code == 409
    assert f'name="amount" value="{left}"' in answer.text
    with app.app_context():
        assert db.session.scalar(select(func.count(Refund.id))) == 1
        assert db.session.scalar(select(func.count(AuditEntry.id))) == 0


def test_pieces_that_were_not_sent_are_offered_back_to_stock(app: Flask, owner: ShopClient) -> None:
    """Three bought, one sent, two refunded: judged piece by piece."""
    number = paid_order(app, quantity=3, price=4000)
    with app.app_context():
        item, variant_id = item_of(number).id, item_of(number).variant_id
        before = kit.stock(variant_id)[0]
    url = f"/admin/orders/{number}"
    assert owner.post(f"{url}/shipments", data=parcel(owner, number, **{f"item-{item}": "1"}))
    whole = refund_form(owner, number)
    assert "restock" not in whole, "one of the three is with the customer"
    form = refund_form(owner, number, **{f"item-{item}": "2"})
    looked = owner.post(f"{url}/refunds", data={**form, "preview": "1"})
    again = shown(looked.text, f'action="{url}/refunds"') | {f"item-{item}": "2", "restock": "1"}
    answers = twice(owner, f"{url}/refunds", {"reason": "duplicate", **again})
    assert [a.status_code for a in answers] == [303, 303]
    with app.app_context():
        drain()
        assert kit.stock(variant_id)[0] == before + 2
        assert order_of(number).fulfilment_status is FulfilmentStatus.SHIPPED
    assert "back in stock</button>" not in owner.get(url).text


def test_a_piece_that_came_back_is_told_and_put_back_to_stock_later(
    app: Flask, owner: ShopClient
) -> None:
    number = paid_order(app, quantity=2, price=4000)
    with app.app_context():
        item, variant_id = item_of(number).id, item_of(number).variant_id
        before = kit.stock(variant_id)[0]
    url = f"/admin/orders/{number}"
    owner.post(f"{url}/shipments", data=parcel(owner, number, **{f"item-{item}": "1"}))
    page = refund_form(owner, number, **{f"item-{item}": "1", f"sent-{item}": "2", "restock": ""})
    looked = owner.post(f"{url}/refunds", data={**page, "preview": "1"})
    form = {**page, **shown(looked.text, f'action="{url}/refunds"'), f"item-{item}": "1"}
    form.pop("restock", None)
    refused = owner.post(f"{url}/refunds", data={**form, f"sent-{item}": "2"})
    assert (refused.status_code, "1 sent and 1 unsent" in refused.text) == (422, True)
    assert owner.post(f"{url}/refunds", data={**form, f"sent-{item}": "x"}).status_code == 422
    assert owner.post(f"{url}/refunds", data={**form, f"sent-{item}": "1"}).status_code == 303
    with app.app_context():
        drain()
        refund_id = db.session.scalars(select(Refund.id)).one()
        assert (item_of(number).quantity_returned, item_of(number).left_to_send) == (1, 1)
    assert "Put 1 piece back in stock" in owner.get(url).text
    back = f"{url}/refunds/{refund_id}/stock"
    form = fill_in(owner, url, back)
    assert [a.status_code for a in twice(owner, back, form)] == [303, 303]
    later = owner.post(back, data={**form, "form_token": "a" * 24})
    assert later.status_code == 409
    assert "in stock already" in later.text
    unknown = owner.post(f"{url}/refunds/x/stock", data={**form, "form_token": "b" * 24})
    assert unknown.status_code == 404
    with app.app_context():
        assert kit.stock(variant_id)[0] == before + 1
        assert [entry.action for entry in trail()].count("orders.restock") == 1
    assert "Put back to stock" in owner.get(url).text
