"""The way into the staff pages: the guard, the first page, the search over everything."""

from flask import Blueprint, Response, render_template, request

from shop.admin.context import shell
from shop.admin.queries import find_page
from shop.admin.staff_actions import new_form_token
from shop.admin.today.queries import load_today
from shop.auth.guard import ANY_STAFF, guard_staff, needs
from shop.core import plaintext
from shop.core.clock import today
from shop.core.config import config
from shop.sales.period import read_period
from shop.web.responses import redirect_to
from shop.web.visitor import current_visitor

blueprint = Blueprint("admin", __name__, url_prefix="/admin", template_folder="templates")
blueprint.before_request(guard_staff)
blueprint.context_processor(shell)
blueprint.add_app_template_global(new_form_token, "form_token")


@blueprint.get("/")
@needs(ANY_STAFF)
def home() -> str:
    """Show what is to be done today."""
    chosen = read_period(request.args, today(config().timezone))
    page = load_today(chosen, current_visitor().may)
    return render_template("admin/today.html", page=page, chosen=chosen)


@blueprint.get("/find")
@needs(ANY_STAFF)
def find() -> Response:
    """Go straight to what was named exactly, else to the list that knows more."""
    text = plaintext.line(request.args.get("q", "")[:100])
    return redirect_to(find_page(text, current_visitor().may), 302)
