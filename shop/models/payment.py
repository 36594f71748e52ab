"""Money in and out: attempts, payments, refunds, and what the provider told us."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base
from shop.models.columns import (
    KEEP_IDS,
    Code,
    Created,
    Currency,
    Id,
    Line,
    Money,
    OrderId,
    Prose,
    StaffId,
    Updated,
)


class Provider(StrEnum):
    """Who took the money. `free`: nothing was due. `manual`: a transfer, which staff saw come."""

    STRIPE = "stripe"
    SANDBOX = "sandbox"
    FREE = "free"
    MANUAL = "manual"


class AttemptState(StrEnum):
    """creating → open → complete | expired; unknown: the answer was lost; failed: refused."""

    CREATING = "creating"
    OPEN = "open"
    UNKNOWN = "unknown"
    COMPLETE = "complete"
    EXPIRED = "expired"
    FAILED = "failed"


ATTEMPT_MOVES: dict[AttemptState, frozenset[AttemptState]] = {
    AttemptState.CREATING: frozenset(
        {
            AttemptState.CREATING,  # it failed, and nothing was made
            AttemptState.UNKNOWN,
            AttemptState.OPEN,
            AttemptState.COMPLETE,
            AttemptState.EXPIRED,
            AttemptState.FAILED,
        }
    ),
    AttemptState.UNKNOWN: frozenset(
        {
            AttemptState.CREATING,
            AttemptState.UNKNOWN,
            AttemptState.OPEN,
            AttemptState.COMPLETE,
            AttemptState.EXPIRED,
            AttemptState.FAILED,
        }
    ),
    AttemptState.OPEN: frozenset(
        {AttemptState.COMPLETE, AttemptState.EXPIRED, AttemptState.FAILED}
    ),
    AttemptState.COMPLETE: frozenset(),
    AttemptState.EXPIRED: frozenset({AttemptState.COMPLETE}),  # late money cannot be undone
    AttemptState.FAILED: frozenset({AttemptState.COMPLETE}),
}
LIVE_ATTEMPT = frozenset({AttemptState.CREATING, AttemptState.OPEN, AttemptState.UNKNOWN})
_LIVE_SQL = text("state IN ('creating', 'open', 'unknown')")


class CheckoutAttempt(Base):
    """One try to have an order paid, with its parameters frozen; `id` is the idempotency key.

    `expires_at` is when the provider's session ends by itself: start + 60 min.
    """

    __tablename__ = "checkout_attempt"
    __table_args__ = (
        UniqueConstraint("order_id", "n"),
        UniqueConstraint("provider", "provider_ref"),
        CheckConstraint("amount >= 0", name="amount"),
        Index(
            "uq_checkout_attempt_live",
            "order_id",
            unique=True,
            sqlite_where=_LIVE_SQL,
            postgresql_where=_LIVE_SQL,
        ),
        Index("ix_checkout_attempt_state", "state", "updated_at"),
        Index("ix_checkout_attempt_provider", "provider", "order_id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=lambda: str(uuid4()))
    order_id: Mapped[OrderId]
    n: Mapped[int]
    provider: Mapped[Provider]
    provider_ref: Mapped[str | None] = mapped_column(String(255))
    params: Mapped[dict[str, Any]]
    session_url: Mapped[Prose | None]
    amount: Mapped[Money]
    currency: Mapped[Currency]
    state: Mapped[AttemptState] = mapped_column(default=AttemptState.CREATING)
    is_processing: Mapped[bool] = mapped_column(default=False)
    failures: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime]
    created_at: Mapped[Created]
    updated_at: Mapped[Updated]


class PaymentState(StrEnum):
    """captured; or mismatch: money came, but not as agreed; or duplicate: a second time."""

    CAPTURED = "captured"
    MISMATCH = "mismatch"
    DUPLICATE = "duplicate"


class Payment(Base):
    """Money that arrived for an order, whatever became of the order."""

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("provider", "provider_ref"),
        UniqueConstraint("provider", "payment_intent"),
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("amount_refunded BETWEEN 0 AND amount", name="refunded"),
        Index(
            "uq_payment_captured",
            "order_id",
            unique=True,
            sqlite_where=text("state = 'captured'"),
            postgresql_where=text("state = 'captured'"),
        ),
        KEEP_IDS,
    )

    id: Mapped[Id]
    order_id: Mapped[OrderId]
    attempt_id: Mapped[str | None] = mapped_column(ForeignKey("checkout_attempt.id"))
    provider: Mapped[Provider]
    provider_ref: Mapped[str] = mapped_column(String(255))
    payment_intent: Mapped[str | None] = mapped_column(String(255))
    charge: Mapped[str | None] = mapped_column(String(255))
    state: Mapped[PaymentState] = mapped_column(default=PaymentState.CAPTURED)
    amount: Mapped[Money]
    currency: Mapped[Currency]
    method: Mapped[str] = mapped_column(String(40), default="")
    method_label: Mapped[str] = mapped_column(String(80), default="")  # "Visa 4242"
    livemode: Mapped[bool] = mapped_column(default=False)
    amount_refunded: Mapped[Money] = mapped_column(default=0)  # reserved by refund rows not failed
    created_at: Mapped[Created]


class RefundState(StrEnum):
    """pending → succeeded | requires_action | failed (possibly after succeeded) | canceled."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


