"""Checkout Sessions through the official library."""

import pytest
import stripe

from tests.sandboxes.stripe.kit import SHOP, World, session_params


def test_a_new_session_is_open_and_has_a_page(world: World) -> None:
    session = world.session(client_reference_id="FX-1", metadata={"order": "1"})

    assert session.status == "open"
    assert session.payment_status == "unpaid"
    assert session.url == f"{SHOP}/_sandbox/c/pay/{session.id}"
    assert session.id.startswith("cs_test_sbx")
    assert (session.amount_total, session.currency) == (2500, "eur")
    assert session.payment_intent is None
    assert session.shipping_cost is None
    assert session.metadata["order"] == "1"
    assert session.livemode is False


def test_a_paid_session_is_complete(world: World) -> None:
    session = world.session()

    answer = world.browser.pay(session)

    assert answer.status_code == 303
    assert answer.location == f"{SHOP}/done?session_id={session.id}"
    paid = world.reload(session, "payment_intent.latest_charge", "line_items")
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert paid.payment_intent.status == "succeeded"
    assert paid.payment_intent.latest_charge.payment_method_details.card.last4 == "4242"
    assert paid.line_items.data[0].description == "Candle"
    assert paid.customer_details.email == "ada@example.com"
    assert world.letterbox.types == ["checkout.session.completed"]


def test_expiring_closes_a_session_once(world: World) -> None:
    session = world.session()

    expired = world.stripe.v1.checkout.sessions.expire(session.id)

    assert (expired.status, expired.url) == ("expired", None)
    with pytest.raises(stripe.InvalidRequestError, match="has a status of `expired`"):
        world.stripe.v1.checkout.sessions.expire(session.id)
    world.sandbox.deliver_due()
    assert world.letterbox.types == ["checkout.session.expired"]


def test_a_complete_session_cannot_be_expired(world: World) -> None:
    session = world.paid()

    with pytest.raises(stripe.InvalidRequestError) as caught:
        world.stripe.v1.checkout.sessions.expire(session.id)

    assert str(caught.value.user_message) == (
        'Only Checkout Sessions with a status in ["open"] can be expired. '
        "This Checkout Session has a status of `complete`."
    )


def test_time_expires_a_session_as_soon_as_it_is_read(world: World) -> None:
    now = int(world.sandbox.now())
    session = world.session(expires_at=now + 3600)
    with world.sandbox.store.write() as tx:
        tx.set_setting("clock_offset", "3600")

    assert world.reload(session).status == "expired"
    assert world.browser.open(session).status_code == 410
    world.sandbox.deliver_due()
    assert world.letterbox.types == ["checkout.session.expired"]


def test_the_clock_expires_sessions_by_itself(world: World) -> None:
    session = world.session()

    world.sandbox.advance(24 * 3600 - 1)
    assert world.sandbox.get("checkout.session", session.id)["status"] == "open"
    world.sandbox.advance(1)

    assert world.sandbox.get("checkout.session", session.id)["status"] == "expired"


def test_sums_add_up(world: World) -> None:
    coupon = world.stripe.v1.coupons.create({"amount_off": 1000, "currency": "eur", "name": "Ten"})
    lines = [line("Chair", 3333, 3), line("Pen", 101, 1)]
    option = {
        "shipping_rate_data": {
            "display_name": "Post",
            "type": "fixed_amount",
            "fixed_amount": {"amount": 590, "currency": "eur"},
        }
    }

    session = world.session(
        line_items=lines,
        discounts=[{"coupon": coupon.id}],
        shipping_options=[option],
        expand=["line_items", "total_details.breakdown"],
    )

    assert session.amount_subtotal == 10100
    assert session.total_details.amount_discount == 1000
    assert session.total_details.amount_shipping == 590
    assert session.amount_total == 9690
    assert [item.amount_discount for item in session.line_items.data] == [990, 10]
    assert session.shipping_cost.amount_total == 590
    breakdown = session.total_details.breakdown
    assert breakdown.discounts[0].discount.source.coupon == coupon.id


def test_taxes_are_part_of_the_price_or_on_top(world: World) -> None:
    rates = [
        world.stripe.v1.tax_rates.create(
            {"display_name": "VAT", "percentage": 20, "inclusive": inclusive}
        ).id
        for inclusive in (True, False)
    ]
    lines = [
        {**line("In", 1200, 1), "tax_rates": rates[:1]},
        {**line("Out", 1000, 1), "tax_rates": rates[1:]},
    ]

    session = world.session(line_items=lines)

    assert session.total_details.amount_tax == 200 + 200
    assert session.amount_total == 1200 + 1000 + 200


def test_a_percentage_is_rounded_half_up(world: World) -> None:
    coupon = world.stripe.v1.coupons.create({"percent_off": 15})

    session = world.session(1010, discounts=[{"coupon": coupon.id}])

    assert session.total_details.amount_discount == 152
    assert session.amount_total == 858


def test_a_coupon_is_counted_when_the_session_is_paid(world: World) -> None:
    coupon = world.stripe.v1.coupons.create(
        {"amount_off": 100, "currency": "eur", "max_redemptions": 1, "id": "ONCE"}
    )
    session = world.session(discounts=[{"coupon": coupon.id}])
    assert world.stripe.v1.coupons.retrieve("ONCE").times_redeemed == 0

    world.sandbox.pay(session.id)

    assert world.stripe.v1.coupons.retrieve("ONCE").times_redeemed == 1
    with pytest.raises(stripe.InvalidRequestError) as caught:
        world.session(discounts=[{"coupon": "ONCE"}])
    assert caught.value.code == "coupon_expired"


