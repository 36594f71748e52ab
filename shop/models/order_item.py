"""A line of an order: what was sold, and how much of it was sent, refunded and returned."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.core.db import Base
from shop.models.catalog import TaxClass
from shop.models.columns import KEEP_IDS, Id, Line, Money, OrderId, Prose, Short
from shop.models.order import Order


class OrderItem(Base):
    """One line of an order as it was sold; the catalogue may change, this does not.

    `amount_total` = unit_amount × quantity − amount_discount; tax is inside it when inclusive.
    `quantity_returned`: how many of the refunded pieces had been sent; the others never left.
    """

    __tablename__ = "order_item"
    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        Index("ix_order_item_variant", "variant_id", "order_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("unit_amount >= 0 AND tax_amount >= 0", name="amounts"),
        CheckConstraint(
            "amount_total = unit_amount * quantity - amount_discount AND amount_total >= 0",
            name="total",
        ),
        CheckConstraint("quantity_shipped BETWEEN 0 AND quantity", name="shipped"),
        CheckConstraint("quantity_refunded BETWEEN 0 AND quantity", name="refunded"),
        CheckConstraint(
            "quantity_returned BETWEEN 0 AND quantity_refunded "
            "AND quantity_returned <= quantity_shipped",
            name="returned",
        ),
        CheckConstraint(
            "quantity_shipped + quantity_refunded - quantity_returned <= quantity", name="left"
        ),
        KEEP_IDS,
    )

    id: Mapped[Id]
    order_id: Mapped[OrderId]
    position: Mapped[int]
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), index=True)
    variant_id: Mapped[int] = mapped_column(ForeignKey("product_variant.id"))
    product_name: Mapped[Line]
    variant_label: Mapped[Line] = mapped_column(default="")
    brand_name: Mapped[Short] = mapped_column(default="")
    product_slug: Mapped[str] = mapped_column(String(160))
    sku: Mapped[str] = mapped_column(String(64))
    # Folded: name and SKU, by which its customer finds it.
    search_text: Mapped[Prose] = mapped_column(default="", server_default="")
    cover: Mapped[str | None] = mapped_column(String(64))
    provider_product: Mapped[str | None] = mapped_column(String(120))
    quantity: Mapped[int]
    unit_amount: Mapped[Money]
    amount_discount: Mapped[Money] = mapped_column(default=0)
    amount_total: Mapped[Money]
    tax_class: Mapped[TaxClass]
    tax_rate_bp: Mapped[int]
    tax_amount: Mapped[Money]
    weight_grams: Mapped[int] = mapped_column(default=0)
    is_tracked: Mapped[bool] = mapped_column(default=True)  # stock is held and claimed
    quantity_shipped: Mapped[int] = mapped_column(default=0)
    quantity_refunded: Mapped[int] = mapped_column(default=0)
    quantity_returned: Mapped[int] = mapped_column(default=0, server_default="0")

    order: Mapped[Order] = relationship(lazy="raise_on_sql", viewonly=True)

    @hybrid_property
    def left_to_send(self) -> int:
        """How many pieces are neither sent nor refunded, here and in SQL; never below 0."""
        return (
            self.quantity - self.quantity_shipped - self.quantity_refunded + self.quantity_returned
        )

    @hybrid_property
    def with_customer(self) -> int:
        """How many pieces were sent and not refunded, here and in SQL; never below 0."""
        return self.quantity_shipped - self.quantity_returned
