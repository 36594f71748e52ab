"""Reading pages: those that are public, kept in the process, and one version of one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import select

from shop.core.db import db
from shop.core.errors import NotFound
from shop.models import OrderText, Page, PageRole, PageSection, PageSlug, PageVersion
from shop.models.page import SHOWN_AT_CHECKOUT
from shop.pages.markdown import html_of
from shop.pages.roles import SAMPLE_MARK
from shop.settings.queries import kept


@dataclass(frozen=True, slots=True)
class PublicPage:
    """A page that can be read, as others link to it; `number` is that of its public version."""

    id: int
    role: PageRole
    slug: str
    section: PageSection
    title: str
    version_id: int
    number: int
    published_at: datetime

    @property
    def url(self) -> str:
        """Where its present version stands."""
        return f"/pages/{self.slug}"

    @property
    def version_url(self) -> str:
        """Where this version stands, also once there is a newer one."""
        return f"{self.url}/versions/{self.number}"


@dataclass(frozen=True)
class PublicPages:
    """All of them, in the merchant's order."""

    all: Sequence[PublicPage] = ()
    slugs: dict[str, PublicPage] = field(default_factory=dict)
    roles: dict[PageRole, PublicPage] = field(default_factory=dict)

    def of_role(self, role: str) -> PublicPage | None:
        """Return the page that has this role, None while none is public."""
        return self.roles.get(PageRole(role))

    def under(self, section: str) -> list[PublicPage]:
        """Return the pages under a heading of the footer."""
        return [page for page in self.all if page.section == section]

    @property
    def at_checkout(self) -> list[PublicPage]:
        """The pages that a checkout shows, what is to be agreed to first."""
        return [self.roles[role] for role in SHOWN_AT_CHECKOUT if role in self.roles]


@dataclass(frozen=True)
class PageReading:
    """A version as it is read; `present`: the page's public one, None once it is taken down."""

    slug: str
    role: PageRole
    number: int
    title: str
    description: str
    html: Markup
    published_at: datetime
    is_public: bool
    present: PublicPage | None = None


@dataclass(frozen=True)
class ShownText:
    """A version that an order's checkout showed, as mails and staff read it."""

    role: PageRole
    title: str
    number: int
    url: str
    published_at: datetime


def public_pages() -> PublicPages:
    """Return the pages that are public; a statement only after one of them changed."""
    return kept("pages", _load)


def _load() -> PublicPages:
    rows = db.session.execute(
        select(
            Page.id,
            Page.role,
            Page.slug,
            Page.section,
            PageVersion.title,
            PageVersion.id,
            PageVersion.number,
            PageVersion.created_at,
        )
        .join(PageVersion, (PageVersion.page_id == Page.id) & PageVersion.is_public)
        .order_by(Page.position, Page.id)
    )
    found = [PublicPage(*row) for row in rows]
    return PublicPages(
        all=found,
        slugs={page.slug: page for page in found},
        roles={page.role: page for page in found if page.role},
    )


def find_moved(slug: str) -> str | None:
    """Return the present slug of the page that was once at this one."""
    return db.session.scalar(
        select(Page.slug).join(PageSlug, PageSlug.page_id == Page.id).where(PageSlug.slug == slug)
    )


def get_reading(slug: str, number: int) -> PageReading:
    """Return a version that is or was public, by its page's present slug. Raises NotFound."""
    row = db.session.execute(
        select(Page.slug, Page.role, PageVersion)
        .join(PageVersion, PageVersion.page_id == Page.id)
        .where(Page.slug == slug, PageVersion.number == number)
    ).one_or_none()
    if row is None:
        raise NotFound
    version = row[2]
    return PageReading(
        slug=row[0],
        role=row[1],
        number=version.number,
        title=version.title,
        description=version.description,
        html=html_of(version.source, version.html, version.rules),
        published_at=version.created_at,
        is_public=version.is_public,
        present=public_pages().slugs.get(row[0]),
    )


def list_shown_texts(order_id: int) -> list[ShownText]:
    """Return what the checkout of an order showed, the terms first."""
    rows = db.session.execute(
        select(Page.role, Page.slug, PageVersion.title, PageVersion.number, PageVersion.created_at)
        .join(PageVersion, PageVersion.page_id == Page.id)
        .join(OrderText, OrderText.page_version_id == PageVersion.id)
        .where(OrderText.order_id == order_id)
        .order_by(PageVersion.id)
    )
    found = [
        ShownText(role, title, number, f"/pages/{slug}/versions/{number}", at)
        for role, slug, title, number, at in rows
    ]
    return sorted(found, key=lambda text: text.role is not PageRole.TERMS)


def list_shown_sources(order_id: int) -> list[tuple[str, str]]:
    """Return what the checkout of an order showed, word for word: (name of a file, text)."""
    rows = db.session.execute(
        select(Page.slug, PageVersion.number, PageVersion.title, PageVersion.source)
        .join(PageVersion, PageVersion.page_id == Page.id)
        .join(OrderText, OrderText.page_version_id == PageVersion.id)
        .where(OrderText.order_id == order_id)
        .order_by(PageVersion.id)
    )
    return [
        (f"{slug}-{number}.txt", f"{title}\n\n{source}\n") for slug, number, title, source in rows
    ]


def list_samples() -> list[str]:
    """Return the titles of public pages that still say that they are samples."""
    says_so = PageVersion.source.contains(SAMPLE_MARK, autoescape=True)
    rows = select(PageVersion.title).where(PageVersion.is_public, says_so)
    return list(db.session.scalars(rows.order_by(PageVersion.page_id)))
