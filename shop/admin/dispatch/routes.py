"""Several orders at once: sent on a page of its own that shows each, their slips printed."""

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask_babel import ngettext

from shop.admin.context import staff
from shop.admin.dispatch.forms import USUAL, read_dispatch, read_pasted, read_selection
from shop.admin.dispatch.queries import list_chosen
from shop.admin.dispatch.services import Dispatched, send_orders
from shop.admin.dispatch.tracking_lines import Pasted
from shop.admin.orders.forms import read_order_filter
from shop.auth.guard import needs
from shop.core.errors import BadInput, ShopError
from shop.delivery.queries import list_carriers
from shop.web.responses import or_not_found, redirect_to

blueprint = Blueprint("dispatch", __name__, url_prefix="/orders")


@blueprint.get("/dispatch")
@needs("orders.ship")
def show() -> Response:
    """Show what of each ticked order would be sent, and ask for tracking numbers."""
    return _page(read_selection(request.args), Pasted())


@blueprint.post("/dispatches")
@needs("orders.ship")
def send() -> Response:
    """Send the orders, or only show which gets which tracking number."""
    wanted = read_dispatch(request.form)
    if "check" in request.form:
        return _page(list(wanted.versions), read_pasted(request.form))
    became = send_orders(wanted, staff=staff())
    if became.refused:
        pasted = Pasted(wanted.tracking, of_orders=became.refused)
        return _page(list(became.refused), pasted, became, status=409)
    words = ngettext(
        "%(num)d order is marked as sent.", "%(num)d orders are marked as sent.", became.sent
    )
    flash(words, "success")
    return redirect_to(_list_url(), 303)


@blueprint.get("/slips")
@needs("orders.view")
def slips() -> str:
    """Show the packing slips of the ticked orders, each on a sheet of its own."""
    chosen = list_chosen(read_selection(request.args))
    return render_template("admin/dispatch/slips.html", chosen=chosen, back=_list_url())


@blueprint.errorhandler(BadInput)
@or_not_found
def refuse(error: ShopError) -> Response:
    """Show the form again with what was wrong, or where nothing fit was ticked the list."""
    try:
        numbers = read_selection(request.values)
    except BadInput:
        flash(str(error), "error")
        return redirect_to(_list_url(), 303)
    return _page(numbers, read_pasted(request.form), problem=str(error), status=int(error.status))


def _page(
    numbers: list[str],
    pasted: Pasted,
    became: Dispatched | None = None,
    *,
    problem: str = "",
    status: int = 200,
) -> Response:
    html = render_template(
        "admin/dispatch/send.html",
        chosen=list_chosen(numbers),
        pasted=pasted,
        became=became,
        problem=problem,
        typed=request.form,
        carriers=list_carriers(),
        usual=USUAL,
        query=read_order_filter(request.args).query(),
        back=_list_url(),
    )
    return make_response(html, status)


def _list_url() -> str:
    return f"/admin/orders{read_order_filter(request.args).query()}"
