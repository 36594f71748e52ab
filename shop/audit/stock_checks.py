"""I: stock is the sum of its ledger, reserved the sum of what is held, nothing is held for ever."""

from typing import Any

from sqlalchemy import Select, func, or_, select, union_all

from shop.audit.registry import check
from shop.models import (
    FulfilmentStatus,
    HoldState,
    MovementKind,
    Order,
    OrderItem,
    PaymentStatus,
    Product,
    ProductVariant,
    StockHold,
    StockMovement,
    StockPolicy,
)
from shop.models.order import CAPTURED, DEAD, OPEN
from shop.stock.services import OWED

Rows = Select[*tuple[Any, ...]]
_V = ProductVariant


@check("I1", "Stock on hand and reserved are never below 0")
def below_zero() -> Rows:
    """Find variants with less than nothing."""
    return select(_V.id.label("variant"), _V.stock_on_hand, _V.stock_reserved).where(
        or_(_V.stock_on_hand < 0, _V.stock_reserved < 0)
    )


@check("I1b", "No more is reserved than is on hand, unless pieces were taken all the same")
def over_reserved() -> Rows:
    """Find variants promised beyond what was there.

    What paid orders are owed may be missing. Staff may write off, or send to whom it is owed, what
    others hold.
    """
    owed = (
        select(func.coalesce(func.sum(StockHold.quantity), 0))
        .join(Order, Order.id == StockHold.order_id)
        .where(
            StockHold.variant_id == _V.id,
            StockHold.state == HoldState.ACTIVE,
            Order.payment_status.in_(CAPTURED),
        )
        .correlate(_V)
        .scalar_subquery()
    )
    took_away = select(StockMovement.id).where(
        StockMovement.variant_id == _V.id,
        StockMovement.quantity < 0,
        StockMovement.kind.in_([MovementKind.WRITE_OFF, MovementKind.CORRECTION])
        | (StockMovement.reason == OWED),
    )
    return select(_V.id.label("variant"), _V.stock_on_hand, _V.stock_reserved).where(
        _V.stock_policy == StockPolicy.DENY,
        _V.stock_reserved - owed > _V.stock_on_hand,
        ~took_away.exists(),
    )


@check("I2", "Stock on hand is the sum of its movements")
def on_hand_differs() -> Rows:
    """Find variants whose ledger says otherwise."""
    moved = _sum(StockMovement.quantity, StockMovement.variant_id == _V.id)
    return select(
        _V.id.label("variant"), _V.stock_on_hand.label("on_hand"), moved.label("movements")
    ).where(_V.stock_on_hand != moved)


@check("I3", "Reserved is the sum of active holds")
def reserved_differs() -> Rows:
    """Find variants with more or less reserved than is held."""
    held = _sum(
        StockHold.quantity,
        StockHold.variant_id == _V.id,
        StockHold.state == HoldState.ACTIVE,
    )
    return select(
        _V.id.label("variant"), _V.stock_reserved.label("reserved"), held.label("holds")
    ).where(_V.stock_reserved != held)


@check("I3b", "A paid order that waits to be sent has its pieces: sold to it or owed to it")
def paid_without_pieces() -> Rows:
    """Find lines whose sale and hold together are not what was bought.

    A failed refund takes from the shelf again what it had put there; what is gone is owed.
    """
    sold = _sum(
        -StockMovement.quantity,
        StockMovement.order_id == OrderItem.order_id,
        StockMovement.variant_id == OrderItem.variant_id,
    )
    owed = _sum(
        StockHold.quantity,
        StockHold.order_id == OrderItem.order_id,
        StockHold.variant_id == OrderItem.variant_id,
        StockHold.state == HoldState.ACTIVE,
    )
    return (
        select(
            Order.number.label("order"),
            OrderItem.variant_id.label("variant"),
            OrderItem.quantity.label("bought"),
            sold.label("sold"),
            owed.label("owed"),
        )
        .join(Order, Order.id == OrderItem.order_id)
        .where(
            Order.payment_status == PaymentStatus.PAID,
            Order.fulfilment_status == FulfilmentStatus.UNFULFILLED,
            OrderItem.is_tracked,
            OrderItem.quantity_refunded == 0,
            OrderItem.quantity != sold + owed,
        )
    )


