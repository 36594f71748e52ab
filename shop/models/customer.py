"""Who buys: everybody with an account, and every address that has ordered without one."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base
from shop.models.columns import (
    KEEP_IDS,
    Created,
    Currency,
    Id,
    Line,
    Money,
    Prose,
    Short,
    StaffId,
)


def _among(name: str, where: str) -> Index:
    return Index(
        f"ix_customer_{name}",
        "active_at",
        "id",
        sqlite_where=text(where),
        postgresql_where=text(where),
    )


class Customer(Base):
    """Somebody who buys, as lists of staff find them; written by `shop/customers/booking.py`.

    `key`: the id of the account, else the e-mail key of the orders that no account has. Name and
    address are those of the account, where it has none those of the last order. `active_at`: when
    they last ordered, else since when there is an account. `is_blocked`: for an account that it
    is not active, for a guest the word itself.
    """

    __tablename__ = "customer"
    __table_args__ = (
        Index("ix_customer_active", "active_at", "id"),
        _among("guest", "user_id IS NULL"),
        _among("account", "user_id IS NOT NULL"),
        _among("business", "is_business"),
        _among("blocked", "is_blocked"),
        KEEP_IDS,
    )

    id: Mapped[Id]
    key: Mapped[Line] = mapped_column(unique=True)
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), unique=True
    )
    email: Mapped[Line]
    name: Mapped[Short] = mapped_column(default="")
    search_text: Mapped[Prose] = mapped_column(default="")  # folded: name and e-mail address
    last_order_id: Mapped[int | None] = mapped_column(
        ForeignKey("orders.id", ondelete="SET NULL"), index=True
    )
    active_at: Mapped[datetime]
    is_business: Mapped[bool] = mapped_column(default=False)
    is_blocked: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Created]


class CustomerSum(Base):
    """What somebody has bought in all: in one currency, of play money or of real money."""

    __tablename__ = "customer_sum"
    __table_args__ = (
        CheckConstraint("orders > 0", name="counts"),
        CheckConstraint("amount_net = amount_sales - amount_refunded", name="net"),
        Index("ix_customer_sum_net", "is_sandbox", "currency", "amount_net", "customer_id"),
    )

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    is_sandbox: Mapped[bool] = mapped_column(primary_key=True)
    currency: Mapped[Currency] = mapped_column(primary_key=True)
    orders: Mapped[int]
    amount_sales: Mapped[Money]
    amount_refunded: Mapped[Money]
    amount_net: Mapped[Money]


class CustomerNote(Base):
    """What staff wrote about somebody; nobody changes it."""

    __tablename__ = "customer_note"
    __table_args__ = (KEEP_IDS,)

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[StaffId]
    text: Mapped[Prose]
    created_at: Mapped[Created]
