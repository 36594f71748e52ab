"""A mail as it was sent, as HTML and as text, before it is sent again."""

from flask import Blueprint, Response, render_template, request

from shop.admin.letters.queries import get_letter
from shop.admin.orders.forms import read_order_filter
from shop.admin.orders.queries import get_desk_order
from shop.auth.guard import needs
from shop.core.errors import NotFound
from shop.web.responses import framed_mail

blueprint = Blueprint("letters", __name__, url_prefix="/orders")


@blueprint.get("/<number>/mails/<int:mail_id>")
@needs("jobs.view")
def show(number: str, mail_id: int) -> str:
    """Show a mail about an order."""
    return render_template(
        "admin/letters/show.html",
        order=get_desk_order(number),
        mail=get_letter(number, mail_id),
        query=read_order_filter(request.args).query(),
        as_text=request.args.get("as") == "text",
    )


@blueprint.get("/<number>/mails/<int:mail_id>/html")
@needs("jobs.view")
def body(number: str, mail_id: int) -> Response:
    """Give the HTML of a mail, for the frame of its page alone."""
    html = get_letter(number, mail_id).html_body
    if html is None:
        raise NotFound
    return framed_mail(html)
