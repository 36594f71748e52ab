"""The order of a category's first pieces, which staff decide: the one that lists call featured.

A piece has one place in the whole shop (`Product.position`), so that one index serves the order of
every list. What is put in order in a category trades places: everywhere else the pieces keep the
places that they had together.
"""

from collections.abc import Sequence

from sqlalchemy import case, func, literal, select, union_all, update
from sqlalchemy.orm import aliased

from shop.catalog.queries.cards import AVAILABLE, ON_SALE, SOLD_OUT
from shop.core.db import changed, db, retried, transaction
from shop.core.errors import BadInput, NotFound
from shop.models import Category, Product
from shop.shared.page_versions import bump_list, lock_products

LEADING = 60  # pieces that are put in order by hand
STEP = 10


def list_leading(category_id: int) -> list[int]:
    """Return the first pieces of a category's list, as the shop shows them. Raises NotFound."""
    return [product_id for product_id, _ in _leading(category_id)[:LEADING]]


def _leading(category_id: int) -> list[tuple[int, int]]:
    """Return (id, place) of the first pieces and of the one behind them, sold out last."""
    in_category = Product.category_id.in_(_below(category_id))
    parts = [
        select(Product.id, Product.position, literal(last).label("last"))
        .where(ON_SALE, state, in_category)
        .order_by(Product.position, Product.id)
        .limit(LEADING + 1)
        .subquery()
        for last, state in enumerate((AVAILABLE, SOLD_OUT))
    ]
    rows = db.session.execute(union_all(*(select(part) for part in parts))).all()
    found = sorted(rows, key=lambda row: (row.last, row.position, row.id))
    return [(row.id, row.position) for row in found[: LEADING + 1]]


def _below(category_id: int) -> list[int]:
    """Return the ids of a category and of all below it. Raises NotFound."""
    root = aliased(Category)
    below = select(Category.id).join(root, Category.path.startswith(root.path))
    found = list(db.session.scalars(below.where(root.id == category_id)))
    if not found:
        raise NotFound
    return found


@retried
def arrange_leading(category_id: int, wanted: Sequence[int]) -> None:
    """Show the first pieces of a category in the order `wanted`; one statement writes them all.

    `wanted` names each of them; one more, of the category, may come before them. Raises BadInput,
    NotFound.
    """
    with transaction():
        leading = _leading(category_id)
        places = dict(leading[:LEADING])
        new = [product_id for product_id in wanted if product_id not in places]
        if {*wanted} - {*new} != {*places} or new not in ([], [*wanted[:1]]):
            raise BadInput("The pieces have changed in the meantime.")
        if new:
            _lead(category_id, new[0], min(places.values(), default=0))
            return
        lock_products(set(wanted))
        behind = leading[LEADING][1] if len(leading) > LEADING else None
        moves = {
            product_id: place
            for product_id, place in zip(
                wanted, _slots(sorted(places.values()), behind), strict=True
            )
            if places[product_id] != place
        }
        if moves:
            _write(moves)


def _slots(places: list[int], behind: int | None) -> list[int]:
    """Return the places, the same if all differ: none twice, all before the next piece's."""
    slots = []
    for place in reversed(places):
        slot = place if behind is None else min(place, behind - 1)
        slots.append(slot)
        behind = slot
    return slots[::-1]


def _lead(category_id: int, product_id: int, first: int) -> None:
    """Put a piece of the category before all others of it."""
    is_there = select(func.count()).where(
        Product.id == product_id, ON_SALE, Product.category_id.in_(_below(category_id))
    )
    if not db.session.scalar(is_there):
        raise BadInput("Choose a piece that is on sale in this category.")
    _write({product_id: first - STEP})


def _write(moves: dict[int, int]) -> None:
    place = case(moves, value=Product.id)
    mine = Product.id.in_(moves)
    changed(update(Product).where(mine).values(position=place, updated_at=Product.updated_at))
    bump_list()
