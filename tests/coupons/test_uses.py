"""A use from the bag to the end of its order: held, committed, given back, honoured late."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from shop.account.services import adopt_guest_orders
from shop.cart.coupons import remove_coupon
from shop.cart.merge import merge_carts
from shop.cart.owner import CartOwner
from shop.cart.services import add_item
from shop.catalog.services.sections import update_category
from shop.core import clock
from shop.core.clock import now
from shop.core.db import changed, db, transaction
from shop.core.errors import BadInput, CartEmpty, CouponError, NotFound, TooManyRequests
from shop.coupons.changes import switch_coupon
from shop.coupons.services import (
    AT_ONCE,
    CouponTerms,
    create_batch,
    create_coupon,
)
from shop.coupons.terms import Refusal
from shop.customers.booking import follow_account
from shop.jobs import drain
from shop.mail.messages.orders import order_paid
from shop.models import (
    Cart,
    Coupon,
    CouponCategory,
    CouponKind,
    DeliveryMethod,
    Order,
    PaymentStatus,
    Product,
    Provider,
    User,
)
from shop.orders.payment.end import end_dead_attempt
from shop.orders.services import cancel_order, fulfil, sweep
from shop.payments.current import gateway
from shop.payments.gateway import SessionStatus
from shop.shared.page_versions import bump_settings
from tests.conftest import both_engines
from tests.coupons.kit import apply, coupon, uses, view
from tests.factories import make_category, make_method, make_product
from tests.orders import kit
from tests.sql import counted


@pytest.fixture(autouse=True)
def shop(ctx: Flask) -> Flask:
    kit.open_shop()
    return ctx


def cart(*, amount: int = 10000, quantity: int = 1, **columns: object) -> int:
    product = make_product(variants=[{"stock": 9, "unit_amount": amount}], **columns)
    return kit.fill_cart(product, quantity=quantity)


def place(cart_id: int, email: str = "camille@example.org", **changes: object) -> Order:
    total = view(cart_id, email_key=email).totals.amount_total
    return kit.place(cart_id, email=email, seen_total=total, **changes).order


def customer(email: str = "a@b.c", *, is_proven: bool = True) -> int:
    with transaction() as session:
        user = User(email=email, email_key=email, password_hash="x")
        user.email_verified_at = now() if is_proven else None
        session.add(user)
        session.flush()
        follow_account(user.id)
        return user.id


def deliver_for_nothing() -> None:
    with transaction():
        assert changed(update(DeliveryMethod).values(unit_amount=0))
        bump_settings()


@both_engines
def test_ten_percent_from_bag_to_paid(shop: Flask) -> None:
    coupon()
    cart_id = cart(quantity=3)
    assert apply(cart_id, " winter ") == "WINTER"
    seen = view(cart_id)
    assert seen.totals.amount_discount == 3000
    assert list(seen.savings.values()) == [3000]
    order, ref = kit.to_payment(cart_id)
    assert (order.coupon_code, order.amount_discount) == ("WINTER", 3000)
    assert uses() == (1, ["held"])
    session = kit.sandbox_of(shop).objects("checkout.session")[0]
    assert session["amount_total"] == order.amount_total
    assert session["total_details"]["amount_discount"] == 3000
    kit.pay(ref)
    assert kit.order(order.id).payment_status is PaymentStatus.PAID
    assert uses() == (1, ["committed"])
    assert db.session.scalar(select(Cart.coupon_id).where(Cart.id == cart_id)) is None
    drain()
    assert kit.sandbox_of(shop).objects("coupon") == []


def test_an_amount_never_takes_off_more_than_the_goods(shop: Flask) -> None:
    coupon(amount_off=50_000)
    cart_id = cart(amount=2000)
    apply(cart_id)
    totals = view(cart_id).totals
    assert (totals.amount_discount, totals.amount_total) == (2000, totals.amount_shipping)


def test_free_delivery_is_no_discount(shop: Flask) -> None:
    coupon(kind=CouponKind.FREE_DELIVERY)
    cart_id = cart(amount=2000)
    assert view(cart_id).totals.amount_shipping > 0
    apply(cart_id)
    order, ref = kit.to_payment(cart_id)
    assert (order.amount_discount, order.amount_shipping) == (0, 0)
    assert order.amount_total == 2000
    kit.pay(ref)
    assert uses() == (1, ["committed"])


def test_free_delivery_is_any_way_of_delivery_and_needs_nothing_more(shop: Flask) -> None:
    express = make_method("Express", 1900, to=["FR"], position=9)
    coupon(kind=CouponKind.FREE_DELIVERY)
    cart_id = cart(amount=2000)
    apply(cart_id)
    seen = view(cart_id, delivery_method_id=express.id)
    assert [(quote.amount, quote.amount_to_free) for quote in seen.quotes] == [(0, None)] * 2
    assert seen.quote is not None
    assert (seen.quote.name, seen.totals.amount_shipping) == ("Express", 0)
    order = place(cart_id, delivery_method_id=express.id)
    assert (order.delivery_name, order.amount_total) == ("Express", 2000)


def test_all_of_it_free_is_paid_without_the_provider(shop: Flask) -> None:
    deliver_for_nothing()
    coupon(percent_bp=10_000)
    cart_id = cart(amount=20_000)
    apply(cart_id)
    assert view(cart_id).totals.amount_total == 0
    placed = kit.place(cart_id)
    fulfil(Provider.FREE, placed.order.number)
    assert kit.order(placed.order.id).payment_status is PaymentStatus.PAID
    assert uses() == (1, ["committed"])
    assert kit.sandbox_of(shop).objects("checkout.session") == []


@pytest.mark.parametrize("is_free_delivery", [True, False])
def test_the_mail_names_the_code(shop: Flask, is_free_delivery: bool) -> None:
    coupon(**({"kind": CouponKind.FREE_DELIVERY} if is_free_delivery else {}))
    cart_id = cart()
    apply(cart_id)
    order = place(cart_id)
    mail = order_paid(order.id)
    assert mail is not None
    line = (
        "Delivery, Tracked parcel: Complimentary, WINTER"
        if is_free_delivery
        else "Discount, WINTER: −€10.00"
    )
    assert line in mail.text.splitlines()
    assert ", WINTER<" in mail.html


def test_a_total_too_small_to_charge_is_stopped_in_the_bag(shop: Flask) -> None:
    deliver_for_nothing()
    coupon(amount_off=19_980)
    cart_id = cart(amount=20_000)
    apply(cart_id)
    seen = view(cart_id)
    assert 0 < seen.totals.amount_total < 50
    assert not seen.can_check_out
    assert not seen.is_payable


@pytest.mark.parametrize("why", ["canceled", "swept"])
def test_a_dead_order_gives_its_use_back_once(shop: Flask, why: str) -> None:
    coupon(usage_limit=1)
    cart_id = cart()
    apply(cart_id)
    order, _ = kit.to_payment(cart_id)
    with pytest.raises(CouponError):
        apply(cart())
    if why == "canceled":
        cancel_order(order.id)
    else:
        clock.move(32 * 60)
        sweep()
    assert uses() == (0, ["released"])
    sweep()
    assert uses() == (0, ["released"])
    apply(cart())
    assert view(cart_id).coupon is not None, "the code stays in the bag"


def test_ones_own_open_order_is_not_in_the_way(shop: Flask) -> None:
    coupon(usage_limit=1, per_customer_limit=1)
    cart_id = cart()
    apply(cart_id)
    first, _ = kit.to_payment(cart_id)
    coupon_now = view(cart_id, email_key="camille@example.org").coupon
    assert coupon_now is not None
    assert coupon_now.refusal is None
    second = place(cart_id, phone="+33 1")
    assert second.id != first.id
    assert uses() == (1, ["released", "held"])


def test_a_second_checkout_that_is_refused_leaves_the_first_payable(shop: Flask) -> None:
    coupon()
    cart_id = cart()
    apply(cart_id)
    first, ref = kit.to_payment(cart_id)
    switch_coupon("WINTER", is_active=False)
    with pytest.raises(CouponError, match="WINTER"):
        place(cart_id, phone="+33 1")
    assert gateway("sandbox").get_session(ref).status is SessionStatus.OPEN
    kit.pay(ref)
    assert kit.order(first.id).payment_status is PaymentStatus.PAID
    assert uses() == (1, ["committed"])


def test_money_that_comes_late_is_honoured(shop: Flask) -> None:
    coupon(usage_limit=1)
    cart_id = cart()
    apply(cart_id)
    order, ref = kit.to_payment(cart_id)
    kit.pay(ref, deliver=False)
    end_dead_attempt(kit.newest_attempt(order.id).id, "expired")
    other = cart()
    apply(other)
    _, other_ref = kit.to_payment(other, email="other@example.org")
    kit.pay(other_ref)
    fulfil(Provider.SANDBOX, ref)
    assert kit.order(order.id).payment_status is PaymentStatus.PAID
    assert uses() == (1, ["late", "committed"])


@both_engines
def test_money_that_comes_late_takes_a_use_that_is_left(shop: Flask) -> None:
    coupon(usage_limit=1)
    cart_id = cart()
    apply(cart_id)
    order, ref = kit.to_payment(cart_id)
    kit.pay(ref, deliver=False)
    end_dead_attempt(kit.newest_attempt(order.id).id, "expired")
    assert uses() == (0, ["released"])
    fulfil(Provider.SANDBOX, ref)
    assert uses() == (1, ["committed"])


@both_engines
@pytest.mark.parametrize("is_known", [True, False])
def test_money_that_comes_late_takes_no_use_beyond_a_customers_own(
    shop: Flask, is_known: bool
) -> None:
    user_id = customer() if is_known else None
    coupon(per_customer_limit=1)
    cart_id = cart()
    apply(cart_id)
    order, ref = kit.to_payment(cart_id, user_id=user_id)
    kit.pay(ref, deliver=False)
    end_dead_attempt(kit.newest_attempt(order.id).id, "expired")
    again = cart()
    apply(again)
    email = "other@example.org" if is_known else order.email
    kit.pay(kit.to_payment(again, email=email, user_id=user_id)[1])
    fulfil(Provider.SANDBOX, ref)
    assert kit.order(order.id).payment_status is PaymentStatus.PAID
    assert uses() == (1, ["late", "committed"])


def test_once_for_each_customer_by_address_and_by_account(shop: Flask) -> None:
    coupon(per_customer_limit=1)
    first = cart()
    apply(first)
    kit.pay(kit.to_payment(first)[1])
    again = cart()
    apply(again)  # a guest without an address: nobody knows yet
    total = view(again).totals.amount_total
    with pytest.raises(CouponError):
        kit.place(again, email="Camille@Example.org", seen_total=total)
    assert uses() == (1, ["committed"])
    kit.place(again, email="other@example.org", seen_total=total)
    assert uses() == (2, ["committed", "held"])


@both_engines
def test_another_address_makes_no_other_customer(shop: Flask) -> None:
    coupon(per_customer_limit=1)
    guest = cart()
    apply(guest)
    order, ref = kit.to_payment(guest)
    kit.pay(ref)
    user_id = customer(order.email_key)
    with transaction():
        assert changed(update(User).values(email_verified_at=now()))
    assert adopt_guest_orders(user_id) == 1
    with transaction():
        assert changed(update(User).values(email="new@b.c", email_key="new@b.c"))
    with pytest.raises(CouponError):
        apply(cart(), user_id=user_id, email_key="new@b.c")
    assert adopt_guest_orders(user_id) == 0


def test_only_for_a_first_order(shop: Flask) -> None:
    coupon(is_first_order_only=True)
    kit.pay(kit.to_payment(cart())[1])
    cart_id = cart()
    apply(cart_id)
    total = view(cart_id).totals.amount_total
    with pytest.raises(CouponError):
        kit.place(cart_id, seen_total=total)
    place(cart_id, email="new@example.org")


def test_only_one_order_is_the_first(shop: Flask) -> None:
    coupon(is_first_order_only=True)
    carts = [cart(), cart()]
    for cart_id in carts:
        apply(cart_id)
    totals = [view(cart_id).totals.amount_total for cart_id in carts]
    kit.place(carts[0], seen_total=totals[0])
    with pytest.raises(CouponError):
        kit.place(carts[1], seen_total=totals[1])
    assert uses() == (1, ["held"])


def test_bound_to_a_holder(shop: Flask) -> None:
    coupon(holder_key="ada@example.org")
    cart_id = cart()
    bob = customer("bob@example.org")
    for who in ({}, {"user_id": bob, "email_key": "bob@example.org"}):
        with pytest.raises(CouponError):
            apply(cart_id, **who)
    ada = customer("ada@example.org")
    apply(cart_id, user_id=ada, email_key="ada@example.org")


@both_engines
def test_an_address_that_nobody_proved_makes_no_holder(shop: Flask) -> None:
    coupon(holder_key="ada@example.org")
    cart_id = cart()
    with pytest.raises(CouponError):
        apply(cart_id, email_key="ada@example.org")
    somebody = customer("ada@example.org", is_proven=False)
    with pytest.raises(CouponError):
        apply(cart_id, user_id=somebody, email_key="ada@example.org")
    with transaction():
        changed(update(Cart).values(coupon_id=select(Coupon.id).scalar_subquery()))
    with pytest.raises(CouponError):  # a guest who types it
        kit.place(cart_id, email="ada@example.org", seen_total=9000)
    assert uses() == (0, [])


@pytest.mark.parametrize("is_account_first", [True, False])
@pytest.mark.parametrize("terms", [{"per_customer_limit": 1}, {"is_first_order_only": True}])
def test_an_account_and_whoever_buys_with_its_address_are_one(
    shop: Flask, terms: dict[str, Any], is_account_first: bool
) -> None:
    """The account has the news sent elsewhere; the guest types the account's address."""
    coupon(**terms)
    ada = customer("ada@example.org")
    product = make_product(stock=9, price=10_000)
    hers = add_item(CartOwner(user_id=ada), product.variants[0].id, 1).cart_id
    guest = cart()
    apply(hers, user_id=ada, email_key="ada@example.org")
    apply(guest)
    orders = [
        (hers, {"user_id": ada, "email": "office@example.org"}),
        (guest, {"email": "ada@example.org"}),
    ]
    if not is_account_first:
        orders.reverse()
    (cart_id, who), (other, others) = orders
    _, ref = kit.to_payment(cart_id, seen_total=view(guest).totals.amount_total, **who)
    kit.pay(ref)
    with pytest.raises(CouponError):
        kit.place(other, seen_total=view(other).totals.amount_total, **others)
    assert uses() == (1, ["committed"])


