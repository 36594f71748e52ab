"""The blocks of the home page: what each says, and those of a page nobody composed. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from shop.core.errors import BadInput
from shop.models import BlockKind, PieceSource

MOST_BLOCKS: Final = 12
MOST_PIECES: Final = 12
LONGEST_TEXT_OF_BLOCK: Final = 2000
# A path of the shop, or an address that names its host: `//` and `/\` would be somebody else's.
_LINK = re.compile(r"/(?![/\\])[^\s\\]*|https?://[^\s\\]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block. What is empty says what the shop says by itself, in the visitor's language."""

    kind: BlockKind
    key: int = 0
    is_hidden: bool = False
    title: str = ""
    text: str = ""
    picture: str = ""
    picture_alt: str = ""
    link_text: str = ""
    link_url: str = ""
    source: PieceSource = PieceSource.NEWEST
    source_id: int | None = None
    amount: int = 4

    def checked(self) -> "Block":
        """Return the block as it is kept. Raises BadInput naming every field that cannot be."""
        wrong = {}
        for name, longest in (("title", 120), ("link_text", 60), ("picture_alt", 250)):
            if len(getattr(self, name)) > longest:
                wrong[name] = f"Use at most {longest} characters."
        if len(self.text) > LONGEST_TEXT_OF_BLOCK:
            wrong["text"] = f"Use at most {LONGEST_TEXT_OF_BLOCK} characters."
        if self.link_url and (len(self.link_url) > 250 or not _LINK.fullmatch(self.link_url)):
            wrong["link_url"] = "Enter a path of the shop like /products, or an address with https."
        if bool(self.link_url) != bool(self.link_text):
            wrong.setdefault("link_url", "Enter both where the link leads and its words.")
        if self.kind is BlockKind.PIECES and not 1 <= self.amount <= MOST_PIECES:
            wrong["amount"] = f"Enter 1 to {MOST_PIECES} pieces."
        if self.kind is BlockKind.CATEGORIES and not 1 <= self.amount <= MOST_PIECES:
            wrong["amount"] = f"Enter 1 to {MOST_PIECES} categories."
        if self.kind is BlockKind.STORY and not (self.title and self.text):
            wrong["title"] = "A story needs a title and a text."
        if wrong:
            raise BadInput(**wrong)
        return replace(self, title=self.title.strip(), text=self.text.strip())


# The home page as it is until somebody composes another one.
DEFAULT: Final[Sequence[Block]] = tuple(
    replace(block, key=key)
    for key, block in enumerate(
        (
            Block(kind=BlockKind.HERO),
            Block(kind=BlockKind.CATEGORIES, amount=3),
            Block(kind=BlockKind.PIECES),
            Block(kind=BlockKind.YOURS),
            Block(kind=BlockKind.HOUSES),
            Block(kind=BlockKind.PROMISES),
        ),
        1,
    )
)
