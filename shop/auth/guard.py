"""The one door of the staff pages: closed unless a view says what it needs.

`guard_staff` before each request of a staff address (`shop/admin/routes.py`), and
`@needs("orders.refund")` on each view. A view that says nothing is for owners alone.
"""

from collections.abc import Callable
from typing import TypeVar

from flask import current_app, request
from werkzeug.wrappers import Response

from shop.auth.permissions import PERMISSIONS
from shop.auth.services import has_second_factor
from shop.core.errors import NotPermitted
from shop.settings.queries import shop_settings
from shop.web.responses import redirect_to
from shop.web.visitor import current_visitor

View = TypeVar("View", bound=Callable[..., object])
ANY_STAFF = "staff"


def needs(permission: str) -> Callable[[View], View]:
    """Mark a staff view with the permission it needs; ANY_STAFF for every member of staff.

    Raises ValueError, at import, for a permission that does not exist.
    """
    if permission != ANY_STAFF and permission not in PERMISSIONS:
        raise ValueError(f"no such permission: {permission}")

    def mark(view: View) -> View:
        # A function carries its permission; mypy knows no such attribute.
        view.needed_permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def guard_staff() -> Response | None:
    """Let staff with the view's permission in; roles are read anew on each request.

    Who is not signed in is asked to do so; customers, and staff without the permission, are told
    that it is not theirs (403), whether there is such a page or not. Where the merchant asks staff
    for a second factor, who has none is led to set it up.
    """
    visitor = current_visitor()
    if not visitor.is_authenticated:
        back = request.full_path.rstrip("?") if request.method in {"GET", "HEAD"} else "/admin"
        return redirect_to("/login", 302, next=back)
    if not visitor.is_staff:
        raise NotPermitted
    user_id = visitor.user_id or 0
    if shop_settings().staff_second_factor and not has_second_factor(user_id):
        return redirect_to("/account/second-factor", 303)
    if request.endpoint is None:
        return None  # there is no such page, or not by this method: routing says so to staff
    view = current_app.view_functions.get(request.endpoint)
    needed = getattr(view, "needed_permission", None)
    if needed != ANY_STAFF and not (visitor.is_owner or visitor.may(needed or "")):
        raise NotPermitted
    return None
