"""What the products desk adds to the use cases of the catalogue: uploads, and the staff trail."""

from collections.abc import Callable, Sequence

from sqlalchemy import select
from werkzeug.datastructures import FileStorage, MultiDict

from shop.cart.quantity import parse_id
from shop.catalog.services import add_picture, describe_picture, order_pictures, remove_picture
from shop.catalog.values import PictureFields
from shop.db import db, transaction
from shop.errors import BadInput, NotFound
from shop.media.services import store_picture
from shop.models import Product, ProductImage, ProductVariant
from shop.trail import leave_trail

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
    product_id: int, form: MultiDict[str, str], files: Sequence[FileStorage]
) -> None:
    """Do what the pictures' form asks: describe all, then move or remove one, then add.

    Raises BadInput, NotFound for a picture of another product.
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
    for picture in upload(files):
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


def tracked(
    product_id: int, action: str, act: Callable[[], object], *, user_id: int | None
) -> None:
    """Run a use case of the catalogue and leave a trail of the product before and after it."""
    before = _state(product_id)
    act()
    after = _state(product_id)
    changes = {key for key in after if before.get(key) != after[key]}
    with transaction():
        leave_trail(
            action,
            "product",
            product_id,
            user_id=user_id,
            before={key: before.get(key) for key in sorted(changes)},
            after={key: after[key] for key in sorted(changes)},
        )


def _state(product_id: int) -> dict[str, object]:
    db.session.close()
    product = db.session.get(Product, product_id)
    if product is None:
        raise NotFound
    variants = db.session.scalars(
        select(ProductVariant).where(ProductVariant.product_id == product_id)
    )
    return {
        "name": product.name,
        "slug": product.slug,
        "summary": product.summary,
        "description": product.description,
        "category_id": product.category_id,
        "brand_id": product.brand_id,
        "is_active": product.is_active,
        "is_archived": product.archived_at is not None,
        "pictures": _image_ids(product_id),
        "variants": {
            variant.sku: [variant.unit_amount, variant.compare_at_amount, variant.stock_on_hand]
            for variant in variants
        },
    }
