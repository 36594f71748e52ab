import json
import random

import pytest

from shop.payments.errors import NotPayable
from shop.payments.page_request import Line, Shipping
from shop.payments.stripe.limits import LARGEST_CHARGE, UnsupportedCurrency
from shop.payments.stripe.params import public_images, session_params, stripe_locale


def make_params(**changes):
    lines = changes.pop("lines", [Line("Scarf", 2, 14900)])
    shipping = changes.get("shipping")
    given = {
        "reference": "MF-1001",
        "attempt_id": "a1",
        "lines": lines,
        "currency": "EUR",
        "total": sum(line.amount for line in lines)
        - changes.get("discount_amount", 0)
        + (shipping.amount if shipping else 0),
        "expires_at": 1_900_000_000,
        "success_url": "https://shop.example/checkout/success",
        "cancel_url": "https://shop.example/checkout/cancel",
        **changes,
    }
    return session_params(**given)


def test_the_whole_of_a_plain_order():
    assert make_params(shipping=Shipping("Courier", 900), customer_email="a@b.example") == {
        "mode": "payment",
        "client_reference_id": "MF-1001",
        "line_items": [
            {
                "quantity": 2,
                "price_data": {
                    "currency": "eur",
                    "unit_amount": 14900,
                    "product_data": {"name": "Scarf"},
                },
            }
        ],
        "success_url": "https://shop.example/checkout/success?session_id={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://shop.example/checkout/cancel",
        "expires_at": 1_900_000_000,
        "locale": "auto",
        "metadata": {"order": "MF-1001", "attempt_id": "a1"},
        "payment_intent_data": {
            "description": "Order MF-1001",
            "metadata": {"order": "MF-1001", "attempt_id": "a1"},
        },
        "adaptive_pricing": {"enabled": False},
        "shipping_options": [
            {
                "shipping_rate_data": {
                    "type": "fixed_amount",
                    "display_name": "Courier",
                    "fixed_amount": {"amount": 900, "currency": "eur"},
                }
            }
        ],
        "customer_email": "a@b.example",
    }


def test_survives_being_frozen_as_json():
    params = make_params(shipping=Shipping("Courier", 0), methods=["card"])
    assert json.loads(json.dumps(params)) == params


def test_a_synced_product_is_named_by_its_id_and_nothing_else():
    line = Line(
        "Scarf", 1, 14900, product_ref="shop_x_7", description="Silk", images=("https://a.b/c",)
    )
    price = make_params(lines=[line])["line_items"][0]["price_data"]
    assert price == {"currency": "eur", "unit_amount": 14900, "product": "shop_x_7"}


def test_an_unsynced_product_describes_itself():
    line = Line(
        "Scarf\n  long",
        1,
        14900,
        description="Silk  twill",
        images=("http://localhost/a.webp", "https://shop.example/a.webp"),
        metadata={"sku": "S-1"},
    )
    assert make_params(lines=[line])["line_items"][0]["price_data"]["product_data"] == {
        "name": "Scarf long",
        "description": "Silk twill",
        "images": ["https://shop.example/a.webp"],
        "metadata": {"sku": "S-1"},
    }


def test_long_names_are_cut_and_empty_ones_filled():
    names = [
        item["price_data"]["product_data"]["name"]
        for item in make_params(lines=[Line("x" * 300, 1, 100), Line(" ", 1, 100)])["line_items"]
    ]
    assert [len(name) for name in names] == [250, 1]


def test_a_hundred_lines_stay_and_one_more_becomes_a_summary():
    lines = [Line(f"Item {n}", 2, 100 + n) for n in range(101)]
    assert len(make_params(lines=lines[:100])["line_items"]) == 100
    [summary] = make_params(lines=lines)["line_items"]
    assert summary["quantity"] == 1
    assert summary["price_data"]["unit_amount"] == sum(line.amount for line in lines)
    assert summary["price_data"]["product_data"]["name"] == "Order MF-1001, 202 items"


def test_a_discount_is_one_coupon():
    params = make_params(discount_coupon="d-a1", discount_amount=1000)
    assert params["discounts"] == [{"coupon": "d-a1"}]
    assert "allow_promotion_codes" not in params


