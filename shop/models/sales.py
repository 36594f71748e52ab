"""What was sold and paid back, summed up for every day: what figures for staff are read from."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base
from shop.models.columns import Code, Currency, Money


class Dimension(StrEnum):
    """By what a day is divided; `total` is all of it."""

    TOTAL = "total"
    PRODUCT = "product"
    COUNTRY = "country"
    COUPON = "coupon"


class SalesSum(Base):
    """The sums of one day, in the shop's time zone, for one `key` of a dimension.

    `key`: id of the product, country, code of the coupon; "" for the total. What each number means
    stands in docs/reports.md. Written by `shop/sales/booking.py` alone, from the facts there.
    """

    __tablename__ = "sales_sum"
    __table_args__ = (
        CheckConstraint(
            "orders >= 0 AND pieces >= 0 AND refunds >= 0 AND pieces_refunded >= 0", name="counts"
        ),
        CheckConstraint(
            "amount_goods >= 0 AND amount_discount >= 0 AND amount_shipping >= 0"
            " AND amount_tax >= 0 AND amount_sales >= 0 AND amount_refunded >= 0",
            name="amounts",
        ),
    )

    dimension: Mapped[Dimension] = mapped_column(primary_key=True)
    is_sandbox: Mapped[bool] = mapped_column(primary_key=True)
    currency: Mapped[Currency] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    key: Mapped[Code] = mapped_column(primary_key=True)
    orders: Mapped[int]
    pieces: Mapped[int]
    amount_goods: Mapped[Money]
    amount_discount: Mapped[Money]
    amount_shipping: Mapped[Money]
    amount_tax: Mapped[Money]
    amount_sales: Mapped[Money]
    refunds: Mapped[int]
    pieces_refunded: Mapped[int]
    amount_refunded: Mapped[Money]
