"""The books of stock, on both engines: every function, every refusal, and what shoppers see."""

import threading

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.core.clock import now
from shop.core.db import db, transaction
from shop.core.errors import BadInput, InsufficientStock, OrderError, ProductUnavailable
from shop.models import (
    HoldState,
    MovementKind,
    Order,
    ProductVariant,
    ShopState,
    StockHold,
    StockMovement,
    StockPolicy,
)
from shop.stock.services import (
    Shortage,
    adjust_stock,
    claim_stock,
    move_stock,
    reduce_owed,
    release_stock,
    reserve_stock,
    return_stock,
    settle_stock,
)
from tests.conftest import both_engines
from tests.factories import fresh, make_bare_order, make_product, product_again, variant_again

pytestmark = [
    both_engines,
    pytest.mark.no_audit("claims stock for orders that nobody pays here", "I1b", "I4b"),
]


def books(variant: ProductVariant) -> tuple[int, int]:
    """Return (on hand, reserved), after checking both against the ledger."""
    fresh = variant_again(variant.id)
    moved = db.session.scalar(
        select(func.coalesce(func.sum(StockMovement.quantity), 0)).where(
            StockMovement.variant_id == variant.id
        )
    )
    held = db.session.scalar(
        select(func.coalesce(func.sum(StockHold.quantity), 0)).where(
            StockHold.variant_id == variant.id, StockHold.state == HoldState.ACTIVE
        )
    )
    assert (fresh.stock_on_hand, fresh.stock_reserved) == (moved, held)
    return fresh.stock_on_hand, fresh.stock_reserved


def one(stock: int = 10, **columns: object) -> ProductVariant:
    return make_product(variants=[{"stock": stock, **columns}]).variants[0]


def held(variant: ProductVariant, quantity: int) -> Order:
    """Return an order that holds `quantity` of the variant."""
    order = make_bare_order([(variant, quantity)])
    reserve_stock(order.id, [(variant.id, quantity)])
    return order


def test_a_hold_becomes_a_sale_once(ctx: Flask) -> None:
    variant = one(5)
    order = held(variant, 2)
    assert books(variant) == (5, 2)
    assert claim_stock(order.id, now()) == []
    assert books(variant) == (3, 0)
    assert claim_stock(order.id, now()) == []
    assert books(variant) == (3, 0)


def test_a_hold_is_released_once(ctx: Flask) -> None:
    variant = one(5)
    order = held(variant, 2)
    other = held(variant, 3)
    release_stock(order.id, now())
    release_stock(order.id, now())
    assert books(variant) == (5, 3)
    assert claim_stock(other.id, now()) == []
    assert books(variant) == (2, 0)


def test_refuses_more_than_is_available_and_holds_nothing_of_the_order(ctx: Flask) -> None:
    plenty, scarce = one(5), one(1)
    order = make_bare_order([(plenty, 1), (scarce, 2)])
    with pytest.raises(InsufficientStock) as refusal:
        reserve_stock(order.id, [(scarce.id, 2), (plenty.id, 1)])
    assert (refusal.value.available, refusal.value.variant_id) == (1, scarce.id)
    assert "only 1 left" in str(refusal.value)
    assert books(plenty) == (5, 0)
    assert books(scarce) == (1, 0)


def test_refuses_a_variant_that_is_off_sale(ctx: Flask) -> None:
    off = one(5, is_active=False)
    hidden = make_product(is_active=False).variants[0]
    for variant in (off, hidden):
        order = make_bare_order([(variant, 1)])
        with pytest.raises(ProductUnavailable):
            reserve_stock(order.id, [(variant.id, 1)])


def test_made_to_order_is_owed_until_it_is_sent(ctx: Flask) -> None:
    variant = one(1, stock_policy=StockPolicy.CONTINUE)
    order = held(variant, 3)
    assert books(variant) == (1, 3)
    assert claim_stock(order.id, now()) == [Shortage(variant.id, 2, is_backorder=True)]
    assert books(variant) == (0, 2)
    adjust_stock(variant.id, 1, MovementKind.RESTOCK, "from the atelier", None)
    settle_stock(order.id, variant.id, 1, now())
    assert books(variant) == (0, 1)
    settle_stock(order.id, variant.id, 1, now())
    assert books(variant) == (0, 1)
    settle_stock(order.id, variant.id, 0, now())
    assert books(variant) == (0, 0)
    settle_stock(order.id, variant.id, 0, now())
    assert books(variant) == (0, 0)


def test_pieces_written_off_under_a_hold_are_reported_and_kept_for_the_order(ctx: Flask) -> None:
    variant = one(3)
    order = held(variant, 3)
    adjust_stock(variant.id, -2, MovementKind.WRITE_OFF, "broken", None)
    assert books(variant) == (1, 3)
    assert claim_stock(order.id, now()) == [Shortage(variant.id, 2, is_backorder=False)]
    assert books(variant) == (0, 2)
    adjust_stock(variant.id, 2, MovementKind.RESTOCK, "", None)
    assert variant_again(variant.id).available == 0
    assert claim_stock(order.id, now()) == []
    assert books(variant) == (0, 0)


def test_untracked_has_no_books(ctx: Flask) -> None:
    variant = one(0, stock_policy=StockPolicy.UNTRACKED)
    order = held(variant, 50)
    assert claim_stock(order.id, now()) == []
    assert return_stock(order.id, variant.id, 1, None) == 0
    assert books(variant) == (0, 0)


def test_late_money_takes_what_is_free_and_never_what_others_hold(ctx: Flask) -> None:
    variant = one(3)
    late = held(variant, 2)
    release_stock(late.id, now())
    other = held(variant, 2)
    assert claim_stock(late.id, now()) == [Shortage(variant.id, 1, is_backorder=False)]
    assert books(variant) == (2, 3)
    assert claim_stock(other.id, now()) == []
    assert books(variant) == (0, 1)


