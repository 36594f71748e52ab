"""The link that shows a product before it is published."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base


class ProductPreview(Base):
    """The link that shows a draft to whoever has it: at most one of a product, until it expires.

    `key`: what the link proves that it knows; without the row, or with another key, it is dead.
    """

    __tablename__ = "product_preview"
    __table_args__ = (CheckConstraint("length(key) >= 32", name="key"),)

    product_id: Mapped[int] = mapped_column(
        ForeignKey("product.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    key: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime]