def test_a_merge_beside_an_open_order_leaves_its_code_with_it(shop: Flask) -> None:
    """The customer's bag has an order that waits; the guest's stays behind, with its use."""
    coupon(usage_limit=1)
    ada = customer("ada@example.org")
    piece = make_product(stock=9).variants[0].id
    hers = add_item(CartOwner(user_id=ada), piece, 1).cart_id
    kit.to_payment(hers, user_id=ada, email="ada@example.org")
    guest = cart()
    apply(guest)
    kit.to_payment(guest, seen_total=view(guest).totals.amount_total)
    token = db.session.scalar(select(Cart.token_hash).where(Cart.id == guest)) or ""
    merge_carts(token, ada)
    assert view(hers, user_id=ada, email_key="ada@example.org").coupon is None
    assert uses() == (1, ["held"])


@both_engines
def test_a_holder_may_have_the_news_sent_elsewhere(shop: Flask) -> None:
    coupon(holder_key="ada@example.org")
    user_id = customer("ada@example.org")
    cart_id = cart()
    apply(cart_id, user_id=user_id, email_key="ada@example.org")
    total = view(cart_id, user_id=user_id).totals.amount_total
    kit.place(cart_id, user_id=user_id, email="office@example.org", seen_total=total)
    assert uses() == (1, ["held"])


