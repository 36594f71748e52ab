"""What staff do to a product's options and variants, each with its trail."""

from collections.abc import Sequence
from dataclasses import replace

from shop.admin.optimistic_lock import refuse_stale
from shop.admin.products.audit import audited_product
from shop.admin.products.form_defaults import options_in_words, variant_shown
from shop.admin.staff_actions import Entry, Staff, done_once
from shop.catalog import services as catalog
from shop.catalog.input_types import NewVariant, OptionFields, VariantFields
from shop.core.db import db
from shop.core.errors import NotFound, StaleForm
from shop.models import MovementKind, ProductVariant
from shop.stock.services import adjust_stock


@done_once
def change_options(
    product_id: int, seen: int | None, options: Sequence[OptionFields], *, staff: Staff
) -> Entry:
    """Name what one chooses between.

    `seen`: the version of the options that the form was made from. Raises StaleForm, BadInput,
    NotFound.
    """
    with audited_product("products.options", product_id, staff=staff) as entry:
        present, version = catalog.list_options(product_id), catalog.options_version(product_id)
        if seen not in {None, version} and list(options) != present:
            now = options_in_words(present)
            raise StaleForm(
                f"Somebody else changed the options in the meantime. They say now: {now}. "
                "Save once more to keep yours."
            )
        catalog.set_options(product_id, options)
    return entry


@done_once
def make_variant(product_id: int, new: NewVariant, *, staff: Staff) -> Entry:
    """Add a variant. Raises BadInput, NotFound."""
    with audited_product("products.variant_add", product_id, staff=staff) as entry:
        catalog.add_variant(product_id, new, user_id=staff.user_id)
    return entry


@done_once
def change_variant(
    product_id: int, variant_id: int, seen: int | None, fields: VariantFields, *, staff: Staff
) -> Entry:
    """Change a variant: its SKU, price, options, whether it is on sale.

    `seen`: the version that the form was made from. Raises StaleForm, BadInput, NotFound.
    """
    with audited_product("products.variant", product_id, staff=staff) as entry:
        variant = _get_variant(product_id, variant_id)
        refuse_stale(seen, variant.version, variant_shown(variant), variant_shown(fields))
        placed = replace(fields, position=variant.position)
        catalog.update_variant(variant_id, placed, user_id=staff.user_id)
    return entry


@done_once
def withdraw_variant(product_id: int, variant_id: int, *, staff: Staff) -> Entry:
    """Withdraw a variant for good. Raises BadInput, NotFound."""
    with audited_product("products.variant_archive", product_id, staff=staff) as entry:
        _get_variant(product_id, variant_id)
        catalog.archive_variant(variant_id)
    return entry


@done_once
def book_stock(product_id: int, variant_id: int, delta: int, reason: str, *, staff: Staff) -> Entry:
    """Add pieces of a variant to the stock, or take some. Raises as `adjust_stock`, NotFound."""
    kind = MovementKind.RESTOCK if delta > 0 else MovementKind.WRITE_OFF
    with audited_product("stock.adjust", product_id, staff=staff) as entry:
        _get_variant(product_id, variant_id)
        adjust_stock(variant_id, delta, kind, reason, staff.user_id)
    return entry


def _get_variant(product_id: int, variant_id: int) -> ProductVariant:
    """Return a variant of the product that is not withdrawn. Raises NotFound."""
    variant = db.session.get(ProductVariant, variant_id)
    if variant is None or variant.product_id != product_id or variant.archived_at is not None:
        raise NotFound
    return variant
