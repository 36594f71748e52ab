"""What was typed at checkout stays with the bag, and goes with it; saved addresses are offered."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from shop.account.services import MAX_ADDRESSES, add_address
from shop.cart.owner import CartOwner
from shop.cart.services import add_item
from shop.core.addresses import PostalAddress
from shop.core.clock import now
from shop.core.db import changed, db, transaction
from shop.models import Address, Cart, Product, User
from shop.operations.retention import clean_up_carts
from shop.orders.services import cancel_order
from tests.account.conftest import sign_in_as
from tests.checkout.test_pages import FORM, add, check_out, fields, only_order
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import PASSWORD, make_product, make_user
from tests.orders import kit

BERLIN = PostalAddress("Ada Lovelace", "Unter den Linden 1", "Berlin", "DE", postal_code="10117")


@pytest.fixture
def product(app: Flask) -> Product:
    with app.app_context():
        kit.open_shop()
        return make_product("Néroli", price=14800, stock=9)


@pytest.fixture
def ada(app: Flask) -> User:
    with app.app_context():
        return make_user("ada@example.com")


def shown(client: ShopClient) -> dict[str, str]:
    """Return what the checkout's fields hold."""
    page = client.get("/checkout")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    return values(page.text)


def values(html: str) -> dict[str, str]:
    found = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name, value = (re.search(rf'{a}="([^"]*)"', tag) for a in ("name", "value"))
        if name:
            found[name[1]] = value[1] if value else ""
    country = re.search(r'<option selected value="(..)">', html)
    note = re.search(r'<textarea[^>]*name="note"[^>]*>\s*([^<]*)</textarea>', html)
    return found | {"country": country[1] if country else "", "note": note[1] if note else ""}


def drafts(app: Flask) -> list[Any]:
    with app.app_context():
        return list(db.session.scalars(select(Cart.draft).order_by(Cart.id)))


def saved(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Address.line1).order_by(Address.id)))


def test_back_from_the_payment_page_the_form_is_as_it_was_left(
    app: Flask, client: ShopClient, product: Product
) -> None:
    add(client, product)
    typed = {"line2": "3e étage", "note": "Ring twice", "phone": "+33 6 12 34 56 78"}
    first = check_out(client, **typed)
    assert first.status_code == 303
    found = shown(client)
    assert {name: found.get(name, "") for name in {**FORM, **typed}} == {**FORM, **typed}
    with app.app_context():
        cancel_order(only_order(app).id)
    assert shown(client)["line1"] == FORM["line1"]
    again = app.test_client()
    add(again, product)
    assert shown(again)["line1"] == ""


def test_what_was_refused_is_kept_too_and_not_once_it_is_paid(
    app: Flask, client: ShopClient, product: Product
) -> None:
    add(client, product)
    refused = check_out(client, country="CH", postal_code="nonsense", city="Zürich", email="nobody")
    assert refused.status_code == 422
    found = shown(client)
    kept = ("Zürich", "nonsense", "nobody", "CH")
    assert tuple(found[name] for name in ("city", "postal_code", "email", "country")) == kept
    assert check_out(client, seen_total="1", city="Lyon").status_code == 409
    assert shown(client)["city"] == "Lyon"
    form = {**FORM, **fields(client.get("/checkout").text)}
    ref = client.submit("/checkout", form, page="/checkout").location.rsplit("/", 1)[1]
    kit.sandbox_of(app).pay(ref)
    assert drafts(app) == [None]
    client.submit("/checkout", form, page="/cart")  # the button, pressed once more
    assert drafts(app) == [None]
    add(client, product)
    assert shown(client)["line1"] == ""


@pytest.mark.parametrize("way", ["removed", "idle", "closed"])
def test_the_draft_goes_with_the_bag(
    app: Flask, client: ShopClient, product: Product, ada: User, way: str
) -> None:
    if way == "closed":
        client = sign_in_as(app, ada)
    add(client, product)
    check_out(client, email="nobody")
    assert drafts(app) != [None]
    if way == "removed":
        item = re.search(r"/cart/items/(\d+)/delete", client.get("/cart").text)
        assert item
        client.submit(f"/cart/items/{item[1]}/delete", page="/cart")
        assert drafts(app) == [None]
    elif way == "idle":
        with app.app_context():
            with transaction():
                changed(update(Cart).values(updated_at=now() - timedelta(days=61)))
            assert clean_up_carts() == 1
        assert drafts(app) == []
    else:
        exported = client.get("/account/data").json
        assert exported["checkout"]["line1"] == FORM["line1"]
        client.submit("/account/close", {"password": PASSWORD}, page="/account/close")
        assert drafts(app) == []