def test_for_a_category_and_all_below_it(shop: Flask) -> None:
    parent = make_category("Home")
    below = make_category("Lamps", parent=parent)
    other = make_category("Pantry")
    coupon(category_ids=(parent.id,))
    lamp = make_product("Lamp", category=below, variants=[{"stock": 5, "unit_amount": 5000}])
    jam = make_product("Jam", category=other, variants=[{"stock": 5, "unit_amount": 700}])
    cart_id = kit.fill_cart(lamp, jam)
    apply(cart_id)
    assert view(cart_id).totals.amount_discount == 500
    with pytest.raises(CouponError, match="other pieces"):
        apply(kit.fill_cart(jam))


def test_for_a_category_that_is_hidden_since(shop: Flask) -> None:
    hidden = make_category("Home")
    below = make_category("Lamps", parent=hidden)
    coupon(category_ids=(hidden.id,))
    lamp = make_product("Lamp", category=below, variants=[{"stock": 5, "unit_amount": 5000}])
    jam = make_product("Jam", variants=[{"stock": 5, "unit_amount": 700}])
    cart_id = kit.fill_cart(lamp, jam)
    apply(cart_id)
    update_category(hidden.id, name="Home", parent_id=None, is_active=False)
    assert view(cart_id).totals.amount_discount == 500
    with pytest.raises(CouponError, match="other pieces"):
        apply(kit.fill_cart(jam))


