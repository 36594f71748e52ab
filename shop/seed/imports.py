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
from shop.seed.bulk import Placed, Surroundings, chunks, known_products, new_pace, write_chunk
from shop.seed.files.document import Bad, read_document
from shop.seed.files.parsed_row import ParsedRow
from shop.seed.files.reading import Reading
from shop.seed.pictures import Progress
from shop.seed.remote import Gallery
from shop.seed.sections import SectionIds, ensure_named
from shop.seed.values import SeedProduct

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
    ids = _ensure_sections([found for _, found in read.found])
    rows = read.found
    for begin in range(0, len(rows), _BATCH):
        _import_batch(rows[begin : begin + _BATCH], ids, gallery, result)
        progress("rows", min(begin + _BATCH, len(rows)), len(rows))
    result.bad.sort(key=lambda bad: bad.number)
    return result


def _ensure_sections(found: Sequence[ParsedRow]) -> SectionIds:
    ways = dict.fromkeys(tuple(row.sections) for row in found)
    brands = dict.fromkeys(row.product.brand for row in found if row.product.brand)
    return ensure_named(ways, brands)


def _import_batch(
    rows: Sequence[tuple[int, ParsedRow]], ids: SectionIds, gallery: Gallery, result: Imported
) -> None:
    known = known_products([found.product for _, found in rows])
    end_read()
    new = [(number, found.product) for number, found in rows if found.product.slug not in known]
    stored = gallery.store([product for _, product in new], lambda *_: None)
    names = {found.product.category: found.sections[-1] for _, found in rows if found.sections}
    brands = {found.product.brand: found.product.brand for _, found in rows}
    around = Surroundings(ids, brands, names, stored, tells_provider=True)
    made = _make(new, around, result)
    for number, found in rows:
        if found.product.slug not in made:
            _take(number, partial(bring_up_to_date, found.product, ids), result)


def _make(
    new: Sequence[tuple[int, SeedProduct]], around: Surroundings, result: Imported
) -> set[str]:
    """Write new pieces in short turns; return the slugs of those that are dealt with.

    When a chunk cannot be written its pieces are tried one by one, so that each costs only itself.
    """
    last, pace = _last_position(), new_pace()
    placed = [
        Placed(product, last + STEP * place) for place, (_, product) in enumerate(new, start=1)
    ]
    numbers = {product.slug: number for number, product in new}
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
                if _take(numbers[one.product.slug], act, result):
                    done.add(one.product.slug)
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


def bring_up_to_date(product: SeedProduct, ids: SectionIds) -> ImportOutcome:
    """Change what is different about a piece that is there: words, section, prices, new variants.

    In short turns, and without asking for the lock where nothing is different. Raises BadInput
    when it was archived or one of its SKUs belongs to another piece.
    """
    done: set[str] = set()
    while _differences(product, ids, done):
        done |= _take_turn(product, ids, done)
    end_read()
    return ImportOutcome.CHANGED if done else ImportOutcome.SAME


@retried
def _take_turn(product: SeedProduct, ids: SectionIds, done: Collection[str]) -> set[str]:
    """Bring what is different up to date until the time is up; return what has been."""
    now_done = set()
    with turn():
        for name, act in _differences(product, ids, done):
            act()
            now_done.add(name)
            if is_time_up():
                break
    return now_done


def _differences(
    product: SeedProduct, ids: SectionIds, done: Collection[str]
) -> list[tuple[str, Callable[[], object]]]:
    """Return what is different but for `done`, each with what makes it alike."""
    row = _find_product(product)
    variants = {variant.sku_key: variant for variant in _variants(row.id)}
    found: list[tuple[str, Callable[[], object]]] = []
    fields = _new_words(row, product, ids)
    if fields is not None:
        found.append(("words", partial(update_product, row.id, fields)))
    for new in product.variants:
        key = f"SKU {sku_key(new.fields.sku)}"
        variant = variants.get(sku_key(new.fields.sku))
        if variant is None:
            _refuse_foreign(new)
            found.append((key, partial(add_variant, row.id, new, user_id=None)))
        elif (wanted := _new_fields(variant, new.fields)) is not None:
            found.append((key, partial(update_variant, variant.id, wanted, user_id=None)))
    return [(name, act) for name, act in found if name not in done]


def _find_product(product: SeedProduct) -> Product:
    """Return the product at the piece's address, else the one that has its first SKU."""
    row = db.session.scalars(select(Product).where(Product.slug == product.slug)).one_or_none()
    if row is None:
        keys = [sku_key(variant.fields.sku) for variant in product.variants]
        row = db.session.scalars(
            select(Product)
            .join(ProductVariant, ProductVariant.product_id == Product.id)
            .where(ProductVariant.sku_key.in_(keys))
            .order_by(Product.id)
        ).first()
    if row is None:
        raise BadInput("its address once belonged to another piece")
    if row.archived_at is not None:
        raise BadInput("it has been archived")
    return row


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


def _new_words(row: Product, product: SeedProduct, ids: SectionIds) -> ProductFields | None:
    """Return what the product is to be; None when it is that."""
    fields = ProductFields(
        name=product.name,
        brand_id=ids.brands.get(product.brand),
        category_id=ids.categories.get(product.category),
        summary=product.summary,
        description=product.text,
        details=product.details,
        tags=product.tags,
        seo_title=row.seo_title,
        seo_description=row.seo_description,
    )
    details = [{"title": title, "text": text} for title, text in fields.details if text]
    wanted = (
        fields.name.strip(), fields.brand_id, fields.category_id, fields.summary.strip(),
        fields.description.strip(), details, list(fields.tags),
    )  # fmt: skip
    present = (
        row.name, row.brand_id, row.category_id, row.summary,
        row.description, row.details, row.tags,
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
