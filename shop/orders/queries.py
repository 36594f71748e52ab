"""Reading orders: one's own history, one order with all that belongs to it."""

import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, func, or_, select

from shop.core.addresses import format_address
from shop.core.db import db
from shop.core.errors import NotFound
from shop.models import (
    Attention,
    CheckoutAttempt,
    FulfilmentStatus,
    Order,
    OrderEvent,
    OrderItem,
    Payment,
    PaymentState,
    PaymentStatus,
    Provider,
    Refund,
    RefundState,
    Shipment,
    ShipmentItem,
)
from shop.models.payment import LIVE_ATTEMPT
from shop.orders.review import find_undecided, is_other_left, list_decisions, surplus_of
from shop.orders.search import found_by_customer
from shop.pages.queries import ShownText, list_shown_texts
from shop.payments.by_hand import Instructions
from shop.payments.current import find_instructions, is_by_hand

PER_PAGE = 20
FILTERS = {
    "open": Order.payment_status.in_([PaymentStatus.PENDING, PaymentStatus.PROCESSING]),
    "paid": (Order.paid_at.is_not(None))
    & (Order.fulfilment_status == FulfilmentStatus.UNFULFILLED),
    "sent": Order.fulfilment_status.in_(
        [FulfilmentStatus.PARTIALLY_SHIPPED, FulfilmentStatus.SHIPPED]
    ),
    "delivered": Order.fulfilment_status == FulfilmentStatus.DELIVERED,
}


@dataclass(frozen=True)
class OrderPage:
    """An order and everything its page shows."""

    order: Order
    items: Sequence[OrderItem]
    shipments: Sequence[Shipment] = ()
    packed: dict[int, Sequence[ShipmentItem]] = field(default_factory=dict)
    events: Sequence[OrderEvent] = ()
    payment: Payment | None = None
    refunds: Sequence[Refund] = ()
    others: Sequence[Payment] = ()  # money that came, but not as agreed
    instructions: Instructions | None = None  # what its customer is to do so that the money comes
    awaited_by: str = ""  # the provider whose money is on its way
    texts: Sequence[ShownText] = ()  # terms and the like, as its checkout showed them

    @property
    def review(self) -> Payment | None:
        """The payment that staff have not decided about yet."""
        return find_undecided(self.order, self.others)

    @property
    def decisions(self) -> list[str]:
        """What staff may decide about that payment."""
        return list_decisions(self.order, self.review, self.others) if self.review else []

    @property
    def surplus(self) -> int | None:
        """By how much what is left of it exceeds the total; None when it cannot stand for it."""
        return surplus_of(self.order, self.review) if self.review else None

    @property
    def is_last_review(self) -> bool:
        """Whether no other money waits for a decision."""
        return self.review is None or not is_other_left(self.review, self.others)

    @property
    def was_charged(self) -> bool:
        """Whether any money came for the order, whatever became of it."""
        return self.payment is not None or any(p.amount for p in self.others)

    @property
    def address_lines(self) -> list[str]:
        """The address as its country writes it."""
        return format_address(self.order.shipping_address)

    @property
    def quantity(self) -> int:
        """How many items were bought, all lines together."""
        return sum(item.quantity for item in self.items)

    @property
    def amount_refundable(self) -> int:
        """What is left of the payment beside refunds that have gone or are under way."""
        return self.payment.amount - self.payment.amount_refunded if self.payment else 0

    @property
    def left_to_send(self) -> int:
        """How many pieces are neither sent nor refunded."""
        return sum(item.left_to_send for item in self.items)


@dataclass(frozen=True)
class OrderRow:
    """A line of the history."""

    order: Order
    quantity: int
    covers: tuple[str, ...]
    status: str  # as Order.display_status


@dataclass(frozen=True)
class OrderList:
    """A page of the history."""

    rows: list[OrderRow]
    page: int
    pages: int
    total: int


def find_order(number: str) -> Order | None:
    """Return the order, whosever it is."""
    return db.session.scalar(select(Order).where(Order.number == number))


def get_order(number: str, *, user_id: int | None, remembered: Collection[str] = ()) -> Order:
    """Return the user's order, or that of the browser that remembers it. Raises NotFound."""
    order = find_order(number)
    is_own = order is not None and user_id is not None and order.user_id == user_id
    if order is None or not (is_own or number in remembered):
        raise NotFound
    return order


def get_order_by_token(token: str) -> Order:
    """Return the order whose link carries `token`. Raises NotFound."""
    order = None
    if len(token) >= 32:
        order = db.session.scalar(select(Order).where(Order.access_token == token))
    if order is None or not hmac.compare_digest(order.access_token, token):
        raise NotFound
    return order


def find_order_of_session(provider: Provider, ref: str) -> Order | None:
    """Return the order that the provider's payment page `ref` was made for."""
    return db.session.scalar(
        select(Order)
        .join(CheckoutAttempt, CheckoutAttempt.order_id == Order.id)
        .where(CheckoutAttempt.provider == provider, CheckoutAttempt.provider_ref == ref)
    )


