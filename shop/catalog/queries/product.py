"""One product for its page: four statements, and one for what else may please."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from shop.catalog.queries.cards import AVAILABLE, ORDERS, Card, P, fetch_cards, select_cards
from shop.catalog.queries.shelves import Shelf, Shelves
from shop.catalog.text import option_key
from shop.db import db
from shop.errors import NotFound
from shop.models import (
    Product,
    ProductImage,
    ProductOption,
    ProductVariant,
    SlugHistory,
    StockPolicy,
)
from shop.stock.levels import Level

NEIGHBOURS = 24  # how many pieces of a category are looked at for "You may also like"
RELATED = 4


class Head(NamedTuple):
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

    `is_made_to_order`: none lies there now, but it may be ordered.
    """

    id: int
    sku: str
    option_values: list[str]
    unit_amount: int
    compare_at_amount: int | None
    available: int | None
    unit_measure: str | None
    is_made_to_order: bool

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


class Picture(NamedTuple):
    """A picture of the gallery."""

    storage_key: str
    alt: str
    width: int
    height: int
    variant_id: int | None


@dataclass(frozen=True)
class ProductPage:
    """Everything the product's page shows, apart from who is asking."""

    row: Any  # id, name, summary, description, details, tags, rating_avg, rating_count, …
    brand: Shelf | None
    category: Shelf | None
    offers: Sequence[Offer]
    options: Sequence[Option]
    pictures: Sequence[Picture]

    def offer(self, variant_id: int) -> Offer | None:
        """Return the variant with this id, if it is on sale."""
        return next((offer for offer in self.offers if offer.id == variant_id), None)

    def combination(self, labels: Sequence[str]) -> Offer | None:
        """Return the variant with these option values, if there is one."""
        wanted = option_key(labels)
        return next((o for o in self.offers if option_key(o.option_values) == wanted), None)

    @property
    def first_offer(self) -> Offer | None:
        """The variant that is shown first: one that can be bought, if any."""
        can = [offer for offer in self.offers if offer.can_be_bought]
        return next(iter(can or self.offers), None)


def get_head(slug: str) -> Head:
    """Return the product at this address, or the one that was there once. Raises NotFound.

    A draft is not found; an archived product is.
    """
    columns = (
        Product.id,
        Product.slug,
        Product.stamp,
        Product.category_id,
        Product.price_from,
        Product.is_active,
        Product.archived_at,
    )
    row = db.session.execute(select(*columns).where(Product.slug == slug)).one_or_none()
    if row is None:
        moved = select(*columns).join(SlugHistory, SlugHistory.product_id == Product.id)
        row = db.session.execute(moved.where(SlugHistory.slug == slug)).one_or_none()
    if row is None or not (row.is_active or row.archived_at):
        raise NotFound
    return Head._make(row)


def get_page(product_id: int, shelves: Shelves) -> ProductPage:
    """Return the product's page. Raises NotFound when it is not on sale."""
    p = Product
    row = db.session.execute(
        select(
            p.id,
            p.slug,
            p.name,
            p.brand_id,
            p.category_id,
            p.summary,
            p.description,
            p.details,
            p.is_available,
            p.published_at,
            p.rating_avg,
            p.rating_count,
        ).where(p.id == product_id, p.is_active)
    ).one_or_none()
    if row is None:
        raise NotFound
    return ProductPage(
        row=row,
        brand=shelves.brands.get(row.brand_id),
        category=shelves.categories.get(row.category_id),
        offers=_offers(product_id),
        options=_options(product_id),
        pictures=_pictures(product_id),
    )


def find_variant_id(product_id: int, labels: Sequence[str]) -> int | None:
    """Return the variant on sale with these option values, in the order of the options."""
    found: int | None = db.session.scalar(
        select(ProductVariant.id).where(
            ProductVariant.product_id == product_id,
            ProductVariant.option_key == option_key(labels),
            ProductVariant.is_active,
        )
    )
    return found


def list_neighbours(category_id: int | None, shelves: Shelves) -> list[Card]:
    """Return pieces of a category that can be bought, from which related ones are picked."""
    conditions = [AVAILABLE]
    if category_id is not None:
        conditions.append(P.category_id == category_id)
    query = select_cards(*conditions).order_by(*ORDERS["featured"]).limit(NEIGHBOURS)
    return fetch_cards(query, shelves)


def nearest(product_id: int, price: int, priced: Sequence[tuple[int, int]]) -> list[int]:
    """Return the places in `priced`, (id, price) pairs, of those nearest in price, others than
    the product itself, in their order there."""
    others = [place for place, (other, _) in enumerate(priced) if other != product_id]
    others.sort(key=lambda place: abs(priced[place][1] - price))
    return sorted(others[:RELATED])


def _offers(product_id: int) -> list[Offer]:
    v = ProductVariant
    rows = db.session.execute(
        select(
            v.id,
            v.sku,
            v.option_values,
            v.unit_amount,
            v.compare_at_amount,
            v.unit_measure,
            v.stock_policy,
            v.stock_on_hand,
            v.stock_reserved,
        )
        .where(v.product_id == product_id, v.is_active)
        .order_by(v.position, v.id)
    )
    return [
        Offer(
            row.id,
            row.sku,
            row.option_values,
            row.unit_amount,
            row.compare_at_amount,
            Level(row.stock_policy, row.stock_on_hand, row.stock_reserved).available,
            row.unit_measure,
            row.stock_policy is StockPolicy.CONTINUE and row.stock_on_hand <= row.stock_reserved,
        )
        for row in rows
    ]


def _options(product_id: int) -> list[Option]:
    rows = db.session.execute(
        select(ProductOption.name, ProductOption.values)
        .where(ProductOption.product_id == product_id)
        .order_by(ProductOption.position)
    )
    return [
        Option(
            name,
            [value["label"] for value in values],
            {value["label"]: value["hex"] for value in values if value.get("hex")},
        )
        for name, values in rows
    ]


def _pictures(product_id: int) -> list[Picture]:
    i = ProductImage
    rows = db.session.execute(
        select(i.storage_key, i.alt, i.width, i.height, i.variant_id)
        .where(i.product_id == product_id)
        .order_by(i.position, i.id)
    )
    return [Picture._make(row) for row in rows]
