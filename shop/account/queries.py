"""Reading what belongs to an account."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, false, select

from shop.auth.queries import list_sessions
from shop.auth.services.second_factor import count_recovery_codes
from shop.core.addresses import FIELDS
from shop.core.db import db
from shop.core.errors import NotFound
from shop.models import (
    Address,
    Cart,
    CartItem,
    ContactMessage,
    Customer,
    CustomerNote,
    Order,
    OrderItem,
    OrderText,
    PageVersion,
    ProductVariant,
    SecondFactor,
    Shipment,
    User,
)


def get_user(user_id: int | None) -> User:
    """Return the account. Raises NotFound when it was closed meanwhile."""
    user = db.session.get(User, user_id) if user_id else None
    if user is None:
        raise NotFound
    return user


def list_addresses(user_id: int) -> Sequence[Address]:
    """Return the address book, the default first, then the newest."""
    return db.session.scalars(
        select(Address)
        .where(Address.user_id == user_id)
        .order_by(Address.is_default.desc(), Address.id.desc())
    ).all()


def get_address(user_id: int, address_id: int) -> Address:
    """Return an address of one's own. Raises NotFound for anybody else's."""
    mine = (Address.id == address_id) & (Address.user_id == user_id)
    address = db.session.scalar(select(Address).where(mine))
    if address is None:
        raise NotFound
    return address


def account_data(user_id: int) -> dict[str, Any]:
    """Return everything kept about a customer, for them to take along (GDPR articles 15 and 20).

    Amounts are minor units, moments UTC in ISO 8601. Neither passwords nor tokens are in it.
    """
    user = get_user(user_id)
    orders = db.session.scalars(
        select(Order).where(Order.user_id == user_id).order_by(Order.id)
    ).all()
    items = db.session.scalars(
        select(OrderItem)
        .where(OrderItem.order_id.in_([order.id for order in orders]))
        .order_by(OrderItem.id)
    ).all()
    parcels = db.session.scalars(
        select(Shipment)
        .where(Shipment.order_id.in_([order.id for order in orders]))
        .order_by(Shipment.id)
    ).all()
    texts = _texts_of(orders)
    return {
        "account": {
            "email": user.email,
            "email_verified_at": _iso(user.email_verified_at),
            "name": user.name,
            "phone": user.phone,
            "locale": user.locale,
            "has_single_keys": user.has_single_keys,
            "created_at": _iso(user.created_at),
        },
        "addresses": [
            {name: getattr(row, name) for name in FIELDS} | {"is_default": row.is_default}
            for row in list_addresses(user_id)
        ],
        "sessions": [
            {
                "since": _iso(row.created_at),
                "seen_at": _iso(row.seen_at),
                "until": _iso(row.expires_at),
                "browser": row.user_agent,
            }
            for row in list_sessions(user_id)
        ],
        "cart": [
            {"sku": sku, "quantity": quantity, "since": _iso(since)}
            for sku, quantity, since in db.session.execute(
                select(ProductVariant.sku, CartItem.quantity, CartItem.created_at)
                .join(CartItem, CartItem.variant_id == ProductVariant.id)
                .join(Cart, Cart.id == CartItem.cart_id)
                .where(Cart.user_id == user_id)
                .order_by(CartItem.id)
            )
        ],
        "checkout": db.session.scalar(select(Cart.draft).where(Cart.user_id == user_id)) or {},
        "orders": [
            _order(order, [i for i in items if i.order_id == order.id])
            | {
                "parcels": [_parcel(p) for p in parcels if p.order_id == order.id],
                "texts": texts.get(order.id, []),
            }
            for order in orders
        ],
        "messages": _messages_of(user),
        "notes": _notes_about(user_id),
    }


def _order(order: Order, items: list[OrderItem]) -> dict[str, Any]:
    return {
        "number": order.number,
        "placed_at": _iso(order.placed_at),
        "paid_at": _iso(order.paid_at),
        "closed_at": _iso(order.closed_at),
        "terms_accepted_at": _iso(order.terms_accepted_at),
        "status": order.display_status,
        "email": order.email,
        "phone": order.phone,
        "vat_id": order.vat_id,
        "shipping_address": order.shipping_address,
        "delivery": order.delivery_name,
        **order.texts,
        "ip": order.ip,
        "locale": order.locale,
        "language": order.language,
        "source": order.source,
        "currency": order.currency,
        "coupon": order.coupon_code,
        "amount_subtotal": order.amount_subtotal,
        "amount_discount": order.amount_discount,
        "amount_shipping": order.amount_shipping,
        "amount_tax": order.amount_tax,
        "amount_total": order.amount_total,
        "amount_paid": order.amount_paid,
        "amount_refunded": order.amount_refunded,
        "items": [
            {
                "sku": item.sku,
                "name": item.product_name,
                "variant": item.variant_label,
                "brand": item.brand_name,
                "quantity": item.quantity,
                "quantity_shipped": item.quantity_shipped,
                "quantity_refunded": item.quantity_refunded,
                "quantity_returned": item.quantity_returned,
                "unit_amount": item.unit_amount,
                "amount_discount": item.amount_discount,
                "tax_amount": item.tax_amount,
                "amount_total": item.amount_total,
            }
            for item in items
        ],
    }


def written_by(user: User) -> ColumnElement[bool]:
    """Return the condition that a message is an account's: by its hand, or its proven address."""
    proven = ContactMessage.email_key == user.email_key if user.email_verified_at else false()
    return (ContactMessage.user_id == user.id) | proven