def order_page(order_id: int) -> OrderPage:
    """Return an order with its items, parcels, history, payment and refunds."""
    db.session.expire_all()
    order = db.session.get_one(Order, order_id)
    shipments = db.session.scalars(
        select(Shipment).where(Shipment.order_id == order_id).order_by(Shipment.id)
    ).all()
    packed: dict[int, list[ShipmentItem]] = {shipment.id: [] for shipment in shipments}
    if shipments:
        for item in db.session.scalars(
            select(ShipmentItem).where(ShipmentItem.shipment_id.in_(packed))
        ):
            packed[item.shipment_id].append(item)
    payments = db.session.scalars(
        select(Payment).where(Payment.order_id == order_id).order_by(Payment.id)
    ).all()
    awaited_by, ref = _awaited(order)
    return OrderPage(
        order=order,
        awaited_by=awaited_by,
        texts=list_shown_texts(order_id),
        instructions=find_instructions(awaited_by, ref),
        items=list_items(order_id),
        shipments=shipments,
        packed=dict(packed),
        events=db.session.scalars(
            select(OrderEvent).where(OrderEvent.order_id == order_id).order_by(OrderEvent.id.desc())
        ).all(),
        payment=next((p for p in payments if p.state is PaymentState.CAPTURED), None),
        others=[p for p in payments if p.state is PaymentState.MISMATCH],
        refunds=db.session.scalars(
            select(Refund)
            .where(
                Refund.order_id == order_id,
                Refund.state.not_in([RefundState.FAILED, RefundState.CANCELED]),
            )
            .order_by(Refund.created_at)
        ).all(),
    )


def _awaited(order: Order) -> tuple[str, str]:
    """Return the provider and the page whose money is on its way for an order; "" for none."""
    if order.payment_status is not PaymentStatus.PROCESSING or order.is_under_review:
        return "", ""
    row = db.session.execute(
        select(CheckoutAttempt.provider, CheckoutAttempt.provider_ref).where(
            CheckoutAttempt.order_id == order.id, CheckoutAttempt.state.in_(LIVE_ATTEMPT)
        )
    ).one_or_none()
    return ("", "") if row is None else (row.provider, row.provider_ref or "")


def under_review() -> ColumnElement[bool]:
    """Tell payments about which staff have not decided: they came, but not as agreed.

    For a statement that has Payment and its Order.
    """
    return and_(
        Payment.state == PaymentState.MISMATCH,
        or_(
            Payment.amount_refunded < Payment.amount,
            Order.attention == Attention.MISMATCH,
        ),
    )


def is_under_review(order_id: int) -> bool:
    """Return whether money came for the order about which staff have not decided."""
    undecided = (
        select(Payment.id)
        .join(Order, Order.id == Payment.order_id)
        .where(Payment.order_id == order_id, under_review())
    )
    return db.session.scalar(undecided.limit(1)) is not None


def list_items(order_id: int) -> Sequence[OrderItem]:
    """Return the lines of an order as they were sold."""
    return db.session.scalars(
        select(OrderItem).where(OrderItem.order_id == order_id).order_by(OrderItem.position)
    ).all()


def list_orders(user_id: int, *, status: str = "", text: str = "", page: int = 1) -> OrderList:
    """Return a page of a customer's history, newest first; three statements.

    `status` is a key of FILTERS, `text` part of a number or of a product's name.
    """
    conditions = [Order.user_id == user_id]
    if status in FILTERS:
        conditions.append(FILTERS[status])
    if text:
        conditions.append(found_by_customer(text))
    total = db.session.scalar(select(func.count()).select_from(Order).where(*conditions)) or 0
    orders = db.session.scalars(
        select(Order)
        .where(*conditions)
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    ).all()
    return OrderList(_rows(orders), page, max(1, -(-total // PER_PAGE)), total)


def _rows(orders: Sequence[Order]) -> list[OrderRow]:
    items: dict[int, list[OrderItem]] = {order.id: [] for order in orders}
    if orders:
        for item in db.session.scalars(
            select(OrderItem).where(OrderItem.order_id.in_(items)).order_by(OrderItem.position)
        ):
            items[item.order_id].append(item)
    by_hand = _paid_by_hand(orders)
    return [
        OrderRow(
            order,
            sum(item.quantity for item in items[order.id]),
            tuple(item.cover for item in items[order.id] if item.cover)[:4],
            "awaiting" if order.id in by_hand else order.display_status,
        )
        for order in orders
    ]


def _paid_by_hand(orders: Sequence[Order]) -> set[int]:
    """Return which of the orders wait for money that their customers send by themselves."""
    waiting = [order.id for order in orders if order.display_status == "processing"]
    if not waiting:
        return set()
    rows = db.session.execute(
        select(CheckoutAttempt.order_id, CheckoutAttempt.provider).where(
            CheckoutAttempt.order_id.in_(waiting), CheckoutAttempt.state.in_(LIVE_ATTEMPT)
        )
    )
    return {row.order_id for row in rows if is_by_hand(row.provider)}
