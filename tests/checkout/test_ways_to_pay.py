"""Choosing how to pay, and an order that is paid by transfer, through pages and forms alone."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from shop.core.db import db
from shop.jobs import drain
from shop.models import PaymentStatus, Product
from shop.operations.checks import check_ways_to_pay
from tests.checkout.test_pages import add, check_out, only_order
from tests.client import HttpsClient, ShopClient
from tests.factories import make_product
from tests.orders import kit

TRANSFER = "Place order with obligation to pay"


@pytest.fixture
def product(app: Flask) -> Product:
    with app.app_context():
        kit.open_shop()
        return make_product("Néroli", price=14800, stock=3)


def offer(app: Flask, **changes: str) -> None:
    with app.app_context():
        kit.offer_transfer(**changes)


def chosen(html: str) -> list[str]:
    """Return the ways to pay that a page has chosen."""
    return re.findall(r'<input checked[^>]*name="payment"[^>]*value="(\w+)"', html)


def test_without_a_choice_none_is_shown(client: ShopClient, product: Product) -> None:
    add(client, product)
    page = client.get("/checkout").text
    assert 'name="payment"' not in page
    assert "Go to payment" in page
    assert TRANSFER not in page


def test_the_first_is_chosen_and_the_button_says_what_each_does(
    app: Flask, client: ShopClient, product: Product
) -> None:
    offer(app)
    add(client, product)
    page = client.get("/checkout").text
    assert chosen(page) == ["sandbox"]
    words = re.search(r'<button class="btn block.*?</button>', page, re.DOTALL)
    assert words
    assert re.findall(r"<span( class=\"chosen\")?>([^<]+)</span>", words[0]) == [
        (' class="chosen"', "Go to payment"), ("", TRANSFER),
    ]  # fmt: skip
    answer = check_out(client, payment="sandbox")
    assert "/_sandbox/c/pay/" in answer.location


def test_a_transfer_is_placed_told_and_canceled(
    app: Flask, client: ShopClient, product: Product
) -> None:
    offer(app, transfer_bic="COBADEFFXXX", transfer_bank="Commerzbank")
    add(client, product, "2")
    client.submit("/checkout", {"update": "1", "payment": "manual"}, page="/checkout")
    assert chosen(client.get("/checkout").text) == ["manual"]
    answer = check_out(client, payment="manual")
    order = only_order(app)
    assert (answer.status_code, answer.location) == (303, f"/orders/{order.number}")
    assert "Your bag is empty" in client.get("/cart").text
    holder = app.test_client()
    for page in (client.get(answer.location).text, holder.get(f"/o/{order.access_token}").text):
        for part in (
            "Waiting for your bank transfer", "Awaiting payment", "€296.00", "Maison Flux SARL",
            kit.IBAN, 'data-copy="DE89370400440532013000"', "COBADEFFXXX", "Commerzbank",
            f'data-copy="{order.number}"',
        ):  # fmt: skip
            assert part in page, part
        assert "Your bank needs a few days" not in page
        assert "Pay now" not in page
    again = client.submit(f"/orders/{order.number}/payment", page=answer.location)
    assert again.location == f"/orders/{order.number}"
    client.submit(f"/orders/{order.number}/cancellation", page=answer.location)
    assert only_order(app).payment_status is PaymentStatus.CANCELED
    assert "Néroli" in client.get("/cart").text
    assert kit.IBAN not in client.get(answer.location).text


def test_a_way_that_is_not_offered_any_more_is_said_beside_the_choice(
    app: Flask, client: ShopClient, product: Product
) -> None:
    offer(app)
    add(client, product)
    client.get("/checkout")
    offer(app, transfer_iban="")
    answer = check_out(client, payment="manual")
    assert answer.status_code == 409
    assert "That way to pay is not offered" in answer.text


def test_with_https_too(make_app: Callable[..., Flask]) -> None:
    app = make_app(SITE_URL="https://maison.example", TRUSTED_HOSTS="maison.example")
    app.test_client_class = HttpsClient
    client = app.test_client()
    assert isinstance(client, ShopClient)
    with app.app_context():
        kit.open_shop()
        product = make_product("Néroli", price=14800)
    offer(app)
    add(client, product)
    answer = check_out(client, payment="manual")
    assert kit.IBAN in client.get(answer.location).text


def test_alone_it_is_no_choice_and_nothing_is_played(make_app: Callable[..., Flask]) -> None:
    app = make_app(PAYMENTS="manual", SANDBOX_CONTROL="")
    client = app.test_client()
    assert isinstance(client, ShopClient)
    with app.app_context():
        kit.open_shop()
        product = make_product("Néroli", price=14800)
    add(client, product)
    assert "cannot be paid" in client.get("/cart").text
    with app.app_context():
        assert [str(found.level) for found in check_ways_to_pay()] == ["bad"]
    offer(app)
    page = client.get("/checkout").text
    assert 'name="payment"' not in page
    assert TRANSFER in page
    assert "Go to payment" not in page
    answer = check_out(client)
    assert kit.IBAN in client.get(answer.location).text
    with app.app_context():
        drain()
        db.session.rollback()
        assert [str(found.level) for found in check_ways_to_pay()] == ["ok"]


def test_the_merchant_says_who_comes_first(make_app: Callable[..., Flask]) -> None:
    app = make_app(PAYMENTS="manual,sandbox")
    client = app.test_client()
    assert isinstance(client, ShopClient)
    with app.app_context():
        kit.open_shop()
        product = make_product()
    offer(app)
    add(client, product)
    assert chosen(client.get("/checkout").text) == ["manual"]
