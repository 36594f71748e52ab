"""Checkout: one calm page, then the provider's; and the pages one comes back to."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    render_template,
    request,
)
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from shop.account.queries import get_address
from shop.account.services import keep_address
from shop.cart.contents import CartView
from shop.cart.draft import read_draft
from shop.cart.page import paid_order, shipping_country
from shop.cart.queries import get_cart
from shop.cart.services import keep_draft
from shop.checkout.duties import duties_text, has_odd_areas
from shop.checkout.forms import CheckoutForm
from shop.checkout.queries import list_saved
from shop.checkout.return_page import confirm, find_mine
from shop.core.addresses import FIELDS, PostalAddress
from shop.core.emails import normalise_email
from shop.core.errors import (
    BadInput,
    Busy,
    DeliveryChanged,
    InvalidTransition,
    NotFound,
    PaymentChanged,
    ShopError,
)
from shop.core.row_ids import parse_id
from shop.delivery.queries import list_countries, why_undelivered
from shop.models import Address, PaymentStatus, VisitStage
from shop.orders.queries import get_order
from shop.orders.services import place_order, start_payment
from shop.settings.queries import shop_settings
from shop.web.responses import answer_shop_error, redirect_to
from shop.web.visitor import (
    current_visitor,
    remember_country,
    remember_order,
    remembered_country,
    remembered_orders,
)
from shop.web.visits import count_visit

log = logging.getLogger(__name__)
blueprint = Blueprint("checkout", __name__, template_folder="templates")


@blueprint.get("/checkout")
def show() -> Response:
    """Show the form, filled with what is known."""
    visitor = current_visitor()
    if not visitor.is_authenticated and not shop_settings().guest_checkout:
        return redirect_to("/login?next=/checkout", 302)
    cart = _cart()
    if not cart.can_check_out:
        return redirect_to("/cart", 302)
    count_visit(VisitStage.CHECKOUT)
    saved = list_saved(visitor.user_id)
    known = _known(cart, saved)
    country, delivery = known.get("country", cart.country), parse_id(known.get("delivery"))
    if country != cart.country or delivery not in (0, cart.quote.method_id if cart.quote else 0):
        remember_country(shipping_country(country))
        cart = _cart(delivery)
    return _page(_form(data={"email": visitor.email, **known}), cart, saved=saved)


@blueprint.post("/checkout")
def place() -> Response:
    """Place the order and go on to its payment page."""
    remember_country(shipping_country(request.form.get("country")))
    if "update" in request.form or "use" in request.form:
        return _again()
    form, visitor = _form(), current_visitor()
    if not visitor.is_authenticated and not shop_settings().guest_checkout:
        return redirect_to("/login?next=/checkout", 303)
    if not form.validate():
        _keep(request.form)
        return _page(form, _cart(), status=422)
    placed = place_order(visitor.cart_id, form.details(visitor))
    remember_order(placed.order.number)
    if form.keep.data and visitor.user_id and form.checked:
        _save(visitor.user_id, form.checked)
    url = start_payment(placed.order.id, placed.attempt)
    return redirect_to(url or f"/orders/{placed.order.number}", 303)


@blueprint.get("/checkout/success")
def success() -> Response:
    """Verify the session with the provider and say thank you, or that it is being confirmed."""
    result = confirm(request.args.get("session_id", ""))
    tries = min(parse_id(request.args.get("tries", "0")), 99)
    page = render_template("checkout/success.html", result=result, tries=tries)
    return _private(make_response(page))


@blueprint.get("/checkout/cancel")
def cancel() -> Response:
    """Say that nothing was charged; change nothing."""
    order = find_mine(request.args.get("order", ""))
    if order is not None and order.payment_status is not PaymentStatus.PENDING:
        return redirect_to(f"/orders/{order.number}", 302)  # it says what became of it
    return _private(make_response(render_template("checkout/cancel.html", order=order)))


@blueprint.get("/checkout/status/<number>")
def status(number: str) -> Response:
    """Answer where an order of one's own stands, for the page that waits for its payment."""
    order = get_order(number, user_id=current_visitor().user_id, remembered=remembered_orders())
    response = make_response(render_template("checkout/_status.html", order=order))
    if order.paid_at is not None:
        response.headers["HX-Refresh"] = "true"
    return _private(response)


