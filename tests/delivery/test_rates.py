"""What a bag costs to send by weight and by worth, from the bag to the order."""

from collections.abc import Sequence

import pytest
from flask import Flask
from sqlalchemy import update

from shop.audit.services import audit
from shop.core.db import changed, db, transaction
from shop.core.errors import CartError
from shop.models import CouponKind, DeliveryMethod, Rates
from shop.shared.page_versions import bump_settings
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.coupons.kit import apply, coupon, view
from tests.factories import make_product
from tests.orders import kit


@pytest.fixture
def shop(ctx: Flask) -> Flask:
    kit.open_shop()
    return ctx


STEPS = [[1000, 690], [5000, 1290]]


def ask(rates: Rates, bands: Sequence[Sequence[int | None]], **columns: object) -> None:
    """Let all methods cost what bands say."""
    with transaction():
        values = {"rates": rates, "bands": bands, "free_from": None, **columns}
        changed(update(DeliveryMethod).values(values))
        bump_settings()


def bag(grams: int, quantity: int = 1, price: int = 2000) -> int:
    variant = {"stock": 99, "unit_amount": price, "weight_grams": grams}
    return kit.fill_cart(make_product(variants=[variant]), quantity=quantity)


@both_engines
def test_the_whole_bag_is_weighed_and_the_order_keeps_it(shop: Flask) -> None:
    ask(Rates.WEIGHT, STEPS)
    for grams, quantity, price in ((0, 9, 690), (500, 2, 690), (501, 2, 1290), (5000, 1, 1290)):
        quote = view(bag(grams, quantity)).quote
        assert quote is not None
        assert quote.amount == price, (grams, quantity)
    cart_id = bag(501, 2)
    order, ref = kit.to_payment(cart_id)
    ask(Rates.WEIGHT, [[None, 99_00]])
    kit.pay(ref)
    kept = kit.order(order.id)
    assert (kept.amount_shipping, kept.amount_total) == (1290, 5290)
    # 20 % inside goods and delivery together: of 5290 it is 881.67.
    assert kept.amount_tax == 882
    assert audit() == []


@both_engines
def test_what_is_too_heavy_is_told_and_not_sold(shop: Flask) -> None:
    ask(Rates.WEIGHT, STEPS)
    cart_id = bag(2501, 2)
    seen = view(cart_id)
    assert (seen.quotes, seen.quote) == ((), None)
    with pytest.raises(CartError, match="too heavy or worth too much"):
        kit.place(cart_id)
    client = shop.test_client()
    assert isinstance(client, ShopClient)
    variant = seen.lines[0].variant_id
    client.submit("/cart/items", {"variant_id": str(variant), "quantity": "2"}, page="/cart")
    page = client.get("/checkout").text
    assert "too heavy or worth too much" in page
    assert "Place order" not in page


def test_bands_by_worth_count_goods_before_a_discount(shop: Flask) -> None:
    ask(Rates.AMOUNT, [[5000, 900], [None, 400]])
    assert [q.amount for q in view(bag(9, 1, 5000)).quotes] == [900]
    cart_id = bag(9, 1, 5001)
    assert [q.amount for q in view(cart_id).quotes] == [400]
    coupon(percent_bp=5000)
    apply(cart_id)
    assert [q.amount for q in view(cart_id).quotes] == [400]


def test_free_from_an_amount_and_by_a_coupon_count_with_bands(shop: Flask) -> None:
    ask(Rates.WEIGHT, STEPS, free_from=4000)
    near, there = view(bag(10, 1, 3000)).quote, view(bag(10, 1, 4000)).quote
    assert near is not None
    assert there is not None
    assert (near.amount, near.amount_to_free) == (690, 1000)
    assert (there.amount, there.amount_to_free) == (0, None)
    coupon(kind=CouponKind.FREE_DELIVERY)
    cart_id = bag(1001, 1, 3000)
    apply(cart_id)
    free = view(cart_id)
    assert free.quote is not None
    assert (free.quote.amount, free.totals.amount_shipping) == (0, 0)
    heavy = bag(9999, 1, 3000)
    apply(heavy)
    assert view(heavy).quote is None, "free delivery carries no more than is carried"


def test_a_piece_says_what_its_weight_costs(shop: Flask, client: ShopClient) -> None:
    ask(Rates.WEIGHT, STEPS)
    make_product(slug="heavy", variants=[{"stock": 9, "unit_amount": 100, "weight_grams": 4000}])
    make_product(slug="immense", variants=[{"stock": 9, "unit_amount": 100, "weight_grams": 9000}])
    db.session.close()
    assert "Delivery €12.90." in client.get("/products/heavy").text
    assert "Delivery €" not in client.get("/products/immense").text
