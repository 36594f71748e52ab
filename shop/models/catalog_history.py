"""What addresses and prices of the catalogue were."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base
from shop.models.columns import KEEP_IDS, Created, Id, Money, ProductId, StaffId, VariantId


class SlugHistory(Base):
    """A slug that once led to a product; it answers 301 to the present one."""

    __tablename__ = "slug_history"

    slug: Mapped[str] = mapped_column(String(160), primary_key=True)
    product_id: Mapped[ProductId]
    created_at: Mapped[Created]


class PriceChange(Base):
    """One change of a variant's price, for the history and the law on reductions."""

    __tablename__ = "price_change"
    __table_args__ = (KEEP_IDS,)

    id: Mapped[Id]
    variant_id: Mapped[VariantId]
    old_amount: Mapped[Money | None]
    new_amount: Mapped[Money]
    old_compare_at: Mapped[Money | None]
    new_compare_at: Mapped[Money | None]
    user_id: Mapped[StaffId]
    created_at: Mapped[Created]