def _texts_of(orders: Sequence[Order]) -> dict[int, list[dict[str, Any]]]:
    """Return what the checkout of each order showed, by the order's id."""
    rows = db.session.execute(
        select(OrderText.order_id, PageVersion.title, PageVersion.number, PageVersion.created_at)
        .join(PageVersion, PageVersion.id == OrderText.page_version_id)
        .where(OrderText.order_id.in_([order.id for order in orders]))
        .order_by(PageVersion.id)
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for order_id, title, number, at in rows:
        text = {"title": title, "version": number, "published_at": _iso(at)}
        found.setdefault(order_id, []).append(text)
    return found


def _messages_of(user: User) -> list[dict[str, Any]]:
    rows = db.session.scalars(
        select(ContactMessage).where(written_by(user)).order_by(ContactMessage.id)
    )
    return [_message(row) for row in rows]


def _notes_about(user_id: int) -> list[dict[str, Any]]:
    """Return what staff wrote about the customer, without who it was."""
    rows = db.session.scalars(
        select(CustomerNote)
        .join(Customer, Customer.id == CustomerNote.customer_id)
        .where(Customer.user_id == user_id)
        .order_by(CustomerNote.id)
    )
    return [{"written_at": _iso(row.created_at), "text": row.text} for row in rows]


def _message(row: ContactMessage) -> dict[str, Any]:
    return {
        "written_at": _iso(row.created_at),
        "name": row.name,
        "email": row.email,
        "order_number": row.order_number,
        "text": row.body,
        "done_at": _iso(row.done_at),
    }


def _parcel(parcel: Shipment) -> dict[str, Any]:
    return {
        "carrier": parcel.carrier,
        "tracking_number": parcel.tracking_number,
        "tracking_url": parcel.tracking_url,
        "sent_at": _iso(parcel.sent_at),
        "delivered_at": _iso(parcel.delivered_at),
    }


def _iso(moment: Any) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


@dataclass(frozen=True)
class FactorReading:
    """The second factor of an account; `seed` "" while nothing was begun."""

    seed: str
    is_on: bool
    codes_left: int


def get_second_factor(user_id: int) -> FactorReading:
    """Return whether the account asks for a code, and how many recovery codes are left."""
    row = db.session.get(SecondFactor, user_id)
    if row is None:
        return FactorReading("", is_on=False, codes_left=0)
    is_on = row.confirmed_at is not None
    return FactorReading(row.seed, is_on, count_recovery_codes(user_id) if is_on else 0)
