"""What the home page is composed of."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base
from shop.models.columns import KEEP_IDS, Id, Line, Prose, Short, Version


class BlockKind(StrEnum):
    """What a block of the home page shows."""

    HERO = "hero"  # a statement with a picture
    CATEGORIES = "categories"
    PIECES = "pieces"  # a row of pieces
    YOURS = "yours"  # what its visitor saw and ordered
    HOUSES = "houses"
    STORY = "story"  # text with a picture
    PROMISES = "promises"


class PieceSource(StrEnum):
    """Where the pieces of a row come from."""

    NEWEST = "newest"
    BEST = "best"  # sold most in the last thirty days
    COLLECTION = "collection"
    CATEGORY = "category"


class HomeBlock(Base):
    """A block as visitors see it (`is_live`), or as staff are changing it.

    There is no live block while nobody has composed the page: it is that of
    `shop/catalog/blocks.py` then. Without a draft, nobody is changing it. `key` names the same
    block in both.
    """

    __tablename__ = "home_block"
    __table_args__ = (
        CheckConstraint("amount BETWEEN 0 AND 24", name="amount"),
        Index("uq_home_block_key", "is_live", "key", unique=True),
        KEEP_IDS,
    )

    id: Mapped[Id]
    key: Mapped[int]
    is_live: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[BlockKind]
    position: Mapped[int] = mapped_column(default=0)
    is_hidden: Mapped[bool] = mapped_column(default=False)
    title: Mapped[Short] = mapped_column(default="")
    text: Mapped[Prose] = mapped_column(default="")
    picture: Mapped[str] = mapped_column(String(64), default="")
    picture_alt: Mapped[Line] = mapped_column(default="")
    link_text: Mapped[Short] = mapped_column(default="")
    link_url: Mapped[Line] = mapped_column(default="")
    source: Mapped[PieceSource] = mapped_column(default=PieceSource.NEWEST)
    source_id: Mapped[int | None]  # of the collection or the category; it may be gone by now
    amount: Mapped[int] = mapped_column(default=4)
    version: Mapped[Version]
