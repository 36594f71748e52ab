"""The prizes of "Try your luck": who owns which, and the log that shows it was fair."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base
from shop.models.columns import KEEP_IDS, Created, Id, Line, Updated


class SlotState(StrEnum):
    """granted to a bag → held by its order → redeemed; or returned, to be granted again.

    lapsed: its order was paid and nobody had asked.
    """

    GRANTED = "granted"
    HELD = "held"
    REDEEMED = "redeemed"
    RETURNED = "returned"
    LAPSED = "lapsed"


class LuckySlot(Base):
    """The prize of the `slot`th paid order. One row: it never has two owners at once.

    `expires_at`: until when it is the bag's, by the server's clock; an order keeps it for longer.
    """

    __tablename__ = "lucky_slot"
    __table_args__ = (
        CheckConstraint("slot >= 1", name="slot"),
        CheckConstraint("state <> 'granted' OR expires_at IS NOT NULL", name="expires"),
        CheckConstraint("state NOT IN ('held', 'redeemed') OR order_id IS NOT NULL", name="order"),
        CheckConstraint("(state = 'lapsed') = (coupon_id IS NULL)", name="coupon"),
        Index("ix_lucky_slot_state", "state", "slot"),  # which came back, and which are due
    )

    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[SlotState]
    cart_id: Mapped[int | None] = mapped_column(
        ForeignKey("cart.id", ondelete="SET NULL"), index=True
    )
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    coupon_id: Mapped[int | None] = mapped_column(ForeignKey("coupon.id"), unique=True)
    expires_at: Mapped[datetime | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Updated]


class LuckKind(StrEnum):
    """What became of a slot."""

    GRANTED = "granted"
    RETURNED = "returned"
    REDEEMED = "redeemed"
    LAPSED = "lapsed"


class LuckEvent(Base):
    """A line of the fairness log. Rows are only ever added."""

    __tablename__ = "luck_event"
    __table_args__ = (KEEP_IDS,)

    id: Mapped[Id]
    slot: Mapped[int] = mapped_column(index=True)
    kind: Mapped[LuckKind]
    paid_count: Mapped[int]  # of the shop, when it happened
    every: Mapped[int]  # the merchant's N then; 0: switched off since
    note: Mapped[Line] = mapped_column(default="")
    created_at: Mapped[Created]
