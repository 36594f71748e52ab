"""The things that entries of the trail are about: their pages, while they are there."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from sqlalchemy import String, cast, literal, select, union_all

from shop.admin.settings.rooms import HOME, setting_urls
from shop.core.db import db
from shop.core.row_ids import parse_id
from shop.models import (
    Brand,
    Carrier,
    Category,
    Collection,
    ContactMessage,
    Coupon,
    Customer,
    DeliveryMethod,
    DeliveryZone,
    MailMessage,
    Order,
    Page,
    Product,
    ProductVariant,
    Role,
    StockCount,
    User,
)

Thing = tuple[str, str]  # the type and the id, as an entry names them

# Of each type: by which column an entry names the thing, and where its page is.
_PAGES: Final = {
    "order": (Order.number, "/admin/orders/{}"),
    "product": (Product.id, "/admin/products/{}"),
    "coupon": (Coupon.id, "/admin/coupons/{}"),
    "page": (Page.id, "/admin/pages/{}"),
    "category": (Category.id, "/admin/categories/{}"),
    "brand": (Brand.id, "/admin/brands/{}"),
    "role": (Role.id, "/admin/staff/roles/{}"),
    "contact_message": (ContactMessage.id, "/admin/messages/{}"),
    "collection": (Collection.id, "/admin/collections/{}"),
    "customer": (Customer.id, "/admin/customers/{}"),
    "delivery_method": (DeliveryMethod.id, f"{HOME}/delivery/methods/{{}}"),
    "delivery_zone": (DeliveryZone.id, f"{HOME}/delivery/zones/{{}}"),
    "stock_count": (StockCount.id, "/admin/stock/counts/{}"),
    "carrier": (Carrier.id, f"{HOME}/delivery#carriers"),
    "mail": (MailMessage.id, "/admin/mails/{}"),
    "stock": (ProductVariant.id, "/admin/stock/{}"),
    "user": (User.id, "/admin/staff/{}"),
}
_MORE: Final = {"user": [User.role_id.is_not(None)]}  # who has no role has no page here
_LISTS: Final = {
    "coupon_batch": "/admin/coupons",
    "home_block": "/admin/home",
    "job": "/admin/jobs",
    "logo": f"{HOME}/look",
    "mail_text": f"{HOME}/mail",
    "saved_view": "/admin/orders",
    "staff_invitation": "/admin/staff",
    "tax_rate": f"{HOME}/tax-rates",
}


def find_pages(things: AbstractSet[Thing]) -> Mapping[Thing, str]:
    """Return the staff page of each of these things that is there; one statement."""
    found = {thing: _LISTS[thing[0]] for thing in things if thing[0] in _LISTS}
    urls = setting_urls()
    found |= {(kind, key): urls[key] for kind, key in things if kind == "setting" and key in urls}
    for kind, key in _existing(things):
        found[kind, key] = _PAGES[kind][1].format(key)
    return found


def _existing(things: AbstractSet[Thing]) -> Sequence[Thing]:
    """Return those of the things that are rows of a table."""
    parts = []
    for kind, (column, _url) in _PAGES.items():
        keys = sorted({key for named, key in things if named == kind})
        ids = keys if column is Order.number else [parse_id(key) for key in keys]
        if keys:
            is_one = [column.in_(ids), *_MORE.get(kind, ())]
            parts.append(select(literal(kind).label("kind"), cast(column, String)).where(*is_one))
    return [(row[0], row[1]) for row in db.session.execute(union_all(*parts))] if parts else []
