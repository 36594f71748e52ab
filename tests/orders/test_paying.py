"""From a placed order to a paid one, whoever brings the news, and how often."""

import hashlib
import threading

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.cart.merge import merge_carts
from shop.cart.owner import CartOwner
from shop.cart.services import add_item
from shop.core.db import db
from shop.core.errors import InvalidTransition, NotFound
from shop.models import (
    AttemptState,
    Attention,
    CartItem,
    FulfilmentStatus,
    Job,
    OrderEvent,
    PaymentState,
    PaymentStatus,
    Provider,
    ShopState,
)
from shop.orders.services import Outcome, fulfil, place_order, start_payment
from shop.shared.page_versions import bump_settings
from tests.conftest import both_engines
from tests.factories import make_product, make_user
from tests.orders import kit


@pytest.fixture(autouse=True)
def shop(ctx: Flask) -> Flask:
    kit.open_shop()
    return ctx


def mails(name: str) -> int:
    return db.session.scalar(select(func.count()).select_from(Job).where(Job.name == name)) or 0


def test_a_placed_order_holds_its_stock_and_waits() -> None:
    product = make_product(stock=5, price=14800)
    placed = kit.place(kit.fill_cart(product, quantity=2))
    order = kit.order(placed.order.id)
    assert order.payment_status is PaymentStatus.PENDING
    assert (order.amount_subtotal, order.amount_shipping, order.amount_total) == (29600, 0, 29600)
    assert kit.stock(product.variants[0].id) == (5, 2)


def test_a_form_whose_order_stayed_behind_at_sign_in_is_asked_for_again() -> None:
    """Both bags had an open order; the guest's form is sent once more from the merged bag."""
    product, user = make_product(stock=5), make_user()
    mine = add_item(CartOwner(user_id=user.id), product.variants[0].id, 1).cart_id
    waiting = kit.place(mine, user_id=user.id).order
    kit.place(kit.fill_cart(product, token="guest"), checkout_token="f" * 32)
    merge_carts(hashlib.sha256(b"guest").hexdigest(), user.id)
    with pytest.raises(InvalidTransition, match="send the form again"):
        kit.place(mine, user_id=user.id, checkout_token="f" * 32)
    assert kit.order(waiting.id).payment_status is PaymentStatus.PENDING
    placed = kit.place(mine, user_id=user.id).order
    assert placed.replaces_order_id == waiting.id


@pytest.mark.parametrize("is_paid", [True, False])
def test_the_token_of_a_form_opens_no_order_of_somebody_else(is_paid: bool) -> None:
    """Nor what became of it: only its own bag and its own account are led to it."""
    product, user = make_product(stock=9), make_user()
    mine = add_item(CartOwner(user_id=user.id), product.variants[0].id, 1).cart_id
    order, ref = kit.to_payment(mine, user_id=user.id, checkout_token="f" * 32)
    if is_paid:
        kit.pay(ref)
        add_item(CartOwner(user_id=user.id), product.variants[0].id, 1)
        assert kit.place(mine, user_id=user.id, checkout_token="f" * 32).order.id == order.id
    for other in ({}, {"user_id": make_user().id}):
        bag = kit.fill_cart(product)
        with pytest.raises(InvalidTransition, match="send the form again"):
            kit.place(bag, checkout_token="f" * 32, email=user.email, **other)
        assert kit.place(bag, **other).order.id != order.id
    bag = kit.fill_cart(product)
    if is_paid:
        assert kit.place(bag, user_id=user.id, checkout_token="f" * 32).order.id == order.id


def test_the_payment_page_costs_what_the_order_costs(shop: Flask) -> None:
    order, ref = kit.to_payment(kit.fill_cart(make_product(price=6400)))
    state = shop.extensions["payments"]["sandbox"].get_session(ref)
    assert (state.amount, state.currency) == (7000, "EUR")
    assert state.reference == order.number


@both_engines
def test_a_paid_page_makes_the_order_paid_once() -> None:
    product = make_product(stock=5)
    cart_id = kit.fill_cart(product, quantity=2)
    order, ref = kit.to_payment(cart_id)
    kit.pay(ref, deliver=False)
    assert fulfil(Provider.SANDBOX, ref) is Outcome.PAID
    assert fulfil(Provider.SANDBOX, ref) is Outcome.ALREADY
    paid = kit.order(order.id)
    assert (paid.payment_status, paid.amount_paid) == (PaymentStatus.PAID, paid.amount_total)
    assert kit.stock(product.variants[0].id) == (3, 0)
    assert db.session.scalar(select(ShopState.paid_count)) == 1
    assert db.session.scalar(select(func.count()).select_from(CartItem)) == 0
    assert mails("mail.order_paid") == 1


def test_the_webhook_alone_is_enough() -> None:
    order, ref = kit.to_payment(kit.fill_cart(make_product()))
    kit.pay(ref)
    assert kit.order(order.id).payment_status is PaymentStatus.PAID
    assert fulfil(Provider.SANDBOX, ref) is Outcome.ALREADY


@both_engines
def test_pieces_added_to_the_bag_after_checkout_stay_in_it() -> None:
    first, second = make_product("First"), make_product("Second")
    cart_id = kit.fill_cart(first, quantity=2, token="t")
    _, ref = kit.to_payment(cart_id)
    kit.fill_cart(second, token="t")
    kit.fill_cart(first, token="t")
    kit.pay(ref)
    left = db.session.execute(select(CartItem.variant_id, CartItem.quantity)).all()
    assert sorted(left) == sorted([(first.variants[0].id, 1), (second.variants[0].id, 1)])


def test_an_open_page_pays_nothing() -> None:
    order, ref = kit.to_payment(kit.fill_cart(make_product()))
    assert fulfil(Provider.SANDBOX, ref) is Outcome.OPEN
    assert kit.order(order.id).payment_status is PaymentStatus.PENDING


