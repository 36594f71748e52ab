"""Unpaid orders: their holds are let go once, and only when no payment can claim them any more."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import select, update

from shop.cart.merge import merge_carts
from shop.cart.owner import CartOwner
from shop.cart.services import add_item
from shop.core import clock
from shop.core.db import changed, db, transaction
from shop.core.errors import InsufficientStock, InvalidTransition, TooManyRequests
from shop.coupons.services import CouponTerms, create_coupon
from shop.customers.booking import follow_account
from shop.jobs import drain
from shop.models import (
    AttemptState,
    Cart,
    CartItem,
    CheckoutAttempt,
    CouponKind,
    DeliveryMethod,
    HoldState,
    MailMessage,
    PaymentStatus,
    Provider,
    StockHold,
    User,
)
from shop.orders.payment.end import mark_processing
from shop.orders.services import (
    Outcome,
    cancel_order,
    expire_attempt,
    fulfil,
    reconcile,
    start_payment,
    sweep,
)
from shop.payments.errors import PaymentUnavailable
from shop.settings.services import set_setting
from shop.shared.page_versions import bump_settings
from tests.conftest import both_engines
from tests.coupons.kit import apply, view
from tests.factories import make_product, make_user
from tests.orders import kit
from tests.processes import eventually, free_port


@pytest.fixture(autouse=True)
def shop(ctx: Flask) -> Flask:
    kit.open_shop()
    return ctx


def later(app: Flask, minutes: float) -> None:
    """Let time pass for the shop and for the provider."""
    db.session.close()
    clock.move(minutes * 60)
    kit.sandbox_of(app).advance(minutes * 60)


def holds(order_id: int) -> list[HoldState]:
    db.session.close()
    return list(db.session.scalars(select(StockHold.state).where(StockHold.order_id == order_id)))


def test_the_sweeper_ends_what_was_not_paid_in_time(shop: Flask) -> None:
    product = make_product(stock=1)
    order, ref = kit.to_payment(kit.fill_cart(product))
    later(shop, 30)
    sweep()
    assert kit.order(order.id).payment_status is PaymentStatus.PENDING
    later(shop, 2)
    sweep()
    sweep()
    assert kit.order(order.id).payment_status is PaymentStatus.EXPIRED
    assert kit.stock(product.variants[0].id) == (1, 0)
    assert holds(order.id) == [HoldState.RELEASED]
    assert str(shop.extensions["payments"]["sandbox"].get_session(ref).status) == "expired"


def test_the_sweeper_fulfils_what_turns_out_to_be_paid(shop: Flask) -> None:
    order, ref = kit.to_payment(kit.fill_cart(make_product()))
    kit.pay(ref, deliver=False)
    later(shop, 32)
    sweep()
    assert kit.order(order.id).payment_status is PaymentStatus.PAID


def test_while_the_provider_is_away_the_hold_stays(shop: Flask) -> None:
    product = make_product(stock=1)
    order, _ = kit.to_payment(kit.fill_cart(product))
    later(shop, 32)
    kit.sandbox_of(shop).fault("reset_connection")
    sweep()
    assert kit.order(order.id).payment_status is PaymentStatus.PENDING
    assert kit.stock(product.variants[0].id) == (1, 1)
    kit.sandbox_of(shop).clear_faults()
    sweep()
    assert kit.stock(product.variants[0].id) == (1, 0)


@both_engines
def test_an_order_that_cannot_be_ended_holds_up_nobody(shop: Flask) -> None:
    product = make_product(stock=9)
    stuck, _ = kit.to_payment(kit.fill_cart(product), email="first@example.org")
    with transaction():
        ref = update(CheckoutAttempt).values(provider_ref="cs_test_of_another_account")
        changed(ref.where(CheckoutAttempt.order_id == stuck.id))
    clock.move(1)
    other, _ = kit.to_payment(kit.fill_cart(product), email="second@example.org")
    later(shop, 32)
    assert sweep(at_most=1) == 1
    assert kit.order(stuck.id).payment_status is PaymentStatus.PENDING
    assert kit.order(other.id).payment_status is PaymentStatus.EXPIRED


def test_a_provider_that_is_away_is_not_asked_for_every_order(shop: Flask) -> None:
    product = make_product(stock=9)
    for number in range(5):
        kit.to_payment(kit.fill_cart(product), email=f"buyer{number}@example.org")
    later(shop, 32)
    # As often as three orders ask, each with its two retries.
    kit.sandbox_of(shop).fault("reset_connection", times=9)
    assert sweep() == 0
    assert sweep() == 5


def test_an_attempt_whose_answer_was_lost_is_found_and_ended(shop: Flask) -> None:
    product = make_product(stock=1)
    kit.sandbox_of(shop).fault("drop_after", route="POST /v1/checkout/sessions$")
    placed = kit.place(kit.fill_cart(product))
    with pytest.raises(PaymentUnavailable):
        start_payment(placed.order.id, placed.attempt)
    assert kit.newest_attempt(placed.order.id).state is AttemptState.UNKNOWN
    kit.sandbox_of(shop).clear_faults()
    later(shop, 32)
    sweep()
    assert kit.order(placed.order.id).payment_status is PaymentStatus.EXPIRED
    assert kit.stock(product.variants[0].id) == (1, 0)
    states = [page["status"] for page in kit.sandbox_of(shop).objects("checkout.session")]
    assert states == ["expired"]


def a_free_order_left_behind() -> int:
    """Place an order that costs nothing, as a process does that is killed before it is settled."""
    with transaction() as session:
        session.execute(update(DeliveryMethod).values(unit_amount=0))
        bump_settings()
    placed = kit.place(kit.fill_cart(make_product(price=0, stock=1)))
    assert placed.attempt is not None
    assert placed.attempt.provider is Provider.FREE
    return placed.order.id


def test_a_free_order_that_nobody_settled_is_healed(shop: Flask) -> None:
    order_id = a_free_order_left_behind()
    later(shop, 3)
    reconcile()
    assert kit.order(order_id).payment_status is PaymentStatus.PAID


def test_time_to_pay_does_not_run_out_where_nothing_is_to_be_paid(shop: Flask) -> None:
    order_id = a_free_order_left_behind()
    later(shop, 32)
    sweep()
    assert kit.order(order_id).payment_status is PaymentStatus.PAID


@both_engines
def test_a_free_order_can_be_canceled_before_it_is_settled() -> None:
    order_id = a_free_order_left_behind()
    cancel_order(order_id)
    assert kit.order(order_id).payment_status is PaymentStatus.CANCELED
    assert holds(order_id) == [HoldState.RELEASED]


def test_canceling_kills_the_page_first(shop: Flask) -> None:
    product = make_product(stock=1)
    order, ref = kit.to_payment(kit.fill_cart(product))
    cancel_order(order.id)
    assert kit.order(order.id).payment_status is PaymentStatus.CANCELED
    assert str(shop.extensions["payments"]["sandbox"].get_session(ref).status) == "expired"
    assert kit.stock(product.variants[0].id) == (1, 0)


@both_engines
def test_a_customer_hears_of_it_when_staff_cancel(shop: Flask) -> None:
    quiet, _ = kit.to_payment(kit.fill_cart(make_product()))
    told, _ = kit.to_payment(kit.fill_cart(make_product()), email="told@example.org")
    cancel_order(quiet.id)
    cancel_order(told.id, notify=True)
    drain()
    mails = db.session.execute(select(MailMessage.kind, MailMessage.to_address)).all()
    assert [tuple(mail) for mail in mails] == [("order_canceled", "told@example.org")]


def test_canceling_a_paid_order_is_refused_and_records_the_payment() -> None:
    order, ref = kit.to_payment(kit.fill_cart(make_product()))
    kit.pay(ref, deliver=False)
    with pytest.raises(InvalidTransition, match="has been paid"):
        cancel_order(order.id)
    assert kit.order(order.id).payment_status is PaymentStatus.PAID


def test_late_money_takes_the_pieces_again(shop: Flask) -> None:
    """The page was paid in the moment in which the shop had already given it up."""
    product = make_product(stock=2)
    order, ref = kit.to_payment(kit.fill_cart(product))
    kit.pay(ref, deliver=False)
    _give_up(order.id)
    assert kit.stock(product.variants[0].id) == (2, 0)
    assert fulfil(Provider.SANDBOX, ref) is Outcome.PAID
    assert kit.order(order.id).payment_status is PaymentStatus.PAID
    assert kit.stock(product.variants[0].id) == (1, 0)


def test_late_money_for_pieces_that_are_gone_waits_for_staff(shop: Flask) -> None:
    product = make_product(stock=1)
    order, ref = kit.to_payment(kit.fill_cart(product))
    kit.pay(ref, deliver=False)
    _give_up(order.id)
    other, other_ref = kit.to_payment(kit.fill_cart(product), email="marc@example.org")
    kit.pay(other_ref)
    assert fulfil(Provider.SANDBOX, ref) is Outcome.PAID
    late = kit.order(order.id)
    assert (late.payment_status, str(late.attention)) == (PaymentStatus.PAID, "stock_short")
    assert kit.order(other.id).attention == ""
    assert kit.stock(product.variants[0].id)[0] == 0


def _give_up(order_id: int) -> None:
    from shop.orders.payment.end import end_dead_attempt

    end_dead_attempt(kit.newest_attempt(order_id).id, "expired")


@both_engines
def test_expiring_races_paying_both_ways(shop: Flask) -> None:
    first, ref = kit.to_payment(kit.fill_cart(make_product()))
    kit.pay(ref, deliver=False)
    assert expire_attempt(kit.newest_attempt(first.id).id) is Outcome.PAID
    second, _ = kit.to_payment(kit.fill_cart(make_product()))
    assert expire_attempt(kit.newest_attempt(second.id).id) is Outcome.DEAD
    assert kit.order(second.id).payment_status is PaymentStatus.EXPIRED


def test_a_webhook_lost_and_a_landing_never_visited_are_healed(shop: Flask) -> None:
    order, ref = kit.to_payment(kit.fill_cart(make_product()))
    kit.sandbox_of(shop).fault("drop")
    kit.pay(ref)
    assert kit.order(order.id).payment_status is PaymentStatus.PENDING
    later(shop, 3)
    result = reconcile()
    assert result.fulfilled == 1
    assert kit.order(order.id).payment_status is PaymentStatus.PAID
    assert reconcile().fulfilled == 0


def test_open_orders_are_limited_by_customer_and_by_place() -> None:
    kit.place(kit.fill_cart(make_product()), ip="2001:db8::7")
    for host in range(2):
        kit.place(kit.fill_cart(make_product()), ip=f"[2001:db8::{host}]:443{host}")
    with pytest.raises(TooManyRequests):
        kit.place(kit.fill_cart(make_product()), ip="2001:db8:0:0:ffff::1")
    for number in range(10):
        kit.place(
            kit.fill_cart(make_product()),
            email=f"guest{number}@example.org",
            ip=f"192.0.2.1:{5000 + number}",
        )
    with pytest.raises(TooManyRequests):
        kit.place(kit.fill_cart(make_product()), email="new@example.org", ip="192.0.2.1")


def test_a_stranger_who_types_an_address_locks_nobody_out() -> None:
    user_id = make_user("camille@example.org").id
    for _ in range(3):
        kit.place(kit.fill_cart(make_product()), ip="203.0.113.66")
    for _ in range(3):
        kit.place(kit.fill_cart(make_product()), ip="198.51.100.7")
        kit.place(kit.fill_cart(make_product()), user_id=user_id, ip="203.0.113.66")
    for changes in ({"ip": "198.51.100.7"}, {"user_id": user_id, "ip": "192.0.2.200"}):
        with pytest.raises(TooManyRequests):
            kit.place(kit.fill_cart(make_product()), **changes)


def test_one_address_from_many_places_is_limited_too() -> None:
    set_setting("open_orders_per_email", "1", user_id=None)
    product = make_product(stock=99)
    for net in range(10):
        kit.place(kit.fill_cart(product), ip=f"2001:db8:0:{net:x}::1")
    with pytest.raises(TooManyRequests):
        kit.place(kit.fill_cart(product), ip="2001:db8:0:ff::1")
    kit.place(kit.fill_cart(product), email="other@example.org", ip="2001:db8:0:ff::1")


def test_one_payment_page_after_the_other_is_limited_by_the_hour(shop: Flask) -> None:
    """Whoever tries stolen cards changes the bag, or cancels, and opens the next page."""
    set_setting("unpaid_orders_per_hour", "3", user_id=None)
    cart_id = kit.fill_cart(make_product(stock=99))
    for line1 in ("1 rue A", "2 rue B", "3 rue C"):
        order, _ = kit.to_payment(cart_id, address={"line1": line1}, ip="192.0.2.1")
    cancel_order(order.id)
    with pytest.raises(TooManyRequests) as refused:
        kit.place(cart_id, email="new@example.org", ip="192.0.2.1")
    assert refused.value.retry_after == 3600
    kit.place(kit.fill_cart(make_product()), email="other@example.org", ip="192.0.2.2")
    later(shop, 61)
    kit.place(cart_id, email="new@example.org", ip="192.0.2.1")


def test_paid_orders_are_not_limited() -> None:
    set_setting("unpaid_orders_per_hour", "1", user_id=None)
    for _ in range(3):
        _, ref = kit.to_payment(kit.fill_cart(make_product()))
        kit.pay(ref)


@both_engines
def test_the_last_piece_is_sold_once_and_its_holder_is_not_locked_out() -> None:
    product = make_product(stock=1)
    cart_id = kit.fill_cart(product, token="t")
    rival = kit.fill_cart(product)
    kit.place(cart_id)
    with pytest.raises(InsufficientStock):
        kit.place(rival, email="marc@example.org")
    moved = kit.place(cart_id, address={"line1": "15 rue des Capucins"})
    assert kit.order(moved.order.id).payment_status is PaymentStatus.PENDING
    assert kit.stock(product.variants[0].id) == (1, 1)


@pytest.mark.parametrize("instrument", ["sepa_later", "sepa_fails_later"])
def test_a_bank_payment_keeps_its_hold_until_the_bank_has_spoken(
    shop: Flask, instrument: str
) -> None:
    product = make_product(stock=1)
    order, ref = kit.to_payment(kit.fill_cart(product))
    kit.pay(ref, instrument)
    assert kit.order(order.id).payment_status is PaymentStatus.PROCESSING
    later(shop, 2)
    sweep()
    assert kit.stock(product.variants[0].id) == (1, 1)
    later(shop, 2)
    kit.sandbox_of(shop).deliver_due()
    ends = {"sepa_later": (PaymentStatus.PAID, (0, 0)), "sepa_fails_later": (None, (1, 0))}
    status, stock = ends[instrument]
    assert kit.order(order.id).payment_status is (status or PaymentStatus.EXPIRED)
    assert kit.stock(product.variants[0].id) == stock


@pytest.mark.parametrize("instrument", ["sepa_later", "sepa_fails_later"])
def test_what_a_bank_payment_buys_leaves_the_bag_and_comes_back_if_it_fails(
    shop: Flask, instrument: str
) -> None:
    """Otherwise it would be bought twice; what is put into the bag meanwhile stays in it."""
    piece, other, more = (make_product(name, stock=200).variants[0].id for name in "ABC")
    create_coupon("TEN", CouponTerms(kind=CouponKind.PERCENT, percent_bp=1000))
    owner = CartOwner(token_hash="t" * 64)
    bag = add_item(owner, piece, 98).cart_id
    add_item(owner, other, 1)
    apply(bag, "TEN")
    _, ref = kit.to_payment(bag, seen_total=view(bag).totals.amount_total)
    kit.pay(ref, instrument)
    assert pieces(bag) == {}
    assert view(bag).coupon is None
    add_item(owner, piece, 2)
    add_item(owner, more, 1)
    later(shop, 4)
    kit.sandbox_of(shop).deliver_due()
    is_paid = instrument == "sepa_later"
    assert pieces(bag) == ({piece: 2, more: 1} if is_paid else {piece: 99, other: 1, more: 1})
    found = view(bag).coupon
    assert (found is None) is is_paid
    assert is_paid or (found and found.code == "TEN" and found.refusal is None)


@contextmanager
def meanwhile(app: Flask, act: Callable[[], Outcome]) -> Iterator[Future[Outcome]]:
    """Let `act` begin while the block's transaction is open; it goes on when that commits."""

    def run() -> Outcome:
        with app.app_context():
            return act()

    blocked = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    db.session.close()
    with ThreadPoolExecutor(1) as pool, transaction():
        future: Future[Outcome] = Future()
        yield future
        done = pool.submit(run)
        done.add_done_callback(lambda _: _hand_over(done, future))
        if db.engine.dialect.name == "postgresql":
            # A transaction would see the same activity for ever.
            watcher = db.engine.execution_options(isolation_level="AUTOCOMMIT")
            with watcher.connect() as other:
                eventually(lambda: other.exec_driver_sql(blocked).scalar() or done.done())


