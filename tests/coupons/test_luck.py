"""Try your luck: who wins, for how long, and what becomes of a prize."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from shop.cart.coupons import remove_coupon, try_luck
from shop.cart.merge import merge_carts
from shop.cart.owner import CartOwner
from shop.cart.services import add_item, remove_item
from shop.core import clock
from shop.core.clock import now
from shop.core.config import config
from shop.core.db import db, transaction
from shop.core.errors import CartEmpty, CartError, CouponError, TooManyRequests
from shop.coupons.luck import Prize, find_prize, return_expired
from shop.coupons.reading import read_events
from shop.coupons.terms import Refusal
from shop.customers.booking import follow_account
from shop.models import Cart, CartItem, LuckySlot, Order, PaymentStatus, Provider, ShopState, User
from shop.orders.payment.end import end_dead_attempt
from shop.orders.services import cancel_order, fulfil, refund_order, sweep
from shop.settings.services import set_setting
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.coupons.kit import apply, uses, view
from tests.factories import make_product
from tests.orders import kit
from tests.sql import counted

EVERY = 5


@pytest.fixture(autouse=True)
def shop(app: Flask) -> Flask:
    with app.app_context():
        kit.open_shop()
        set_setting("nth_order", str(EVERY), user_id=None)
        kit.lift_limits()
    return app


@pytest.fixture
def inside(shop: Flask, ctx: Flask) -> Flask:
    return ctx


def cart() -> int:
    return kit.fill_cart(make_product(stock=50, price=10_000))


def draw(cart_id: int, ip: str = "") -> Prize | None:
    db.session.close()
    return try_luck(cart_id, ip=ip or f"198.51.100.{cart_id % 250}")


def settle(ref: str) -> None:
    """Pay, and land on the success page: events are signed with a time, which tests move."""
    kit.pay(ref, deliver=False)
    fulfil(Provider.SANDBOX, ref)
    db.session.close()


def buy(cart_id: int = 0, **changes: object) -> Order:
    cart_id = cart_id or cart()
    total = view(cart_id).totals.amount_total
    order, ref = kit.to_payment(cart_id, seen_total=total, **changes)
    settle(ref)
    return order


def count_to(number: int) -> None:
    """Sell until so many orders were paid."""
    while (db.session.scalar(select(ShopState.paid_count)) or 0) < number:
        buy()


def log() -> list[tuple[int, str, str]]:
    db.session.close()
    return [
        (event.slot, str(event.kind), event.note) for event in read_events(config().database_url)
    ]


def state(slot: int) -> str:
    db.session.close()
    return str(db.session.get_one(LuckySlot, slot).state)


def test_the_fifth_order_wins_and_no_other(inside: Flask) -> None:
    for number in range(EVERY - 1):
        assert draw(cart()) is None, number
        buy()
    lucky = cart()
    prize = draw(lucky)
    assert prize is not None
    assert (prize.slot, prize.percent_bp) == (EVERY, 1000)
    assert prize.ends_at is not None
    assert timedelta(minutes=9, seconds=58) < prize.ends_at - now() <= timedelta(minutes=10)
    assert draw(cart()) is None, "its slot has an owner"
    seen = view(lucky)
    assert seen.totals.amount_discount == 1000
    order = buy(lucky)
    assert order.coupon_code == prize.code
    assert state(EVERY) == "redeemed"
    assert uses(prize.code) == (1, ["committed"])
    assert log() == [(EVERY, "granted", ""), (EVERY, "redeemed", "")]


def test_clicking_again_returns_the_same_prize_and_end(inside: Flask) -> None:
    count_to(EVERY - 1)
    lucky = cart()
    first = draw(lucky)
    clock.move(120)
    remove_coupon(lucky)
    for _ in range(10):  # a winner is not slowed down
        again = draw(lucky)
        assert again == first
    assert view(lucky).totals.amount_discount == 1000, "and it is in the bag again"


@both_engines
def test_a_prize_goes_back_after_ten_minutes_and_its_code_is_dead(inside: Flask) -> None:
    count_to(EVERY - 1)
    lucky = cart()
    prize = draw(lucky)
    assert prize is not None
    clock.move(599)
    assert view(lucky).totals.amount_discount == 1000
    clock.move(2)
    lost = view(lucky).coupon
    assert lost is not None
    assert lost.refusal is Refusal.LOST
    with pytest.raises(CouponError):
        kit.place(lucky)
    assert return_expired() == 1
    assert return_expired() == 0
    assert state(EVERY) == "returned"
    other = cart()
    with pytest.raises(CouponError):
        apply(other, prize.code)
    again = draw(other)
    assert again is not None
    assert (again.slot, again.code == prize.code) == (EVERY, False)
    assert log() == [(EVERY, "granted", ""), (EVERY, "returned", "expired"), (EVERY, "granted", "")]


def test_a_returned_prize_is_won_later_whatever_the_count(inside: Flask) -> None:
    count_to(EVERY - 1)
    assert draw(cart()) is not None
    clock.move(601)
    count_to(EVERY + 1)
    prize = draw(cart())
    assert prize is not None
    assert prize.slot == EVERY
    assert draw(cart()) is None


def test_a_slot_nobody_drew_lapses_and_never_comes_back(inside: Flask) -> None:
    count_to(EVERY)
    assert state(EVERY) == "lapsed"
    assert log() == [(EVERY, "lapsed", "")]
    assert draw(cart()) is None


def test_the_code_works_for_its_owner_alone(inside: Flask) -> None:
    count_to(EVERY - 1)
    prize = draw(cart())
    assert prize is not None
    with pytest.raises(CouponError, match="cannot be used"):
        apply(cart(), prize.code)


def test_checkout_keeps_the_prize_beyond_its_minutes(inside: Flask) -> None:
    count_to(EVERY - 1)
    lucky = cart()
    prize = draw(lucky)
    assert prize is not None
    total = view(lucky).totals.amount_total
    order, ref = kit.to_payment(lucky, seen_total=total)
    clock.move(25 * 60)
    return_expired()
    kept = draw(lucky)
    assert kept is not None
    assert (kept.code, kept.ends_at) == (prize.code, None)
    settle(ref)
    paid = kit.order(order.id)
    assert (paid.payment_status, paid.amount_discount) == (PaymentStatus.PAID, 1000)
    assert state(EVERY) == "redeemed"


@both_engines
def test_starting_again_carries_the_prize_along(inside: Flask) -> None:
    count_to(EVERY - 1)
    lucky = cart()
    draw(lucky)
    total = view(lucky).totals.amount_total
    first, _ = kit.to_payment(lucky, seen_total=total)
    clock.move(15 * 60)
    second, ref = kit.to_payment(lucky, seen_total=total, phone="+33 1")
    assert second.id != first.id
    assert state(EVERY) == "held"
    settle(ref)
    assert state(EVERY) == "redeemed"
    assert [kind for _, kind, _ in log()] == ["granted", "redeemed"]


def test_starting_again_without_it_gives_it_back(inside: Flask) -> None:
    count_to(EVERY - 1)
    lucky = cart()
    draw(lucky)
    kit.to_payment(lucky, seen_total=view(lucky).totals.amount_total)
    clock.move(15 * 60)
    remove_coupon(lucky)
    buy(lucky)
    assert state(EVERY) == "returned"
    assert [kind for _, kind, _ in log()] == ["granted", "returned"]


@pytest.mark.parametrize("minutes", [2, 15])
def test_a_canceled_checkout_gives_the_prize_back_once(inside: Flask, minutes: int) -> None:
    count_to(EVERY - 1)
    lucky = cart()
    draw(lucky)
    order, _ = kit.to_payment(lucky, seen_total=view(lucky).totals.amount_total)
    clock.move(minutes * 60)
    cancel_order(order.id)
    sweep()
    if minutes < 10:
        assert state(EVERY) == "granted", "its minutes are not over"
        assert view(lucky).totals.amount_discount == 1000
        clock.move(600)
        assert return_expired() == 1
    assert state(EVERY) == "returned"
    assert [kind for _, kind, _ in log()] == ["granted", "returned"]


@both_engines
def test_an_abandoned_payment_gives_the_prize_back_once(inside: Flask) -> None:
    count_to(EVERY - 1)
    lucky = cart()
    draw(lucky)
    kit.to_payment(lucky, seen_total=view(lucky).totals.amount_total)
    clock.move(32 * 60)
    sweep()
    sweep()
    assert state(EVERY) == "returned"
    assert [kind for _, kind, _ in log()] == ["granted", "returned"]


def test_starting_the_checkout_anew_keeps_a_prize_for_an_hour_only(inside: Flask) -> None:
    count_to(EVERY - 1)
    lucky = cart()
    draw(lucky)
    for street in ("1 rue A", "2 rue B", "3 rue C"):
        total = view(lucky).totals.amount_total
        order, _ = kit.to_payment(lucky, seen_total=total, address={"line1": street})
        assert order.amount_discount == 1000
        clock.move(20.5 * 60)
        kit.sandbox_of(inside).advance(20.5 * 60)
    assert view(lucky).totals.amount_discount == 0
    assert find_prize(lucky) is None
    last = kit.newest_attempt(order.id)
    assert (state(EVERY), last.state) == ("held", "open"), "what is open stays as it is"
    with pytest.raises(CouponError):
        kit.place(lucky, seen_total=total, address={"line1": "4 rue D"})
    kit.pay(last.provider_ref or "", deliver=False)
    fulfil(Provider.SANDBOX, last.provider_ref or "")
    assert state(EVERY) == "redeemed"


def test_money_that_comes_late_is_honoured_and_uses_the_prize_once(inside: Flask) -> None:
    count_to(EVERY - 1)
    lucky = cart()
    draw(lucky)
    order, ref = kit.to_payment(lucky, seen_total=view(lucky).totals.amount_total)
    kit.pay(ref, deliver=False)
    clock.move(11 * 60)
    end_dead_attempt(kit.newest_attempt(order.id).id, "expired")
    assert state(EVERY) == "returned"
    other = cart()
    again = draw(other)
    assert again is not None
    fulfil(Provider.SANDBOX, ref)
    assert kit.order(order.id).amount_paid == order.amount_total
    assert state(EVERY) == "granted", "the prize is another's now"
    buy(other)
    assert state(EVERY) == "redeemed"


def test_refunds_never_count_back(inside: Flask) -> None:
    count_to(EVERY - 1)
    order = buy()
    refund_order(order.id, order.amount_total, form_token="t")
    assert db.session.scalar(select(ShopState.paid_count)) == EVERY


def test_the_prize_follows_its_bag_at_sign_in(inside: Flask) -> None:
    count_to(EVERY - 1)
    lucky = cart()
    prize = draw(lucky)
    token_hash = db.session.scalar(select(Cart.token_hash).where(Cart.id == lucky)) or ""
    with transaction() as session:
        user = User(email="a@b.c", email_key="a@b.c", password_hash="x")
        session.add(user)
        session.flush()
        follow_account(user_id := user.id)
    mine = add_item(CartOwner(user_id=user_id), make_product().variants[0].id, 1).cart_id
    merge_carts(token_hash, user_id)
    assert draw(mine) == prize
    assert view(mine).totals.amount_discount > 0


def account(email: str = "ada@example.org") -> tuple[int, int]:
    """Return a customer and their bag."""
    with transaction() as session:
        user = User(email=email, email_key=email, password_hash="x")
        session.add(user)
        session.flush()
        follow_account(user_id := user.id)
    piece = make_product("Theirs", stock=9, price=10_000).variants[0].id
    return user_id, add_item(CartOwner(user_id=user_id), piece, 1).cart_id


def merge(guest: int, user_id: int) -> None:
    token = db.session.scalar(select(Cart.token_hash).where(Cart.id == guest)) or ""
    merge_carts(token, user_id)
    db.session.close()


@both_engines
def test_a_prize_whose_order_stays_behind_at_sign_in_comes_back_to_its_winner(
    inside: Flask,
) -> None:
    """Both bags have an order that waits: the guest's keeps the prize, for as long as it lives."""
    set_setting("nth_order", "1", user_id=None)
    user_id, mine = account()
    kit.to_payment(mine, user_id=user_id, email="ada@example.org")
    guest = cart()
    prize = draw(guest)
    order, _ = kit.to_payment(guest, seen_total=view(guest).totals.amount_total)
    merge(guest, user_id)
    assert find_prize(mine) is None
    clock.move(120)
    cancel_order(order.id)
    assert prize is not None
    assert find_prize(mine) == prize, "eight of its ten minutes are left"


