"""What breaks a shop on purpose: each change is one the machine must notice, and by what rule.

Each strikes where a script has brought the shop to, never in random shopping: what the machine sees
there must not depend on luck.
"""

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import delete, func, insert, select, update

from shop.core.db import changed, db, transaction
from shop.models import (
    Cart,
    CartItem,
    Coupon,
    CouponRedemption,
    FulfilmentStatus,
    HoldState,
    Job,
    LuckEvent,
    LuckKind,
    LuckySlot,
    MovementKind,
    Order,
    OrderEvent,
    OrderItem,
    Payment,
    PaymentStatus,
    ProductVariant,
    StockHold,
    StockMovement,
)
from tests.machine import scripts
from tests.machine.scripts import Script
from tests.machine.world import World

Act = Callable[[World], object]
V = ProductVariant


def _rows(statement) -> Act:
    """Return an act that executes a statement."""

    def act(_world: World) -> None:
        with transaction():
            changed(statement)

    return act


FIRST_LINE = CartItem.id == select(func.min(CartItem.id)).scalar_subquery()
LAST_BAG = select(func.max(Cart.id)).scalar_subquery()


def a_piece_nobody_brought(_world: World) -> None:
    """The books of stock agree with each other; only who counted the shelf knows better."""
    with transaction():
        variant_id = db.session.scalar(select(func.min(V.id)))
        row = {"variant_id": variant_id, "quantity": 1, "kind": MovementKind.CORRECTION}
        changed(insert(StockMovement).values(row))
        changed(update(V).where(V.id == variant_id).values(stock_on_hand=V.stock_on_hand + 1))


def a_page_for_another_amount(world: World) -> None:
    for page in world.sandbox.objects("checkout.session"):
        if page["status"] == "open":
            world.sandbox.tamper("checkout.session", page["id"], amount_total=1)


def a_payment_taken_back(world: World) -> None:
    """What the shop has booked never was."""
    for ref in db.session.scalars(select(Payment.provider_ref).where(Payment.amount > 0)):
        world.sandbox.tamper("checkout.session", ref, status="expired", payment_status="unpaid")


def a_hold_for_ever(_world: World) -> None:
    """Nobody released what a made-to-order piece was owed; the books of stock agree."""
    with transaction():
        hold = db.session.scalars(select(StockHold)).one()
        changed(update(StockHold).values(state=HoldState.ACTIVE))
        reserved = V.stock_reserved + hold.quantity
        changed(update(V).where(V.id == hold.variant_id).values(stock_reserved=reserved))


def _called(status: FulfilmentStatus) -> Act:
    return _rows(update(Order).values(fulfilment_status=status))


class Gremlin(NamedTuple):
    """What is done after the last step of a script, and how the machine's complaint begins.

    `at_rest`: it is a promise for later, so the machine sees it when everything has come to rest.
    """

    script: Script
    act: Act
    complaint: str
    at_rest: bool = False


GREMLINS: dict[str, Gremlin] = {
    "a piece uncounted": Gremlin(
        scripts.bags, _rows(update(V).values(stock_on_hand=V.stock_on_hand + 1)), "I2"
    ),
    "a piece nobody brought": Gremlin(scripts.bags, a_piece_nobody_brought, "I2: on hand of"),
    "reserved for nobody": Gremlin(
        scripts.bags, _rows(update(V).values(stock_reserved=V.stock_reserved + 1)), "I3"
    ),
    "a hold forgotten": Gremlin(
        scripts.ordered, _rows(update(StockHold).values(state=HoldState.RELEASED)), "I3"
    ),
    "another price": Gremlin(
        scripts.bags, _rows(update(V).values(unit_amount=V.unit_amount + 1)), "price of"
    ),
    "a fuller bag": Gremlin(
        scripts.bags, _rows(update(CartItem).values(quantity=CartItem.quantity + 1)), "K1: bags"
    ),
    "a line lost": Gremlin(scripts.bags, _rows(delete(CartItem).where(FIRST_LINE)), "K1: bags"),
    "a line in another bag": Gremlin(
        scripts.bags, _rows(update(CartItem).where(FIRST_LINE).values(cart_id=LAST_BAG)), "K1: bags"
    ),
    "an order edited": Gremlin(
        scripts.ordered,
        _rows(
            update(OrderItem).values(
                quantity=OrderItem.quantity + 1,
                amount_total=OrderItem.amount_total + OrderItem.unit_amount,
            )
        ),
        "M5",
    ),
    "a total edited": Gremlin(
        scripts.ordered,
        _rows(
            update(Order).values(
                amount_total=Order.amount_total + 1, amount_shipping=Order.amount_shipping + 1
            )
        ),
        "M5",
    ),
    "another payment": Gremlin(
        scripts.paid, _rows(update(Payment).values(amount=Payment.amount + 1)), "M2b"
    ),
    "a refund invented": Gremlin(
        scripts.paid, _rows(update(Payment).values(amount_refunded=1)), "M4"
    ),
    "a page for another amount": Gremlin(scripts.ordered, a_page_for_another_amount, "M2"),
    "a use uncounted": Gremlin(
        scripts.ordered, _rows(update(Coupon).values(used_count=Coupon.used_count + 1)), "C2"
    ),
    "a use deleted": Gremlin(scripts.ordered, _rows(delete(CouponRedemption)), "C3"),
    "a prize in another bag": Gremlin(
        scripts.two_draw,
        _rows(update(LuckySlot).values(cart_id=LAST_BAG)),
        "L1: the prize changed its bag",
    ),
    "a prize redeemed twice": Gremlin(
        scripts.prize_redeemed,
        _rows(insert(LuckEvent).values(slot=1, kind=LuckKind.REDEEMED, paid_count=1, every=1)),
        "L1: redeemed twice",
    ),
    "paid no more": Gremlin(
        scripts.paid,
        _rows(update(Order).values(payment_status=PaymentStatus.PENDING, cart_id=None)),
        "F4",
    ),
    "paid twice": Gremlin(scripts.paid, _rows(update(OrderEvent).values(kind="paid")), "F2"),
    "a mail lost": Gremlin(
        scripts.paid,
        _rows(delete(Job).where(Job.name == "mail.order_paid")),
        "F2: one mail",
        at_rest=True,
    ),
    "a payment taken back": Gremlin(
        scripts.paid, a_payment_taken_back, "F1: shop and provider", at_rest=True
    ),
    "called sent with a piece left": Gremlin(
        scripts.one_came_back, _called(FulfilmentStatus.SHIPPED), "F6"
    ),
    "a piece that came back forgotten": Gremlin(
        scripts.one_came_back, _rows(update(OrderItem).values(quantity_returned=0)), "F6"
    ),
    "called partly sent with none left": Gremlin(
        scripts.all_sent, _called(FulfilmentStatus.PARTIALLY_SHIPPED), "F6"
    ),
    "a hold for ever": Gremlin(scripts.all_sent, a_hold_for_ever, "I4c"),
}
