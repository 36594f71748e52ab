"""Bank transfers: money that is awaited on the merchant's account, and money sent back from it."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base
from shop.models.columns import Created, Currency, Money


class TransferState(StrEnum):
    """awaited → received | canceled; canceled → received: late money. Time over is no state."""

    AWAITED = "awaited"
    RECEIVED = "received"
    CANCELED = "canceled"


class BankTransfer(Base):
    """Money that an attempt awaits by transfer; the account as its customer was told it.

    `reference` is the order's number. `due_on` is the last day in the shop's zone, which ends at
    `expires_at`.
    """

    __tablename__ = "bank_transfer"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint(
            "(state = 'received') = (received_amount IS NOT NULL) "
            "AND (received_amount IS NULL) = (received_on IS NULL)",
            name="received",
        ),
        CheckConstraint("received_amount > 0", name="received_amount"),
        CheckConstraint("holder <> '' AND iban <> ''", name="account"),
    )

    ref: Mapped[str] = mapped_column(String(64), primary_key=True)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("checkout_attempt.id"), unique=True)
    reference: Mapped[str] = mapped_column(String(20), index=True)
    holder: Mapped[str] = mapped_column(String(70))
    iban: Mapped[str] = mapped_column(String(34))
    bic: Mapped[str] = mapped_column(String(11), default="")
    bank: Mapped[str] = mapped_column(String(70), default="")
    amount: Mapped[Money]
    currency: Mapped[Currency]
    state: Mapped[TransferState] = mapped_column(default=TransferState.AWAITED)
    received_amount: Mapped[Money | None]
    received_on: Mapped[date | None]
    due_on: Mapped[date]
    expires_at: Mapped[datetime]
    remind_at: Mapped[datetime | None]
    created_at: Mapped[Created] = mapped_column(index=True)


class TransferBackState(StrEnum):
    """pending → sent | dropped."""

    PENDING = "pending"
    SENT = "sent"
    DROPPED = "dropped"


class TransferBack(Base):
    """Money of a transfer that staff send back by hand; `id` is that of the refund."""

    __tablename__ = "transfer_back"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"),)

    id: Mapped[str] = mapped_column(ForeignKey("refund.id"), primary_key=True)
    transfer_ref: Mapped[str] = mapped_column(ForeignKey("bank_transfer.ref"), index=True)
    amount: Mapped[Money]
    currency: Mapped[Currency]
    state: Mapped[TransferBackState] = mapped_column(default=TransferBackState.PENDING)
    created_at: Mapped[Created]
