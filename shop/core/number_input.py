"""Prices and percentages as people type them: the one rule of how they are read. Pure.

The locale's own marks decide: 1.250 is a thousand and more in Germany. What they do not explain is
taken when it can be read in one way only (12.50 in Germany, 1 250 anywhere); what can be read in
two is refused, with a sentence that says how to write either.
"""

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from itertools import permutations

from shop.core import plaintext
from shop.core.errors import BadInput
from shop.core.money import (
    LARGEST,
    Marks,
    currency_symbol,
    exponent,
    format_money,
    marks,
    plain_amount,
)

LONGEST = 40  # characters that are looked at
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ´`", "'"))
_CONVENTIONS = [Marks(*pair) for pair in permutations("., '", 2) if pair[0] in ".,"]
_PERCENT = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,2}))?", re.ASCII)


def parse_amount(text: str, currency: str, locale: str) -> int:
    """Return the minor units that a person typed as major units, such as "1,190.50".

    The currency's sign or code may stand before or behind it. Raises BadInput, with a sentence on
    how to write it in `locale`, for what is no amount of at least 0, has more decimals than the
    currency, is larger than can be charged, or can be read in two ways.
    """
    cleaned = _bare(text, currency, locale)
    own = _read(cleaned, _plain(marks(locale)))
    if own is not None and _fits(own, currency):
        return _minor(own, currency)
    readings = {found for one in _CONVENTIONS if (found := _read(cleaned, one)) is not None}
    if not readings:
        raise BadInput(f"Enter an amount, like {_example(currency, locale)}.")
    if len(readings) > 1:
        raise BadInput(_both(cleaned, readings, currency, locale))
    only = readings.pop()
    if not _fits(only, currency):
        places = f"{currency} has {exponent(currency) or 'no'} decimal places"
        raise BadInput(f"{places}. Enter an amount, like {_example(currency, locale)}.")
    return _minor(only, currency)


def typed_amount(amount: int, currency: str, locale: str) -> str:
    """Return minor units as a form shows them for typing, with the locale's mark: 1250,00."""
    return plain_amount(amount, currency).replace(".", marks(locale).decimal)


def parse_percent(text: str) -> int:
    """Return the basis points of a percentage such as "5.5" or "5,5": at most two decimals.

    Raises BadInput. Percentages are too small to be grouped, so either mark has one reading.
    """
    found = _PERCENT.fullmatch(text.strip().removesuffix("%").rstrip())
    if found is None:
        raise BadInput("Enter a percentage like 20 or 5.5.")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def _bare(text: str, currency: str, locale: str) -> str:
    """Return the digits and marks of `text`, alike however they were typed."""
    cleaned = _alike(text[:LONGEST])
    for name in _names(currency, locale):
        if cleaned.casefold().startswith(name):
            return cleaned[len(name) :].strip()
        if cleaned.casefold().endswith(name):
            return cleaned[: -len(name)].strip()
    return cleaned


@lru_cache(maxsize=64)
def _names(currency: str, locale: str) -> tuple[str, ...]:
    signs = {currency, currency_symbol(currency, locale), currency_symbol(currency, "en_US")}
    return tuple(sorted({_alike(sign).casefold() for sign in signs}, key=len, reverse=True))


def _plain(used: Marks) -> Marks:
    """Return the marks as `_bare` leaves them."""
    return Marks(_alike(used.decimal), _alike(used.group) or " ")


def _alike(text: str) -> str:
    """Return `text` with one kind of space, apostrophe and digit, and without invisible signs.

    Raised digits and fractions are left, and so are no amount: NFKC makes 122 of 12².
    """
    if any(unicodedata.category(sign) == "No" for sign in text):
        return text
    return plaintext.code(text.translate(_APOSTROPHES))


def _read(text: str, used: Marks) -> Decimal | None:
    found = _shape(used).fullmatch(text)
    if found is None:
        return None
    whole = found["whole"].replace(used.group, "")
    return Decimal(f"{whole}.{found['rest']}" if found["rest"] else whole)


@lru_cache(maxsize=16)
def _shape(used: Marks) -> re.Pattern[str]:
    group, decimal = re.escape(used.group), re.escape(used.decimal)
    thousands = rf"[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}})+"
    lakhs = rf"[1-9][0-9]?(?:{group}[0-9]{{2}})+{group}[0-9]{{3}}"  # 1,00,000 as in India
    whole = rf"(?P<whole>[0-9]{{1,15}}|{thousands}|{lakhs})"
    return re.compile(rf"{whole}(?:{decimal}(?P<rest>[0-9]+))?")


def _fits(value: Decimal, currency: str) -> bool:
    """Return whether the value was typed with no more decimals than the currency has."""
    return -int(value.as_tuple().exponent) <= exponent(currency)


def _minor(value: Decimal, currency: str) -> int:
    minor = value.scaleb(exponent(currency))
    if minor > LARGEST:
        raise BadInput("That amount is too large.")
    return int(minor)


def _example(currency: str, locale: str) -> str:
    return typed_amount(148 * 10 ** exponent(currency), currency, locale)


def _both(text: str, readings: set[Decimal], currency: str, locale: str) -> str:
    places = exponent(currency)
    exact = [r for r in sorted(readings) if r == round(r, places)]
    clear = " or ".join(_grouped(int(r.scaleb(places)), currency, locale) for r in exact)
    return f"“{text}” can be read in two ways. Write {clear}."


def _grouped(amount: int, currency: str, locale: str) -> str:
    """Return an amount that is read in one way only: with all its marks, without its currency."""
    written = format_money(amount, currency, locale)
    return written.replace(currency_symbol(currency, locale), "").strip()
