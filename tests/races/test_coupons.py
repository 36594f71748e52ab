"""The last uses of a coupon: many buyers at once, limits in all and for each, on both engines."""

import random
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from shop.core.db import changed, db, transaction
from shop.core.errors import CouponError, TotalsChanged
from shop.coupons.services import hold_coupon, release_coupon
from shop.models import Cart, Coupon, CouponRedemption, Order, RedemptionState
from shop.models.coupon import LIVE_USE
from shop.orders.services import cancel_order, fulfil
from tests.conftest import both_engines, filled_by, nothing
from tests.coupons.kit import coupon, view
from tests.factories import make_product
from tests.orders import kit
from tests.races.race_kit import attempted, count, in_app, together
from tests.races.test_stock import make_carts
from tests.races.unguarded import (
    move_uses_again,
    use_beyond_the_limit,
    use_beyond_the_limit_for_each,
)

pytestmark = both_engines

CONTENDERS = 32


def carts_with(code: str, number: int, **terms: object) -> tuple[int, list[int]]:
    """Fill carts that all carry one coupon; return its id and theirs."""
    made = coupon(code, **terms)
    product = make_product(stock=10 * number)
    carts = make_carts(product, number)
    with transaction():
        assert changed(update(Cart).where(Cart.id.in_(carts)).values(coupon_id=made.id))
    return made.id, carts


def buy(cart_id: int, email: str, total: int) -> str:
    """Place the order at the reduced total."""
    try:
        kit.place(cart_id, email=email, seen_total=total)
    except (CouponError, TotalsChanged):
        return "refused"
    return "used"


def contend(app: Flask, carts: list[int], emails: list[str]) -> list[str]:
    """Have all carts bought at once."""
    with app.app_context():
        total = view(carts[0]).totals.amount_total
        db.session.remove()
    pairs = zip(carts, emails, strict=True)
    return together([in_app(app, buy, cart_id, email, total) for cart_id, email in pairs])


def live(coupon_id: int) -> tuple[int, int]:
    """Return how often the coupon says it was used, and how often it was."""
    db.session.close()
    rows = select(func.count()).select_from(CouponRedemption)
    uses = db.session.scalar(
        rows.where(CouponRedemption.coupon_id == coupon_id, CouponRedemption.state.in_(LIVE_USE))
    )
    return db.session.get_one(Coupon, coupon_id).used_count, uses or 0


def test_a_limit_holds_whoever_comes_at_once(app: Flask) -> None:
    redemptions = seed = 0
    while redemptions < count(5_000):
        seed += 1
        limit = random.Random(seed).choice([1, 1, 3, 10])
        with app.app_context():
            coupon_id, carts = carts_with(f"RUSH{seed}", CONTENDERS, usage_limit=limit)
        results = contend(app, carts, [f"buyer{n}@example.org" for n in range(CONTENDERS)])
        redemptions += len(results)
        assert set(results) <= {"used", "refused"}, (seed, results)
        assert results.count("used") == limit, (seed, results)
        with app.app_context():
            assert live(coupon_id) == (limit, limit)


def test_a_limit_for_each_customer_holds(app: Flask) -> None:
    for seed in range(count(50)):
        with app.app_context():
            coupon_id, carts = carts_with(f"EACH{seed}", CONTENDERS, per_customer_limit=1)
        emails = [f"buyer{n % 8}@example.org" for n in range(CONTENDERS)]
        results = contend(app, carts, emails)
        assert set(results) <= {"used", "refused"}, (seed, results)
        assert results.count("used") == 8, (seed, results)
        with app.app_context():
            assert live(coupon_id) == (8, 8)


def test_a_use_is_given_back_or_committed_once(app: Flask) -> None:
    """Sixteen hands cancel an order while its buyer pays: one of the two, and the count agrees."""
    for seed in range(count(50)):
        with app.app_context():
            coupon_id, carts = carts_with(f"ONCE{seed}", 1, usage_limit=1)
            total = view(carts[0]).totals.amount_total
            order, ref = kit.to_payment(carts[0], seen_total=total)
            provider = kit.newest_attempt(order.id).provider
            if seed % 2:
                kit.pay(ref, deliver=False)
            db.session.remove()
        hands = [in_app(app, attempted, cancel_order, order.id) for _ in range(8)]
        hands += [in_app(app, attempted, fulfil, provider, ref) for _ in range(8)]
        together(hands)
        with app.app_context():
            states = select(CouponRedemption.state).where(CouponRedemption.order_id == order.id)
            state = db.session.scalars(states).one()
            paid = db.session.scalar(select(Order.paid_at).where(Order.id == order.id))
            assert state is (RedemptionState.COMMITTED if paid else RedemptionState.RELEASED)
            uses = 1 if paid else 0
            assert live(coupon_id) == (uses, uses)


@filled_by(nothing)
@pytest.mark.no_audit("the guards are off")
def test_control_without_guards_a_coupon_is_used_too_often(
    app: Flask, drop: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    use_beyond_the_limit(monkeypatch)
    drop("coupon", "ck_coupon_used")
    with app.app_context():
        coupon_id, carts = carts_with("BARE", 8, usage_limit=1)
    with app.app_context():
        orders = [bare_order(cart_id) for cart_id in carts]
    together([in_app(app, _hold, coupon_id, number, f"b{number}@x.y") for number in orders])
    with app.app_context():
        assert live(coupon_id)[1] > 1, "the control never used a coupon too often"


@pytest.mark.no_audit("the guards are off")
def test_control_without_the_recount_one_customer_uses_it_twice(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_beyond_the_limit_for_each(monkeypatch)
    with app.app_context():
        coupon_id, carts = carts_with("BARE", 8, per_customer_limit=1)
        orders = [bare_order(cart_id) for cart_id in carts]
    together([in_app(app, _hold, coupon_id, number, "same@x.y") for number in orders])
    with app.app_context():
        assert live(coupon_id)[1] > 1, "the control did not use it twice"


@pytest.mark.no_audit("the guards are off")
def test_control_without_its_guard_a_use_is_given_back_twice(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        coupon_id, carts = carts_with("BARE", 2)
        orders = [bare_order(cart_id) for cart_id in carts]
        for number in orders:
            _hold(coupon_id, number, "a@x.y")
    move_uses_again(monkeypatch)
    together([in_app(app, _release, orders[0]) for _ in range(2)])
    with app.app_context():
        counted, uses = live(coupon_id)
        assert counted != uses, "the control gave back one use once"


def bare_order(cart_id: int) -> int:
    """Place the cart's order without its coupon; return its id."""
    with transaction():
        changed(update(Cart).where(Cart.id == cart_id).values(coupon_id=None))
    number = kit.place(cart_id, email=f"buyer{cart_id}@example.org").order.id
    db.session.close()
    return number


def _hold(coupon_id: int, order_id: int, email: str) -> None:
    with transaction():
        hold_coupon(order_id, coupon_id, user_id=None, email_key=email, amount=0)


def _release(order_id: int) -> None:
    with transaction():
        release_coupon(order_id)
