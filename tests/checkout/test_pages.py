"""The whole way to a paid order through pages and forms alone, without JavaScript."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core.db import db, transaction
from shop.models import (
    CheckoutAttempt,
    Order,
    PaymentStatus,
    Product,
    ProductVariant,
    Provider,
)
from shop.orders.queries import find_order_of_session
from shop.orders.services import cancel_order
from shop.settings.services import set_setting
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit

FORM = {**kit.ADDRESS, "email": "camille@example.org"}


@pytest.fixture
def product(app: Flask) -> Product:
    with app.app_context():
        kit.open_shop()
        return make_product("Néroli", price=14800, stock=3)


def add(client: ShopClient, product: Product, quantity: str = "1") -> object:
    data = {"variant_id": product.variants[0].id, "quantity": quantity}
    return client.submit("/cart/items", data, page="/cart")


def fields(html: str) -> dict[str, str]:
    """Return the hidden fields of a page and the delivery that is chosen."""
    found = dict(re.findall(r'name="(checkout_token|seen_total)"[^>]*value="([^"]*)"', html))
    chosen = re.search(r'<input checked[^>]*name="delivery"[^>]*value="(\d+)"', html)
    return {**found, **({"delivery": chosen[1]} if chosen else {})}


def check_out(client: ShopClient, **changes: str):
    page = client.get("/checkout")
    return client.submit("/checkout", {**FORM, **fields(page.text), **changes}, page="/checkout")


def only_order(app: Flask) -> Order:
    with app.app_context():
        return db.session.scalars(select(Order)).one()


def no_order(app: Flask) -> bool:
    with app.app_context():
        stock = db.session.scalars(select(ProductVariant.stock_reserved)).all()
        return db.session.scalar(select(Order)) is None and not any(stock)


@both_engines
def test_buys_from_shelf_to_thank_you(app: Flask, client: ShopClient, product: Product) -> None:
    assert add(client, product, "2").status_code == 303
    bag = client.get("/cart")
    assert "Néroli" in bag.text
    assert "€296.00" in bag.text
    answer = check_out(client)
    assert answer.status_code == 303, answer.text
    assert "/_sandbox/c/pay/cs_test_" in answer.location
    ref = answer.location.rsplit("/", 1)[1]
    kit.sandbox_of(app).pay(ref, deliver=False)
    thanks = client.get(f"/checkout/success?session_id={ref}")
    assert "Thank you, Camille" in thanks.text
    assert only_order(app).payment_status is PaymentStatus.PAID
    again = client.get(f"/checkout/success?session_id={ref}")
    assert "Thank you, Camille" in again.text
    assert "Your bag is empty" in client.get("/cart").text
    number = only_order(app).number
    assert "Payment received" in client.get(f"/orders/{number}").text


def test_the_payment_page_bears_the_shops_present_name(
    app: Flask, client: ShopClient, product: Product
) -> None:
    add(client, product)
    url = check_out(client).location
    assert "Maison Flux" in client.get(url).text
    with app.app_context():
        set_setting("name", "Chez <Odile>", user_id=None)
    page = client.get(url).text
    assert "Chez &lt;Odile&gt;" in page
    assert "Maison Flux" not in page


def test_a_strangers_session_id_shows_nothing_private(
    app: Flask, client: ShopClient, product: Product
) -> None:
    add(client, product)
    ref = check_out(client).location.rsplit("/", 1)[1]
    kit.sandbox_of(app).pay(ref)
    stranger = app.test_client()
    page = stranger.get(f"/checkout/success?session_id={ref}")
    assert page.status_code == 200
    for private in ("Camille", "camille@", "Capucins", "Néroli", only_order(app).number):
        assert private not in page.text
    assert stranger.get(f"/orders/{only_order(app).number}").status_code == 404


def test_two_providers_may_call_a_page_by_one_name(
    app: Flask, client: ShopClient, product: Product
) -> None:
    with app.app_context():
        other = kit.place(kit.fill_cart(product), email="ada@example.org")
    add(client, product)
    ref = check_out(client).location.rsplit("/", 1)[1]
    with app.app_context(), transaction() as session:
        page = session.get_one(CheckoutAttempt, kit.newest_attempt(other.order.id).id)
        page.provider, page.provider_ref = Provider.STRIPE, ref
    kit.sandbox_of(app).pay(ref, deliver=False)
    assert "Thank you, Camille" in client.get(f"/checkout/success?session_id={ref}").text
    with app.app_context():
        found = find_order_of_session(Provider.STRIPE, ref)
        assert found is not None
        assert found.id == other.order.id


@pytest.mark.parametrize("back", ["success", "cancel"])
def test_an_order_lost_from_the_cookie_is_found_by_its_bag(
    app: Flask, client: ShopClient, product: Product, back: str
) -> None:
    """Whatever else was asked while the order was placed writes the cookie as it was before."""
    add(client, product)
    ref = check_out(client).location.rsplit("/", 1)[1]
    number = only_order(app).number
    with client.session_transaction() as session:
        assert session.pop("orders") == [number]
    assert client.get(f"/orders/{number}").status_code == 404
    if back == "success":
        kit.sandbox_of(app).pay(ref, deliver=False)
        assert "Thank you, Camille" in client.get(f"/checkout/success?session_id={ref}").text
    else:
        assert number in client.get(f"/checkout/cancel?order={number}").text
    assert client.get(f"/orders/{number}").status_code == 200
    assert number not in app.test_client().get(f"/checkout/cancel?order={number}").text


def test_pricing_the_same_country_again_leaves_the_cookie(
    client: ShopClient, product: Product
) -> None:
    add(client, product)
    for country, writes in (("DE", True), ("DE", False), ("FR", True)):
        form = {**FORM, **fields(client.get("/checkout").text), "country": country, "update": "1"}
        answer = client.submit("/checkout", form, page="/checkout")
        assert answer.status_code == 200
        assert ("Set-Cookie" in answer.headers) is writes, country


@pytest.mark.parametrize("ref", ["", "cs_test_nobody", "{CHECKOUT_SESSION_ID}", "x" * 3000])
def test_an_unknown_session_id_is_a_bare_thank_you(client: ShopClient, ref: str) -> None:
    page = client.get("/checkout/success", query_string={"session_id": ref})
    assert page.status_code == 200
    assert "If a payment was made" in page.text


@both_engines
def test_the_guest_link_shows_the_order_to_its_holder_alone(
    app: Flask, client: ShopClient, product: Product
) -> None:
    add(client, product)
    check_out(client)
    order = only_order(app)
    holder = app.test_client()
    assert order.number in holder.get(f"/o/{order.access_token}").text
    assert holder.get(f"/orders/{order.number}").status_code == 200
    for wrong in ("x", order.access_token[:-1], order.access_token + "x", "a" * 32):
        assert app.test_client().get(f"/o/{wrong}").status_code == 404


def test_cancel_changes_nothing_and_offers_to_go_on(
    app: Flask, client: ShopClient, product: Product
) -> None:
    add(client, product)
    url = check_out(client).location
    number = only_order(app).number
    page = client.get(f"/checkout/cancel?order={number}")
    assert "Nothing was charged" in page.text
    assert "Continue payment" in page.text
    again = client.submit(f"/orders/{number}/payment", page=f"/orders/{number}")
    assert again.location == url
    assert "Néroli" in client.get("/cart").text


def test_missing_fields_come_back_with_what_was_typed(client: ShopClient, product: Product) -> None:
    add(client, product)
    answer = check_out(client, email="not an address", line1="", city="Lyon")
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert "not an address" in answer.text
    assert 'href="#line1"' in answer.text


@both_engines
def test_an_address_that_grows_too_long_is_refused(
    app: Flask, client: ShopClient, product: Product
) -> None:
    add(client, product)
    answer = check_out(
        client, email="a" * 64 + "@" + ".".join(["\N{LATIN SMALL LETTER SHARP S}" * 40] * 3) + ".de"
    )
    assert answer.status_code == 422
    assert "too long" in answer.text


def test_guests_buy_only_while_the_merchant_lets_them(
    app: Flask, client: ShopClient, product: Product
) -> None:
    add(client, product)
    client.get("/checkout")
    with app.app_context():
        set_setting("guest_checkout", "no", user_id=None)
    answer = client.submit("/checkout", {**FORM, "checkout_token": "a" * 32}, page="/cart")
    assert (answer.status_code, answer.location) == (303, "/login?next=/checkout")
    with app.app_context():
        assert db.session.scalar(select(Order)) is None


def test_a_total_that_moved_must_be_seen_first(
    app: Flask, client: ShopClient, product: Product
) -> None:
    add(client, product)
    answer = check_out(client, seen_total="100")
    assert answer.status_code == 409
    assert "Your total has changed" in answer.text
    assert check_out(client).status_code == 303


def test_another_country_shows_its_total_before_it_is_charged(
    client: ShopClient, product: Product
) -> None:
    add(client, product)
    answer = check_out(client, country="CH", postal_code="8001", city="Zürich")
    assert answer.status_code == 409
    assert "€167.00" in answer.text
    assert "Parcel abroad" in answer.text


@pytest.mark.parametrize("delivery", ["-1", "0", "nonsense", "9" * 40, "１", "1.5", "1 or 1=1"])
def test_no_way_of_delivery_is_made_up_from_nonsense(
    app: Flask, client: ShopClient, product: Product, delivery: str
) -> None:
    add(client, product)
    answer = check_out(client, delivery=delivery)
    assert answer.status_code == 422
    assert '<a href="#delivery">Choose one of the ways of delivery.' in answer.text
    assert 'value="camille@example.org"' in answer.text
    assert no_order(app)


@both_engines
@pytest.mark.parametrize("delivery", ["999", str(2**31 - 1)])
def test_a_way_of_delivery_that_is_not_offered_is_not_replaced_by_another(
    app: Flask, client: ShopClient, product: Product, delivery: str
) -> None:
    add(client, product)
    answer = check_out(client, delivery=delivery)
    assert answer.status_code == 409
    assert '<a href="#delivery">That way of delivery is not offered.' in answer.text
    assert no_order(app)


def test_only_a_guest_is_asked_to_sign_in(app: Flask, client: ShopClient, product: Product) -> None:
    add(client, product)
    assert "Sign in to collect" in client.get("/checkout").text
    client.submit("/register", {"email": "camille@example.org", "password": "wandering teapot"})
    page = client.get("/checkout")
    assert "Check out" in page.text
    assert "Sign in to collect" not in page.text


def test_forged_sums_are_ignored(app: Flask, client: ShopClient, product: Product) -> None:
    add(client, product)
    check_out(client, amount_total="1", price="1", discount="14700", currency="JPY")
    order = only_order(app)
    assert (order.amount_total, order.currency) == (14800 + 600, "EUR")


@both_engines
def test_a_double_click_is_one_order(app: Flask, client: ShopClient, product: Product) -> None:
    add(client, product)
    page = client.get("/checkout")
    form = {**FORM, **fields(page.text)}
    first = client.submit("/checkout", form, page="/checkout")
    second = client.submit("/checkout", form, page="/checkout")
    assert first.location == second.location
    assert only_order(app).payment_status is PaymentStatus.PENDING


@both_engines
def test_the_same_form_corrected_and_sent_again_is_a_new_order(
    app: Flask, client: ShopClient, product: Product
) -> None:
    """One goes back from the payment page and corrects what one has entered."""
    add(client, product)
    page = client.get("/checkout")
    form = {**FORM, **fields(page.text)}
    first = client.submit("/checkout", form, page="/checkout")
    corrected = {**form, "phone": "+33 4 78 00 00 00"}
    second = client.submit("/checkout", corrected, page="/checkout")
    assert second.status_code == 303
    assert second.location != first.location
    assert client.submit("/checkout", corrected, page="/checkout").location == second.location
    with app.app_context():
        orders = db.session.execute(select(Order.payment_status, Order.phone).order_by(Order.id))
        assert [tuple(order) for order in orders] == [
            (PaymentStatus.CANCELED, form["phone"]),
            (PaymentStatus.PENDING, "+33 4 78 00 00 00"),
        ]


def test_an_empty_bag_cannot_be_checked_out(client: ShopClient) -> None:
    assert client.get("/checkout").location == "/cart"


@pytest.mark.parametrize(
    ("fault", "value"), [("status", 500), ("status", 429), ("reset_connection", True)]
)
def test_when_the_provider_fails_the_bag_stays_and_trying_again_works(
    app: Flask, client: ShopClient, product: Product, fault: str, value: object
) -> None:
    add(client, product)
    sandbox = kit.sandbox_of(app)
    sandbox.fault(fault, value, route="POST /v1/checkout/sessions$")
    page = client.get("/checkout")
    form = {**FORM, **fields(page.text)}
    failed = client.submit("/checkout", form, page="/checkout")
    assert failed.status_code == 502
    assert "Nothing was charged" in failed.text
    assert "Capucins" in failed.text
    sandbox.clear_faults()
    again = client.submit("/checkout", form, page="/checkout")
    if value == 500:  # a stored failure is replayed for as long as its key lives
        again = client.submit("/checkout", form, page="/checkout")
    assert again.status_code == 303, again.text
    assert only_order(app).payment_status is PaymentStatus.PENDING


@both_engines
def test_a_form_whose_order_has_ended_orders_anew(
    app: Flask, client: ShopClient, product: Product
) -> None:
    add(client, product)
    sandbox = kit.sandbox_of(app)
    sandbox.fault("status", 429, route="POST /v1/checkout/sessions$")
    form = {**FORM, **fields(client.get("/checkout").text)}
    failed = client.submit("/checkout", form, page="/checkout")
    assert failed.status_code == 502
    sandbox.clear_faults()
    ended = only_order(app)
    with app.app_context():
        cancel_order(ended.id)
    sandbox.fault("status", 429, route="POST /v1/checkout/sessions$")  # nobody is to be asked
    told = client.submit("/checkout", {**FORM, **fields(failed.text)}, page="/checkout")
    assert told.status_code == 409
    sandbox.clear_faults()
    told = client.submit("/checkout", {**FORM, **fields(told.text)}, page="/checkout")
    assert told.status_code == 303, told.text
    with app.app_context():
        numbers = db.session.scalars(select(Order.payment_status).order_by(Order.id)).all()
    assert numbers == [PaymentStatus.CANCELED, PaymentStatus.PENDING]
