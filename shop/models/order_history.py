"""What happened to an order, and what staff wrote about it."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base
from shop.models.columns import KEEP_IDS, Created, Id, OrderId, Prose, StaffId


class OrderEvent(Base):
    """Something that happened to an order, in order. Append-only."""

    __tablename__ = "order_event"
    __table_args__ = (KEEP_IDS,)

    id: Mapped[Id]
    order_id: Mapped[OrderId]
    kind: Mapped[str] = mapped_column(String(40))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    user_id: Mapped[StaffId]
    created_at: Mapped[Created]


class OrderNote(Base):
    """What staff wrote to each other about an order; customers never see it."""

    __tablename__ = "order_note"
    __table_args__ = (KEEP_IDS,)

    id: Mapped[Id]
    order_id: Mapped[OrderId]
    user_id: Mapped[StaffId]
    text: Mapped[Prose]
    created_at: Mapped[Created]
