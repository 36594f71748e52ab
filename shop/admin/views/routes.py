"""Lists of orders under a name of one's own: kept, renamed, deleted."""

from dataclasses import replace

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.orders.forms import read_order_filter
from shop.admin.views.queries import get_saved_view, list_saved_views
from shop.admin.views.services import MOST, delete_view, rename_view, save_view
from shop.auth.guard import needs
from shop.core import plaintext
from shop.core.errors import BadInput, ShopError
from shop.web.responses import or_not_found, redirect_to

blueprint = Blueprint("views", __name__, url_prefix="/orders/views")


@blueprint.get("")
@needs("orders.view")
def index() -> Response:
    """Show the lists that one keeps."""
    return _page()


@blueprint.post("")
@needs("orders.view")
def save() -> Response:
    """Keep the list that is shown."""
    query = _query()
    save_view(_name(), query.removeprefix("?"), staff=staff())
    flash(_("The list is saved."), "success")
    return redirect_to(f"/admin/orders{query}", 303)


@blueprint.post("/<int:view_id>/name")
@needs("orders.view")
def rename(view_id: int) -> Response:
    """Call a list otherwise."""
    who = staff()
    get_saved_view(view_id, who.user_id)
    rename_view(view_id, _name(), staff=who)
    flash(_("The list is renamed."), "success")
    return redirect_to("/admin/orders/views", 303)


@blueprint.post("/<int:view_id>/deletion")
@needs("orders.view")
def delete(view_id: int) -> Response:
    """Forget a list."""
    delete_view(view_id, staff=staff())
    flash(_("The list is deleted."), "success")
    return redirect_to("/admin/orders/views", 303)


@blueprint.errorhandler(BadInput)
@or_not_found
def refuse(error: ShopError) -> Response:
    """Show one's lists with what was wrong and what was typed."""
    return _page(str(error), int(error.status))


def _page(problem: str = "", status: int = 200) -> Response:
    html = render_template(
        "admin/views/index.html",
        views=list_saved_views(staff().user_id),
        most=MOST,
        query=_query(),
        typed=request.form.get("name", ""),
        wrong=(request.view_args or {}).get("view_id", 0) if problem else None,
        problem=problem,
    )
    return make_response(html, status)


def _query() -> str:
    """Return the list that a new name is for, from its beginning; "" for none."""
    return replace(read_order_filter(request.args), page=1).query()


def _name() -> str:
    return plaintext.line(request.form.get("name", "")[:200])
