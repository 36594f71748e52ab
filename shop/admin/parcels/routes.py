"""A parcel that has left: who carries it and its number, mended on a page of its own."""

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.orders.forms import read_order_filter, read_parcel
from shop.admin.orders.queries import get_desk_order
from shop.admin.parcels.queries import get_desk_parcel
from shop.admin.parcels.services import mend_parcel
from shop.auth.guard import needs
from shop.core.errors import NotFound, NotPermitted, ShopError
from shop.delivery.queries import list_carriers
from shop.web.responses import answer_shop_error, or_not_found, redirect_to

blueprint = Blueprint("parcels", __name__, url_prefix="/orders/<number>/parcels")


@blueprint.get("/<int:shipment_id>")
@needs("orders.ship")
def show(number: str, shipment_id: int) -> Response:
    """Show what is said of a parcel."""
    return _page(number, shipment_id)


@blueprint.post("/<int:shipment_id>")
@needs("orders.ship")
def mend(number: str, shipment_id: int) -> Response:
    """Say it otherwise."""
    mend_parcel(number, shipment_id, read_parcel(request.form), staff=staff())
    flash(_("The parcel is corrected."), "success")
    return redirect_to(f"/admin/orders/{number}{_query()}", 303)


@blueprint.errorhandler(ShopError)
@or_not_found
def refuse(error: ShopError) -> Response:
    """Show the form with what was typed and what was wrong with it."""
    if isinstance(error, (NotFound, NotPermitted)):
        return answer_shop_error(error)
    found = request.view_args or {}
    return _page(found["number"], found["shipment_id"], str(error), int(error.status))


def _page(number: str, shipment_id: int, problem: str = "", status: int = 200) -> Response:
    order = get_desk_order(number)
    html = render_template(
        "admin/parcels/show.html",
        order=order,
        parcel=get_desk_parcel(order.id, shipment_id),
        carriers=list_carriers(),
        typed=request.form,
        problem=problem,
        query=_query(),
    )
    return make_response(html, status)


def _query() -> str:
    return read_order_filter(request.args).query()
