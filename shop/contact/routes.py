"""The page by which visitors write to the shop."""

import logging

from flask import Blueprint, Response, make_response, render_template
from flask_babel import gettext as _

from shop.contact.forms import ContactForm
from shop.contact.services import take_message
from shop.core.errors import ShopError, TooManyRequests
from shop.pages.queries import get_reading, public_pages
from shop.web.client_address import client_ip
from shop.web.responses import answer_shop_error, redirect_to
from shop.web.visitor import current_visitor

log = logging.getLogger(__name__)
blueprint = Blueprint("contact", __name__, url_prefix="/contact", template_folder="templates")


@blueprint.get("")
def show() -> Response:
    """Show the form, below what the shop says about reaching it."""
    visitor = current_visitor()
    return _page(ContactForm(data={"name": visitor.name, "email": visitor.email}))


@blueprint.post("")
def send() -> Response:
    """Take the message; a program that filled in every field is thanked, too."""
    form = ContactForm()
    if form.is_of_a_program:
        log.info("message of a program")
        return redirect_to("/contact/thanks")
    if not form.validate():
        return _page(form, 422)
    take_message(form.values(), ip=client_ip(), user_id=current_visitor().user_id)
    return redirect_to("/contact/thanks")


@blueprint.get("/thanks")
def thanks() -> str:
    """Say that the message has arrived."""
    return render_template("contact/thanks.html")


@blueprint.errorhandler(ShopError)
def refuse(error: ShopError) -> Response:
    """Show the form again where somebody writes too often, with what was written."""
    if not isinstance(error, TooManyRequests):
        return answer_shop_error(error)
    form = ContactForm()
    form.form_errors = [_("You have written to us a few times just now. Please wait a while.")]
    response = _page(form, int(error.status))
    response.headers["Retry-After"] = str(error.retry_after)
    return response


def _page(form: ContactForm, status: int = 200) -> Response:
    page = public_pages().of_role("contact")
    reading = get_reading(page.slug, page.number) if page else None
    html = render_template("contact/show.html", form=form, reading=reading)
    return make_response(html, status)
