"""Variants and the options that tell them apart."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import delete, func, select

from shop.catalog.combinations import combine, find_stem, make_stem
from shop.catalog.input_types import (
    NewVariant,
    OptionFields,
    OptionValue,
    VariantFields,
    check_options,
    variant_content,
)
from shop.catalog.services.listings import load_product, publish_changes, taken_means_bad_input
from shop.catalog.services.skus import name_variants
from shop.catalog.text import option_key, sku_key
from shop.core.clock import now
from shop.core.db import changed, db, retried, transaction
from shop.core.errors import BadInput, NotFound
from shop.models import (
    MovementKind,
    PriceChange,
    Product,
    ProductOption,
    ProductVariant,
)
from shop.stock.services import LARGEST_STOCK, adjust_stock


@retried
def add_variant(product_id: int, new: NewVariant, *, user_id: int | None) -> int:
    """Add a variant at the end; values that its options do not have yet are added to them.

    Without a SKU it gets one like those of the others. Returns its id. Raises BadInput, NotFound.
    """
    with transaction():
        product = load_product(product_id)
        if product.archived_at is not None:
            raise BadInput("An archived product cannot be changed.")
        variants = list_variants(product_id)
        options = _with_values(list_options(product_id), new.fields.option_values)
        if variants and not options:
            raise BadInput(options="Name what one chooses between first, such as Size.")
        combinations = [variant.option_values for variant in variants]
        check_options(options, [*combinations, new.fields.option_values])
        write_options(product_id, options)
        last = max((variant.position for variant in variants), default=-1)
        skus = [variant.sku for variant in variants]
        stem = find_stem(skus, combinations[0]) if variants else make_stem(product.name)
        [named] = name_variants(stem, [new])
        variant_id = write_variant(product_id, named, user_id, position=last + 1)
        publish_changes(product)
        return variant_id


@retried
def add_missing_variants(product_id: int, *, user_id: int | None) -> int:
    """Add a variant for each combination of the options that has none; returns how many.

    They cost and weigh what the first one does, and none of their pieces is there. Raises
    BadInput, NotFound.
    """
    with transaction():
        product = load_product(product_id)
        if product.archived_at is not None:
            raise BadInput("An archived product cannot be changed.")
        variants = list_variants(product_id)
        missing = combine(list_options(product_id), [v.option_values for v in variants])
        first, last = variants[0], variants[-1]
        stem = find_stem([variant.sku for variant in variants], first.option_values)
        like = replace(variant_content(first), sku="", barcode=None)
        made = [NewVariant(replace(like, option_values=values)) for values in missing]
        for position, new in enumerate(name_variants(stem, made), last.position + 1):
            write_variant(product_id, new, user_id, position=position)
        publish_changes(product)
        return len(missing)


@retried
def update_variant(variant_id: int, fields: VariantFields, *, user_id: int | None) -> None:
    """Change a variant; stock is changed by `adjust_stock()` alone. Writes price changes.

    Raises BadInput, NotFound.
    """
    with transaction():
        _variant, product = _load(variant_id)
        _update(product, {variant_id: fields}, user_id)


@retried
def update_variants(
    product_id: int, wanted: Mapping[int, VariantFields], *, user_id: int | None
) -> None:
    """Change several variants of a product, by id, as `update_variant` does one.

    Raises BadInput, NotFound.
    """
    with transaction():
        product = load_product(product_id)
        if product.archived_at is not None:
            raise BadInput("What is archived cannot be changed.")
        _update(product, wanted, user_id)


def _update(product: Product, wanted: Mapping[int, VariantFields], user_id: int | None) -> None:
    variants = {variant.id: variant for variant in list_variants(product.id)}
    if not wanted.keys() <= variants.keys():
        raise NotFound
    options = list_options(product.id)
    for fields in wanted.values():
        fields.check()
        options = _with_values(options, fields.option_values)
    check_options(options, [wanted.get(v.id, v).option_values for v in variants.values()])
    write_options(product.id, options)
    for variant_id, fields in wanted.items():
        _note_price(variants[variant_id], fields, user_id)
        _write_fields(variants[variant_id], fields)
    _keep_one_on_sale(product)
    publish_changes(product)


@retried
def archive_variant(variant_id: int) -> None:
    """Withdraw a variant for good; its options may be used again. Orders keep it."""
    with transaction():
        variant, product = _load(variant_id)
        variant.is_active = False
        variant.archived_at = now()
        variant.option_key = f"archived {variant.id}"
        _keep_one_on_sale(product)
        publish_changes(product)


@retried
def set_options(product_id: int, options: Sequence[OptionFields]) -> None:
    """Name what one chooses between. Variants take the first value of an option that is new.

    Raises BadInput when two variants would become the same or lose their value, NotFound.
    """
    with transaction():
        product = load_product(product_id)
        variants = list_variants(product_id)
        firsts = [option.values[0].label if option.values else "" for option in options]
        combinations = [
            [*variant.option_values, *firsts[len(variant.option_values) :]][: len(options)]
            for variant in variants
        ]
        check_options(options, combinations)
        write_options(product_id, options)
        for variant, values in zip(variants, combinations, strict=True):
            variant.option_values = values
            variant.option_key = option_key(values)
        publish_changes(product)


def write_variant(
    product_id: int, new: NewVariant, user_id: int | None, *, position: int | None = None
) -> int:
    """Write a variant with its first price and stock, inside the caller's use case."""
    fields = new.fields if position is None else replace(new.fields, position=position)
    fields.check()
    if not 0 <= new.stock <= LARGEST_STOCK:
        raise BadInput(stock=f"Enter a number from 0 to {LARGEST_STOCK}.")
    taken = select(ProductVariant.id).where(ProductVariant.sku_key == sku_key(fields.sku))
    if db.session.scalar(taken) is not None:
        raise BadInput(sku="Another variant has this SKU.")
    variant = ProductVariant(product_id=product_id)
    _write_fields(variant, fields)
    db.session.add(variant)
    with taken_means_bad_input():
        db.session.flush()
    _note_price(variant, fields, user_id, is_new=True)
    if new.stock:
        adjust_stock(variant.id, new.stock, MovementKind.INITIAL, "", user_id)
    return variant.id


