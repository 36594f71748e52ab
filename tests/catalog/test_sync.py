"""The provider's copy of the catalogue: made, kept, archived, and never in the way of a sale."""

import pytest
from flask import Flask

from shop.catalog.services.sync import sync_product
from shop.core.db import db, transaction
from shop.models import Product
from shop.orders.services import start_payment
from shop.payments.errors import PaymentUnavailable
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit

pytestmark = both_engines


def product(product_id: int) -> Product:
    db.session.close()
    return db.session.get_one(Product, product_id)


@pytest.mark.no_audit("changes a name behind the catalogue", "P1")
def test_is_made_once_and_changed_when_the_content_changes(ctx: Flask) -> None:
    made = make_product("Néroli", summary="Bitter orange blossom.")
    assert sync_product(made.id)
    assert not sync_product(made.id)
    copies = kit.sandbox_of(ctx).objects("product")
    assert [(copy["name"], copy["active"]) for copy in copies] == [("Néroli", True)]
    with transaction() as session:
        session.get_one(Product, made.id).name = "Néroli intense"
    assert sync_product(made.id)
    assert [copy["name"] for copy in kit.sandbox_of(ctx).objects("product")] == ["Néroli intense"]


def test_goes_off_sale_there_with_the_product_here(ctx: Flask) -> None:
    made = make_product()
    sync_product(made.id)
    with transaction() as session:
        session.get_one(Product, made.id).is_active = False
    sync_product(made.id)
    assert [copy["active"] for copy in kit.sandbox_of(ctx).objects("product")] == [False]
    assert product(made.id).provider_ref is None


def test_a_failure_is_noted_and_raised_for_the_next_try(ctx: Flask) -> None:
    made = make_product()
    kit.sandbox_of(ctx).fault("reset_connection")
    with pytest.raises(PaymentUnavailable):
        sync_product(made.id)
    assert product(made.id).sync_error
    kit.sandbox_of(ctx).clear_faults()
    sync_product(made.id)
    assert product(made.id).sync_error is None


def test_a_synced_product_stands_on_the_payment_page(ctx: Flask) -> None:
    kit.open_shop()
    made = make_product()
    sync_product(made.id)
    placed = kit.place(kit.fill_cart(made))
    price = placed.attempt.params["line_items"][0]["price_data"]
    assert price["product"] in {copy["id"] for copy in kit.sandbox_of(ctx).objects("product")}
    assert start_payment(placed.order.id, placed.attempt)


def test_a_copy_that_is_gone_does_not_stop_the_sale(ctx: Flask) -> None:
    kit.open_shop()
    made = make_product()
    sync_product(made.id)
    kit.sandbox_of(ctx).reset()
    placed = kit.place(kit.fill_cart(made))
    assert start_payment(placed.order.id, placed.attempt)
    assert kit.newest_attempt(placed.order.id).n == 2
