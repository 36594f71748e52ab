"""A stocktake: what is counted is compared with the books of that moment, and booked once.

A line keeps what was counted and what was on hand then. What is sold or delivered afterwards
changes both the shelf and the books, so booking adds the difference of then to what is on hand
now. Pieces that are scanned one by one belong to the moment of the first; a number that is typed
anew begins anew. Where staff corrected the books by hand after a piece was counted, nobody can tell
whether they found the same difference: such a line is left alone, and is to be counted again.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, exists, func, select, update

from shop.core.clock import now
from shop.core.db import changed, crash_point, db, insert_new, retried, transaction
from shop.core.errors import BadInput, NotFound, OrderError, StaleForm
from shop.core.long_writes import Pace
from shop.models import (
    Brand,
    Category,
    CountState,
    MovementKind,
    ProductVariant,
    StockCount,
    StockCountLine,
    StockMovement,
)
from shop.stock import updates
from shop.stock.services import LARGEST_STOCK

_LINE: Final = StockCountLine
CORRECTED_SINCE: Final[ColumnElement[bool]] = exists().where(
    StockMovement.variant_id == _LINE.variant_id,
    StockMovement.id > _LINE.seen_movement_id,
    StockMovement.kind == MovementKind.CORRECTION,
)


def begin_count(
    *, category_id: int | None = None, brand_id: int | None = None, name: str, user_id: int | None
) -> int:
    """Begin a stocktake of all pieces, a category or a house, whose name it takes.

    `name`: what all of them are called. Returns its id. Raises BadInput while another one is open.
    """
    with transaction() as session:
        if category_id:
            name = _name_of(Category, category_id)
        elif brand_id:
            name = _name_of(Brand, brand_id)
        values = {"name": name, "category_id": category_id or None, "brand_id": brand_id or None}
        if not insert_new(
            StockCount, **values, begun_by_id=user_id, running=1, state=CountState.OPEN
        ):
            raise BadInput(scope="Another stocktake is open. Book it or drop it first.")
        return session.scalars(select(StockCount.id).where(StockCount.running == 1)).one()


def _name_of(model: Any, row_id: int) -> str:
    found: str | None = db.session.scalar(select(model.name).where(model.id == row_id))
    if found is None:
        raise BadInput(scope="Choose what is to be counted.")
    return found


def count_pieces(
    count_id: int, variant_id: int, seen: int, quantity: int, user_id: int | None
) -> None:
    """Write down that so many pieces were counted.

    `seen`: the version of the line that the form was made from, 0 for none. Raises StaleForm, which
    knows what a colleague counted meanwhile; BadInput, NotFound, OrderError when it is not open.
    """
    if not 0 <= quantity <= LARGEST_STOCK:
        raise BadInput(counted=f"Enter at most {LARGEST_STOCK} pieces.")
    with transaction():
        values = _moment(count_id, variant_id, user_id) | {"counted": quantity}
        if not seen and insert_new(_LINE, count_id=count_id, variant_id=variant_id, **values):
            return
        line = _line(count_id, variant_id).where(_LINE.version == seen)
        if not changed(line.values(**values, version=_LINE.version + 1)):
            raise StaleForm(present={"counted": str(_counted(count_id, variant_id))})


def count_one_more(count_id: int, variant_id: int, user_id: int | None) -> int:
    """Write down one piece more; returns how many of it were counted by now.

    Raises BadInput, NotFound, OrderError when it is not open.
    """
    with transaction():
        values = _moment(count_id, variant_id, user_id)
        if insert_new(_LINE, count_id=count_id, variant_id=variant_id, **values, counted=1):
            return 1
        more = _line(count_id, variant_id).where(_LINE.counted < LARGEST_STOCK)
        who = {"user_id": user_id, "counted_at": values["counted_at"]}
        if not changed(more.values(counted=_LINE.counted + 1, version=_LINE.version + 1, **who)):
            raise BadInput(code=f"At most {LARGEST_STOCK} pieces can be counted.")
        return _counted(count_id, variant_id)


def _moment(count_id: int, variant_id: int, user_id: int | None) -> dict[str, Any]:
    """Return what the books say now; the stocktake stays open and the stock as it is meanwhile."""
    _get(count_id, CountState.OPEN, read=True)
    on_hand = updates.lock_stock(variant_id).on_hand
    newest = select(func.max(StockMovement.id)).where(StockMovement.variant_id == variant_id)
    return {
        "on_hand": on_hand,
        "seen_movement_id": db.session.scalar(newest) or 0,
        "user_id": user_id,
        "counted_at": now(),
    }


def _line(count_id: int, variant_id: int) -> Any:
    return update(_LINE).where(_LINE.count_id == count_id, _LINE.variant_id == variant_id)


def _counted(count_id: int, variant_id: int) -> int:
    mine = (_LINE.count_id == count_id, _LINE.variant_id == variant_id)
    return db.session.scalar(select(_LINE.counted).where(*mine)) or 0


def _get(count_id: int, state: CountState, *, read: bool = False) -> StockCount:
    """Return a stocktake in this state, locked: `read` lets others who only read its state in."""
    count = db.session.get(
        StockCount, count_id, populate_existing=True, with_for_update={"read": read}
    )
    if count is None:
        raise NotFound
    if count.state is not state:
        raise OrderError("This stocktake is over: nothing can be counted any more.")
    return count


def close_count(count_id: int, user_id: int | None) -> None:
    """Let nobody count any more: `book_count()` books it. Raises NotFound, OrderError."""
    with transaction():
        count = _get(count_id, CountState.OPEN)
        count.state, count.ended_by_id, count.ended_at = CountState.BOOKING, user_id, now()


def drop_count(count_id: int, user_id: int | None) -> None:
    """End a stocktake without booking anything. Raises NotFound, OrderError."""
    with transaction():
        count = _get(count_id, CountState.OPEN)
        count.state, count.ended_by_id, count.ended_at = CountState.DROPPED, user_id, now()
        count.running = None


def book_count(count_id: int) -> int:
    """Book what is left to book of a stocktake that was closed, in turns; returns how many lines.

    Safe to run twice, also at the same time: each line is booked once.
    """
    done, last, pace = 0, 0, Pace(first=20, largest=500)
    while ids := _book_some(count_id, last, pace):
        done, last = done + len(ids), ids[-1]
        crash_point("after-turn-of-count")
    return done


@retried
def _book_some(count_id: int, after: int, pace: Pace) -> list[int]:
    """Book lines of variants with ids beyond `after`; return these ids."""
    with pace.turn():
        count = db.session.get(
            StockCount, count_id, populate_existing=True, with_for_update={"read": False}
        )
        if count is None or count.state is not CountState.BOOKING:
            return []
        lines = db.session.execute(
            select(
                _LINE.id, _LINE.variant_id, _LINE.counted, _LINE.on_hand,
                CORRECTED_SINCE.label("is_corrected"),
            )
            .where(_LINE.count_id == count_id, _LINE.variant_id > after, ~_LINE.is_done)
            .order_by(_LINE.variant_id)
            .limit(pace.size)
        ).all()  # fmt: skip
        _end_lines([line.id for line in lines if line.is_corrected], None)
        kept = [line for line in lines if not line.is_corrected]
        _end_lines([line.id for line in kept if line.counted == line.on_hand], 0)
        for line in kept:
            if line.counted != line.on_hand:
                _end_lines([line.id], _book(count, line))
        if not lines:
            count.state, count.running = CountState.BOOKED, None
        return [line.variant_id for line in lines]


def _end_lines(ids: Sequence[int], booked: int | None) -> None:
    if ids:
        ended = update(_LINE).where(_LINE.id.in_(ids))
        changed(ended.values(is_done=True, booked=booked))


def _book(count: StockCount, line: Any) -> int:
    """Add the difference of a line to the books; what is not there any more is not taken away."""
    stock = updates.lock_stock(line.variant_id)
    there: int = min(max(stock.on_hand + line.counted - line.on_hand, 0), LARGEST_STOCK)
    delta: int = there - stock.on_hand
    if delta:
        updates.change_stock(
            line.variant_id, ProductVariant.stock_on_hand == stock.on_hand, on_hand=delta
        )
        db.session.add(
            StockMovement(
                variant_id=line.variant_id,
                quantity=delta,
                kind=MovementKind.CORRECTION,
                reason=f"Stocktake {count.id}: counted {line.counted} of {line.on_hand}",
                user_id=count.ended_by_id,
            )
        )
    return delta
