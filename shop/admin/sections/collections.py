"""What staff do to collections, and to the order of pieces; each with its trail."""

from collections.abc import Sequence

from shop.admin.optimistic_lock import refuse_stale
from shop.admin.sections.input_types import collection_shown
from shop.admin.sections.ordering import rearrange, refuse_overtaken
from shop.admin.sections.queries import next_position
from shop.admin.staff_actions import Entry, Staff, audited, done_once
from shop.catalog import services as catalog
from shop.catalog.input_types import CollectionFields
from shop.models import Category, Collection


@done_once
def make_collection(values: CollectionFields, *, staff: Staff) -> Entry:
    """Make a collection, behind all others. Raises BadInput."""
    with audited("collections.create", "collection", staff=staff) as entry:
        place = next_position(Collection)
        entry.object_id = catalog.create_collection(values, position=place)
        entry.after = collection_shown(values)
    return entry


@done_once
def save_collection(
    collection_id: int, seen: int | None, values: CollectionFields, *, staff: Staff
) -> Entry:
    """Change a collection.

    `seen`: the version that the form was made from. Raises StaleForm, BadInput, NotFound.
    """
    with audited("collections.update", "collection", collection_id, staff=staff) as entry:
        collection = catalog.lock_section(Collection, collection_id)
        entry.before, entry.after = collection_shown(collection), collection_shown(values)
        refuse_stale(seen, collection.version, entry.before, entry.after)
        catalog.update_collection(collection_id, values)
    return entry


@done_once
def arrange_collection(
    collection_id: int, was: Sequence[int], wanted: Sequence[int], *, staff: Staff
) -> Entry:
    """Let a collection hold the `wanted` pieces, in this order.

    `was`: the pieces that the form showed. Raises StaleForm where they are others by now,
    BadInput, NotFound.
    """
    with audited("collections.pieces", "collection", collection_id, staff=staff) as entry:
        catalog.lock_section(Collection, collection_id)
        present = catalog.list_collection_pieces(collection_id)
        refuse_overtaken(was, present, wanted)
        catalog.choose_products(collection_id, wanted)
        entry.before, entry.after = {"pieces": present}, {"pieces": list(wanted)}
    return entry


@done_once
def arrange_category(
    category_id: int, was: Sequence[int], wanted: Sequence[int], *, staff: Staff
) -> Entry:
    """Put the first pieces of a category's list into the order `wanted`.

    A piece that is `wanted` first and was not among them comes before all. Raises StaleForm,
    BadInput, NotFound.
    """
    with audited("categories.pieces", "category", category_id, staff=staff) as entry:
        catalog.lock_section(Category, category_id)
        present = catalog.list_leading(category_id)
        refuse_overtaken(was, present, wanted)
        catalog.arrange_leading(category_id, wanted)
        entry.before = {"pieces": present}
        entry.after = {"pieces": catalog.list_leading(category_id)}
    return entry


def moved(pieces: Sequence[int], act: str, which: int, *, is_category: bool) -> list[int]:
    """Return the pieces after a button. A piece that a category is given comes first."""
    if is_category and act == "add":
        return [which, *(one for one in pieces if one != which)]
    return rearrange(pieces, act, which)
