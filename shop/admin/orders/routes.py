"""The orders desk: find, send, cancel, refund."""

from collections.abc import Mapping

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    render_template,
    request,
    stream_with_context,
)
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.events.queries import list_order_messages
from shop.admin.optimistic_lock import read_version
from shop.admin.orders import payments, queries
from shop.admin.orders.export import export_orders
from shop.admin.orders.forms import (
    REASONS,
    list_country_filters,
    read_choice,
    read_order_filter,
    read_parcel,
    read_receipt,
    read_refund,
)
from shop.admin.orders.labels import order_event_label, refund_words
from shop.admin.orders.lists import around, list_desk_orders
from shop.admin.orders.refunds import plan_refund, refund_part
from shop.admin.orders.services import (
    add_note,
    cancel,
    decide_payment,
    note_arrival,
    note_receipt,
    note_refund,
    resend_mail,
    restock_items,
    send_parcel,
    settle_attention,
)
from shop.admin.queries import find_exact_order
from shop.admin.views.queries import list_saved_views
from shop.auth.guard import needs
from shop.core.clock import today
from shop.core.config import config
from shop.core.errors import BadInput, NotFound, NotPermitted, ShopError
from shop.delivery.queries import list_carriers
from shop.models import Order, PaymentStatus, Provider
from shop.orders.payment.refund import when_refunded
from shop.orders.queries import order_page
from shop.orders.remainder import RefundChoice
from shop.settings.queries import shop_settings
from shop.web.responses import answer_shop_error, or_not_found, redirect_to
from shop.web.security import UNSAFE

blueprint = Blueprint("orders", __name__, url_prefix="/orders")


@blueprint.before_request
def _read_where_from() -> None:
    """Refuse an impossible page of the list before anything is done: whoever acts is led back."""
    if request.method in UNSAFE:
        read_order_filter(request.args)


@blueprint.get("")
@needs("orders.view")
def index() -> Response:
    """Show the orders of a view; a number or address of one order leads straight to it."""
    chosen = read_order_filter(request.args)
    exact = find_exact_order(chosen.text) if chosen.text else None
    if exact is not None:
        return redirect_to(f"/admin/orders/{exact}", 302)
    html = render_template(
        "admin/orders/index.html",
        chosen=chosen,
        found=list_desk_orders(chosen),
        statuses=list(PaymentStatus),
        ways=payments.list_payment_filters(),
        is_all=request.args.get("all") == "1",
        countries=list_country_filters(chosen.country),
        saved=list_saved_views(staff().user_id),
    )
    return make_response(html)


@blueprint.get("/orders.csv")
@needs("orders.view")
def export() -> Response:
    """Give the whole list as a file, while it is read."""
    rows = stream_with_context(export_orders(read_order_filter(request.args)))
    name = f"orders-{today(config().timezone)}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(rows, mimetype="text/csv", headers=headers)


@blueprint.get("/<number>")
@needs("orders.view")
def show(number: str) -> Response:
    """Show one order with everything about it."""
    return _show(queries.get_desk_order(number))


@blueprint.post("/<number>/shipments")
@needs("orders.ship")
def ship(number: str) -> Response:
    """Send a parcel."""
    send_parcel(number, read_parcel(request.form), staff=staff())
    return _done(number, _("Marked as sent."))


@blueprint.post("/<number>/deliveries")
@needs("orders.ship")
def deliver(number: str) -> Response:
    """Note that the order has arrived."""
    note_arrival(number, staff=staff())
    return _done(number, _("Marked as delivered."))


@blueprint.post("/<number>/cancellation")
@needs("orders.cancel")
def cancel_unpaid(number: str) -> Response:
    """Cancel an order that is not paid."""
    cancel(queries.get_desk_order(number), staff=staff())
    return _done(number, _("Canceled. Its pieces are free again."))


@blueprint.get("/<number>/refund")
@needs("orders.refund")
def refund_form(number: str) -> Response:
    """Show what a refund gives back."""
    return _refund_page(queries.get_desk_order(number))


@blueprint.post("/<number>/refunds")
@needs("orders.refund")
def refund(number: str) -> Response:
    """Refund what was chosen, or only show anew what that comes to."""
    if "preview" in request.form:
        return _refund_page(queries.get_desk_order(number))
    words = refund_words(payments.way_back_of(queries.get_desk_order(number).id))
    refund_part(number, read_refund(request.form), staff=staff())
    return _done(number, words)


@blueprint.post("/<number>/receipts")
@needs("orders.refund")
def receive(number: str) -> Response:
    """Note that the money of the order came."""
    order = queries.get_desk_order(number)
    note_receipt(order, read_receipt(request.form, order.currency), staff=staff())
    return _done(number, _("The payment is noted."))


