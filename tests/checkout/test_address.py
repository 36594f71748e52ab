"""Where parcels go, as the checkout asks for it: countries, borders, and what people paste."""

import re

import pytest
from flask import Flask

from shop.core.db import db
from shop.models import Order
from shop.settings.services import set_settings
from tests.checkout.test_pages import FORM, add, check_out, fields, only_order
from tests.client import ShopClient
from tests.factories import make_method, make_product
from tests.orders import kit


@pytest.fixture(autouse=True)
def full_bag(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        kit.open_shop()
        product = make_product("Néroli", price=14800, stock=3)
    add(client, product)


def offered(html: str) -> list[str]:
    select = re.search(r'<select[^>]*name="country".*?</select>', html, re.DOTALL)
    assert select
    return re.findall(r'value="(..)"', select[0])


def test_only_countries_that_parcels_go_to_are_offered_the_shops_own_first(
    app: Flask, client: ShopClient
) -> None:
    assert offered(client.get("/checkout").text) == ["FR", "DE", "JP", "CH"]
    with app.app_context():
        set_settings({"ship_from_country": "CH"}, user_id=None)
    assert offered(client.get("/checkout").text) == ["CH", "FR", "DE", "JP"]
    with app.app_context():
        make_method("World", 4000)
    found = offered(client.get("/checkout").text)
    assert found[:5] == ["CH", "FR", "DE", "JP", "AF"]
    assert len(found) > 200


def test_a_country_that_no_parcel_goes_to_is_refused_beside_its_field(
    app: Flask, client: ShopClient
) -> None:
    answer = check_out(client, country="BR", postal_code="01310-100")
    assert answer.status_code == 422
    assert '<a href="#country">We do not deliver to that country yet.' in answer.text
    assert offered(answer.text)[-1] == "BR"
    with app.app_context():
        assert db.session.get(Order, 1) is None


def test_duties_are_told_where_a_border_is_crossed(client: ShopClient) -> None:
    def page(**typed: str) -> str:
        form = {**FORM, **typed, "update": "1"}
        return client.submit("/checkout", form, page="/checkout").text

    assert "customs border" not in page()
    assert "Import duties" not in page(country="DE", postal_code="10117")
    assert "To Heligoland, Büsingen: Import duties" in page(country="DE", postal_code="")
    assert "Your parcel crosses a customs border." in page(country="CH")
    assert "leaves our VAT area" in page(postal_code="97400")
    assert "Import duties" not in page(postal_code="")


def test_what_is_pasted_is_made_plain_before_it_is_judged(app: Flask, client: ShopClient) -> None:
    pasted = {
        "phone": "\u202a+33 6 12 34 56 78\u202c",
        "postal_code": "F‑69001",
        "name": "Camille\u200b Ｌaurent\ufe0f",
        "email": "\ufeffcamille@example.org",
    }
    assert check_out(client, **pasted).status_code == 303
    order = only_order(app)
    assert (order.phone, order.email) == ("+33 6 12 34 56 78", "camille@example.org")
    assert order.shipping_address["postal_code"] == "69001"
    assert order.customer_name == "Camille Laurent"


def test_a_country_without_towns_asks_for_none(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        make_method("Asia", 4000, to=["SG"])
    typed = {**FORM, "country": "SG", "postal_code": "018956", "city": ""}
    page = client.submit("/checkout", {**typed, "update": "1"}, page="/checkout").text
    assert 'name="city"' not in page
    answer = client.submit("/checkout", {**typed, **fields(page)}, page="/checkout")
    assert answer.status_code == 303, answer.text
    assert only_order(app).shipping_address["city"] == "Singapore"
