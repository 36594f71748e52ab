"""The home page as its desk shows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from shop.admin.sections.queries import parent_choices
from shop.catalog.blocks import Block
from shop.catalog.queries.home import list_blocks
from shop.catalog.queries.sections import Sections, sections
from shop.catalog.services.home import draft_blocks, draft_mark
from shop.core.db import db
from shop.core.errors import NotFound
from shop.models import BlockKind, Collection, HomeBlock, PieceSource


@dataclass(frozen=True)
class BlockRow:
    """A block in the list. `about`: what it shows by name; `is_lost`: that is hidden or gone."""

    block: Block
    about: str
    is_lost: bool


@dataclass(frozen=True)
class HomeDesk:
    """The draft in its order, and what tells this state of it from others."""

    rows: Sequence[BlockRow]
    has_draft: bool
    mark: str

    @property
    def keys(self) -> str:
        """The blocks by their keys, as the form carries them."""
        return ",".join(str(row.block.key) for row in self.rows)


def load_home_desk() -> HomeDesk:
    """Return the draft, or what is public where nobody is changing it."""
    here, blocks = sections(), draft_blocks()
    rows = [_row(block, here) for block in blocks]
    return HomeDesk(rows, bool(list_blocks(is_live=False)), draft_mark())


def _row(block: Block, here: Sections) -> BlockRow:
    known = {
        PieceSource.COLLECTION: here.collections,
        PieceSource.CATEGORY: here.categories,
    }.get(block.source)
    if block.kind is not BlockKind.PIECES or known is None:
        return BlockRow(block, block.title, is_lost=False)
    section = known.get(block.source_id or 0)
    return BlockRow(block, block.title or (section.name if section else ""), section is None)


def get_draft_block(key: int) -> tuple[Block, int]:
    """Return a block of the draft with its version. Raises NotFound."""
    block = next((block for block in draft_blocks() if block.key == key), None)
    if block is None:
        raise NotFound
    versions = select(HomeBlock.version).where(HomeBlock.key == key).order_by(HomeBlock.is_live)
    return block, db.session.scalar(versions.limit(1)) or 1


def section_choices() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return (id, name) of the collections and of the categories."""
    order = (Collection.position, Collection.name, Collection.id)
    rows = db.session.execute(select(Collection.id, Collection.name).order_by(*order))
    return [(str(row.id), row.name) for row in rows], parent_choices(None)
