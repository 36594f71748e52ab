"""Money is an integer of minor units plus a currency code; percentages are basis points.

How an amount is written is decided here alone; how a typed one is read, in number_input.py.
"""

import copy
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from babel import Locale
from babel.numbers import NumberPattern, get_currency_symbol

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
LARGEST = 99_999_999  # the most that can be typed as an amount or a price, minor units


class Marks(NamedTuple):
    """The signs that a locale writes in amounts: before the decimals, and between thousands."""

    decimal: str
    group: str


def exponent(currency: str) -> int:
    """Return how many decimal places `currency` has in minor units: 0 or 2.

    What is charged (docs.stripe.com/currencies), which CLDR's digits of a currency are not: it
    writes forint and Czech crowns without the hundredths that are.
    """
    return 0 if currency in ZERO_DECIMAL else 2


@lru_cache(maxsize=16384)
def format_money(amount: int, currency: str, locale: str) -> str:
    """Return `amount` minor units as they are written in `locale`: €1,190.00 or 1.190,00 €."""
    places = exponent(currency)
    return _written(Decimal(amount).scaleb(-places), places, currency, locale)


@lru_cache(maxsize=16384)
def format_money_short(amount: int, currency: str, locale: str) -> str:
    """Return `amount` minor units without empty decimals: €148, but €148.50."""
    whole, rest = divmod(amount, 10 ** exponent(currency))
    if rest:
        return format_money(amount, currency, locale)
    return _written(Decimal(whole), 0, currency, locale)


@lru_cache(maxsize=64)
def currency_symbol(currency: str, locale: str) -> str:
    """Return the sign for `currency` in `locale`, such as €."""
    return get_currency_symbol(currency, locale=_region(locale))


@lru_cache(maxsize=64)
def marks(locale: str) -> Marks:
    """Return the signs that `locale` writes in amounts, which may not be those of its numbers.

    Unicode TS #35, part 3, 2.3: currencyDecimal and currencyGroup, which Babel reads and does not
    use. French Switzerland writes 1 250.50 in francs and 1 250,50 elsewhere.
    """
    signs = Locale.parse(_region(locale)).number_symbols["latn"]
    decimal, group = signs["decimal"], signs["group"]
    return Marks(signs.get("currencyDecimal", decimal), signs.get("currencyGroup", group))


def plain_amount(amount: int, currency: str) -> str:
    """Return `amount` minor units as machines read them, whatever the locale: 148.00."""
    return str(Decimal(amount).scaleb(-exponent(currency)))


def _written(value: Decimal, places: int, currency: str, locale: str) -> str:
    region = Locale.parse(_region(locale))
    number = _pattern(region, places).apply(value, region)
    signs, used = region.number_symbols["latn"], marks(locale)
    number = number.translate({ord(signs["decimal"]): "\0", ord(signs["group"]): used.group})
    return _with_symbol(number.replace("\0", used.decimal), currency_symbol(currency, locale))


@lru_cache(maxsize=128)
def _pattern(locale: Locale, places: int) -> NumberPattern:
    pattern: NumberPattern = copy.copy(locale.currency_formats["standard"])
    pattern.frac_prec = (places, places)
    return pattern


def _with_symbol(number: str, symbol: str) -> str:
    """Put the sign of a currency in the place of ¤, letters apart from digits: CHF 12.50.

    Unicode TS #35, part 3, 2.3.1: currencySpacing, which Babel does not know.
    """
    before, _, after = number.partition("\N{CURRENCY SIGN}")
    if before[-1:].isdigit() and _is_letter(symbol[:1]):
        before += "\N{NO-BREAK SPACE}"
    if after[:1].isdigit() and _is_letter(symbol[-1:]):
        after = f"\N{NO-BREAK SPACE}{after}"
    return f"{before}{symbol}{after}"


def _is_letter(sign: str) -> bool:
    return unicodedata.category(sign)[0] not in "SZ"


def _region(locale: str) -> str:
    """Return the locale that decides; plain "en" would write amounts the American way."""
    return "en_IE" if locale == "en" else locale


def share(amount: int, basis_points: int) -> int:
    """Return `basis_points` of `amount`, rounded half up to the minor unit (both non-negative)."""
    return (amount * basis_points + 5000) // 10000


def included_tax(amount: int, rate_bp: int) -> int:
    """Return the tax inside a gross `amount` at `rate_bp`, rounded half up."""
    whole = 10000 + rate_bp
    return (2 * amount * rate_bp + whole) // (2 * whole)
