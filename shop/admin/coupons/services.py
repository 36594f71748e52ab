"""What staff do to coupons; what it means is in shop/coupons."""

from datetime import datetime

from shop.admin.optimistic_lock import refuse_stale
from shop.admin.staff_actions import Entry, SentBefore, Staff, State, audited, done_once
from shop.core.db import db
from shop.coupons.changes import (
    CouponBounds,
    change_bounds,
    end_coupon,
    lock_coupon,
    present_bounds,
    switch_coupon,
)
from shop.coupons.services import CouponTerms, create_batch, create_coupon
from shop.models import Coupon
from shop.models.columns import LONGEST_CODE


@done_once
def make_coupon(code: str, terms: CouponTerms, *, staff: Staff) -> Entry:
    """Make a coupon, once. Raises BadInput by field name."""
    with audited("coupons.create", "coupon", staff=staff) as entry:
        coupon = create_coupon(code, terms)
        entry.object_id = coupon.id
        entry.after = {"code": coupon.code, **_plain(vars(terms))}
    return entry


def make_batch(name: str, number: int, terms: CouponTerms, *, staff: Staff) -> None:
    """Make `number` codes of one use each, once, in turns. Raises BadInput by field name.

    The trail says so before the first: what an interruption leaves is told by the batch's list.
    """
    parts = create_batch(name, number, terms)
    try:
        with audited("coupons.create_batch", "coupon_batch", staff=staff) as entry:
            entry.object_id = name[:LONGEST_CODE]
            entry.after = {"name": name, "number": number, **_plain(vars(terms))}
    except SentBefore:
        return
    for _codes in parts:
        pass


@done_once
def change_coupon(coupon_id: int, bounds: CouponBounds, *, seen: int | None, staff: Staff) -> Entry:
    """Change days, limits and minimum. Raises StaleForm, BadInput by field name, NotFound."""
    with audited("coupons.change", "coupon", coupon_id, staff=staff) as entry:
        coupon = lock_coupon(coupon_id)
        entry.before = _plain(present_bounds(coupon))
        wanted = _plain(vars(bounds))
        refuse_stale(seen, coupon.version, _fields(entry.before), _fields(wanted))
        change_bounds(coupon_id, bounds)
        entry.after = wanted
    return entry


@done_once
def pause_coupon(coupon_id: int, *, is_active: bool, staff: Staff) -> Entry:
    """Switch a coupon off, or on again. Raises NotFound, BadInput for a prize."""
    with audited("coupons.switch", "coupon", coupon_id, staff=staff) as entry:
        coupon = lock_coupon(coupon_id)
        entry.before, entry.after = {"is_active": coupon.is_active}, {"is_active": is_active}
        switch_coupon(coupon.code, is_active=is_active)
    return entry


@done_once
def stop_coupon(coupon_id: int, *, staff: Staff) -> Entry:
    """Let a coupon end now. Raises NotFound, BadInput for a prize."""
    with audited("coupons.end", "coupon", coupon_id, staff=staff) as entry:
        entry.before = _days(lock_coupon(coupon_id))
        end_coupon(coupon_id)
        entry.after = _days(db.session.get_one(Coupon, coupon_id))
    return entry


def _days(coupon: Coupon) -> State:
    return _plain({"starts_at": coupon.starts_at, "ends_at": coupon.ends_at})


def _plain(values: dict[str, object]) -> State:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
    }


_FIELDS = {
    "starts_at": "starts",
    "ends_at": "ends",
    "minimum_amount": "minimum",
    "usage_limit": "limit",
    "per_customer_limit": "per_customer",
}


def _fields(values: State) -> State:
    return {_FIELDS[name]: value for name, value in values.items()}