def test_a_coupon_that_stops_applying_says_why_and_stays(shop: Flask) -> None:
    coupon(minimum_amount=15_000)
    cart_id = cart()
    with pytest.raises(CouponError, match=r"50\.00"):
        apply(cart_id)
    both = cart(quantity=2)
    apply(both)
    switch_coupon("winter", is_active=False)
    stopped = view(both).coupon
    assert stopped is not None
    assert stopped.refusal is Refusal.OFF
    assert view(both).totals.amount_discount == 0
    assert not view(both).can_check_out
    with pytest.raises(CouponError):
        place(both)
    remove_coupon(both)
    assert view(both).coupon is None
    place(both)


def test_a_held_use_survives_what_staff_do_to_the_coupon(shop: Flask) -> None:
    coupon()
    cart_id = cart()
    apply(cart_id)
    order, ref = kit.to_payment(cart_id)
    switch_coupon("WINTER", is_active=False)
    kit.pay(ref)
    assert kit.order(order.id).amount_paid == order.amount_total
    assert uses() == (1, ["committed"])


def test_a_code_replaces_the_one_before(shop: Flask) -> None:
    coupon("FIRST")
    coupon("SECOND", percent_bp=2000)
    cart_id = cart()
    apply(cart_id, "first")
    apply(cart_id, "second")
    apply(cart_id, "second")
    assert view(cart_id).totals.amount_discount == 2000


