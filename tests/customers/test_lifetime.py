"""Who has bought what in all: right whatever becomes of orders, accounts and addresses."""

import random
import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import false, select, update
from sqlalchemy.exc import IntegrityError

from shop.account.services import adopt_guest_orders, close_account, update_details
from shop.core import clock
from shop.core.addresses import PostalAddress
from shop.core.db import changed, db, transaction
from shop.customers import booking
from shop.customers.tiers import Tier, next_tier, tier_bounds, tier_of, tier_steps
from shop.models import Customer, CustomerNote, CustomerSum, Order, Provider, User
from shop.operations.retention import anonymise_orders
from shop.orders.contact import change_contact
from shop.orders.services import cancel_order, fulfil, refund_order, send_refund
from tests.conftest import both_engines
from tests.factories import PASSWORD, make_product, make_user
from tests.orders import kit
from tests.races.race_kit import in_app, together

GUEST = "gaia@example.org"


def sell(email: str = GUEST, *, is_paid: bool = True, **details: object) -> Order:
    """Sell a piece for 200.00 with free delivery."""
    bag = kit.fill_cart(make_product(price=20000, stock=9))
    order, ref = kit.to_payment(bag, email=email, **details)
    if is_paid:
        kit.pay(ref)
        fulfil(Provider.SANDBOX, ref)
    return order


def customers() -> dict[str, Customer]:
    db.session.rollback()
    rows = db.session.scalars(select(Customer).execution_options(populate_existing=True))
    return {row.key: row for row in rows}


def bought(key: str) -> list[tuple[int, int, int, int]]:
    db.session.rollback()
    found = select(CustomerSum).join(Customer, Customer.id == CustomerSum.customer_id)
    rows = db.session.scalars(found.where(Customer.key == key))
    return [(r.orders, r.amount_sales, r.amount_refunded, r.amount_net) for r in rows]


@both_engines
def test_a_guest_is_known_from_the_first_order_to_the_last_refund(ctx: Flask) -> None:
    kit.open_shop()
    sell(is_paid=False)
    assert bought(GUEST) == []
    first, second = sell(), sell()
    assert bought(GUEST) == [(2, 40000, 0, 40000)]
    send_refund(refund_order(first.id, 5000, form_token="once").id)
    assert bought(GUEST) == [(2, 40000, 5000, 35000)]
    found = customers()[GUEST]
    assert (found.user_id, found.name, found.last_order_id) == (None, "Camille Laurent", second.id)
    assert found.search_text == "camille laurent gaia example.org"
    with transaction():  # as the books of a shop that takes real money, or another currency
        changed(update(Order).where(Order.id == first.id).values(is_sandbox=False))
        changed(update(Order).where(Order.id == second.id).values(currency="CHF"))
        booking.follow_customer(GUEST)
    assert sorted(bought(GUEST)) == [(1, 20000, 0, 20000), (1, 20000, 5000, 15000)]
    with transaction():
        changed(update(Order).values(currency="EUR", is_sandbox=True))
        booking.follow_customer(GUEST)


@both_engines
def test_a_first_order_is_the_last_although_the_account_was_made_by_a_faster_clock(
    ctx: Flask,
) -> None:
    kit.open_shop()
    user = make_user(GUEST)
    with transaction():
        changed(update(User).values(created_at=clock.now() + timedelta(seconds=2)))
        booking.follow_account(user.id)
    order = sell(user_id=user.id, is_paid=False)
    assert customers()[str(user.id)].last_order_id == order.id


@both_engines
def test_orders_that_change_hands_take_their_sums_along(ctx: Flask) -> None:
    kit.open_shop()
    sell()
    user = make_user(GUEST)
    key = str(user.id)
    assert set(customers()) == {GUEST, key}
    with transaction() as session:
        note = CustomerNote(customer_id=customers()[GUEST].id, text="Likes roses")
        session.add(note)
        changed(update(User).values(email_verified_at=clock.now()))
    assert adopt_guest_orders(user.id) == 1
    assert (set(customers()), bought(key)) == ({key}, [(1, 20000, 0, 20000)])
    assert db.session.scalars(select(CustomerNote.customer_id)).all() == [customers()[key].id]
    update_details(user.id, "Gaïa Œuvre", "")
    order = sell("other@example.org", user_id=user.id)
    found = customers()[key]
    assert (found.name, found.email, found.last_order_id) == ("Gaïa Œuvre", GUEST, order.id)
    assert "gaia oeuvre" in found.search_text
    assert "other example.org" in found.search_text
    close_account(user.id, PASSWORD, "192.0.2.1")
    assert bought(GUEST) == bought("other@example.org") == [(1, 20000, 0, 20000)]
    assert set(customers()) == {GUEST, "other@example.org"}
    change_contact(order.id, "new@example.org", PostalAddress(**{**kit.ADDRESS, "company": "Flux"}))
    assert set(customers()) == {GUEST, "new@example.org"}
    assert customers()["new@example.org"].is_business


