"""The currencies that Stripe takes money in for the shop, how little and how much of each.

Pure tables over those of `shop.core.money`. Sources: Stripe's "Zero-decimal currencies", "Special
cases" and "Minimum and maximum charge amounts" (docs.stripe.com/currencies).
"""

from collections.abc import Mapping

from shop.core.money import SUPPORTED

LARGEST_CHARGE = 99_999_999
"""The most Stripe charges at once, in minor units of any currency."""

THREE_DECIMAL = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
"""A thousandth is the minor unit and its last digit must be 0: the shop does not sell in them."""

SPECIAL = frozenset({"ISK", "UGX"})
"""Zero-decimal in the world, sent to Stripe with two decimals of 00: not sold in either."""

MINIMUM_CHARGE: Mapping[str, int] = {
    "AED": 200,
    "AUD": 50,
    "BGN": 100,
    "BRL": 50,
    "CAD": 50,
    "CHF": 50,
    "CZK": 1500,
    "DKK": 250,
    "EUR": 50,
    "GBP": 30,
    "HKD": 400,
    "HUF": 17500,
    "INR": 50,
    "JPY": 50,
    "MXN": 1000,
    "MYR": 200,
    "NOK": 300,
    "NZD": 50,
    "PLN": 200,
    "RON": 200,
    "SEK": 300,
    "SGD": 50,
    "THB": 1000,
    "USD": 50,
}
"""The least Stripe charges, in minor units, for an account that settles in that currency."""


class UnsupportedCurrency(ValueError):
    """The shop cannot take this currency; the message says why."""


def check_currency(code: str, minimums: Mapping[str, int] = MINIMUM_CHARGE) -> str:
    """Return `code` in capitals when the shop can sell in it.

    `minimums` are least charges in minor units, by currency; a merchant whose currency is not
    among the defaults adds it there.

    Raises UnsupportedCurrency with a sentence for whoever configures the shop.
    """
    currency = code.strip().upper()
    if currency in THREE_DECIMAL:
        raise UnsupportedCurrency(f"{currency} has three decimals, which the shop cannot handle.")
    if currency in SPECIAL:
        raise UnsupportedCurrency(f"{currency} is a special case at Stripe; the shop refuses it.")
    if currency not in SUPPORTED or currency not in minimums:
        known = ", ".join(sorted(SUPPORTED & minimums.keys()))
        raise UnsupportedCurrency(f"The shop cannot sell in {code!r}. It can in: {known}.")
    return currency


def minimum_charge(currency: str, minimums: Mapping[str, int] = MINIMUM_CHARGE) -> int:
    """Return the least amount above zero that can be charged, in minor units.

    Raises UnsupportedCurrency.
    """
    return minimums[check_currency(currency, minimums)]


def is_chargeable(amount: int, currency: str, minimums: Mapping[str, int] = MINIMUM_CHARGE) -> bool:
    """Tell whether Stripe charges `amount` (minor units): neither too little nor too much.

    Zero is not chargeable: such an order is finished in the shop. Raises UnsupportedCurrency.
    """
    return minimum_charge(currency, minimums) <= amount <= LARGEST_CHARGE