def test_the_code_follows_the_bag_at_sign_in(shop: Flask) -> None:
    coupon()
    guest = cart()
    apply(guest)
    user_id = customer()
    other = make_product("Other")
    mine = add_item(CartOwner(user_id=user_id), other.variants[0].id, 1).cart_id
    token_hash = db.session.scalar(select(Cart.token_hash).where(Cart.id == guest)) or ""
    db.session.close()
    merge_carts(token_hash, user_id)
    merged = view(mine).coupon
    assert merged is not None
    assert merged.code == "WINTER"


def test_guessing_ends_after_ten_wrong_codes(shop: Flask) -> None:
    coupon()
    cart_id = cart()
    for number in range(10):
        with pytest.raises(CouponError):
            apply(cart_id, f"GUESS{number}")
        if number < 9:
            apply(cart_id)  # a right one in between forgives nothing
    with pytest.raises(TooManyRequests) as refused:
        apply(cart_id)
    assert 0 < refused.value.retry_after <= 600
    clock.move(601)
    apply(cart_id)


def test_guessing_from_one_place_with_many_bags(shop: Flask) -> None:
    for number in range(10):
        with pytest.raises(CouponError):
            apply(cart(), f"GUESS{number}")
    with pytest.raises(TooManyRequests):
        apply(cart(), "GUESS")
    with pytest.raises(CouponError):
        apply(cart(), "GUESS", ip="203.0.113.9")


