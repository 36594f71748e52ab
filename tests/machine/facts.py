"""What the rows say, ours and the provider's, read once after each step; nothing is judged here."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, func, select

from sandboxes.stripe import Sandbox
from shop.core.db import db
from shop.models import (
    Cart,
    CartItem,
    Coupon,
    CouponRedemption,
    HoldState,
    LuckEvent,
    LuckKind,
    LuckySlot,
    Order,
    OrderEvent,
    OrderItem,
    PaymentStatus,
    Product,
    ProductVariant,
    Refund,
    RefundItem,
    RefundState,
    ShopState,
    StockHold,
)
from shop.models.order import OPEN
from shop.models.payment import GONE

Owner = tuple[str, str | int]  # ("guest", hash of the token) or ("user", id)
Bag = dict[int, int]  # variant id → pieces
SETTLED = {"delivered", "failed"}


@dataclass
class Facts:
    """A reading of the shop's rows. Orders, variants and lines by id.

    `moved`: the ids of orders in the order in which something last happened to them.
    """

    carts: dict[int, Owner] = field(default_factory=dict)
    bags: dict[Owner, Bag] = field(default_factory=dict)
    lines: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    orders: dict[int, Row[Any]] = field(default_factory=dict)
    items: dict[int, list[Row[Any]]] = field(default_factory=dict)
    variants: dict[int, Row[Any]] = field(default_factory=dict)
    holds: list[Row[Any]] = field(default_factory=list)
    uses: dict[int, Row[Any]] = field(default_factory=dict)
    slots: dict[int, Row[Any]] = field(default_factory=dict)
    redeemed: dict[int, int] = field(default_factory=dict)
    processed: frozenset[int] = frozenset()
    moved: list[int] = field(default_factory=list)
    failed_refunds: frozenset[str] = frozenset()
    unstocked: dict[str, list[Row[Any]]] = field(default_factory=dict)
    paid_count: int = 0

    def cart_of(self, owner: Owner) -> int | None:
        """Return the id of the owner's cart."""
        return next((cart for cart, whose in self.carts.items() if whose == owner), None)

    def held_by(self, cart_id: int | None, variant_id: int) -> int:
        """Return how many pieces the cart's own unpaid order holds."""
        mine = {
            number
            for number, order in self.orders.items()
            if order.cart_id == cart_id and order.payment_status is PaymentStatus.PENDING
        }
        return sum(
            hold.quantity
            for hold in self.holds
            if cart_id is not None and hold.order_id in mine and hold.variant_id == variant_id
        )

    def owed(self, variant_id: int) -> bool:
        """Return whether a paid order waits for pieces of the variant."""
        return any(
            hold.variant_id == variant_id and self.orders[hold.order_id].payment_status not in OPEN
            for hold in self.holds
        )


def read() -> Facts:
    """Read everything the machine reckons with."""
    facts = Facts(paid_count=db.session.scalar(select(ShopState.paid_count)) or 0)
    _read_carts(facts)
    _read_orders(facts)
    _read_prizes(facts)
    for row in db.session.execute(
        select(
            ProductVariant.id,
            ProductVariant.unit_amount,
            ProductVariant.stock_on_hand.label("on_hand"),
            ProductVariant.stock_reserved.label("reserved"),
            (ProductVariant.is_active & Product.is_active).label("is_on_sale"),
        ).join(Product, Product.id == ProductVariant.product_id)
    ):
        facts.variants[row.id] = row
    db.session.close()
    return facts


def _read_carts(facts: Facts) -> None:
    bags: dict[Owner, Bag] = defaultdict(dict)
    lines: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for cart_id, user_id, token_hash, item_id, variant_id, quantity in db.session.execute(
        select(
            Cart.id,
            Cart.user_id,
            Cart.token_hash,
            CartItem.id,
            CartItem.variant_id,
            CartItem.quantity,
        )
        .outerjoin(CartItem, CartItem.cart_id == Cart.id)
        .order_by(Cart.id, CartItem.id)
    ):
        owner = ("guest", token_hash) if user_id is None else ("user", user_id)
        facts.carts[cart_id] = owner
        if item_id is not None:
            bags[owner][variant_id] = quantity
            lines[cart_id].append((item_id, variant_id))
    facts.bags, facts.lines = dict(bags), dict(lines)


