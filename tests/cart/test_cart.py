"""The bag: what may be put into it, what stays in it, and whose it is."""

import hashlib

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from shop.cart.forms import parse_quantity
from shop.cart.merge import merge_carts
from shop.cart.owner import CartOwner
from shop.cart.queries import get_cart
from shop.cart.services import accept_changes, add_item, remove_item, set_quantity
from shop.core.db import changed, db, transaction
from shop.core.errors import BadInput, InsufficientStock, NotFound, ProductUnavailable
from shop.customers.booking import follow_account
from shop.models import Cart, CartItem, Product, ProductVariant, User
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit
from tests.races.race_kit import in_app, together


def guest(name: str = "guest") -> CartOwner:
    return CartOwner(token_hash=hashlib.sha256(name.encode()).hexdigest())


def make_user(email: str = "camille@example.org") -> int:
    with transaction() as session:
        user = User(email=email, email_key=email, password_hash="x")
        session.add(user)
        session.flush()
        follow_account(user.id)
        return user.id


def lines(cart_id: int) -> dict[int, int]:
    db.session.close()
    rows = db.session.execute(
        select(CartItem.variant_id, CartItem.quantity).where(CartItem.cart_id == cart_id)
    )
    return {row.variant_id: row.quantity for row in rows}


@pytest.mark.parametrize(
    "text", [None, "", "0", "-1", "100", "1.5", "1e1", "1_0", " 5 ", "１２", "٣", "abc", "9" * 30]
)
def test_only_plain_numbers_from_1_to_99_are_quantities(text: str | None, ctx: Flask) -> None:
    with pytest.raises(BadInput):
        parse_quantity(text)


@both_engines
def test_adding_again_adds_up_and_stops_at_the_stock(ctx: Flask) -> None:
    product = make_product(stock=3)
    variant = product.variants[0].id
    add_item(guest(), variant, 1)
    cart_id = add_item(guest(), variant, 2).cart_id
    with pytest.raises(InsufficientStock, match="only 3 left"):
        add_item(guest(), variant, 1)
    assert lines(cart_id) == {variant: 3}


@both_engines
def test_unknown_hidden_and_sold_out_variants_change_nothing(ctx: Flask) -> None:
    hidden, empty = make_product(is_active=False), make_product("Empty", stock=0)
    with pytest.raises(NotFound):
        add_item(guest(), 999_999, 1)
    with pytest.raises(ProductUnavailable):
        add_item(guest(), hidden.variants[0].id, 1)
    with pytest.raises(InsufficientStock, match="sold out"):
        add_item(guest(), empty.variants[0].id, 1)
    assert db.session.scalar(select(func.count()).select_from(CartItem)) == 0


@both_engines
def test_lines_of_another_cart_are_not_found(ctx: Flask) -> None:
    product = make_product()
    mine = add_item(guest("me"), product.variants[0].id, 1).cart_id
    add_item(guest("you"), product.variants[0].id, 1)
    yours = db.session.scalars(select(CartItem.id).where(CartItem.cart_id != mine)).one()
    for act in (lambda: set_quantity(mine, yours, 5), lambda: remove_item(mine, yours)):
        with pytest.raises(NotFound):
            act()


@both_engines
@pytest.mark.no_audit("changes a price behind the catalogue", "P1")
def test_prices_and_stock_are_always_those_of_now(ctx: Flask) -> None:
    kit.open_shop()
    product = make_product(price=6000, stock=5)
    cart_id = add_item(guest(), product.variants[0].id, 4).cart_id
    with transaction():
        changed(update(ProductVariant).values(unit_amount=6400, stock_on_hand=2))
    cart = get_cart(cart_id, country="FR")
    line = cart.lines[0]
    assert (line.unit_amount, line.seen_amount, line.available) == (6400, 6000, 2)
    assert line.is_price_changed
    assert line.is_short
    assert not cart.can_check_out
    accept_changes(cart_id)
    cart = get_cart(cart_id, country="FR")
    assert [(x.quantity, x.is_price_changed) for x in cart.lines] == [(2, False)]
    assert cart.can_check_out
    with transaction():
        changed(update(ProductVariant).values(stock_on_hand=5))


@both_engines
def test_what_is_off_sale_says_so_and_goes_when_the_bag_is_fitted(ctx: Flask) -> None:
    kit.open_shop()
    product = make_product()
    cart_id = add_item(guest(), product.variants[0].id, 1).cart_id
    with transaction():
        changed(update(Product).values(is_active=False))
    cart = get_cart(cart_id, country="FR")
    assert not cart.lines[0].is_on_sale
    assert cart.totals.amount_total == 0
    accept_changes(cart_id)
    assert lines(cart_id) == {}


@both_engines
def test_a_guests_cart_becomes_the_customers(ctx: Flask) -> None:
    product, user_id = make_product(), make_user()
    cart_id = add_item(guest(), product.variants[0].id, 2).cart_id
    merged = merge_carts(guest().token_hash or "", user_id)
    assert (merged.quantity, merged.capped) == (2, ())
    assert lines(cart_id) == {product.variants[0].id: 2}
    assert db.session.scalars(select(Cart.token_hash)).all() == [None]


@both_engines
def test_two_carts_become_one_capped_by_the_stock_and_it_is_said(ctx: Flask) -> None:
    first, second, user_id = make_product("First", stock=3), make_product("Second"), make_user()
    mine = add_item(CartOwner(user_id=user_id), first.variants[0].id, 2).cart_id
    add_item(guest(), first.variants[0].id, 2)
    add_item(guest(), second.variants[0].id, 1)
    merged = merge_carts(guest().token_hash or "", user_id)
    assert merged.capped == ("First",)
    assert lines(mine) == {first.variants[0].id: 3, second.variants[0].id: 1}
    assert merge_carts(guest().token_hash or "", user_id).quantity == 0
    assert db.session.scalar(select(func.count()).select_from(Cart)) == 1


