"""What is planned happens at its moment, at the first look after it, without a worker."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from shop.catalog.input_types import variant_content
from shop.catalog.services.schedule import (
    SalePlan,
    apply_due_changes,
    plan_publishing,
    plan_sale,
)
from shop.catalog.services.variants import update_variant
from shop.core import clock
from shop.core.clock import now
from shop.core.db import db
from shop.core.errors import BadInput
from shop.core.local_time import parse_local, typed_local
from shop.models import PriceChange, Product, ProductVariant
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import fresh, make_product, product_again
from tests.orders import kit

HOUR = timedelta(hours=1)


def price(variant_id: int) -> tuple[int, int | None]:
    fresh()
    variant = db.session.get_one(ProductVariant, variant_id)
    return variant.unit_amount, variant.compare_at_amount


def shown(product_id: int) -> tuple[int, int | None, bool]:
    product = product_again(product_id)
    return product.price_from, product.compare_at, product.due_at is not None


@both_engines
def test_a_price_is_reduced_for_a_time(app: Flask) -> None:
    with app.app_context():
        product = make_product(price=10_000)
        product_id, variant_id = product.id, product.variants[0].id
        fresh()
        plan_sale(product_id, variant_id, SalePlan(8_000, now() + HOUR, now() + 3 * HOUR))
        assert apply_due_changes(9) == 0
        assert shown(product_id) == (10_000, None, True)
        clock.move(3600)
        fresh()
        assert apply_due_changes(9) == 1
        assert apply_due_changes(9) == 0
        assert shown(product_id) == (8_000, 10_000, True)
        clock.move(7200)
        fresh()
        assert apply_due_changes(9) == 1
        assert shown(product_id) == (10_000, None, False)
        assert price(variant_id) == (10_000, None)
        history = select(PriceChange.old_amount, PriceChange.new_amount).order_by(PriceChange.id)
        assert db.session.execute(history).all() == [
            (None, 10_000), (10_000, 8_000), (8_000, 10_000),
        ]  # fmt: skip


@both_engines
def test_who_changes_the_price_by_hand_has_the_last_word(app: Flask) -> None:
    with app.app_context():
        product = make_product(price=10_000, variants=[{}, {"compare_at_amount": 15_000}])
        one, two = (variant.id for variant in product.variants)
        fresh()
        for variant_id in (one, two):
            plan = SalePlan(8_000, now(), now() + HOUR)
            plan_sale(product.id, variant_id, plan)  # what is past happens at once
            assert price(variant_id) == (8_000, 10_000)
        fresh()
        fields = variant_content(db.session.get_one(ProductVariant, one))
        update_variant(one, replace(fields, unit_amount=7_000), user_id=None)
        clock.move(3601)
        fresh()
        assert apply_due_changes(9) == 1
        assert price(one) == (7_000, 10_000)
        assert price(two) == (10_000, 15_000), "as it was before"


def test_plans_that_cannot_be_are_refused(app: Flask) -> None:
    with app.app_context():
        product, at = make_product(price=10_000), now()
        variant_id = product.variants[0].id
        for plan in (SalePlan(10_000, at), SalePlan(-1, at), SalePlan(5_000, at, at)):
            fresh()
            with pytest.raises(BadInput):
                plan_sale(product.id, variant_id, plan)
        fresh()
        with pytest.raises(BadInput):
            plan_publishing(product.id, now() + HOUR, now())
        fresh()
        plan_sale(product.id, variant_id, SalePlan(5_000, now() + HOUR, now() + 2 * HOUR))
        clock.move(3 * 3600)
        fresh()
        assert apply_due_changes(9) == 1, "its time went by unseen"
        assert shown(product.id) == (10_000, None, False)
        fresh()
        plan_sale(product.id, variant_id, SalePlan(5_000, now()))
        assert price(variant_id) == (5_000, 10_000)
        fresh()
        plan_sale(product.id, variant_id, None)
        assert price(variant_id) == (10_000, None)


@both_engines
def test_the_first_request_after_the_moment_shows_and_charges_the_new_price(
    app: Flask, client: ShopClient
) -> None:
    with app.app_context():
        kit.open_shop()
        product = make_product("Iris", price=10_000, slug="iris")
        hidden = make_product("Later", slug="later", is_active=False)
        fresh()
        plan_sale(product.id, product.variants[0].id, SalePlan(8_000, now() + HOUR))
        plan_publishing(hidden.id, now() + HOUR, now() + 2 * HOUR)
        variant_id = product.variants[0].id
    form = {"csrf_token": client.token("/cart"), "variant_id": str(variant_id), "quantity": "1"}
    assert client.post("/cart/items", data=form).status_code == 303
    for _ in range(2):  # the second time from the kept pages
        assert "€100.00" in client.get("/products/iris").text
        assert "Later" not in client.get("/products").text
        assert client.get("/products/later").status_code == 404
    clock.move(3600)
    assert "€80.00" in client.get("/products/iris").text
    assert "€80.00" in client.get("/cart").text
    assert "Later" in client.get("/products").text
    assert client.get("/products/later").status_code == 200
    clock.move(3600)
    assert client.get("/products/later").status_code == 404
    with app.app_context():
        fresh()
        assert set(db.session.scalars(select(Product.due_at))) == {None}


def test_a_draft_that_nobody_could_buy_stays_one(app: Flask) -> None:
    with app.app_context():
        product = make_product(variants=[{"is_active": False}], is_active=False)
        fresh()
        plan_publishing(product.id, now(), None)
        again = product_again(product.id)
        assert (again.is_active, again.on_sale_at, again.due_at) == (False, None, None)


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-03-29T01:59", datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
        ("2026-03-29 03:00", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        ("2026-10-25T02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # the first of two
        ("2026-10-25T03:00", datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
    ],
)
def test_both_clock_changes(typed: str, moment: datetime) -> None:
    assert parse_local(typed, "Europe/Paris") == moment
    assert typed_local(moment, "Europe/Paris") == typed.replace(" ", "T")


@pytest.mark.parametrize(
    "typed", ["", "tomorrow", "2026-03-29T02:30", "2026-01-01T00:00+01:00", "0001-01-01"]
)
def test_no_moment(typed: str) -> None:
    with pytest.raises(BadInput):
        parse_local(typed, "Europe/Paris")
