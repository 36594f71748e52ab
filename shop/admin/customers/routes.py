"""The desk of customers: who buys here, what of, and what staff may do about them."""

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.customers import lists, queries, services
from shop.auth.guard import needs
from shop.core import plaintext
from shop.core.addresses import format_address
from shop.core.config import config
from shop.core.errors import BadInput
from shop.core.row_ids import parse_id
from shop.customers.tiers import Tier
from shop.web.client_address import client_ip
from shop.web.responses import redirect_to
from shop.web.visitor import current_visitor

blueprint = Blueprint("customers", __name__, url_prefix="/customers")


@blueprint.get("")
@needs("customers.view")
def index() -> str:
    """Show the customers."""
    view, tier = request.args.get("view", "all"), request.args.get("tier", "")
    chosen = lists.CustomerFilter(
        view=view if view in lists.VIEWS else "all",
        text=plaintext.line(request.args.get("q", "")[:100]),
        tier=Tier(tier) if tier in lists.TIERS else Tier.NONE,
        sort="spend" if request.args.get("sort") == "spend" else "latest",
        page=_page_number(),
    )
    return render_template(
        "admin/customers/index.html",
        chosen=chosen,
        found=lists.list_customers(chosen),
        tiers=lists.TIERS,
        currency=config().currency,
    )


@blueprint.get("/<int:customer_id>")
@needs("customers.view")
def show(customer_id: int) -> Response:
    """Show a customer, the state of the last order first."""
    return _page(customer_id)


@blueprint.post("/<int:customer_id>/notes")
@needs("customers.edit")
def note(customer_id: int) -> Response:
    """Write a note for colleagues."""
    text = request.form.get("note", "")
    try:
        services.write_customer_note(customer_id, text, staff=staff())
    except BadInput as error:
        return _page(customer_id, typed=text, wrong=error.fields["note"])
    return _done(customer_id, _("The note is written."))


@blueprint.get("/<int:customer_id>/block")
@needs("customers.edit")
def ask_block(customer_id: int) -> str:
    """Say what blocking means, before it is done."""
    return _question("block.html", customer_id)


@blueprint.post("/<int:customer_id>/block")
@needs("customers.edit")
def block(customer_id: int) -> Response:
    """Sell nothing more to a customer."""
    services.block_customer(customer_id, is_blocked=True, staff=staff())
    return _done(customer_id, _("Blocked: they cannot sign in or order any more."))


@blueprint.post("/<int:customer_id>/block/end")
@needs("customers.edit")
def unblock(customer_id: int) -> Response:
    """Let a customer buy again."""
    services.block_customer(customer_id, is_blocked=False, staff=staff())
    return _done(customer_id, _("They can sign in and order again."))


@blueprint.post("/<int:customer_id>/sessions/end")
@needs("customers.edit")
def sign_out(customer_id: int) -> Response:
    """Sign a customer out in every browser."""
    services.sign_customer_out(customer_id, staff=staff())
    return _done(customer_id, _("They are signed out everywhere."))


@blueprint.post("/<int:customer_id>/password")
@needs("customers.edit")
def send_link(customer_id: int) -> Response:
    """Send a customer the link to choose a new password."""
    services.send_password_link(customer_id, client_ip(), staff=staff())
    return _done(customer_id, _("The link is on its way to them. It works for half an hour."))


@blueprint.get("/<int:customer_id>/erasure")
@needs("customers.erase")
def ask_erasure(customer_id: int) -> str:
    """Say what erasing means, before it is done."""
    return _question("erase.html", customer_id)


@blueprint.post("/<int:customer_id>/erasure")
@needs("customers.erase")
def erase(customer_id: int) -> Response:
    """Erase the account of a customer."""
    services.erase_customer(customer_id, staff=staff())
    flash(_("The account is erased. Its orders stay in the books."), "success")
    return redirect_to("/admin/customers", 303)


def _page(customer_id: int, typed: str = "", wrong: str = "") -> Response:
    number = _page_number()
    reading = queries.get_customer_page(customer_id, number)
    html = render_template(
        "admin/customers/show.html",
        reading=reading,
        number=number,
        addresses=[(row, format_address(row)) for row in reading.addresses],
        can_act=_can_act(reading),
        currency=config().currency,
        typed=typed,
        wrong=wrong,
    )
    return make_response(html, 422 if wrong else 200)


def _question(template: str, customer_id: int) -> str:
    reading = queries.get_customer_page(customer_id)
    return render_template(
        f"admin/customers/{template}",
        reading=reading,
        can_act=_can_act(reading),
        open_orders=queries.list_open_orders(reading.customer),
    )


def _can_act(reading: queries.CustomerReading) -> bool:
    """Return whether the asker may block or erase: a colleague's account is for owners alone."""
    visitor = current_visitor()
    if reading.user is None or reading.role is None:
        return reading.user is None or reading.user.id != visitor.user_id
    return visitor.is_owner and not reading.role.is_owner and reading.user.id != visitor.user_id


def _done(customer_id: int, sentence: str) -> Response:
    flash(sentence, "success")
    return redirect_to(f"/admin/customers/{customer_id}", 303)


def _page_number() -> int:
    return min(parse_id(request.args.get("page")) or 1, 10**6)
