"""A row of the Makeup API (makeup-api.herokuapp.com): lipsticks, foundations and so on. Pure.

Fields used: id, brand, name, price, price_sign, currency, image_link, description, category,
product_type, tag_list, product_colors[hex_value, colour_name].
"""

import re
from collections.abc import Sequence
from typing import Final

from shop.catalog.input_types import NewVariant, OptionFields, OptionValue, VariantFields
from shop.catalog.text import make_slug, option_key
from shop.seed.files.markup import plain_line, plain_text
from shop.seed.files.parsed_row import ParsedRow, make_parsed_row
from shop.seed.files.reading import Reading
from shop.seed.files.row_values import BadRow, Row, to_amount
from shop.seed.naming import make_barcode
from shop.seed.placeholder_images import drawn_source
from shop.seed.values import Shot

CATEGORY: Final = "Make-up"
_MOST_COLOURS: Final = 300  # in a row; the first hundred are sold
_MOST_VALUES: Final = 100
_LONGEST_LABEL: Final = 60
_HEX: Final = re.compile(r"#?([0-9a-fA-F]{6})")
# The API's signs, for rows that name no currency.
_SIGNS: Final = {"$": "USD", "£": "GBP", "€": "EUR"}


def is_makeup(fields: object) -> bool:
    """Return whether a row looks like one of the Makeup API rather than one of ours."""
    return isinstance(fields, dict) and bool(
        {"product_type", "image_link", "price_sign"} & set(fields)
    )


def read_makeup(fields: object, reading: Reading) -> ParsedRow:
    """Return the piece in a row. Raises BadRow with the reason why there is none."""
    row = Row(fields)
    number = row.whole("id", -1, 2**31)
    if number < 0:
        raise BadRow("id is missing")
    name = plain_line(row.text("name", 200, needed=True))
    brand = plain_line(row.text("brand", 100)).title()
    price = _price(row, reading)
    colours = _colours(row)
    text = plain_text(row.text("description", 20_000))
    return make_parsed_row(
        slug=make_slug(f"{brand} {name}", 130) + f"-{number}",
        name=name,
        brand=brand,
        sections=[CATEGORY, *filter(None, [_title(row.text("product_type", 60))])],
        summary=_first_sentence(text),
        text=text,
        details=(),
        tags=_tags(row),
        options=[OptionFields("Shade", colours)] if colours else [],
        variants=_variants(number, price, colours, reading),
        shots=[_shot(row, f"{brand} {name}".strip(), colours)],
    )


def _price(row: Row, reading: Reading) -> int:
    sign = row.text("price_sign", 8)
    currency = row.text("currency", 8).upper() or _SIGNS.get(sign, reading.currency)
    if currency != reading.currency and currency not in reading.rates:
        reading.unknown.add(currency)
    if not row.has("price"):
        raise BadRow("price is missing")
    price = to_amount(row.raw("price"), "price", reading, currency)
    if price == 0:
        raise BadRow("price is 0")
    return price


def _colours(row: Row) -> list[OptionValue]:
    """Return the shades that can be told apart, each name once."""
    found: dict[str, OptionValue] = {}
    for entry in row.items("product_colors", _MOST_COLOURS):
        colour = Row(entry)
        hex_value = _HEX.fullmatch(colour.text("hex_value", 40))
        label = _words(colour.text("colour_name", 200))[:_LONGEST_LABEL].strip()
        label = label or (f"#{hex_value[1].lower()}" if hex_value else "")
        if label and len(found) < _MOST_VALUES:
            shown = f"#{hex_value[1].lower()}" if hex_value else None
            found.setdefault(option_key([label]), OptionValue(label, shown))
    return list(found.values())


def _variants(
    number: int, price: int, colours: Sequence[OptionValue], reading: Reading
) -> list[NewVariant]:
    variants = []
    for place, colour in enumerate(colours or [None]):
        sku = f"MAKEUP-{number}" + (f"-{place + 1:02}" if colour else "")
        fields = VariantFields(
            sku=sku,
            unit_amount=price,
            option_values=(colour.label,) if colour else (),
            weight_grams=60,
            barcode=make_barcode(sku),
        )
        variants.append(NewVariant(fields, stock=reading.stock))
    return variants


def _shot(row: Row, title: str, colours: Sequence[OptionValue]) -> Shot:
    link = row.text("image_link", 2000)
    if link.startswith("http://"):
        link = "https://" + link.removeprefix("http://")
    drawn = drawn_source(title, [colour.hex for colour in colours if colour.hex])
    return Shot(source=link if link.startswith("https://") else drawn, alt=title)


def _tags(row: Row) -> list[str]:
    tags = [row.text("category", 60), *row.texts("tag_list", 30)]
    return list(dict.fromkeys(_words(tag.replace("_", " ")) for tag in tags if tag))


def _title(text: str) -> str:
    return _words(text.replace("_", " ")).capitalize()


def _words(text: str) -> str:
    return " ".join(text.split())


def _first_sentence(text: str) -> str:
    first = text.partition("\n\n")[0]
    end = first.find(". ")
    return first[: end + 1] if 0 < end < 240 else ""
