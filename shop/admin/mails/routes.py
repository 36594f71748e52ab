"""The desk of mails: what was sent, what waits, what did not leave, and each as it was read."""

from flask import Blueprint, Response, flash, render_template, request
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.mails import queries
from shop.admin.mails.services import send_again
from shop.auth.guard import needs
from shop.core import plaintext
from shop.core.errors import NotFound, NotPermitted
from shop.core.row_ids import parse_id
from shop.models import MailMessage
from shop.web.responses import framed_mail, redirect_to
from shop.web.visitor import current_visitor

blueprint = Blueprint("mails", __name__, url_prefix="/mails")


@blueprint.get("")
@needs("jobs.view")
def index() -> str:
    """Show the mails of a view."""
    chosen = _read_filter()
    found = queries.list_desk_mails(chosen)
    return render_template("admin/mails/index.html", chosen=chosen, found=found)


@blueprint.get("/<int:mail_id>")
@needs("jobs.view")
def show(mail_id: int) -> str:
    """Show a mail with what became of it."""
    mail, row = queries.get_desk_mail(mail_id)
    return render_template("admin/mails/show.html", mail=mail, row=row, may_read=_may_read(mail))


@blueprint.get("/<int:mail_id>/body")
@needs("jobs.view")
def body(mail_id: int) -> Response:
    """Answer with a mail as it was sent, for a frame."""
    mail, _row = queries.get_desk_mail(mail_id)
    if not _may_read(mail):
        raise NotPermitted
    if mail.html_body is None:
        raise NotFound
    return framed_mail(mail.html_body)


@blueprint.post("/<int:mail_id>/again")
@needs("jobs.view")
def again(mail_id: int) -> Response:
    """Send a mail once more."""
    send_again(mail_id, staff=staff())
    flash(_("It is on its way."), "success")
    return redirect_to(f"/admin/mails/{mail_id}", 303)


def _may_read(mail: MailMessage) -> bool:
    """Return whether one may read it: what a mail says of an order is for who may see orders."""
    return mail.order_id is None or current_visitor().may("orders.view")


def _read_filter() -> queries.MailFilter:
    view = request.args.get("view", "all")
    return queries.MailFilter(
        view=view if view in queries.MAIL_VIEWS else "all",
        about=plaintext.code(request.args.get("q", "")[:254]),
        below=parse_id(request.args.get("below")) or 0,
    )
