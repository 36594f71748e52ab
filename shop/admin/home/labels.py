"""The blocks of the home page in words."""

from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from shop.models import BlockKind, PieceSource

KINDS_OF_BLOCKS: Final[dict[BlockKind, LazyString]] = {
    BlockKind.HERO: _("Statement with a picture"),
    BlockKind.PIECES: _("Row of pieces"),
    BlockKind.CATEGORIES: _("Categories"),
    BlockKind.STORY: _("Story"),
    BlockKind.HOUSES: _("Houses"),
    BlockKind.YOURS: _("What the visitor saw and ordered"),
    BlockKind.PROMISES: _("What one can count on"),
}
SOURCES: Final[dict[PieceSource, LazyString]] = {
    PieceSource.NEWEST: _("The newest"),
    PieceSource.BEST: _("Sold most in the last 30 days"),
    PieceSource.COLLECTION: _("Those of a collection"),
    PieceSource.CATEGORY: _("Those of a category"),
}
# The fields that a form of each kind shows; all can be hidden.
FIELDS: Final[dict[BlockKind, tuple[str, ...]]] = {
    BlockKind.HERO: ("title", "text", "picture", "link_text", "link_url"),
    BlockKind.PIECES: ("title", "source", "collection", "category", "amount"),
    BlockKind.CATEGORIES: ("title", "amount"),
    BlockKind.STORY: ("title", "text", "picture", "link_text", "link_url"),
    BlockKind.HOUSES: ("title",),
    BlockKind.YOURS: (),
    BlockKind.PROMISES: (),
}