def test_two_bags_with_prizes_become_one(inside: Flask) -> None:
    """The card shows the prize that the bag carries; the other is there once that is gone."""
    set_setting("nth_order", "1", user_id=None)
    user_id, mine = account()
    first = draw(mine)
    buy()
    guest = cart()
    second = draw(guest)
    merge(guest, user_id)
    carried = view(mine, user_id=user_id, email_key="ada@example.org").coupon
    assert second is not None
    assert carried is not None
    assert carried.code == second.code
    assert find_prize(mine) == second
    remove_coupon(mine)
    assert find_prize(mine) == first


@pytest.mark.parametrize("instrument", ["sepa_later", "sepa_fails_later"])
def test_a_prize_goes_with_a_payment_that_is_on_its_way(inside: Flask, instrument: str) -> None:
    """It leaves the bag with the pieces; if the money fails in time it comes back to its winner."""
    set_setting("nth_order", "1", user_id=None)
    mine = cart()
    prize = draw(mine)
    order, ref = kit.to_payment(mine, seen_total=view(mine).totals.amount_total)
    kit.pay(ref, instrument, deliver=False)
    fulfil(Provider.SANDBOX, ref)
    db.session.close()
    assert kit.order(order.id).payment_status is PaymentStatus.PROCESSING
    assert view(mine).is_empty
    assert find_prize(mine) is None
    assert draw_again(mine) is None, "its slot has an owner"
    clock.move(200)
    kit.sandbox_of(inside).advance(200)
    fulfil(Provider.SANDBOX, ref)
    db.session.close()
    is_paid = instrument == "sepa_later"
    assert (state(1) == "redeemed") is is_paid
    assert (find_prize(mine) == prize) is not is_paid
    carried = view(mine).coupon
    assert (carried and carried.code) == (None if is_paid else prize and prize.code)


