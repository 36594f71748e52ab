"""One product for its page: four statements, and one for what else may please."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import Integer, String, bindparam, select, true

from shop.catalog.queries.cards import (
    AVAILABLE,
    ON_SALE,
    Card,
    P,
    fetch_cards,
    select_cards,
)
from shop.catalog.queries.sections import Section, Sections
from shop.catalog.sorts import SORTS
from shop.catalog.text import option_key
from shop.core.db import db
from shop.core.errors import NotFound
from shop.models import (
    ProductImage,
    ProductOption,
    ProductVariant,
    SlugHistory,
    StockPolicy,
)
from shop.stock.quantity import count_available, counted_columns, quantity_cap

NEIGHBOURS = 24  # how many pieces of a category are looked at for "You may also like"
RELATED = 4


class ProductVersion(NamedTuple):
    """What is asked of a product before its finished page: which version, and is it shown."""

    id: int
    slug: str
    stamp: int
    category_id: int | None
    price_from: int
    is_active: bool
    archived_at: datetime | None


class Offer(NamedTuple):
    """A variant on sale. Money in minor units; `available` None: not limited by stock.

    `cap`: how many a bag may hold. `is_made_to_order`: none lies there now, but it may be ordered.
    """

    id: int
    sku: str
    option_values: list[str]
    unit_amount: int
    compare_at_amount: int | None
    available: int | None
    cap: int
    unit_measure: str | None
    is_made_to_order: bool
    weight_grams: int

    @property
    def can_be_bought(self) -> bool:
        """Whether at least one is there."""
        return self.available != 0

    @property
    def label(self) -> str:
        """The chosen options in words: "50 ml, Amber"."""
        return ", ".join(self.option_values)


class Option(NamedTuple):
    """What one chooses between, and the labels of its values."""

    name: str
    labels: list[str]
    colours: dict[str, str]


class ProductPicture(NamedTuple):
    """A picture of the gallery."""

    storage_key: str
    alt: str
    width: int
    height: int
    variant_id: int | None


@dataclass(frozen=True)
class ProductPage:
    """Everything the product's page shows, apart from who is asking."""

    address: str  # where it is shown: that of a preview is its own
    row: Any  # id, name, summary, description, details, tags, rating_avg, rating_count, …
    brand: Section | None
    category: Section | None
    offers: Sequence[Offer]
    options: Sequence[Option]
    pictures: Sequence[ProductPicture]

    def offer(self, variant_id: int) -> Offer | None:
        """Return the variant with this id, if it is on sale."""
        return next((offer for offer in self.offers if offer.id == variant_id), None)

    def combination(self, labels: Sequence[str]) -> Offer | None:
        """Return the variant with these option values, if there is one."""
        return self._by_key.get(option_key(labels))

    @cached_property
    def _by_key(self) -> dict[str, Offer]:
        return {option_key(offer.option_values): offer for offer in self.offers}

    @property
    def first_offer(self) -> Offer | None:
        """The variant that is shown first: one that can be bought, if any."""
        can = [offer for offer in self.offers if offer.can_be_bought]
        return next(iter(can or self.offers), None)


# The statements are made once: to make them anew cost more than the database took to answer.
VARIANT = ProductVariant.__table__.c
OPTION = ProductOption.__table__.c
IMAGE = ProductImage.__table__.c
_PRODUCT_ID = bindparam("product_id", type_=Integer)
_SLUG = bindparam("slug", type_=String)

_HEAD_COLUMNS = tuple(P[name] for name in ProductVersion._fields)
_HEAD = select(*_HEAD_COLUMNS).where(P.slug == _SLUG)
_MOVED_HEAD = (
    select(*_HEAD_COLUMNS)
    .join(SlugHistory.__table__, SlugHistory.product_id == P.id)
    .where(SlugHistory.slug == _SLUG)
)
_ANY_ROW = select(
    P.id,
    P.slug,
    P.name,
    P.brand_id,
    P.category_id,
    P.summary,
    P.description,
    P.details,
    P.seo_title,
    P.seo_description,
    P.is_available,
    P.published_at,
    P.rating_avg,
    P.rating_count,
).where(P.id == _PRODUCT_ID)
_ROW = _ANY_ROW.where(ON_SALE)
_OFFERS = (
    select(
        VARIANT.id,
        VARIANT.sku,
        VARIANT.option_values,
        VARIANT.unit_amount,
        VARIANT.compare_at_amount,
        VARIANT.unit_measure,
        VARIANT.weight_grams,
        *counted_columns(VARIANT),
    )
    .where(VARIANT.product_id == _PRODUCT_ID, VARIANT.is_active == true())
    .order_by(VARIANT.position, VARIANT.id)
)
_OPTIONS = (
    select(OPTION.name, OPTION["values"])
    .where(OPTION.product_id == _PRODUCT_ID)
    .order_by(OPTION.position)
)
_PICTURES = (
    select(*(IMAGE[name] for name in ProductPicture._fields))
    .where(IMAGE.product_id == _PRODUCT_ID)
    .order_by(IMAGE.position, IMAGE.id)
)
_FEATURED = select_cards(AVAILABLE).order_by(*SORTS["featured"].columns).limit(NEIGHBOURS)
_NEIGHBOURS = _FEATURED.where(P.category_id == bindparam("category_id", type_=Integer))
_VARIANT_ID = select(VARIANT.id).where(
    VARIANT.product_id == _PRODUCT_ID,
    VARIANT.option_key == bindparam("option_key", type_=String),
    VARIANT.is_active == true(),
)