def test_a_bag_of_pieces_that_are_gone_is_no_guess(shop: Flask) -> None:
    coupon()
    product = make_product()
    cart_id = kit.fill_cart(product)
    with transaction():
        assert changed(update(Product).values(is_active=False))
    for _ in range(12):
        with pytest.raises(CartEmpty):
            apply(cart_id)
    apply(cart())


def test_no_bag_no_coupon(shop: Flask) -> None:
    coupon()
    with pytest.raises(CartEmpty):
        apply(None)  # type: ignore[arg-type]  # what a visitor without a bag has


@both_engines
@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"kind": CouponKind.PERCENT, "percent_bp": 0}, "percent"),
        ({"kind": CouponKind.PERCENT, "percent_bp": 10_001}, "percent"),
        ({"kind": CouponKind.AMOUNT, "amount_off": 0}, "amount"),
        ({"kind": CouponKind.PERCENT, "percent_bp": 1, "usage_limit": 0}, "limit"),
        ({"kind": CouponKind.PERCENT, "percent_bp": 1, "usage_limit": 2**31}, "limit"),
        ({"kind": CouponKind.PERCENT, "percent_bp": 1, "per_customer_limit": 0}, "per_customer"),
        ({"kind": CouponKind.PERCENT, "percent_bp": 1, "minimum_amount": -1}, "minimum"),
    ],
)
def test_terms_that_cannot_be(shop: Flask, terms: dict, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        create_coupon("X", CouponTerms(**terms))
    assert field in refused.value.fields


@both_engines
def test_dates_in_the_wrong_order(shop: Flask) -> None:
    at = now()
    with pytest.raises(BadInput):
        coupon(starts_at=at, ends_at=at)


@both_engines
def test_a_code_exists_once(shop: Flask) -> None:
    coupon("Winter 20")
    with pytest.raises(BadInput):
        coupon("WINTER20")


def test_a_batch_can_be_used_once_each(shop: Flask) -> None:
    (codes,) = create_batch("Fair", 3, CouponTerms(kind=CouponKind.PERCENT, percent_bp=500))
    assert len(set(codes)) == 3
    db.session.close()
    cart_id = cart()
    apply(cart_id, codes[0])
    kit.to_payment(cart_id)
    with pytest.raises(CouponError):
        apply(cart(), codes[0])
    apply(cart(), codes[1])


@both_engines
def test_a_large_batch_lets_others_write_in_between(shop: Flask) -> None:
    """Each part is committed before its codes are shown, after few statements."""
    home = make_category("Home").id
    terms = CouponTerms(kind=CouponKind.PERCENT, percent_bp=5, category_ids=(home,))
    parts = create_batch("Fair", 2 * AT_ONCE + 1, terms)
    codes: list[str] = []
    for size in (AT_ONCE, AT_ONCE, 1):
        with counted(shop) as statements:
            codes += next(parts)
        assert len(codes) % AT_ONCE == size % AT_ONCE
        assert len(statements) <= 4, statements
        with db.engine.connect() as connection:
            assert set(connection.scalars(select(Coupon.code))) == set(codes)
            assert len(connection.scalars(select(CouponCategory.coupon_id)).all()) == len(codes)
    assert next(parts, None) is None


@both_engines
@pytest.mark.parametrize("code", ["A " * 39 + "A", "e\N{COMBINING ACUTE ACCENT}" * 30])
def test_a_code_is_as_long_as_it_is_written(shop: Flask, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        coupon(code)
    assert "code" in refused.value.fields


def test_switching_off_what_is_not_there(shop: Flask) -> None:
    with pytest.raises(NotFound):
        switch_coupon("NONE", is_active=False)
