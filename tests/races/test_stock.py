"""The last pieces: many buyers at once, in threads and in processes, on both engines."""

import random
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from shop.core.db import changed, db, transaction
from shop.core.errors import InsufficientStock
from shop.models import (
    Cart,
    CartItem,
    HoldState,
    Order,
    PaymentStatus,
    Product,
    ProductVariant,
    StockHold,
)
from tests.conftest import both_engines, filled_by, nothing, settings_for
from tests.factories import make_product
from tests.orders import kit
from tests.processes import FORKS, PATIENCE
from tests.races.buyer import buy, buy_all
from tests.races.race_kit import count, in_app, together
from tests.races.unguarded import reserve_blindly

pytestmark = both_engines

PER_ROUND = 64


def make_carts(product: Product, number: int) -> list[int]:
    """Fill `number` guests' carts with one piece each."""
    variant = product.variants[0]
    with transaction() as session:
        carts = [Cart(token_hash=f"{product.id}-{n}") for n in range(number)]
        session.add_all(carts)
        session.flush()
        session.add_all(
            CartItem(
                cart_id=cart.id,
                variant_id=variant.id,
                quantity=1,
                seen_amount=variant.unit_amount,
            )
            for cart in carts
        )
        return [cart.id for cart in carts]


def books(product_id: int) -> tuple[int, int, int, int]:
    """Return on hand, reserved, active holds and pending orders of the product."""
    db.session.close()
    on_hand, reserved = db.session.execute(
        select(ProductVariant.stock_on_hand, ProductVariant.stock_reserved).where(
            ProductVariant.product_id == product_id
        )
    ).one()
    held = db.session.scalar(
        select(func.coalesce(func.sum(StockHold.quantity), 0))
        .join(ProductVariant, ProductVariant.id == StockHold.variant_id)
        .where(ProductVariant.product_id == product_id, StockHold.state == HoldState.ACTIVE)
    )
    orders = db.session.scalar(
        select(func.count()).select_from(Order).where(Order.payment_status == PaymentStatus.PENDING)
    )
    return on_hand, reserved, held or 0, orders or 0


def test_threads_never_sell_a_piece_twice_and_never_refuse_one_that_is_there(app: Flask) -> None:
    purchases, orders_before, seed = 0, 0, 0
    while purchases < count(8_000):
        seed += 1
        stock = random.Random(seed).choice([1, 5, 20])
        with app.app_context():
            product = make_product(stock=stock)
            carts = make_carts(product, PER_ROUND)
        with app.app_context():
            kit.details(carts[0])
        results = together([in_app(app, buy, cart_id) for cart_id in carts[:32]])
        results += together([in_app(app, buy, cart_id) for cart_id in carts[32:]])
        purchases += len(results)
        with app.app_context():
            on_hand, reserved, held, orders = books(product.id)
        assert set(results) <= {"bought", "sold out"}, (seed, results)
        assert results.count("bought") == stock, (seed, results)
        assert (on_hand, reserved, held) == (stock, stock, stock)
        assert orders - orders_before == stock
        orders_before = orders


def test_processes_never_sell_a_piece_twice(app: Flask, database_url: str, tmp_path) -> None:
    stock, number = 20, count(2_000)
    with app.app_context():
        product = make_product(stock=stock)
        carts = make_carts(product, number)
        db.session.remove()
    settings, told = settings_for(tmp_path, DATABASE_URL=database_url), FORKS.SimpleQueue()
    children = [
        FORKS.Process(target=buy_all, args=(settings, carts[part::4], told)) for part in range(4)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join(PATIENCE)
        assert child.exitcode == 0
    results = [result for _ in children for result in told.get()]
    assert len(results) == number
    assert set(results) <= {"bought", "sold out"}, results
    assert results.count("bought") == stock
    with app.app_context():
        assert books(product.id)[:3] == (stock, stock, stock)


@filled_by(nothing)
@pytest.mark.no_audit("the guards are off")
def test_control_without_guards_pieces_are_sold_twice(
    app: Flask, drop: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    reserve_blindly(monkeypatch)
    drop("product_variant", "ck_product_variant_on_hand", "ck_product_variant_reserved")
    with app.app_context():
        product = make_product(stock=5)
        variant_id = product.variants[0].id
    together([in_app(app, _reserve, variant_id) for _ in range(16)])
    with app.app_context():
        _, reserved, _, _ = books(product.id)
    assert reserved > 5, "the control did not oversell"


def _reserve(variant_id: int) -> bool:
    from shop.stock import updates

    with transaction():
        return bool(updates.reserve(variant_id, 1))


@pytest.mark.no_audit("takes the reservations back behind the catalogue", "P1")
def test_the_same_reservations_with_guards_stop_at_the_stock(app: Flask) -> None:
    with app.app_context():
        product = make_product(stock=5)
        variant_id = product.variants[0].id
    results = together([in_app(app, _reserve, variant_id) for _ in range(16)])
    with app.app_context():
        _, reserved, _, _ = books(product.id)
        with transaction():
            changed(
                update(ProductVariant)
                .where(ProductVariant.id == variant_id)
                .values(stock_reserved=0)
            )
    assert reserved == 5
    assert [type(r) for r in results if isinstance(r, Exception)] == [InsufficientStock] * 11
