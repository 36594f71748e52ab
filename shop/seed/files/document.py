"""A whole file: its rows, and what is wrong with those that cannot be used. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NoReturn

from shop.catalog.text import sku_key
from shop.core.errors import BadInput
from shop.seed.files.dummy import is_dummy, read_dummy
from shop.seed.files.makeup import is_makeup, read_makeup
from shop.seed.files.own_format import read_own
from shop.seed.files.parsed_row import ParsedRow
from shop.seed.files.reading import Reading
from shop.seed.files.row_values import BadRow

MOST_ROWS: Final = 50_000


@dataclass(frozen=True)
class Bad:
    """A row that was left out. `number` counts from 1."""

    number: int
    reason: str


@dataclass(frozen=True)
class Read:
    """The rows of a file: (number, what it says), and those that say nothing usable."""

    found: Sequence[tuple[int, ParsedRow]]
    bad: Sequence[Bad]


def read_document(data: bytes, reading: Reading) -> Read:
    """Read a file: a list of rows, or an object with a list of `products`.

    Raises BadInput when it is no such file; what is wrong with one row only costs that row.
    """
    found: list[tuple[int, ParsedRow]] = []
    bad: list[Bad] = []
    taken: dict[str, int] = {}
    for number, fields in enumerate(_rows(data, reading), start=1):
        try:
            row = _read(fields, reading)
            _claim(row, number, taken)
        except BadRow as error:
            bad.append(Bad(number, str(error)))
        else:
            found.append((number, row))
    return Read(found, bad)


def _read(fields: object, reading: Reading) -> ParsedRow:
    if is_makeup(fields):
        return read_makeup(fields, reading)
    return read_dummy(fields, reading) if is_dummy(fields) else read_own(fields, reading)


def _rows(data: bytes, reading: Reading) -> list[Any]:
    try:
        document = json.loads(data.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BadInput("The file is not JSON in UTF-8.") from error
    if isinstance(document, dict):
        currency = document.get("currency", reading.currency)
        if currency != reading.currency:
            raise BadInput(f"The file's currency is not {reading.currency}, the shop's.")
        document = document.get("products")
    if not isinstance(document, list):
        raise BadInput("The file must be a list of products, or have one named products.")
    if len(document) > MOST_ROWS:
        raise BadInput(f"The file has more than {MOST_ROWS:,} rows.")
    return document


def _whole(digits: str) -> int | Decimal:
    """Return the number; one too long for an int is left to the checks of its row."""
    return int(digits) if len(digits) <= 20 else Decimal(digits)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _claim(row: ParsedRow, number: int, taken: dict[str, int]) -> None:
    """Note the row's address and SKUs. Raises BadRow when an earlier row or variant has one."""
    keys = [sku_key(variant.fields.sku) for variant in row.product.variants]
    if len(set(keys)) != len(keys):
        raise BadRow("two of its variants have the same SKU")
    names = {f"address {row.product.slug}": row.product.slug}
    names |= {f"SKU {key}": f"sku {key}" for key in keys}
    for name, key in names.items():
        if key in taken:
            raise BadRow(f"row {taken[key]} has the same {name}")
    taken.update(dict.fromkeys(names.values(), number))
