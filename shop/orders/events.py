"""The history of an order: one row for whatever happened to it."""

from typing import Any

from sqlalchemy import case, update

from shop.core.db import changed, db
from shop.models import Attention, Order, OrderEvent


def add_order_event(order_id: int, kind: str, *, user_id: int | None = None, **data: Any) -> None:
    """Append an event to the order's history, in the caller's transaction."""
    db.session.add(OrderEvent(order_id=order_id, kind=kind, data=data, user_id=user_id))


def raise_attention(
    order: Order, reason: Attention, *, is_mild: bool = False, about: str = "", **data: Any
) -> None:
    """Put the order on the desk of staff, in the caller's transaction.

    A mild reason does not take the place of another, nor any reason that of money about which
    staff have to decide; history and mail tell it all the same. `about`: the id of what is the
    matter, where an order may have several such; there is a mail for each. Forms of staff that are
    open are overtaken: whoever has looked at an order has not looked at this.
    """
    from shop.jobs import enqueue

    yields = [Attention.NONE] if is_mild else [a for a in Attention if a is not Attention.MISMATCH]
    stands = case((Order.attention.in_(yields), reason), else_=Order.attention)
    values = {"attention": stands, "version": Order.version + 1}
    changed(update(Order).where(Order.id == order.id).values(values))
    db.session.expire(order, list(values))
    add_order_event(order.id, "attention", reason=str(reason), **data)
    enqueue(
        "mail.staff_attention",
        {"order_id": order.id, "reason": str(reason)} | ({"about": about} if about else {}),
        dedupe_key=f"mail.staff_attention:{order.id}:{reason}:{about}",
    )
