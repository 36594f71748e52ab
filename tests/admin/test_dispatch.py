"""Several orders at once: each is sent whole and once, or left as it is with the reason."""

import html
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from shop.core.db import changed, db, transaction
from shop.jobs import drain
from shop.models import Attention, Carrier, DeliveryMethod, MailMessage, Order, OrderItem, Shipment
from tests.admin.kit import hidden, order_of, paid_order, trail
from tests.admin.test_lists import refund_pieces
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.sql import counted

POST = "/admin/orders/dispatches"


def url(*numbers: str) -> str:
    return "/admin/orders/dispatch?" + "&".join(f"order={number}" for number in numbers)


def form(client: ShopClient, *numbers: str, **typed: str) -> dict[str, object]:
    """Return what the page for these orders sends, all that can be sent."""
    text = client.get(url(*numbers)).text
    ready = re.findall(r'name="order" value="([^"]+)"', text)
    return {
        **hidden(text, f'action="{POST}'), "order": ready, "carrier_id": "usual", "notify": "1",
        **typed,
    }  # fmt: skip


def rows(text: str) -> dict[str, str]:
    """Return the words of each row of the page's tables by the number of its order."""
    found = {}
    for row in re.findall(r"<tr>.*?</tr>", text, re.DOTALL):
        words = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", row)).split())
        if match := re.match(r"[A-Z0-9-]{9}", words):
            found[match[0]] = words
    return found


def parcels() -> dict[str, tuple[str, str, str]]:
    """Return carrier, number and link of each parcel by the number of its order."""
    db.session.close()
    rows = select(Order.number, Shipment).join(Order, Order.id == Shipment.order_id)
    return {
        number: (parcel.carrier, parcel.tracking_number, parcel.tracking_url)
        for number, parcel in db.session.execute(rows)
    }


@both_engines
def test_each_order_is_sent_once_with_its_trail_and_its_mail(app: Flask, owner: ShopClient) -> None:
    numbers = [paid_order(app) for _ in range(3)]
    lines = "\n".join(["6A 1", "", "6A 3"])
    sent = form(owner, *numbers, tracking=lines)
    for _ in range(2):
        answer = owner.post(POST, data=dict(sent))
        assert (answer.status_code, answer.location) == (303, "/admin/orders")
    with app.app_context():
        assert {n: parcel[1] for n, parcel in parcels().items()} == dict(
            zip(numbers, ["6A 1", "", "6A 3"], strict=True)
        )
        assert [(e.action, e.object_id) for e in trail()] == [("orders.ship", n) for n in numbers]
        assert all(entry.after == {"fulfilment": "shipped"} for entry in trail())
        drain()
        sent_mails = select(MailMessage.text_body).where(MailMessage.kind == "order_sent")
        first, second, third = db.session.scalars(sent_mails.order_by(MailMessage.id))
        assert "6A 1" in str(first)
        assert "6A " not in str(second)  # no number; a link may hold these letters
        assert "6A 3" in str(third)


@both_engines
def test_many_requests_at_once_send_each_order_once(app: Flask, owner: ShopClient) -> None:
    numbers = [paid_order(app) for _ in range(3)]
    sent = form(owner, *numbers)
    cookie = owner.get_cookie("session")
    assert cookie
    start = threading.Barrier(3)

    def send(_nth: int) -> int:
        client = app.test_client()
        client.set_cookie("session", cookie.value)
        start.wait()
        return client.post(POST, data=dict(sent)).status_code

    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(send, range(3))) == [303] * 3
    with app.app_context():
        assert sorted(parcels()) == sorted(numbers)
        assert db.session.scalar(select(func.count(Shipment.id))) == 3
        assert len(trail()) == 3


@both_engines
def test_what_changed_meanwhile_is_left_and_shown_anew(app: Flask, owner: ShopClient) -> None:
    changes, stays = paid_order(app, quantity=3), paid_order(app)
    sent = form(owner, changes, stays, tracking=f"{changes}\t6A 1\n{stays}\t6A 2")
    refund_pieces(app, changes, 1)
    answer = owner.post(POST, data=sent)
    assert answer.status_code == 409
    assert "It has changed in the meantime" in rows(answer.text)[changes]
    assert "2 × Iris" in rows(answer.text)[changes]
    assert f"{changes}\t6A 1" in answer.text
    assert stays not in rows(answer.text)
    with app.app_context():
        assert list(parcels()) == [stays]
    again = {**sent, **hidden(answer.text, f'action="{POST}'), "order": [changes]}
    again["tracking"] = f"{changes}\t6A 1"
    assert owner.post(POST, data=again).status_code == 303
    with app.app_context():
        assert sorted(parcels()) == sorted([changes, stays])
        mine = OrderItem.order_id == order_of(changes).id
        items = db.session.scalars(select(OrderItem).where(mine)).all()
        assert [item.quantity_shipped for item in items] == [2]


