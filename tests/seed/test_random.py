"""Many further pieces at once."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from shop.catalog.queries.counts import count_large
from shop.catalog.queries.listings import find_listing_differences
from shop.core.db import db
from shop.media.services import StoredPicture
from shop.models import PriceChange, ProductImage, ProductVariant, ShopState, StockMovement
from shop.seed.bulk import (
    Placed,
    Surroundings,
    known_products,
    write_products,
)
from shop.seed.demo_data import read_demo
from shop.seed.recombine import further_products
from shop.seed.sections import ensure_sections
from shop.seed.services import seed_random
from tests.conftest import both_engines
from tests.seed.kit import get_product, problems, quiet, row_counts

SOME = 120
LOST = "have a picture whose file is gone"


class AnyPicture(dict[str, StoredPicture]):
    """Says of every picture that it is stored: what these tests are about are rows."""

    def __missing__(self, source: str) -> StoredPicture:
        return StoredPicture("c" * 64, 800, 1000)


def write(count: int) -> tuple[int, int]:
    """Write `count` further pieces without their pictures; return (looked at, written)."""
    demo = read_demo("EUR")
    ids = ensure_sections(demo.categories.values(), demo.brands.values())
    names = {slug: category.name for slug, category in demo.categories.items()}
    brands = {slug: brand.name for slug, brand in demo.brands.items()}
    around = Surroundings(ids, brands, names, AnyPicture())
    return list(write_products(placed(count), around))[-1]


def placed(count: int) -> Iterator[Placed]:
    for number, product in enumerate(further_products(count, "EUR")):
        yield Placed(product, position=number * 10)


@both_engines
def test_the_shop_has_them_afterwards(ctx: Flask) -> None:
    stamp = db.session.scalar(select(ShopState.list_stamp)) or 0
    db.session.rollback()
    seeded = seed_random(8, quiet)
    assert (seeded.made, seeded.present) == (8, 0)
    assert problems() == []
    assert (db.session.scalar(select(ShopState.list_stamp)) or 0) > stamp
    before = row_counts()
    again = seed_random(8, quiet)
    assert (again.made, again.present) == (0, 8)
    assert row_counts() == before


@both_engines
def test_pieces_keep_the_books_like_any_other(ctx: Flask) -> None:
    assert write(SOME) == (SOME, SOME)
    assert list(find_listing_differences()) == []
    assert {LOST, "no delivery method is active", "no tax rate is known"} == set(problems())
    variants = db.session.scalar(select(func.count(ProductVariant.id)))
    assert db.session.scalar(select(func.count(PriceChange.id))) == variants
    stocked = select(func.count()).where(ProductVariant.stock_on_hand > 0)
    movements = select(func.count(StockMovement.id))
    assert db.session.scalar(movements) == db.session.scalar(stocked)


@both_engines
def test_every_row_says_what_the_piece_says(ctx: Flask) -> None:
    write(SOME)
    for product in further_products(SOME, "EUR"):
        stored = get_product(product.slug)
        of_product = ProductVariant.product_id == stored.id
        rows = db.session.scalars(
            select(ProductVariant).where(of_product).order_by(ProductVariant.position)
        ).all()
        assert (stored.name, stored.description) == (product.name, product.text)
        assert stored.is_available is product.is_available
        assert [row.sku for row in rows] == [v.fields.sku for v in product.variants]
        assert [row.stock_on_hand for row in rows] == [v.stock for v in product.variants]
        chosen = [tuple(variant.fields.option_values) for variant in product.variants]
        assert [tuple(row.option_values) for row in rows] == chosen
        assert stored.single_variant_id == (rows[0].id if len(rows) == 1 else None)
        shown = select(ProductImage.variant_id).where(ProductImage.product_id == stored.id)
        labels = {row.id: tuple(row.option_values) for row in rows}
        images = db.session.scalars(shown.order_by(ProductImage.position)).all()
        assert [labels.get(image, ()) for image in images] == [
            tuple(shot.variant_key) for shot in product.shots
        ]


@both_engines
def test_only_the_missing_ones_are_written(ctx: Flask) -> None:
    write(30)
    before = row_counts()
    assert write(30) == (30, 0)
    assert row_counts() == before
    assert write(50) == (50, 20)
    everything = list(further_products(60, "EUR"))
    assert known_products(everything) == {product.slug for product in everything[:50]}


def test_a_large_shop_is_counted_at_once(ctx: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shop.catalog.queries.counts.SMALL", 5)
    seed_random(7, quiet)
    assert count_large() is None


def test_writes_are_short(ctx: Flask) -> None:
    sizes: list[int] = []

    def inserted(_c: object, _cur: object, sql: str, rows: object, *_rest: object) -> None:
        if sql.startswith("INSERT INTO product ") and isinstance(rows, list):
            sizes.append(len(rows))

    event.listen(db.engine, "before_cursor_execute", inserted)
    write(400)
    assert sum(sizes) == 400
    assert max(sizes) <= 200
    assert len(sizes) > 2