@both_engines
def test_who_is_blocked_as_a_guest_stays_so_with_an_account(ctx: Flask) -> None:
    kit.open_shop()
    sell()
    user = make_user(GUEST, email_verified_at=clock.now())
    with transaction():
        changed(update(Customer).where(Customer.key == GUEST).values(is_blocked=True))
    adopt_guest_orders(user.id)
    assert customers()[str(user.id)].is_blocked
    assert not db.session.get_one(User, user.id).is_active


@both_engines
def test_nobody_is_kept_of_whom_no_order_speaks(ctx: Flask) -> None:
    kit.open_shop()
    order = sell(is_paid=False)
    cancel_order(order.id)
    assert set(customers()) == {GUEST}
    assert anonymise_orders(clock.now() + timedelta(days=1)) == 1
    assert customers() == {}


@both_engines
def test_orders_of_one_customer_that_are_paid_at_once_all_count(app: Flask) -> None:
    with app.app_context():
        kit.open_shop()
        kit.lift_limits()
        refs = []
        for _ in range(4):
            bag = kit.fill_cart(make_product(price=20000, stock=9))
            refs.append(kit.to_payment(bag, email=GUEST)[1])
            kit.pay(refs[-1], deliver=False)
    sales = [in_app(app, fulfil, Provider.SANDBOX, ref) for ref in refs * 2]
    together([*sales, *[in_app(app, count_anew)] * 4])
    with app.app_context():
        assert bought(GUEST) == [(4, 80000, 0, 80000)]


def count_anew() -> None:
    """Do what a refund of another order of theirs would do to their sums."""
    with transaction():
        booking.follow_customer(GUEST)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
@pytest.mark.no_audit("orders are paid as far as sums go")
def test_control_where_nobody_waits_for_the_row_one_is_lost(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL alone: a file of SQLite has one writer."""
    with app.app_context():
        kit.open_shop()
        orders = [sell(is_paid=False) for _ in range(2)]
        ids = [order.id for order in orders]
        db.session.remove()
    everybody = threading.Barrier(2)
    sums_by, unlocked = booking.sums_by, select(Customer.id).where(Customer.key == GUEST)

    def count_late(owner: object) -> object:
        everybody.wait()  # both are paid, neither is committed
        return sums_by(owner)

    monkeypatch.setattr(booking, "_lock", lambda _key: db.session.scalar(unlocked))
    monkeypatch.setattr(booking, "sums_by", count_late)
    monkeypatch.setattr(booking, "update", lambda model: update(model).where(false()))
    ended = together([in_app(app, pay_half, order_id) for order_id in ids])
    assert sorted(type(one) for one in ended if one) == [IntegrityError]
    with app.app_context():
        assert bought(GUEST) == [(1, 20000, 0, 20000)]


def pay_half(order_id: int) -> None:
    """Mark an order as paid, as far as sums go."""
    with transaction():
        paid = {"paid_on": clock.now().date(), "paid_at": clock.now(), "amount_paid": 20000}
        changed(update(Order).where(Order.id == order_id).values(**paid))
        booking.follow_customer(GUEST)


def test_tiers_begin_where_the_settings_say() -> None:
    steps = tier_steps(500, 2000)
    assert [tier_of(steps, amount) for amount in (-5, 0, 1, 499, 500, 1999, 2000)] == [
        Tier.NONE, Tier.NONE, Tier.BRONZE, Tier.BRONZE, Tier.SILVER, Tier.SILVER, Tier.GOLD,
    ]  # fmt: skip
    assert [next_tier(steps, amount) for amount in (0, 400, 2000)] == [
        (Tier.BRONZE, 1), (Tier.SILVER, 100), None,
    ]  # fmt: skip
    assert [tier_bounds(steps, tier) for tier in (Tier.BRONZE, Tier.SILVER, Tier.GOLD)] == [
        (1, 500), (500, 2000), (2000, None),
    ]  # fmt: skip
    assert tier_steps(2000, 500) == tier_steps(0, 500) == [(Tier.BRONZE, 1), (Tier.GOLD, 500)]
    assert tier_bounds(tier_steps(0, 0), Tier.GOLD) == (1, 1)
    chance = random.Random(4)
    for _ in range(200):
        steps = tier_steps(chance.randrange(4), chance.randrange(4))
        amount = chance.randrange(-1, 5)
        inside = [
            tier
            for tier, (low, high) in ((t, tier_bounds(steps, t)) for t in Tier if t)
            if low <= amount and (high is None or amount < high)
        ]
        assert inside == [tier for tier in [tier_of(steps, amount)] if tier]
