"""What staff find when they count: the number on the shelf in place of the one in the books."""

from dataclasses import dataclass

from sqlalchemy import update

from shop.core.db import changed, db, transaction
from shop.core.errors import BadInput, NotFound, StaleForm
from shop.models import MovementKind, ProductVariant, StockMovement
from shop.stock import updates
from shop.stock.services import LARGEST_STOCK, STAFF_KINDS


@dataclass(frozen=True)
class Why:
    """Why stock is another, and who says so. `kind` is one of STAFF_KINDS."""

    kind: MovementKind
    reason: str
    user_id: int | None


def set_on_hand(variant_id: int, seen: int, quantity: int, why: Why) -> None:
    """Let `quantity` pieces be on hand where `seen` are in the books; the movement is written.

    Raises StaleForm, which knows what is on hand now, where that is something else; BadInput,
    NotFound.
    """
    if why.kind not in STAFF_KINDS:
        raise ValueError(f"{why.kind} is not for staff")
    if not 0 <= quantity <= LARGEST_STOCK:
        raise BadInput(on_hand=f"At most {LARGEST_STOCK} pieces can be on hand.")
    delta = quantity - seen
    if delta < 0 and why.kind is MovementKind.RESTOCK:
        raise BadInput(on_hand=f"A delivery adds pieces to the {seen} that are on hand.")
    if delta > 0 and why.kind is MovementKind.WRITE_OFF:
        raise BadInput(on_hand=f"Writing off takes pieces from the {seen} that are on hand.")
    with transaction() as session:
        is_as_seen = ProductVariant.stock_on_hand == seen
        if not updates.change_stock(variant_id, is_as_seen, on_hand=delta):
            on_hand = updates.lock_stock(variant_id).on_hand
            raise StaleForm(present={"on_hand": str(on_hand)})
        if delta:
            session.add(StockMovement(variant_id=variant_id, quantity=delta, **vars(why)))


def set_low_level(variant_id: int, seen: int | None, level: int | None) -> None:
    """Let a variant run low at `level` pieces; None: at the shop's level.

    Raises StaleForm, which knows the level, where it is not `seen` any more; BadInput, NotFound.
    """
    if level is not None and not 0 <= level <= LARGEST_STOCK:
        raise BadInput(level=f"Enter at most {LARGEST_STOCK} pieces, or nothing.")
    with transaction():
        its_level = ProductVariant.low_stock_level
        mine = update(ProductVariant).where(
            ProductVariant.id == variant_id, its_level.is_not_distinct_from(seen)
        )
        if not changed(mine.values(low_stock_level=level)):
            variant = db.session.get(ProductVariant, variant_id, populate_existing=True)
            if variant is None:
                raise NotFound
            present = "" if variant.low_stock_level is None else str(variant.low_stock_level)
            raise StaleForm(present={"level": present})
