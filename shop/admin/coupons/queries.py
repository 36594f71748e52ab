"""What the desk of coupons reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select

from shop.admin.open_work import MANY, Count
from shop.admin.query_strings import query_string
from shop.core.clock import now
from shop.core.db import db
from shop.core.errors import NotFound
from shop.coupons.code import code_key
from shop.models import (
    AuditEntry,
    Category,
    Coupon,
    CouponCategory,
    CouponProduct,
    CouponRedemption,
    Order,
    Product,
    RedemptionState,
    User,
)

PER_PAGE: Final = 50
STATES: Final = ("active", "planned", "paused", "ended")
VIEWS: Final = (*STATES, "all")
_PAID: Final = (RedemptionState.COMMITTED, RedemptionState.LATE)


@dataclass(frozen=True)
class CouponFilter:
    """Which coupons: one of VIEWS, a text, a batch by its whole name."""

    view: str = "active"
    text: str = ""
    batch: str = ""
    page: int = 1

    def query(self, **changes: object) -> str:
        """Return it as a query string, "" for the list as it opens."""
        values = {
            "view": self.view if self.view != "active" else "",
            "q": self.text,
            "batch": self.batch,
            "page": self.page if self.page > 1 else "",
        }
        return query_string({**values, **changes})


@dataclass(frozen=True)
class Earned:
    """What paid orders brought with a coupon, in minor units.

    `revenue`: what was paid and not paid back; `cost`: what it took off the goods.
    """

    orders: int = 0
    revenue: int = 0
    cost: int = 0


@dataclass(frozen=True)
class CouponRow:
    """A coupon in the list; `state` is one of STATES."""

    coupon: Coupon
    state: str
    earned: Earned

    @property
    def last_at(self) -> datetime | None:
        """The last moment of the coupon: its end is the midnight after its last day."""
        ends_at = self.coupon.ends_at
        return ends_at - timedelta(microseconds=1) if ends_at else None


@dataclass(frozen=True)
class CouponRows:
    """A page of the list; `total` is counted up to MANY."""

    rows: Sequence[CouponRow]
    total: Count
    has_more: bool


@dataclass(frozen=True)
class CouponReading:
    """A coupon's page; `pieces` names the categories and products it is for, none: all."""

    coupon: Coupon
    state: str
    earned: Earned
    pieces: Sequence[str]
    uses: Sequence[Any]
    has_more: bool
    history: Sequence[Any]


def list_coupons(chosen: CouponFilter) -> CouponRows:
    """Return a page of the coupons that staff made, the newest first, without prizes."""
    state = _state(now())
    which = [Coupon.is_prize.is_(False), *_conditions(chosen, state)]
    found = db.session.execute(
        select(Coupon, state.label("state"))
        .where(*which)
        .order_by(Coupon.id.desc())
        .limit(PER_PAGE + 1)
        .offset((chosen.page - 1) * PER_PAGE)
    ).all()
    some = select(Coupon.id).where(*which).limit(MANY).subquery()
    total = db.session.scalar(select(func.count()).select_from(some)) or 0
    earned = _earned([row[0].id for row in found[:PER_PAGE]])
    rows = [CouponRow(row[0], row[1], earned.get(row[0].id, Earned())) for row in found[:PER_PAGE]]
    return CouponRows(rows, Count(total), len(found) > PER_PAGE)


def get_coupon_page(coupon_id: int, page: int = 1) -> CouponReading:
    """Return a coupon with a page of its uses, the newest first. Raises NotFound."""
    row = db.session.execute(
        select(Coupon, _state(now())).where(Coupon.id == coupon_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    uses = _list_uses(coupon_id, page)
    return CouponReading(
        coupon=row[0],
        state=row[1],
        earned=_earned([coupon_id]).get(coupon_id, Earned()),
        pieces=_pieces(coupon_id),
        uses=uses[:PER_PAGE],
        has_more=len(uses) > PER_PAGE,
        history=_history(coupon_id),
    )


def find_coupon(text: str) -> int | None:
    """Return the id of the coupon with exactly this code."""
    key = code_key(text)
    found: int | None = db.session.scalar(select(Coupon.id).where(Coupon.code_key == key))
    return found if key else None


def list_batch(name: str) -> Sequence[Any]:
    """Return code, uses and state of the coupons of a batch, oldest first. Raises NotFound."""
    state = _state(now())
    found = db.session.execute(
        select(Coupon.code, Coupon.used_count, state.label("state"))
        .where(Coupon.batch == name, Coupon.batch != "")
        .order_by(Coupon.id)
    ).all()
    if not found:
        raise NotFound
    return found


def _state(at: datetime) -> ColumnElement[str]:
    """Return which of STATES a coupon is in."""
    is_over = or_(
        func.coalesce(Coupon.ends_at <= at, false()),
        func.coalesce(Coupon.used_count >= Coupon.usage_limit, false()),
    )
    return case(
        (is_over, "ended"),
        (Coupon.is_active.is_(False), "paused"),
        (and_(Coupon.starts_at.is_not(None), Coupon.starts_at > at), "planned"),
        else_="active",
    )


def _conditions(chosen: CouponFilter, state: ColumnElement[str]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.view != "all":
        conditions.append(state == chosen.view)
    if chosen.batch:
        conditions.append(Coupon.batch == chosen.batch)
    if chosen.text:
        said = [Coupon.batch.icontains(chosen.text, autoescape=True)]
        if key := code_key(chosen.text):
            said.append(Coupon.code_key.contains(key, autoescape=True))
        conditions.append(or_(*said))
    return conditions


def _earned(coupon_ids: Sequence[int]) -> dict[int, Earned]:
    use = CouponRedemption
    statement = (
        select(
            use.coupon_id,
            func.count(),
            func.sum(Order.amount_paid - Order.amount_refunded),
            func.sum(use.amount),
        )
        .join(Order, Order.id == use.order_id)
        .where(use.coupon_id.in_(coupon_ids), use.state.in_(_PAID))
        .group_by(use.coupon_id)
    )
    return {
        row[0]: Earned(row[1], int(row[2]), int(row[3])) for row in db.session.execute(statement)
    }


def _list_uses(coupon_id: int, page: int) -> Sequence[Any]:
    use = CouponRedemption
    return db.session.execute(
        select(
            use.state,
            use.amount,
            use.created_at,
            Order.number,
            Order.currency,
            (Order.amount_paid - Order.amount_refunded).label("revenue"),
        )
        .join(Order, Order.id == use.order_id)
        .where(use.coupon_id == coupon_id)
        .order_by(use.id.desc())
        .limit(PER_PAGE + 1)
        .offset((page - 1) * PER_PAGE)
    ).all()


def _pieces(coupon_id: int) -> Sequence[str]:
    categories = (
        select(Category.name)
        .join(CouponCategory, CouponCategory.category_id == Category.id)
        .where(CouponCategory.coupon_id == coupon_id)
    )
    products = (
        select(Product.name)
        .join(CouponProduct, CouponProduct.product_id == Product.id)
        .where(CouponProduct.coupon_id == coupon_id)
    )
    return db.session.scalars(categories.union_all(products)).all()


def _history(coupon_id: int) -> Sequence[Any]:
    entry = AuditEntry
    who = func.coalesce(func.nullif(User.name, ""), User.email, entry.actor)
    return db.session.execute(
        select(entry.action, entry.created_at, entry.before, entry.after, who.label("who"))
        .outerjoin(User, User.id == entry.user_id)
        .where(entry.object_type == "coupon", entry.object_id == str(coupon_id))
        .order_by(entry.id.desc())
        .limit(20)
    ).all()
