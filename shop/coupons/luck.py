"""Try your luck: who wins, for how long, and what becomes of a prize (design decision 9).

The prize of slot k belongs to the kth paid order. A click wins it when the next paid order is the
kth and N divides k; else the lowest prize that came back unused; else it loses. The row of a slot
is the one place that says who owns it: it is inserted once, and changes by conditional UPDATE.

Only what came back is given again (`_lowest_returned`), and a slot changes hands only from the
state it was found in (`_is_in`). Under them lies the primary key of `lucky_slot`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, case, delete, func, select, update

from shop.core.clock import now
from shop.core.db import (
    changed,
    crash_point,
    db,
    end_read,
    in_transaction,
    insert_new,
    retried,
    transaction,
)
from shop.core.errors import CouponError
from shop.core.isolation import each
from shop.coupons.code import code_key, new_code
from shop.coupons.queries import HANDED_ON, is_owned
from shop.coupons.services import put_into_cart
from shop.models import (
    Cart,
    Coupon,
    CouponKind,
    LuckEvent,
    LuckKind,
    LuckySlot,
    ShopState,
    SlotState,
)
from shop.settings.queries import shop_settings

HELD_FOR: Final = timedelta(minutes=10)
PREFIX: Final = "LUCKY"


@dataclass(frozen=True)
class Prize:
    """A prize that is a bag's own. `ends_at` (UTC) is None while an order keeps it."""

    slot: int
    coupon_id: int
    code: str
    percent_bp: int
    ends_at: datetime | None