@check("I3c", "No order takes more pieces from stock than it bought")
def sold_too_often() -> Rows:
    """Find orders whose stock was claimed twice."""
    movement = StockMovement
    bought = _sum(
        OrderItem.quantity,
        OrderItem.order_id == movement.order_id,
        OrderItem.variant_id == movement.variant_id,
    )
    sold = func.sum(-movement.quantity)
    return (
        select(
            movement.order_id.label("order_id"),
            movement.variant_id.label("variant"),
            sold.label("sold"),
            bought.label("bought"),
        )
        .where(movement.kind == MovementKind.SALE)
        .group_by(movement.order_id, movement.variant_id)
        .having(sold > bought)
    )


@check("I4", "Nothing is held for an order that has ended")
def held_for_nobody() -> Rows:
    """Find holds that nobody will ever claim or release."""
    ended = [*DEAD, PaymentStatus.REFUNDED]
    return (
        select(Order.number.label("order"), Order.payment_status, StockHold.variant_id)
        .join(Order, Order.id == StockHold.order_id)
        .where(StockHold.state == HoldState.ACTIVE, Order.payment_status.in_(ended))
    )


@check("I4c", "A paid order is owed no more pieces than are left to send")
def held_beyond_need() -> Rows:
    """Find holds over pieces that were sent or refunded: nobody else can buy them."""
    left = _sum(
        OrderItem.left_to_send,
        OrderItem.order_id == StockHold.order_id,
        OrderItem.variant_id == StockHold.variant_id,
    )
    return (
        select(
            Order.number.label("order"),
            Order.fulfilment_status,
            StockHold.variant_id,
            StockHold.quantity.label("held"),
            left.label("left"),
        )
        .join(Order, Order.id == StockHold.order_id)
        .where(
            StockHold.state == HoldState.ACTIVE,
            Order.payment_status.in_(CAPTURED),
            StockHold.quantity > left,
        )
    )


@check("I4b", "What an unpaid order claimed does not exist")
def claimed_unpaid() -> Rows:
    """Find stock that left for an order without money."""
    return (
        select(Order.number.label("order"), Order.payment_status, StockHold.variant_id)
        .join(Order, Order.id == StockHold.order_id)
        .where(
            StockHold.state == HoldState.CLAIMED,
            Order.payment_status.in_([*OPEN, *DEAD]),
        )
    )


def _sum(value: Any, *conditions: Any) -> Any:
    """Return the sum of `value` over the rows that belong to the outer row, 0 without any."""
    return (
        select(func.coalesce(func.sum(value), 0))
        .where(*conditions)
        .correlate(_V, OrderItem, StockMovement, StockHold)
        .scalar_subquery()
    )


@check("P2", "What is planned for a product next is the earliest of its plans")
def forgotten_plans() -> Rows:
    """Find products whose next moment is another one: nothing would happen at theirs."""
    is_in_force = _V.sale_before.is_not(None)
    kept = _V.archived_at.is_(None)
    moments = union_all(
        select(Product.id.label("product"), Product.on_sale_at.label("at")),
        select(Product.id, Product.off_sale_at),
        select(_V.product_id, _V.sale_until).where(kept, is_in_force),
        select(_V.product_id, _V.sale_since).where(kept, ~is_in_force),
    ).subquery()
    next_of = (
        select(moments.c.product, func.min(moments.c.at).label("at"))
        .where(moments.c.at.is_not(None))
        .group_by(moments.c.product)
        .subquery()
    )
    return (
        select(Product.id.label("product"), Product.due_at, next_of.c.at)
        .outerjoin(next_of, next_of.c.product == Product.id)
        .where(Product.due_at.is_distinct_from(next_of.c.at))
    )