def _hand_over(done: Future[Outcome], future: Future[Outcome]) -> None:
    error = done.exception()
    if error is None:
        future.set_result(done.result())
    else:
        future.set_exception(error)


@both_engines
def test_money_that_comes_while_the_bag_is_emptied_takes_nothing_twice(shop: Flask) -> None:
    """It has read the order as pending, and waits for the bag; then the order is processing."""
    piece = make_product(stock=9).variants[0].id
    owner = CartOwner(token_hash="t" * 64)
    bag = add_item(owner, piece, 1).cart_id
    _, ref = kit.to_payment(bag)
    kit.pay(ref, "sepa_later", deliver=False)
    with meanwhile(shop, lambda: fulfil(Provider.SANDBOX, ref)) as outcome:
        mark_processing(Provider.SANDBOX, ref)
        add_item(owner, piece, 1)
        kit.sandbox_of(shop).advance(200)
    assert outcome.result(30) is Outcome.PAID
    assert pieces(bag) == {piece: 1}


def customer_with(variant_id: int) -> tuple[int, int]:
    """Return a customer and their bag with a piece."""
    with transaction() as session:
        user = User(email="ada@example.org", email_key="ada@example.org", password_hash="x")
        session.add(user)
        session.flush()
        follow_account(user_id := user.id)
    return user_id, add_item(CartOwner(user_id=user_id), variant_id, 1).cart_id


