"""Writing pages: the draft, and what becomes public. Each joins the caller's transaction."""

import re
from typing import Final

from sqlalchemy import func, select, update

from shop.core.db import changed, db, transaction
from shop.core.errors import BadInput
from shop.core.locks import lock_names
from shop.models import Page, PageRole, PageSection, PageSlug, PageVersion
from shop.models.columns import LONGEST_LINE
from shop.models.page import LONGEST_SLUG
from shop.pages.markdown import LONGEST, RULES, render_markdown
from shop.pages.roles import ROLES, PageText, read_sample
from shop.shared.page_versions import bump_settings

LONGEST_TITLE: Final = 120
_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)


def lock_addresses() -> None:
    """Have others who give pages addresses or roles wait until this transaction ends."""
    lock_names(["addresses of pages"])


def check_text(text: PageText) -> PageText:
    """Return `text` if it can be a page's. Raises BadInput (`title`, `description`, `source`)."""
    wrong = {}
    if not text.title:
        wrong["title"] = "Enter a title."
    elif len(text.title) > LONGEST_TITLE:
        wrong["title"] = f"Enter at most {LONGEST_TITLE} characters."
    if len(text.description) > LONGEST_LINE:
        wrong["description"] = f"Enter at most {LONGEST_LINE} characters."
    if len(text.source) > LONGEST:
        wrong["source"] = (
            f"A text may have {LONGEST:,} characters; this one has {len(text.source):,}. "
            "Make two pages of it."
        )
    if wrong:
        raise BadInput(**wrong)
    return text


def check_slug(slug: str) -> str:
    """Return the address of a page if it can be one. Raises BadInput (`slug`)."""
    if not _SLUG.fullmatch(slug) or len(slug) > LONGEST_SLUG:
        raise BadInput(slug="Use small letters, digits and single hyphens, like opening-hours.")
    return slug


def begin_page(role: PageRole, slug: str, section: PageSection, text: PageText) -> Page:
    """Make a page with a draft; nothing of it is public. Raises BadInput (`slug`, `role`)."""
    with transaction() as session:
        check_slug(slug)
        lock_addresses()
        if session.scalar(select(Page.id).where(Page.slug == slug)) is not None:
            raise BadInput(slug="Another page has this address.")
        if role and session.scalar(select(Page.id).where(Page.role == role)) is not None:
            raise BadInput(role="There is a page for this already.")
        forget_slug(slug)
        last = session.scalar(select(func.max(Page.position))) or 0
        page = Page(role=role, slug=slug, section=section, position=last + 10)
        page.title, page.description, page.source = text.title, text.description, text.source
        session.add(page)
        session.flush()
        return page


def begin_sample(role: PageRole) -> Page:
    """Make the page of a role with the text that one begins with. Raises BadInput (`role`)."""
    words, slug = ROLES[role], ROLES[role].slug
    with transaction() as session:
        lock_addresses()
        number = 1
        while session.scalar(select(Page.id).where(Page.slug == slug)) is not None:
            number += 1
            slug = f"{words.slug}-{number}"
        return begin_page(role, slug, words.section, read_sample(role))


def move_page(page: Page, slug: str) -> None:
    """Give a page another address; the former one leads to it. Raises BadInput (`slug`)."""
    if slug == page.slug:
        return
    check_slug(slug)
    with transaction() as session:
        lock_addresses()
        if session.scalar(select(Page.id).where(Page.slug == slug)) is not None:
            raise BadInput(slug="Another page has this address.")
        forget_slug(slug)
        session.add(PageSlug(slug=page.slug, page_id=page.id))
        page.slug = slug
        bump_settings()


def forget_slug(slug: str) -> None:
    """Let a former address go: a page is there again."""
    former = db.session.get(PageSlug, slug)
    if former is not None:
        db.session.delete(former)
        db.session.flush()


def publish_page(page: Page, *, user_id: int | None) -> PageVersion:
    """Make the draft of a page public, as its next version, and return that.

    A draft that is public word for word makes none. Raises BadInput (`source`) for an empty one.
    """
    if not page.source.strip():
        raise BadInput(source="Write the text before you publish it.")
    html = render_markdown(page.source)
    with transaction() as session:
        session.flush()
        lock = select(Page.id).where(Page.id == page.id).with_for_update()
        session.execute(lock).all()
        public = find_public_version(page.id)
        if public is not None and is_public_draft(page, public):
            return public
        last = session.scalar(
            select(func.max(PageVersion.number)).where(PageVersion.page_id == page.id)
        )
        take_down(page.id)
        version = PageVersion(
            page_id=page.id,
            number=(last or 0) + 1,
            title=page.title,
            description=page.description,
            source=page.source,
            html=str(html),
            rules=RULES,
            is_public=True,
            user_id=user_id,
        )
        session.add(version)
        session.flush()
        return version


def take_down(page_id: int) -> bool:
    """Let a page be public no more; its versions keep their own addresses. False: it was not."""
    with transaction():
        public = (PageVersion.page_id == page_id) & PageVersion.is_public
        bump_settings()
        return bool(changed(update(PageVersion).where(public).values(is_public=False)))


def find_public_version(page_id: int) -> PageVersion | None:
    """Return the version of a page that is public."""
    public = (PageVersion.page_id == page_id) & PageVersion.is_public
    return db.session.scalar(select(PageVersion).where(public))


def is_public_draft(page: Page, public: PageVersion) -> bool:
    """Return whether the draft says what the public version says."""
    return (page.title, page.description, page.source) == (
        public.title,
        public.description,
        public.source,
    )
