"""The sums of the days are what every order and refund adds up to, whatever zone, whatever day."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core import clock
from shop.core.db import db, end_read
from shop.jobs import drain
from shop.models import OrderItem, Provider, Refund, RefundState, SalesSum
from shop.orders.payment.fulfil import fulfil
from shop.orders.payment.outcome import Outcome
from shop.orders.payment.refund_sync import apply_refund
from shop.orders.services import RefundLine, refund_order
from shop.sales.days import find_wrong_days, keep_days
from shop.sales.facts import MEASURES
from tests.conftest import both_engines
from tests.coupons.kit import apply, coupon
from tests.factories import make_product
from tests.orders import kit
from tests.sales.brute_force import counted_by_hand, kept

# Zones that change their clocks by an hour, by half an hour, or never, on both sides of UTC.
ZONES = (
    ("Europe/Berlin", "America/New_York"),
    ("Australia/Lord_Howe", "Asia/Kolkata"),
    ("Pacific/Kiritimati", "America/St_Johns"),
)


def changes_of(zone: str, year: int) -> list[datetime]:
    """Return when clocks change in `zone` in `year`; the turn of two months where they do not."""
    hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(365 * 24)]
    offset = ZoneInfo(zone).utcoffset
    found = [
        after
        for before, after in pairwise(hours)
        if offset(before.astimezone(ZoneInfo(zone)).replace(tzinfo=None))
        != offset(after.astimezone(ZoneInfo(zone)).replace(tzinfo=None))
    ]
    turns = [datetime(year, month, 1, tzinfo=UTC) for month in (4, 9)]
    return found[:1] + found[-1:] or turns


class Shop:
    """A shop in which random things happen; it remembers when refunds succeeded."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        kit.open_shop()
        kit.lift_limits()
        variants: list[dict[str, Any]] = [{}, {}]
        self.products = [
            make_product("Ambre", stock=500, price=4990, variants=variants),
            make_product("Iris", stock=500, price=12000),
        ]
        coupon("WINTER")
        self.succeeded: dict[str, datetime] = {}
        self.orders: list[int] = []

    def sell(self) -> None:
        """Sell a random bag, to one of two countries, sometimes with a coupon."""
        variants = [variant.id for product in self.products for variant in product.variants]
        chosen = self.chance.sample(variants, self.chance.randint(1, 3))
        bag = kit.fill_cart_with(chosen, quantity=self.chance.randint(1, 3))
        if self.chance.random() < 0.4:
            apply(bag, "WINTER")
        country = self.chance.choice([{}, {"country": "DE", "postal_code": "10115"}])
        order, ref = kit.to_payment(bag, address=country)
        kit.pay(ref, deliver=False)  # a message's signature is as old as the machine's clock says
        assert fulfil(Provider.SANDBOX, ref) is Outcome.PAID
        drain()
        self.orders.append(order.id)

    def give_back(self) -> None:
        """Refund a piece, or an amount, of a random order, as far as there is something left."""
        order = kit.order(self.chance.choice(self.orders))
        amount = min(order.amount_refundable, 1000)
        items = db.session.scalars(select(OrderItem).where(OrderItem.order_id == order.id)).all()
        left = [item for item in items if item.quantity_refunded < item.quantity]
        if not amount or not left:
            return
        lines = [RefundLine(self.chance.choice(left).id, 1, amount)]
        end_read()
        form = f"form-{len(self.succeeded)}-{self.chance.random()}"
        refund = refund_order(
            order.id, amount, form_token=form, lines=lines if self.chance.random() < 0.7 else []
        )
        drain()
        self.succeeded[refund.id] = clock.now()

    def fail(self) -> None:
        """Let money that had gone back come again."""
        gone = select(Refund.id).where(Refund.state == RefundState.SUCCEEDED).order_by(Refund.id)
        ids = db.session.scalars(gone).all()
        end_read()
        if ids:
            apply_refund(self.chance.choice(ids), None, RefundState.FAILED, "account closed")

    def live_through(self, app: Flask, moments: list[datetime]) -> None:
        """Do something random at each of the moments."""
        for moment in sorted(moments):
            go_to(app, moment)
            self.sell()
            self.chance.choice([self.give_back, self.give_back, self.fail])()


def go_to(app: Flask, moment: datetime) -> None:
    """Let the shop and the provider live at `moment`."""
    end_read()
    clock.move((moment - clock.now()).total_seconds())
    sandbox = kit.sandbox_of(app)
    sandbox.advance(moment.timestamp() - sandbox.now())


def around(changes: list[datetime], chance: Random) -> list[datetime]:
    """Return moments in the days around each change, those next to midnight among them."""
    return [
        change + timedelta(minutes=chance.randint(-36 * 60, 36 * 60))
        for change in changes
        for _ in range(3)
    ]


@both_engines
@pytest.mark.parametrize(("zone", "other"), ZONES)
def test_the_sums_are_those_counted_by_hand(
    make_app: Callable[..., Flask], zone: str, other: str
) -> None:
    chance = Random(f"{zone} {other}")
    with (app := make_app(TIMEZONE=zone)).app_context():
        shop = Shop(chance)
        shop.live_through(app, around(changes_of(zone, 2027), chance))
        assert kept() == counted_by_hand(zone, shop.succeeded)
        assert keep_days() == 0, "each was booked on its day"
        assert find_wrong_days() == []
    with (app := make_app(TIMEZONE=other)).app_context():
        assert find_wrong_days() == [], "they still wait to be moved"
        moved = keep_days()
        assert moved
        assert kept() == counted_by_hand(other, shop.succeeded)
        assert find_wrong_days() == []
        assert keep_days() == 0
        shop.live_through(app, around(changes_of(other, 2028), chance))
        assert kept() == counted_by_hand(other, shop.succeeded)


def test_zones_of_the_test_change_their_clocks() -> None:
    assert changes_of("Europe/Berlin", 2027) == [
        datetime(2027, 3, 28, 1, tzinfo=UTC),
        datetime(2027, 10, 31, 1, tzinfo=UTC),
    ]


def test_a_late_refund_counts_on_its_own_day(app: Flask) -> None:
    with app.app_context():
        kit.open_shop()
        order, ref = kit.to_payment(kit.fill_cart(make_product(price=20000)))
        kit.pay(ref)
        drain()
        sold_on = kit.order(order.id).paid_on
        clock.move(3 * 86400)
        refund = refund_order(order.id, 500, form_token="a")
        drain()
        days = {row.day: row for row in total_rows()}
        assert [row.amount_sales for row in days.values()] == [20000, 0]
        assert [row.amount_refunded for row in days.values()] == [0, 500]
        assert min(days) == sold_on
        apply_refund(refund.id, None, RefundState.FAILED, "closed")
        apply_refund(refund.id, None, RefundState.FAILED, "closed")
        assert [row.amount_refunded for row in total_rows()] == [0, 0], "once, and no less"


def total_rows() -> list[SalesSum]:
    db.session.rollback()
    rows = select(SalesSum).where(SalesSum.dimension == "total").order_by(SalesSum.day)
    return list(db.session.scalars(rows.execution_options(populate_existing=True)))


def test_what_the_test_counts_is_all_that_is_kept() -> None:
    names = {column.name for column in SalesSum.__table__.c}
    assert names == set(MEASURES) | {"dimension", "is_sandbox", "currency", "day", "key"}
