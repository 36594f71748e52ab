"""What staff do to a product, each with its trail: make, change, picture, sell, archive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from shop.admin.optimistic_lock import refuse_stale
from shop.admin.products.audit import audited_product, product_state
from shop.admin.products.form_defaults import product_shown
from shop.admin.staff_actions import Entry, Staff, audited, done_once
from shop.catalog.input_types import (
    NewVariant,
    OptionFields,
    PictureFields,
    ProductFields,
)
from shop.catalog.services import (
    activate_product,
    add_picture,
    archive_product,
    assign_picture,
    copy_product,
    create_product,
    deactivate_product,
    describe_picture,
    load_product,
    make_preview,
    order_pictures,
    publish_changes,
    remove_picture,
    revoke_preview,
    update_product,
)
from shop.core.db import db
from shop.core.errors import BadInput, NotFound
from shop.core.row_ids import parse_id
from shop.media.services import store_picture
from shop.models import Product, ProductImage

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


@dataclass(frozen=True, kw_only=True)
class NewProduct:
    """A product to make, with its variants and what tells them apart.

    `sku_stem`: how the SKUs of those begin that have none; "" for the name.
    """

    fields: ProductFields
    variants: Sequence[NewVariant]
    sku_stem: str
    options: Sequence[OptionFields]
    pictures: Sequence[PictureFields]
    is_active: bool


@done_once
def make(new: NewProduct, *, staff: Staff) -> Entry:
    """Make a product. Raises BadInput."""
    with audited("products.create", "product", staff=staff) as entry:
        product_id = create_product(
            new.fields,
            new.variants,
            options=new.options,
            pictures=new.pictures,
            sku_stem=new.sku_stem,
            user_id=staff.user_id,
            is_active=new.is_active,
        )
        entry.object_id, entry.after = product_id, product_state(product_id)
    return entry


@done_once
def update(product_id: int, seen: int | None, fields: ProductFields, *, staff: Staff) -> Entry:
    """Change what a product is.

    `seen`: the version that the form was made from. Raises StaleForm, BadInput, NotFound.
    """
    with audited_product("products.update", product_id, staff=staff) as entry:
        product = load_product(product_id)
        wanted = replace(fields, slug=fields.slug or product.slug)
        refuse_stale(seen, product.version, product_shown(product), product_shown(wanted))
        update_product(product_id, fields)
    return entry


@done_once
def duplicate(product_id: int, mark: str, *, staff: Staff) -> Entry:
    """Make a draft like a product, without its stock; `mark` goes behind its name.

    Raises NotFound.
    """
    with audited("products.duplicate", "product", staff=staff) as entry:
        copy_id = copy_product(product_id, mark, user_id=staff.user_id)
        entry.object_id, entry.after = copy_id, product_state(copy_id)
        entry.more = {"made_like": product_id}
    return entry


@done_once
def share_preview(product_id: int, *, staff: Staff) -> Entry:
    """Give a draft a fresh preview link instead of the one it had. Raises BadInput, NotFound."""
    with audited_product("products.preview", product_id, staff=staff) as entry:
        make_preview(product_id)
    return entry


@done_once
def end_preview(product_id: int, *, staff: Staff) -> Entry:
    """Revoke the preview link of a product. Raises NotFound."""
    with audited_product("products.preview_end", product_id, staff=staff) as entry:
        revoke_preview(product_id)
    return entry


STATUSES = {"sale": activate_product, "draft": deactivate_product, "archived": archive_product}


@done_once
def change_status(product_id: int, status: str, *, staff: Staff) -> Entry:
    """Bring a product to a status, a key of STATUSES. Raises BadInput, NotFound."""
    if status not in STATUSES:
        raise BadInput("Choose what should become of the product.")
    with audited_product("products.status", product_id, staff=staff) as entry:
        STATUSES[status](product_id)
    return entry


def change_status_of(
    ids: Sequence[int], status: str, *, staff: Staff
) -> tuple[int, list[tuple[str, str]]]:
    """Bring each product to a status, one transaction each; archiving is not for many at once.

    Returns how many were changed, and (name, reason) of those that were not. Raises BadInput.
    """
    if status not in {"sale", "draft"} or not ids:
        raise BadInput("Tick products, and choose what should become of them.")
    done, refused = 0, []
    for product_id in ids[:MOST_AT_A_TIME]:
        token = f"{staff.form_token[:48]}-{product_id}" if staff.form_token else ""
        try:
            change_status(product_id, status, staff=replace(staff, form_token=token))
            done += 1
        except NotFound:
            continue
        except BadInput as error:
            name = db.session.scalar(select(Product.name).where(Product.id == product_id))
            refused.append((name or "", str(error)))
    return done, refused


@done_once
def change_pictures(
    product_id: int,
    wanted: Mapping[str, str],
    added: Sequence[PictureFields],
    *,
    staff: Staff,
) -> Entry:
    """Do what the pictures' form asks: describe and assign all, move or remove one, add.

    Raises BadInput, NotFound for a picture of another product.
    """
    with audited_product("products.pictures", product_id, staff=staff) as entry:
        ids = _image_ids(product_id)
        _describe(ids, wanted)
        verb, _, text = wanted.get("act", "").partition("-")
        if verb in {"earlier", "later", "remove"}:
            _move(product_id, ids, verb, parse_id(text))
        for picture in added:
            add_picture(product_id, picture)
    return entry


def _describe(ids: Sequence[int], wanted: Mapping[str, str]) -> None:
    for image_id in ids:
        alt = wanted.get(f"alt-{image_id}")
        if alt is not None:
            describe_picture(image_id, alt)
        shown = wanted.get(f"shows-{image_id}")
        if shown is not None:
            assign_picture(image_id, parse_id(shown) if shown else None)


def _move(product_id: int, ids: list[int], verb: str, image_id: int) -> None:
    if image_id not in ids:
        raise NotFound
    if verb == "remove":
        remove_picture(image_id)
        return
    others = [one for one in ids if one != image_id]
    place = min(max(ids.index(image_id) + (-1 if verb == "earlier" else 1), 0), len(others))
    order_pictures(product_id, [*others[:place], image_id, *others[place:]])


def _image_ids(product_id: int) -> list[int]:
    return list(
        db.session.scalars(
            select(ProductImage.id)
            .where(ProductImage.product_id == product_id)
            .order_by(ProductImage.position, ProductImage.id)
        )
    )


@done_once
def sync_again(product_id: int, *, staff: Staff) -> Entry:
    """Queue the provider's copy of a product anew. Raises NotFound."""
    with audited_product("products.sync", product_id, staff=staff) as entry:
        product = load_product(product_id)
        product.sync_hash, product.sync_error = None, None
        publish_changes(product)
        entry.more = {"copy": "made again"}
    return entry
