"""What breaks a shop on purpose: each change is one the machine must notice, and by what rule."""

from collections import Counter
from collections.abc import Callable

from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlalchemy import delete, exists, func, insert, select, update
from sqlalchemy.orm import aliased

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
    SlotState,
    StockHold,
    StockMovement,
)
from shop.models.order import CAPTURED, SENDABLE
from tests.machine.shopping import Shopping
from tests.machine.world import World

Gremlin = Callable[[World], object]
V = ProductVariant


def _rows(statement) -> Gremlin:
    """Return a gremlin that executes a statement."""

    def act(_world: World) -> None:
        with transaction():
            changed(statement)

    return act


def _first(model, *conditions):
    return select(func.min(model.id)).where(*conditions).scalar_subquery()


def a_piece_nobody_brought(_world: World) -> None:
    """The books of stock agree with each other; only who counted the shelf knows better."""
    with transaction():
        variant_id = db.session.scalar(select(func.min(V.id)))
        row = {"variant_id": variant_id, "quantity": 1, "kind": MovementKind.CORRECTION}
        changed(insert(StockMovement).values(row))
        changed(update(V).where(V.id == variant_id).values(stock_on_hand=V.stock_on_hand + 1))


def a_line_in_another_bag(_world: World) -> None:
    with transaction():
        other = aliased(CartItem)
        found = db.session.execute(
            select(CartItem.id, Cart.id)
            .join(Cart, Cart.id != CartItem.cart_id)
            .where(
                ~exists().where(other.cart_id == Cart.id, other.variant_id == CartItem.variant_id)
            )
        ).first()
        if found:
            changed(update(CartItem).where(CartItem.id == found[0]).values(cart_id=found[1]))


def a_prize_in_another_bag(_world: World) -> None:
    with transaction():
        slot = db.session.scalars(
            select(LuckySlot).where(LuckySlot.state == SlotState.GRANTED)
        ).first()
        other = slot and db.session.scalar(select(func.min(Cart.id)).where(Cart.id != slot.cart_id))
        if slot and other:
            changed(update(LuckySlot).values(cart_id=other).where(LuckySlot.slot == slot.slot))


def a_prize_redeemed_twice(_world: World) -> None:
    with transaction():
        for slot in db.session.scalars(
            select(LuckySlot.slot).where(LuckySlot.state == SlotState.REDEEMED)
        ).all():
            row = {"slot": slot, "kind": LuckKind.REDEEMED, "paid_count": 1, "every": 2}
            changed(insert(LuckEvent).values(row))


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
        waits = exists().where(OrderItem.order_id == Order.id, OrderItem.left_to_send > 0)
        found = db.session.execute(
            select(StockHold.id, StockHold.variant_id, StockHold.quantity)
            .join(Order, Order.id == StockHold.order_id)
            .where(Order.payment_status.in_(SENDABLE), ~waits)
            .where(StockHold.state != HoldState.ACTIVE)
        ).first()
        if found:
            hold = update(StockHold).where(StockHold.id == found.id)
            changed(hold.values(state=HoldState.ACTIVE))
            reserved = V.stock_reserved + found.quantity
            changed(update(V).where(V.id == found.variant_id).values(stock_reserved=reserved))


def _called(status: FulfilmentStatus, *conditions) -> Gremlin:
    return _rows(update(Order).where(*conditions).values(fulfilment_status=status))


PARTLY = Order.fulfilment_status == FulfilmentStatus.PARTIALLY_SHIPPED
SENT = Order.fulfilment_status == FulfilmentStatus.SHIPPED
IN_OPEN_ORDER = StockHold.state == HoldState.ACTIVE
EDITED = ("M5", "M1", "not what was in the bag")  # seen at once when the order is new
# Name → what is done, and the beginning of what the machine says.
GREMLINS: dict[str, tuple[Gremlin, str | tuple[str, ...]]] = {
    "a piece uncounted": (_rows(update(V).values(stock_on_hand=V.stock_on_hand + 1)), "I2"),
    "a piece nobody brought": (a_piece_nobody_brought, "I2: on hand of"),
    "reserved for nobody": (_rows(update(V).values(stock_reserved=V.stock_reserved + 1)), "I3"),
    "a hold forgotten": (
        _rows(update(StockHold).where(IN_OPEN_ORDER).values(state=HoldState.RELEASED)),
        "I3",
    ),
    "another price": (_rows(update(V).values(unit_amount=V.unit_amount + 1)), "price of"),
    "a fuller bag": (
        _rows(update(CartItem).values(quantity=CartItem.quantity + 1)),
        "K1: bags",
    ),
    "a line lost": (_rows(delete(CartItem).where(CartItem.id == _first(CartItem))), "K1: bags"),
    "a line in another bag": (a_line_in_another_bag, "K1: bags"),
    "an order edited": (
        _rows(
            update(OrderItem).values(
                quantity=OrderItem.quantity + 1,
                amount_total=OrderItem.amount_total + OrderItem.unit_amount,
            )
        ),
        EDITED,
    ),
    "a total edited": (
        _rows(
            update(Order).values(
                amount_total=Order.amount_total + 1, amount_shipping=Order.amount_shipping + 1
            )
        ),
        EDITED,
    ),
    "another payment": (_rows(update(Payment).values(amount=Payment.amount + 1)), "M2b"),
    "a refund invented": (
        _rows(update(Payment).where(Payment.amount > 0).values(amount_refunded=1)),
        "M4",
    ),
    "a page for another amount": (a_page_for_another_amount, "M2"),
    "a use uncounted": (_rows(update(Coupon).values(used_count=Coupon.used_count + 1)), "C2"),
    "a use deleted": (_rows(delete(CouponRedemption)), "C3"),
    "a prize in another bag": (a_prize_in_another_bag, "L1: the prize changed its bag"),
    "a prize redeemed twice": (a_prize_redeemed_twice, "L1: redeemed twice"),
    "paid no more": (
        _rows(
            update(Order)
            .where(Order.payment_status.in_(CAPTURED))
            .values(payment_status=PaymentStatus.PENDING, cart_id=None)
        ),
        ("F4", "K1", "I2"),  # the bag of an order that waits again is judged as well
    ),
    "paid twice": (_rows(update(OrderEvent).values(kind="paid")), "F2"),
    "a mail lost": (_rows(delete(Job).where(Job.name == "mail.order_paid")), "F2: one mail"),
    "a payment taken back": (a_payment_taken_back, "F1: shop and provider"),
}

# The same of sending, each with what has happened to an order of two pieces when it strikes.
SENDING: dict[str, tuple[Gremlin, str, str]] = {
    "called sent with a piece left": (_called(FulfilmentStatus.SHIPPED, PARTLY), "part", "F6"),
    "a piece that came back forgotten": (
        _rows(update(OrderItem).values(quantity_returned=0)),
        "part",
        "F6",
    ),
    "called partly sent with none left": (
        _called(FulfilmentStatus.PARTIALLY_SHIPPED, SENT),
        "all",
        "F6",
    ),
    "a hold for ever": (a_hold_for_ever, "all", "I4c"),
}


def haunted(name: str, world: World, reached: Counter[str]) -> RuleBasedStateMachine:
    """Return a machine in which the gremlin of this name strikes after each step."""
    act, _ = GREMLINS[name]

    class Haunted(Shopping):
        @invariant()
        def everything_holds(self) -> None:
            with world.app.app_context():
                act(world)
            super().everything_holds()

    return Haunted(world, reached)