@both_engines
@pytest.mark.parametrize(
    ("instrument", "email", "drafted"),
    [
        ("visa", "ada@example.org", None),
        ("sepa_later", "ada@example.org", None),
        ("sepa_fails_later", "ADA@example.org", "ADA@example.org"),
        ("sepa_fails_later", "camille@example.org", None),
    ],
)
def test_what_is_bought_leaves_the_bag_that_a_sign_in_made_of_two(
    shop: Flask, instrument: str, email: str, drafted: str | None
) -> None:
    """The news of the money waits for the guest's bag, which is gone when it may go on.

    If it fails, what the guest typed comes back only to the account whose address it bears.
    """
    piece, other = (make_product(name, stock=9).variants[0].id for name in "AB")
    user_id, mine = customer_with(other)
    guest = add_item(CartOwner(token_hash="t" * 64), piece, 2).cart_id
    _, ref = kit.to_payment(guest, email=email)
    kit.pay(ref, instrument, deliver=False)
    with meanwhile(shop, lambda: fulfil(Provider.SANDBOX, ref)) as outcome:
        merge_carts("t" * 64, user_id)
    assert outcome.result(30) is (Outcome.PAID if instrument == "visa" else Outcome.PROCESSING)
    assert pieces(mine) == {other: 1}
    later(shop, 4)
    kit.sandbox_of(shop).deliver_due()
    is_back = instrument == "sepa_fails_later"
    assert pieces(mine) == ({piece: 2, other: 1} if is_back else {other: 1})
    draft = db.session.scalar(select(Cart.draft).where(Cart.id == mine))
    assert (draft or {}).get("email") == drafted


