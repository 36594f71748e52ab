"""A stocktake: what differed when it was counted is booked, whatever was sold since, and once."""

import random

import pytest
from sqlalchemy import func, select

from shop.core.db import db, transaction
from shop.core.errors import BadInput, OrderError, StaleForm
from shop.core.long_writes import Pace
from shop.models import (
    CountState,
    MovementKind,
    ProductVariant,
    StockCount,
    StockCountLine,
    StockMovement,
)
from shop.stock import stocktake
from shop.stock.services import adjust_stock
from shop.stock.stocktake import (
    begin_count,
    book_count,
    close_count,
    count_one_more,
    count_pieces,
    drop_count,
)
from tests.conftest import both_engines
from tests.factories import fresh, make_brand, make_category, make_product

pytestmark = [both_engines, pytest.mark.usefixtures("ctx")]


@pytest.fixture
def pieces() -> list[int]:
    """Return the ids of three variants of 5 pieces."""
    return [v.id for v in make_product(variants=[{}, {}, {}], stock=5).variants]


@pytest.fixture
def count_id() -> int:
    return begin_count(name="All pieces", user_id=None)


def on_hand(variant_id: int) -> int:
    fresh()
    return db.session.get_one(ProductVariant, variant_id).stock_on_hand


def line(variant_id: int) -> StockCountLine:
    fresh()
    mine = StockCountLine.variant_id == variant_id
    return db.session.scalars(select(StockCountLine).where(mine)).one()


def correct(variant_id: int, delta: int, kind: MovementKind = MovementKind.RESTOCK) -> None:
    fresh()
    adjust_stock(variant_id, delta, kind, "", None)


def booked(count_id: int) -> int:
    fresh()
    close_count(count_id, None)
    done = book_count(count_id)
    fresh()
    assert db.session.get_one(StockCount, count_id).state is CountState.BOOKED
    return done


def test_what_moved_since_is_taken_into_account(count_id: int, pieces: list[int]) -> None:
    first, second, third = pieces
    correct(first, -2, MovementKind.WRITE_OFF)
    count_pieces(count_id, first, 0, 4, None)  # 3 in the books by then
    count_pieces(count_id, second, 0, 4, None)
    count_pieces(count_id, third, 0, 5, None)
    for variant_id in pieces:
        correct(variant_id, 10)
    assert booked(count_id) == 3
    assert [on_hand(each) for each in pieces] == [14, 14, 15]
    assert [line(each).booked for each in pieces] == [1, -1, 0]
    moved = select(StockMovement.quantity).where(StockMovement.reason.startswith("Stocktake"))
    assert sorted(db.session.scalars(moved)) == [-1, 1], "what agrees moves nothing"
    fresh()
    assert book_count(count_id) == 0
    assert on_hand(first) == 14
    with pytest.raises(OrderError):
        count_pieces(count_id, first, 0, 4, None)


def test_scanned_pieces_belong_to_the_moment_of_the_first(count_id: int, pieces: list[int]) -> None:
    first = pieces[0]
    assert [count_one_more(count_id, first, None) for _ in range(3)] == [1, 2, 3]
    correct(first, -1, MovementKind.WRITE_OFF)
    assert count_one_more(count_id, first, None) == 4
    assert (line(first).counted, line(first).on_hand) == (4, 5)
    count_pieces(count_id, first, line(first).version, 4, None)
    assert line(first).on_hand == 4, "typed anew it begins anew"
    booked(count_id)
    assert on_hand(first) == 4


def test_who_was_overtaken_hears_what_was_counted(count_id: int, pieces: list[int]) -> None:
    first = pieces[0]
    count_pieces(count_id, first, 0, 4, None)
    for seen in (0, 7):
        fresh()
        with pytest.raises(StaleForm) as caught:
            count_pieces(count_id, first, seen, 9, None)
        assert caught.value.present == {"counted": "4"}
    count_pieces(count_id, first, 1, 6, None)
    assert (line(first).counted, line(first).version) == (6, 2)
    for wrong in (-1, 1_000_001):
        with pytest.raises(BadInput):
            count_pieces(count_id, first, 2, wrong, None)


def test_what_was_corrected_by_hand_since_is_left_alone(count_id: int, pieces: list[int]) -> None:
    first, second, _ = pieces
    count_pieces(count_id, first, 0, 4, None)
    count_pieces(count_id, second, 0, 4, None)
    correct(first, -1, MovementKind.CORRECTION)
    correct(second, -1, MovementKind.CORRECTION)
    count_pieces(count_id, second, 1, 3, None)  # counted again: of that moment
    booked(count_id)
    assert [on_hand(first), on_hand(second)] == [4, 3]
    assert line(first).booked is None


def test_what_is_gone_is_not_taken_away_again(count_id: int, pieces: list[int]) -> None:
    count_pieces(count_id, pieces[0], 0, 1, None)
    correct(pieces[0], -3, MovementKind.WRITE_OFF)
    booked(count_id)
    assert on_hand(pieces[0]) == 0
    assert line(pieces[0]).booked == -2


def test_a_booking_that_broke_off_goes_on_where_it_was(count_id: int) -> None:
    chance = random.Random(2)
    wanted = {}
    for _ in range(4):
        for variant in make_product(variants=[{}, {}, {}], stock=5).variants:
            wanted[variant.id] = chance.randrange(9)
    for variant_id, number in wanted.items():
        count_pieces(count_id, variant_id, 0, number, None)
    fresh()
    close_count(count_id, None)
    assert len(stocktake._book_some(count_id, 0, Pace(first=5, largest=5))) == 5
    fresh()
    assert db.session.get_one(StockCount, count_id).state is CountState.BOOKING
    with pytest.raises(BadInput):
        begin_count(name="Another", user_id=None)
    fresh()
    assert book_count(count_id) == 7
    assert {each: on_hand(each) for each in wanted} == wanted
    moved = select(func.count(StockMovement.id)).where(StockMovement.reason.startswith("Stock"))
    assert db.session.scalar(moved) == sum(number != 5 for number in wanted.values())


def test_one_is_open_at_a_time(pieces: list[int]) -> None:
    brand, category = make_brand("Astre"), make_category("Rings")
    fresh()
    first = begin_count(category_id=category.id, name="", user_id=None)
    assert db.session.get_one(StockCount, first).name == "Rings"
    fresh()
    with pytest.raises(BadInput):
        begin_count(name="All pieces", user_id=None)
    fresh()
    count_pieces(first, pieces[0], 0, 1, None)
    drop_count(first, None)
    assert on_hand(pieces[0]) == 5
    fresh()
    second = begin_count(brand_id=brand.id, name="", user_id=None)
    fresh()
    assert db.session.get_one(StockCount, second).name == "Astre"
    for wrong in ({"category_id": 4711}, {"brand_id": 4711}):
        fresh()
        with pytest.raises(BadInput), transaction():
            begin_count(**wrong, name="", user_id=None)
    fresh()
    assert book_count(first) == 0
