"""What the first page and the navigation of the staff pages count."""

from collections.abc import Callable
from urllib.parse import quote

from sqlalchemy import ColumnElement, and_, select

from shop.admin.coupons.queries import find_coupon
from shop.admin.customers.queries import find_customer
from shop.admin.named_pages import find_named
from shop.catalog.text import like, sku_key, words
from shop.core.db import db
from shop.core.emails import normalise_email
from shop.models import (
    Order,
    Product,
    ProductVariant,
)


def find_page(text: str, may: Callable[[str], bool]) -> str:
    """Return where to go for `text`: a customer, an order, a product, a coupon.

    Else the list of products that say so, the page of what has this name, or the list of orders.
    Only where `may` says that the asker is let in.
    """
    if (exact := _find_exactly(text, may)) is not None:
        return exact
    orders, products = may("orders.view"), may("products.view")
    if products and text and "@" not in text and _is_product(text):
        return f"/admin/products?view=all&q={quote(text)}"
    if text and (named := find_named(text, may)) is not None:
        return named
    if orders:
        return f"/admin/orders?view=all&q={quote(text)}" if text else "/admin/orders"
    return f"/admin/products?view=all&q={quote(text)}" if products else "/admin/"


def _find_exactly(text: str, may: Callable[[str], bool]) -> str | None:
    """Return where the one is whose address, number, SKU or code `text` is; None for none."""
    if "@" in text and may("customers.view"):
        return _page_of_customer(text)
    if may("orders.view") and (number := find_exact_order(text)) is not None:
        return f"/admin/orders/{number}"
    if may("products.view") and (product_id := _find_by_sku(text)) is not None:
        return f"/admin/products/{product_id}"
    if may("coupons.edit") and text and (coupon_id := find_coupon(text)) is not None:
        return f"/admin/coupons/{coupon_id}"
    return None


def _page_of_customer(email: str) -> str:
    customer_id = find_customer(email)
    known = f"/{customer_id}" if customer_id is not None else f"?q={quote(email)}"
    return f"/admin/customers{known}"


def _is_product(text: str) -> bool:
    """Whether some product holds all words of `text`."""
    named = select(Product.id).where(says(text), Product.archived_at.is_(None)).limit(1)
    return db.session.scalar(named) is not None


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