def draw_again(cart_id: int) -> Prize | None:
    """Draw with another piece in the bag."""
    with transaction() as session:
        variant = make_product("Another", stock=5).variants[0]
        session.add(CartItem(cart_id=cart_id, variant_id=variant.id, quantity=1, seen_amount=1))
    return draw(cart_id)


def test_a_loss_takes_the_same_statements_whatever_the_count(inside: Flask) -> None:
    """Also when the next order is a lucky one, whose prize somebody else has."""
    set_setting("nth_order", "2", user_id=None)
    buy()
    assert draw(cart()) is not None
    losers = [cart(), cart()]
    with counted(inside) as of_the_lucky:
        assert draw(losers[0]) is None
    buy()
    with counted(inside) as of_another:
        assert draw(losers[1]) is None
    assert len(of_the_lucky) == len(of_another)


def test_another_nth_order_in_mid_course_gives_no_slot_twice(inside: Flask) -> None:
    count_to(EVERY - 1)
    first = cart()
    prize = draw(first)
    assert prize is not None
    for every in (1, 7, 3, EVERY):
        set_setting("nth_order", str(every), user_id=None)
        assert draw(first) == prize
        assert draw(cart()) is None, every
    buy(first)
    set_setting("nth_order", "3", user_id=None)
    second = draw(cart())
    assert second is not None
    assert second.slot == EVERY + 1
    assert [(slot, kind) for slot, kind, _ in log()] == [
        (EVERY, "granted"), (EVERY, "redeemed"), (EVERY + 1, "granted"),
    ]  # fmt: skip


