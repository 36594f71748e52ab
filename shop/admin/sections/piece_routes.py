"""The order of pieces: in a collection, and at the top of a category."""

from collections.abc import Sequence

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.sections import collections, pieces, queries
from shop.admin.sections.ordering import read_act, read_ids
from shop.auth.guard import needs
from shop.core import plaintext
from shop.core.config import config
from shop.core.errors import NotFound, NotPermitted, ShopError, StaleForm
from shop.web.responses import answer_shop_error, or_not_found, redirect_to

blueprint = Blueprint("pieces", __name__)


@blueprint.get("/collections/<int:section_id>/pieces")
@needs("products.edit")
def of_collection(section_id: int) -> Response:
    """Show the pieces that were chosen for a collection."""
    return _page(pieces.load_chosen(section_id, _asked()))


@blueprint.post("/collections/<int:section_id>/pieces")
@needs("products.edit")
def arrange_collection(section_id: int) -> Response:
    """Put pieces in, take them out, move them."""
    queries.get_desk_collection(section_id)
    was, wanted, which = _wanted(is_category=False)
    collections.arrange_collection(section_id, was, wanted, staff=staff())
    return _done(which)


@blueprint.get("/categories/<int:section_id>/pieces")
@needs("products.edit")
def of_category(section_id: int) -> Response:
    """Show the first pieces of a category."""
    return _page(pieces.load_first(section_id, _asked()))


@blueprint.post("/categories/<int:section_id>/pieces")
@needs("products.edit")
def arrange_category(section_id: int) -> Response:
    """Move the first pieces of a category, or put another one before them."""
    was, wanted, which = _wanted(is_category=True)
    collections.arrange_category(section_id, was, wanted, staff=staff())
    return _done(which)


@blueprint.errorhandler(ShopError)
@or_not_found
def refuse(error: ShopError) -> Response:
    """Show the pieces as they are now, with what was wrong; overtaken, with the order asked for."""
    section_id = (request.view_args or {})["section_id"]
    if isinstance(error, (NotFound, NotPermitted)):
        return answer_shop_error(error)
    is_category = request.path.startswith("/admin/categories")
    load = pieces.load_first if is_category else pieces.load_chosen
    mine: Sequence[int] = ()
    if isinstance(error, StaleForm):
        mine = _wanted(is_category=is_category)[1]
    return _page(load(section_id, _asked(), mine), str(error), int(error.status))


def _asked() -> str:
    return plaintext.line(request.args.get("q", "")[:100])


def _wanted(*, is_category: bool) -> tuple[list[int], list[int], int]:
    """Return the pieces that the form showed, those that it asks for, and the one that moved."""
    act, which = read_act(request.form.get("act", ""))
    was = read_ids(request.form.get("was", "").split(","))
    asked = read_ids(request.form.getlist("piece"))
    wanted = collections.moved(asked, act, which, is_category=is_category)
    return was, wanted, 0 if act == "drop" else which


def _page(shown: "pieces.PieceList", problem: str = "", status: int = 200) -> Response:
    html = render_template(
        "admin/sections/pieces.html",
        shown=shown,
        text=_asked(),
        problem=problem,
        currency=config().currency,
    )
    return make_response(html, status)


def _done(which: int) -> Response:
    flash(_("The order is saved."), "success")
    anchor = f"#piece-{which}" if which else "#order"
    query = {"q": _asked()} if _asked() else {}
    path = request.path if not query else f"{request.path}?q={query['q']}"
    return redirect_to(f"{path}{anchor}", 303)
