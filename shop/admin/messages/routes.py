"""The desk of messages: read, answer by mail, done."""

from flask import Blueprint, Response, flash, render_template, request
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.messages import queries
from shop.admin.messages.services import settle_message
from shop.auth.guard import needs
from shop.core import plaintext
from shop.core.row_ids import parse_id
from shop.web.responses import redirect_to

blueprint = Blueprint("messages", __name__, url_prefix="/messages")


@blueprint.get("")
@needs("messages.answer")
def index() -> str:
    """Show the messages of a view."""
    chosen = _read_filter()
    found = queries.list_messages(chosen)
    return render_template("admin/messages/index.html", chosen=chosen, found=found)


@blueprint.get("/<int:message_id>")
@needs("messages.answer")
def show(message_id: int) -> str:
    """Show a message."""
    reading = queries.get_message_reading(message_id)
    return render_template(
        "admin/messages/show.html", reading=reading, query=_read_filter().query()
    )


@blueprint.post("/<int:message_id>/state")
@needs("messages.answer")
def settle(message_id: int) -> Response:
    """Say that a message is done, or open again."""
    is_done = request.form.get("state") != "open"
    settle_message(message_id, is_done=is_done, staff=staff())
    flash(_("Done.") if is_done else _("It is open again."), "success")
    query = _read_filter().query()
    back = f"/admin/messages{query}" if is_done else f"/admin/messages/{message_id}{query}"
    return redirect_to(back, 303)


def _read_filter() -> queries.MessageFilter:
    view = request.args.get("view", "open")
    return queries.MessageFilter(
        view=view if view in queries.MESSAGE_VIEWS else "open",
        text=plaintext.line(request.args.get("q", "")[:200]),
        page=min(parse_id(request.args.get("page")) or 1, 10**6),
    )
