"""What orders are found by: texts folded as those of products are, and conditions on them."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, or_, select

from shop.catalog.text import fold, like, words
from shop.core.emails import normalise_email
from shop.models import Order, OrderItem


def order_text(number: str, name: str, email: str, skus: Iterable[str]) -> str:
    """Return what staff find an order by."""
    return fold(" ".join([number, name, email, *dict.fromkeys(skus)]))


def item_text(name: str, sku: str) -> str:
    """Return what a customer finds a line of an order by."""
    return fold(f"{name} {sku}")


def found_by_staff(text: str) -> ColumnElement[bool]:
    """Return the condition that an order holds each word of what was typed, or its address all.

    An address is looked for as it is folded and as it is kept: its domain as A-labels.
    """
    asked = [fold(text)] if "@" in text else words(text)
    if not "".join(asked):
        return Order.number.icontains(text, autoescape=True)
    return or_(
        and_(*(Order.search_text.like(like(word), escape="!") for word in asked)),
        # Part of an address: of what is before the @, or of a domain.
        Order.email_key.contains(normalise_email(f"{text}@").rstrip("@"), autoescape=True),
        Order.email_key.contains(normalise_email(text), autoescape=True),
    )


def found_by_customer(text: str) -> ColumnElement[bool]:
    """Return the condition that an order's number holds what was typed, or a line each word."""
    number = Order.number.icontains(text, autoescape=True)
    asked = [OrderItem.search_text.like(like(word), escape="!") for word in words(text)]
    if not asked:
        return number
    named = select(OrderItem.id).where(OrderItem.order_id == Order.id, *asked)
    return or_(number, named.exists())
