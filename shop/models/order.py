"""A sale: a frozen snapshot of what was agreed, three fields of state, and its history."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.core.db import Base
from shop.models.columns import (
    KEEP_IDS,
    Code,
    Created,
    Currency,
    Id,
    Line,
    Money,
    Prose,
    Short,
    Updated,
    Version,
)
from shop.models.coupon import LONGEST_CODE

if TYPE_CHECKING:
    from shop.models.order_item import OrderItem


class PaymentStatus(StrEnum):
    """pending → processing → paid → partially_refunded → refunded, or expired | canceled."""

    PENDING = "pending"
    PROCESSING = "processing"  # the bank needs days, or what came is looked at by staff
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    EXPIRED = "expired"
    CANCELED = "canceled"


class FulfilmentStatus(StrEnum):
    """unfulfilled → partially_shipped → shipped → delivered, or returned."""

    UNFULFILLED = "unfulfilled"
    PARTIALLY_SHIPPED = "partially_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    RETURNED = "returned"


class Attention(StrEnum):
    """Why staff must look at an order; empty when all is well."""

    NONE = ""
    MISMATCH = "mismatch"  # amount, currency, reference or livemode differ from what was agreed
    STOCK_SHORT = "stock_short"  # paid, but the pieces are gone
    SECOND_PAYMENT = "second_payment"  # paid twice; the second is being refunded
    LATE_PAYMENT = "late_payment"  # paid after it was canceled
    REFUND_FAILED = "refund_failed"
    DISPUTED = "disputed"
    FRAUD_WARNING = "fraud_warning"  # the card's bank thinks that its owner did not buy


class TaxMode(StrEnum):
    """Whether tax is inside the prices, added, or owed by the business customer."""

    INCLUSIVE = "inclusive"
    EXCLUSIVE = "exclusive"
    REVERSE_CHARGE = "reverse_charge"


OPEN = frozenset({PaymentStatus.PENDING, PaymentStatus.PROCESSING})
DEAD = frozenset({PaymentStatus.EXPIRED, PaymentStatus.CANCELED})
CAPTURED = frozenset({PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED})

PAYMENT_MOVES: dict[PaymentStatus, frozenset[PaymentStatus]] = {
    PaymentStatus.PENDING: frozenset(
        {
            PaymentStatus.PROCESSING,
            PaymentStatus.PAID,
            PaymentStatus.EXPIRED,
            PaymentStatus.CANCELED,
        }
    ),
    PaymentStatus.PROCESSING: frozenset(
        {
            PaymentStatus.PAID,
            PaymentStatus.PENDING,  # what came was not as agreed, and is asked for anew
            PaymentStatus.EXPIRED,
            PaymentStatus.CANCELED,
        }
    ),
    PaymentStatus.PAID: frozenset({PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED}),
    # Back again only when the refund failed after it had been reported to succeed.
    PaymentStatus.PARTIALLY_REFUNDED: frozenset({PaymentStatus.REFUNDED, PaymentStatus.PAID}),
    PaymentStatus.REFUNDED: frozenset({PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.PAID}),
    PaymentStatus.EXPIRED: frozenset({PaymentStatus.PAID}),  # inside fulfil() alone: late money
    PaymentStatus.CANCELED: frozenset({PaymentStatus.PAID}),  # inside fulfil() alone
}

SENDABLE = frozenset({PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED})
UNSENT = frozenset({FulfilmentStatus.UNFULFILLED, FulfilmentStatus.PARTIALLY_SHIPPED})

# Made by `orders.fulfilment.status` alone.
FULFILMENT_MOVES: dict[FulfilmentStatus, frozenset[FulfilmentStatus]] = {
    FulfilmentStatus.UNFULFILLED: frozenset(
        {FulfilmentStatus.PARTIALLY_SHIPPED, FulfilmentStatus.SHIPPED}
    ),
    FulfilmentStatus.PARTIALLY_SHIPPED: frozenset({FulfilmentStatus.SHIPPED}),
    # Back again only when the refund of unsent pieces failed: they are to be sent after all.
    FulfilmentStatus.SHIPPED: frozenset(
        {
            FulfilmentStatus.PARTIALLY_SHIPPED,
            FulfilmentStatus.DELIVERED,
            FulfilmentStatus.RETURNED,
        }
    ),
    FulfilmentStatus.DELIVERED: frozenset(
        {FulfilmentStatus.PARTIALLY_SHIPPED, FulfilmentStatus.RETURNED}
    ),
    FulfilmentStatus.RETURNED: frozenset(),
}


def _one_of(column: str, values: Iterable[StrEnum]) -> str:
    listed = ", ".join(f"'{value}'" for value in sorted(values))
    return f"{column} IN ({listed})"


_SENT = {FulfilmentStatus.PARTIALLY_SHIPPED, FulfilmentStatus.SHIPPED}
# The lists of the orders desk, as SQL that a statement must say in the same words for the index
# that holds the orders of that list alone. What they ask for is in it, or SQLite looks it up.
DESK_LISTS: Final = {
    "send": f"{_one_of('payment_status', SENDABLE)} AND {_one_of('fulfilment_status', UNSENT)}",
    "waiting": _one_of("payment_status", OPEN),
    "sent": _one_of("fulfilment_status", _SENT),
    "delivered": "fulfilment_status = 'delivered'",
    "ended": _one_of("payment_status", DEAD | {PaymentStatus.REFUNDED}),
    "partly_refunded": "payment_status = 'partially_refunded'",
    "attention": "attention <> ''",
}
WITH_COUPON: Final = "coupon_code <> ''"


def _part(name: str, *columns: str, where: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


# What customers may write at checkout: the fields of its form, and the columns of the order.
CHECKOUT_TEXTS: Final = {"note": "customer_note"}


class Order(Base):
    """What was bought, by whom, for how much. Never edited once paid.

    `shipping_address` is a dict with the fields of `Address`. `snapshot_hash` identifies cart,
    prices, address and delivery, so that the same checkout finds the same order again.
    """

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint(
            "amount_subtotal >= 0 AND amount_discount >= 0 AND amount_shipping >= 0 "
            "AND amount_tax >= 0 AND amount_total >= 0",
            name="amounts",
        ),
        CheckConstraint("amount_discount <= amount_subtotal", name="discount"),
        CheckConstraint("amount_discount = 0 OR coupon_code <> ''", name="coupon"),
        CheckConstraint(
            "amount_total = amount_subtotal - amount_discount + amount_shipping "
            "+ CASE WHEN tax_mode = 'exclusive' THEN amount_tax ELSE 0 END",
            name="total",
        ),
        CheckConstraint("amount_refunded BETWEEN 0 AND amount_paid", name="refunded"),
        Index(
            "uq_orders_pending_cart",
            "cart_id",
            unique=True,
            sqlite_where=text("payment_status = 'pending'"),
            postgresql_where=text("payment_status = 'pending'"),
        ),
        Index("ix_orders_cart", "cart_id"),
        Index("ix_orders_user_placed", "user_id", "placed_at"),
        Index("ix_orders_email_status", "email_key", "payment_status"),
        Index("ix_orders_ip_status", "ip", "payment_status", "placed_at"),
        Index("ix_orders_placed", "placed_at", "id"),
        Index("ix_orders_country", "country", "placed_at", "id"),
        _part("ix_orders_coupon", "coupon_code", "placed_at", "id", where=WITH_COUPON),
        _part("ix_orders_to_send", "paid_at", "id", where=DESK_LISTS["send"]),
        *(
            _part(f"ix_orders_{name}", "placed_at", "id", where.split()[0], where=where)
            for name, where in DESK_LISTS.items()
            if name != "send"
        ),
        KEEP_IDS,
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(20), unique=True)  # shown; random
    access_token: Mapped[str] = mapped_column(String(64), unique=True)  # the guest link
    checkout_token: Mapped[str | None] = mapped_column(String(64), unique=True)
    snapshot_hash: Mapped[Code]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    cart_id: Mapped[int | None] = mapped_column(ForeignKey("cart.id", ondelete="SET NULL"))
    replaces_order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))

    email: Mapped[Line]
    email_key: Mapped[Line]
    phone: Mapped[str] = mapped_column(String(32), default="")
    customer_name: Mapped[Short] = mapped_column(default="")
    # Folded: number, name, e-mail address and SKUs, by which staff find it.
    search_text: Mapped[Prose] = mapped_column(default="", server_default="")
    company: Mapped[Short] = mapped_column(default="")
    vat_id: Mapped[str] = mapped_column(String(32), default="")
    shipping_address: Mapped[dict[str, Any]]
    country: Mapped[str] = mapped_column(String(2))
    customer_note: Mapped[Prose] = mapped_column(default="")
    ip: Mapped[str] = mapped_column(String(64), default="")
    locale: Mapped[str] = mapped_column(String(16), default="en")  # marks and the order of dates
    language: Mapped[str] = mapped_column(String(16), default="en", server_default="en")
    source: Mapped[str] = mapped_column(String(16), default="web")
    is_sandbox: Mapped[bool] = mapped_column(default=False)

    payment_status: Mapped[PaymentStatus] = mapped_column(default=PaymentStatus.PENDING)
    fulfilment_status: Mapped[FulfilmentStatus] = mapped_column(
        default=FulfilmentStatus.UNFULFILLED
    )
    attention: Mapped[Attention] = mapped_column(default=Attention.NONE)
    is_disputed: Mapped[bool] = mapped_column(default=False)

    currency: Mapped[Currency]
    tax_mode: Mapped[TaxMode] = mapped_column(default=TaxMode.INCLUSIVE)
    amount_subtotal: Mapped[Money]
    coupon_code: Mapped[str] = mapped_column(String(LONGEST_CODE), default="")
    amount_discount: Mapped[Money] = mapped_column(default=0)
    amount_shipping: Mapped[Money]
    amount_tax: Mapped[Money]  # of goods and delivery together
    shipping_tax_amount: Mapped[Money] = mapped_column(default=0)
    amount_total: Mapped[Money]
    amount_paid: Mapped[Money] = mapped_column(default=0)
    amount_refunded: Mapped[Money] = mapped_column(default=0)

    delivery_method_id: Mapped[int | None] = mapped_column(ForeignKey("delivery_method.id"))
    delivery_name: Mapped[Short]
    delivery_from: Mapped[date | None]  # the promised days
    delivery_until: Mapped[date | None]

    terms_accepted_at: Mapped[datetime | None]  # only where terms were shown and ticked
    placed_at: Mapped[Created]
    hold_until: Mapped[datetime | None] = mapped_column(index=True)
    paid_at: Mapped[datetime | None]
    paid_on: Mapped[date | None] = mapped_column(index=True)  # in the shop's zone, for reports
    closed_at: Mapped[datetime | None]  # expired or canceled
    anonymised_at: Mapped[datetime | None]
    updated_at: Mapped[Updated]
    version: Mapped[Version]  # grows with each parcel, refund, refund that failed, and attention

    items: Mapped[list["OrderItem"]] = relationship(
        lazy="raise_on_sql", order_by="OrderItem.position", viewonly=True
    )

    # What the database would fill in is always written: nothing is to be fetched after an INSERT.
    __mapper_args__ = {"eager_defaults": False}

    @property
    def texts(self) -> dict[str, str]:
        """What the customer wrote at checkout, by the field of its form."""
        return {name: getattr(self, column) for name, column in CHECKOUT_TEXTS.items()}

    @property
    def amount_refundable(self) -> int:
        """What is left to refund, minor units."""
        return self.amount_paid - self.amount_refunded

    @property
    def is_under_review(self) -> bool:
        """Whether money came, but not as agreed, and staff have not decided about it."""
        return self.attention is Attention.MISMATCH

    @property
    def display_status(self) -> str:
        """The one word the shopper reads, as a key: awaiting, processing, paid, sent, …"""
        if self.is_under_review and self.paid_at is None:
            return "review"
        if self.payment_status in (PaymentStatus.REFUNDED, *DEAD):
            refunded = self.payment_status is PaymentStatus.REFUNDED
            return "refunded" if refunded else str(self.payment_status)
        if self.payment_status is PaymentStatus.PENDING:
            return "awaiting"
        if self.payment_status is PaymentStatus.PROCESSING:
            return "processing"
        return {
            FulfilmentStatus.UNFULFILLED: "paid",
            FulfilmentStatus.PARTIALLY_SHIPPED: "partly_sent",
            FulfilmentStatus.SHIPPED: "sent",
            FulfilmentStatus.DELIVERED: "delivered",
            FulfilmentStatus.RETURNED: "returned",
        }[self.fulfilment_status]
