"""Who may use a coupon on what: every refusal, and nothing told that should not be."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from shop.coupons.messages import refusal_text, standing_text
from shop.coupons.terms import TOLD, DiscountableLine, Refusal, Terms, evaluate
from shop.models import CouponKind

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
TERMS = Terms(
    coupon_id=1, code="WINTER", kind=CouponKind.PERCENT, percent_bp=1000, amount_off=0,
    starts_at=None, ends_at=None, minimum_amount=0, usage_limit=None, per_customer_limit=None,
    used=0, used_by_customer=0, is_first_order_only=False, has_ordered=False, is_active=True,
)  # fmt: skip
CART = [DiscountableLine(1, 10, 5, 2000), DiscountableLine(2, 20, 6, 3000)]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({}, None),
        ({"is_active": False}, Refusal.OFF),
        ({"is_lost": True, "is_active": False}, Refusal.LOST),
        ({"starts_at": AT}, None),
        ({"starts_at": AT + timedelta(seconds=1)}, Refusal.NOT_YET),
        ({"ends_at": AT + timedelta(seconds=1)}, None),
        ({"ends_at": AT}, Refusal.ENDED),
        ({"usage_limit": 3, "used": 2}, None),
        ({"usage_limit": 3, "used": 3}, Refusal.USED_UP),
        ({"per_customer_limit": 1, "used_by_customer": 0}, None),
        ({"per_customer_limit": 1, "used_by_customer": 1}, Refusal.USED_BY_YOU),
        ({"is_first_order_only": True}, None),
        ({"is_first_order_only": True, "has_ordered": True}, Refusal.NOT_FIRST),
        ({"is_first_order_only": True, "used_by_customer": 1}, Refusal.USED_BY_YOU),
        ({"is_foreign": True}, Refusal.FOREIGN),
        ({"minimum_amount": 5000}, None),
        ({"minimum_amount": 5001}, Refusal.MINIMUM),
        ({"product_ids": frozenset({10})}, None),
        ({"category_ids": frozenset({6})}, None),
        ({"product_ids": frozenset({99})}, Refusal.OTHER_PIECES),
        ({"product_ids": frozenset({10}), "minimum_amount": 2001}, Refusal.MINIMUM),
    ],
)
def test_who_may_use_it(changes: dict, refusal: Refusal | None) -> None:
    verdict = evaluate(replace(TERMS, **changes), CART, AT)
    assert verdict.refusal is refusal
    assert (verdict.discount is None) == (refusal is not None)


def test_what_is_missing_counts_the_pieces_it_is_for() -> None:
    terms = replace(TERMS, minimum_amount=2500, product_ids=frozenset({10}))
    assert evaluate(terms, CART, AT).missing == 500


def test_it_takes_off_the_pieces_it_is_for() -> None:
    scoped = evaluate(replace(TERMS, category_ids=frozenset({6})), CART, AT).discount
    assert scoped is not None
    assert scoped.keys == {2}
    whole = evaluate(TERMS, CART, AT).discount
    assert whole is not None
    assert whole.keys is None


def test_whoever_guesses_learns_nothing(ctx: Flask) -> None:
    with ctx.test_request_context():
        hidden = {refusal_text(r, 100, "EUR") for r in Refusal if r not in TOLD}
        assert len(hidden) == 1
        assert {refusal_text(r, 100, "EUR") for r in TOLD}.isdisjoint(hidden)
        assert len({standing_text(r, 100, "EUR") for r in Refusal}) >= 7


def test_a_code_that_does_not_exist() -> None:
    assert evaluate(None, CART, AT).refusal is Refusal.UNKNOWN
