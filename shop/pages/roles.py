"""What each role of a page is called, and the text that one begins with. Pure."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flask_babel import lazy_gettext as _l

from shop.models import PageRole, PageSection

SAMPLE_MARK: Final = "This is a sample text"  # as each sample begins
_FOLDER: Final = Path(__file__).parent / "samples"


@dataclass(frozen=True)
class RoleWords:
    """A role: what staff call it, its title to begin with, and where it stands in the footer."""

    name: object
    title: str
    slug: str
    section: PageSection
    description: str


@dataclass(frozen=True)
class PageText:
    """What a page says: its title, the line for search engines, its text in Markdown."""

    title: str
    description: str
    source: str


ROLES: Final[dict[PageRole, RoleWords]] = {
    PageRole.DELIVERY: RoleWords(
        _l("Delivery"), "Delivery", "delivery", PageSection.HELP,
        "How and when your order reaches you, and what it costs.",
    ),
    PageRole.RETURNS: RoleWords(
        _l("Returns"), "Returns", "returns", PageSection.HELP,
        "How to send a piece back, and when your money returns.",
    ),
    PageRole.PAYMENT: RoleWords(
        _l("Payment"), "Payment", "payment", PageSection.HELP,
        "Which ways to pay there are, and when you are charged.",
    ),
    PageRole.CONTACT: RoleWords(
        _l("Contact"), "Contact", "contact", PageSection.HELP,
        "Write to us, call us, visit us.",
    ),
    PageRole.TERMS: RoleWords(
        _l("Terms"), "Terms and conditions", "terms", PageSection.LEGAL,
        "The terms under which we sell and you buy.",
    ),
    PageRole.WITHDRAWAL: RoleWords(
        _l("Withdrawal"), "Right of withdrawal", "withdrawal", PageSection.LEGAL,
        "How to withdraw from a purchase within 14 days.",
    ),
    PageRole.PRIVACY: RoleWords(
        _l("Privacy"), "Privacy", "privacy", PageSection.LEGAL,
        "What we know about you, why, for how long, and your rights.",
    ),
    PageRole.IMPRINT: RoleWords(
        _l("Imprint"), "Imprint", "imprint", PageSection.LEGAL,
        "Who runs this shop.",
    ),
}  # fmt: skip


def read_sample(role: PageRole) -> PageText:
    """Return the text that a page of this role begins with; it says of itself that it is one."""
    words = ROLES[role]
    source = (_FOLDER / f"{role}.md").read_text("utf-8").strip()
    return PageText(words.title, words.description, source)
