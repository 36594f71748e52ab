"""Products, their variants and pictures, and where they are shown."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.core.db import Base
from shop.models.columns import (
    KEEP_IDS,
    Created,
    Id,
    Line,
    Money,
    ProductId,
    Prose,
    SearchWords,
    SectionLook,
    Short,
    Updated,
    Version,
)


class StockPolicy(StrEnum):
    """What happens when a variant's stock is used up."""

    DENY = "deny"  # sold out
    CONTINUE = "continue"  # made to order: may be sold below zero available
    UNTRACKED = "untracked"  # never counted: services, gift cards


class TaxClass(StrEnum):
    """Which of a country's rates applies to a variant."""

    STANDARD = "standard"
    REDUCED = "reduced"
    ZERO = "zero"


class Category(SectionLook, Base):
    """A section of the shop; they nest. `path` is "/1/4/": the ids from the root to this one."""

    __tablename__ = "category"
    __table_args__ = (KEEP_IDS,)

    id: Mapped[Id]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"), index=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[Short]
    description: Mapped[Prose] = mapped_column(default="")
    path: Mapped[Line] = mapped_column(default="/", index=True)
    position: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[Version]  # of what staff edit; its place among the others is no part of it


class Brand(SectionLook, Base):
    """A brand whose pieces the shop sells."""

    __tablename__ = "brand"
    __table_args__ = (KEEP_IDS,)

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[Short]
    description: Mapped[Prose] = mapped_column(default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    position: Mapped[int] = mapped_column(default=0)
    version: Mapped[Version]


class Product(SearchWords, Base):
    """What is shown. What is bought is a variant.

    `price_from`, `compare_at`, `is_available`, `rating_avg`, `rating_count`, `cover` and
    `search_text` are copies for lists, written by the services that change their source and
    checked by `flask audit`. `stamp` grows whenever something shown on the product page changes.
    """

    __tablename__ = "product"
    __table_args__ = (
        Index("ix_product_position", "is_active", "is_available", "position", "id"),
        Index("ix_product_newest", "is_active", "is_available", "published_at", "id"),
        Index("ix_product_price", "is_active", "is_available", "price_from", "id"),
        Index("ix_product_rating", "is_active", "is_available", "rating_avg", "id"),
        Index(
            "ix_product_category_position",
            "category_id",
            "is_active",
            "is_available",
            "position",
            "id",
        ),
        Index(
            "ix_product_brand_position", "brand_id", "is_active", "is_available", "position", "id"
        ),
        # Searching reads this instead of the table, which is ten times as wide.
        Index("ix_product_search", "is_active", "search_text"),
        # The staff's tabs are counted from it.
        Index("ix_product_views", "is_active", "archived_at"),
        Index(
            "ix_product_due",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        CheckConstraint("price_from >= 0", name="price_from"),
        CheckConstraint("compare_at IS NULL OR compare_at > price_from", name="compare_at"),
        CheckConstraint("rating_avg BETWEEN 0 AND 500 AND rating_count >= 0", name="rating"),
        CheckConstraint("NOT (is_active AND archived_at IS NOT NULL)", name="archived"),
        CheckConstraint(
            "length(name) <= 200 AND length(summary) <= 1000 AND length(description) <= 20000",
            name="texts",
        ),
        # As JSON, where a letter may be written with six signs.
        CheckConstraint("length(CAST(tags AS TEXT)) <= 30000", name="tags"),
        CheckConstraint("length(CAST(details AS TEXT)) <= 1300000", name="details"),
        KEEP_IDS,
    )

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(160), unique=True)
    name: Mapped[Line]
    brand_id: Mapped[int | None] = mapped_column(ForeignKey("brand.id"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"))
    summary: Mapped[Prose] = mapped_column(default="")
    description: Mapped[Prose] = mapped_column(default="")
    details: Mapped[list[Any]] = mapped_column(default=list)  # [{"title": …, "text": …}]
    tags: Mapped[list[Any]] = mapped_column(default=list)
    is_active: Mapped[bool] = mapped_column(default=False)
    published_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]

    # What is planned (shop/catalog/services/schedule.py); `due_at`: the next moment of all of it.
    on_sale_at: Mapped[datetime | None]
    off_sale_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]

    price_from: Mapped[Money] = mapped_column(default=0)
    compare_at: Mapped[Money | None]
    has_price_range: Mapped[bool] = mapped_column(default=False)
    is_available: Mapped[bool] = mapped_column(default=False)
    few_left: Mapped[int | None]  # the number, when it is at or below the low-stock threshold
    single_variant_id: Mapped[int | None]  # what "add to bag" adds from a list; None: must choose
    rating_avg: Mapped[int] = mapped_column(default=0)  # hundredths of a star
    rating_count: Mapped[int] = mapped_column(default=0)
    cover: Mapped[str | None] = mapped_column(String(64))  # storage key of the first picture
    position: Mapped[int] = mapped_column(default=0)
    search_text: Mapped[Prose] = mapped_column(default="")  # folded: name, brand, SKUs, tags
    stamp: Mapped[int] = mapped_column(default=1)

    provider_ref: Mapped[str | None] = mapped_column(String(120))  # the product at Stripe
    sync_hash: Mapped[str | None] = mapped_column(String(64))
    synced_at: Mapped[datetime | None]
    sync_error: Mapped[Line | None]

    version: Mapped[int] = mapped_column(default=1)  # of what it is: texts, place, tags, address
    created_at: Mapped[Created]
    updated_at: Mapped[Updated]

    brand: Mapped[Brand | None] = relationship(lazy="raise_on_sql")
    category: Mapped[Category | None] = relationship(lazy="raise_on_sql")
    variants: Mapped[list["ProductVariant"]] = relationship(
        lazy="raise_on_sql", order_by="ProductVariant.position", viewonly=True
    )
    options: Mapped[list["ProductOption"]] = relationship(
        lazy="raise_on_sql", order_by="ProductOption.position", viewonly=True
    )
    images: Mapped[list["ProductImage"]] = relationship(
        lazy="raise_on_sql", order_by="ProductImage.position", viewonly=True
    )


class ProductOption(Base):
    """What one chooses between, such as Size. `values`: [{"label": "50 ml", "hex": None}]."""

    __tablename__ = "product_option"
    __table_args__ = (UniqueConstraint("product_id", "position"), KEEP_IDS)

    id: Mapped[Id]
    product_id: Mapped[ProductId]
    position: Mapped[int]
    name: Mapped[Short]
    values: Mapped[list[Any]] = mapped_column(default=list)


# As the words of indexes: what is asked in other words is not found by them on SQLite.
STOCK_LEFT = "stock_on_hand - stock_reserved"
COUNTED_STOCK = "is_active AND stock_policy = 'deny'"
BY_SHOPS_LEVEL = f"{COUNTED_STOCK} AND low_stock_level IS NULL"
BELOW_OWN_LEVEL = f"{COUNTED_STOCK} AND {STOCK_LEFT} <= low_stock_level"


def _index_of_what_is_left(name: str, only: str) -> Index:
    where = text(only)
    return Index(name, text(f"({STOCK_LEFT})"), sqlite_where=where, postgresql_where=where)


class ProductVariant(Base):
    """What is bought: SKU, price in the shop's currency, stock.

    `option_values` are labels in the order of the product's options; `option_key` joins them.
    Stock on hand is physical and includes what is reserved; available is the rest, at least 0.
    """

    __tablename__ = "product_variant"
    __table_args__ = (
        UniqueConstraint("product_id", "option_key"),
        CheckConstraint("unit_amount >= 0", name="unit_amount"),
        CheckConstraint(
            "compare_at_amount IS NULL OR compare_at_amount > unit_amount", name="compare_at"
        ),
        CheckConstraint("stock_on_hand >= 0", name="on_hand"),
        CheckConstraint("stock_reserved >= 0", name="reserved"),
        CheckConstraint("NOT (is_active AND archived_at IS NOT NULL)", name="archived"),
        CheckConstraint("low_stock_level >= 0", name="low_stock_level"),
        CheckConstraint("(sale_amount IS NULL) = (sale_since IS NULL)", name="sale"),
        CheckConstraint("sale_amount IS NULL OR sale_amount >= 0", name="sale_amount"),
        CheckConstraint(
            "sale_until IS NULL OR (sale_since IS NOT NULL AND sale_until > sale_since)",
            name="sale_until",
        ),
        CheckConstraint(
            "sale_before IS NULL OR (sale_amount IS NOT NULL AND sale_before > sale_amount)",
            name="sale_before",
        ),
        _index_of_what_is_left("ix_product_variant_left", BY_SHOPS_LEVEL),
        _index_of_what_is_left("ix_product_variant_low", BELOW_OWN_LEVEL),
        KEEP_IDS,
    )

    id: Mapped[Id]
    product_id: Mapped[ProductId]
    sku: Mapped[str] = mapped_column(String(64))
    sku_key: Mapped[str] = mapped_column(String(64), unique=True)  # upper case, no spaces
    option_values: Mapped[list[Any]] = mapped_column(default=list)
    option_key: Mapped[Line] = mapped_column(default="")
    unit_amount: Mapped[Money]
    compare_at_amount: Mapped[Money | None]
    # A price for a time, and, while it is in force, what it is instead of.
    sale_amount: Mapped[Money | None]
    sale_since: Mapped[datetime | None]
    sale_until: Mapped[datetime | None]
    sale_before: Mapped[Money | None]
    sale_before_compare: Mapped[Money | None]
    stock_on_hand: Mapped[int] = mapped_column(default=0)
    stock_reserved: Mapped[int] = mapped_column(default=0)
    low_stock_level: Mapped[int | None]  # at or below it staff hear of it; None: the shop's
    stock_policy: Mapped[StockPolicy] = mapped_column(default=StockPolicy.DENY)
    weight_grams: Mapped[int] = mapped_column(default=0)
    barcode: Mapped[str | None] = mapped_column(String(32), index=True)
    tax_class: Mapped[TaxClass] = mapped_column(default=TaxClass.STANDARD)
    unit_measure: Mapped[str | None] = mapped_column(String(32))  # "50 ml": for the unit price
    position: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)
    archived_at: Mapped[datetime | None]
    created_at: Mapped[Created]
    version: Mapped[Version] = mapped_column()  # stock is no part of it

    product: Mapped[Product] = relationship(lazy="raise_on_sql", viewonly=True)

    __mapper_args__ = {"version_id_col": version}

    @property
    def label(self) -> str:
        """The chosen options in words: "50 ml, Amber"; empty for a simple product."""
        return ", ".join(self.option_values)

    @property
    def available(self) -> int | None:
        """How many may be sold now; None when that is not limited by stock."""
        if self.stock_policy is not StockPolicy.DENY:
            return None
        return max(0, self.stock_on_hand - self.stock_reserved)

    @property
    def can_be_bought(self) -> bool:
        """Whether at least one can be put into a cart now."""
        return self.is_active and self.available != 0


class ProductImage(Base):
    """A picture of a product, by the SHA-256 of its re-encoded content."""

    __tablename__ = "product_image"
    __table_args__ = (KEEP_IDS,)

    id: Mapped[Id]
    product_id: Mapped[ProductId]
    variant_id: Mapped[int | None] = mapped_column(ForeignKey("product_variant.id"), index=True)
    storage_key: Mapped[str] = mapped_column(String(64), index=True)
    width: Mapped[int]
    height: Mapped[int]
    alt: Mapped[Line] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
