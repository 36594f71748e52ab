"""Texts that the shop publishes: help, law, whatever staff write; and which of them were shown."""

from enum import StrEnum
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base
from shop.models.columns import (
    KEEP_IDS,
    Created,
    Id,
    Line,
    Prose,
    Short,
    StaffId,
    Updated,
    Version,
)

LONGEST_SLUG: Final = 120


class PageRole(StrEnum):
    """What a text is for, where the shop itself links to it; at most one page has each."""

    NONE = ""
    DELIVERY = "delivery"
    RETURNS = "returns"
    PAYMENT = "payment"
    CONTACT = "contact"
    IMPRINT = "imprint"
    TERMS = "terms"
    PRIVACY = "privacy"
    WITHDRAWAL = "withdrawal"


class PageSection(StrEnum):
    """Under which heading of the footer a page stands; NONE: it is linked by other pages alone."""

    NONE = ""
    HELP = "help"
    LEGAL = "legal"


# What a checkout shows and its order keeps: terms are ticked, the others are read beside them.
SHOWN_AT_CHECKOUT: Final = (PageRole.TERMS, PageRole.WITHDRAWAL)


class Page(Base):
    """A page at `/pages/<slug>`. Title, description and source are those of the draft.

    Nobody but staff sees the draft; what is public is the version of it that `is_public`.
    """

    __tablename__ = "page"
    __table_args__ = (
        CheckConstraint("slug <> '' AND title <> ''", name="named"),
        Index(
            "uq_page_role",
            "role",
            unique=True,
            sqlite_where=text("role <> ''"),
            postgresql_where=text("role <> ''"),
        ),
        Index("ix_page_place", "section", "position", "id"),
        KEEP_IDS,
    )

    id: Mapped[Id]
    role: Mapped[PageRole] = mapped_column(default=PageRole.NONE)
    slug: Mapped[str] = mapped_column(String(LONGEST_SLUG), unique=True)
    section: Mapped[PageSection] = mapped_column(default=PageSection.NONE)
    position: Mapped[int] = mapped_column(Integer, default=0)
    title: Mapped[Short]
    description: Mapped[Line] = mapped_column(default="")
    source: Mapped[Prose] = mapped_column(default="")
    created_at: Mapped[Created]
    updated_at: Mapped[Updated]
    version: Mapped[Version] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class PageVersion(Base):
    """What a page said from a moment on. Append-only but for `is_public`, and for what the source
    was rendered to, which may follow newer rules (`shop/pages/markdown.py`).
    """

    __tablename__ = "page_version"
    __table_args__ = (
        CheckConstraint("number > 0", name="number"),
        Index("uq_page_version_number", "page_id", "number", unique=True),
        Index(
            "uq_page_version_public",
            "page_id",
            unique=True,
            sqlite_where=text("is_public"),
            postgresql_where=text("is_public"),
        ),
        KEEP_IDS,
    )

    id: Mapped[Id]
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id"))
    number: Mapped[int] = mapped_column(Integer)
    title: Mapped[Short]
    description: Mapped[Line]
    source: Mapped[Prose]
    html: Mapped[Prose]
    rules: Mapped[int] = mapped_column(Integer)
    is_public: Mapped[bool] = mapped_column(default=False)
    user_id: Mapped[StaffId]
    created_at: Mapped[Created]


class PageSlug(Base):
    """A slug that once led to a page; it answers 301 to the present one."""

    __tablename__ = "page_slug"

    slug: Mapped[str] = mapped_column(String(LONGEST_SLUG), primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[Created]


class OrderText(Base):
    """A version that the checkout of an order showed. The key keeps the version from going."""

    __tablename__ = "order_text"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    page_version_id: Mapped[int] = mapped_column(
        ForeignKey("page_version.id"), primary_key=True, index=True
    )
