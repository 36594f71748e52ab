"""The account: overview, details, addresses, sessions, one's data, and the way out."""

import json

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask_babel import gettext as _

from shop.account.forms import BookForm, CloseForm, DetailsForm, EmailForm, PasswordForm
from shop.account.guard import ask_to_sign_in
from shop.account.queries import account_data, get_address, get_user, list_addresses
from shop.account.services import (
    add_address,
    close_account,
    delete_address,
    make_default,
    update_address,
    update_details,
)
from shop.account.user_agents import browser_name
from shop.auth.client_info import ClientInfo
from shop.auth.queries import list_sessions
from shop.auth.services import (
    change_password,
    has_second_factor,
    request_email_change,
    request_proof,
)
from shop.auth.sessions import close_all_sessions, close_session
from shop.core.addresses import format_address
from shop.core.config import config
from shop.core.errors import NotFound
from shop.customers.queries import standing_of
from shop.delivery.queries import list_countries
from shop.orders.queries import list_orders
from shop.settings.queries import shop_settings
from shop.web.client_address import client_ip
from shop.web.responses import redirect_to
from shop.web.visitor import current_visitor, end_session, start_session

blueprint = Blueprint("account", __name__, template_folder="templates", url_prefix="/account")
blueprint.before_request(ask_to_sign_in)


@blueprint.get("")
def home() -> Response:
    """Show the latest orders and what is kept."""
    user = get_user(_me())
    found = list_orders(user.id)
    addresses = list_addresses(user.id)
    lines = format_address(addresses[0]) if addresses else []
    return _page(
        "home.html",
        user=user,
        orders=found.rows[:3],
        total=found.total,
        lines=lines,
        standing=standing_of(user.id),
        currency=config().currency,
    )


@blueprint.post("/proof")
def send_proof() -> Response:
    """Send the link that proves the address once more."""
    request_proof(_me(), client_ip())
    return _done("/account", _("We have sent you the link once more."))


@blueprint.get("/details")
def details() -> Response:
    """Show name and phone number."""
    user = get_user(_me())
    return _page("details.html", user=user, form=DetailsForm(obj=user))


@blueprint.post("/details")
def store_details() -> Response:
    """Store name and phone number."""
    form = DetailsForm()
    if form.validate():
        form.attempt(lambda: update_details(_me(), form.name.data, form.phone.data))
    if form.errors:
        return _page("details.html", 422, user=get_user(_me()), form=form)
    return _done("/account/details", _("Your details are saved."))


@blueprint.get("/email")
def email() -> Response:
    """Ask for another address."""
    return _page("email.html", user=get_user(_me()), form=EmailForm())


@blueprint.post("/email")
def change_email() -> Response:
    """Send a link to the new address; the change waits for it."""
    form, ip = EmailForm(), client_ip()
    if form.validate():
        form.attempt(lambda: request_email_change(_me(), form.email.data, form.password.data, ip))
    if form.errors:
        return _page("email.html", 422, user=get_user(_me()), form=form)
    return _page("email_sent.html", email=form.email.data)


@blueprint.get("/security")
def security() -> Response:
    """Show the browsers that are signed in, and the ways to password, data and the end."""
    rows = [(row, browser_name(row.user_agent)) for row in list_sessions(_me())]
    visitor = current_visitor()
    has_page = visitor.is_staff or has_second_factor(_me())
    return _page("security.html", rows=rows, mine=visitor.session_id, has_factor_page=has_page)


@blueprint.get("/password")
def password() -> Response:
    """Ask for the present password and the next."""
    return _page("password.html", user=get_user(_me()), form=PasswordForm())


@blueprint.post("/password")
def store_password() -> Response:
    """Change the password; other browsers are signed out, this one gets a new session."""
    form = PasswordForm()
    browser = ClientInfo(client_ip(), request.user_agent.string)
    if form.validate():
        token = form.attempt(
            lambda: change_password(_me(), form.old_password.data, form.password.data, browser)
        )
        if token:
            start_session(token, _me())
            return _done("/account/security", _("Your password is changed."))
    return _page("password.html", 422, user=get_user(_me()), form=form)


