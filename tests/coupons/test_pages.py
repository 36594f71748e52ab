"""The code in the bag, as a browser with and without JavaScript sees it."""

import re

import pytest
from flask import Flask

from shop.coupons.changes import switch_coupon
from shop.models import CouponKind
from tests.checkout.test_pages import FORM, fields
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.coupons.kit import coupon
from tests.factories import make_product
from tests.orders import kit
from tests.sql import counted

LINES = 5


@pytest.fixture
def bag(app: Flask, client: ShopClient) -> ShopClient:
    """A bag of five pieces, and a coupon of 10 %."""
    with app.app_context():
        kit.open_shop()
        made = [make_product(f"Piece {n}", stock=9) for n in range(LINES)]
        coupon()
    for product in made:
        client.submit("/cart/items", {"variant_id": product.variants[0].id}, page="/cart")
    return client


def enter(client: ShopClient, code: str, **headers: str):
    return client.submit("/cart/coupon", {"code": code}, page="/cart", headers=headers)


def test_applied_seen_and_taken_out(bag: ShopClient) -> None:
    assert enter(bag, "winter").status_code == 303
    page = bag.get("/cart").text
    assert "Applied" in page
    assert page.count("with your code") == LINES
    assert re.search(r"Discount <span class=\"code\">WINTER</span></dt><dd>−€", page)
    assert bag.submit("/cart/coupon/delete", {}, page="/cart").status_code == 303
    page = bag.get("/cart").text
    assert "Applied" not in page
    assert "with your code" not in page


def test_a_wrong_code_is_tied_to_its_field(bag: ShopClient) -> None:
    answer = enter(bag, "<b>WRONG</b>")
    assert answer.status_code == 422
    field = re.search(r'<input[^>]*id="code"[^>]*>', answer.text)
    assert field
    assert 'aria-invalid="true"' in field[0]
    assert 'aria-describedby="code-error"' in field[0]
    assert "&lt;b&gt;WRONG&lt;/b&gt;" in field[0]
    assert re.search(r'<p class="err" id="code-error" role="alert">', answer.text)
    assert re.search(r'<details[^>]*id="add-code" open', answer.text)


def test_with_a_script_the_answer_is_the_changed_part(bag: ShopClient) -> None:
    headers = {"HX-Request": "true", "HX-Target": "cart"}
    assert enter(bag, "WRONG", **headers).status_code == 422
    answer = enter(bag, "WINTER", **headers)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "Applied" in answer.text


@both_engines
@pytest.mark.parametrize("code", ["", " ", "x" * 100_000, "\N{SNOWMAN}" * 50, "' OR 1=1 --"])
def test_whatever_is_typed_gets_an_answer(bag: ShopClient, code: str) -> None:
    before = bag.get("/cart").text.count("WINTER")
    assert enter(bag, code).status_code == 422
    assert bag.get("/cart").text.count("WINTER") == before


def test_guessing_is_slowed_down(bag: ShopClient) -> None:
    for number in range(10):
        assert enter(bag, f"GUESS{number}").status_code == 422
    answer = enter(bag, "WINTER")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 600
    assert "Applied" not in bag.get("/cart").text


def test_an_empty_bag(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        kit.open_shop()
        coupon()
    assert enter(client, "WINTER").status_code == 409


def test_the_order_shows_the_code(app: Flask, bag: ShopClient) -> None:
    enter(bag, "WINTER")
    page = bag.get("/checkout").text
    assert "WINTER" in page
    form = {**FORM, **fields(page), "csrf_token": bag.token("/cart")}
    placed = bag.post("/checkout", data=form)
    assert placed.status_code == 303
    ref = placed.location.rsplit("/", 1)[1]
    with app.app_context():
        kit.pay(ref)
    shown = bag.get(f"/checkout/success?session_id={ref}").text
    assert "WINTER" in shown
    number = re.search(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}\b", shown)
    assert number
    assert "WINTER" in bag.get(f"/orders/{number[0]}").text


def test_free_delivery_is_named_beside_the_delivery(app: Flask, bag: ShopClient) -> None:
    with app.app_context():
        coupon("SENT", kind=CouponKind.FREE_DELIVERY)
    enter(bag, "SENT")
    assert re.search(r'Complimentary <span class="code">SENT</span>', bag.get("/cart").text)


def test_a_code_that_stopped_applying_takes_no_credit(app: Flask, bag: ShopClient) -> None:
    enter(bag, "WINTER")
    with app.app_context():
        switch_coupon("WINTER", is_active=False)
    page = bag.get("/cart").text
    assert "Complimentary" in page, "five pieces travel for nothing without a code"
    assert "Not counted" in page
    assert not re.search(r'Complimentary <span class="code">', page)


@pytest.mark.parametrize("path", ["/cart/coupon", "/cart/luck"])
def test_the_title_says_that_something_went_wrong(bag: ShopClient, path: str) -> None:
    answer = bag.submit(path, {"code": "WRONG"}, page="/cart")
    assert answer.status_code in (409, 422)
    assert "<title>Error: Your bag" in answer.text
    assert "<title>Your bag" in bag.get("/cart").text


def test_what_the_bag_costs_with_a_coupon(app: Flask, bag: ShopClient) -> None:
    token = bag.token("/cart")
    with counted(app) as statements:
        answer = bag.post("/cart/coupon", data={"csrf_token": token, "code": "WINTER"})
    assert answer.status_code == 303
    assert len(statements) <= 10, "\n".join(statements)
    bag.get("/cart")
    with counted(app) as statements:
        bag.get("/cart")
    assert len(statements) <= 7, "\n".join(statements)
