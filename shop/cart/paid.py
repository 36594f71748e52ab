"""What an empty cart was paid with: a tab that was left open says so."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from shop.core.clock import now
from shop.core.db import db
from shop.models import Order, PaymentStatus
from shop.models.order import CAPTURED


@dataclass(frozen=True)
class PaidOrder:
    """What an empty cart was paid with; `number` is empty for anybody but the order's owner."""

    number: str


def find_paid(
    cart_id: int, *, user_id: int | None, remembered: Collection[str]
) -> PaidOrder | None:
    """Return the order that a cart was paid with in the last day, for a page in another tab."""
    row = db.session.execute(
        select(Order.number, Order.user_id)
        .where(
            Order.cart_id == cart_id,
            Order.payment_status.in_([*CAPTURED, PaymentStatus.PROCESSING]),
            Order.placed_at > now() - timedelta(days=1),
        )
        .order_by(Order.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    is_mine = row.number in remembered or (user_id is not None and row.user_id == user_id)
    return PaidOrder(row.number if is_mine else "")
