"""What the bag, the checkout and the webhook cost the database, signed out and warm."""

import json

import pytest
from flask import Flask

from shop.models import Product
from tests.checkout.test_pages import FORM, fields
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit
from tests.orders.test_webhook import signed
from tests.sql import counted

pytestmark = both_engines
LINES = 5


@pytest.fixture
def products(app: Flask, client: ShopClient) -> list[Product]:
    """Five pieces in the bag, and everything that is kept in the process already kept."""
    with app.app_context():
        kit.open_shop()
        made = [make_product(f"Piece {n}", stock=9) for n in range(LINES)]
    for product in made:
        client.submit("/cart/items", {"variant_id": product.variants[0].id}, page="/cart")
    client.get("/cart")
    return made


def test_the_bag(app: Flask, client: ShopClient, products: list[Product]) -> None:
    with counted(app) as statements:
        assert client.get("/cart").status_code == 200
    assert len(statements) <= 6, "\n".join(statements)


def test_adding_to_the_bag(app: Flask, client: ShopClient, products: list[Product]) -> None:
    token = client.token("/cart")
    form = {"csrf_token": token, "variant_id": products[0].variants[0].id, "quantity": "1"}
    with counted(app) as statements:
        assert client.post("/cart/items", data=form).status_code == 303
    assert len(statements) <= 8, "\n".join(statements)


def test_placing_an_order(app: Flask, client: ShopClient, products: list[Product]) -> None:
    page = client.get("/checkout")
    form = {**FORM, **fields(page.text), "csrf_token": client.token("/cart")}
    with counted(app) as statements:
        assert client.post("/checkout", data=form).status_code == 303
    # Two of them: is the customer blocked, and they are noted with their last order.
    assert len(statements) <= 14 + LINES, "\n".join(statements)


def test_the_webhook_that_pays(app: Flask, client: ShopClient, products: list[Product]) -> None:
    page = client.get("/checkout")
    form = {**FORM, **fields(page.text), "csrf_token": client.token("/cart")}
    ref = client.post("/checkout", data=form).location.rsplit("/", 1)[1]
    kit.sandbox_of(app).pay(ref, deliver=False)
    events = kit.sandbox_of(app).objects("event")
    body = json.dumps(next(e for e in events if e["type"] == "checkout.session.completed"))
    hook = app.test_client()
    headers = signed(app, body)
    with counted(app) as statements:
        assert hook.post("/stripe/webhook", data=body, headers=headers).status_code == 200
    # One of them is written once in ten minutes: that the provider called. One is the day's sums,
    # two are what the customer has bought in all.
    assert len(statements) <= 17 + 2 * LINES, "\n".join(statements)
