"""Orders that are counted: no number twice, none left out, whoever buys at once."""

from collections.abc import Callable

import pytest
from flask import Flask

from shop.core.db import arm_crash_points, db, transaction
from shop.models import Product
from shop.orders.number import draw_number
from shop.settings.services import set_setting
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit
from tests.races.race_kit import in_app, together

BUYERS = 6


def place_one(product: Product) -> str:
    number = kit.place(kit.fill_cart(product)).order.number
    db.session.remove()
    return number


@both_engines
def test_no_number_is_given_twice_at_once(app: Flask) -> None:
    with app.app_context():
        set_setting("order_start", "1", user_id=None)
        product = make_product(stock=50)
    numbers = together([in_app(app, place_one, product)] * BUYERS)
    assert sorted(numbers) == list("123456"), numbers


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_control_a_number_that_is_read_before_it_is_written_is_given_twice(
    app: Flask, unguard: Callable[..., None]
) -> None:
    """On PostgreSQL alone: a file of SQLite has one writer, whatever a transaction says in it."""
    unguard("number.step")
    with app.app_context():
        set_setting("order_start", "1", user_id=None)
        assert [draw(), draw()] == ["1", "2"]
    arm_crash_points("number-read=0.2")
    try:
        for _ in range(5):
            numbers = together([in_app(app, draw)] * BUYERS)
            if len(set(numbers)) < BUYERS:
                return
    finally:
        arm_crash_points("")
    pytest.fail("the control never gave a number twice")


def draw() -> str:
    with transaction():
        return draw_number()
