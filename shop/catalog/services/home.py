"""The home page as staff compose it: changes are made to a draft, which is published in one go."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, replace

from sqlalchemy import delete, func, select, update

from shop.catalog.blocks import DEFAULT, MOST_BLOCKS, Block
from shop.catalog.queries.home import list_blocks
from shop.core.db import changed, db, retried, transaction
from shop.core.errors import BadInput, NotFound, OrderError
from shop.core.locks import lock_names
from shop.models import HomeBlock
from shop.shared.page_versions import bump_list, bump_settings


def draft_blocks() -> list[Block]:
    """Return the draft; what is public where nobody is changing it."""
    return list_blocks(is_live=False) or list_blocks(is_live=True) or list(DEFAULT)


def draft_mark() -> str:
    """Return what tells one state of the draft from every other."""
    return hashlib.sha256(repr(draft_blocks()).encode()).hexdigest()[:32]


def lock_home() -> None:
    """Have others who change or publish the home page wait until the open transaction ends."""
    lock_names(["home"])


def begin_draft() -> None:
    """Copy what is public, unless there is a draft already; others who change it wait.

    Joins the caller's transaction.
    """
    lock_home()
    if list_blocks(is_live=False):
        return
    live = select(HomeBlock.key, HomeBlock.version).where(HomeBlock.is_live)
    versions = {row.key: row.version for row in db.session.execute(live)}
    db.session.add_all(
        HomeBlock(
            **asdict(block), is_live=False, position=place, version=versions.get(block.key, 1)
        )
        for place, block in enumerate(list_blocks(is_live=True) or DEFAULT)
    )
    db.session.flush()


@retried
def add_block(block: Block) -> int:
    """Put a block behind those of the draft; returns its key. Raises BadInput."""
    with transaction() as session:
        begin_draft()
        count, place = session.execute(
            select(func.count(), func.max(HomeBlock.position)).where(HomeBlock.is_live.is_(False))
        ).one()
        if count >= MOST_BLOCKS:
            raise BadInput(f"The home page has at most {MOST_BLOCKS} blocks.")
        key = (session.scalar(select(func.max(HomeBlock.key))) or 0) + 1
        values = asdict(replace(block.checked(), key=key))
        session.add(HomeBlock(**values, is_live=False, position=(place or 0) + 1))
        return key


def lock_block(key: int) -> HomeBlock:
    """Return a block of the draft, which begins with it if need be. Raises NotFound."""
    begin_draft()
    draft = HomeBlock.is_live.is_(False)
    found = db.session.scalars(select(HomeBlock).where(draft, HomeBlock.key == key)).one_or_none()
    if found is None:
        raise NotFound
    return found


@retried
def update_block(key: int, block: Block) -> None:
    """Change a block of the draft; its version grows if anything differs.

    Raises BadInput, NotFound.
    """
    with transaction():
        row = lock_block(key)
        wanted = asdict(replace(block.checked(), key=key, kind=row.kind))
        row.version += any(getattr(row, name) != value for name, value in wanted.items())
        for name, value in wanted.items():
            setattr(row, name, value)


@retried
def arrange_blocks(keys: Sequence[int]) -> None:
    """Show the blocks of the draft in this order; those that are not named go.

    Raises BadInput.
    """
    with transaction() as session:
        begin_draft()
        draft = HomeBlock.is_live.is_(False)
        rows = {row.key: row for row in session.scalars(select(HomeBlock).where(draft))}
        if not keys:
            raise BadInput("A home page needs one block at least. Hide it instead.")
        if not {*keys} <= {*rows}:
            raise BadInput("The blocks have changed in the meantime.")
        for place, key in enumerate(keys):
            rows[key].position = place
        for key in {*rows} - {*keys}:
            session.delete(rows[key])


@retried
def publish_home() -> None:
    """Let everybody see the draft, which ends with it. Raises OrderError where there is none."""
    with transaction():
        lock_home()
        if not list_blocks(is_live=False):
            raise OrderError("Nothing has been changed since the home page was published.")
        changed(delete(HomeBlock).where(HomeBlock.is_live))
        changed(update(HomeBlock).values(is_live=True))
        bump_settings()
        bump_list()


@retried
def drop_draft() -> None:
    """Forget what was changed and not published."""
    with transaction():
        lock_home()
        changed(delete(HomeBlock).where(HomeBlock.is_live.is_(False)))