@blueprint.post("/sessions/<int:session_id>/delete")
def end_other_session(session_id: int) -> Response:
    """Sign one browser out."""
    if not close_session(session_id, _me()):
        raise NotFound
    return _done("/account/security", _("That browser is signed out."))


@blueprint.post("/sessions/delete")
def end_other_sessions() -> Response:
    """Sign out everywhere but here."""
    close_all_sessions(_me(), current_visitor().session_id)
    return _done("/account/security", _("You are signed out everywhere else."))


@blueprint.get("/addresses")
def addresses() -> Response:
    """Show the address book."""
    rows = [(address, format_address(address)) for address in list_addresses(_me())]
    return _page("addresses.html", rows=rows)


@blueprint.get("/addresses/new")
def new_address() -> Response:
    """Show an empty form, with the name that is known."""
    user = get_user(_me())
    known = {"name": user.name, "phone": user.phone}
    return _page("address.html", form=_book_form(data=known), url="/account/addresses/new")


@blueprint.post("/addresses/new")
def create_address() -> Response:
    """Put an address into the book."""
    form = _book_form()
    if "update" not in request.form:
        added = form.attempt(
            lambda: add_address(_me(), form.address(), is_default=form.is_default.data)
        )
        if added:
            return _done("/account/addresses", _("The address is in your book."))
    return _page("address.html", 422 if form.errors else 200, form=form, url=request.path)


@blueprint.get("/addresses/<int:address_id>")
def edit_address(address_id: int) -> Response:
    """Show an address of the book."""
    form = _book_form(obj=get_address(_me(), address_id))
    return _page("address.html", form=form, url=request.path)


@blueprint.post("/addresses/<int:address_id>")
def store_address(address_id: int) -> Response:
    """Change an address of the book."""
    get_address(_me(), address_id)
    form = _book_form()
    if "update" not in request.form:
        is_default = form.is_default.data
        form.attempt(
            lambda: update_address(_me(), address_id, form.address(), is_default=is_default)
        )
        if not form.errors:
            return _done("/account/addresses", _("The address is saved."))
    return _page("address.html", 422 if form.errors else 200, form=form, url=request.path)


@blueprint.post("/addresses/<int:address_id>/default")
def prefer_address(address_id: int) -> Response:
    """Begin checkout with this address from now on."""
    make_default(_me(), address_id)
    return _done("/account/addresses", _("Checkout begins with this address now."))


@blueprint.post("/addresses/<int:address_id>/delete")
def remove_address(address_id: int) -> Response:
    """Take an address out of the book."""
    delete_address(_me(), address_id)
    return _done("/account/addresses", _("The address is gone."))


@blueprint.get("/data")
def data() -> Response:
    """Hand out everything we keep, as a file."""
    text = json.dumps(account_data(_me()), ensure_ascii=False, indent=2)
    response = Response(text, mimetype="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/close")
def close() -> Response:
    """Say what closing means, and ask for the password."""
    return _page("close.html", user=get_user(_me()), form=CloseForm())


@blueprint.post("/close")
def leave() -> Response:
    """Delete the account."""
    form, user_id, ip = CloseForm(), _me(), client_ip()
    if form.validate():
        form.attempt(lambda: close_account(user_id, form.password.data, ip))
    if form.errors:
        return _page("close.html", 422, user=get_user(user_id), form=form)
    end_session()
    return _done("/", _("Your account is closed."))


def _me() -> int:
    user_id = current_visitor().user_id
    if user_id is None:
        raise NotFound
    return user_id


def _book_form(**known: object) -> BookForm:
    country = shop_settings().default_country
    return BookForm(default_country=country, countries=list_countries(), **known)


def _done(url: str, message: str) -> Response:
    flash(message, "success")
    return redirect_to(url, 303)


def _page(name: str, status: int = 200, **values: object) -> Response:
    return make_response(render_template(f"account/{name}", **values), status)
