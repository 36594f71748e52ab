import pytest

from shop.payments.stripe.limits import (
    LARGEST_CHARGE,
    MINIMUM_CHARGE,
    UnsupportedCurrency,
    check_currency,
    is_chargeable,
    minimum_charge,
)


@pytest.mark.parametrize("code", ["EUR", "eur", " usd ", "JPY"])
def test_sold_in_are_the_currencies_with_a_minimum(code):
    assert check_currency(code) == code.strip().upper()


@pytest.mark.parametrize("code", ["KWD", "bhd", "TND", "ISK", "UGX", "XXX", "", "EURO", "KRW"])
def test_others_are_refused_with_a_reason(code):
    with pytest.raises(UnsupportedCurrency) as caught:
        check_currency(code)
    assert str(caught.value).endswith(".")


def test_the_merchant_can_add_a_minimum():
    assert check_currency("KRW", {**MINIMUM_CHARGE, "KRW": 500}) == "KRW"
    assert minimum_charge("krw", {"KRW": 500}) == 500


def test_a_minimum_does_not_make_three_decimals_work():
    with pytest.raises(UnsupportedCurrency):
        check_currency("KWD", {"KWD": 500})


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        (0, "EUR", False),
        (1, "EUR", False),
        (49, "EUR", False),
        (50, "EUR", True),
        (49, "JPY", False),
        (50, "JPY", True),
        (17499, "HUF", False),
        (LARGEST_CHARGE, "EUR", True),
        (LARGEST_CHARGE + 1, "EUR", False),
    ],
)
def test_chargeable_between_minimum_and_maximum(amount, currency, expected):
    assert is_chargeable(amount, currency) is expected
