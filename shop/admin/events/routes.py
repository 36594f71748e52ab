"""The button that has a message of the payment provider handled once more."""

from flask import Blueprint, Response, flash, request
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.events.services import replay_message
from shop.admin.orders.forms import read_order_filter
from shop.auth.guard import needs
from shop.core.errors import NotFound, NotPermitted, ShopError
from shop.payments.errors import PaymentUnavailable
from shop.web.responses import answer_shop_error, or_not_found, redirect_to

blueprint = Blueprint("events", __name__, url_prefix="/orders")


@blueprint.post("/<number>/events/<int:row_id>/replay")
@needs("jobs.view")
def replay(number: str, row_id: int) -> Response:
    """Handle a message once more."""
    try:
        is_done = replay_message(number, row_id, staff=staff())
    except PaymentUnavailable:
        flash(_("The payment provider cannot be reached. Please try again later."), "error")
    else:
        unknown = _("It is about something that the shop does not know.")
        said = _("Handled again.") if is_done else unknown
        flash(said, "success" if is_done else "error")
    query = read_order_filter(request.args).query()
    return redirect_to(f"/admin/orders/{number}{query}#messages", 303)


@blueprint.errorhandler(ShopError)
@or_not_found
def refuse(error: ShopError) -> Response:
    """Lead back to the order, with what was wrong."""
    number = (request.view_args or {}).get("number")
    if number is None or isinstance(error, (NotFound, NotPermitted)):
        return answer_shop_error(error)
    flash(str(error), "error")
    return redirect_to(f"/admin/orders/{number}#messages", 303)
