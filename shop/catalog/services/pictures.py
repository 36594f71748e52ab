"""Pictures of a product, in the order they are shown; the first is its cover."""

from collections.abc import Sequence

from sqlalchemy import func, select

from shop.catalog.input_types import PictureFields
from shop.catalog.services.listings import load_product, publish_changes
from shop.catalog.text import option_key
from shop.core.db import db, retried, transaction
from shop.core.errors import BadInput, NotFound
from shop.models import Product, ProductImage, ProductVariant

MOST_PICTURES = 12
LONGEST_ALT = 250
NO_VARIANT = "A picture names a variant that is not there."


@retried
def add_picture(product_id: int, picture: PictureFields) -> int:
    """Add a stored picture at the end; returns its id. Raises BadInput, NotFound."""
    with transaction() as session:
        product = load_product(product_id)
        count, last = session.execute(
            select(func.count(), func.max(ProductImage.position)).where(
                ProductImage.product_id == product_id
            )
        ).one()
        if count >= MOST_PICTURES:
            raise BadInput(picture=f"A product has at most {MOST_PICTURES} pictures.")
        image = _image(product_id, picture, 0 if last is None else last + 1)
        session.add(image)
        publish_changes(product)
        return image.id


@retried
def remove_picture(image_id: int) -> None:
    """Take a picture off its product; the file stays, orders may show it. Raises NotFound."""
    with transaction() as session:
        image, product = _load(image_id)
        session.delete(image)
        publish_changes(product)


@retried
def describe_picture(image_id: int, alt: str) -> None:
    """Say what a picture shows, for those who cannot see it. Raises BadInput, NotFound."""
    if len(alt) > LONGEST_ALT:
        raise BadInput(alt=f"Use at most {LONGEST_ALT} characters.")
    with transaction():
        image, product = _load(image_id)
        image.alt = alt.strip()
        publish_changes(product)


@retried
def assign_picture(image_id: int, variant_id: int | None) -> None:
    """Say which variant a picture shows, None for all; the page puts it first for that one.

    Raises BadInput for a variant that the product does not have, NotFound.
    """
    with transaction() as session:
        image, product = _load(image_id)
        if variant_id == image.variant_id:
            return  # also a variant that was withdrawn since
        of_it = select(ProductVariant.id).where(
            ProductVariant.id == variant_id,
            ProductVariant.product_id == product.id,
            ProductVariant.archived_at.is_(None),
        )
        if variant_id is not None and session.scalar(of_it) is None:
            raise BadInput(pictures=NO_VARIANT)
        image.variant_id = variant_id
        publish_changes(product)


@retried
def order_pictures(product_id: int, image_ids: Sequence[int]) -> None:
    """Show the pictures in this order; `image_ids` names each of them once. Raises BadInput."""
    with transaction() as session:
        product = load_product(product_id)
        images = session.scalars(select(ProductImage).where(ProductImage.product_id == product_id))
        by_id = {image.id: image for image in images}
        if sorted(image_ids) != sorted(by_id):
            raise BadInput(pictures="The pictures have changed in the meantime.")
        for position, image_id in enumerate(image_ids):
            by_id[image_id].position = position
        publish_changes(product)


def write_pictures(product_id: int, pictures: Sequence[PictureFields]) -> None:
    """Write the pictures of a product that has none, inside the caller's use case."""
    if len(pictures) > MOST_PICTURES:
        raise BadInput(pictures=f"A product has at most {MOST_PICTURES} pictures.")
    db.session.add_all(
        _image(product_id, picture, position) for position, picture in enumerate(pictures)
    )


def _image(product_id: int, picture: PictureFields, position: int) -> ProductImage:
    return ProductImage(
        product_id=product_id,
        variant_id=_variant_id(product_id, picture.variant_key),
        storage_key=picture.storage_key,
        width=picture.width,
        height=picture.height,
        alt=picture.alt.strip()[:LONGEST_ALT],
        position=position,
    )


def _variant_id(product_id: int, values: Sequence[str]) -> int | None:
    if not values:
        return None
    found: int | None = db.session.scalar(
        select(ProductVariant.id).where(
            ProductVariant.product_id == product_id,
            ProductVariant.option_key == option_key(values),
        )
    )
    if found is None:
        raise BadInput(pictures=NO_VARIANT)
    return found


def _load(image_id: int) -> tuple[ProductImage, Product]:
    product_id = db.session.scalar(
        select(ProductImage.product_id).where(ProductImage.id == image_id)
    )
    if product_id is None:
        raise NotFound
    product = load_product(product_id)
    return db.session.get_one(ProductImage, image_id), product