def test_what_needs_somebody_was_begun_or_is_not_paid_is_left(
    app: Flask, owner: ShopClient
) -> None:
    numbers = [paid_order(app, quantity=2) for _ in range(4)]
    looked, begun, gone, ready = numbers
    part = f"/admin/orders/{begun}"
    with app.app_context():
        item = db.session.scalars(
            select(OrderItem.id).where(OrderItem.order_id == order_of(begun).id)
        ).one()
        with transaction():
            changed(
                update(Order)
                .where(Order.number == looked)
                .values(attention=Attention.DISPUTED, is_disputed=True)
            )
    parcel = {**hidden(owner.get(part).text, f'action="{part}/shipments"'), f"item-{item}": "1"}
    assert owner.post(f"{part}/shipments", data=parcel).status_code == 303
    sent = form(owner, *numbers)
    assert sent["order"] == [gone, ready]
    assert owner.post(POST, data=form(owner, gone)).status_code == 303
    page = owner.get(url(*numbers)).text
    found = rows(page)
    assert "Somebody has to look at it first" in found[looked]
    assert "A part of it was sent" in found[begun]
    assert "It was sent already" in found[gone]
    forged = owner.post(POST, data={**sent, "order": numbers})
    assert forged.status_code == 409
    with app.app_context():
        assert sorted(parcels()) == sorted([begun, gone, ready])
        assert order_of(looked).version == 1


@both_engines
def test_wrong_lines_send_nothing_and_keep_what_was_typed(app: Flask, owner: ShopClient) -> None:
    numbers = [paid_order(app) for _ in range(2)]
    sent = form(owner, *numbers, tracking="6A 1\n6A 1", carrier_id="", carrier="Bicycle")
    answer = owner.post(POST, data=sent)
    assert answer.status_code == 422
    assert "Line 2: " in answer.text
    assert "has the same tracking number" in rows(answer.text)[numbers[1]]
    assert 'value="Bicycle"' in answer.text
    with app.app_context():
        assert (parcels(), trail()) == ({}, [])


def test_the_numbers_can_be_checked_before_anything_is_sent(app: Flask, owner: ShopClient) -> None:
    numbers = [paid_order(app) for _ in range(2)]
    sent = form(owner, *numbers, tracking=f"{numbers[1]},6A 2", check="1")
    answer = owner.post(POST, data=sent)
    assert answer.status_code == 200
    assert rows(answer.text)[numbers[1]].endswith("6A 2")
    with app.app_context():
        assert parcels() == {}


def test_links_are_those_of_the_carrier(app: Flask, owner: ShopClient) -> None:
    usual, other = paid_order(app), paid_order(app)
    pattern = "https://bike.example/{number}"
    with app.app_context(), transaction() as session:
        carrier = Carrier(name="Bicycle", name_key="bicycle", tracking_url=pattern)
        session.add(carrier)
        session.flush()
        changed(update(DeliveryMethod).values(carrier_id=carrier.id))
    assert owner.post(POST, data=form(owner, usual, tracking="6A 1")).status_code == 303
    typed = {"tracking": "6A 2", "carrier_id": "", "carrier": "Aunt Ada"}
    assert owner.post(POST, data=form(owner, other, **typed)).status_code == 303
    with app.app_context():
        assert parcels() == {
            usual: ("Bicycle", "6A 1", "https://bike.example/6A1"),
            other: ("Aunt Ada", "6A 2", ""),
        }


@pytest.mark.parametrize("path", ["/admin/orders/dispatch", "/admin/orders/slips"])
def test_no_selection_and_a_huge_one_are_refused_in_words(owner: ShopClient, path: str) -> None:
    many = "&".join(f"order=MF-{n:06}" for n in range(201))
    for query, words in (("", "Tick the orders first"), (many, "At most 200 can be taken")):
        answer = owner.get(f"{path}?view=all&{query}")
        assert (answer.status_code, answer.location) == (303, "/admin/orders?view=all")
        assert words in owner.get(answer.location).text
    assert owner.get(f"{path}?order=MF-NOWHERE").status_code == 404


def test_slips_say_what_is_to_be_packed_and_no_price(app: Flask, owner: ShopClient) -> None:
    first, second = paid_order(app, quantity=3), paid_order(app, price=4321)
    with app.app_context():
        item = db.session.scalars(
            select(OrderItem).where(OrderItem.order_id == order_of(first).id)
        ).one()
    page = f"/admin/orders/{first}"
    parcel = {**hidden(owner.get(page).text, f'action="{page}/shipments"'), f"item-{item.id}": "1"}
    assert owner.post(f"{page}/shipments", data=parcel).status_code == 303
    text = owner.get(f"/admin/orders/slips?order={first}&order={second}").text
    slips = re.findall(r"<article.*?</article>", text, re.DOTALL)
    assert [first in slips[0], second in slips[1], len(slips)] == [True, True, 2]
    assert "2 ×" in slips[0]
    assert item.sku in slips[0]
    assert "4,321" not in text
    assert "43.21" not in text


def test_pages_for_many_orders_cost_few_statements(app: Flask, owner: ShopClient) -> None:
    numbers = [paid_order(app) for _ in range(4)]
    for page in (url(*numbers), url(*numbers).replace("dispatch", "slips")):
        owner.get(page)
        with counted(app) as statements:
            assert owner.get(page).status_code == 200
        assert len(statements) <= 6, "\n".join(statements)


def test_all_of_a_page_are_ticked_without_a_script(app: Flask, owner: ShopClient) -> None:
    numbers = [paid_order(app) for _ in range(2)]
    text = owner.get("/admin/orders?all=1").text
    for number in numbers:
        assert re.search(rf'value="{number}" form="bulk" checked', text)
    assert " checked" not in owner.get("/admin/orders").text


def test_a_refusal_for_a_list_that_is_not_there_is_no_error(owner: ShopClient) -> None:
    assert owner.get("/admin/orders/dispatch?page=x").status_code == 404
