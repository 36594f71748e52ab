"""Sums that must be right to the unit."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shop.models import TaxClass, TaxMode
from shop.pricing import Discount, PriceLine, TaxRules, allocate, price
from shop.pricing.price import tax_by_rate

FRANCE = TaxRules(TaxMode.INCLUSIVE, {TaxClass.STANDARD: 2000, TaxClass.REDUCED: 550})

lines = st.lists(
    st.builds(
        PriceLine,
        key=st.integers(1, 10**6),
        quantity=st.integers(1, 99),
        unit_amount=st.integers(0, 900_000),
        tax_class=st.sampled_from(TaxClass),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda line: line.key,
)
discounts = st.none() | st.builds(
    Discount, percent_bp=st.integers(0, 10_000), amount_off=st.integers(0, 10**7)
)
rules = st.builds(
    TaxRules,
    mode=st.sampled_from(TaxMode),
    rates=st.dictionaries(st.sampled_from(TaxClass), st.integers(0, 3000)),
)


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**7), min_size=1, max_size=30))
def test_parts_add_up_and_stay_within_one_unit_of_their_share(
    amount: int, weights: list[int]
) -> None:
    whole = sum(weights)
    if whole == 0:
        weights[0] = whole = 1
    parts = allocate(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * whole - amount * weight) < whole
        assert weight or part == 0


def test_units_left_over_go_to_the_largest_remainder_and_then_to_the_first() -> None:
    assert allocate(100, [1, 1, 1]) == [34, 33, 33]
    assert allocate(5, [3, 7]) == [2, 3]
    assert allocate(0, [0, 0]) == [0, 0]


@pytest.mark.parametrize(("amount", "weights"), [(-1, [1]), (1, [-1]), (1, [0]), (1, [])])
def test_refuses_what_cannot_be_split(amount: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match=r"must not be negative|nothing to split"):
        allocate(amount, weights)


@settings(max_examples=500)
@given(lines, discounts, rules, st.integers(0, 10_000))
def test_the_sums_are_one_another(
    goods: list[PriceLine], discount: Discount | None, tax: TaxRules, shipping: int
) -> None:
    totals = price(goods, tax=tax, shipping_amount=shipping, discount=discount)
    added = totals.amount_tax if tax.mode is TaxMode.EXCLUSIVE else 0
    assert totals.amount_subtotal == sum(line.amount for line in totals.lines)
    assert totals.amount_discount == sum(line.discount for line in totals.lines)
    assert totals.amount_tax == sum(line.tax for line in totals.lines) + totals.shipping_tax
    assert totals.amount_total == (
        sum(line.total for line in totals.lines) + totals.amount_shipping + added
    )
    assert 0 <= totals.amount_discount <= totals.amount_subtotal
    assert all(0 <= line.tax <= max(line.total, 0) for line in totals.lines)
    assert all(0 <= line.discount <= line.amount for line in totals.lines)
    placed = [(line.total, line.tax_rate_bp) for line in totals.lines]
    nets, rates = zip(*placed, strict=True)
    taxed = tax_by_rate(nets, rates, totals.amount_shipping, tax.mode)
    assert totals.amount_tax == sum(one.tax for one in taxed), "an order tells it from its lines"
    assert totals.amount_total == sum(one.amount for one in taxed) + added


def test_tax_is_computed_over_the_order_and_not_per_line() -> None:
    goods = [PriceLine(key, 1, 99) for key in range(3)]
    totals = price(goods, tax=FRANCE)
    assert totals.amount_tax == 50  # 297 / 6 = 49.5; line by line it would be 3 × 17 = 51
    assert [line.tax for line in totals.lines] == [17, 17, 16]


def test_the_tax_of_delivery_follows_the_goods() -> None:
    goods = [PriceLine(1, 1, 12_000), PriceLine(2, 1, 10_550, TaxClass.REDUCED)]
    totals = price(goods, tax=FRANCE, shipping_amount=600)
    assert totals.shipping_tax == 53 + 15  # 319 at 20 %, 281 at 5.5 %
    assert totals.amount_total == 23_150


def test_reverse_charge_takes_no_tax() -> None:
    tax = TaxRules(TaxMode.REVERSE_CHARGE, {TaxClass.STANDARD: 2000})
    assert price([PriceLine(1, 2, 500)], tax=tax, shipping_amount=100).amount_tax == 0


def test_free_delivery_is_no_discount() -> None:
    totals = price(
        [PriceLine(1, 1, 500)],
        tax=FRANCE,
        shipping_amount=600,
        discount=Discount(is_free_delivery=True),
    )
    assert (totals.amount_shipping, totals.amount_discount, totals.amount_total) == (0, 0, 500)


def test_a_discount_touches_only_the_lines_it_is_for() -> None:
    goods = [PriceLine(1, 1, 1000), PriceLine(2, 1, 1000)]
    totals = price(goods, tax=FRANCE, discount=Discount(percent_bp=1500, keys=frozenset({2})))
    assert [line.discount for line in totals.lines] == [0, 150]
