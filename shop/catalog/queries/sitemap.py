"""The addresses search engines should know."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from shop.core.db import db
from shop.models import Product

SPAN = 20_000  # ids a file; the protocol allows 50,000 addresses (sitemaps.org)


def count_product_files() -> int:
    """Return how many files the products fill."""
    return (db.session.scalar(select(func.max(Product.id))) or 0) // SPAN + 1


def list_product_addresses(number: int) -> Sequence[tuple[str, datetime]]:
    """Return (slug, last change) of the products on sale in file `number`, from 1."""
    rows = db.session.execute(
        select(Product.slug, Product.updated_at)
        .where(
            Product.id > (number - 1) * SPAN - 1,
            Product.id < number * SPAN,
            Product.is_active,
        )
        .order_by(Product.id)
    )
    return [(row.slug, row.updated_at) for row in rows]
