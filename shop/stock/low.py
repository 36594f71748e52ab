"""Which variants run low, and the word to staff when one begins to.

A variant runs low at its own level, or at the shop's where it has none. That is `low_level()` here
and, in SQL, two conditions in the words of
two indexes; for rows that are found otherwise it is `runs_low()`.
"""

from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    delete,
    func,
    literal_column,
    select,
    union_all,
)

from shop.core.clock import now
from shop.core.config import config
from shop.core.db import changed, db, end_read, insert_new, retried, transaction
from shop.jobs import enqueue
from shop.models import LowStockNotice, Product, ProductVariant, StockPolicy
from shop.models.catalog import BELOW_OWN_LEVEL, BY_SHOPS_LEVEL, STOCK_LEFT
from shop.settings.queries import shop_settings

_MOST: Final = 200  # variants that one mail tells of


def low_level(own: int | None) -> int:
    """Return at how many pieces or fewer a variant with this level of its own runs low."""
    return shop_settings().low_stock_threshold if own is None else own


def low_variants(limit: int) -> Subquery:
    """Return id and available pieces of variants on sale that run low, the fewest first."""
    left: ColumnElement[int] = literal_column(f"({STOCK_LEFT})")
    some = [
        rows.order_by(left, ProductVariant.id).limit(limit).subquery()
        for rows in _low(is_on_sale=True)
    ]
    both = union_all(*(select(rows) for rows in some)).subquery()
    return select(both).order_by(both.c.available, both.c.id).limit(limit).subquery("low")


def low_products() -> Select[Any]:
    """Return the ids of products of which a variant runs low, on sale or not."""
    low = union_all(*_low(is_on_sale=False)).subquery()
    return select(ProductVariant.product_id).where(ProductVariant.id.in_(select(low.c.id)))


def runs_low() -> ColumnElement[bool]:
    """Return whether a variant runs low, its product on sale or not: of rows already at hand."""
    left = ProductVariant.stock_on_hand - ProductVariant.stock_reserved
    is_counted = ProductVariant.stock_policy == StockPolicy.DENY
    level = func.coalesce(ProductVariant.low_stock_level, low_level(None))
    return and_(ProductVariant.is_active, is_counted, left <= level)


def _low(*, is_on_sale: bool) -> list[Select[Any]]:
    """Return id and available pieces by the shop's level and by levels of their own.

    `is_on_sale`: only of products on sale.
    """
    left: ColumnElement[int] = literal_column(f"({STOCK_LEFT})")
    rows: Any = select(ProductVariant.id, left.label("available"))
    if is_on_sale:
        of_it = select(Product.id).where(Product.id == ProductVariant.product_id)
        rows = rows.where(of_it.where(Product.is_active).correlate(ProductVariant).exists())
    by_shops = rows.where(literal_column(BY_SHOPS_LEVEL), left <= low_level(None))
    return [by_shops, rows.where(literal_column(BELOW_OWN_LEVEL))]


def tell_low_stock() -> int:
    """Queue a mail to staff about variants that have begun to run low; return how many are new.

    Each is told once, until it has recovered. Nothing while the setting is off, or where no mail
    to staff goes.
    """
    if not shop_settings().low_stock_mail or not config().staff_email:
        return 0
    end_read()
    return _tell()


@retried
def _tell() -> int:
    with transaction():
        low = union_all(*_low(is_on_sale=True)).subquery()
        is_low = LowStockNotice.variant_id.in_(select(low.c.id))
        changed(delete(LowStockNotice).where(~is_low))
        untold = select(low.c.id).where(low.c.id.not_in(select(LowStockNotice.variant_id)))
        ids = db.session.scalars(untold.order_by(low.c.available, low.c.id).limit(_MOST)).all()
        at = now()
        new = [one for one in ids if insert_new(LowStockNotice, variant_id=one, told_at=at)]
        if new:
            payload = {"batch": f"{at.timestamp():.6f}-{new[0]}", "variant_ids": new}
            key = f"mail.staff_low_stock:{payload['batch']}"
            enqueue("mail.staff_low_stock", payload, dedupe_key=key)
        return len(new)