@blueprint.errorhandler(ShopError)
def refuse(error: ShopError) -> Response:
    """Show the form again with what was entered, the present totals and what was wrong."""
    if request.endpoint != "checkout.place" or isinstance(error, NotFound):
        return answer_shop_error(error)
    if not isinstance(error, Busy):
        _keep(request.form)
    cart = _cart()
    if not cart.can_check_out:
        if not paid_order(cart):  # the bag says so itself
            flash(str(error), "error")
        return redirect_to("/cart", 303)
    form, problem = _form(), str(error)
    if isinstance(error, InvalidTransition):
        form.renew()
    if isinstance(error, DeliveryChanged):
        form.delivery.errors, problem = [problem], ""
    if isinstance(error, PaymentChanged):
        form.payment.errors, problem = [problem], ""
    response = _page(form, cart, problem, int(error.status))
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _again() -> Response:
    """Show the form with what was entered, or the address chosen, and what it costs now."""
    posted, visitor = MultiDict(request.form), current_visitor()
    chosen = parse_id(posted.get("saved"))
    if "use" in posted and chosen and visitor.user_id:
        address = get_address(visitor.user_id, chosen)
        for name in FIELDS:
            posted[name] = getattr(address, name)
        remember_country(address.country)
    _keep(posted)
    return _page(_form(posted), _cart())


def _known(cart: CartView, saved: Sequence[Address]) -> Mapping[str, str]:
    """Return what to begin with: what was typed for this bag, else the customer's own address."""
    if cart.draft or not saved:
        return cart.draft
    first = saved[0]
    if remembered_country() not in {"", first.country}:
        return {}
    return {name: getattr(first, name) for name in FIELDS} | {"saved": str(first.id)}


def _keep(posted: Mapping[str, str]) -> None:
    """Keep what was typed with the bag; that it cannot be kept now changes nothing else."""
    try:
        keep_draft(current_visitor().cart_id, read_draft(posted))
    except Busy as error:
        log.warning("what was typed at checkout is not kept", exc_info=error)


def _save(user_id: int, address: PostalAddress) -> None:
    """Keep the address in the customer's book; the order goes on where it cannot be kept."""
    try:
        keep_address(user_id, address)
    except BadInput as refusal:
        flash(str(refusal), "warning")
    except Busy as error:
        log.warning("address not kept", exc_info=error)
        flash(_("Your address could not be kept. Please add it in your account."), "warning")


def _form(posted: MultiDict[str, str] | None = None, **known: Any) -> CheckoutForm:
    country = shipping_country(remembered_country())
    if posted is not None:
        known["formdata"] = posted
    return CheckoutForm(default_country=country, countries=list_countries(), **known)


def _cart(delivery: int = 0) -> CartView:
    visitor = current_visitor()
    return get_cart(
        visitor.cart_id,
        country=shipping_country(remembered_country()),
        delivery_method_id=parse_id(request.form.get("delivery")) or delivery or None,
        user_id=visitor.user_id,
        email_key=normalise_email(visitor.email),
    )


def _page(
    form: CheckoutForm,
    cart: CartView,
    problem: str = "",
    status: int = 200,
    saved: Sequence[Address] | None = None,
) -> Response:
    user_id = current_visitor().user_id
    form.show(cart, list_saved(user_id) if saved is None else saved)
    page = render_template(
        "checkout/show.html",
        form=form,
        cart=cart,
        problem=problem,
        undelivered=why_undelivered(cart.country),
        duties=_duties(form),
        duties_by_postcode=has_odd_areas(shop_settings().ship_from_country, form.country.data),
        is_guest=user_id is None,
    )
    return make_response(page, status)


def _duties(form: CheckoutForm) -> str:
    postal_code = form.postal_code.data if "postal_code" in form else ""
    origin = shop_settings().ship_from_country
    return duties_text(origin, form.country.data, postal_code or "")


def _private(response: Response) -> Response:
    response.headers["Referrer-Policy"] = "same-origin"
    return response
