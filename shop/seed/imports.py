"""Import pieces from a JSON file: new ones are made, known ones brought up to date."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from sqlalchemy import func, select

from shop.catalog.services import add_variant, update_product, update_variant
from shop.catalog.text import sku_key
from shop.catalog.values import NewVariant, ProductFields, VariantFields
from shop.db import db, end_read, retried, transaction
from shop.errors import BadInput
from shop.models import Product, ProductVariant
from shop.seed.basics import ensure_currency
from shop.seed.bulk import known_pieces
from shop.seed.files.document import Bad, read_document
from shop.seed.files.found import Found, Reading
from shop.seed.pictures import Progress
from shop.seed.pieces import Piece
from shop.seed.remote import Gallery
from shop.seed.services import STEP, create_piece
from shop.seed.shelves import ShelfIds, ensure_named

_BATCH: Final = 50  # pieces whose pictures are stored before they are written


class Outcome(StrEnum):
    """What became of a row."""

    MADE = "made"
    CHANGED = "changed"
    SAME = "unchanged"


@dataclass
class Imported:
    """What became of the rows of a file; `bad` are those left out, in their order."""

    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    bad: list[Bad] = field(default_factory=list)


def import_json(data: bytes, reading: Reading, gallery: Gallery, progress: Progress) -> Imported:
    """Import a file in the shop's own format or that of the Makeup API.

    A row that cannot be used is reported and costs only itself. Again with the same file nothing
    changes. Stock and pictures of pieces that are there belong to the shop and stay. Raises
    BadInput when it is no such file, WrongCurrency.
    """
    ensure_currency()
    read = read_document(data, reading)
    result = Imported(bad=list(read.bad))
    ids = _ensure_shelves([found for _, found in read.found])
    rows = read.found
    for begin in range(0, len(rows), _BATCH):
        _import_batch(rows[begin : begin + _BATCH], ids, gallery, result)
        progress("rows", min(begin + _BATCH, len(rows)), len(rows))
    result.bad.sort(key=lambda bad: bad.number)
    return result


def _ensure_shelves(found: Sequence[Found]) -> ShelfIds:
    ways = dict.fromkeys(tuple(row.shelves) for row in found)
    houses = dict.fromkeys(row.piece.house for row in found if row.piece.house)
    return ensure_named(ways, houses)


def _import_batch(
    rows: Sequence[tuple[int, Found]], ids: ShelfIds, gallery: Gallery, result: Imported
) -> None:
    known = known_pieces([found.piece for _, found in rows])
    end_read()
    new = [found.piece for _, found in rows if found.piece.slug not in known]
    stored = gallery.store(new, lambda *_: None)
    position = _last_position()
    for number, found in rows:
        piece, outcome = found.piece, None
        try:
            if piece.slug not in known:
                position += STEP
                made = create_piece(piece, ids, stored, position=position)
                outcome = Outcome.MADE if made else None
            result.counts[outcome or bring_up_to_date(piece, ids)] += 1
        except BadInput as error:
            result.bad.append(Bad(number, str(error)))


def _last_position() -> int:
    last = db.session.scalar(select(func.max(Product.position))) or 0
    end_read()
    return last


@retried
def bring_up_to_date(piece: Piece, ids: ShelfIds) -> Outcome:
    """Change what is different about a piece that is there: words, shelf, prices, new variants.

    Raises BadInput when it was archived or one of its SKUs belongs to another piece.
    """
    with transaction():
        product = _find_product(piece)
        variants = {variant.sku_key: variant for variant in _variants(product.id)}
        changed = _update_words(product, piece, ids)
        for new in piece.variants:
            variant = variants.get(sku_key(new.fields.sku))
            if variant is None:
                _refuse_foreign(new)
                add_variant(product.id, new, user_id=None)
                changed = True
            else:
                changed |= _update_variant(variant, new.fields)
    return Outcome.CHANGED if changed else Outcome.SAME


def _find_product(piece: Piece) -> Product:
    """Return the product at the piece's address, else the one that has its first SKU."""
    product = db.session.scalars(select(Product).where(Product.slug == piece.slug)).one_or_none()
    if product is None:
        keys = [sku_key(variant.fields.sku) for variant in piece.variants]
        product = db.session.scalars(
            select(Product)
            .join(ProductVariant, ProductVariant.product_id == Product.id)
            .where(ProductVariant.sku_key.in_(keys))
            .order_by(Product.id)
        ).first()
    if product is None:
        raise BadInput("its address once belonged to another piece")
    if product.archived_at is not None:
        raise BadInput("it has been archived")
    return product


def _variants(product_id: int) -> Sequence[ProductVariant]:
    return db.session.scalars(
        select(ProductVariant).where(
            ProductVariant.product_id == product_id, ProductVariant.archived_at.is_(None)
        )
    ).all()


def _refuse_foreign(new: NewVariant) -> None:
    key = sku_key(new.fields.sku)
    if db.session.scalar(select(ProductVariant.id).where(ProductVariant.sku_key == key)):
        raise BadInput(f"SKU {new.fields.sku} belongs to another piece")


def _update_words(product: Product, piece: Piece, ids: ShelfIds) -> bool:
    fields = ProductFields(
        name=piece.name,
        brand_id=ids.houses.get(piece.house),
        category_id=ids.categories.get(piece.category),
        summary=piece.summary,
        description=piece.text,
        details=piece.details,
        tags=piece.tags,
        position=product.position,
    )
    details = [{"title": title, "text": text} for title, text in fields.details if text]
    wanted = (
        fields.name.strip(), fields.brand_id, fields.category_id, fields.summary.strip(),
        fields.description.strip(), details, list(fields.tags),
    )  # fmt: skip
    present = (
        product.name, product.brand_id, product.category_id, product.summary,
        product.description, product.details, product.tags,
    )  # fmt: skip
    if wanted == present:
        return False
    update_product(product.id, product.version, fields)
    return True


def _update_variant(variant: ProductVariant, fields: VariantFields) -> bool:
    """Bring price and the like up to date; options, place and sale state stay the shop's."""
    wanted = replace(
        fields,
        option_values=tuple(variant.option_values),
        position=variant.position,
        is_active=variant.is_active,
    )
    present = replace(
        wanted,
        sku=variant.sku,
        unit_amount=variant.unit_amount,
        compare_at_amount=variant.compare_at_amount,
        stock_policy=variant.stock_policy,
        weight_grams=variant.weight_grams,
        barcode=variant.barcode,
        tax_class=variant.tax_class,
        unit_measure=variant.unit_measure,
    )
    if wanted == present:
        return False
    update_variant(variant.id, wanted, user_id=None)
    return True
