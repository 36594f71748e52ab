"""Order pages for customers and guests, and the door for the provider's messages."""

import logging

from flask import Blueprint, Response, make_response, render_template, request
from flask_login import login_required

from shop.core import plaintext
from shop.core.errors import Busy, NotFound, ShopError
from shop.core.row_ids import parse_id
from shop.models import Order
from shop.orders.queries import FILTERS, get_order, get_order_by_token, list_orders, order_page
from shop.orders.services import cancel_order, receive_event, start_payment
from shop.orders.timeline import headline, history, progress
from shop.payments.current import sender_at
from shop.payments.errors import InvalidWebhook, WebhookNotConfigured
from shop.payments.registry import webhook_paths
from shop.web.client_address import client_ip
from shop.web.machines import is_machine_path, post_from_machines
from shop.web.responses import answer_shop_error, redirect_to
from shop.web.visitor import current_visitor, remember_order, remembered_orders

log = logging.getLogger(__name__)
blueprint = Blueprint("orders", __name__, template_folder="templates")


@blueprint.get("/orders")
@login_required
def index() -> str:
    """Show one's own orders, newest first."""
    status, text = request.args.get("status", ""), plaintext.line(request.args.get("q", "")[:100])
    page = parse_id(request.args.get("page", "1"))
    if not 1 <= page <= 500:
        raise NotFound
    orders = list_orders(current_visitor().user_id or 0, status=status, text=text, page=page)
    if page > orders.pages:
        raise NotFound
    return render_template(
        "orders/index.html", orders=orders, status=status, text=text, filters=tuple(FILTERS)
    )


@blueprint.get("/orders/<number>")
def show(number: str) -> Response:
    """Show one order of one's own."""
    return _show(_mine(number))


@blueprint.get("/o/<token>")
def show_by_link(token: str) -> Response:
    """Show an order to whoever has its secret link, and let this browser go on with it."""
    order = get_order_by_token(token)
    remember_order(order.number)
    return _show(order)


@blueprint.post("/orders/<number>/payment")
def pay(number: str) -> Response:
    """Go on to the payment page of an order that is not paid yet."""
    url = start_payment(_mine(number).id)
    return redirect_to(url or f"/orders/{number}", 303)


@blueprint.post("/orders/<number>/cancellation")
def cancel(number: str) -> Response:
    """Cancel an order that is not paid yet."""
    cancel_order(_mine(number).id, user_id=current_visitor().user_id)
    return redirect_to(f"/orders/{number}", 303)


def webhook() -> Response:
    """Take a message of a provider: 200 once it is handled, 400 when it proves nothing."""
    sender = sender_at(request.path)
    request.max_content_length = sender.max_event
    receive_event(sender.name, request.get_data(cache=False), dict(request.headers))
    return _plain("ok", 200)


for _path in webhook_paths():
    post_from_machines(blueprint, _path, webhook)


@blueprint.errorhandler(ShopError)
def refuse(error: ShopError) -> Response:
    """Answer programs in plain words, people with the order as it is now."""
    if is_machine_path():
        return _refuse_event(error)
    number = (request.view_args or {}).get("number")
    if isinstance(error, NotFound) or number is None:
        return answer_shop_error(error)
    return _show(_mine(number), str(error), int(error.status))


def _refuse_event(error: ShopError) -> Response:
    if isinstance(error, InvalidWebhook):
        log.warning("webhook refused", extra={"reason": str(error), "ip": client_ip()})
        return _plain(str(error), 400)
    if isinstance(error, WebhookNotConfigured):
        log.error("webhook without a secret")
        return _plain(str(error), 503)
    if isinstance(error, Busy):
        log.warning("webhook met a busy database", exc_info=error)
        response = _plain("busy, please send again", 503)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    log.error("webhook failed", exc_info=error)
    return _plain("not handled, please send again", 500)


def _plain(text: str, status: int) -> Response:
    response = make_response(text, status)
    response.mimetype = "text/plain"
    response.headers["Cache-Control"] = "no-store"
    return response


def _mine(number: str) -> Order:
    return get_order(number, user_id=current_visitor().user_id, remembered=remembered_orders())


def _show(order: Order, problem: str = "", status: int = 200) -> Response:
    page = order_page(order.id)
    html = render_template(
        "orders/show.html",
        page=page,
        order=page.order,
        steps=progress(page),
        history=history(page),
        headline=headline(page),
        problem=problem,
    )
    response = make_response(html, status)
    response.headers["Referrer-Policy"] = "same-origin"
    return response
