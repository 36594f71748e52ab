"""10,000 random carts: the lines less the discount, with delivery and tax, come to the total; every
hundredth is sent to the sandbox, which charges just that, to the unit."""

import random
import time
from uuid import uuid4

import pytest
from flask import Flask

from shop.core.clock import now
from shop.coupons.terms import DiscountableLine, Terms, evaluate
from shop.models import CouponKind, TaxClass, TaxMode
from shop.payments.current import gateway
from shop.payments.page_request import Line, Shipping
from shop.payments.stripe.limits import is_chargeable
from shop.payments.stripe.params import session_params
from shop.pricing import PriceLine, TaxRules, Totals, price

CARTS = 10_000
PARTS = 10  # so that both workers share them
CURRENCIES = ("EUR", "JPY", "USD", "HUF")
RATES = (0, 550, 700, 1000, 1500, 1900, 2000, 2550, 3333)
CLASSES = tuple(TaxClass)
AMOUNTS = (1, 3, 33, 99, 100, 333, 999, 1999, 12_345, 900_000)


def lines_of(chance: random.Random) -> list[PriceLine]:
    return [
        PriceLine(
            key, chance.randint(1, 9), chance.choice(AMOUNTS) + chance.randint(0, 7),
            chance.choice(CLASSES),
        )
        for key in range(1, chance.randint(1, 8) + 1)
    ]  # fmt: skip


def terms_of(chance: random.Random, lines: list[PriceLine]) -> Terms | None:
    """Return a coupon of any kind and scope, or none."""
    kind = chance.choice([None, *CouponKind])
    if kind is None:
        return None
    scope = frozenset(line.key for line in lines if chance.random() < 0.6)
    return Terms(
        coupon_id=1, code="X", kind=kind,
        percent_bp=chance.choice([1, 333, 1000, 1500, 3333, 9999, 10_000])
        if kind is CouponKind.PERCENT else 0,
        amount_off=chance.choice(AMOUNTS) if kind is CouponKind.AMOUNT else 0,
        starts_at=None, ends_at=None, minimum_amount=chance.choice([0, 0, 500, 5000]),
        usage_limit=None, per_customer_limit=None, used=0, used_by_customer=0,
        is_first_order_only=False, has_ordered=False, is_active=True,
        product_ids=scope if chance.random() < 0.5 else frozenset(),
    )  # fmt: skip


def priced(chance: random.Random) -> tuple[list[PriceLine], Totals, TaxMode, int]:
    """Return a random cart with its totals, as the bag and the order make them."""
    lines = lines_of(chance)
    terms = terms_of(chance, lines)
    pieces = [DiscountableLine(line.key, line.key, None, line.amount) for line in lines]
    discount = evaluate(terms, pieces, now()).discount if terms else None
    mode = chance.choice([TaxMode.INCLUSIVE, TaxMode.EXCLUSIVE])
    tax = TaxRules(mode, {tax_class: chance.choice(RATES) for tax_class in CLASSES})
    shipping = chance.choice([0, 0, 1, 590, 1900])
    totals = price(lines, tax=tax, shipping_amount=shipping, discount=discount)
    return lines, totals, mode, shipping


def charged(lines: list[PriceLine], totals: Totals, mode: TaxMode, currency: str) -> int:
    """Return what the sandbox asks for the cart."""
    attempt = str(uuid4())
    items = [Line(f"Piece {line.key}", line.quantity, line.unit_amount) for line in lines]
    if mode is TaxMode.EXCLUSIVE and totals.amount_tax:
        items.append(Line("Tax", 1, totals.amount_tax))
    coupon = f"order-{attempt}" if totals.amount_discount else None
    if coupon:
        gateway("sandbox").ensure_discount(coupon, amount=totals.amount_discount, currency=currency)
    params = session_params(
        reference="MF-TEST-TEST",
        attempt_id=attempt,
        lines=items,
        currency=currency,
        total=totals.amount_total,
        shipping=Shipping("Parcel", totals.amount_shipping),
        discount_coupon=coupon,
        discount_amount=totals.amount_discount,
        expires_at=int(time.time()) + 3600,
        success_url="http://localhost/checkout/success",
        cancel_url="http://localhost/checkout/cancel",
    )
    return gateway("sandbox").create_session(params, attempt).amount


@pytest.mark.parametrize("part", range(PARTS))
def test_a_thousand_carts_add_up_to_the_unit(ctx: Flask, part: int) -> None:
    chance = random.Random(part)
    sent = 0
    for number in range(CARTS // PARTS):
        lines, totals, mode, shipping = priced(chance)
        goods = sum(line.amount for line in lines)
        added = totals.amount_tax if mode is TaxMode.EXCLUSIVE else 0
        parts = goods - totals.amount_discount + totals.amount_shipping + added
        assert totals.amount_total == parts
        assert totals.amount_subtotal == goods
        assert sum(line.discount for line in totals.lines) == totals.amount_discount
        assert sum(line.total for line in totals.lines) == goods - totals.amount_discount
        assert sum(line.tax for line in totals.lines) + totals.shipping_tax == totals.amount_tax
        assert all(0 <= line.discount <= line.amount for line in totals.lines)
        assert totals.amount_shipping in (0, shipping)
        currency = chance.choice(CURRENCIES)
        if number % 100 == 0:
            while not is_chargeable(totals.amount_total, currency):
                lines, totals, mode, shipping = priced(chance)
            assert charged(lines, totals, mode, currency) == totals.amount_total
            sent += 1
    assert sent == CARTS // PARTS // 100
