"""The copies that a product row carries for lists, computed from their sources. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from shop.catalog.text import search_text
from shop.stock.display import StockLevel, price_shown, shown


class ListedVariant(NamedTuple):
    """What a list needs of a variant."""

    id: int
    sku: str
    is_active: bool
    unit_amount: int
    compare_at_amount: int | None
    level: StockLevel


class Sources(NamedTuple):
    """Where the copies come from. `variants` are those not archived, `cover` the first picture."""

    name: str
    brand: str
    category: str
    tags: Sequence[str]
    variants: Sequence[ListedVariant]
    cover: str | None


class ListingColumns(NamedTuple):
    """The copies, by their column names."""

    price_from: int
    compare_at: int | None
    has_price_range: bool
    is_available: bool
    few_left: int | None
    single_variant_id: int | None
    cover: str | None
    search_text: str


def make_listing(sources: Sources, threshold: int) -> ListingColumns:
    """Return the copies. `threshold`: the merchant's low-stock level, pieces.

    The price is the lowest among variants that can be bought (of all on sale when none can, of
    all when none is); a product with one variant on sale can be added to the cart from a list.
    """
    active = [variant for variant in sources.variants if variant.is_active]
    price = price_shown(active or sources.variants)
    stock = shown((variant.level for variant in active), threshold)
    return ListingColumns(
        **price._asdict(),
        is_available=stock.is_available,
        few_left=stock.few_left,
        single_variant_id=active[0].id if len(active) == 1 else None,
        cover=sources.cover,
        search_text=search_text(
            sources.name,
            sources.brand,
            sources.category,
            sources.tags,
            [variant.sku for variant in sources.variants],
        ),
    )
