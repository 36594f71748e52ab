"""A tab that was left open while the bag was paid for in another; − and + without a script."""

import re

import pytest
from flask import Flask

from shop.models import Product
from tests.checkout.test_pages import FORM, add, check_out, fields, only_order
from tests.client import ShopClient
from tests.factories import make_product
from tests.orders import kit


@pytest.fixture
def product(app: Flask) -> Product:
    with app.app_context():
        kit.open_shop()
        return make_product("Néroli", price=14800, stock=3)


def item_in(client: ShopClient) -> str:
    found = re.search(r'action="(/cart/items/\d+)"', client.get("/cart").text)
    assert found
    return found[1]


def test_two_first_clicks_at_once_fill_one_bag(
    app: Flask, client: ShopClient, product: Product
) -> None:
    """Both are sent with the cookie of the page; the answer to either may come last."""
    with app.app_context():
        other = make_product("Figuier")
    token = client.token("/products")
    name = app.config["SESSION_COOKIE_NAME"]
    shown = client.get_cookie(name)
    assert shown
    for piece in (product, other):
        client.set_cookie(name, shown.value)
        form = {"variant_id": str(piece.variants[0].id), "csrf_token": token}
        assert client.post("/cart/items", data=form).status_code == 303
    bag = client.get("/cart").text
    assert "Néroli" in bag
    assert "Figuier" in bag


def test_a_tab_left_open_says_that_it_is_paid_and_where_the_order_is(
    app: Flask, client: ShopClient, product: Product
) -> None:
    add(client, product)
    line = item_in(client)
    other = {**FORM, **fields(client.get("/checkout").text)}
    ref = check_out(client).location.rsplit("/", 1)[1]
    kit.sandbox_of(app).pay(ref)
    number = only_order(app).number
    assert client.get("/checkout").location == "/cart"
    for url, form in (
        ("/checkout", other),
        (line, {"quantity": "2"}),
        (f"{line}/delete", {}),
        ("/cart/coupon", {"code": "X"}),
    ):
        page = client.submit(url, form, page="/cart", follow=True).text
        assert "This bag is paid for" in page, url
        assert f'href="/orders/{number}"' in page, url
        assert "note bad" not in page, url
    with client.session_transaction() as session:
        session.pop("orders")
    page = client.get("/cart").text
    assert "This bag is paid for" in page
    assert number not in page


def test_a_bag_that_was_never_paid_for_is_just_empty(client: ShopClient, product: Product) -> None:
    add(client, product)
    other = {**FORM, **fields(client.get("/checkout").text)}
    client.submit(f"{item_in(client)}/delete", page="/cart")
    page = client.submit("/checkout", other, page="/cart", follow=True).text
    assert "note bad" in page
    assert "paid for" not in page


def test_less_and_more_are_buttons_of_the_form(client: ShopClient, product: Product) -> None:
    add(client, product)
    line = item_in(client)
    page = client.get("/cart").text
    for step in ("-1", "1"):
        assert re.search(rf'<button name="step" value="{step}"', page)
    for quantity, step, found in (("1", "1", 2), ("2", "1", 3), ("3", "-1", 2), ("0", "-1", None)):
        answer = client.submit(line, {"quantity": quantity, "step": step}, page="/cart")
        assert answer.status_code == 303
        shown = re.search(r'name="quantity" value="(\d+)" min', client.get("/cart").text)
        assert (int(shown[1]) if shown else None) == found


@pytest.mark.parametrize(("quantity", "step"), [("99", "1"), ("1", "2"), ("x", "1"), ("", "-1")])
def test_a_step_that_cannot_be_made_changes_nothing(
    client: ShopClient, product: Product, quantity: str, step: str
) -> None:
    add(client, product)
    answer = client.submit(item_in(client), {"quantity": quantity, "step": step}, page="/cart")
    assert answer.status_code == 422
    assert 'name="quantity" value="1" min' in client.get("/cart").text