@blueprint.post("/<number>/refunds/<refund_id>/outcome")
@needs("orders.refund")
def refund_outcome(number: str, refund_id: str) -> Response:
    """Note that the money of a refund was sent back by hand, or that it will not be."""
    order, outcome = queries.get_desk_order(number), request.form.get("outcome", "")
    note_refund(order, refund_id, outcome, staff=staff())
    words = {"sent": _("Noted as sent back."), "dropped": _("The refund is canceled.")}
    return _done(number, words[outcome])


@blueprint.post("/<number>/refunds/<refund_id>/stock")
@needs("orders.refund")
def restock(number: str, refund_id: str) -> Response:
    """Put the pieces of a refund back to stock."""
    restock_items(queries.get_desk_order(number), refund_id, staff=staff())
    return _done(number, _("The pieces are back in stock."))


@blueprint.post("/<number>/notes")
@needs("orders.note")
def note(number: str) -> Response:
    """Write a note for colleagues."""
    add_note(queries.get_desk_order(number), request.form.get("note", ""), staff=staff())
    return _done(number, _("Note added."))


@blueprint.post("/<number>/attention")
@needs("orders.ship")
def settle(number: str) -> Response:
    """Take the order off the desk."""
    version = read_version(request.form.get("version"))
    settle_attention(queries.get_desk_order(number), version, staff=staff())
    return _done(number, _("Noted as looked at."))


@blueprint.post("/<number>/review")
@needs("orders.refund")
def review(number: str) -> Response:
    """Decide about money that came but differs from what was agreed."""
    decision = request.form.get("decision", "")
    payment = request.form.get("payment", "")
    decide_payment(queries.get_desk_order(number), decision, payment, staff=staff())
    words = {
        "accept": _("Taken as paid."),
        "complete": _("Done: the difference is being settled."),
        "return": _("What came is on its way back."),
    }
    return _done(number, words[decision])


@blueprint.post("/<number>/mails/<int:mail_id>")
@needs("jobs.view")
def resend(number: str, mail_id: int) -> Response:
    """Send a mail again."""
    resend_mail(queries.get_desk_order(number), mail_id, staff=staff())
    return _done(number, _("The mail is sent again."))


@blueprint.errorhandler(ShopError)
@or_not_found
def refuse(error: ShopError) -> Response:
    """Show the order, or its refund, as it is now, with what was wrong."""
    number = (request.view_args or {}).get("number")
    if number is None or isinstance(error, (NotFound, NotPermitted)):
        return answer_shop_error(error)
    order, status = queries.get_desk_order(number), int(error.status)
    if request.endpoint == "admin.orders.refund":
        return _refund_page(order, str(error), status)
    return _show(order, str(error), status)


def _show(order: Order, problem: str = "", status: int = 200) -> Response:
    chosen = read_order_filter(request.args)
    page = order_page(order.id)
    notes = queries.list_notes(order.id)
    authors = {event.user_id for event in page.events} | {note.user_id for note in notes}
    names = queries.staff_names({found for found in authors if found is not None})
    html = render_template(
        "admin/orders/show.html",
        page=page,
        order=page.order,
        query=chosen.query(),
        around=around(page.order, chosen),
        refunds=queries.list_refunds(order.id),
        restockable=queries.count_restockable(order.id),
        usual_carrier=queries.usual_carrier(page.order),
        history=order_event_label(list(page.events), names, page.order.currency),
        notes=notes,
        names=names,
        mails=queries.list_mails(order.id),
        messages=list_order_messages(order.id),
        refunded_at=when_refunded(page.order, shop_settings()),
        carriers=list_carriers(),
        provider_url=payments.provider_url(page.payment),
        awaited=payments.find_awaited_payment(page.order),
        ways_back={name: payments.way_back(name) for name in Provider},
        problem=problem,
        typed=_typed("ship", problem),
        typed_receipt=_typed("receive", problem),
    )
    return make_response(html, status)


def _typed(endpoint: str, problem: str) -> Mapping[str, str]:
    """Return what was typed into the form of a view that refused it."""
    return request.form if problem and request.endpoint == f"admin.orders.{endpoint}" else {}


def _refund_page(order: Order, problem: str = "", status: int = 200) -> Response:
    try:
        choice = read_choice(request.form)
    except BadInput as error:
        choice, problem, status = RefundChoice(), str(error), int(error.status)
    plan = plan_refund(order.id, choice)
    if not plan.left.amount:
        if problem:
            return _show(order, problem, status)
        return redirect_to(_url(order.number), 302)
    html = render_template(
        "admin/orders/refund.html",
        query=read_order_filter(request.args).query(),
        plan=plan,
        order=plan.page.order,
        typed=request.form,
        way_back=payments.way_back_of(order.id),
        reasons=REASONS,
        problem=problem,
    )
    return make_response(html, status)


def _done(number: str, message: str) -> Response:
    flash(message, "success")
    return redirect_to(_url(number), 303)


def _url(number: str) -> str:
    """Return the order's page, with the list that one came from."""
    return f"/admin/orders/{number}{read_order_filter(request.args).query()}"
