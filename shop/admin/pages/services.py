"""Writing pages at the desk: draft, publish, take down, restore, delete; each with its trail."""

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.exc import IntegrityError

from shop.admin.optimistic_lock import refuse_stale
from shop.admin.pages.input_types import PageValues, page_shown
from shop.admin.pages.queries import count_orders, is_newest
from shop.admin.staff_actions import Entry, Staff, audited, done_once
from shop.core.db import changed, db
from shop.core.errors import NotFound, OrderError
from shop.models import Page, PageRole, PageVersion
from shop.pages.services import (
    begin_page,
    begin_sample,
    find_public_version,
    move_page,
    publish_page,
    take_down,
)
from shop.shared.page_versions import bump_settings

REFERRED = "Orders were placed under this text, so it stays. Take the page down instead."


@done_once
def make_page(values: PageValues, *, staff: Staff) -> Entry:
    """Make a page with a draft. Raises BadInput (`slug`)."""
    with audited("pages.create", "page", staff=staff) as entry:
        page = begin_page(PageRole.NONE, values.slug, values.section, values.text)
        page.position = values.position
        entry.object_id, entry.after = page.id, page_shown(page)
    return entry


@done_once
def make_sample(role: PageRole, *, staff: Staff) -> Entry:
    """Make the page of a role with the text that one begins with. Raises BadInput (`role`)."""
    with audited("pages.create", "page", staff=staff) as entry:
        page = begin_sample(role)
        entry.object_id, entry.after = page.id, page_shown(page)
        entry.more = {"role": str(role)}
    return entry


@done_once
def save_page(
    page_id: int, seen: int | None, values: PageValues, *, publish: bool, staff: Staff
) -> Entry:
    """Save the draft of a page, and make it public where `publish`.

    `seen`: the version that the form was made from. Raises StaleForm, NotFound, BadInput.
    """
    action = "pages.publish" if publish else "pages.update"
    with audited(action, "page", page_id, staff=staff) as entry:
        page = _lock_page(page_id)
        entry.before, wanted = page_shown(page), values.shown
        refuse_stale(seen, page.version, entry.before, wanted)
        move_page(page, values.slug)
        _write(page, values)
        entry.after = wanted
        if publish:
            number = publish_page(page, user_id=staff.user_id).number
            entry.more = {"published": number}
    return entry


@done_once
def hide_page(page_id: int, *, staff: Staff) -> Entry:
    """Let a page be public no more. Raises NotFound."""
    with audited("pages.take_down", "page", page_id, staff=staff) as entry:
        page = _lock_page(page_id)
        public = find_public_version(page.id)
        take_down(page.id)
        entry.before = {"public": public.number if public else None}
        entry.after = {"public": None}
    return entry


@done_once
def restore_version(page_id: int, number: int, *, staff: Staff) -> Entry:
    """Make the text of a version the draft; nobody but staff sees it yet. Raises NotFound."""
    with audited("pages.restore", "page", page_id, staff=staff) as entry:
        page, version = _lock_page(page_id), _get_version(page_id, number)
        entry.before = page_shown(page)
        page.title, page.source = version.title, version.source
        page.description = version.description
        entry.after, entry.more = page_shown(page), {"restored": number}
    return entry


@done_once
def delete_version(page_id: int, number: int, *, staff: Staff) -> Entry:
    """Delete a version that is neither public nor the newest nor any order's.

    The newest stays because its number would be given again, to another text at the same address.
    Raises NotFound, OrderError.
    """
    with audited("pages.delete_version", "page", page_id, staff=staff) as entry:
        version = _get_version(page_id, number)
        if version.is_public:
            raise OrderError("This version is public. Publish another one first.")
        if is_newest(version):
            raise OrderError("This is the newest version. Publish another one first.")
        entry.before = {"version": number, "title": version.title, "source": version.source}
        entry.after = {"version": None, "title": None, "source": None}
        _delete_versions(PageVersion.id == version.id)
    return entry


@done_once
def delete_page(page_id: int, *, staff: Staff) -> Entry:
    """Delete a page with all its versions. Raises NotFound, OrderError where orders refer to one.

    Its former addresses lead nowhere then.
    """
    with audited("pages.delete", "page", page_id, staff=staff) as entry:
        page = _lock_page(page_id)
        if count_orders(page_id):
            raise OrderError(REFERRED)
        entry.before = page_shown(page)
        entry.after = dict.fromkeys(entry.before)
        _delete_versions(PageVersion.page_id == page_id)
        db.session.flush()
        changed(delete(Page).where(Page.id == page_id))
        db.session.expunge(page)
        bump_settings()
    return entry


def _delete_versions(which: ColumnElement[bool]) -> None:
    try:
        changed(delete(PageVersion).where(which))
    except IntegrityError as error:  # an order that is placed at this moment
        raise OrderError(REFERRED) from error


def _write(page: Page, values: PageValues) -> None:
    is_moved = (page.section, page.position) != (values.section, values.position)
    page.title, page.description = values.text.title, values.text.description
    page.source = values.text.source
    page.section, page.position = values.section, values.position
    if is_moved:
        bump_settings()


def _lock_page(page_id: int) -> Page:
    page = db.session.get(Page, page_id, with_for_update=True)
    if page is None:
        raise NotFound
    return page


def _get_version(page_id: int, number: int) -> PageVersion:
    version = db.session.scalar(
        select(PageVersion).where(PageVersion.page_id == page_id, PageVersion.number == number)
    )
    if version is None:
        raise NotFound
    return version
