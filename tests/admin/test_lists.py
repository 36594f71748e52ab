"""The lists of the orders desk: what waits comes first, and the way back leads to the same list."""

import re

from flask import Flask
from sqlalchemy import select, update

from shop.admin.open_work import Count
from shop.core import clock
from shop.core.db import changed, db, transaction
from shop.jobs import drain
from shop.models import (
    Carrier,
    FulfilmentStatus,
    Job,
    JobState,
    MailMessage,
    MailState,
    OrderItem,
    Refund,
    RefundState,
)
from shop.orders.services import RefundLine, refund_order, send_refund
from tests.admin.kit import fill_in, order_of, paid_order, trail, twice
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_method, make_product
from tests.orders import kit


def rows(client: ShopClient, query: str = "") -> list[str]:
    """Return the numbers of a list from top to bottom."""
    text = client.get(f"/admin/orders{query}").text
    return re.findall(r'<td class="nowrap"><a href="/admin/orders/([A-Z0-9-]{9})', text)


def refund_pieces(app: Flask, number: str, quantity: int) -> None:
    """Refund pieces of an order, at their price."""
    with app.app_context():
        order = order_of(number)
        item = db.session.scalars(select(OrderItem).where(OrderItem.order_id == order.id)).one()
        amount = item.unit_amount * quantity
        lines = [RefundLine(item.id, quantity, amount)]
        send_refund(refund_order(order.id, amount, form_token="x", lines=lines).id)
        drain()


@both_engines
def test_those_to_send_come_oldest_first_with_their_neighbours(
    app: Flask, owner: ShopClient
) -> None:
    numbers = []
    for _ in range(3):
        numbers.append(paid_order(app))
        clock.move(60)
    assert rows(owner) == numbers
    assert rows(owner, "?view=all") == numbers[::-1]
    middle = owner.get(f"/admin/orders/{numbers[1]}").text
    above, below = re.findall(r'class="btn ghost" href="/admin/orders/([^"?]+)[^"]*" aria', middle)
    assert [above, below] == [numbers[0], numbers[2]]
    middle = owner.get(f"/admin/orders/{numbers[1]}?view=all").text
    above, below = re.findall(r'class="btn ghost" href="/admin/orders/([^"?]+)[^"]*" aria', middle)
    assert [above, below] == [numbers[2], numbers[0]]


def test_pieces_that_went_back_are_not_to_be_sent(app: Flask, owner: ShopClient) -> None:
    number, other = paid_order(app, price=4000), paid_order(app)
    refund_pieces(app, number, 2)
    with app.app_context():
        assert order_of(number).amount_refunded < order_of(number).amount_paid
    assert rows(owner) == [other]
    assert "Mark as sent" not in owner.get(f"/admin/orders/{number}").text
    assert re.search(r'To send <span class="num">1<', owner.get("/admin/orders").text)


@both_engines
def test_what_is_left_of_a_partly_sent_order_went_back(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app, price=4000)
    url = f"/admin/orders/{number}"
    with app.app_context():
        item = db.session.scalars(select(OrderItem.id)).one()
    sent = fill_in(owner, url, f"{url}/shipments", **{f"item-{item}": "1"})
    assert owner.post(f"{url}/shipments", data=sent).status_code == 303
    assert owner.submit(f"{url}/deliveries", page="/cart").status_code == 409, "one is to be sent"
    refund_pieces(app, number, 1)
    assert rows(owner) == []
    done = fill_in(owner, url, f"{url}/deliveries")
    assert owner.post(f"{url}/deliveries", data=done).status_code == 303
    with app.app_context():
        assert order_of(number).fulfilment_status is FulfilmentStatus.DELIVERED


@both_engines
def test_tabs_count_and_payments_are_chosen(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app)
    with app.app_context():
        waiting = kit.to_payment(kit.fill_cart(make_product()), email="b@example.org")[0].number
    text = owner.get("/admin/orders").text
    for name, count in (("To send", 1), ("All", 2), ("Awaiting payment", 1), ("Sent", 0)):
        assert re.search(rf'{name} <span class="num">{count}<', text), name
    assert rows(owner, "?view=all&payment=paid") == [number]
    assert rows(owner, "?view=all&payment=pending") == [waiting]
    assert len(rows(owner, "?view=all&payment=nonsense")) == 2


def test_an_exact_number_or_address_leads_straight_there(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app)
    for text in (number, number.lower(), "Camille@example.org"):
        assert owner.get(f"/admin/orders?q={text}").location == f"/admin/orders/{number}"
    paid_order(app)
    assert owner.get("/admin/orders?view=all&q=camille@example.org").status_code == 200