def test_off_is_off(inside: Flask) -> None:
    set_setting("nth_order", "0", user_id=None)
    with pytest.raises(CartError, match="nothing to win"):
        draw(cart())


def test_a_prize_that_was_won_outlives_the_game(shop: Flask, client: ShopClient) -> None:
    bag(client, shop)
    with shop.app_context():
        count_to(EVERY - 1)
    client.submit("/cart/luck", {}, page="/cart")
    with shop.app_context():
        set_setting("nth_order", "0", user_id=None)
    page = client.get("/cart").text
    assert "You drew the lucky card" in page
    assert 'role="timer"' in page
    assert client.submit("/cart/luck", {}, page="/cart").status_code == 303
    client.submit("/cart/coupon/delete", {}, page="/cart")
    assert "lucky card" not in client.get("/cart").text
    assert client.submit("/cart/luck", {}, page="/cart").status_code == 303
    assert "You drew the lucky card" in client.get("/cart").text


def test_every_order_can_win(inside: Flask) -> None:
    set_setting("nth_order", "1", user_id=None)
    for number in (1, 2, 3):
        lucky = cart()
        prize = draw(lucky)
        assert prize is not None
        assert prize.slot == number
        buy(lucky)


@both_engines
def test_an_empty_bag_draws_nothing(inside: Flask) -> None:
    count_to(EVERY - 1)
    emptied = cart()
    remove_item(emptied, db.session.scalars(select(CartItem.id)).one())
    for cart_id in (None, emptied):
        db.session.close()
        with pytest.raises(CartEmpty):
            try_luck(cart_id, ip="198.51.100.7")
    assert log() == []


