"""What the first page and the navigation of the staff pages count."""

from collections.abc import Callable
from urllib.parse import quote

from sqlalchemy import ColumnElement, and_, select

from shop.admin.coupons.queries import find_coupon
from shop.admin.customers.queries import find_customer
from shop.catalog.text import like, sku_key, words
from shop.core.db import db
from shop.core.emails import normalise_email
from shop.models import (
    Order,
    Product,
    ProductVariant,
)


def find_page(text: str, may: Callable[[str], bool]) -> str:
    """Return where to go for `text`: a customer, an order, a product, a coupon, else a list.

    Only where `may` says that the asker is let in.
    """
    orders, products = may("orders.view"), may("products.view")
    if "@" in text and may("customers.view"):
        return _page_of_customer(text)
    if orders and (number := find_exact_order(text)) is not None:
        return f"/admin/orders/{number}"
    if products and (product_id := _find_by_sku(text)) is not None:
        return f"/admin/products/{product_id}"
    if may("coupons.edit") and text and (coupon_id := find_coupon(text)) is not None:
        return f"/admin/coupons/{coupon_id}"
    return _list_for(text, orders=orders, products=products)


def _page_of_customer(email: str) -> str:
    customer_id = find_customer(email)
    known = f"/{customer_id}" if customer_id is not None else f"?q={quote(email)}"
    return f"/admin/customers{known}"


def _list_for(text: str, *, orders: bool, products: bool) -> str:
    """Return the list that knows more about `text`."""
    if products and not (orders and "@" in text):
        named = select(Product.id).where(says(text), Product.archived_at.is_(None)).limit(1)
        if not orders or (text and db.session.scalar(named) is not None):
            return f"/admin/products?view=all&q={quote(text)}"
    if orders:
        return f"/admin/orders?view=all&q={quote(text)}" if text else "/admin/orders"
    return "/admin/"


def find_exact_order(text: str) -> str | None:
    """Return the number of the one order with this number or this e-mail address."""
    number = db.session.scalar(select(Order.number).where(Order.number == text.upper()))
    if number is not None or "@" not in text:
        return number
    of_it = Order.email_key == normalise_email(text)
    numbers = db.session.scalars(select(Order.number).where(of_it).limit(2)).all()
    return numbers[0] if len(numbers) == 1 else None


def _find_by_sku(text: str) -> int | None:
    of_it = ProductVariant.sku_key == sku_key(text)
    found: int | None = db.session.scalar(select(ProductVariant.product_id).where(of_it))
    return found


def says(text: str) -> ColumnElement[bool]:
    """Return the condition that a product holds all words of `text`, accents folded."""
    found = [Product.search_text.like(like(word), escape="!") for word in words(text)]
    return and_(*found) if found else Product.name.icontains(text, autoescape=True)
