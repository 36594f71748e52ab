"""What a row says, ready to be stored. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from shop.catalog.text import make_slug
from shop.catalog.values import NewVariant, OptionFields, ProductFields, check_options
from shop.errors import BadInput
from shop.seed.files.values import BadRow
from shop.seed.pieces import Category, House, Piece, Shot


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How rows are read. `currency`: the shop's; `stock`: pieces where a row does not say it.

    `rates`: what one unit of another currency is in the shop's. `unknown` collects currencies
    that had no rate and were taken one to one.
    """

    currency: str
    stock: int = 20
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)


@dataclass(frozen=True, kw_only=True)
class Found:
    """A piece, the house that makes it, and its shelves from the top down."""

    piece: Piece
    house: House | None
    shelves: Sequence[Category]


def make_found(
    *,
    slug: str,
    name: str,
    brand: str,
    shelves: Sequence[str],
    summary: str,
    text: str,
    details: Sequence[tuple[str, str]],
    tags: Sequence[str],
    options: Sequence[OptionFields],
    variants: Sequence[NewVariant],
    shots: Sequence[Shot],
) -> Found:
    """Return the piece with its shelves, checked as the catalogue will check it.

    Raises BadRow.
    """
    house = House(slug=_slug(brand, "brand"), name=brand) if brand else None
    categories = _categories(shelves)
    try:
        ProductFields(
            name=name, slug=slug, summary=summary, description=text, details=details, tags=tags
        ).check()
        check_options(options, [variant.fields.option_values for variant in variants])
        for variant in variants:
            variant.fields.check()
    except BadInput as error:
        raise BadRow(str(error)) from error
    piece = Piece(
        slug=slug,
        name=name,
        house=house.slug if house else "",
        category=categories[-1].slug if categories else "",
        summary=summary,
        text=text,
        details=details,
        tags=tags,
        options=options,
        variants=variants,
        shots=shots,
    )
    return Found(piece=piece, house=house, shelves=categories)


def _categories(names: Sequence[str]) -> list[Category]:
    """Return the shelves; one is known by its name, wherever it stands."""
    found: list[Category] = []
    for name in names:
        above = found[-1].slug if found else ""
        found.append(Category(slug=_slug(name, "category"), name=name, parent=above))
    return found


def _slug(name: str, field_name: str) -> str:
    slug = make_slug(name, 100)
    if not slug:
        raise BadRow(f"{field_name} has no letter or digit")
    return slug
