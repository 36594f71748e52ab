"""Addresses of an order are mended with a trail; what tax, delivery and parcels need stays."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from shop.core.clock import now
from shop.core.db import changed, db, transaction
from shop.jobs import drain
from shop.models import MailMessage, Order, PaymentStatus, TaxMode
from shop.operations.retention import anonymise_orders
from shop.orders.services import cancel_order
from tests.admin.kit import fill_in, order_of, paid_order, shown, trail, twice
from tests.admin.test_parcels import sent
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit


def form(client: ShopClient, number: str, **typed: str) -> dict[str, str]:
    """Return what the page sends, with what is typed."""
    page = f"/admin/orders/{number}/contact"
    text = client.get(page).text
    return {**shown(text, f'action="{page}"'), "country": "FR", **typed}


@both_engines
def test_addresses_are_changed_once_with_their_trail(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app)
    url = f"/admin/orders/{number}/contact"
    assert url in owner.get(f"/admin/orders/{number}").text
    typed = form(owner, number, email="Nora@Example.org", city="Paris", postal_code="75001")
    assert [answer.status_code for answer in twice(owner, url, typed)] == [303, 303]
    with app.app_context():
        order = order_of(number)
        assert (order.email, order.email_key) == ("Nora@example.org", "nora@example.org")
        assert order.shipping_address["city"] == "Paris"
        (entry,) = trail()
        assert (entry.before or {})["city"] == "Lyon"
        assert (entry.after or {})["city"] == "Paris"
        assert "line1" not in (entry.after or {})
        mail_id = db.session.scalars(select(MailMessage.id)).first()
    assert owner.get("/admin/orders?q=nora@example.org").location.endswith(number)
    page = f"/admin/orders/{number}"
    again = f"{page}/mails/{mail_id}"
    assert owner.post(again, data=fill_in(owner, page, again)).status_code == 303
    with app.app_context():
        drain()
        to = db.session.scalars(select(MailMessage.to_address).order_by(MailMessage.id)).all()
        assert to[-1] == "Nora@example.org"


@both_engines
def test_who_was_overtaken_is_told(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app)
    url = f"/admin/orders/{number}/contact"
    first, second = (form(owner, number, city=city) for city in ("Paris", "Lille"))
    assert owner.post(url, data=first).status_code == 303
    late = owner.post(url, data=second)
    assert late.status_code == 409
    assert 'value="Lille"' in late.text
    with app.app_context():
        assert order_of(number).shipping_address["city"] == "Paris"
    again = {**second, **shown(late.text, f'action="{url}"'), "country": "FR"}
    assert owner.post(url, data=again).status_code == 303


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"country": "DE", "postal_code": "10115"}, "Another country changes tax"),
        ({"postal_code": "1"}, "postcode"),
        ({"email": "nobody"}, "mail address"),
        ({"line1": ""}, "street"),
    ],
)
def test_what_would_change_more_is_refused(
    app: Flask, owner: ShopClient, typed: dict[str, str], words: str
) -> None:
    number = paid_order(app)
    answer = owner.post(f"/admin/orders/{number}/contact", data=form(owner, number, **typed))
    assert answer.status_code == 422
    assert words in answer.text
    with app.app_context():
        assert (order_of(number).country, trail()) == ("FR", [])


def test_a_parcel_keeps_its_address_and_mail_still_moves(app: Flask, owner: ShopClient) -> None:
    number, _page = sent(app, owner)
    url = f"/admin/orders/{number}/contact"
    answer = owner.post(url, data=form(owner, number, city="Paris"))
    assert answer.status_code == 422
    assert "A parcel has left" in answer.text
    assert owner.post(url, data=form(owner, number, email="b@example.org")).status_code == 303
    with app.app_context():
        order = order_of(number)
        assert (order.email, order.shipping_address["city"]) == ("b@example.org", "Lyon")


def test_a_firm_whose_number_was_checked_stays(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app)
    typed = form(owner, number, company="Other")
    with app.app_context(), transaction():
        mine = update(Order).where(Order.number == number)
        changed(mine.values(tax_mode=TaxMode.REVERSE_CHARGE))
    answer = owner.post(f"/admin/orders/{number}/contact", data=typed)
    assert answer.status_code == 422
    assert "VAT number" in answer.text
    with app.app_context(), transaction():
        changed(mine.values(tax_mode=TaxMode.INCLUSIVE))


def test_what_is_not_paid_is_its_customers(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        number = kit.to_payment(kit.fill_cart(make_product()), email="b@example.org")[0].number
    assert f"{number}/contact" not in owner.get(f"/admin/orders/{number}").text
    answer = owner.post(f"/admin/orders/{number}/contact", data=form(owner, number, city="Paris"))
    assert answer.status_code == 409
    assert "not paid yet" in answer.text
    with app.app_context():
        assert order_of(number).payment_status is PaymentStatus.PENDING
        assert order_of(number).shipping_address["city"] == "Lyon"


def test_the_trail_forgets_with_the_order(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        kit.offer_transfer()
        order, _ref = kit.to_payment(kit.fill_cart(make_product()), provider="manual")
        number, order_id = order.number, order.id
    url = f"/admin/orders/{number}/contact"
    assert owner.post(url, data=form(owner, number, city="Paris")).status_code == 303
    with app.app_context():
        assert (trail()[-1].after or {})["city"] == "Paris"
        cancel_order(order_id)
        assert anonymise_orders(now() + timedelta(days=1)) == 1
        (told,) = [entry for entry in trail() if entry.action == "orders.contact"]
        assert (told.before, told.after) == (None, None)
