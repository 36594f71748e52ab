"""What the products desk adds to the use cases of the catalogue: uploads, and the staff trail."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import select
from werkzeug.datastructures import FileStorage, MultiDict

from shop.admin.optimistic_lock import refuse_stale
from shop.admin.products.form_defaults import marks_of_options, product_shown, variant_shown
from shop.admin.staff_actions import Staff, State, do_once
from shop.cart.quantity import parse_id
from shop.catalog.input_types import (
    NewVariant,
    OptionFields,
    PictureFields,
    ProductFields,
    VariantFields,
)
from shop.catalog.services import (
    activate_product,
    add_picture,
    archive_product,
    assign_picture,
    create_product,
    deactivate_product,
    describe_picture,
    list_options,
    load_product,
    order_pictures,
    publish_changes,
    remove_picture,
    set_options,
    update_product,
    update_variant,
)
from shop.core.db import db
from shop.core.errors import BadInput, NotFound, StaleForm
from shop.media.services import store_picture
from shop.models import Product, ProductImage, ProductVariant

MOST_AT_ONCE = 12
MOST_AT_A_TIME = 100  # products in one go: more than a page of the list


def upload(files: Sequence[FileStorage]) -> list[PictureFields]:
    """Store the chosen files as pictures. Raises BadInput, naming the file, for what is none."""
    chosen = [file for file in files if file.filename]
    if len(chosen) > MOST_AT_ONCE:
        raise BadInput(pictures=f"Choose at most {MOST_AT_ONCE} pictures.")
    stored = []
    for file in chosen:
        try:
            picture = store_picture(file.read())
        except BadInput as error:
            name = (file.filename or "")[:80]
            raise type(error)(pictures=f"{name}: {error}") from error
        stored.append(PictureFields(picture.key, picture.width, picture.height))
    return stored


def change_pictures(
    product_id: int, form: MultiDict[str, str], added: Sequence[PictureFields]
) -> None:
    """Do what the pictures' form asks: describe and assign all, move or remove one, add.

    Joins the caller's transaction. Raises BadInput, NotFound for a picture of another product.
    """
    ids = _image_ids(product_id)
    for image_id in ids:
        alt = form.get(f"alt-{image_id}")
        if alt is not None:
            describe_picture(image_id, alt)
        shown = form.get(f"shows-{image_id}")
        if shown is not None:
            assign_picture(image_id, parse_id(shown) if shown else None)
    verb, _, text = form.get("act", "").partition("-")
    if verb in {"earlier", "later", "remove"}:
        image_id = parse_id(text)
        if image_id not in ids:
            raise NotFound
        if verb == "remove":
            remove_picture(image_id)
        else:
            order_pictures(product_id, _moved(ids, image_id, -1 if verb == "earlier" else 1))
    for picture in added:
        add_picture(product_id, picture)


def _image_ids(product_id: int) -> list[int]:
    return list(
        db.session.scalars(
            select(ProductImage.id)
            .where(ProductImage.product_id == product_id)
            .order_by(ProductImage.position, ProductImage.id)
        )
    )


def _moved(ids: list[int], image_id: int, by: int) -> list[int]:
    found = [one for one in ids if one != image_id]
    place = min(max(ids.index(image_id) + by, 0), len(found))
    return [*found[:place], image_id, *found[place:]]


@dataclass(frozen=True, kw_only=True)
class NewProduct:
    """A product to make, with the first variant and what tells it from those to come."""

    fields: ProductFields
    first: NewVariant
    options: Sequence[OptionFields]
    pictures: Sequence[PictureFields]
    is_active: bool


def make(new: NewProduct, *, staff: Staff) -> str:
    """Make a product with its trail, once for each form; returns its id. Raises BadInput."""
    act = partial(
        create_product,
        new.fields,
        [new.first],
        options=new.options,
        pictures=new.pictures,
        user_id=staff.user_id,
        is_active=new.is_active,
    )
    return do_once("products.create", "product", "", act, staff=staff, state=product_state)


def do_to(product_id: int, action: str, act: Callable[[], object], *, staff: Staff) -> str:
    """Run a use case of the catalogue with its trail, once for each form; returns the id."""
    return do_once(action, "product", product_id, act, staff=staff, state=product_state)


def update(product_id: int, seen: str | None, fields: ProductFields) -> None:
    """Change what a product is, inside the caller's transaction.

    `seen`: the marks of what the form had shown. Raises StaleForm, BadInput, NotFound.
    """
    product = load_product(product_id)
    refuse_stale(seen, product_shown(product))
    update_product(product_id, None, fields)


def use_of(status: str) -> Callable[[int], None]:
    """Return the use case that brings a product to a status. Raises BadInput for no such one."""
    uses = {"sale": activate_product, "draft": deactivate_product, "archived": archive_product}
    if status not in uses:
        raise BadInput("Choose what should become of the product.")
    return uses[status]


def change_status_of(
    ids: Sequence[int], status: str, *, staff: Staff
) -> tuple[int, list[tuple[str, str]]]:
    """Bring each product to a status, one transaction each; archiving is not for many at once.

    Returns how many were changed, and (name, reason) of those that were not. Raises BadInput.
    """
    if status not in {"sale", "draft"} or not ids:
        raise BadInput("Tick products, and choose what should become of them.")
    use, done, refused = use_of(status), 0, []
    for product_id in ids[:MOST_AT_A_TIME]:
        token = f"{staff.form_token[:48]}-{product_id}" if staff.form_token else ""
        own = replace(staff, form_token=token)
        try:
            do_to(product_id, "products.status", partial(use, product_id), staff=own)
            done += 1
        except NotFound:
            continue
        except BadInput as error:
            name = db.session.scalar(select(Product.name).where(Product.id == product_id))
            refused.append((name or "", str(error)))
    return done, refused


def change_options(product_id: int, options: Sequence[OptionFields], seen: str | None) -> None:
    """Name what one chooses between, inside the caller's transaction.

    Raises StaleForm when others have, BadInput.
    """
    load_product(product_id)
    present = list_options(product_id)
    if seen and seen != marks_of_options(present):
        raise StaleForm
    set_options(product_id, None, options)


def change_variant(
    product_id: int,
    variant_id: int,
    seen: str | None,
    fields: VariantFields,
    *,
    user_id: int | None,
) -> None:
    """Change a variant, inside the caller's transaction; `seen` as in `update`.

    Raises StaleForm, BadInput, NotFound.
    """
    variant = get_variant(product_id, variant_id)
    refuse_stale(seen, variant_shown(variant))
    placed = replace(fields, position=variant.position)
    update_variant(variant_id, placed, user_id=user_id)


def get_variant(product_id: int, variant_id: int) -> ProductVariant:
    """Return a variant of the product that is not withdrawn. Raises NotFound."""
    variant = db.session.get(ProductVariant, variant_id)
    if variant is None or variant.product_id != product_id or variant.archived_at is not None:
        raise NotFound
    return variant


def sync_again(product_id: int) -> None:
    """Queue the provider's copy of a product anew, inside the caller's transaction."""
    product = load_product(product_id)
    product.sync_hash, product.sync_error = None, None
    publish_changes(product)


def product_state(product_id: int) -> State:
    """Return what the trail of a product shows; it stays locked until the transaction ends.

    Raises NotFound.
    """
    product = load_product(product_id)
    variants = db.session.scalars(
        select(ProductVariant).where(ProductVariant.product_id == product_id)
    )
    return {
        "name": product.name,
        "slug": product.slug,
        "summary": product.summary,
        "description": product.description,
        "details": product.details,
        "tags": product.tags,
        "category_id": product.category_id,
        "brand_id": product.brand_id,
        "is_active": product.is_active,
        "is_archived": product.archived_at is not None,
        "pictures": _pictures(product_id),
        "options": [option.name for option in list_options(product_id)],
        "variants": {variant.sku: _variant_state(variant) for variant in variants},
    }


def _variant_state(variant: ProductVariant) -> list[object]:
    return [
        variant.unit_amount,
        variant.compare_at_amount,
        variant.stock_on_hand,
        list(variant.option_values),
        str(variant.stock_policy),
        str(variant.tax_class),
        variant.weight_grams,
        variant.barcode,
        variant.is_active,
    ]


def _pictures(product_id: int) -> list[list[object]]:
    rows = db.session.execute(
        select(ProductImage.id, ProductImage.alt, ProductImage.variant_id)
        .where(ProductImage.product_id == product_id)
        .order_by(ProductImage.position, ProductImage.id)
    )
    return [[row.id, row.alt, row.variant_id] for row in rows]
