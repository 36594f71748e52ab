"""What the products desk reads: the list with stock and price, one product with all of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select

from shop.admin.queries import says
from shop.admin.query_strings import query_string
from shop.catalog.text import sku_key
from shop.core.db import db
from shop.core.errors import NotFound
from shop.models import (
    AuditEntry,
    Brand,
    Category,
    Product,
    ProductImage,
    ProductOption,
    ProductVariant,
    StockMovement,
    StockPolicy,
    User,
)
from shop.stock.low import low_products, runs_low

PER_PAGE = 50
LEFT = ProductVariant.stock_on_hand - ProductVariant.stock_reserved
VIEWS: dict[str, ColumnElement[bool]] = {
    "all": Product.archived_at.is_(None),
    "sale": Product.is_active.is_(True),
    "draft": ~Product.is_active & Product.archived_at.is_(None),
    "archived": Product.archived_at.is_not(None),
}


@dataclass(frozen=True)
class ProductFilter:
    """Which products: a key of VIEWS, a text, a category, or only those that run low."""

    view: str = "all"
    text: str = ""
    category_id: int | None = None
    is_low: bool = False
    page: int = 1

    @property
    def is_narrowed(self) -> bool:
        """Whether it shows less than its view."""
        return bool(self.text or self.category_id or self.is_low)

    def query(self, **changes: object) -> str:
        """Return it as a query string ("?view=sale&page=2"), "" for the list as it opens."""
        values = {
            "view": self.view if self.view != "all" else "",
            "q": self.text,
            "category": self.category_id or "",
            "stock": "low" if self.is_low else "",
            "page": self.page if self.page > 1 else "",
        }
        return query_string({**values, **changes})


@dataclass(frozen=True)
class ProductRows:
    """A page of the list; `counts` by view."""

    rows: Sequence[Row[*tuple[Any, ...]]]
    counts: dict[str, int]
    total: int
    pages: int


@dataclass(frozen=True)
class Editor:
    """A product with everything that its page changes; archived variants are left out."""

    product: Product
    variants: Sequence[ProductVariant]
    options: Sequence[ProductOption]
    images: Sequence[ProductImage]
    movements: Sequence[StockMovement]


@dataclass(frozen=True)
class Deed:
    """Something that staff did to a product; the values that differ, before and after."""

    action: str
    at: datetime
    who: str
    before: dict[str, Any]
    after: dict[str, Any]


def list_desk_products(chosen: ProductFilter) -> ProductRows:
    """Return a page of the chosen products, newest first."""
    conditions = _conditions(chosen)
    counts = _counts()
    total = counts[chosen.view]
    if chosen.is_narrowed:
        total = db.session.scalar(select(func.count()).select_from(Product).where(*conditions)) or 0
    mine = ProductVariant.product_id == Product.id
    alive = ProductVariant.archived_at.is_(None)
    tracked = ProductVariant.stock_policy == StockPolicy.DENY
    stock = select(func.sum(LEFT)).where(mine, alive, tracked).scalar_subquery()
    low = select(ProductVariant.id).where(mine, alive, runs_low()).exists()
    count = select(func.count(ProductVariant.id)).where(mine, alive).scalar_subquery()
    rows = db.session.execute(
        select(
            Product.id,
            Product.name,
            Product.cover,
            Product.is_active,
            Product.archived_at,
            Product.price_from,
            Product.has_price_range,
            Category.name.label("category"),
            stock.label("stock"),
            low.label("is_low"),
            count.label("variants"),
        )
        .outerjoin(Category, Category.id == Product.category_id)
        .where(*conditions)
        .order_by(Product.id.desc())
        .limit(PER_PAGE)
        .offset((chosen.page - 1) * PER_PAGE)
    ).all()
    return ProductRows(rows, counts, total, max(1, -(-total // PER_PAGE)))


def _counts() -> dict[str, int]:
    """Return how many products each view has; one pass over an index."""
    numbers = [func.count().filter(view) for view in VIEWS.values()]
    row = db.session.execute(select(*numbers).select_from(Product)).one()
    return dict(zip(VIEWS, row, strict=True))


def _conditions(chosen: ProductFilter) -> list[ColumnElement[bool]]:
    found = [VIEWS[chosen.view]]
    mine = select(ProductVariant.id).where(ProductVariant.product_id == Product.id)
    if chosen.text:
        by_sku = mine.where(ProductVariant.sku_key == sku_key(chosen.text))
        found.append(or_(says(chosen.text), by_sku.exists()))
    if chosen.category_id:
        found.append(Product.category_id.in_(_with_children(chosen.category_id)))
    if chosen.is_low:
        found.append(Product.id.in_(low_products()))
    return found


def _with_children(category_id: int) -> Select[int]:
    path = select(Category.path).where(Category.id == category_id).scalar_subquery()
    return select(Category.id).where(Category.path.like(path + "%"))


def get_editor(product_id: int) -> Editor:
    """Return a product with its parts. Raises NotFound."""
    product = db.session.get(Product, product_id, populate_existing=True)
    if product is None:
        raise NotFound
    variants = db.session.scalars(
        select(ProductVariant)
        .where(ProductVariant.product_id == product_id, ProductVariant.archived_at.is_(None))
        .order_by(ProductVariant.position, ProductVariant.id)
    ).all()
    movements = (
        select(StockMovement)
        .join(ProductVariant, ProductVariant.id == StockMovement.variant_id)
        .where(ProductVariant.product_id == product_id)
        .order_by(StockMovement.id.desc())
        .limit(12)
    )
    return Editor(
        product=product,
        variants=variants,
        options=_parts(ProductOption, product_id),
        images=_parts(ProductImage, product_id),
        movements=db.session.scalars(movements).all(),
    )


def _parts(model: type[Any], product_id: int) -> Sequence[Any]:
    mine = select(model).where(model.product_id == product_id)
    return db.session.scalars(mine.order_by(model.position, model.id)).all()


def list_deeds(product_id: int, limit: int = 10) -> list[Deed]:
    """Return what staff did to a product, newest first."""
    rows = db.session.execute(
        select(
            AuditEntry.action,
            AuditEntry.created_at,
            AuditEntry.before,
            AuditEntry.after,
            User.name,
            User.email,
        )
        .outerjoin(User, User.id == AuditEntry.user_id)
        .where(AuditEntry.object_type == "product", AuditEntry.object_id == str(product_id))
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return [
        Deed(row[0], row[1], row[4] or row[5] or "", row[2] or {}, row[3] or {}) for row in rows
    ]


def category_choices() -> list[tuple[str, str]]:
    """Return (id, name) of every category in the order of the sections, children indented."""
    rows = db.session.execute(select(Category.id, Category.name, Category.path)).all()
    names = {row.id: row.name for row in rows}
    full = [
        (str(row.id), " › ".join(names[int(i)] for i in row.path.strip("/").split("/")))
        for row in rows
    ]
    return [("", "–"), *sorted(full, key=lambda pair: pair[1])]


def brand_choices() -> list[tuple[str, str]]:
    """Return (id, name) of every brand."""
    rows = db.session.execute(select(Brand.id, Brand.name).order_by(Brand.name))
    return [("", "–"), *((str(row.id), row.name) for row in rows)]
