"""Everything that changes stock: one conditional UPDATE a variant, in the order of their ids.

The books, for every variant and at every commit:

* on hand = Σ movements; reserved = Σ quantity of active holds; both are at least 0;
* available = max(0, on hand − reserved) for policy "deny"; "continue" may be reserved beyond what
  is there, "untracked" has no holds and no sales in the books;
* what a paid order is still owed (made to order, or written off after it was reserved) stays an
  active hold over the missing pieces, so the next delivery goes to that order and is not sold
  again. It is never over more pieces than are left to send: `settle_stock()` shortens it when
  pieces are sent, `reduce_owed()` or `release_stock()` when they are refunded.

Each function joins the caller's transaction. Only what is available is reserved, a hold is claimed
or released once, on hand never goes below 0: conditions of the statements in `updates`. Under them
lie the CHECK constraints `on_hand` and `reserved` of `product_variant` and the UNIQUE of
`stock_hold`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from shop.core.clock import now
from shop.core.db import crash_point, db, retried, transaction
from shop.core.errors import BadInput, InsufficientStock, OrderError
from shop.models import (
    HoldState,
    MovementKind,
    OrderItem,
    Product,
    ProductVariant,
    StockMovement,
    StockPolicy,
)
from shop.stock import updates

LARGEST_STOCK = 1_000_000
OWED = "Owed to its order"  # the reason of a sale of what was not there when it was paid
STAFF_KINDS = frozenset(
    {
        MovementKind.INITIAL,
        MovementKind.RESTOCK,
        MovementKind.CORRECTION,
        MovementKind.WRITE_OFF,
    }
)


@dataclass(frozen=True)
class Shortage:
    """Pieces of a paid order that are not there. `is_backorder`: they were sold as made to order,
    so nothing is wrong; else somebody must look at the order."""

    variant_id: int
    quantity: int
    is_backorder: bool


def reserve_stock(order_id: int, lines: Iterable[tuple[int, int]]) -> None:
    """Hold pieces for an unpaid order. `lines`: (variant id, quantity ≥ 1), each variant once.

    Raises InsufficientStock, ProductUnavailable or NotFound; the transaction must then roll back.
    """
    with transaction():
        held = [line for line in sorted(lines) if updates.reserve(*line)]
        updates.add_holds(order_id, held)
        crash_point("after-hold")


def move_stock(
    from_order_id: int, order_id: int, lines: Iterable[tuple[int, int]], at: datetime
) -> None:
    """Release what one order holds and hold `lines` for another, as one step.

    For a cart that changed during checkout: pieces that both orders want are never free in
    between, and rows are locked in one order. Raises as `reserve_stock()`.
    """
    with transaction():
        freed = dict(updates.close_holds(from_order_id, HoldState.RELEASED, at))
        wanted = dict(lines)
        held = []
        for variant_id in sorted(freed.keys() | wanted.keys()):
            quantity = wanted.get(variant_id, 0)
            more = quantity - freed.get(variant_id, 0)
            if more < 0:
                updates.change_stock(variant_id, reserved=more)
            is_counted = more <= 0 or updates.reserve(variant_id, more)
            if quantity and is_counted:
                held.append((variant_id, quantity))
        updates.add_holds(order_id, held)
        crash_point("after-hold")


def release_stock(order_id: int, at: datetime) -> None:
    """Give back what an order holds, once: a second call finds no active hold.

    Only when the payment that could claim it is provably dead, or has been refunded.
    """
    with transaction():
        crash_point("before-release")
        for variant_id, quantity in updates.close_holds(order_id, HoldState.RELEASED, at):
            updates.change_stock(variant_id, reserved=-quantity)
        crash_point("after-release")


def claim_stock(order_id: int, at: datetime) -> list[Shortage]:
    """Turn the holds of a paid order into sales; returns the pieces that are not there.

    A hold that was already released (the money came late) is claimed from what is available now;
    pieces that others hold are never taken. Safe to run twice: what is claimed stays claimed, and
    what is owed is looked for again.
    """
    with transaction():
        crash_point("before-claim")
        late = updates.close_holds(order_id, HoldState.CLAIMED, at, source=HoldState.RELEASED)
        on_time = updates.close_holds(order_id, HoldState.CLAIMED, at)
        sold, short = [], []
        for variant_id, quantity, is_late in sorted(
            [(*hold, True) for hold in late] + [(*hold, False) for hold in on_time]
        ):
            taken, policy = updates.take(variant_id, quantity, is_late=is_late)
            sold.append((variant_id, -taken))
            if taken < quantity:
                updates.reopen_hold(order_id, variant_id, quantity - taken)
                is_backorder = policy is not StockPolicy.DENY
                short.append(Shortage(variant_id, quantity - taken, is_backorder))
        updates.add_movements(MovementKind.SALE, order_id, sold)
        crash_point("after-claim")
        return short


def settle_stock(order_id: int, variant_id: int, left: int, at: datetime) -> None:
    """Let a paid order of whose variant `left` pieces wait to be sent be owed no more than those.

    What it was owed beyond them is being sent now: what of it is on the shelf is booked as sold,
    also where others hold it, since it is gone; the rest was made for the order and never lay
    there.
    """
    with transaction():
        on_hand = updates.lock_stock(variant_id).on_hand
        sent = updates.shorten_hold(order_id, variant_id, left, HoldState.CLAIMED, at)
        taken = min(sent, on_hand)
        if sent:
            updates.change_stock(variant_id, on_hand=-taken, reserved=-sent)
            lines = [(variant_id, -taken)]
            updates.add_movements(MovementKind.SALE, order_id, lines, reason=OWED)
        if sent > taken:
            updates.add_made(order_id, variant_id, sent - taken)


def reduce_owed(order_id: int, variant_id: int, quantity: int) -> int:
    """Let a paid order be owed up to `quantity` pieces less; returns how many.

    They are refunded and never lay on the shelf, so nothing is to be put back there.
    """
    with transaction():
        updates.lock_stock(variant_id)
        left = max(0, updates.owed_quantity(order_id, variant_id) - quantity)
        forgiven = updates.shorten_hold(order_id, variant_id, left, HoldState.RELEASED, now())
        if forgiven:
            updates.change_stock(variant_id, reserved=-forgiven)
        return forgiven


@retried
def adjust_stock(
    variant_id: int, delta: int, kind: MovementKind, reason: str, user_id: int | None
) -> int:
    """Change what is on hand by `delta` pieces and write the movement; returns the new number.

    `kind` is one of STAFF_KINDS. May go below what is reserved (a write-off), never below 0.
    Raises BadInput, NotFound, or InsufficientStock when fewer than −delta are on hand.
    """
    if kind not in STAFF_KINDS:
        raise ValueError(f"{kind} is not for staff")
    if delta == 0 or abs(delta) > LARGEST_STOCK:
        raise BadInput(delta=f"Enter a number from 1 to {LARGEST_STOCK}, with + or −.")
    with transaction() as session:
        is_possible = (ProductVariant.stock_on_hand + delta).between(0, LARGEST_STOCK)
        if not updates.change_stock(variant_id, is_possible, on_hand=delta):
            _refuse_adjustment(variant_id, delta)
        session.add(
            StockMovement(
                variant_id=variant_id, quantity=delta, kind=kind, reason=reason, user_id=user_id
            )
        )
        session.flush()
        return updates.lock_stock(variant_id).on_hand


def _refuse_adjustment(variant_id: int, delta: int) -> None:
    stock = updates.lock_stock(variant_id)
    if delta > 0:
        raise BadInput(delta=f"At most {LARGEST_STOCK} pieces can be on hand.")
    name = db.session.scalars(
        select(Product.name).join(ProductVariant).where(ProductVariant.id == variant_id)
    ).one()
    raise InsufficientStock(name, stock.on_hand, variant_id)


@retried
def return_stock(order_id: int, variant_id: int, quantity: int, user_id: int | None) -> int:
    """Put pieces of a paid order back on the shelf; returns how many went there.

    A variant that is not counted stays as it is. Raises OrderError for more pieces than the order
    had.
    """
    with transaction() as session:
        if updates.lock_stock(variant_id).policy is StockPolicy.UNTRACKED:
            return 0
        bought = session.scalar(
            select(func.sum(OrderItem.quantity)).where(
                OrderItem.order_id == order_id, OrderItem.variant_id == variant_id
            )
        )
        returned = session.scalar(
            select(func.sum(StockMovement.quantity)).where(
                StockMovement.order_id == order_id,
                StockMovement.variant_id == variant_id,
                StockMovement.kind == MovementKind.RETURN,
            )
        )
        if (returned or 0) + quantity > (bought or 0):
            raise OrderError("More pieces than this order had cannot come back.")
        updates.change_stock(variant_id, on_hand=quantity)
        updates.add_movements(MovementKind.RETURN, order_id, [(variant_id, quantity)], user_id)
        return quantity