@both_engines
def test_merging_many_times_at_once_is_merging_once(app: Flask) -> None:
    with app.app_context():
        product, user_id = make_product(stock=50), make_user()
        mine = add_item(CartOwner(user_id=user_id), product.variants[0].id, 1).cart_id
        add_item(guest(), product.variants[0].id, 2)
    token = guest().token_hash
    results = together([in_app(app, merge_carts, token, user_id) for _ in range(8)])
    assert sorted(result.quantity for result in results) == [0] * 7 + [2]
    with app.app_context():
        assert lines(mine) == {product.variants[0].id: 3}


@both_engines
def test_signing_in_while_the_first_piece_is_added_elsewhere(app: Flask) -> None:
    with app.app_context():
        variant = make_product(stock=90).variants[0].id
    for n in range(12):
        with app.app_context():
            mine = CartOwner(user_id=make_user(f"u{n}@example.org"))
            add_item(guest(str(n)), variant, 1)
        merging = in_app(app, merge_carts, guest(str(n)).token_hash, mine.user_id)
        results = together([merging, *[in_app(app, add_item, mine, variant, 1)] * 3])
        assert [result for result in results if isinstance(result, Exception)] == []
        with app.app_context():
            [cart_id] = db.session.scalars(select(Cart.id).where(Cart.user_id == mine.user_id))
            assert lines(cart_id) == {variant: 4}


@both_engines
def test_what_a_guests_open_order_holds_is_still_theirs_once_signed_in(ctx: Flask) -> None:
    kit.open_shop()
    product, other, user_id = make_product(stock=2), make_product("Other"), make_user()
    mine = add_item(CartOwner(user_id=user_id), other.variants[0].id, 1).cart_id
    kit.place(add_item(guest(), product.variants[0].id, 2).cart_id)
    merged = merge_carts(guest().token_hash or "", user_id)
    assert merged.capped == ()
    assert lines(mine) == {other.variants[0].id: 1, product.variants[0].id: 2}


@both_engines
def test_adding_at_once_never_passes_the_stock(app: Flask) -> None:
    with app.app_context():
        product = make_product(stock=5)
        variant = product.variants[0].id
    results = together([in_app(app, add_item, guest(), variant, 1) for _ in range(12)])
    assert sum(isinstance(result, InsufficientStock) for result in results) == 7
    with app.app_context():
        cart_id = db.session.scalars(select(Cart.id)).one()
        assert lines(cart_id) == {variant: 5}


@pytest.mark.parametrize(
    ("url", "data", "status"),
    [
        ("/cart/items", {"variant_id": "1", "quantity": "abc"}, 422),
        ("/cart/items", {"variant_id": "x"}, 404),
        ("/cart/items", {}, 404),
        ("/cart/items/1", {"quantity": "-1"}, 422),
        ("/cart/items/1", {"quantity": "2"}, 404),
        ("/cart/items/99999999999", {"quantity": "2"}, 404),
        ("/cart/items/1/delete", {}, 404),
    ],
)
def test_bad_input_is_answered_and_changes_nothing(
    client: ShopClient, url: str, data: dict[str, str], status: int
) -> None:
    assert client.submit(url, data, page="/cart").status_code == status


def test_changes_need_the_token_and_come_from_here(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        variant = make_product().variants[0].id
    form = {"variant_id": variant, "quantity": "1"}
    assert client.post("/cart/items", data=form).status_code == 400
    token = client.token("/cart")
    signed = {**form, "csrf_token": token}
    foreign = {"Origin": "https://evil.example"}
    assert client.post("/cart/items", data=signed, headers=foreign).status_code == 403
    cross = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/cart/items", data=signed, headers=cross).status_code == 403
    assert client.get("/cart/items").status_code == 405
    assert client.post("/cart/items", data=signed).status_code == 303


def test_htmx_gets_the_changed_parts_alone(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        kit.open_shop()
        variant = make_product("Néroli", stock=2).variants[0].id
    headers = {"HX-Request": "true"}
    added = client.submit("/cart/items", {"variant_id": variant}, page="/cart", headers=headers)
    assert added.status_code == 200
    assert 'id="cart-link"' in added.text
    assert "<html" not in added.text
    drawer = client.get("/cart", headers={**headers, "HX-Target": "bag-body"})
    assert "Néroli" in drawer.text
    item = drawer.text.split('action="/cart/items/')[1].split('"')[0]
    refused = client.submit(
        f"/cart/items/{item}",
        {"quantity": "9"},
        page="/cart",
        headers={**headers, "HX-Target": "cart"},
    )
    assert refused.status_code == 409
    assert "only 2 left" in refused.text
    assert "HX-Request" in refused.headers["Vary"]


def test_a_quick_add_that_is_refused_says_so(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        kit.open_shop()
        variant = make_product(stock=1).variants[0].id
    headers = {"HX-Request": "true"}
    form = {"variant_id": variant, "quantity": "1"}
    assert client.submit("/cart/items", form, page="/cart", headers=headers).status_code == 200
    refused = client.submit("/cart/items", form, page="/cart", headers=headers)
    assert refused.status_code == 409
    assert "toasts" in refused.text
    assert "only 1 left" in refused.text
