"""The lines of a cart as rows: what may stand in one, and how it is written."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects import postgresql, sqlite

from shop.cart.holds import own_hold
from shop.core.clock import now
from shop.core.db import db
from shop.models import CartItem, Product, ProductVariant
from shop.stock.quantity import counted_columns


def insert_line(
    cart_id: int, variant_id: int, quantity: int, seen_amount: int
) -> postgresql.Insert | sqlite.Insert:
    """Return the statement for a new line, to which the caller adds what a present one becomes."""
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    return insert(CartItem).values(
        cart_id=cart_id,
        variant_id=variant_id,
        quantity=quantity,
        seen_amount=seen_amount,
        created_at=now(),
    )


def live_variants(cart_id: int) -> Select[*tuple[Any, ...]]:
    """Select variants as they are now; what an order of this cart holds counts as free for it."""
    return select(
        ProductVariant.id,
        ProductVariant.unit_amount,
        ProductVariant.option_values,
        *counted_columns(ProductVariant, own_hold(cart_id)),
        (ProductVariant.is_active & Product.is_active).label("is_on_sale"),
        Product.name,
    ).join(Product, Product.id == ProductVariant.product_id)
