"""What the desk reads of "Try your luck": the odds, who won what, and the fairness log."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select

from shop.core.db import db
from shop.models import Coupon, LuckEvent, LuckySlot, Order, ShopState, SlotState
from shop.settings.queries import shop_settings

PER_PAGE: Final = 50


@dataclass(frozen=True)
class LuckReading:
    """The game as it is: one order in `every` can win (0: switched off) `percent` off.

    `paid`: how many orders were paid so far; prizes and lines of the log, the newest first.
    """

    every: int
    percent: int
    paid: int
    prizes: Sequence[Any]
    has_more_prizes: bool
    events: Sequence[Any]
    has_more_events: bool


def read_luck(page: int = 1) -> LuckReading:
    """Return the game with a page of its prizes, and the same page of its log."""
    settings = shop_settings()
    prizes, events = _prizes(page), _events(page)
    return LuckReading(
        every=settings.nth_order,
        percent=settings.lucky_percent,
        paid=db.session.scalar(select(ShopState.paid_count)) or 0,
        prizes=prizes[:PER_PAGE],
        has_more_prizes=len(prizes) > PER_PAGE,
        events=events[:PER_PAGE],
        has_more_events=len(events) > PER_PAGE,
    )


def _prizes(page: int) -> Sequence[Any]:
    """Return the prizes that somebody drew; those that lapsed stand in the log alone."""
    return db.session.execute(
        select(
            LuckySlot.slot,
            LuckySlot.state,
            LuckySlot.created_at,
            LuckySlot.coupon_id,
            Coupon.code,
            Coupon.percent_bp,
            Order.number,
        )
        .join(Coupon, Coupon.id == LuckySlot.coupon_id)
        .outerjoin(Order, Order.id == LuckySlot.order_id)
        .where(LuckySlot.state != SlotState.LAPSED)
        .order_by(LuckySlot.slot.desc())
        .limit(PER_PAGE + 1)
        .offset((page - 1) * PER_PAGE)
    ).all()


def _events(page: int) -> Sequence[LuckEvent]:
    newest = select(LuckEvent).order_by(LuckEvent.id.desc())
    return db.session.scalars(newest.limit(PER_PAGE + 1).offset((page - 1) * PER_PAGE)).all()