def test_late_money_finds_everything_still_there(ctx: Flask) -> None:
    variant = one(3)
    late = held(variant, 2)
    release_stock(late.id, now())
    assert claim_stock(late.id, now()) == []
    assert books(variant) == (1, 0)


def test_a_changed_cart_keeps_what_both_orders_want(ctx: Flask) -> None:
    kept, dropped, added = one(2), one(1), one(1)
    first = make_bare_order([(kept, 2), (dropped, 1)])
    reserve_stock(first.id, [(kept.id, 2), (dropped.id, 1)])
    second = make_bare_order([(kept, 1), (added, 1)])
    move_stock(first.id, second.id, [(kept.id, 1), (added.id, 1)], now())
    assert [books(variant) for variant in (kept, dropped, added)] == [(2, 1), (1, 0), (1, 1)]
    assert claim_stock(second.id, now()) == []
    assert [books(variant) for variant in (kept, dropped, added)] == [(1, 0), (1, 0), (0, 0)]


def test_a_changed_cart_that_finds_too_little_moves_nothing(ctx: Flask) -> None:
    kept, scarce = one(2), one(0)
    first = held(kept, 2)
    second = make_bare_order([(scarce, 1)])
    with pytest.raises(InsufficientStock):
        move_stock(first.id, second.id, [(scarce.id, 1)], now())
    assert books(kept) == (2, 2)


def test_pieces_come_back_at_most_as_often_as_they_were_bought(ctx: Flask) -> None:
    variant = one(5)
    order = held(variant, 2)
    claim_stock(order.id, now())
    assert return_stock(order.id, variant.id, 1, None) == 1
    assert return_stock(order.id, variant.id, 1, None) == 1
    with pytest.raises(OrderError):
        return_stock(order.id, variant.id, 1, None)
    assert books(variant) == (5, 0)


def test_what_is_owed_is_forgiven_once(ctx: Flask) -> None:
    variant = one(1, stock_policy=StockPolicy.CONTINUE)
    order = held(variant, 3)
    claim_stock(order.id, now())
    assert reduce_owed(order.id, variant.id, 1) == 1
    assert books(variant) == (0, 1)
    assert reduce_owed(order.id, variant.id, 2) == 1
    assert reduce_owed(order.id, variant.id, 1) == 0
    assert books(variant) == (0, 0)


@pytest.mark.parametrize("delta", [0, 1_000_001, -1_000_001])
def test_refuses_an_absurd_adjustment(ctx: Flask, delta: int) -> None:
    variant = one(1)
    with pytest.raises(BadInput):
        adjust_stock(variant.id, delta, MovementKind.CORRECTION, "", None)


def test_on_hand_never_goes_below_zero_or_beyond_the_limit(ctx: Flask) -> None:
    variant = one(2)
    with pytest.raises(InsufficientStock):
        adjust_stock(variant.id, -3, MovementKind.WRITE_OFF, "", None)
    with pytest.raises(BadInput):
        adjust_stock(variant.id, 999_999, MovementKind.RESTOCK, "", None)
    assert adjust_stock(variant.id, -2, MovementKind.WRITE_OFF, "moths", None) == 0
    assert books(variant) == (0, 0)


def stamps(product_id: int) -> tuple[int, int]:
    fresh()
    listed = db.session.scalars(select(ShopState.list_stamp)).one()
    return product_again(product_id).stamp, listed


def test_stamps_move_only_when_something_shown_crosses(ctx: Flask) -> None:
    variant = one(10)
    product_id = variant.product_id
    first = stamps(product_id)
    order = held(variant, 5)  # 5 left: nothing to say
    assert stamps(product_id) == first
    held(variant, 2)  # "Only 3 left"
    assert stamps(product_id) == (first[0] + 1, first[1] + 1)
    assert (product_again(product_id).few_left, product_again(product_id).is_available) == (3, True)
    held(variant, 3)  # sold out
    assert stamps(product_id) == (first[0] + 2, first[1] + 2)
    assert product_again(product_id).is_available is False
    claim_stock(order.id, now())  # what is available did not change
    assert stamps(product_id) == (first[0] + 2, first[1] + 2)


def test_one_variant_selling_out_renews_the_page_but_not_the_lists(ctx: Flask) -> None:
    product = make_product(variants=[{"stock": 1}, {"stock": 10}])
    first = stamps(product.id)
    held(product.variants[0], 1)
    assert stamps(product.id) == (first[0] + 1, first[1])


def test_a_stamp_is_not_bumped_by_a_transaction_that_rolled_back(ctx: Flask) -> None:
    variant = one(1)
    first = stamps(variant.product_id)
    order = make_bare_order([(variant, 1)])
    with pytest.raises(ZeroDivisionError), transaction():
        reserve_stock(order.id, [(variant.id, 1)])
        raise ZeroDivisionError
    assert stamps(variant.product_id) == first


def test_two_variants_that_sell_out_at_once_leave_the_product_sold_out(app: Flask) -> None:
    with app.app_context():
        product = make_product(variants=[{"stock": 1}, {"stock": 1}])
        orders = [make_bare_order([(variant, 1)]) for variant in product.variants]
        wanted = [
            (order.id, variant.id) for order, variant in zip(orders, product.variants, strict=True)
        ]
        db.session.remove()
    together = threading.Barrier(2)

    def buy(order_id: int, variant_id: int) -> None:
        with app.app_context():
            together.wait()
            reserve_stock(order_id, [(variant_id, 1)])

    threads = [threading.Thread(target=buy, args=pair) for pair in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert product_again(product.id).is_available is False
        db.session.remove()
