"""Reading what belongs to an account."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from shop.auth.queries import list_sessions
from shop.core.addresses import FIELDS
from shop.core.db import db
from shop.core.errors import NotFound
from shop.models import Address, Cart, Order, OrderItem, User


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
    return {
        "account": {
            "email": user.email,
            "email_verified_at": _iso(user.email_verified_at),
            "name": user.name,
            "phone": user.phone,
            "created_at": _iso(user.created_at),
        },
        "addresses": [
            {name: getattr(row, name) for name in FIELDS} | {"is_default": row.is_default}
            for row in list_addresses(user_id)
        ],
        "sessions": [
            {"since": _iso(row.created_at), "browser": row.user_agent}
            for row in list_sessions(user_id)
        ],
        "checkout": db.session.scalar(select(Cart.draft).where(Cart.user_id == user_id)) or {},
        "orders": [_order(order, [i for i in items if i.order_id == order.id]) for order in orders],
    }


def _order(order: Order, items: list[OrderItem]) -> dict[str, Any]:
    return {
        "number": order.number,
        "placed_at": _iso(order.placed_at),
        "paid_at": _iso(order.paid_at),
        "status": order.display_status,
        "email": order.email,
        "phone": order.phone,
        "shipping_address": order.shipping_address,
        "note": order.customer_note,
        "currency": order.currency,
        "amount_total": order.amount_total,
        "amount_refunded": order.amount_refunded,
        "items": [
            {
                "sku": item.sku,
                "name": item.product_name,
                "variant": item.variant_label,
                "quantity": item.quantity,
                "unit_amount": item.unit_amount,
                "amount_total": item.amount_total,
            }
            for item in items
        ],
    }


def _iso(moment: Any) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