@both_engines
def test_a_declined_card_leaves_everything_as_it_was() -> None:
    order, ref = kit.to_payment(kit.fill_cart(make_product()))
    kit.pay(ref, "declined")
    assert kit.order(order.id).payment_status is PaymentStatus.PENDING
    kit.pay(ref)
    assert kit.order(order.id).payment_status is PaymentStatus.PAID


def test_an_unknown_session_is_not_found() -> None:
    order, ref = kit.to_payment(kit.fill_cart(make_product()))
    kit.pay(ref)
    with pytest.raises(NotFound):
        fulfil(Provider.FREE, "cs_test_nobody")
    assert kit.order(order.id).payment_status is PaymentStatus.PAID


@both_engines
@pytest.mark.no_audit("spoils what was agreed", "M2")
@pytest.mark.parametrize("differing", ["amount", "reference", "currency"])
def test_money_that_differs_is_recorded_and_put_before_staff(shop: Flask, differing: str) -> None:
    product = make_product(stock=3)
    order, ref = kit.to_payment(kit.fill_cart(product))
    if differing == "amount":
        kit.sandbox_of(shop).fault("charge_other_amount", 1)
    else:
        _spoil(ref, differing)
    kit.pay(ref, deliver=False)
    assert fulfil(Provider.SANDBOX, ref) is Outcome.MISMATCH
    assert fulfil(Provider.SANDBOX, ref) is Outcome.ALREADY
    unpaid = kit.order(order.id)
    assert unpaid.attention is Attention.MISMATCH
    assert unpaid.payment_status is PaymentStatus.PROCESSING
    assert [payment.state for payment in kit.payments(order.id)] == [PaymentState.MISMATCH]
    assert mails("mail.order_paid") == 0
    assert kit.stock(product.variants[0].id) == (3, 1)


def _spoil(ref: str, what: str) -> None:
    """Let our row disagree with the page, as if the page were another order's."""
    from sqlalchemy import update

    from shop.core.db import changed, transaction
    from shop.models import CheckoutAttempt, Order

    with transaction():
        if what == "currency":
            changed(
                update(CheckoutAttempt)
                .where(CheckoutAttempt.provider_ref == ref)
                .values(currency="USD")
            )
        else:
            changed(update(Order).values(number="MF-OTHER"))


@both_engines
def test_the_same_checkout_twice_is_one_order_and_one_page() -> None:
    cart_id = kit.fill_cart(make_product())
    wanted = kit.details(cart_id)
    first = place_order(cart_id, wanted)
    url = start_payment(first.order.id, first.attempt)
    second = place_order(cart_id, wanted)
    third = kit.place(cart_id)
    assert first.order.id == second.order.id == third.order.id
    assert start_payment(second.order.id) == url


def test_a_changed_bag_makes_a_new_order_and_kills_the_old_page(shop: Flask) -> None:
    product, other = make_product(stock=1), make_product("Other")
    cart_id = kit.fill_cart(product, token="t")
    old, ref = kit.to_payment(cart_id)
    kit.fill_cart(other, token="t")
    new, new_ref = kit.to_payment(cart_id)
    assert kit.order(old.id).payment_status is PaymentStatus.CANCELED
    assert new.replaces_order_id == old.id
    assert kit.newest_attempt(old.id).state is AttemptState.EXPIRED
    assert str(shop.extensions["payments"]["sandbox"].get_session(ref).status) == "expired"
    assert kit.stock(product.variants[0].id) == (1, 1)
    kit.pay(new_ref)
    assert kit.stock(product.variants[0].id) == (0, 0)


def test_a_bag_changed_after_the_payment_leads_to_the_paid_order() -> None:
    cart_id = kit.fill_cart(make_product(), token="t")
    old, ref = kit.to_payment(cart_id)
    kit.pay(ref, deliver=False)
    kit.fill_cart(make_product("Other"), token="t")
    placed = kit.place(cart_id)
    assert placed.order.id == old.id
    assert kit.order(old.id).payment_status is PaymentStatus.PAID


@both_engines
def test_an_order_that_costs_nothing_needs_no_provider() -> None:
    product = make_product(price=0)
    cart_id = kit.fill_cart(product, quantity=3)
    from sqlalchemy import update

    from shop.core.db import changed, transaction
    from shop.models import DeliveryMethod

    with transaction():
        changed(update(DeliveryMethod).values(unit_amount=0))
        bump_settings()
    placed = kit.place(cart_id)
    assert start_payment(placed.order.id, placed.attempt) is None
    order = kit.order(placed.order.id)
    assert (order.payment_status, order.amount_paid) == (PaymentStatus.PAID, 0)
    assert kit.stock(product.variants[0].id) == (7, 0)
    assert [payment.provider for payment in kit.payments(order.id)] == [Provider.FREE]


@both_engines
def test_landing_and_webhooks_at_once_are_one_fulfilment(shop: Flask) -> None:
    order, ref = kit.to_payment(kit.fill_cart(make_product()))
    kit.pay(ref, deliver=False)
    outcomes: list[Outcome] = []

    def land() -> None:
        with shop.app_context():
            outcomes.append(fulfil(Provider.SANDBOX, ref))

    threads = [threading.Thread(target=land) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [Outcome.ALREADY] * 11 + [Outcome.PAID]
    assert len(kit.payments(order.id)) == 1
    assert mails("mail.order_paid") == 1
    events = db.session.scalars(select(OrderEvent.kind).where(OrderEvent.order_id == order.id))
    assert list(events).count("paid") == 1
    assert kit.order(order.id).fulfilment_status is FulfilmentStatus.UNFULFILLED
