"""What happens to coupons: put into a cart, held by an order, committed when paid, or released.

A limit is kept by the conditional UPDATE that counts a use (`_is_left`), by the uses of one
customer counted under the coupon's lock (`_uses_of`), and because a use is committed or released
once (`_is_use`). Under them lie the CHECK `used` of `coupon` and the UNIQUE order of
`coupon_redemption`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import product
from typing import Any

from sqlalchemy import ColumnElement, and_, insert, or_, select, update

from shop.core import plaintext
from shop.core.clock import now
from shop.core.db import changed, crash_point, db, insert_new, retried, transaction
from shop.core.errors import BadInput, CouponError, NotFound
from shop.core.long_writes import turn
from shop.coupons.code import code_key, new_code
from shop.coupons.queries import customer_uses
from shop.coupons.terms import limit_for_each
from shop.models import (
    Cart,
    Coupon,
    CouponCategory,
    CouponKind,
    CouponProduct,
    CouponRedemption,
    Order,
    RedemptionState,
)
from shop.models.coupon import LONGEST_CODE

LARGEST_BATCH = 10_000
LARGEST_LIMIT = 2**31 - 1  # what the column holds
LONGEST_NAME = 120
AT_ONCE = 100  # codes written in one transaction: a few milliseconds


@dataclass(frozen=True, kw_only=True)
class CouponTerms:
    """What a new coupon shall be. Percent in basis points, amounts in minor units, times in UTC."""

    kind: CouponKind
    percent_bp: int = 0
    amount_off: int = 0
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    minimum_amount: int = 0
    usage_limit: int | None = None
    per_customer_limit: int | None = None
    is_first_order_only: bool = False
    holder_key: str = ""
    category_ids: tuple[int, ...] = field(default=())
    product_ids: tuple[int, ...] = field(default=())


_SCOPE = ("category_ids", "product_ids")  # rows of their own


@retried
def create_coupon(code: str, terms: CouponTerms) -> Coupon:
    """Make a coupon; `code` "" makes one up. Raises BadInput by field name."""
    check_terms(terms)
    shown = " ".join(code.split()) or new_code()
    key = code_key(shown)
    if not key or len(shown) > LONGEST_CODE:
        raise BadInput(code=f"Use 1 to {LONGEST_CODE} letters, digits and signs.")
    with transaction() as session:
        if not insert_new(Coupon, code=shown, code_key=key, **_columns(terms)):
            raise BadInput(code=f"There is a coupon {key} already.")
        coupon = session.scalars(select(Coupon).where(Coupon.code_key == key)).one()
        _write_scopes([coupon.id], terms)
        return coupon


def create_batch(name: str, number: int, terms: CouponTerms) -> Iterator[list[str]]:
    """Make `number` coupons that can be used once each, under a name; yields their codes.

    They come as they are committed, at most AT_ONCE of them: what was yielded exists, whatever
    happens then, and at most one part more. Raises BadInput by field name, before the first.
    """
    if not 1 <= number <= LARGEST_BATCH:
        raise BadInput(number=f"Make 1 to {LARGEST_BATCH} codes at once.")
    name = plaintext.line(name)
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadInput(name=f"Give the batch a name of at most {LONGEST_NAME} characters.")
    once = replace(terms, usage_limit=1)
    check_terms(once)
    links = len(terms.category_ids) + len(terms.product_ids)  # of each: rows, too
    most = max(1, min(AT_ONCE, 2 * AT_ONCE // (1 + links)))
    parts = [min(most, number - done) for done in range(0, number, most)]
    return (_write_part(name, part, once) for part in parts)


@retried
def _write_part(batch: str, number: int, terms: CouponTerms) -> list[str]:
    codes = [new_code() for _ in range(number)]
    common = {**_columns(terms), "batch": batch}
    rows = [{**common, "code": code, "code_key": code_key(code)} for code in codes]
    with turn() as session:
        _write_scopes(session.scalars(insert(Coupon).returning(Coupon.id), rows).all(), terms)
    return codes


def _columns(terms: CouponTerms) -> dict[str, Any]:
    return {name: value for name, value in vars(terms).items() if name not in _SCOPE}


def _write_scopes(coupon_ids: Iterable[int], terms: CouponTerms) -> None:
    """Make the coupons good for the categories and products of their terms only."""
    wanted = (
        (CouponCategory, "category_id", terms.category_ids),
        (CouponProduct, "product_id", terms.product_ids),
    )
    for model, column, ids in wanted:
        pairs = product(coupon_ids, ids)
        rows = [{"coupon_id": coupon_id, column: number} for coupon_id, number in pairs]
        if rows:
            db.session.execute(insert(model), rows)


def check_terms(terms: CouponTerms, *, known_end: datetime | None = None) -> None:
    """Raise BadInput by field name for terms that make no coupon.

    `known_end`: the end that it has, which may be over.
    """
    wrong: dict[str, str] = {}
    if terms.kind is CouponKind.PERCENT and not 1 <= terms.percent_bp <= 10_000:
        wrong["percent"] = "Enter a percentage above 0, at most 100."
    if terms.kind is CouponKind.AMOUNT and terms.amount_off <= 0:
        wrong["amount"] = "Enter an amount above zero."
    if terms.starts_at and terms.ends_at and terms.starts_at >= terms.ends_at:
        wrong["ends"] = "The end must come after the start."
    elif terms.ends_at and terms.ends_at != known_end and terms.ends_at <= now():
        wrong["ends"] = "That end is over already."
    if terms.minimum_amount < 0:
        wrong["minimum"] = "The minimum cannot be below zero."
    for name, limit in (("limit", terms.usage_limit), ("per_customer", terms.per_customer_limit)):
        if limit is not None and not 1 <= limit <= LARGEST_LIMIT:
            wrong[name] = f"A limit is 1 to {LARGEST_LIMIT}."
    if terms.is_first_order_only and (terms.per_customer_limit or 1) > 1:
        wrong["per_customer"] = "A customer has one first order."
    if wrong:
        raise BadInput(**wrong)


def put_into_cart(cart_id: int, coupon_id: int | None) -> None:
    """Let a cart carry a coupon, in place of any other; None takes it out.

    Joins the caller's transaction. Raises NotFound without the cart.
    """
    if not changed(update(Cart).where(Cart.id == cart_id).values(coupon_id=coupon_id)):
        raise NotFound


def hold_coupon(
    order_id: int, coupon_id: int, *, user_id: int | None, email_key: str, amount: int
) -> None:
    """Take one use of a coupon for an order that waits for its money, in its transaction.

    `amount`: what it takes off the goods, minor units. Raises CouponError when the last use went
    to somebody else, or the customer has had theirs; then nothing is held.
    """
    at = now()
    is_on: tuple[ColumnElement[bool], ...] = (
        Coupon.is_active.is_(True),
        or_(Coupon.starts_at.is_(None), Coupon.starts_at <= at),
        or_(Coupon.ends_at.is_(None), Coupon.ends_at > at),
    )
    with transaction() as session:
        if not _count_use(coupon_id, user_id, email_key, *is_on):
            raise CouponError
        session.add(
            CouponRedemption(
                coupon_id=coupon_id,
                order_id=order_id,
                user_id=user_id,
                email_key=email_key,
                amount=amount,
            )
        )
        session.flush()
        crash_point("after-coupon-hold")


def _count_use(
    coupon_id: int, user_id: int | None, email_key: str, *conditions: ColumnElement[bool]
) -> bool:
    """Count one more use if one is left, in all and for its customer; return whether it was."""
    counted = db.session.execute(
        update(Coupon)
        .where(Coupon.id == coupon_id, _is_left(), *conditions)
        .values(used_count=Coupon.used_count + 1)
        .returning(Coupon.per_customer_limit, Coupon.is_first_order_only),
        execution_options={"synchronize_session": False},
    ).one_or_none()
    crash_point("after-coupon-count")
    if counted is None:
        return False
    each = limit_for_each(counted.per_customer_limit, counted.is_first_order_only)
    if each is None or _uses_of(coupon_id, user_id, email_key) < each:
        return True
    _uncount(coupon_id)
    return False


def _is_left() -> ColumnElement[bool]:
    """Tell coupons that can be used once more."""
    return or_(Coupon.usage_limit.is_(None), Coupon.used_count < Coupon.usage_limit)


def _uses_of(coupon_id: int, user_id: int | None, email_key: str) -> int:
    """Return how often a customer has used a coupon; exact while its row is locked."""
    return db.session.scalar(customer_uses(coupon_id, user_id, email_key)) or 0


def commit_coupon(order_id: int) -> None:
    """Make the use of a paid order final, in its transaction. Nothing to do without one.

    Money that came after the use was given back is honoured all the same (security rule 1.0, 4):
    it takes a use again if one is left, and else counts for nobody.
    """
    with transaction():
        if _move(order_id, RedemptionState.HELD, RedemptionState.COMMITTED) is not None:
            return
        if _move(order_id, RedemptionState.RELEASED, RedemptionState.LATE) is not None:
            _use_again(order_id)


def _use_again(order_id: int) -> None:
    """Count the use of a late payment after all, if one is left, for its customer too."""
    use = db.session.scalars(
        select(CouponRedemption).where(CouponRedemption.order_id == order_id)
    ).one()
    if _count_use(use.coupon_id, use.user_id, use.email_key):
        _move(order_id, RedemptionState.LATE, RedemptionState.COMMITTED)


def release_coupon(order_id: int) -> None:
    """Give back the use of an order that died, once, in its transaction."""
    with transaction():
        coupon_id = _move(order_id, RedemptionState.HELD, RedemptionState.RELEASED)
        crash_point("after-coupon-release")
        if coupon_id is not None:
            _uncount(coupon_id)


def claim_redemptions(user_id: int) -> None:
    """Let the uses of orders that an account has got be its own, in the same transaction."""
    theirs = select(Order.id).where(Order.user_id == user_id)
    is_nobodys = CouponRedemption.user_id.is_(None)
    changed(
        update(CouponRedemption)
        .where(is_nobodys, CouponRedemption.order_id.in_(theirs))
        .values(user_id=user_id)
    )


def _uncount(coupon_id: int) -> None:
    changed(update(Coupon).where(Coupon.id == coupon_id).values(used_count=Coupon.used_count - 1))


def _move(order_id: int, source: RedemptionState, to: RedemptionState) -> int | None:
    """Move the order's redemption; returns its coupon, or None when it was not in `source`."""
    return db.session.scalar(
        update(CouponRedemption)
        .where(_is_use(order_id, source))
        .values(state=to, closed_at=now())
        .returning(CouponRedemption.coupon_id),
        execution_options={"synchronize_session": False},
    )


def _is_use(order_id: int, state: RedemptionState) -> ColumnElement[bool]:
    """Tell the use of an order that is in `state` still: it is committed or released once."""
    return and_(CouponRedemption.order_id == order_id, CouponRedemption.state == state)
