"""The shop closed for a while: visitors get 503 and a page that says so, staff go on.

Asked before every page, so it acts on the next request; what is kept of pages stays as it is and
is handed out to nobody meanwhile.
"""

from datetime import datetime
from typing import Final

from flask import Flask, Response, make_response, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup, escape

from shop.core.clock import now
from shop.core.config import config
from shop.settings.closing import closed_until, is_closed
from shop.settings.queries import shop_settings
from shop.web.holes import register_hole
from shop.web.machines import is_machine_path
from shop.web.visitor import current_visitor

# What stays for everybody: the way in for staff, what machines ask, files that pages are made of,
# and what becomes of money that is on its way.
OPEN: Final = (
    "/admin", "/login", "/logout", "/password/", "/invite/", "/preferences",
    "/healthz", "/readyz", "/robots.txt", "/static/", "/media/", "/theme.css",
    "/checkout/success", "/checkout/cancel", "/checkout/status/", "/_sandbox/",
)  # fmt: skip
# Of these the pages alone: an order can be looked at, and not be paid anew.
READABLE: Final = ("/o/", "/orders/")
SOON: Final = 600  # seconds after which to come again where nobody said when


def init_maintenance(app: Flask) -> None:
    """Bind the closed page and the word to staff to `app`."""
    app.before_request(refuse_visitors)
    register_hole("closed_note", closed_note)


def refuse_visitors() -> Response | None:
    """Answer visitors 503 while the shop is closed."""
    if _stays_open() or not is_closed_now() or current_visitor().is_staff:
        return None
    settings, at = shop_settings(), now()
    until = closed_until(settings, config().timezone)
    html = render_template("errors/closed.html", status=503, until=until, shop=settings)
    response = make_response(html, 503)
    response.headers["Retry-After"] = str(_seconds(until, at))
    response.headers["Cache-Control"] = "no-store"
    return response


def is_closed_now() -> bool:
    """Return whether visitors are turned away."""
    return is_closed(shop_settings(), now(), config().timezone)


def closed_note() -> Markup:
    """Return the word to staff that the shop is closed; nothing for others, or while it is open."""
    visitor = current_visitor()
    if not visitor.is_staff or not is_closed_now():
        return Markup("")
    said = escape(_("The shop is closed: visitors read that you are back soon."))
    if visitor.may("settings.edit"):
        way = Markup(' <a href="/admin/settings/maintenance">{}</a>').format(_("Open it"))
        said += way
    look = "note warn" if request.path.startswith("/admin") else "bar"
    return Markup('<aside class="{}" role="note"><p>{}</p></aside>').format(look, said)


def _stays_open() -> bool:
    path = request.path
    if path.startswith(OPEN) or is_machine_path():
        return True
    return request.method in {"GET", "HEAD"} and path.startswith(READABLE)


def _seconds(until: datetime | None, at: datetime) -> int:
    return max(int((until - at).total_seconds()) + 1, 1) if until else SOON