UNDER_WAY = frozenset({RefundState.PENDING, RefundState.REQUIRES_ACTION})
GONE = frozenset({RefundState.FAILED, RefundState.CANCELED})  # the money stayed, or came back


class Refund(Base):
    """Money going back; `id` is the idempotency key, the row is written before the call."""

    __tablename__ = "refund"
    __table_args__ = (
        UniqueConstraint("provider", "provider_ref"),
        UniqueConstraint("order_id", "form_token"),  # one form, one refund
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_refund_state", "state", "updated_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=lambda: str(uuid4()))
    order_id: Mapped[OrderId]
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    provider: Mapped[Provider]
    provider_ref: Mapped[str | None] = mapped_column(String(255))
    amount: Mapped[Money]
    currency: Mapped[Currency]
    amount_shipping: Mapped[Money] = mapped_column(default=0)
    state: Mapped[RefundState] = mapped_column(default=RefundState.PENDING)
    reason: Mapped[str] = mapped_column(String(40), default="")
    note: Mapped[Line] = mapped_column(default="")
    failure: Mapped[Line] = mapped_column(default="")
    form_token: Mapped[Code | None]
    is_external: Mapped[bool] = mapped_column(default=False)  # made in the provider's dashboard
    user_id: Mapped[StaffId]
    created_at: Mapped[Created]
    updated_at: Mapped[Updated]
    # When it succeeded, and that day in the shop's zone, while it counts in the shop's figures.
    refunded_at: Mapped[datetime | None]
    refunded_on: Mapped[date | None] = mapped_column(index=True)


class RefundItem(Base):
    """Which pieces a refund is for. `quantity_returned`: how many of them had been sent;
    `quantity_restocked`: how many went back to stock, or were owed and are owed no longer.
    """

    __tablename__ = "refund_item"
    __table_args__ = (
        UniqueConstraint("refund_id", "order_item_id"),
        CheckConstraint("quantity > 0 AND amount >= 0", name="amounts"),
        CheckConstraint("quantity_returned BETWEEN 0 AND quantity", name="returned"),
        CheckConstraint("quantity_restocked BETWEEN 0 AND quantity", name="restocked"),
        KEEP_IDS,
    )

    id: Mapped[Id]
    refund_id: Mapped[str] = mapped_column(ForeignKey("refund.id"), index=True)
    order_item_id: Mapped[int] = mapped_column(ForeignKey("order_item.id"), index=True)
    quantity: Mapped[int]
    amount: Mapped[Money]
    quantity_returned: Mapped[int] = mapped_column(default=0, server_default="0")
    quantity_restocked: Mapped[int] = mapped_column(default=0, server_default="0")


class ProviderState(Base):
    """Up to when what a provider tells is known here; no row for one that was never asked."""

    __tablename__ = "provider_state"

    provider: Mapped[Provider] = mapped_column(primary_key=True)
    reconciled_until: Mapped[datetime]


class WebhookEvent(Base):
    """The inbox: what outside services sent, once each; handled when `processed_at` is set.

    `provider` names the sender: that of a payment provider, or any other.
    """

    __tablename__ = "webhook_event"
    __table_args__ = (UniqueConstraint("provider", "event_id"), KEEP_IDS)

    id: Mapped[Id]
    provider: Mapped[str] = mapped_column(String(24))
    event_id: Mapped[str] = mapped_column(String(255))
    type: Mapped[str] = mapped_column(String(80))
    object_ref: Mapped[str] = mapped_column(String(255), default="", index=True)
    payment_intent: Mapped[str] = mapped_column(
        String(255), default="", server_default="", index=True
    )
    livemode: Mapped[bool]
    payload: Mapped[dict[str, Any] | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[Prose] = mapped_column(default="")
    received_at: Mapped[Created] = mapped_column(index=True)
    processed_at: Mapped[datetime | None]
