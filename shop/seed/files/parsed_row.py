"""What a row says, ready to be stored. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from shop.catalog.input_types import NewVariant, OptionFields, ProductFields, check_options
from shop.core.errors import BadInput
from shop.seed.files.row_values import BadRow
from shop.seed.values import SeedProduct, Shot, exact_name, key_of_way


@dataclass(frozen=True, kw_only=True)
class ParsedRow:
    """A piece, and the names of its sections from the top down.

    The piece names its brand and its section by their keys (`shop/seed/sections.py`).
    """

    product: SeedProduct
    sections: Sequence[str]


def make_parsed_row(
    *,
    slug: str,
    name: str,
    brand: str,
    sections: Sequence[str],
    summary: str,
    text: str,
    details: Sequence[tuple[str, str]],
    tags: Sequence[str],
    options: Sequence[OptionFields],
    variants: Sequence[NewVariant],
    shots: Sequence[Shot],
) -> ParsedRow:
    """Return the piece with its sections, checked as the catalogue will check it.

    Raises BadRow.
    """
    brand, way = exact_name(brand), [exact_name(section) for section in sections]
    try:
        ProductFields(
            name=name, slug=slug, summary=summary, description=text, details=details, tags=tags
        ).check()
        check_options(options, [variant.fields.option_values for variant in variants])
        for variant in variants:
            variant.fields.check()
        known = {tuple(variant.fields.option_values) for variant in variants} | {()}
        if any(tuple(shot.variant_key) not in known for shot in shots):
            raise BadRow("a picture names a variant that is not there")
    except BadInput as error:
        raise BadRow(str(error)) from error
    product = SeedProduct(
        slug=slug,
        name=name,
        brand=brand,
        category=key_of_way(way),
        summary=summary,
        text=text,
        details=details,
        tags=tags,
        options=options,
        variants=variants,
        shots=shots,
    )
    return ParsedRow(product=product, sections=way)
