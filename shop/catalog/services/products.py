"""Products: made, changed, put on sale, taken off, archived. Never deleted."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update

from shop.catalog.combinations import make_stem
from shop.catalog.input_types import (
    NewVariant,
    OptionFields,
    PictureFields,
    ProductFields,
    check_options,
    product_content,
)
from shop.catalog.services.listings import load_product, publish_changes, taken_means_bad_input
from shop.catalog.services.pictures import write_pictures
from shop.catalog.services.skus import name_variants
from shop.catalog.services.variants import write_options, write_variant
from shop.catalog.text import make_slug
from shop.core.clock import now
from shop.core.db import changed, db, retried, transaction
from shop.core.errors import BadInput
from shop.models import Brand, Category, Product, ProductVariant, SlugHistory

STEP = 10  # between two places in the lists, so that a piece can be put in between


@retried
def create_product(
    fields: ProductFields,
    variants: Sequence[NewVariant],
    *,
    options: Sequence[OptionFields] = (),
    pictures: Sequence[PictureFields] = (),
    sku_stem: str = "",
    user_id: int | None,
    is_active: bool = False,
    published_at: datetime | None = None,
) -> int:
    """Make a product with its variants, stock and pictures; returns its id.

    A variant without a SKU gets one that begins with `sku_stem`, or the product's name, and says
    its options. `published_at`: since when it counts as new; now, when it goes on sale at once.
    Raises BadInput.
    """
    fields.check()
    if not variants:
        raise BadInput(variants="A product needs at least one variant.")
    check_options(options, [variant.fields.option_values for variant in variants])
    with transaction() as session:
        product = Product(slug=_free_slug(fields, None), is_active=False, position=_behind_all())
        _write_fields(product, fields)
        session.add(product)
        with taken_means_bad_input():
            session.flush()
        write_options(product.id, options)
        named = name_variants(sku_stem or make_stem(fields.name), variants)
        for position, variant in enumerate(named):
            write_variant(product.id, variant, user_id, position=position)
        write_pictures(product.id, pictures)
        product.published_at = published_at
        if is_active:
            put_on_sale(product)
        publish_changes(product)
        return product.id


@retried
def update_product(product_id: int, fields: ProductFields) -> None:
    """Change what a product is; its old address then leads to the new one.

    Its version grows, if anything of it differs. Raises BadInput, NotFound.
    """
    fields.check()
    with transaction():
        product = load_product(product_id)
        before = product_content(product)
        slug = _free_slug(fields, product) if fields.slug else product.slug
        if slug != product.slug:
            _remember_slug(product)
            product.slug = slug
        _write_fields(product, fields)
        if product_content(product) != before:
            product.version += 1
        publish_changes(product)


@retried
def activate_product(product_id: int) -> None:
    """Put a product on sale. Raises BadInput when nothing of it can be bought, NotFound."""
    with transaction():
        product = load_product(product_id)
        put_on_sale(product)
        publish_changes(product)


@retried
def deactivate_product(product_id: int) -> None:
    """Take a product off sale; its page answers 404 until it is put on sale again."""
    with transaction():
        product = load_product(product_id)
        was_active = product.is_active
        product.is_active = False
        publish_changes(product, was_active=was_active)


@retried
def archive_product(product_id: int) -> None:
    """Withdraw a product for good; its page says so and offers others. Orders keep it."""
    with transaction():
        product = load_product(product_id)
        was_active = product.is_active
        product.is_active = False
        product.archived_at = product.archived_at or now()
        changed(
            update(ProductVariant)
            .where(ProductVariant.product_id == product_id)
            .values(is_active=False)
        )
        publish_changes(product, was_active=was_active)


def put_on_sale(product: Product) -> None:
    """Put a loaded product on sale, inside the caller's use case. Raises BadInput."""
    if product.archived_at is not None:
        raise BadInput("An archived product cannot be sold again. Make a new one.")
    has_variant = db.session.scalar(
        select(ProductVariant.id)
        .where(ProductVariant.product_id == product.id, ProductVariant.is_active)
        .limit(1)
    )
    if has_variant is None:
        raise BadInput("Put at least one variant on sale first.")
    product.is_active = True
    product.published_at = product.published_at or now()


def _write_fields(product: Product, fields: ProductFields) -> None:
    if fields.brand_id is not None and db.session.get(Brand, fields.brand_id) is None:
        raise BadInput(brand_id="Choose a house.")
    if fields.category_id is not None and db.session.get(Category, fields.category_id) is None:
        raise BadInput(category_id="Choose a category.")
    for column, value in fields.columns().items():
        setattr(product, column, value)


def _behind_all() -> int:
    """Return the place after the last product's: what was just made leads no list."""
    last = db.session.scalar(select(func.max(Product.position)))
    return 0 if last is None else last + STEP


def _free_slug(fields: ProductFields, product: Product | None) -> str:
    wanted = fields.slug or make_slug(fields.name)
    mine = product.id if product else None
    found = db.session.execute(
        select(Product.slug, Product.id).where(
            (Product.slug == wanted) | Product.slug.startswith(f"{wanted}-", autoescape=True)
        )
    )
    taken = {slug for slug, product_id in found if product_id != mine}
    if wanted not in taken:
        return wanted
    if fields.slug:
        raise BadInput(slug="Another product has this address.")
    number = 2
    while f"{wanted}-{number}" in taken:
        number += 1
    return f"{wanted}-{number}"


def _remember_slug(product: Product) -> None:
    old = db.session.get(SlugHistory, product.slug)
    if old is None:
        db.session.add(SlugHistory(slug=product.slug, product_id=product.id))
    else:
        old.product_id = product.id
