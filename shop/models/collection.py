"""Pieces that belong together: chosen by hand, in an order, or by a rule."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base
from shop.models.columns import KEEP_IDS, Id, Prose, SectionLook, Short, Version


class CollectionKind(StrEnum):
    """How a collection's pieces are found."""

    HAND = "hand"
    RULE = "rule"


class Collection(SectionLook, Base):
    """A list of pieces at `/collections/<slug>`.

    `rule` is a `Rule` of `shop/catalog/rules.py`, empty where pieces are chosen by hand.
    """

    __tablename__ = "collection"
    __table_args__ = (
        CheckConstraint("slug <> '' AND name <> ''", name="named"),
        CheckConstraint("length(CAST(rule AS TEXT)) <= 1000", name="rule"),
        KEEP_IDS,
    )

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[Short]
    description: Mapped[Prose] = mapped_column(default="")
    kind: Mapped[CollectionKind] = mapped_column(default=CollectionKind.HAND)
    rule: Mapped[dict[str, Any]] = mapped_column(default=dict)
    position: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=False)
    in_menu: Mapped[bool] = mapped_column(default=False)
    version: Mapped[Version]  # of what its form shows; its place and its pieces are no part of it


class CollectionProduct(Base):
    """A piece that was chosen by hand, and its place in the collection."""

    __tablename__ = "collection_product"
    __table_args__ = (Index("ix_collection_product_place", "collection_id", "position"),)

    collection_id: Mapped[int] = mapped_column(
        ForeignKey("collection.id", ondelete="CASCADE"), primary_key=True
    )
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True, index=True)
    position: Mapped[int] = mapped_column(default=0)
