"""The cart of a guest (by a token in the signed cookie) or of a customer."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.core.db import Base
from shop.models.columns import KEEP_IDS, Created, Id, Money, Updated, VariantId

MAX_QUANTITY = 99


class Cart(Base):
    """Belongs to exactly one guest token or one user. `token_hash` is SHA-256 of the token.

    `draft` is what was typed at checkout, by field: it names a person, and goes when the cart is
    emptied, paid for or deleted.
    """

    __tablename__ = "cart"
    __table_args__ = (
        CheckConstraint("(token_hash IS NULL) <> (user_id IS NULL)", name="owner"),
        KEEP_IDS,
    )

    id: Mapped[Id]
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), unique=True
    )
    coupon_id: Mapped[int | None] = mapped_column(
        ForeignKey("coupon.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[Created]
    updated_at: Mapped[Updated] = mapped_column(index=True)
    draft: Mapped[dict[str, Any] | None]

    items: Mapped[list["CartItem"]] = relationship(
        lazy="raise_on_sql", order_by="CartItem.id", viewonly=True
    )


class CartItem(Base):
    """One variant in a cart. `seen_amount` is the unit price the customer last saw."""

    __tablename__ = "cart_item"
    __table_args__ = (
        UniqueConstraint("cart_id", "variant_id"),
        CheckConstraint(f"quantity BETWEEN 1 AND {MAX_QUANTITY}", name="quantity"),
        KEEP_IDS,
    )

    id: Mapped[Id]
    cart_id: Mapped[int] = mapped_column(ForeignKey("cart.id", ondelete="CASCADE"), index=True)
    variant_id: Mapped[VariantId]
    quantity: Mapped[int]
    seen_amount: Mapped[Money]
    created_at: Mapped[Created]
