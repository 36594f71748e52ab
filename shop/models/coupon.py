"""Coupons, and every use of one: held by an order, then committed or released."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base
from shop.models.columns import KEEP_IDS, Created, Id, Line, Money, Short, Updated, Version

LONGEST_CODE = 40


class CouponKind(StrEnum):
    """What a coupon takes off: a share of the goods, an amount of them, or the delivery."""

    PERCENT = "percent"
    AMOUNT = "amount"
    FREE_DELIVERY = "free_delivery"


class RedemptionState(StrEnum):
    """held (its order waits for money) → committed (paid) | released (the order died).

    Money that came after the release is honoured: committed again, or late when no use was left.
    """

    HELD = "held"
    COMMITTED = "committed"
    RELEASED = "released"
    LATE = "late"


LIVE_USE = (RedemptionState.HELD, RedemptionState.COMMITTED)


class Coupon(Base):
    """A reduction that whoever knows its code may use.

    `percent_bp` in basis points, amounts in minor units. `used_count` counts held and committed
    uses. `holder_key` is the normalised e-mail address of the one person it is for, if any. Rows
    of `CouponCategory` and `CouponProduct` narrow it to those pieces; without any it is for all.
    `batch` names codes that were generated together; `is_prize`: won at "Try your luck", good
    only for whoever owns its `LuckySlot`.
    """

    __tablename__ = "coupon"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'percent' AND percent_bp BETWEEN 1 AND 10000 AND amount_off = 0)"
            " OR (kind = 'amount' AND amount_off > 0 AND percent_bp = 0)"
            " OR (kind = 'free_delivery' AND percent_bp = 0 AND amount_off = 0)",
            name="terms",
        ),
        CheckConstraint("starts_at < ends_at", name="dates"),
        CheckConstraint("minimum_amount >= 0", name="minimum"),
        CheckConstraint("usage_limit >= 1", name="usage_limit"),
        CheckConstraint("per_customer_limit >= 1", name="per_customer_limit"),
        CheckConstraint("used_count >= 0 AND used_count <= usage_limit", name="used"),
        CheckConstraint("code <> ''", name="code"),
        Index("ix_coupon_desk", "is_prize", "id"),  # the newest that staff made
        KEEP_IDS,
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(LONGEST_CODE))
    code_key: Mapped[str] = mapped_column(String(LONGEST_CODE), unique=True)
    kind: Mapped[CouponKind]
    percent_bp: Mapped[int] = mapped_column(default=0)
    amount_off: Mapped[Money] = mapped_column(default=0)
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    minimum_amount: Mapped[Money] = mapped_column(default=0)
    usage_limit: Mapped[int | None]
    per_customer_limit: Mapped[int | None]
    used_count: Mapped[int] = mapped_column(default=0)
    is_first_order_only: Mapped[bool] = mapped_column(default=False)
    holder_key: Mapped[Line] = mapped_column(default="")
    batch: Mapped[Short] = mapped_column(default="", index=True)
    is_prize: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[Version]
    created_at: Mapped[Created]
    updated_at: Mapped[Updated]


class CouponCategory(Base):
    """A category whose pieces, and those of all below it, a coupon is for."""

    __tablename__ = "coupon_category"

    coupon_id: Mapped[int] = mapped_column(
        ForeignKey("coupon.id", ondelete="CASCADE"), primary_key=True
    )
    category_id: Mapped[int] = mapped_column(
        ForeignKey("category.id"), primary_key=True, index=True
    )


class CouponProduct(Base):
    """A product that a coupon is for."""

    __tablename__ = "coupon_product"

    coupon_id: Mapped[int] = mapped_column(
        ForeignKey("coupon.id", ondelete="CASCADE"), primary_key=True
    )
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True, index=True)


class CouponRedemption(Base):
    """The use of a coupon by an order. Whose it is: the account, and the normalised address.

    `amount` (minor units) is what it took off the goods; free delivery takes off none.
    """

    __tablename__ = "coupon_redemption"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("(state = 'held') = (closed_at IS NULL)", name="closed"),
        Index("ix_coupon_redemption_email", "coupon_id", "email_key"),
        Index("ix_coupon_redemption_user", "coupon_id", "user_id"),
        Index("ix_coupon_redemption_uses", "coupon_id", "id"),  # the newest uses of one
        KEEP_IDS,
    )

    id: Mapped[Id]
    coupon_id: Mapped[int] = mapped_column(ForeignKey("coupon.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    email_key: Mapped[Line]
    state: Mapped[RedemptionState] = mapped_column(default=RedemptionState.HELD)
    amount: Mapped[Money]
    created_at: Mapped[Created]
    closed_at: Mapped[datetime | None]
