"""Take typed values out of a row that may hold anything. Pure."""

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from shop.core import plaintext
from shop.core.errors import BadInput
from shop.core.money import LARGEST, exponent, format_money
from shop.core.number_input import parse_amount
from shop.seed.files.reading import Reading

_KEPT: Final = "\n\t"
_PLAIN: Final = re.compile(r"[0-9]+(?:\.[0-9]{1,2})?", re.ASCII)  # what needs no word


class BadRow(BadInput):
    """The row cannot be imported; the message is the reason."""


class Row:
    """A row of a file. Each method raises BadRow when the field is not what it should be."""

    def __init__(self, fields: object) -> None:
        if not isinstance(fields, dict):
            raise BadRow("it is not an object with fields")
        self._fields: dict[str, Any] = fields

    def has(self, name: str) -> bool:
        """Return whether the field is there and not null."""
        return self._fields.get(name) is not None

    def raw(self, name: str) -> Any:
        """Return the field as it is; None when it is missing."""
        return self._fields.get(name)

    def text(self, name: str, longest: int = 255, *, needed: bool = False) -> str:
        """Return a text without control characters; "" when it is missing and not needed."""
        value = self._fields.get(name)
        if value is None or value == "":
            if needed:
                raise BadRow(f"{name} is missing")
            return ""
        text = clean_text(value, name)
        if len(text) > longest:
            raise BadRow(f"{name} is longer than {longest:,} characters")
        if needed and not text:
            raise BadRow(f"{name} is missing")
        return text

    def whole(self, name: str, default: int, largest: int) -> int:
        """Return a whole number from 0 to `largest`, given as one or as a text of digits."""
        value = self._fields.get(name)
        if value is None:
            return default
        if isinstance(value, str) and value.isascii() and value.strip().isdigit():
            value = int(value[:20])
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= largest:
            raise BadRow(f"{name} must be a whole number from 0 to {largest:,}")
        return value

    def items(self, name: str, most: int) -> list[Any]:
        """Return a list; empty when it is missing."""
        value = self._fields.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise BadRow(f"{name} must be a list")
        if len(value) > most:
            raise BadRow(f"{name} has more than {most} entries")
        return value

    def texts(self, name: str, most: int, longest: int = 60) -> list[str]:
        """Return a list of texts in which none is empty; one may be there twice."""
        found = [clean_text(value, name) for value in self.items(name, most)]
        if any(len(text) > longest for text in found):
            raise BadRow(f"an entry of {name} is longer than {longest} characters")
        return [text for text in found if text]

    def amount(self, name: str, reading: Reading) -> int | None:
        """Return minor units for a price in major units; None when missing."""
        value = self._fields.get(name)
        return None if value is None or value == "" else to_amount(value, name, reading)


def clean_text(value: object, name: str) -> str:
    """Return `value`, a text, stripped and without control characters. Raises BadRow."""
    if not isinstance(value, str):
        raise BadRow(f"{name} must be text")
    if "\x00" in value:
        raise BadRow(f"{name} holds a NUL character")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise BadRow(f"{name} holds half a character") from error
    return plaintext.prose("".join(sign for sign in value if sign >= " " or sign in _KEPT))


def to_amount(value: object, name: str, reading: Reading, currency: str = "") -> int:
    """Return minor units of the shop's currency for a price in major units of `currency`.

    A number is what JSON says, so 1.25 is one and a quarter; a text such as "1.250,00" is read by
    the rule for what people type, and what can be read in two ways is refused. Without a rate
    the price must be exact. Raises BadRow.
    """
    rate = reading.rates.get(currency) if currency and currency != reading.currency else None
    if isinstance(value, str):
        number = _typed(value, name, currency or reading.currency, reading)
    else:
        number = _number(value, name)
    rounded = (number * (rate or 1)).quantize(Decimal(1).scaleb(-exponent(reading.currency)))
    if rate is None and rounded != number:
        raise BadRow(f"{name} has more decimals than {reading.currency} has")
    minor = int(rounded.scaleb(exponent(reading.currency)))
    if minor > LARGEST:
        raise BadRow(f"{name} is larger than can be charged")
    return minor


def _typed(text: str, name: str, currency: str, reading: Reading) -> Decimal:
    try:
        minor = parse_amount(text, currency, reading.locale)
    except BadInput as error:
        reason = str(error)
        if reason.startswith("Enter an amount"):
            raise BadRow(f"{name} is not a price") from error
        raise BadRow(f"{name}: {reason}") from error
    if not _PLAIN.fullmatch(text.strip()):
        reading.read[text.strip()] = format_money(minor, currency, reading.locale)
    return Decimal(minor).scaleb(-exponent(currency))


def _number(value: object, name: str) -> Decimal:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    number = _decimal(value) if is_number else None
    if number is None:
        raise BadRow(f"{name} is not a price")
    return number


def _decimal(value: object) -> Decimal | None:
    """Return a number that is not below 0 and has a sane length, else None."""
    text = str(value).strip()
    if not text or len(text) > 20:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 0 and number.adjusted() <= 12 else None


def pairs(row: Row, name: str, most: int) -> Sequence[tuple[str, str]]:
    """Return (title, text) pairs of an object such as {"Care": "Wipe."}."""
    value = row.raw(name)
    if value is None:
        return ()
    if not isinstance(value, dict) or len(value) > most:
        raise BadRow(f"{name} must be an object with at most {most} texts")
    found = [(clean_text(title, name), clean_text(text, name)) for title, text in value.items()]
    if any(len(title) > 60 or len(text) > 5000 for title, text in found):
        raise BadRow(f"{name} has a title or text that is too long")
    return found
