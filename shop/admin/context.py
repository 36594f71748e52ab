"""What every staff page shows around itself: the desks one may see, with their open work."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _

from shop.admin.open_work import Count, open_work
from shop.admin.staff_actions import Staff, read_form_token
from shop.web.visitor import current_visitor

BESIDE_CATEGORIES = ("/admin/brands", "/admin/collections")


@dataclass(frozen=True)
class Desk:
    """An entry of the navigation; `count` is its open work, None for none.

    `key` leads there once g was pressed; "" for none.
    """

    url: str
    name: str
    icon_name: str
    count: Count | None
    is_current: bool
    key: str = ""


_KEYS = {
    "/admin/": "t",
    "/admin/orders": "o",
    "/admin/products": "p",
    "/admin/stock": "k",
    "/admin/customers": "c",
    "/admin/coupons": "u",
    "/admin/messages": "m",
    "/admin/reports": "r",
    "/admin/settings": "s",
}


def staff() -> Staff:
    """Return who is acting, and by which form, as it was filled in.

    Who goes back to a form that was sent and types something else means something else.
    """
    token = read_form_token(request.form.get("form_token"))
    if token:
        typed = [pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"]
        files = [(name, file.filename) for name, file in request.files.items(multi=True)]
        content = json.dumps([typed, files])
        token = hashlib.sha256(content.encode()).hexdigest()
    return Staff(current_visitor().user_id, token)


def shell() -> dict[str, Any]:
    """Return what the templates of all staff pages know.

    `desks`, `work`, `may`, `find` (what was looked for), `single_keys` (whether they act).
    """
    visitor = current_visitor()
    if not visitor.is_staff:
        return {"desks": [], "work": None, "may": visitor.may, "find": ""}
    work = open_work()  # once a page: templates read it, too
    known = [
        ("/admin/", _("Today"), "house", None, "staff"),
        ("/admin/orders", _("Orders"), "receipt-text", work.to_send, "orders.view"),
        ("/admin/products", _("Products"), "package", None, "products.view"),
        ("/admin/stock", _("Stock"), "archive", None, "products.view"),
        ("/admin/coupons", _("Coupons"), "ticket-percent", None, "coupons.edit"),
        ("/admin/customers", _("Customers"), "user", None, "customers.view"),
        ("/admin/messages", _("Messages"), "inbox", work.messages, "messages.answer"),
        ("/admin/categories", _("Categories"), "tag", None, "products.view"),
        ("/admin/pages", _("Pages"), "file-text", None, "pages.edit"),
        ("/admin/reports", _("Reports"), "chart-column", None, "reports.view"),
        ("/admin/mails", _("Mails"), "mail", None, "jobs.view"),
        ("/admin/jobs", _("Jobs"), "refresh-cw", None, "jobs.view"),
        ("/admin/staff", _("Staff"), "users", None, "staff.edit"),
        ("/admin/trail", _("Trail"), "history", None, "staff.edit"),
        ("/admin/settings", _("Settings"), "settings", None, "settings.edit"),
    ]
    desks = [
        Desk(url, name, icon, count, _is_here(url), _KEYS.get(url, ""))
        for url, name, icon, count, needed in known
        if needed == "staff" or visitor.may(needed)
    ]
    return {
        "desks": desks,
        "work": work,
        "may": visitor.may,
        "find": request.args.get("q", ""),
        "single_keys": visitor.has_single_keys,
    }


def _is_here(url: str) -> bool:
    if url == "/admin/categories" and request.path.startswith(BESIDE_CATEGORIES):
        return True
    if url == "/admin/pages" and request.path.startswith("/admin/home"):
        return True
    return request.path == url or (url != "/admin/" and request.path.startswith(url))
