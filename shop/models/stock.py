"""The stock ledger: on hand is the sum of movements, reserved the sum of active holds."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base
from shop.models.columns import KEEP_IDS, Created, Id, Line, OrderId, StaffId, VariantId, Version


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
    """Pieces reserved for an order until it is paid or its payment is dead.

    `quantity_made`: how many pieces customers have that never left the shelf for the order, because
    they were made for it, or others have bought those that were put there again.
    """

    __tablename__ = "stock_hold"
    __table_args__ = (
        UniqueConstraint("order_id", "variant_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("quantity_made >= 0", name="quantity_made"),
        Index("ix_stock_hold_active", "variant_id", "state"),
        KEEP_IDS,
    )

    id: Mapped[Id]
    order_id: Mapped[OrderId]
    variant_id: Mapped[VariantId]
    quantity: Mapped[int]
    quantity_made: Mapped[int] = mapped_column(default=0, server_default="0")
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


class CountState(StrEnum):
    """open → booking (nothing is counted any more) → booked; or open → dropped."""

    OPEN = "open"
    BOOKING = "booking"
    BOOKED = "booked"
    DROPPED = "dropped"


class StockCount(Base):
    """A stocktake: of all pieces, of a category or of a house. One at a time.

    `name`: what is counted, in words that stay. `running` is 1 while it is open or being booked,
    None before and after: two that overlap would correct the same piece twice.
    """

    __tablename__ = "stock_count"
    __table_args__ = (KEEP_IDS,)

    id: Mapped[Id]
    name: Mapped[Line]
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id", ondelete="SET NULL"))
    brand_id: Mapped[int | None] = mapped_column(ForeignKey("brand.id", ondelete="SET NULL"))
    state: Mapped[CountState] = mapped_column(default=CountState.OPEN)
    running: Mapped[int | None] = mapped_column(default=1, unique=True)
    begun_by_id: Mapped[StaffId]
    ended_by_id: Mapped[StaffId]
    created_at: Mapped[Created]
    ended_at: Mapped[datetime | None]


class StockCountLine(Base):
    """What was counted of a variant, and what the books said at that moment.

    `seen_movement_id`: the newest movement of then, 0 for none. `booked`: by how many pieces the
    books were changed in the end; None: not yet, or left alone.
    """

    __tablename__ = "stock_count_line"
    __table_args__ = (
        UniqueConstraint("count_id", "variant_id"),
        CheckConstraint("counted >= 0", name="counted"),
        Index(
            "ix_stock_count_line_differs",
            "count_id",
            "variant_id",
            sqlite_where=text("counted <> on_hand"),
            postgresql_where=text("counted <> on_hand"),
        ),
        KEEP_IDS,
    )

    id: Mapped[Id]
    count_id: Mapped[int] = mapped_column(ForeignKey("stock_count.id"))
    variant_id: Mapped[VariantId]
    counted: Mapped[int]
    on_hand: Mapped[int]
    seen_movement_id: Mapped[int] = mapped_column(default=0)
    version: Mapped[Version]
    user_id: Mapped[StaffId]
    counted_at: Mapped[datetime]
    booked: Mapped[int | None]
    is_done: Mapped[bool] = mapped_column(default=False)