@pytest.mark.parametrize(
    "changes",
    [
        {"total": 29799},
        {"lines": []},
        {"lines": [Line("Scarf", 0, 100)], "total": 100},
        {"lines": [Line("Scarf", 1, -100), Line("Scarf", 1, 300)]},
        {"discount_coupon": "d", "discount_amount": 30000},
        {"discount_coupon": "d"},
        {"discount_amount": 100},
        {"shipping": Shipping("Courier", -1)},
        {"metadata": {"k[0]": "v"}},
        {"metadata": {"k" * 41: "v"}},
        {"metadata": {"k": "v" * 501}},
        {"metadata": {f"k{n}": "v" for n in range(49)}},
        {"success_url": "https://shop.example/ok?session_id=%7BCHECKOUT_SESSION_ID%7D"},
    ],
)
def test_what_does_not_add_up_is_our_mistake(changes):
    with pytest.raises(ValueError, match=r"\w"):
        make_params(**changes)


@pytest.mark.parametrize(
    ("currency", "amount"), [("EUR", 0), ("EUR", 49), ("JPY", 49), ("USD", LARGEST_CHARGE + 1)]
)
def test_totals_that_stripe_never_takes(currency, amount):
    with pytest.raises(NotPayable):
        make_params(currency=currency, lines=[Line("Scarf", 1, amount)])


def test_yen_are_sent_as_yen():
    price = make_params(currency="jpy", lines=[Line("Scarf", 1, 500)])["line_items"][0][
        "price_data"
    ]
    assert (price["currency"], price["unit_amount"]) == ("jpy", 500)


def test_three_decimals_are_refused():
    with pytest.raises(UnsupportedCurrency):
        make_params(currency="KWD")


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("https://s.example/ok", "https://s.example/ok?session_id={CHECKOUT_SESSION_ID}"),
        ("https://s.example/ok?a=1", "https://s.example/ok?a=1&session_id={CHECKOUT_SESSION_ID}"),
        (
            "https://s.example/ok?s={CHECKOUT_SESSION_ID}",
            "https://s.example/ok?s={CHECKOUT_SESSION_ID}",
        ),
    ],
)
def test_the_success_url_carries_the_literal_placeholder(given, sent):
    assert make_params(success_url=given)["success_url"] == sent


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("en", "en"),
        ("en_GB", "en-GB"),
        ("en_IE", "en"),
        ("fr_FR", "fr"),
        ("fr-ca", "fr-CA"),
        ("pt_BR", "pt-BR"),
        ("no", "nb"),
        ("nb_NO", "nb"),
        ("tlh", "auto"),
        ("", "auto"),
        ("auto", "auto"),
    ],
)
def test_the_locale_is_the_nearest_that_stripe_speaks(ours, theirs):
    assert stripe_locale(ours) == theirs


def test_only_pictures_the_public_can_fetch_are_sent():
    kept = [f"https://shop.example/{n}.webp" for n in range(9)]
    refused = [
        "http://shop.example/a.webp",
        "https://localhost/a.webp",
        "https://127.0.0.1/a.webp",
        "https://shop.local/a.webp",
        "/media/a.webp",
    ]
    assert public_images([*refused, *kept]) == kept[:8]


def random_order(chance):
    """Return lines, delivery and discount of an order that can be paid."""
    lines = [
        Line(f"Piece {n}", chance.randint(1, 9), chance.randint(1, 90_000))
        for n in range(chance.randint(1, 12))
    ]
    worth = sum(line.amount for line in lines)
    shipping = Shipping("Courier", chance.choice([0, 490, 900])) if chance.random() < 0.8 else None
    least = max(0, 50 - (shipping.amount if shipping else 0))
    discount = chance.randint(0, max(0, worth - least)) if chance.random() < 0.5 else 0
    return lines, shipping, discount if worth - discount >= least else 0


def test_ten_thousand_orders_are_sent_to_the_unit():
    chance = random.Random(41)
    for _ in range(10_000):
        lines, shipping, discount = random_order(chance)
        total = sum(line.amount for line in lines) - discount + (shipping.amount if shipping else 0)
        if total < 50:
            continue
        params = make_params(
            lines=lines,
            shipping=shipping,
            discount_coupon="d" if discount else None,
            discount_amount=discount,
        )
        sent = sum(
            item["quantity"] * item["price_data"]["unit_amount"] for item in params["line_items"]
        )
        for option in params.get("shipping_options", []):
            sent += option["shipping_rate_data"]["fixed_amount"]["amount"]
        assert sent - discount == total


def test_what_is_sent_is_what_the_page_asks_for(bench):
    chance = random.Random(43)
    for number in range(30):
        lines, shipping, discount = random_order(chance)
        total = sum(line.amount for line in lines) - discount + (shipping.amount if shipping else 0)
        if total < 50:
            continue
        coupon = f"d-{number}" if discount else None
        if coupon:
            bench.gateway.ensure_discount(coupon, amount=discount, currency="EUR")
        page = bench.open_page(
            lines=lines, shipping=shipping, discount_coupon=coupon, discount_amount=discount
        )
        assert page.amount == total
