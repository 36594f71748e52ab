"""Orders that are counted: no number twice, none left out, whoever buys at once."""

import pytest
from flask import Flask

from shop.core.db import db, transaction
from shop.models import Product
from shop.orders.number import draw_number
from shop.settings.services import set_setting
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit
from tests.races.race_kit import in_app, together
from tests.races.unguarded import count_before_writing

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
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL alone: a file of SQLite has one writer, whatever a transaction says in it."""
    with app.app_context():
        set_setting("order_start", "1", user_id=None)
        assert [draw(), draw()] == ["1", "2"]
    count_before_writing(monkeypatch, BUYERS)
    assert together([in_app(app, draw)] * BUYERS) == ["3"] * BUYERS


def draw() -> str:
    with transaction():
        return draw_number()
