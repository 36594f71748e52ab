"""kill -9 at every named point and at any moment: nothing accepted is lost, nothing done twice."""

import random
import time

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.core import clock
from shop.core.db import db
from shop.coupons.luck import return_expired
from shop.jobs import drain
from shop.models import (
    Coupon,
    CouponRedemption,
    HoldState,
    Job,
    JobState,
    LuckySlot,
    Order,
    PaymentStatus,
    Product,
    ProductVariant,
    RedemptionState,
    Refund,
    RefundState,
    SlotState,
    StockHold,
    StockMovement,
)
from shop.orders.services import reconcile, sweep
from shop.settings.services import set_setting
from tests.conftest import both_engines, settings_for
from tests.coupons.kit import coupon
from tests.factories import make_product
from tests.orders import kit
from tests.processes import FORKS
from tests.races import killed_process
from tests.races.race_kit import FULL, count

pytestmark = both_engines

POINTS = [
    "after-order",
    "after-hold",
    "after-slot",
    "after-coupon-count",
    "after-coupon-hold",
    "after-coupon-release",
    "after-place-commit",
    "before-session",
    "after-session",
    "after-event",
    "before-paid",
    "before-claim",
    "after-claim",
    "after-paid-commit",
    "before-processed",
    "after-refund-row",
    "before-refund-call",
    "after-refund-call",
    "after-expire-call",
    "after-end",
    "before-release",
    "after-release",
    "job-claimed",
    "job-ran",
    "before-mail",
    "after-mail",
]
AT_ONCE, KILLS = (1, 20) if FULL else (9, 1)
STOCK = 1_000_000


@pytest.fixture
def settings(app: Flask, database_url: str, tmp_path) -> dict[str, str]:
    with app.app_context():
        make_product(stock=STOCK)
        coupon(killed_process.CODE)
        set_setting("nth_order", "2", user_id=None)
        db.session.remove()
        db.engine.dispose()
    return settings_for(tmp_path, DATABASE_URL=database_url)


def heal(app: Flask) -> None:
    """What the worker does after a restart, with the leases of the dead one run out."""
    with app.app_context():
        _let_go_of_keys(app)
        clock.move(15 * 60)
        drain()
        reconcile()
        clock.move(40 * 60)
        kit.sandbox_of(app).advance(55 * 60)
        sweep()
        reconcile()
        clock.move(2 * 3600)
        drain()
        return_expired()


def _let_go_of_keys(app: Flask) -> None:
    """Stripe does not die with us: a call that was under way ended there long ago."""
    with kit.sandbox_of(app).store.write() as tx:
        tx.connection.execute("DELETE FROM idempotency WHERE state = 'running'")


def check(app: Flask) -> None:
    """The provider's books and ours say the same, and nothing waits any more."""
    with app.app_context():
        assert killed_process.unpaid() == []
        sandbox = kit.sandbox_of(app)
        pages = {
            page["client_reference_id"]: page["status"]
            for page in sandbox.objects("checkout.session")
            if page["status"] == "complete"
        }
        moved = [PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED]
        paid = db.session.scalars(select(Order.number).where(Order.payment_status.in_(moved)))
        assert sorted(paid) == sorted(pages)
        active = select(func.count()).select_from(StockHold)
        assert db.session.scalar(active.where(StockHold.state == HoldState.ACTIVE)) == 0
        _check_stock(len(pages))
        _check_discounts()
        _check_refunds(sandbox)
        failed = select(Job.name, Job.error).where(Job.state == JobState.FAILED)
        assert db.session.execute(failed).all() == []


def _check_stock(sold: int) -> None:
    on_hand, reserved = db.session.execute(
        select(ProductVariant.stock_on_hand, ProductVariant.stock_reserved)
    ).one()
    ledger = db.session.scalar(select(func.sum(StockMovement.quantity)))
    assert (on_hand, reserved, ledger) == (STOCK - sold, 0, STOCK - sold)


def _check_discounts() -> None:
    """Each use is committed with its paid order or given back, and each prize as well."""
    db.session.expire_all()
    kept = select(func.count()).select_from(CouponRedemption)
    kept = kept.where(CouponRedemption.state == RedemptionState.COMMITTED)
    used = select(func.sum(Coupon.used_count))
    assert db.session.scalar(used) == db.session.scalar(kept)
    ours = select(func.count()).select_from(Order).where(Order.paid_at.is_not(None))
    assert db.session.scalar(kept) == db.session.scalar(ours)
    waiting = select(CouponRedemption.id).where(CouponRedemption.state == RedemptionState.HELD)
    assert db.session.scalars(waiting).all() == []
    taken = select(LuckySlot.slot).where(LuckySlot.state.in_([SlotState.GRANTED, SlotState.HELD]))
    assert db.session.scalars(taken).all() == []


def _check_refunds(sandbox) -> None:
    ours = db.session.execute(select(Refund.state, Refund.amount)).all()
    assert {state for state, _ in ours} <= {RefundState.SUCCEEDED}
    assert sum(r["amount"] for r in sandbox.objects("refund")) == sum(a for _, a in ours)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("first", range(0, len(POINTS), AT_ONCE))
def test_killed_at_named_points(app: Flask, settings: dict[str, str], first: int) -> None:
    """One after the other in one shop: what each has left waits while the next one sells."""
    for point in POINTS[first : first + AT_ONCE] * KILLS:
        child = FORKS.Process(
            target=killed_process.sell, args=({**settings, "CRASH_POINTS": f"{point}=kill"},)
        )
        child.start()
        child.join(timeout=120)
        assert child.exitcode == -9, f"{point} was never reached"
    with app.app_context():
        assert db.session.scalar(select(Product.id)) is not None
    heal(app)
    check(app)


@pytest.mark.timeout(3600)
def test_killed_at_any_moment(app: Flask, settings: dict[str, str]) -> None:
    chance = random.Random(17)
    for _ in range(count(200)):
        has_sold = FORKS.Event()
        child = FORKS.Process(target=killed_process.sell, args=(settings, has_sold))
        child.start()
        assert has_sold.wait(timeout=60)
        time.sleep(chance.random() * 1.2)  # the moment of the kill is the test
        child.kill()
        child.join(timeout=60)
        assert child.exitcode == -9
    heal(app)
    check(app)
    with app.app_context():
        orders = db.session.scalar(select(func.count()).select_from(Order)) or 0
        assert orders >= count(200), "the victims were killed before they did anything"
