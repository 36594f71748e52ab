"""What the products desk adds to the use cases of the catalogue: uploads, and the staff trail."""

from collections.abc import Callable, Sequence

from sqlalchemy import select
from werkzeug.datastructures import FileStorage, MultiDict

from shop.admin.deeds import Staff, State, do_once
from shop.cart.quantity import parse_id
from shop.catalog.services import (
    add_picture,
    describe_picture,
    list_options,
    load_product,
    order_pictures,
    remove_picture,
)
from shop.catalog.values import PictureFields
from shop.db import db
from shop.errors import BadInput, NotFound
from shop.media.services import store_picture
from shop.models import ProductImage, ProductVariant

MOST_AT_ONCE = 12


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
            raise BadInput(pictures=f"{name}: {error}") from error
        stored.append(PictureFields(picture.key, picture.width, picture.height))
    return stored


def change_pictures(
    product_id: int, form: MultiDict[str, str], added: Sequence[PictureFields]
) -> None:
    """Do what the pictures' form asks: describe all, then move or remove one, then add.

    Joins the caller's transaction. Raises BadInput, NotFound for a picture of another product.
    """
    ids = _image_ids(product_id)
    for image_id in ids:
        alt = form.get(f"alt-{image_id}")
        if alt is not None:
            describe_picture(image_id, alt)
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


def make_once(make: Callable[[], int], *, staff: Staff) -> str:
    """Make a product with its trail, once for each form; returns its id."""
    made: list[int] = []

    def act() -> int:
        made.append(make())
        return made[-1]

    return do_once(
        "products.create",
        "product",
        "",
        act,
        staff=staff,
        state=lambda: product_state(made[-1]),
    )


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
        select(ProductImage.id, ProductImage.alt)
        .where(ProductImage.product_id == product_id)
        .order_by(ProductImage.position, ProductImage.id)
    )
    return [[row.id, row.alt] for row in rows]
