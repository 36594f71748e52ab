"""What the shop relies on and what nobody wrote down, held against the sandbox; and against Stripe
itself where STRIPE_CONTRACT_KEY is a test key and the internet is there. A difference fails."""

import pytest

from tests.contract.operations_walk import session
from tests.contract.sides import faults_of, make_coupon, open_page, priced, read_page


def courier(amount):
    rate = {
        "display_name": "Courier",
        "type": "fixed_amount",
        "fixed_amount": {"amount": amount, "currency": "eur"},
    }
    return [{"shipping_rate_data": rate}]


# -- a page's life --


def test_before_the_first_attempt_there_is_no_payment(side):
    page = open_page(side)
    assert (page.status, page.payment_status, page.payment_intent) == ("open", "unpaid", None)
    assert faults_of(page) == []


def test_a_declined_attempt_leaves_a_payment_on_an_open_page(side):
    page = open_page(side)
    side.pay(page, "declined")
    page = read_page(side, page.id)
    assert (page.status, page.payment_status) == ("open", "unpaid")
    assert page.payment_intent.status == "requires_payment_method"
    assert page.payment_intent.last_payment_error.code == "card_declined"


def test_a_paid_page(side):
    page = open_page(side)
    side.pay(page, "visa")
    page = read_page(side, page.id)
    assert (page.status, page.payment_status, page.url) == ("complete", "paid", None)
    assert page.payment_intent.status == "succeeded"
    assert page.payment_intent.latest_charge.payment_method_details.card.last4 == "4242"
    assert page.payment_intent.amount_received == page.amount_total == 14900


def test_a_page_can_be_closed_while_the_bank_asks(side):
    page = open_page(side)
    side.pay(page, "3ds")
    assert read_page(side, page.id).payment_intent.status == "requires_action"
    assert side.client.v1.checkout.sessions.expire(page.id).status == "expired"
    assert read_page(side, page.id).payment_intent.status == "canceled"


def test_the_lines_of_an_open_page_cannot_be_changed(side):
    page = open_page(side)
    error = side.error(
        lambda c: c.v1.checkout.sessions.update(page.id, {"line_items": [{"quantity": 2}]})
    )
    assert error.http_status == 400


def test_a_page_offers_delivery_without_asking_for_an_address(side):
    page = open_page(side, shipping_options=courier(900))
    assert page.amount_total == 14900 + 900
    assert page.shipping_cost.amount_total == 900


# -- totals --


def test_a_page_for_nothing_is_unpaid_until_it_is_complete(side):
    coupon = make_coupon(side, percent_off=100)
    page = open_page(side, discounts=[{"coupon": coupon}])
    assert (page.amount_total, page.status) == (0, "open")
    assert page.payment_status == "unpaid"


def test_a_percentage_is_rounded_half_up_over_the_whole(side):
    coupon = make_coupon(side, percent_off=15)
    page = open_page(side, line_items=priced(333, 333, 337), discounts=[{"coupon": coupon}])
    assert page.total_details.amount_discount == 150  # of 150.45
    page = open_page(side, line_items=priced(333, 333, 334), discounts=[{"coupon": coupon}])
    assert page.total_details.amount_discount == 150
    page = open_page(side, line_items=priced(335, 335, 340), discounts=[{"coupon": coupon}])
    assert page.total_details.amount_discount == 152  # of 151.5


def test_an_amount_off_comes_off_to_the_unit(side):
    coupon = make_coupon(side, amount_off=100)
    page = open_page(side, line_items=priced(333, 333, 334), discounts=[{"coupon": coupon}])
    assert page.total_details.amount_discount == 100
    assert page.amount_total == 900


def test_a_coupon_does_not_touch_the_delivery(side):
    coupon = make_coupon(side, amount_off=5000)
    page = open_page(
        side,
        line_items=priced(2000),
        discounts=[{"coupon": coupon}],
        shipping_options=courier(900),
    )
    assert (page.total_details.amount_discount, page.amount_total) == (2000, 900)


def test_a_coupon_for_one_use_opens_two_pages_and_is_used_up_by_the_first_payment(side):
    coupon = make_coupon(side, amount_off=500, max_redemptions=1)
    first = open_page(side, discounts=[{"coupon": coupon}])
    assert open_page(side, discounts=[{"coupon": coupon}]).status == "open"
    side.pay(first, "visa")
    error = side.error(
        lambda c: c.v1.checkout.sessions.create(session(discounts=[{"coupon": coupon}]))
    )
    assert error.http_status == 400


@pytest.mark.parametrize(
    ("currency", "amount", "works"),
    [
        ("eur", 49, False),
        ("eur", 50, True),
        ("usd", 49, False),
        ("gbp", 30, True),
        ("thb", 999, False),
        ("thb", 1000, True),
        ("jpy", 49, False),
        ("jpy", 50, True),
        ("huf", 17499, False),
        ("isk", 10_000, True),
        ("ugx", 500_000, True),
        ("kwd", 5_000, True),
    ],
)
def test_the_least_that_can_be_paid(side, currency, amount, works):
    items = priced(amount, currency=currency)
    if works:
        assert open_page(side, line_items=items).amount_total == amount
        return
    error = side.error(lambda c: c.v1.checkout.sessions.create(session(line_items=items)))
    assert (error.http_status, error.code) == (400, "amount_too_small")
    assert "must add up to at least" in str(error.user_message)


def test_isk_is_sent_with_two_empty_decimals_and_kwd_with_a_last_zero(side):
    for currency, amount in (("isk", 10_050), ("kwd", 5_001)):
        items = priced(amount, currency=currency)
        error = side.error(lambda c, i=items: c.v1.checkout.sessions.create(session(line_items=i)))
        assert error.http_status == 400
