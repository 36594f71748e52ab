"""The trail: who changed what, and when."""

from datetime import date

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.trail import queries, services
from shop.admin.trail.plans import step_words
from shop.auth.guard import needs
from shop.core import plaintext
from shop.core.errors import BadInput, CartError, OrderError, ShopError
from shop.core.row_ids import parse_id
from shop.web.responses import redirect_to
from shop.web.visitor import current_visitor

blueprint = Blueprint("trail", __name__, url_prefix="/trail")


@blueprint.get("")
@needs("staff.edit")
def index() -> str:
    """Show the trail, the newest first."""
    chosen = queries.TrailFilter(
        person=_word("person"),
        desk=_word("desk"),
        thing=_word("thing"),
        first=_day("from"),
        last=_day("to"),
        below=parse_id(request.args.get("below")),
    )
    rows, has_more = queries.list_trail(chosen)
    return render_template(
        "admin/trail/index.html",
        chosen=chosen,
        rows=rows,
        has_more=has_more,
        known_desks=queries.TRAIL_DESKS,
    )


@blueprint.get("/<int:entry_id>")
@needs("staff.edit")
def show(entry_id: int) -> Response:
    """Show an entry, and what reverting it would change."""
    return _page(entry_id)


@blueprint.post("/<int:entry_id>/reversal")
@needs("staff.edit")
def revert(entry_id: int) -> Response:
    """Revert what an entry changed."""
    try:
        made = services.take_back(entry_id, may=current_visitor().may, staff=staff())
    except (BadInput, OrderError, CartError) as error:
        return _page(entry_id, _sentence(error), int(error.status))
    flash(_("Reverted."), "success")
    return redirect_to(f"/admin/trail/{made}", 303)


def _sentence(error: ShopError) -> str:
    named = error.fields.values() if isinstance(error, BadInput) else ()
    return " ".join(named) or str(error)


def _page(entry_id: int, problem: str = "", status: int = 200) -> Response:
    row, plan, obstacle = queries.read_trail_entry(entry_id), None, ""
    if not row.reverted_id:
        try:
            plan = services.plan_reversal(queries.get_entry(entry_id))
        except OrderError as error:
            obstacle = str(error)
    html = render_template(
        "admin/trail/show.html",
        row=row,
        plan=plan,
        steps=step_words(plan.steps) if plan else [],
        may_revert=plan is not None and all(map(current_visitor().may, plan.needed)),
        obstacle=obstacle,
        problem=problem,
    )
    return make_response(html, status)


def _word(name: str) -> str:
    return plaintext.line(request.args.get(name, "")[:120])


def _day(name: str) -> date | None:
    """Return a day of the address; None for none and for nonsense."""
    try:
        day = date.fromisoformat(request.args.get(name, "")[:10])
    except ValueError:
        return None
    return day if date(2000, 1, 1) <= day <= date(2199, 12, 31) else None
