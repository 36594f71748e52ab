"""What staff do at the desk of stock, with its trail: all rows that were typed over, or none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from shop.admin.staff_actions import Entry, Staff, audited, done_once
from shop.core.db import db
from shop.core.errors import BadInput, StaleForm
from shop.models import MovementKind, ProductVariant
from shop.stock.counting import Why, set_low_level, set_on_hand


@dataclass(frozen=True)
class TypedRow:
    """A row as it was typed: what was seen and what is wanted, None where it is not to change.

    `on_hand` is (seen, wanted); so is `level`, whose None within is the shop's own.
    """

    variant_id: int
    on_hand: tuple[int, int] | None = None
    level: tuple[int | None, int | None] | None = None


@done_once
def save_stock(rows: Sequence[TypedRow], kind: MovementKind, reason: str, *, staff: Staff) -> Entry:
    """Write what was typed over, in the order of the variants' ids.

    Raises StaleForm and BadInput, whose names are those of the fields, such as on_hand-12;
    NotFound.
    """
    wanted = sorted((row for row in rows if row.on_hand or row.level), key=lambda r: r.variant_id)
    thing = str(wanted[0].variant_id) if len(wanted) == 1 else "list"
    with audited("stock.set", "stock", thing, staff=staff) as entry:
        why = Why(kind, reason, staff.user_id)
        wrong: dict[str, str] = {}
        stale: dict[str, str] = {}
        for row in wanted:
            for change in _changes(row, why):
                try:
                    change()
                except StaleForm as error:
                    stale |= _named(error.present, row)
                except BadInput as error:
                    wrong |= _named(error.fields, row)
        if stale:
            raise StaleForm(present=stale)
        if wrong:
            raise BadInput(**wrong)
        _write_down(entry, wanted, why)
    return entry


def _changes(row: TypedRow, why: Why) -> list[Callable[[], None]]:
    found: list[Callable[[], None]] = []
    if row.on_hand:
        seen, there = row.on_hand
        found.append(lambda: set_on_hand(row.variant_id, seen, there, why))
    if row.level:
        before, after = row.level
        found.append(lambda: set_low_level(row.variant_id, before, after))
    return found


def _named(sentences: dict[str, str], row: TypedRow) -> dict[str, str]:
    return {f"{name}-{row.variant_id}": text for name, text in sentences.items()}


def _write_down(entry: Entry, rows: Sequence[TypedRow], why: Why) -> None:
    ids = [row.variant_id for row in rows]
    columns = select(ProductVariant.id, ProductVariant.sku).where(ProductVariant.id.in_(ids))
    skus = {row.id: row.sku for row in db.session.execute(columns)}
    for name in ("on_hand", "level"):
        pairs = {skus[r.variant_id]: pair for r in rows if (pair := getattr(r, name))}
        if pairs:
            entry.before[name] = {sku: before for sku, (before, _) in pairs.items()}
            entry.after[name] = {sku: after for sku, (_, after) in pairs.items()}
    if "on_hand" in entry.after:
        entry.more = {"kind": str(why.kind), "reason": why.reason}
