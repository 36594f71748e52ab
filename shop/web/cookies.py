"""Every cookie that the shop sets: none that it could do without. A test compares what it does.

The privacy page lists them, so a new one is an entry here first.
"""

from dataclasses import dataclass

from flask import current_app
from flask_babel import gettext as _

from shop.web.visitor import THEME

YEAR = 365 * 24 * 3600  # seconds


@dataclass(frozen=True)
class Cookie:
    """A cookie in words: its name, what it is for, how many days it stays."""

    name: str
    purpose: str
    days: int


def list_cookies() -> list[Cookie]:
    """Return all of them, in the language of the page."""
    purpose = _(
        "Who is signed in, which bag and orders are yours, the country you buy in, and that forms "
        "come from you. Signed, and not readable by scripts."
    )
    kept = current_app.permanent_session_lifetime.days
    return [
        Cookie(current_app.config["SESSION_COOKIE_NAME"], purpose, kept),
        Cookie(THEME, _("Light or dark, once you chose one."), YEAR // 86_400),
    ]
