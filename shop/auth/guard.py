"""The one door of the staff pages: closed unless a view says what it needs.

`blueprint.before_request(guard_staff)` on the admin blueprint, `@needs("orders.refund")` on each
view. A view that says nothing is for owners alone.
"""

from collections.abc import Callable
from typing import TypeVar

from flask import current_app, request
from werkzeug.wrappers import Response

from shop.auth.permissions import PERMISSIONS
from shop.core.errors import NotFound, NotPermitted
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

    Who is not signed in is asked to do so; a customer learns nothing (404); staff without the
    permission are told (403).
    """
    visitor = current_visitor()
    if not visitor.is_authenticated:
        back = request.full_path.rstrip("?") if request.method in {"GET", "HEAD"} else "/admin"
        return redirect_to("/login", 302, next=back)
    if not visitor.is_staff:
        raise NotFound
    view = current_app.view_functions.get(request.endpoint or "")
    needed = getattr(view, "needed_permission", None)
    if needed != ANY_STAFF and not (visitor.is_owner or visitor.may(needed or "")):
        raise NotPermitted
    return None
