"""Pieces of an order that are refunded: which had been sent, what is owed no longer, and stock."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from shop.core.db import changed, db, retried, transaction
from shop.core.errors import BadInput, InvalidTransition, NotFound, RefundTooLarge
from shop.models import OrderItem, Refund, RefundItem
from shop.models.payment import GONE
from shop.orders.events import add_order_event
from shop.orders.fulfilment.status import follow_items, lock_order
from shop.stock.rereserve import rereserve_stock
from shop.stock.services import reduce_owed, return_stock


@dataclass(frozen=True)
class RefundLine:
    """How many pieces of an order's item a refund is for, and whether they go back to stock.

    `amount`: minor units. `quantity_returned`: how many of them had been sent; None: only those
    that are not left to send.
    """

    order_item_id: int
    quantity: int
    amount: int
    is_restocked: bool = False
    quantity_returned: int | None = None


def refund_items(refund: Refund, lines: Sequence[RefundLine], user_id: int | None) -> None:
    """Write which pieces a refund is for, in the caller's transaction.

    What an unsent one was owed it is owed no longer. Raises RefundTooLarge for more pieces than
    are left, BadInput when not so many had been sent, or wait to be.
    """
    if not lines:
        return
    lock_order(refund.order_id)
    written = []
    for line in sorted(lines, key=lambda line: line.order_item_id):
        item, row = _count(refund, line)
        if item.is_tracked:
            written.append((item.variant_id, row, line.is_restocked))
    for variant_id, row, is_restocked in sorted(written, key=lambda counted: counted[0]):
        unsent = row.quantity - row.quantity_returned
        row.quantity_restocked = reduce_owed(refund.order_id, variant_id, unsent)
        if is_restocked:
            back = row.quantity - row.quantity_restocked
            _return(refund.order_id, variant_id, back, user_id)
            row.quantity_restocked = row.quantity
    follow_items(refund.order_id)


def _count(refund: Refund, line: RefundLine) -> tuple[OrderItem, RefundItem]:
    item = db.session.get(
        OrderItem, line.order_item_id, with_for_update=True, populate_existing=True
    )
    if item is None or item.order_id != refund.order_id:
        raise NotFound
    returned = line.quantity_returned
    if returned is None:
        returned = max(0, line.quantity - item.left_to_send)
    counted = 0 <= returned <= line.quantity and changed(
        update(OrderItem)
        .where(
            OrderItem.id == item.id,
            OrderItem.left_to_send >= line.quantity - returned,
            OrderItem.with_customer >= returned,
        )
        .values(
            quantity_refunded=OrderItem.quantity_refunded + line.quantity,
            quantity_returned=OrderItem.quantity_returned + returned,
        )
    )
    if not counted:
        _refuse(item, line)
    row = RefundItem(
        refund_id=refund.id,
        order_item_id=item.id,
        quantity=line.quantity,
        amount=line.amount,
        quantity_returned=returned,
    )
    db.session.add(row)
    return item, row


def _refuse(item: OrderItem, line: RefundLine) -> None:
    if line.quantity > item.left_to_send + item.with_customer:
        raise RefundTooLarge("More pieces than were bought cannot be refunded.")
    raise BadInput(
        f"Of {item.product_name}, {item.with_customer} sent and {item.left_to_send} unsent "
        "can be refunded. Correct how many had been sent."
    )


def _return(order_id: int, variant_id: int, quantity: int, user_id: int | None) -> None:
    if quantity:
        return_stock(order_id, variant_id, quantity, user_id)


def _is_marked(refund_item_id: int) -> bool:
    """Note that all pieces of the row are back in stock; returns whether any was not."""
    return bool(
        changed(
            update(RefundItem)
            .where(
                RefundItem.id == refund_item_id,
                RefundItem.quantity_restocked < RefundItem.quantity,
            )
            .values(quantity_restocked=RefundItem.quantity)
        )
    )


@retried
def restock_refund(order_id: int, refund_id: str, *, user_id: int | None = None) -> int:
    """Put the pieces of a refund back to stock that are not there yet; returns how many.

    Raises NotFound, or InvalidTransition when none is left to be put back.
    """
    with transaction() as session:
        lock_order(order_id)  # one comes after the other, and after a refund that fails
        refund = session.get(Refund, refund_id, populate_existing=True)
        if refund is None or refund.order_id != order_id:
            raise NotFound
        rows = session.execute(
            select(OrderItem.variant_id, RefundItem)
            .join(OrderItem, OrderItem.id == RefundItem.order_item_id)
            .where(RefundItem.refund_id == refund_id, OrderItem.is_tracked)
            .order_by(OrderItem.variant_id)
            .execution_options(populate_existing=True)
        ).all()
        back = 0
        for variant_id, row in [] if refund.state in GONE else rows:
            left = row.quantity - row.quantity_restocked
            if _is_marked(row.id):
                _return(order_id, variant_id, left, user_id)
                back += left
        if not back:
            raise InvalidTransition("These pieces are in stock already, or were not refunded.")
        add_order_event(order_id, "restocked", user_id=user_id, pieces=back)
        return back


def undo_refunded_items(refund: Refund) -> None:
    """Let the pieces of a failed refund be bought again: sent, to be sent, owed as before.

    In the caller's transaction, which has locked the order. Safe to run once for each refund.
    """
    rows = db.session.scalars(
        select(RefundItem)
        .where(RefundItem.refund_id == refund.id)
        .order_by(RefundItem.order_item_id)
    ).all()
    for row in rows:
        changed(
            update(OrderItem)
            .where(OrderItem.id == row.order_item_id)
            .values(
                quantity_refunded=OrderItem.quantity_refunded - row.quantity,
                quantity_returned=OrderItem.quantity_returned - row.quantity_returned,
            )
        )
    rereserve_stock(refund.order_id, refund.id)
    follow_items(refund.order_id)