@both_engines
@pytest.mark.parametrize("has_bag", [True, False])
@pytest.mark.parametrize(
    ("typed", "then"),
    [
        ({"email": "ADA@example.com"}, ("ADA@example.com", "Nantes")),
        ({"email": "eve@example.com"}, None),
        ({"email": ""}, None),
        (dict.fromkeys(FORM, "") | {"country": "DE"}, ("", "")),
    ],
)
def test_signing_in_brings_along_what_its_own_customer_typed(
    app: Flask,
    client: ShopClient,
    product: Product,
    ada: User,
    has_bag: bool,
    typed: dict[str, str],
    then: tuple[str, str] | None,
) -> None:
    """Whoever signs in on a shared computer is not shown who was there before."""
    if has_bag:
        with app.app_context():
            add_item(CartOwner(user_id=ada.id), product.variants[0].id, 1)
    add(client, product)
    check_out(client, **{"city": "Nantes", "postal_code": "nonsense", **typed})
    client.submit("/login", {"email": ada.email, "password": PASSWORD})
    (draft,) = drafts(app)
    assert draft is None if then is None else (draft["email"], draft["city"]) == then
    assert shown(client)["city"] == (then or ("", ""))[1]
    client.submit("/logout", page="/account")
    add(client, product)
    assert shown(client)["city"] == ""


def test_a_busy_database_changes_nothing_but_what_is_kept(
    app: Flask, client: ShopClient, product: Product
) -> None:
    add(client, product)
    form = {**FORM, **fields(client.get("/checkout").text), "email": "nobody"}
    form["csrf_token"] = client.token("/cart")
    with app.app_context():
        connection = db.engine.connect().execution_options(shop_write=True)
        connection.exec_driver_sql("UPDATE cart SET updated_at = updated_at")
        answer = client.post("/checkout", data=form)
        connection.rollback()
        connection.close()
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert drafts(app) == [None]


def test_an_address_is_kept_when_asked_once(app: Flask, product: Product, ada: User) -> None:
    client = sign_in_as(app, ada)
    add(client, product)
    assert 'name="keep"' in client.get("/checkout").text
    assert 'checked id="keep"' not in client.get("/checkout").text
    check_out(client)
    assert saved(app) == []
    form = {**FORM, **fields(client.get("/checkout").text), "keep": "y"}
    assert client.submit("/checkout", form, page="/checkout").status_code == 303
    assert client.submit("/checkout", form, page="/checkout").status_code == 303
    assert saved(app) == [FORM["line1"]]


def test_a_full_book_stops_no_order(app: Flask, product: Product, ada: User) -> None:
    with app.app_context():
        for _ in range(MAX_ADDRESSES):
            add_address(ada.id, BERLIN)
    client = sign_in_as(app, ada)
    add(client, product)
    assert check_out(client, keep="y").status_code == 303
    assert len(saved(app)) == MAX_ADDRESSES
    assert "address book holds" in client.get("/cart").text


def test_guests_keep_no_address(app: Flask, client: ShopClient, product: Product) -> None:
    add(client, product)
    assert 'name="keep"' not in client.get("/checkout").text
    assert check_out(client, keep="y").status_code == 303
    assert saved(app) == []


@both_engines
def test_saved_addresses_fill_the_form_and_nobody_elses(
    app: Flask, product: Product, ada: User
) -> None:
    with app.app_context():
        mine = add_address(ada.id, BERLIN)
        other = add_address(
            ada.id, PostalAddress("Ada L.", "1 quai", "Lyon", "FR", postal_code="69001")
        )
        theirs = add_address(make_user().id, BERLIN)
    client = sign_in_as(app, ada)
    add(client, product)
    found = shown(client)
    assert (found["line1"], found["country"]) == (BERLIN.line1, "DE")
    typed = {**FORM, "saved": str(other), "use": "1", "note": "Ring twice"}
    page = client.submit("/checkout", typed, page="/checkout")
    assert page.status_code == 200
    found = values(page.text)
    assert (found["line1"], found["note"], found["email"]) == (
        "1 quai",
        "Ring twice",
        FORM["email"],
    )
    assert shown(client)["line1"] == "1 quai"
    typed["saved"] = str(theirs)
    assert client.submit("/checkout", typed, page="/checkout").status_code == 404
    assert mine
