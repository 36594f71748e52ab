"""A row as DummyJSON has it (dummyjson.com/docs/products), and those that take after it. Pure.

Fields used: id, title, description, category, price, stock, tags, brand, sku, dimensions,
warrantyInformation, shippingInformation, returnPolicy, meta.barcode, images, thumbnail; `image` and
`category.name` of similar services. `weight` and `dimensions` have no unit there: a weight that may
be grams or kilograms is left out.
"""

from collections.abc import Iterator
from typing import Final

from shop.catalog.input_types import NewVariant, VariantFields
from shop.catalog.text import make_slug
from shop.seed.files.markup import plain_line, plain_text
from shop.seed.files.parsed_row import ParsedRow, make_parsed_row
from shop.seed.files.reading import Reading
from shop.seed.files.row_values import BadRow, Row, to_amount
from shop.seed.naming import make_barcode
from shop.seed.placeholder_images import drawn_source
from shop.seed.values import Shot
from shop.stock.services import LARGEST_STOCK

_MOST_PICTURES: Final = 12
_DETAILS: Final = {
    "warrantyInformation": "Warranty",
    "shippingInformation": "Delivery",
    "returnPolicy": "Returns",
}
_DISCOUNT: Final = "discountPercentage is not taken off: prices are sold as they are written"


def is_dummy(fields: object) -> bool:
    """Return whether a row looks like one of DummyJSON rather than one of ours."""
    return isinstance(fields, dict) and "title" in fields and "name" not in fields


def read_dummy(fields: object, reading: Reading) -> ParsedRow:
    """Return the piece in a row. Raises BadRow with the reason why there is none."""
    row = Row(fields)
    number = row.whole("id", 0, 2**31)
    title = plain_line(row.text("title", 200, needed=True))
    brand = plain_line(row.text("brand", 100))
    if row.has("discountPercentage"):
        reading.remarks.add(_DISCOUNT)
    return make_parsed_row(
        slug=make_slug(f"{title} {brand}", 130) + (f"-{number}" if number else ""),
        name=title,
        brand=brand,
        sections=[section] if (section := _section(row)) else [],
        summary="",
        text=plain_text(row.text("description", 20_000)),
        details=[*_details(row)],
        tags=list(dict.fromkeys(row.texts("tags", 30))),
        options=[],
        variants=[_variant(row, number, title, reading)],
        shots=[*_shots(row, title)],
    )


def _section(row: Row) -> str:
    """Return the name of the section: "beauty", or {"name": "Beauty"}."""
    raw = row.raw("category")
    name = Row(raw).text("name", 100) if isinstance(raw, dict) else row.text("category", 100)
    words = plain_line(name.replace("-", " "))
    return words[:1].upper() + words[1:]


def _variant(row: Row, number: int, title: str, reading: Reading) -> NewVariant:
    if not row.has("price"):
        raise BadRow("price is missing")
    price = to_amount(row.raw("price"), "price", reading)
    if price == 0:
        raise BadRow("price is 0")
    sku = row.text("sku", 60) or f"DUMMY-{number or make_slug(title, 50).upper()}"
    barcode = Row(row.raw("meta") or {}).text("barcode", 32)
    fields = VariantFields(sku=sku, unit_amount=price, barcode=barcode or make_barcode(sku))
    return NewVariant(fields, stock=row.whole("stock", reading.stock, LARGEST_STOCK))


def _details(row: Row) -> Iterator[tuple[str, str]]:
    sides = Row(row.raw("dimensions") or {})
    found = [str(sides.raw(side)) for side in ("width", "height", "depth") if sides.has(side)]
    if len(found) == 3:
        yield "Dimensions", " × ".join(side[:20] for side in found)
    for name, title in _DETAILS.items():
        if text := plain_line(row.text(name, 1000)):
            yield title, text


def _shots(row: Row, title: str) -> Iterator[Shot]:
    links = [*row.texts("images", 50, 2000), row.text("image", 2000)]
    links = [link for link in links if link] or [row.text("thumbnail", 2000)]
    safe = [link for link in dict.fromkeys(links) if link.startswith("https://")]
    for link in safe[:_MOST_PICTURES]:
        yield Shot(source=link, alt=title)
    if not safe:
        yield Shot(source=drawn_source(title, []), alt=title)
