"""A row of the shop's own format; `shop/seed/samples/pieces.json` shows every field. Pure."""

from collections.abc import Sequence
from typing import Final

from shop.catalog.input_types import NewVariant, OptionFields, OptionValue, VariantFields
from shop.catalog.text import make_slug
from shop.models import StockPolicy, TaxClass
from shop.seed.files.markup import plain_line, plain_text
from shop.seed.files.parsed_row import ParsedRow, make_parsed_row
from shop.seed.files.reading import Reading
from shop.seed.files.row_values import BadRow, Row, clean_text, pairs
from shop.seed.naming import make_barcode, make_sku
from shop.seed.placeholder_images import drawn_source
from shop.seed.values import Shot
from shop.stock.services import LARGEST_STOCK

_MOST_VARIANTS: Final = 100
_MOST_PICTURES: Final = 12


def read_own(fields: object, reading: Reading) -> ParsedRow:
    """Return the piece in a row. Raises BadRow with the reason why there is none."""
    row = Row(fields)
    name = plain_line(row.text("name", 200, needed=True))
    brand = plain_line(row.text("brand", 100))
    names = row.texts("options", 3)
    variants = _variants(row, names, name, brand, reading)
    slug = row.text("slug", 150) or make_slug(f"{name} {brand}".strip())
    return make_parsed_row(
        slug=slug,
        name=name,
        brand=brand,
        sections=row.texts("category", 5, 100),
        summary=plain_line(row.text("summary", 1000)),
        text=plain_text(row.text("description", 20_000)),
        details=[(title, plain_text(text)) for title, text in pairs(row, "details", 20)],
        tags=list(dict.fromkeys(row.texts("tags", 30))),
        options=_options(row, names, variants),
        variants=variants,
        shots=_shots(row, name),
    )


def _variants(
    row: Row, names: Sequence[str], name: str, brand: str, reading: Reading
) -> list[NewVariant]:
    rows = [Row(fields) for fields in row.items("variants", _MOST_VARIANTS)] or [row]
    found = []
    for variant in rows:
        values = variant.texts("values", 3)
        if len(values) != len(names):
            raise BadRow("values must name one value for each of options")
        sku = variant.text("sku", 60) or make_sku(make_slug(brand)[:3], "", name, values)
        found.append(_variant(variant, sku, values, reading))
    return found


def _variant(row: Row, sku: str, values: Sequence[str], reading: Reading) -> NewVariant:
    price = row.amount("price", reading)
    if not price:
        raise BadRow("price is missing" if price is None else "price is 0")
    fields = VariantFields(
        sku=sku,
        unit_amount=price,
        compare_at_amount=_compare_at(row, price, reading),
        option_values=tuple(values),
        stock_policy=_policy(row),
        weight_grams=row.whole("weight_grams", 0, 1_000_000),
        barcode=row.text("barcode", 32) or make_barcode(sku),
        tax_class=_tax_class(row),
        unit_measure=row.text("unit_measure", 32) or None,
    )
    return NewVariant(fields, stock=row.whole("stock", reading.stock, LARGEST_STOCK))


def _compare_at(row: Row, price: int, reading: Reading) -> int | None:
    amount = row.amount("compare_at", reading)
    if amount is not None and amount <= price:
        raise BadRow("compare_at must be higher than price")
    return amount


def _policy(row: Row) -> StockPolicy:
    text = row.text("policy") or StockPolicy.DENY
    if text not in set(StockPolicy):
        raise BadRow(f"policy must be one of {', '.join(StockPolicy)}")
    return StockPolicy(text)


def _tax_class(row: Row) -> TaxClass:
    text = row.text("tax_class") or TaxClass.STANDARD
    if text not in set(TaxClass):
        raise BadRow(f"tax_class must be one of {', '.join(TaxClass)}")
    return TaxClass(text)


def _options(row: Row, names: Sequence[str], variants: Sequence[NewVariant]) -> list[OptionFields]:
    swatches = dict(pairs(row, "swatches", 100))
    options = []
    for place, name in enumerate(names):
        labels = dict.fromkeys(variant.fields.option_values[place] for variant in variants)
        values = [OptionValue(label, swatches.get(label)) for label in labels]
        options.append(OptionFields(name, values))
    return options


def _shots(row: Row, name: str) -> list[Shot]:
    """Return the pictures: {"demo": …}, {"file": …} or {"url": …}, with alt and values; or one
    that is drawn."""
    shots = []
    for fields in row.items("pictures", _MOST_PICTURES):
        picture = Row(fields)
        kinds = [kind for kind in ("demo", "file", "url") if picture.has(kind)]
        if len(kinds) != 1:
            raise BadRow("a picture must have one of demo, file and url")
        where = clean_text(picture.raw(kinds[0]), kinds[0])
        source = where if kinds[0] == "url" else f"{kinds[0]}:{where}"
        if kinds[0] == "url" and not where.startswith("https://"):
            raise BadRow("url of a picture must begin with https://")
        alt, values = picture.text("alt", 250), picture.texts("values", 3)
        shots.append(Shot(source=source, alt=alt or name, variant_key=tuple(values)))
    return shots or [Shot(source=drawn_source(name, []), alt=name)]