@both_engines
def test_the_list_is_kept_through_an_action(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app)
    query = "?view=all&q=Camille&payment=paid"
    text = owner.get(f"/admin/orders{query}").text
    link = re.search(rf'href="(/admin/orders/{number}[^"]*)"', text)[1].replace("&amp;", "&")
    assert link == f"/admin/orders/{number}{query}"
    page = owner.get(link).text
    assert f'href="/admin/orders{query}"'.replace("&", "&amp;") in page
    action = re.search(r'action="([^"]+/notes[^"]*)"', page)[1].replace("&amp;", "&")
    form = {"csrf_token": owner.token("/cart"), "note": "Gift wrap"}
    assert owner.post(action, data=form).location == link


@both_engines
def test_the_list_of_products_is_kept_through_an_action(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        product = make_product("Iris")
    query = "?view=sale&q=iris"
    text = owner.get(f"/admin/products{query}").text
    link = re.search(rf'href="(/admin/products/{product.id}[^"]*)"', text)[1].replace("&amp;", "&")
    assert link == f"/admin/products/{product.id}{query}"
    page = owner.get(link).text
    assert f'href="/admin/products{query}"'.replace("&", "&amp;") in page
    action = f"/admin/products/{product.id}/status{query}"
    form = {"csrf_token": owner.token("/cart"), "status": "draft"}
    assert owner.post(action, data=form).location == link


def test_the_carrier_is_that_of_the_orders_delivery_method(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app)
    with app.app_context(), transaction() as session:
        first = Carrier(name="Aardvark", name_key="aardvark")
        session.add(first)
        session.flush()
        make_method("A", 1, carrier_id=first.id, position=-1, to=["FR"])
    text = owner.get(f"/admin/orders/{number}").text
    assert re.search(r'<option value="\d+" selected>Colissimo</option>', text)
    assert re.search(r'<option value="\d+">Aardvark</option>', text)


@both_engines
def test_failed_refunds_and_mails_are_named_in_words(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app, instrument="refund_fails")
    with app.app_context():
        send_refund(refund_order(order_of(number).id, 700, form_token="x").id)
        kit.sandbox_of(app).advance(600)
        kit.sandbox_of(app).deliver_due()
        assert db.session.scalars(select(Refund.state)).one() is RefundState.FAILED
        with transaction():
            changed(update(MailMessage).values(state=MailState.FAILED, sent_at=None, error="550"))
    text = owner.get(f"/admin/orders/{number}").text
    assert '<span class="pill bad">Failed</span>' in text
    assert "Could not be sent: 550" in text
    home = owner.get("/admin/").text
    assert 'href="/admin/jobs"' in home
    assert number in owner.get("/admin/jobs").text


@both_engines
def test_a_job_that_was_given_up_is_run_again(app: Flask, owner: ShopClient) -> None:
    paid_order(app)
    with app.app_context(), transaction():
        job = db.session.scalars(select(Job.id).where(Job.name == "mail.order_paid")).one()
        failed = {"state": JobState.FAILED, "error": "ConnectionRefusedError"}
        changed(update(Job).where(Job.id == job).values(**failed))
    assert "ConnectionRefusedError" in owner.get("/admin/jobs").text
    form = fill_in(owner, "/admin/jobs", f"/admin/jobs/{job}/retry")
    answers = twice(owner, f"/admin/jobs/{job}/retry", form)
    assert [answer.status_code for answer in answers] == [303, 303]
    with app.app_context():
        assert db.session.get_one(Job, job).state is JobState.READY
        assert trail()[-1].after == {"job": "mail.order_paid"}
    assert owner.submit("/admin/jobs/999999/retry", page="/cart").status_code == 404


@both_engines
def test_a_test_mail_is_sent_and_seen(app: Flask, owner: ShopClient) -> None:
    url = "/admin/settings/test-mail"
    wrong = fill_in(owner, "/admin/settings/mail", url, to="nobody")
    refused = owner.post(url, data=wrong)
    assert refused.status_code == 422
    assert 'value="nobody"' in refused.text
    form = fill_in(owner, "/admin/settings/mail", url, to="ines@example.org")
    assert [answer.status_code for answer in twice(owner, url, form)] == [303, 303]
    with app.app_context():
        drain()
        sent = db.session.scalars(select(MailMessage.to_address)).all()
        assert sent == ["ines@example.org"]
    assert "ines@example.org" in owner.get("/admin/settings/mail").text


def test_what_is_counted_is_counted_up_to_a_limit() -> None:
    assert [str(Count(found)) for found in (0, 12, 999, 1000)] == ["0", "12", "999", "999+"]
