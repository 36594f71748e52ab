"""Column shapes that many tables share, decided once."""

from datetime import datetime
from typing import Annotated

from sqlalchemy import BigInteger, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.clock import now

# Ids fit 2^31 on both engines; `sqlite_autoincrement` keeps SQLite from handing one out again.
Id = Annotated[int, mapped_column(Integer, primary_key=True)]
Money = Annotated[int, mapped_column(BigInteger)]  # minor units
LONGEST_CODE, LONGEST_LINE = 64, 255  # characters
Code = Annotated[str, mapped_column(String(LONGEST_CODE))]
Short = Annotated[str, mapped_column(String(120))]
Line = Annotated[str, mapped_column(String(LONGEST_LINE))]
Prose = Annotated[str, mapped_column(Text)]
Currency = Annotated[str, mapped_column(String(3))]
Created = Annotated[datetime, mapped_column(default=now)]
Updated = Annotated[datetime, mapped_column(default=now, onupdate=now)]

# Of what staff edit: grows with each change of what its form shows (shop/admin/optimistic_lock.py).
Version = Annotated[int, mapped_column(default=1, server_default="1")]

ProductId = Annotated[int, mapped_column(ForeignKey("product.id"), index=True)]
VariantId = Annotated[int, mapped_column(ForeignKey("product_variant.id"), index=True)]
OrderId = Annotated[int, mapped_column(ForeignKey("orders.id"), index=True)]
StaffId = Annotated[int | None, mapped_column(ForeignKey("users.id", ondelete="SET NULL"))]

KEEP_IDS = {"sqlite_autoincrement": True}


class SearchWords:
    """What search engines are told of a page; "" where its name and text say it."""

    seo_title: Mapped[str] = mapped_column(String(120), default="", server_default="", sort_order=1)
    seo_description: Mapped[str] = mapped_column(
        String(LONGEST_LINE), default="", server_default="", sort_order=1
    )


class SectionLook(SearchWords):
    """How a category, a brand or a collection shows itself; columns of each of them.

    `picture`: a storage key, "" for none.
    """

    picture: Mapped[str] = mapped_column(String(64), default="", server_default="", sort_order=1)
    picture_alt: Mapped[str] = mapped_column(
        String(LONGEST_LINE), default="", server_default="", sort_order=1
    )
