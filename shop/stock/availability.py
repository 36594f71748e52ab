"""Carry a change of stock to the product's copies and stamps, only when something shown crosses."""

from collections import defaultdict

from sqlalchemy import select, update

from shop.db import before_commit, changed, db
from shop.models import Product, ProductVariant
from shop.stamps import bump_list, bump_product, lock_products
from shop.stock.levels import Level, low_stock_threshold, shown


class _Products:
    """The products of whose variants another state is shown after the open transaction."""

    def __init__(self) -> None:
        self.ids: set[int] = set()

    def __call__(self) -> None:
        refresh_availability(self.ids)


def note_change(product_id: int, before: Level, after: Level) -> None:
    """Refresh the product at the end of the transaction if shoppers see the difference."""
    threshold = low_stock_threshold()
    if shown([before], threshold) != shown([after], threshold):
        before_commit("stamps:0:availability", _Products()).ids.add(product_id)
        bump_product(product_id)


def refresh_availability(product_ids: set[int]) -> None:
    """Write `is_available` and `few_left` of these products from their variants.

    Bumps the list stamp when one of them changed. Joins the caller's transaction; the rows stay
    locked until it ends.
    """
    lock_products(product_ids)
    threshold = low_stock_threshold()
    levels = levels_of(product_ids)
    for row in db.session.execute(
        select(Product.id, Product.is_active, Product.is_available, Product.few_left)
        .where(Product.id.in_(product_ids))
        .order_by(Product.id)
    ).all():
        now_shown = shown(levels[row.id], threshold)
        if (row.is_available, row.few_left) == now_shown:
            continue
        changed(
            update(Product)
            .where(Product.id == row.id)
            .values(**now_shown._asdict(), updated_at=Product.updated_at)
        )
        if row.is_active:
            bump_list()


def levels_of(product_ids: set[int]) -> dict[int, list[Level]]:
    """Return the levels of the variants on sale, by product id; missing ids have none."""
    found: dict[int, list[Level]] = defaultdict(list)
    rows = db.session.execute(
        select(
            ProductVariant.product_id,
            ProductVariant.stock_policy,
            ProductVariant.stock_on_hand,
            ProductVariant.stock_reserved,
        ).where(ProductVariant.product_id.in_(product_ids), ProductVariant.is_active)
    )
    for product_id, policy, on_hand, reserved in rows:
        found[product_id].append(Level(policy, on_hand, reserved))
    return found