def find_prize(cart_id: int) -> Prize | None:
    """Return the prize that this bag, or its order that waits for a payment, has now.

    Two bags that became one may both have had one: then the one that the bag carries.
    """
    carried = select(Cart.coupon_id).where(Cart.id == cart_id).scalar_subquery()
    row = db.session.execute(
        select(LuckySlot.slot, LuckySlot.state, LuckySlot.expires_at, Coupon)
        .join(Coupon, Coupon.id == LuckySlot.coupon_id)
        .where(is_owned(cart_id))
        .order_by(case((Coupon.id == carried, 0), else_=1), LuckySlot.slot)
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    ends_at = row.expires_at if row.state is SlotState.GRANTED else None
    return Prize(row.slot, row.Coupon.id, row.Coupon.code, row.Coupon.percent_bp, ends_at)


@retried
def draw(cart_id: int) -> Prize | None:
    """Draw a card for a bag: its prize, in the bag at once, or None for better luck next time.

    A bag that has a prize gets the same again, with the same end. Joins the caller's transaction,
    which has the cart's row.
    """
    with transaction():
        return_expired()
        mine = find_prize(cart_id)
        if mine is not None:
            put_into_cart(cart_id, mine.coupon_id)
            return mine
        every = shop_settings().nth_order
        if every < 1:
            return None
        slot = _take_slot(cart_id, every)
        crash_point("after-slot")
        return None if slot is None else _grant(slot, cart_id)


def _take_slot(cart_id: int, every: int) -> int | None:
    """Make a free slot the bag's and return it; None when there is none."""
    following = _paid_count() + 1
    granted = {"state": SlotState.GRANTED, "cart_id": cart_id, "expires_at": now() + HELD_FOR}
    coupon_id = None
    # Looked up whatever the count, so that nobody can tell it from what a loss takes.
    taken = db.session.scalar(select(LuckySlot.slot).where(LuckySlot.slot == following))
    if taken is None and following % every == 0:
        coupon_id = _make_coupon()
        if insert_new(LuckySlot, slot=following, coupon_id=coupon_id, **granted):
            return following
    while (free := _lowest_returned()) is not None:
        coupon_id = coupon_id or _make_coupon()
        values = {**granted, "coupon_id": coupon_id, "order_id": None}
        if _move(LuckySlot.slot == free, source=SlotState.RETURNED, **values):
            return free
    if coupon_id is not None:
        changed(delete(Coupon).where(Coupon.id == coupon_id))
    return None


def _lowest_returned() -> int | None:
    return db.session.scalar(select(func.min(LuckySlot.slot)).where(_is_in(SlotState.RETURNED)))


def _is_in(state: SlotState) -> ColumnElement[bool]:
    """Tell slots that are in `state` still."""
    return LuckySlot.state == state


def _grant(slot: int, cart_id: int) -> Prize:
    row = db.session.execute(
        select(LuckySlot.expires_at, Coupon)
        .join(Coupon, Coupon.id == LuckySlot.coupon_id)
        .where(LuckySlot.slot == slot)
    ).one()
    put_into_cart(cart_id, row.Coupon.id)
    _log(slot, LuckKind.GRANTED)
    return Prize(slot, row.Coupon.id, row.Coupon.code, row.Coupon.percent_bp, row.expires_at)


def _make_coupon() -> int:
    code = new_code(PREFIX)
    coupon = Coupon(
        code=code,
        code_key=code_key(code),
        kind=CouponKind.PERCENT,
        percent_bp=shop_settings().lucky_percent * 100,
        usage_limit=1,
        is_prize=True,
    )
    db.session.add(coupon)
    db.session.flush()
    return coupon.id


def _move(*which: ColumnElement[bool], source: SlotState, **values: object) -> list[int]:
    """Move slots out of `source`; returns those it moved."""
    moved = db.session.scalars(
        update(LuckySlot)
        .where(*which, _is_in(source))
        .values(**values, updated_at=now())
        .returning(LuckySlot.slot),
        execution_options={"synchronize_session": False},
    )
    return sorted(moved)


def return_expired() -> int:
    """Take back the prizes whose ten minutes are over; returns how many. Safe to run twice.

    Each by itself, unless the caller's transaction needs all of them. Raises SomeFailed at the end.
    """
    if in_transaction():
        return sum(_return_one(row) for row in _overdue())
    end_read()
    returned: list[bool] = []
    run = each(
        "expired prizes",
        _overdue(),
        lambda row: returned.append(_return_one(row)),
        name=lambda row: f"prize {row.slot}",
    )
    run.check()
    return sum(returned)


def _overdue() -> Sequence[Any]:
    return db.session.execute(
        select(LuckySlot.slot, LuckySlot.coupon_id)
        .where(LuckySlot.state == SlotState.GRANTED, LuckySlot.expires_at < now())
        .order_by(LuckySlot.slot)
    ).all()


@retried
def _return_one(row: Any) -> bool:
    with transaction():
        return _return(row.slot, row.coupon_id, SlotState.GRANTED, "expired")


def _return(slot: int, coupon_id: int | None, source: SlotState, why: str) -> bool:
    """Give a slot back, once; its code is dead."""
    # The coupon's row comes before the slot's in the order of locks.
    db.session.scalar(
        select(Coupon.id).where(Coupon.id == coupon_id).with_for_update(key_share=True)
    )
    which = [LuckySlot.slot == slot, LuckySlot.coupon_id == coupon_id]
    if source is SlotState.GRANTED:
        which.append(LuckySlot.expires_at < now())
    if not _move(*which, source=source, state=SlotState.RETURNED, cart_id=None):
        return False
    changed(update(Coupon).where(Coupon.id == coupon_id).values(is_active=False))
    _log(slot, LuckKind.RETURNED, why)
    return True


def hold_prize(order_id: int, coupon_id: int, cart_id: int, *, replaces: int | None) -> None:
    """Let an order keep the prize of its bag, or of the order it replaces, in its transaction.

    Raises CouponError when the ten minutes are over, or the prize is another bag's.
    """
    mine = (LuckySlot.cart_id == cart_id) & (LuckySlot.expires_at >= now())
    values = {"state": SlotState.HELD, "order_id": order_id}
    of_coupon = LuckySlot.coupon_id == coupon_id
    if _move(of_coupon, mine, source=SlotState.GRANTED, **values):
        return
    handed_on = (LuckySlot.order_id == replaces) & (LuckySlot.expires_at >= now() - HANDED_ON)
    if replaces is not None and _move(of_coupon, handed_on, source=SlotState.HELD, **values):
        return
    raise CouponError


def redeem_prize(order_id: int) -> None:
    """Make the prize of a paid order its own for good, in its transaction.

    Money that came after the prize was returned is honoured; the slot counts as redeemed only
    while nobody else has it.
    """
    which = LuckySlot.order_id == order_id
    for source in (SlotState.HELD, SlotState.GRANTED, SlotState.RETURNED):
        for slot in _move(which, source=source, state=SlotState.REDEEMED, cart_id=None):
            _log(slot, LuckKind.REDEEMED)


def release_prize(order_id: int) -> None:
    """Give the prize of an order that died back: to its bag while the ten minutes last, or to all.

    In the order's transaction; once, however often it is called.
    """
    row = db.session.execute(
        select(LuckySlot.slot, LuckySlot.coupon_id, LuckySlot.expires_at, LuckySlot.cart_id).where(
            LuckySlot.order_id == order_id, LuckySlot.state == SlotState.HELD
        )
    ).one_or_none()
    if row is None:
        return
    if row.cart_id is not None and row.expires_at >= now():
        _move(
            LuckySlot.slot == row.slot,
            LuckySlot.order_id == order_id,
            source=SlotState.HELD,
            state=SlotState.GRANTED,
        )
        return
    _return(row.slot, row.coupon_id, SlotState.HELD, "released")


def move_prize(source_cart: int, target_cart: int) -> None:
    """Let a prize follow its bag at sign-in, in the transaction of the merge."""
    changed(update(LuckySlot).where(LuckySlot.cart_id == source_cart).values(cart_id=target_cart))


def expire_slot(paid_count: int) -> None:
    """Log the slot of the order that was just paid, if it was a lucky one that nobody drew."""
    every = shop_settings().nth_order
    if every < 1 or paid_count % every:
        return
    if insert_new(LuckySlot, slot=paid_count, state=SlotState.LAPSED):
        _log(paid_count, LuckKind.LAPSED)


def _paid_count() -> int:
    return db.session.scalar(select(ShopState.paid_count)) or 0


def _log(slot: int, kind: LuckKind, note: str = "") -> None:
    db.session.add(
        LuckEvent(
            slot=slot,
            kind=kind,
            paid_count=_paid_count(),
            every=shop_settings().nth_order,
            note=note,
        )
    )
    db.session.flush()
