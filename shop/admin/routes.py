"""The way into the staff pages: the guard, the first page, the search over everything."""

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from shop.admin.context import shell
from shop.admin.queries import find_page
from shop.admin.staff_actions import new_form_token
from shop.admin.today.queries import count_paid_since, load_today
from shop.auth.guard import ANY_STAFF, guard_staff, needs
from shop.core import plaintext
from shop.core.clock import today
from shop.core.config import config
from shop.sales.period import read_period
from shop.web.responses import redirect_to
from shop.web.visitor import current_visitor

blueprint = Blueprint("admin", __name__, url_prefix="/admin", template_folder="templates")
blueprint.context_processor(shell)
blueprint.add_app_template_global(new_form_token, "form_token")


@blueprint.before_app_request
def guard() -> AnyResponse | None:
    """Close all of /admin, also where an address leads nowhere or is asked in a wrong way."""
    is_here = request.path == "/admin" or request.path.startswith("/admin/")
    return guard_staff() if is_here else None


@blueprint.get("/")
@needs(ANY_STAFF)
def home() -> str:
    """Show what is to be done today."""
    chosen = read_period(request.args, today(config().timezone))
    page = load_today(chosen, current_visitor().may)
    return render_template("admin/today.html", page=page, chosen=chosen)


@blueprint.get("/news")
@needs("orders.view")
def news() -> Response:
    """Say how many orders were paid since a page was made: a part of it, or 204 for none."""
    many = count_paid_since(request.args.get("since", ""))
    if not many:
        return Response(status=204)
    return make_response(render_template("admin/_news.html", many=many))


@blueprint.get("/find")
@needs(ANY_STAFF)
def find() -> Response:
    """Go straight to what was named exactly, else to the list that knows more."""
    text = plaintext.line(request.args.get("q", "")[:100])
    return redirect_to(find_page(text, current_visitor().may), 302)