def get_head(slug: str) -> ProductVersion:
    """Return the product at this address, or the one that was there once. Raises NotFound.

    A draft is not found; an archived product is.
    """
    head = find_head(slug)
    if head is None:
        raise NotFound
    return head


def find_head(slug: str) -> ProductVersion | None:
    """Return what `get_head` does; None when there is no such product."""
    asked = {"slug": slug}
    row = db.session.execute(_HEAD, asked).one_or_none()
    if row is None:
        row = db.session.execute(_MOVED_HEAD, asked).one_or_none()
    if row is None or not (row.is_active or row.archived_at):
        return None
    return ProductVersion._make(row)


def get_page(product_id: int, sections: Sections) -> ProductPage:
    """Return the product's page. Raises NotFound when it is not on sale."""
    row = db.session.execute(_ROW, {"product_id": product_id}).one_or_none()
    if row is None:
        raise NotFound
    return _page(row, f"/products/{row.slug}", sections)


def get_preview(product_id: int, address: str, sections: Sections) -> ProductPage:
    """Return the page of a product whether it is on sale or not, shown at `address`.

    All of it can be chosen, although nothing may be there yet. Raises NotFound.
    """
    row = db.session.execute(_ANY_ROW, {"product_id": product_id}).one_or_none()
    if row is None:
        raise NotFound
    page = _page(row, address, sections)
    return replace(page, offers=[offer._replace(available=None) for offer in page.offers])


def _page(row: Any, address: str, sections: Sections) -> ProductPage:
    product_id = row.id
    return ProductPage(
        address=address,
        row=row,
        brand=sections.brands.get(row.brand_id),
        category=sections.categories.get(row.category_id),
        offers=_offers(product_id),
        options=_options(product_id),
        pictures=_pictures(product_id),
    )


def find_variant_id(product_id: int, labels: Sequence[str]) -> int | None:
    """Return the variant on sale with these option values, in the order of the options."""
    asked = {"product_id": product_id, "option_key": option_key(labels)}
    found: int | None = db.session.scalar(_VARIANT_ID, asked)
    return found


def list_neighbours(category_id: int | None, sections: Sections) -> list[Card]:
    """Return pieces of a category that can be bought, from which related ones are picked."""
    if category_id is None:
        return fetch_cards(_FEATURED, sections)
    return fetch_cards(_NEIGHBOURS, sections, category_id=category_id)


def nearest(product_id: int, price: int, priced: Sequence[tuple[int, int]]) -> list[int]:
    """Return the places in `priced`, (id, price) pairs, of those nearest in price, others than
    the product itself, in their order there."""
    others = [place for place, (other, _) in enumerate(priced) if other != product_id]
    others.sort(key=lambda place: abs(priced[place][1] - price))
    return sorted(others[:RELATED])


def _offers(product_id: int) -> list[Offer]:
    return [
        Offer(
            row.id,
            row.sku,
            row.option_values,
            row.unit_amount,
            row.compare_at_amount,
            count_available(row),
            quantity_cap(row),
            row.unit_measure,
            row.stock_policy is StockPolicy.CONTINUE and row.stock_on_hand <= row.stock_reserved,
            row.weight_grams,
        )
        for row in db.session.execute(_OFFERS, {"product_id": product_id})
    ]


def _options(product_id: int) -> list[Option]:
    return [
        Option(
            name,
            [value["label"] for value in values],
            {value["label"]: value["hex"] for value in values if value.get("hex")},
        )
        for name, values in db.session.execute(_OPTIONS, {"product_id": product_id})
    ]


def _pictures(product_id: int) -> list[ProductPicture]:
    rows = db.session.execute(_PICTURES, {"product_id": product_id})
    return [ProductPicture._make(row) for row in rows]