def _read_orders(facts: Facts) -> None:
    orders = select(
        Order.id,
        Order.number,
        Order.cart_id,
        Order.user_id,
        Order.email_key,
        Order.payment_status,
        Order.fulfilment_status,
        Order.currency,
        Order.coupon_code,
        Order.amount_subtotal,
        Order.amount_discount,
        Order.amount_shipping,
        Order.amount_total,
        Order.amount_paid,
        Order.placed_at,
        Order.hold_until,
        Order.paid_at,
    ).order_by(Order.id)
    facts.orders = {order.id: order for order in db.session.execute(orders)}
    if not facts.orders:
        return
    items = select(
        OrderItem.id,
        OrderItem.order_id,
        OrderItem.variant_id,
        OrderItem.quantity,
        OrderItem.unit_amount,
        OrderItem.amount_discount,
        OrderItem.amount_total,
        OrderItem.is_tracked,
        OrderItem.quantity_shipped,
        OrderItem.quantity_refunded,
        OrderItem.quantity_returned,
    ).order_by(OrderItem.order_id, OrderItem.position)
    for item in db.session.execute(items):
        facts.items.setdefault(item.order_id, []).append(item)
    holds = select(StockHold.order_id, StockHold.variant_id, StockHold.quantity)
    facts.holds = list(db.session.execute(holds.where(StockHold.state == HoldState.ACTIVE)))
    uses = select(
        CouponRedemption.order_id,
        CouponRedemption.state,
        CouponRedemption.email_key,
        CouponRedemption.user_id,
        Coupon.code_key,
    ).join(Coupon, Coupon.id == CouponRedemption.coupon_id)
    facts.uses = {use.order_id: use for use in db.session.execute(uses)}
    processed = select(OrderEvent.order_id).where(OrderEvent.kind == "processing")
    facts.processed = frozenset(db.session.scalars(processed))
    moved = select(OrderEvent.order_id).group_by(OrderEvent.order_id)
    facts.moved = list(db.session.scalars(moved.order_by(func.max(OrderEvent.id))))
    failed = select(Refund.id).where(Refund.state == RefundState.FAILED)
    facts.failed_refunds = frozenset(db.session.scalars(failed))
    for row in db.session.execute(
        select(
            Refund.id,
            Refund.order_id,
            OrderItem.variant_id,
            (RefundItem.quantity - RefundItem.quantity_restocked).label("pieces"),
        )
        .join(RefundItem, RefundItem.refund_id == Refund.id)
        .join(OrderItem, OrderItem.id == RefundItem.order_item_id)
        .where(Refund.state.not_in(GONE), OrderItem.is_tracked)
        .where(RefundItem.quantity > RefundItem.quantity_restocked)
        .order_by(Refund.created_at, RefundItem.order_item_id)
    ):
        facts.unstocked.setdefault(row.id, []).append(row)


def _read_prizes(facts: Facts) -> None:
    slots = select(
        LuckySlot.slot,
        LuckySlot.state,
        LuckySlot.cart_id,
        LuckySlot.order_id,
        LuckySlot.expires_at,
        Coupon.code_key,
    ).outerjoin(Coupon, Coupon.id == LuckySlot.coupon_id)
    facts.slots = {slot.slot: slot for slot in db.session.execute(slots)}
    if facts.slots:
        times = (
            select(LuckEvent.slot, func.count())
            .where(LuckEvent.kind == LuckKind.REDEEMED)
            .group_by(LuckEvent.slot)
        )
        facts.redeemed = dict(db.session.execute(times).all())


@dataclass(frozen=True)
class Page:
    """A payment page at the provider."""

    ref: str
    number: str
    status: str
    is_paid: bool
    amount: int
    currency: str
    intent: str | None


@dataclass(frozen=True)
class Provided:
    """What the provider's rows say. `received` by payment intent, `back` what went back of it.

    `past`: every event that was ever meant for the shop, `waiting` those it has not taken yet.
    """

    pages: tuple[Page, ...] = ()
    received: dict[str, int] = field(default_factory=dict)
    back: dict[str, int] = field(default_factory=dict)
    past: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


def read_provider(sandbox: Sandbox) -> Provided:
    """Read the provider's own books, oldest page first."""
    back: dict[str, int] = defaultdict(int)
    for refund in sandbox.objects("refund"):
        if refund["status"] in {"succeeded", "pending", "requires_action"}:
            back[refund["payment_intent"]] += refund["amount"]
    deliveries = sandbox.deliveries()[::-1]
    waiting = [one["event"] for one in deliveries if one["state"] not in SETTLED]
    return Provided(
        past=tuple(dict.fromkeys(one["event"] for one in deliveries)),
        waiting=tuple(dict.fromkeys(waiting)),
        pages=tuple(_page(body) for body in reversed(sandbox.objects("checkout.session"))),
        received={
            intent["id"]: intent["amount_received"] for intent in sandbox.objects("payment_intent")
        },
        back=dict(back),
    )


def _page(body: dict[str, Any]) -> Page:
    return Page(
        ref=body["id"],
        number=body["client_reference_id"],
        status=body["status"],
        is_paid=body["payment_status"] in {"paid", "no_payment_required"}
        and body["status"] == "complete",
        amount=body["amount_total"],
        currency=body["currency"].upper(),
        intent=body["payment_intent"],
    )
