"""A page as it is saved, and as its form shows it. Pure."""

from dataclasses import dataclass

from shop.models import Page, PageSection
from shop.pages.roles import PageText


@dataclass(frozen=True)
class PageValues:
    """A page as its form saves it."""

    text: PageText
    slug: str
    section: PageSection
    position: int

    @property
    def shown(self) -> dict[str, str]:
        """What the form shows of it, by field."""
        return {
            "title": self.text.title,
            "source": self.text.source,
            "description": self.text.description,
            "slug": self.slug,
            "section": str(self.section),
            "position": str(self.position),
        }


def page_shown(page: Page) -> dict[str, str]:
    """Return what the form of a page shows, by field."""
    return {
        "title": page.title,
        "source": page.source,
        "description": page.description,
        "slug": page.slug,
        "section": str(page.section),
        "position": str(page.position),
    }
