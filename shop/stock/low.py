"""Which variants run low, and the word to staff when one begins to."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Subquery, delete, literal_column, select

from shop.core.clock import now
from shop.core.config import config
from shop.core.db import changed, db, end_read, insert_new, retried, transaction
from shop.jobs import enqueue
from shop.models import LowStockNotice, Product, ProductVariant
from shop.models.catalog import COUNTED_STOCK, STOCK_LEFT
from shop.settings.queries import shop_settings

_MOST: Final = 200  # variants that one mail tells of


def low_variants(limit: int) -> Subquery:
    """Return id and available pieces of variants on sale that run low, the fewest first."""
    left: ColumnElement[int] = literal_column(f"({STOCK_LEFT})")
    rows = select(ProductVariant.id, left.label("available")).where(*_is_low(left))
    return rows.order_by(left, ProductVariant.id).limit(limit).subquery("low")


def _is_low(left: ColumnElement[int]) -> tuple[Any, ...]:
    """Return the conditions, in the words of their index: ix_product_variant_left."""
    is_on_sale = (
        select(Product.id)
        .where(Product.id == ProductVariant.product_id, Product.is_active)
        .correlate(ProductVariant)
        .exists()
    )
    threshold = shop_settings().low_stock_threshold
    return literal_column(COUNTED_STOCK), left <= threshold, is_on_sale


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
    left: ColumnElement[int] = literal_column(f"({STOCK_LEFT})")
    with transaction():
        low = select(ProductVariant.id).where(*_is_low(left))
        changed(delete(LowStockNotice).where(LowStockNotice.variant_id.not_in(low)))
        untold = low.where(ProductVariant.id.not_in(select(LowStockNotice.variant_id)))
        ids = db.session.scalars(untold.order_by(left, ProductVariant.id).limit(_MOST)).all()
        at = now()
        new = [one for one in ids if insert_new(LowStockNotice, variant_id=one, told_at=at)]
        if new:
            payload = {"batch": f"{at.timestamp():.6f}-{new[0]}", "variant_ids": new}
            key = f"mail.staff_low_stock:{payload['batch']}"
            enqueue("mail.staff_low_stock", payload, dedupe_key=key)
        return len(new)
