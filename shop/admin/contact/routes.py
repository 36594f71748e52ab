"""An order's e-mail address and address, on a page of their own."""

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask_babel import gettext as _

from shop.admin.contact.forms import OrderAddressForm
from shop.admin.contact.services import mend_contact
from shop.admin.context import staff
from shop.admin.orders.forms import read_order_filter
from shop.admin.orders.queries import get_desk_order
from shop.auth.guard import needs
from shop.core.errors import BadInput, OrderError, ShopError
from shop.models import Order
from shop.web.responses import or_not_found, redirect_to

blueprint = Blueprint("contact", __name__, url_prefix="/orders/<number>/contact")


@blueprint.get("")
@needs("orders.ship")
def show(number: str) -> Response:
    """Show the addresses of an order."""
    order = get_desk_order(number)
    return _page(order, OrderAddressForm.of(order))


@blueprint.post("")
@needs("orders.ship")
def change(number: str) -> Response:
    """Give it others."""
    form = OrderAddressForm.of(get_desk_order(number))
    mend_contact(number, *form.contact(), form.seen, staff=staff())
    flash(_("The addresses are changed."), "success")
    return redirect_to(f"/admin/orders/{number}{_query()}", 303)


@blueprint.errorhandler(BadInput)
@blueprint.errorhandler(OrderError)
@or_not_found
def refuse(error: ShopError) -> Response:
    """Show the form with what was typed and what was wrong; overtaken, it can be sent once more."""
    order = get_desk_order((request.view_args or {})["number"])
    form = OrderAddressForm.of(order)
    form.version.data = str(order.version)
    form.refuse(error if isinstance(error, BadInput) else BadInput(str(error)))
    return _page(order, form, int(error.status))


def _page(order: Order, form: OrderAddressForm, status: int = 200) -> Response:
    html = render_template("admin/contact/show.html", order=order, form=form, query=_query())
    return make_response(html, status)


def _query() -> str:
    return read_order_filter(request.args).query()
