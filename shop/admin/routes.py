"""The way into the staff pages: the guard, the first page, the search over everything."""

from flask import Blueprint, Response, render_template, request

from shop.admin.context import shell
from shop.admin.queries import find_page, load_today
from shop.admin.staff_actions import new_form_token
from shop.auth.guard import ANY_STAFF, guard_staff, needs
from shop.core import plaintext
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
    return render_template("admin/today.html", page=load_today())


@blueprint.get("/find")
@needs(ANY_STAFF)
def find() -> Response:
    """Go straight to what was named exactly, else to the list that knows more."""
    text = plaintext.line(request.args.get("q", "")[:100])
    return redirect_to(find_page(text, current_visitor().may), 302)
