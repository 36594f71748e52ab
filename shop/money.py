"""Money is an integer of minor units plus a currency code; percentages are basis points."""

import re
from decimal import Decimal
from functools import lru_cache

from babel.numbers import NumberFormatError as _NumberFormatError
from babel.numbers import format_currency, get_currency_symbol, parse_decimal

from shop.errors import BadInput

# Currencies with tests behind them. Three-decimal ones (KWD…) and Stripe's special cases
# (ISK, UGX) are refused at start rather than charged wrongly.
ZERO_DECIMAL = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
TWO_DECIMAL = frozenset(
    (
        "AED AUD BGN BRL CAD CHF CZK DKK EUR GBP HKD HUF "
        "INR MXN MYR NOK NZD PLN RON SEK SGD THB USD"
    ).split()
)
SUPPORTED = ZERO_DECIMAL | TWO_DECIMAL
LARGEST = 99_999_999  # Stripe's limit for one charge, minor units (docs.stripe.com/currencies)


def exponent(currency: str) -> int:
    """Return how many decimal places `currency` has in minor units: 0 or 2."""
    return 0 if currency in ZERO_DECIMAL else 2


@lru_cache(maxsize=16384)
def format_money(amount: int, currency: str, locale: str = "en_IE") -> str:
    """Return `amount` minor units as text, such as €1,190.00."""
    value = Decimal(amount).scaleb(-exponent(currency))
    return format_currency(value, currency, locale=locale)


@lru_cache(maxsize=16384)
def format_money_short(amount: int, currency: str, locale: str = "en_IE") -> str:
    """Return `amount` minor units without empty decimals: €148, but €148.50."""
    scale = 10 ** exponent(currency)
    if amount % scale:
        return format_money(amount, currency, locale)
    value = Decimal(amount // scale)
    return format_currency(value, currency, format="¤#,##0", locale=locale, currency_digits=False)


@lru_cache(maxsize=64)
def currency_symbol(currency: str, locale: str = "en_IE") -> str:
    """Return the sign for `currency`, such as €."""
    return get_currency_symbol(currency, locale=locale)


def plain_amount(amount: int, currency: str) -> str:
    """Return `amount` minor units as a plain decimal for form fields and files: 148.00."""
    return str(Decimal(amount).scaleb(-exponent(currency)))


def parse_amount(text: str, currency: str, locale: str = "en_IE") -> int:
    """Return the minor units that a person typed as major units, such as "1,190.50".

    Raises BadInput for anything that is not a plain, non-negative amount with at most the
    currency's decimal places.
    """
    cleaned = (
        text.strip().replace("\N{NO-BREAK SPACE}", "").replace("\N{NARROW NO-BREAK SPACE}", "")
    )
    if not re.fullmatch(r"[0-9][0-9.,' ]{0,14}", cleaned, re.ASCII):
        raise BadInput("Enter an amount, like 148.00")
    try:
        value = (
            Decimal(cleaned)
            if re.fullmatch(r"[0-9]+(\.[0-9]+)?", cleaned, re.ASCII)
            else parse_decimal(cleaned, locale=locale, strict=True)
        )
    except (_NumberFormatError, ArithmeticError) as error:
        raise BadInput("Enter an amount, like 148.00") from error
    minor = value.scaleb(exponent(currency))
    if minor != minor.to_integral_value():
        raise BadInput(f"{currency} has {exponent(currency)} decimal places")
    if minor > LARGEST:
        raise BadInput("That amount is too large")
    return int(minor)


def share(amount: int, basis_points: int) -> int:
    """Return `basis_points` of `amount`, rounded half up to the minor unit (both non-negative)."""
    return (amount * basis_points + 5000) // 10000


def included_tax(amount: int, rate_bp: int) -> int:
    """Return the tax inside a gross `amount` at `rate_bp`, rounded half up."""
    whole = 10000 + rate_bp
    return (2 * amount * rate_bp + whole) // (2 * whole)
