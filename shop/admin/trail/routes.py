"""The trail: who changed what, and when."""

from datetime import date

from flask import Blueprint, render_template, request

from shop.admin.trail import queries
from shop.auth.guard import needs
from shop.core import plaintext
from shop.core.row_ids import parse_id

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


def _word(name: str) -> str:
    return plaintext.line(request.args.get(name, "")[:120])


def _day(name: str) -> date | None:
    """Return a day of the address; None for none and for nonsense."""
    try:
        day = date.fromisoformat(request.args.get(name, "")[:10])
    except ValueError:
        return None
    return day if date(2000, 1, 1) <= day <= date(2199, 12, 31) else None
