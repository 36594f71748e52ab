"""How many of a variant one customer may have: the rule of bag, product page and checkout. Pure."""

from typing import Any

from sqlalchemy import ColumnElement

from shop.models.cart import MAX_QUANTITY
from shop.stock.display import StockLevel


def counted_columns(variant: Any, held: ColumnElement[int] | None = None) -> tuple[Any, ...]:
    """Return what a statement selects of a variant so that its rows can be asked how many.

    `variant`: the model or the columns of its table. `held`: how many of the reserved pieces count
    as free all the same.
    """
    reserved = variant.stock_reserved if held is None else variant.stock_reserved - held
    return variant.stock_policy, variant.stock_on_hand, reserved.label("stock_reserved")


def count_available(row: Any) -> int | None:
    """Return how many may be sold now; None when stock does not limit it."""
    return StockLevel(row.stock_policy, row.stock_on_hand, row.stock_reserved).available


def quantity_cap(row: Any) -> int:
    """Return how many a cart may hold now."""
    available = count_available(row)
    return MAX_QUANTITY if available is None else min(MAX_QUANTITY, available)