def test_who_loses_waits_after_five_draws_in_a_minute(inside: Flask) -> None:
    mine = cart()
    for _ in range(5):
        assert draw(mine) is None
    with pytest.raises(TooManyRequests):
        draw(mine)
    with pytest.raises(TooManyRequests):
        draw(cart(), ip=f"198.51.100.{mine % 250}")
    clock.move(61)
    assert draw(mine) is None


def bag(client: ShopClient, app: Flask) -> None:
    with app.app_context():
        variant = make_product(stock=50, price=10_000).variants[0].id
    client.submit("/cart/items", {"variant_id": variant}, page="/cart")


def bare(html: str) -> str:
    """Return a page without its CSRF tokens."""
    return re.sub(r'(name="csrf_token"[^>]*value=")[^"]+', r"\1", html)


def test_the_losing_answer_tells_nothing_of_the_count(shop: Flask) -> None:
    with shop.app_context():
        variant = make_product(stock=50, price=10_000).variants[0].id
    answers = set()
    for paid in range(EVERY):
        with shop.app_context():
            count_to(paid)
            if paid == EVERY - 1:
                assert draw(cart()) is not None, "the next prize has an owner"
        for headers in ({}, {"HX-Request": "true", "HX-Target": "cart"}):
            clock.move(61)
            answers.add((bool(headers), lose(shop.test_client(), variant, headers)))
    assert len(answers) == 2


def lose(client: ShopClient, variant: int, headers: dict[str, str]) -> str:
    """Draw with a new bag; return the answer without what names the bag."""
    client.submit("/cart/items", {"variant_id": variant, "quantity": "1"}, page="/cart")
    client.get("/cart")  # the flash of the first step has been shown
    answer = client.submit("/cart/luck", {}, page="/cart", headers=headers)
    assert answer.status_code == (200 if headers else 303)
    page = answer.text if headers else client.get("/cart").text
    assert "Better luck next time" in page
    return re.sub(r"/cart/items/\d+|(cart|bag-body)-\d+", "", bare(page))


def test_the_page_shows_the_odds_the_prize_and_its_time(shop: Flask, client: ShopClient) -> None:
    bag(client, shop)
    assert "One order in 5 can win" in client.get("/cart").text
    with shop.app_context():
        count_to(EVERY - 1)
    client.submit("/cart/luck", {}, page="/cart")
    page = client.get("/cart").text
    assert "You drew the lucky card" in page
    assert re.search(r'role="timer"[^>]*data-until="\d+" data-now="\d+">10 minutes<', page)
    clock.move(400)
    assert ">4 minutes<" in client.get("/cart").text
    assert re.search(r"LUCKY-\w{5}-\w{4}-\w{4}", page)


def test_slowed_down_with_a_time(shop: Flask, client: ShopClient) -> None:
    bag(client, shop)
    for _ in range(5):
        assert client.submit("/cart/luck", {}, page="/cart").status_code == 303
    refused = client.submit("/cart/luck", {}, page="/cart")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 60


@both_engines
def test_the_log_as_a_command(shop: Flask) -> None:
    empty = shop.test_cli_runner().invoke(args=["luck", "log"])
    assert (empty.stdout, empty.exit_code) == ("", 0)
    assert "Nobody has won" in empty.stderr
    with shop.app_context():
        count_to(EVERY - 1)
        draw(cart())
    out = shop.test_cli_runner().invoke(args=["luck", "log"]).output
    assert "order 5 · granted · 4 paid · one in 5" in out
    listed = shop.test_cli_runner().invoke(args=["coupons", "list"]).output
    assert re.fullmatch(r"LUCKY-\S+ · 10 % · used 0 of 1 · prize\n", listed)
