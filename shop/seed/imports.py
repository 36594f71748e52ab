"""Import pieces from a JSON file: new ones are made, known ones brought up to date."""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from typing import Final

from sqlalchemy import func, select

from shop.catalog.input_types import NewVariant, ProductFields, VariantFields
from shop.catalog.services import STEP, add_variant, update_product, update_variant
from shop.catalog.text import sku_key
from shop.core.db import abandon, db, end_read, retried
from shop.core.errors import BadInput, Busy, ShopError
from shop.core.long_writes import Pace, is_time_up, turn
from shop.models import Product, ProductVariant
from shop.seed.basics import ensure_currency
from shop.seed.bulk import Placed, Surroundings, chunks, known_pieces, new_pace, write_chunk
from shop.seed.files.document import Bad, read_document
from shop.seed.files.parsed_row import ParsedRow
from shop.seed.files.reading import Reading
from shop.seed.pictures import Progress
from shop.seed.pieces import SeedProduct
from shop.seed.remote import Gallery
from shop.seed.shelves import ShelfIds, ensure_named

log = logging.getLogger(__name__)

_BATCH: Final = 50  # pieces whose pictures are stored before they are written


class ImportOutcome(StrEnum):
    """What became of a row."""

    MADE = "made"
    CHANGED = "changed"
    SAME = "unchanged"


@dataclass
class Imported:
    """What became of the rows of a file; `bad` are those left out, in their order."""

    counts: dict[ImportOutcome, int] = field(
        default_factory=lambda: dict.fromkeys(ImportOutcome, 0)
    )
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


def _ensure_shelves(found: Sequence[ParsedRow]) -> ShelfIds:
    ways = dict.fromkeys(tuple(row.shelves) for row in found)
    houses = dict.fromkeys(row.piece.house for row in found if row.piece.house)
    return ensure_named(ways, houses)


def _import_batch(
    rows: Sequence[tuple[int, ParsedRow]], ids: ShelfIds, gallery: Gallery, result: Imported
) -> None:
    known = known_pieces([found.piece for _, found in rows])
    end_read()
    new = [(number, found.piece) for number, found in rows if found.piece.slug not in known]
    stored = gallery.store([piece for _, piece in new], lambda *_: None)
    names = {found.piece.category: found.shelves[-1] for _, found in rows if found.shelves}
    houses = {found.piece.house: found.piece.house for _, found in rows}
    around = Surroundings(ids, houses, names, stored, tells_provider=True)
    made = _make(new, around, result)
    for number, found in rows:
        if found.piece.slug not in made:
            _take(number, partial(bring_up_to_date, found.piece, ids), result)


def _make(
    new: Sequence[tuple[int, SeedProduct]], around: Surroundings, result: Imported
) -> set[str]:
    """Write new pieces in short turns; return the slugs of those that are dealt with.

    When a chunk cannot be written its pieces are tried one by one, so that each costs only itself.
    """
    last, pace = _last_position(), new_pace()
    placed = [Placed(piece, last + STEP * place) for place, (_, piece) in enumerate(new, start=1)]
    numbers = {piece.slug: number for number, piece in new}
    done: set[str] = set()
    for chunk in chunks(placed, pace):
        try:
            made = write_chunk(chunk, around, pace)
        except Busy:
            raise
        except Exception:
            log.exception("a chunk failed; now piece by piece")
            abandon()
            for one in chunk:
                act = partial(_make_one, one, around, pace)
                if _take(numbers[one.piece.slug], act, result):
                    done.add(one.piece.slug)
        else:
            done |= made
            result.counts[ImportOutcome.MADE] += len(made)
    return done


def _make_one(placed: Placed, around: Surroundings, pace: Pace) -> ImportOutcome | None:
    return ImportOutcome.MADE if write_chunk([placed], around, pace) else None


def _take(number: int, act: Callable[[], ImportOutcome | None], result: Imported) -> bool:
    """Do what a row asks and count it; note the row as bad when that fails for any reason.

    Returns whether the row is dealt with: not when another process was faster (None).
    """
    try:
        outcome = act()
    except Busy:
        raise
    except Exception as error:
        is_known = isinstance(error, ShopError)
        if not is_known:
            log.exception("a row failed", extra={"row": number})
            abandon()
        reason = str(error) if is_known else f"it could not be written ({type(error).__name__})"
        result.bad.append(Bad(number, reason))
        return True
    if outcome is not None:
        result.counts[outcome] += 1
    return outcome is not None


def _last_position() -> int:
    last = db.session.scalar(select(func.max(Product.position))) or 0
    end_read()
    return last


def bring_up_to_date(piece: SeedProduct, ids: ShelfIds) -> ImportOutcome:
    """Change what is different about a piece that is there: words, shelf, prices, new variants.

    In short turns, and without asking for the lock where nothing is different. Raises BadInput
    when it was archived or one of its SKUs belongs to another piece.
    """
    done: set[str] = set()
    while _differences(piece, ids, done):
        done |= _take_turn(piece, ids, done)
    end_read()
    return ImportOutcome.CHANGED if done else ImportOutcome.SAME


@retried
def _take_turn(piece: SeedProduct, ids: ShelfIds, done: Collection[str]) -> set[str]:
    """Bring what is different up to date until the time is up; return what has been."""
    now_done = set()
    with turn():
        for name, act in _differences(piece, ids, done):
            act()
            now_done.add(name)
            if is_time_up():
                break
    return now_done


def _differences(
    piece: SeedProduct, ids: ShelfIds, done: Collection[str]
) -> list[tuple[str, Callable[[], object]]]:
    """Return what is different but for `done`, each with what makes it alike."""
    product = _find_product(piece)
    variants = {variant.sku_key: variant for variant in _variants(product.id)}
    found: list[tuple[str, Callable[[], object]]] = []
    fields = _new_words(product, piece, ids)
    if fields is not None:
        found.append(("words", partial(update_product, product.id, fields)))
    for new in piece.variants:
        key = f"SKU {sku_key(new.fields.sku)}"
        variant = variants.get(sku_key(new.fields.sku))
        if variant is None:
            _refuse_foreign(new)
            found.append((key, partial(add_variant, product.id, new, user_id=None)))
        elif (wanted := _new_fields(variant, new.fields)) is not None:
            found.append((key, partial(update_variant, variant.id, wanted, user_id=None)))
    return [(name, act) for name, act in found if name not in done]


def _find_product(piece: SeedProduct) -> Product:
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


def _new_words(product: Product, piece: SeedProduct, ids: ShelfIds) -> ProductFields | None:
    """Return what the product is to be; None when it is that."""
    fields = ProductFields(
        name=piece.name,
        brand_id=ids.houses.get(piece.house),
        category_id=ids.categories.get(piece.category),
        summary=piece.summary,
        description=piece.text,
        details=piece.details,
        tags=piece.tags,
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
    return None if wanted == present else fields


def _new_fields(variant: ProductVariant, fields: VariantFields) -> VariantFields | None:
    """Return price and the like as they are to be; None when they are.

    Options, place and sale state stay the shop's.
    """
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
    return None if wanted == present else wanted