def test_a_bank_payment_of_a_guest_follows_them_at_sign_in(shop: Flask) -> None:
    """Also beside a pending order of the account's bag: if the money fails, the pieces are back."""
    piece, other = (make_product(name, stock=9).variants[0].id for name in "AB")
    user_id, mine = customer_with(other)
    kit.to_payment(mine, user_id=user_id, email="ada@example.org")
    guest = add_item(CartOwner(token_hash="t" * 64), piece, 2).cart_id
    _, ref = kit.to_payment(guest)
    kit.pay(ref, "sepa_fails_later")
    merge_carts("t" * 64, user_id)
    assert pieces(mine) == {other: 1}
    later(shop, 4)
    kit.sandbox_of(shop).deliver_due()
    assert pieces(mine) == {piece: 2, other: 1}


def pieces(cart_id: int) -> dict[int, int]:
    db.session.close()
    lines = select(CartItem.variant_id, CartItem.quantity).where(CartItem.cart_id == cart_id)
    return {row.variant_id: row.quantity for row in db.session.execute(lines)}


def test_play_money_under_way_ends_when_a_real_provider_takes_over(
    shop: Flask, make_app: Callable[..., Flask], database_url: str
) -> None:
    product = make_product(stock=1)
    order, ref = kit.to_payment(kit.fill_cart(product))
    kit.pay(ref, "sepa_later")
    assert kit.order(order.id).payment_status is PaymentStatus.PROCESSING
    later(shop, 61)
    nobody = f"http://127.0.0.1:{free_port()}"
    real = make_app(
        DATABASE_URL=database_url, STRIPE_SECRET_KEY="sk_test_real", STRIPE_API_BASE=nobody,
        SANDBOX_CONTROL="",
    )  # fmt: skip
    with real.app_context(), pytest.raises(PaymentUnavailable):
        reconcile()
    assert kit.order(order.id).payment_status is PaymentStatus.EXPIRED
    assert kit.stock(product.variants[0].id) == (1, 0)


@both_engines
def test_a_page_that_cannot_be_looked_up_holds_up_nobody(shop: Flask) -> None:
    stuck, _ = kit.to_payment(kit.fill_cart(make_product()), email="first@example.org")
    with transaction():
        ref = update(CheckoutAttempt).values(provider_ref="cs_test_of_another_account")
        changed(ref.where(CheckoutAttempt.order_id == stuck.id))
    later(shop, 3)
    assert reconcile().failed == 1
    clock.move(1)
    assert reconcile().looked_at == 0
    clock.move(3 * 60)
    assert reconcile().failed == 1
