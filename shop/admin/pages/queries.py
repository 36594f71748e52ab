"""What the desk of pages reads: the list, one page with its versions, what links to it."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import and_, func, or_, select

from shop.core.db import db
from shop.core.errors import NotFound
from shop.models import OrderText, Page, PageRole, PageVersion, User
from shop.pages.markdown import html_of
from shop.pages.roles import ROLES
from shop.pages.services import find_public_version, is_public_draft

PER_PAGE = 50
PER_EDITOR = 20  # versions beside the text


@dataclass(frozen=True)
class PageRow:
    """A page in the list. `state`: "public", "changed" (the draft says something else), "draft"."""

    page: Page
    number: int | None
    state: str


@dataclass(frozen=True)
class PageRows:
    """A page of the list, and the roles that nobody has written a text for."""

    rows: Sequence[PageRow]
    total: int
    pages: int
    missing: Sequence[tuple[PageRole, object]]


@dataclass(frozen=True)
class VersionRow:
    """A version in the list: who published it, and how many orders refer to it."""

    id: int
    number: int
    title: str
    is_public: bool
    published_at: datetime
    author: str
    orders: int


@dataclass(frozen=True)
class PageEditor:
    """Everything the page of a page shows."""

    page: Page
    state: str
    versions: Sequence[VersionRow]
    version_count: int
    orders: int
    linked_from: Sequence[tuple[int, str]]

    @property
    def role_name(self) -> object:
        """What its role is called; None where it has none."""
        return ROLES[self.page.role].name if self.page.role else None


@dataclass(frozen=True)
class VersionReading:
    """A version for staff: as it was read, and what it changed; (sign, line) pairs."""

    page: Page
    version: PageVersion
    author: str
    html: Markup
    changes: Sequence[tuple[str, str]]
    can_go: bool


def list_desk_pages(text: str, number: int) -> PageRows:
    """Return page `number` of the pages that say `text` in their title or address."""
    public = and_(PageVersion.page_id == Page.id, PageVersion.is_public)
    says = or_(Page.title.icontains(text, autoescape=True), Page.slug.contains(text))
    total = db.session.scalar(select(func.count()).select_from(Page).where(says)) or 0
    found = db.session.execute(
        select(Page, PageVersion)
        .outerjoin(PageVersion, public)
        .where(says)
        .order_by(Page.section, Page.position, Page.id)
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    )
    taken = set(db.session.scalars(select(Page.role).where(Page.role != PageRole.NONE)))
    return PageRows(
        rows=[
            PageRow(page, version.number if version else None, _state(page, version))
            for page, version in found
        ],
        total=total,
        pages=max(1, -(-total // PER_PAGE)),
        missing=[(role, words.name) for role, words in ROLES.items() if role not in taken],
    )


def get_desk_page(page_id: int) -> Page:
    """Return a page. Raises NotFound."""
    page = db.session.get(Page, page_id)
    if page is None:
        raise NotFound
    return page


def load_editor(page_id: int) -> PageEditor:
    """Return a page with its newest versions. Raises NotFound."""
    page = get_desk_page(page_id)
    return PageEditor(
        page=page,
        state=_state(page, find_public_version(page.id)),
        versions=list_versions(page_id, PER_EDITOR),
        version_count=db.session.scalar(
            select(func.count()).select_from(PageVersion).where(PageVersion.page_id == page_id)
        )
        or 0,
        orders=count_orders(page_id),
        linked_from=_list_links_to(page),
    )


def list_versions(page_id: int, most: int, *, offset: int = 0) -> list[VersionRow]:
    """Return at most `most` versions of a page, the newest first."""
    orders = (
        select(func.count())
        .where(OrderText.page_version_id == PageVersion.id)
        .correlate(PageVersion)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            PageVersion.id,
            PageVersion.number,
            PageVersion.title,
            PageVersion.is_public,
            PageVersion.created_at,
            func.coalesce(func.nullif(User.name, ""), User.email, ""),
            orders,
        )
        .outerjoin(User, User.id == PageVersion.user_id)
        .where(PageVersion.page_id == page_id)
        .order_by(PageVersion.number.desc())
        .limit(most)
        .offset(offset)
    )
    return [VersionRow(*row) for row in rows]


def count_orders(page_id: int) -> int:
    """Return how many times an order's checkout has shown a version of the page."""
    of_page = select(PageVersion.id).where(PageVersion.page_id == page_id)
    counted = select(func.count()).where(OrderText.page_version_id.in_(of_page))
    return db.session.scalar(counted) or 0


def get_version_reading(page_id: int, number: int) -> VersionReading:
    """Return a version with what differs from the one before. Raises NotFound."""
    page = get_desk_page(page_id)
    of_page = select(PageVersion).where(PageVersion.page_id == page_id)
    version = db.session.scalar(of_page.where(PageVersion.number == number))
    if version is None:
        raise NotFound
    before = db.session.scalar(
        of_page.where(PageVersion.number < number).order_by(PageVersion.number.desc()).limit(1)
    )
    author = db.session.get(User, version.user_id) if version.user_id else None
    return VersionReading(
        page=page,
        version=version,
        author=(author.name or author.email) if author else "",
        html=html_of(version.source, version.html, version.rules),
        changes=_changes(before.source, version.source) if before else [],
        can_go=not version.is_public and not is_newest(version),
    )


def is_newest(version: PageVersion) -> bool:
    """Return whether no version of the page has a higher number."""
    later = select(PageVersion.id).where(
        PageVersion.page_id == version.page_id, PageVersion.number > version.number
    )
    return db.session.scalar(later.limit(1)) is None


def _changes(before: str, after: str) -> list[tuple[str, str]]:
    """Return what changed, line by line: sign "+", "-" or " ", and the line."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm="")
    return [(line[0], line[1:]) for line in lines if line[:3] not in {"---", "+++"}]


def _state(page: Page, public: PageVersion | None) -> str:
    if public is None:
        return "draft"
    return "public" if is_public_draft(page, public) else "changed"


def _list_links_to(page: Page) -> list[tuple[int, str]]:
    """Return (id, title) of other pages whose draft or public text names this one's address."""
    address = f"(/pages/{page.slug})"
    in_public = select(PageVersion.page_id).where(
        PageVersion.is_public, PageVersion.source.contains(address, autoescape=True)
    )
    named = Page.source.contains(address, autoescape=True) | Page.id.in_(in_public)
    rows = db.session.execute(
        select(Page.id, Page.title).where(named, Page.id != page.id).order_by(Page.id).limit(20)
    )
    return [(row.id, row.title) for row in rows]
