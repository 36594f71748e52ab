"""Carry a change of stock to the product's copies and stamps, only when something shown crosses."""

from collections import defaultdict
from typing import NamedTuple

from sqlalchemy import select, update

from shop.core.db import before_commit, changed, db
from shop.models import Product, ProductVariant
from shop.shared.page_versions import bump_list, bump_product, lock_products
from shop.stock.display import (
    PriceShown,
    Shown,
    StockLevel,
    low_stock_threshold,
    price_shown,
    shown,
)


class _Products:
    """The products of whose variants another state is shown after the open transaction."""

    def __init__(self) -> None:
        self.ids: set[int] = set()

    def __call__(self) -> None:
        refresh_availability(self.ids)


def note_change(product_id: int, before: StockLevel, after: StockLevel) -> None:
    """Refresh the product at the end of the transaction if shoppers see the difference."""
    threshold = low_stock_threshold()
    if shown([before], threshold) != shown([after], threshold):
        before_commit("stamps:0:availability", _Products()).ids.add(product_id)
        bump_product(product_id)


def refresh_availability(product_ids: set[int]) -> None:
    """Write `is_available`, `few_left` and the price of these products from their variants.

    Bumps the list stamp when one of them changed. Joins the caller's transaction; the rows stay
    locked until it ends.
    """
    lock_products(product_ids)
    threshold = low_stock_threshold()
    offers = _offers_of(product_ids)
    columns = [getattr(Product, name) for name in (*Shown._fields, *PriceShown._fields)]
    for row in db.session.execute(
        select(Product.id, Product.is_active, *columns)
        .where(Product.id.in_(product_ids))
        .order_by(Product.id)
    ).all():
        mine = offers[row.id]
        wanted = shown((offer.level for offer in mine), threshold)._asdict()
        if mine:  # nothing on sale: the price of what is not stands there
            wanted |= price_shown(mine)._asdict()
        if all(getattr(row, name) == value for name, value in wanted.items()):
            continue
        changed(
            update(Product)
            .where(Product.id == row.id)
            .values(**wanted, updated_at=Product.updated_at)
        )
        if row.is_active:
            bump_list()


class _Offer(NamedTuple):
    id: int
    unit_amount: int
    compare_at_amount: int | None
    level: StockLevel


def _offers_of(product_ids: set[int]) -> dict[int, list[_Offer]]:
    """Return the variants on sale by product id; missing ids have none."""
    found: dict[int, list[_Offer]] = defaultdict(list)
    v = ProductVariant
    rows = db.session.execute(
        select(
            v.product_id,
            v.id,
            v.unit_amount,
            v.compare_at_amount,
            v.stock_policy,
            v.stock_on_hand,
            v.stock_reserved,
        ).where(v.product_id.in_(product_ids), v.is_active)
    )
    for product_id, variant_id, amount, compare_at, policy, on_hand, reserved in rows:
        level = StockLevel(policy, on_hand, reserved)
        found[product_id].append(_Offer(variant_id, amount, compare_at, level))
    return found