def test_nothing_to_pay_needs_no_card(world: World) -> None:
    coupon = world.stripe.v1.coupons.create({"percent_off": 100})
    session = world.session(discounts=[{"coupon": coupon.id}])
    assert session.amount_total == 0

    page = world.browser.open(session)
    assert "sbx-number" not in page.text
    answer = world.browser.submit(f"/c/pay/{session.id}", {"email": "ada@example.com"})

    assert answer.status_code == 303
    free = world.reload(session)
    assert (free.status, free.payment_status) == ("complete", "no_payment_required")
    assert free.payment_intent is None
    assert free.customer is not None


@pytest.mark.parametrize(
    ("params", "code", "message"),
    [
        ({"payment_method_types": ["card"]}, "parameter_unknown", "Received unknown parameter"),
        ({"ui_mode": "hosted"}, "parameter_invalid", "Invalid ui_mode: must be one of"),
        ({"mode": None}, "parameter_missing", "Missing required param: mode"),
        ({"line_items": None}, "parameter_missing", "Missing required param: line_items"),
        ({"success_url": None}, "parameter_missing", "Missing required param: success_url"),
        ({"success_url": "ftp://shop.test/"}, "url_invalid", "Not a valid URL"),
        ({"success_url": "http://evil.test/"}, "url_invalid", "buyers back to http://shop.test"),
        ({"cancel_url": "http://shop.test.evil/"}, "url_invalid", "buyers back to"),
        ({"client_reference_id": "x" * 201}, None, "200 characters"),
        ({"metadata": {"k" * 41: "v"}}, "parameter_invalid", "40 characters"),
        ({"metadata": {"k": "v" * 501}}, "parameter_invalid", "500 characters"),
        ({"customer": "cus_none"}, "resource_missing", "No such customer: 'cus_none'"),
        ({"discounts": [{"coupon": "NO"}]}, "resource_missing", "No such coupon: 'NO'"),
        ({"allowed_payment_method_types": ["ideal"]}, None, "No valid payment method types"),
        ({"automatic_tax": {"enabled": True}}, None, "does not calculate taxes"),
        ({"currency": "usd"}, "parameter_invalid", "line items are in eur"),
    ],
)
def test_bad_parameters(
    world: World, params: dict[str, object], code: str | None, message: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        world.stripe.v1.checkout.sessions.create({**session_params(), **params})

    assert message in str(caught.value.user_message)
    if code:
        assert caught.value.code == code
    assert world.sandbox.objects("checkout.session") == []


def test_discounts_and_promotion_codes_exclude_each_other(world: World) -> None:
    with pytest.raises(
        stripe.InvalidRequestError,
        match="You may only specify one of these parameters: allow_promotion_codes",
    ):
        world.session(allow_promotion_codes=True, discounts=[{"coupon": "X"}])


@pytest.mark.parametrize(("seconds", "word"), [(1700, "at least 30 minutes"), (90000, "24 hours")])
def test_a_session_lives_between_half_an_hour_and_a_day(
    world: World, seconds: int, word: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=word):
        world.session(expires_at=int(world.sandbox.now()) + seconds)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (49, "usd", r"must add up to at least \$0\.50 usd"),
        (49, "eur", "at least €0.50 eur"),
        (49, "jpy", "at least ¥50 jpy"),
        (299, "sek", "at least 3.00 sek"),
    ],
)
def test_too_little_to_charge(world: World, amount: int, currency: str, text: str) -> None:
    lines = [line("Sticker", amount, 1, currency)]

    with pytest.raises(stripe.InvalidRequestError, match=text) as caught:
        world.session(line_items=lines)

    assert caught.value.code == "amount_too_small"


def test_currencies_without_minor_units(world: World) -> None:
    session = world.session(line_items=[line("Tea", 500, 1, "jpy")])

    assert session.amount_total == 500
    assert "¥500" in world.browser.open(session).text
    assert session.payment_method_types == ["card"]


def test_currencies_of_three_decimals_end_in_zero(world: World) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="divisible by 10"):
        world.session(line_items=[line("Oud", 1005, 1, "kwd")])


def test_metadata_can_be_changed(world: World) -> None:
    session = world.session(metadata={"a": "1", "b": "2"})

    changed = world.stripe.v1.checkout.sessions.update(
        session.id, {"metadata": {"a": "", "c": "3"}}
    )

    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}


def test_the_recovery_link_opens_a_fresh_session(world: World) -> None:
    session = world.session(after_expiration={"recovery": {"enabled": True}})
    expired = world.stripe.v1.checkout.sessions.expire(session.id)
    link = expired.after_expiration.recovery.url.removeprefix(f"{SHOP}/_sandbox")

    answer = world.browser.client.get(link)

    fresh = world.stripe.v1.checkout.sessions.retrieve(answer.location.rsplit("/", 1)[1])
    assert (fresh.status, fresh.recovered_from) == ("open", session.id)


def test_more_than_ten_lines_are_paged(world: World) -> None:
    session = world.session(
        line_items=[line(f"Piece {n}", 100, 1) for n in range(12)], expand=["line_items"]
    )
    assert session.line_items.has_more is True

    page = world.stripe.v1.checkout.sessions.line_items.list(session.id, {"limit": 5})

    names = [item.description for item in page.auto_paging_iter()]
    assert names == [f"Piece {n}" for n in range(12)]


def line(name: str, amount: int, quantity: int, currency: str = "eur") -> dict[str, object]:
    data = {"currency": currency, "unit_amount": amount, "product_data": {"name": name}}
    return {"price_data": data, "quantity": quantity}
