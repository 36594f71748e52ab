"""The home page: its blocks, with the pieces, categories and houses that they show."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from sqlalchemy import select, union_all

from shop.catalog.blocks import DEFAULT, Block
from shop.catalog.queries.cards import (
    AVAILABLE,
    ON_SALE,
    Card,
    P,
    fetch_cards,
    page_of_cards,
    select_cards,
)
from shop.catalog.queries.collections import BY_HAND, stand_in
from shop.catalog.queries.sections import Section, Sections
from shop.catalog.sorts import SORTS
from shop.core.clock import today
from shop.core.config import config
from shop.core.db import db
from shop.models import BlockKind, HomeBlock, PieceSource
from shop.sales.period import last_days
from shop.sales.queries import best_sellers, current_books
from shop.settings.queries import kept

CANDIDATES = 12  # pieces of which a row of the newest, or a door, takes one with its own picture
BEST_OF = 30  # days
COLUMNS = tuple(field.name for field in fields(Block))


@dataclass(frozen=True)
class Door:
    """A main category with its picture, or that of its first piece."""

    section: Section
    cover: str


@dataclass(frozen=True)
class ShownBlock:
    """A block with what it shows. `url` leads to all the pieces of its row; `name` is theirs."""

    block: Block
    lead: Card | None = None
    doors: Sequence[Door] = ()
    cards: Sequence[Card] = ()
    brands: Sequence[Section] = ()
    url: str = ""
    name: str = ""


@dataclass(frozen=True)
class HomePage:
    """What the home page shows; no picture that the shop chose by itself is on it twice."""

    blocks: Sequence[ShownBlock]

    @property
    def lead(self) -> Card | None:
        """The piece that stands first; None while there is none, or another picture does."""
        return next((shown.lead for shown in self.blocks if shown.lead), None)

    @property
    def picture(self) -> str:
        """The picture by which others show the page, "" for none."""
        heroes = [shown.block.picture for shown in self.blocks if shown.block.picture]
        return next(iter(heroes), "") or (self.lead.cover or "" if self.lead else "")

    @property
    def doors(self) -> Sequence[Door]:
        """The categories that it shows."""
        return [door for shown in self.blocks for door in shown.doors]

    @property
    def new(self) -> Sequence[Card]:
        """The pieces in its rows."""
        return [card for shown in self.blocks for card in shown.cards]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be had on it."""
        return not (self.lead or self.doors or self.new)


def live_blocks() -> Sequence[Block]:
    """Return the blocks of the public page; a statement only after they changed."""
    return kept("home_blocks", lambda: list_blocks(is_live=True) or DEFAULT)


def list_blocks(*, is_live: bool) -> list[Block]:
    """Return the blocks in their order, those of the draft or those that are public."""
    columns = [getattr(HomeBlock, name) for name in COLUMNS]
    rows = select(*columns).where(HomeBlock.is_live == is_live)
    found = db.session.execute(rows.order_by(HomeBlock.position, HomeBlock.id))
    return [Block(**row) for row in found.mappings()]


def get_home(sections: Sections, blocks: Sequence[Block] = DEFAULT) -> HomePage:
    """Return the home page of these blocks; each that shows pieces costs a statement or two."""
    used: set[str | None] = set()
    shown = []
    for block in blocks:
        if block.is_hidden:
            continue
        one = _fill(block, sections, used)
        used |= {one.lead.cover} if one.lead else set()
        used |= {door.cover for door in one.doors} | {card.cover for card in one.cards}
        shown.append(one)
    return HomePage(shown)


def _fill(block: Block, sections: Sections, used: set[str | None]) -> ShownBlock:
    if block.kind is BlockKind.HERO and not block.picture:
        first = page_of_cards(sections, (AVAILABLE,), "featured", limit=1, with_sold_out=False)
        return ShownBlock(block, lead=first[0] if first else None)
    if block.kind is BlockKind.CATEGORIES:
        return ShownBlock(block, doors=_doors(sections, used, block.amount))
    if block.kind is BlockKind.HOUSES:
        return ShownBlock(block, brands=list(sections.brands.values()))
    return _row(block, sections, used) if block.kind is BlockKind.PIECES else ShownBlock(block)


def _row(block: Block, sections: Sections, used: set[str | None]) -> ShownBlock:
    if block.source is PieceSource.NEWEST:
        newest = select_cards(AVAILABLE).order_by(*SORTS["newest"].columns)
        found = fetch_cards(newest.limit(CANDIDATES + block.amount), sections)
        return ShownBlock(block, cards=_unseen(found, used)[: block.amount], url=NEW)
    if block.source is PieceSource.BEST:
        return ShownBlock(block, cards=_best(sections, block.amount))
    return _of_section(block, sections)


NEW = "/products?sort=newest"


def _unseen(cards: Sequence[Card], used: set[str | None]) -> list[Card]:
    taken, found = set(used), []
    for card in cards:
        if card.cover not in taken:
            found.append(card)
            taken.add(card.cover)
    return found


def _best(sections: Sections, amount: int) -> list[Card]:
    rows = best_sellers(current_books(), last_days(today(config().timezone), BEST_OF), 3 * amount)
    ids = [row.id for row in rows]
    if not ids:
        return []
    cards = fetch_cards(select_cards(AVAILABLE, P.id.in_(ids)), sections)
    return sorted(cards, key=lambda card: ids.index(card.id))[:amount]


def _of_section(block: Block, sections: Sections) -> ShownBlock:
    """Return a row of a collection or a category; an empty one where it is hidden or gone."""
    is_collection = block.source is PieceSource.COLLECTION
    known = sections.collections if is_collection else sections.categories
    section = known.get(block.source_id or 0)
    if section is None:
        return ShownBlock(block)
    if is_collection:
        conditions = stand_in(section, sections)
        order = BY_HAND if section.rule is None else None
    else:
        conditions, order = [P.category_id.in_(sections.ids_below(section))], None
    cards = page_of_cards(
        sections, conditions, "featured", limit=block.amount, with_sold_out=False, order=order
    )
    return ShownBlock(block, cards=cards, url=section.url, name=section.name)


def _doors(sections: Sections, used: set[str | None], amount: int) -> list[Door]:
    """Return a door for each of the first main categories that have pieces with pictures."""
    wide = sections.main[: 2 * amount]
    parts = [
        select(P.cover)
        .where(
            ON_SALE,
            AVAILABLE,
            P.category_id.in_(sections.ids_below(section)),
            P.cover.is_not(None),
        )
        .order_by(*SORTS["featured"].columns)
        .limit(CANDIDATES)
        .add_columns(P.category_id)
        .subquery()
        for section in wide
    ]
    if not parts:
        return []
    rows = db.session.execute(union_all(*(select(part) for part in parts))).all()
    doors: list[Door] = []
    taken = set(used)
    for section in wide:
        ids = set(sections.ids_below(section))
        covers = [cover for cover, category_id in rows if category_id in ids]
        cover = section.picture if covers and section.picture else None
        cover = cover or next((c for c in covers if c not in taken), None)
        if cover and len(doors) < amount:
            doors.append(Door(section, cover))
            taken.add(cover)
    return doors