def write_options(product_id: int, options: Sequence[OptionFields]) -> None:
    """Replace the product's options where they differ, inside the caller's use case."""
    if list(options) == list_options(product_id):
        return
    changed(delete(ProductOption).where(ProductOption.product_id == product_id))
    for position, option in enumerate(options):
        values = [{"label": value.label, "hex": value.hex} for value in option.values]
        db.session.add(
            ProductOption(
                product_id=product_id, position=position, name=option.name.strip(), values=values
            )
        )


def _load(variant_id: int) -> tuple[ProductVariant, Product]:
    product_id = db.session.scalar(
        select(ProductVariant.product_id).where(ProductVariant.id == variant_id)
    )
    if product_id is None:
        raise NotFound
    product = load_product(product_id)
    variant = db.session.get_one(ProductVariant, variant_id)
    if variant.archived_at is not None or product.archived_at is not None:
        raise BadInput("What is archived cannot be changed.")
    return variant, product


def list_variants(product_id: int) -> Sequence[ProductVariant]:
    """Return the variants of a product in their order, those that were withdrawn aside."""
    return db.session.scalars(
        select(ProductVariant)
        .where(ProductVariant.product_id == product_id, ProductVariant.archived_at.is_(None))
        .order_by(ProductVariant.position, ProductVariant.id)
    ).all()


def list_options(product_id: int) -> list[OptionFields]:
    """Return what one chooses between, in order."""
    found = db.session.scalars(
        select(ProductOption)
        .where(ProductOption.product_id == product_id)
        .order_by(ProductOption.position)
    )
    return [
        OptionFields(option.name, [OptionValue(**value) for value in option.values])
        for option in found
    ]


def options_version(product_id: int) -> int:
    """Return the version of the options: the newest id among their rows, 0 where there are none.

    They are always written anew, and no id is given twice.
    """
    newest = select(func.coalesce(func.max(ProductOption.id), 0))
    return db.session.scalars(newest.where(ProductOption.product_id == product_id)).one()


def _with_values(options: list[OptionFields], labels: Sequence[str]) -> list[OptionFields]:
    if len(labels) != len(options):
        return options
    return [
        option
        if label in {value.label for value in option.values} or not label.strip()
        else OptionFields(option.name, [*option.values, OptionValue(label)])
        for option, label in zip(options, labels, strict=True)
    ]


def _write_fields(variant: ProductVariant, fields: VariantFields) -> None:
    variant.sku = fields.sku.strip()
    variant.sku_key = sku_key(fields.sku)
    variant.option_values = list(fields.option_values)
    variant.option_key = option_key(fields.option_values)
    variant.unit_amount = fields.unit_amount
    variant.compare_at_amount = fields.compare_at_amount
    variant.stock_policy = fields.stock_policy
    variant.weight_grams = fields.weight_grams
    variant.barcode = fields.barcode or None
    variant.tax_class = fields.tax_class
    variant.unit_measure = fields.unit_measure or None
    variant.position = fields.position
    variant.is_active = fields.is_active


def _note_price(
    variant: ProductVariant, fields: VariantFields, user_id: int | None, *, is_new: bool = False
) -> None:
    before = None if is_new else variant.unit_amount
    before_compare = None if is_new else variant.compare_at_amount
    if (before, before_compare) == (fields.unit_amount, fields.compare_at_amount):
        return
    db.session.add(
        PriceChange(
            variant_id=variant.id,
            old_amount=before,
            new_amount=fields.unit_amount,
            old_compare_at=before_compare,
            new_compare_at=fields.compare_at_amount,
            user_id=user_id,
        )
    )


def _keep_one_on_sale(product: Product) -> None:
    if product.is_active and not any(variant.is_active for variant in list_variants(product.id)):
        raise BadInput(
            "A product on sale needs a variant on sale. Take the product off sale first."
        )
