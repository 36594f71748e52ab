"""Collections: what they are, and which pieces staff chose for them in which order."""

from collections.abc import Mapping, Sequence

from sqlalchemy import case, delete, func, insert, select, update

from shop.catalog.input_types import CollectionFields
from shop.catalog.rules import Rule
from shop.catalog.services.listings import taken_means_bad_input
from shop.catalog.services.sections import (
    free_section_slug,
    lock_section,
    look_columns,
    renew_sections,
    section_name,
    section_text,
    write_section,
)
from shop.core.db import changed, db, retried, transaction
from shop.core.errors import BadInput
from shop.models import Brand, Category, Collection, CollectionKind, CollectionProduct, Product
from shop.shared.page_versions import bump_list

MOST_CHOSEN = 500  # pieces in a collection that are chosen by hand


@retried
def create_collection(fields: CollectionFields, *, slug: str = "", position: int = 0) -> int:
    """Make a collection without pieces, or with those of its rule; returns its id.

    Raises BadInput.
    """
    with transaction() as session:
        collection = Collection(
            slug=free_section_slug(Collection, slug or fields.name, None),
            position=position,
            **_columns(fields),
        )
        session.add(collection)
        with taken_means_bad_input():
            session.flush()
        renew_sections()
        return collection.id


@retried
def update_collection(collection_id: int, fields: CollectionFields) -> None:
    """Change a collection. Pieces chosen by hand stay, also while a rule finds them.

    Raises BadInput, NotFound.
    """
    with transaction():
        collection = lock_section(Collection, collection_id)
        write_section(collection, **_columns(fields, collection))
        renew_sections()


def _columns(fields: CollectionFields, present: Collection | None = None) -> dict[str, object]:
    rule = fields.rule
    if rule is not None:
        rule.check()
        _check_sections(rule, present.rule if present else {})
    return {
        "name": section_name(fields.name),
        "description": section_text(fields.description),
        "kind": CollectionKind.HAND if rule is None else CollectionKind.RULE,
        "rule": {} if rule is None else rule.stored(),
        "is_active": fields.is_active,
        "in_menu": fields.in_menu,
        **look_columns(fields.look),
    }


def _check_sections(rule: Rule, known: Mapping[str, object]) -> None:
    """Refuse sections that there are not; those that a rule has had stay, though they are gone."""
    wrong = {}
    category_id, brand_id = rule.category_id, rule.brand_id
    is_new = category_id not in (None, known.get("category_id"))
    if is_new and db.session.get(Category, category_id) is None:
        wrong["category_id"] = "Choose a category."
    is_new = brand_id not in (None, known.get("brand_id"))
    if is_new and db.session.get(Brand, brand_id) is None:
        wrong["brand_id"] = "Choose a house."
    if wrong:
        raise BadInput(**wrong)


def list_collection_pieces(collection_id: int) -> list[int]:
    """Return the ids of the pieces that were chosen for a collection, in their order."""
    chosen = select(CollectionProduct.product_id).where(
        CollectionProduct.collection_id == collection_id
    )
    order = (CollectionProduct.position, CollectionProduct.product_id)
    return list(db.session.scalars(chosen.order_by(*order)))


@retried
def choose_products(collection_id: int, product_ids: Sequence[int]) -> None:
    """Let a collection hold just these pieces, in this order.

    Whatever it takes out, puts in or moves is one statement each. Raises BadInput, NotFound.
    """
    if len(product_ids) > MOST_CHOSEN:
        raise BadInput(f"A collection has at most {MOST_CHOSEN} pieces. Use a rule for more.")
    with transaction():
        lock_section(Collection, collection_id)
        present = list_collection_pieces(collection_id)
        wanted = list(dict.fromkeys(product_ids))
        new = [product_id for product_id in wanted if product_id not in set(present)]
        _check_products(new)
        of_it = CollectionProduct.collection_id == collection_id
        if gone := set(present) - set(wanted):
            changed(delete(CollectionProduct).where(of_it, CollectionProduct.product_id.in_(gone)))
        places = {product_id: place for place, product_id in enumerate(wanted)}
        if new:
            rows = [
                {"collection_id": collection_id, "product_id": i, "position": places[i]}
                for i in new
            ]
            db.session.execute(insert(CollectionProduct), rows)
        if any(places.get(product_id, place) != place for place, product_id in enumerate(present)):
            place = case(places, value=CollectionProduct.product_id)
            changed(update(CollectionProduct).where(of_it).values(position=place))
        bump_list()


def _check_products(product_ids: Sequence[int]) -> None:
    known = select(func.count()).where(Product.id.in_(product_ids), Product.archived_at.is_(None))
    if product_ids and db.session.scalar(known) != len(product_ids):
        raise BadInput("Choose pieces of the shop.")
