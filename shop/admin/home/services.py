"""What staff do to the home page, each with its trail."""

from collections.abc import Sequence

from shop.admin.home.input_types import block_shown
from shop.admin.optimistic_lock import refuse_stale
from shop.admin.sections.ordering import refuse_overtaken
from shop.admin.staff_actions import Entry, Staff, audited, done_once
from shop.catalog.blocks import Block
from shop.catalog.queries.home import list_blocks
from shop.catalog.services import home
from shop.core.db import db
from shop.core.errors import StaleForm


@done_once
def make_block(block: Block, *, staff: Staff) -> Entry:
    """Put a block behind those of the draft. Raises BadInput."""
    with audited("home.create", "home_block", staff=staff) as entry:
        entry.object_id = home.add_block(block)
        entry.after = {"kind": block.kind.value} | block_shown(block)
    return entry


@done_once
def save_block(key: int, seen: int | None, block: Block, *, staff: Staff) -> Entry:
    """Change a block of the draft.

    `seen`: the version that the form was made from. Raises StaleForm, BadInput, NotFound.
    """
    with audited("home.update", "home_block", key, staff=staff) as entry:
        row = home.lock_block(key)
        entry.before, entry.after = block_shown(row), block_shown(block)
        refuse_stale(seen, row.version, entry.before, entry.after)
        home.update_block(key, block)
    return entry


@done_once
def arrange_home(was: Sequence[int], wanted: Sequence[int], *, staff: Staff) -> Entry:
    """Put the blocks of the draft in order, or take one out.

    `was`: the blocks that the form showed. Raises StaleForm, BadInput.
    """
    with audited("home.order", "home_block", "draft", staff=staff) as entry:
        home.begin_draft()
        present = [block.key for block in home.draft_blocks()]
        refuse_overtaken(was, present, wanted)
        home.arrange_blocks(wanted)
        entry.before, entry.after = {"blocks": present}, {"blocks": list(wanted)}
    return entry


@done_once
def publish_draft(seen: str, *, staff: Staff) -> Entry:
    """Let everybody see the draft.

    `seen`: its mark as staff saw it. Raises StaleForm, OrderError.
    """
    with audited("home.publish", "home_block", "draft", staff=staff) as entry:
        _refuse_other(seen)
        entry.before, entry.after = _page(list_blocks(is_live=True)), _page(home.draft_blocks())
        home.publish_home()
    return entry


@done_once
def discard_draft(seen: str, *, staff: Staff) -> Entry:
    """Forget what was changed and not published. Raises StaleForm."""
    with audited("home.discard", "home_block", "draft", staff=staff) as entry:
        _refuse_other(seen)
        entry.before, entry.after = _page(home.draft_blocks()), _page(list_blocks(is_live=True))
        home.drop_draft()
        db.session.flush()
    return entry


def _page(blocks: Sequence[Block]) -> dict[str, object]:
    """Return a whole home page as the trail says it: the order, and each block."""
    shown = {f"{block.kind.value} {block.key}": block_shown(block) for block in blocks}
    return {"blocks": [block.key for block in blocks], **shown}


def _refuse_other(seen: str) -> None:
    home.lock_home()
    if seen != home.draft_mark():
        raise StaleForm("Somebody else changed the draft in the meantime. Look at it once more.")
