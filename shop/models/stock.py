"""The stock ledger: on hand is the sum of movements, reserved the sum of active holds."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base
from shop.models.columns import KEEP_IDS, Created, Id, Line, OrderId, StaffId, VariantId


class MovementKind(StrEnum):
    """Why stock on hand changed."""

    INITIAL = "initial"
    RESTOCK = "restock"
    CORRECTION = "correction"
    WRITE_OFF = "write_off"
    SALE = "sale"
    RETURN = "return"


class HoldState(StrEnum):
    """active → claimed (the order was paid) | released (its payment is provably dead)."""

    ACTIVE = "active"
    CLAIMED = "claimed"
    RELEASED = "released"


class StockMovement(Base):
    """One change of stock on hand. Append-only."""

    __tablename__ = "stock_movement"
    __table_args__ = (
        CheckConstraint("quantity <> 0", name="quantity"),
        Index("ix_stock_movement_ledger", "variant_id", "id"),
        KEEP_IDS,
    )

    id: Mapped[Id]
    variant_id: Mapped[int] = mapped_column(ForeignKey("product_variant.id"))
    quantity: Mapped[int]  # signed
    kind: Mapped[MovementKind]
    reason: Mapped[Line] = mapped_column(default="")
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    user_id: Mapped[StaffId]
    created_at: Mapped[Created]


class StockHold(Base):
    """Pieces reserved for an order until it is paid or its payment is dead."""

    __tablename__ = "stock_hold"
    __table_args__ = (
        UniqueConstraint("order_id", "variant_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        Index("ix_stock_hold_active", "variant_id", "state"),
        KEEP_IDS,
    )

    id: Mapped[Id]
    order_id: Mapped[OrderId]
    variant_id: Mapped[VariantId]
    quantity: Mapped[int]
    state: Mapped[HoldState] = mapped_column(default=HoldState.ACTIVE)
    created_at: Mapped[Created]
    closed_at: Mapped[datetime | None]


class LowStockNotice(Base):
    """A variant that staff were told runs low; the row goes once there is enough of it again."""

    __tablename__ = "low_stock_notice"

    variant_id: Mapped[int] = mapped_column(
        ForeignKey("product_variant.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    told_at: Mapped[datetime]
