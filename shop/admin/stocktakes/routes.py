"""Stocktakes: begun, counted by typing or scanning, compared, booked."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.stocktakes import queries, services
from shop.admin.stocktakes.forms import read_counted, read_scope, read_sheet_filter, sent_ids
from shop.auth.guard import needs
from shop.core import plaintext
from shop.core.errors import BadInput, StaleForm
from shop.models import CountState
from shop.web.responses import redirect_to

blueprint = Blueprint("stocktakes", __name__, url_prefix="/stock/counts")


@blueprint.get("")
@needs("stock.edit")
def index() -> Response:
    """Show the stocktakes, and what can be counted."""
    return _index()


@blueprint.post("")
@needs("stock.edit")
def begin() -> Response:
    """Begin one."""
    who = staff()
    try:
        scope = read_scope(request.form.get("scope"))
        count_id = services.begin_stocktake(_("All pieces"), **scope, staff=who)
    except BadInput as error:
        return _index(str(error), int(error.status))
    return redirect_to(f"/admin/stock/counts/{count_id}", 303)


@blueprint.get("/<int:count_id>")
@needs("stock.edit")
def show(count_id: int) -> Response:
    """Show the sheet to count by, or what differs."""
    return _page(count_id)


@blueprint.post("/<int:count_id>/lines")
@needs("stock.edit")
def count(count_id: int) -> Response:
    """Save what was counted; a script asks for the changed rows alone."""
    who, errors, status = staff(), {}, 200
    try:
        if rows := read_counted(request.form):
            services.save_counted(count_id, rows, staff=who)
    except BadInput as error:
        errors, status = error.fields, int(error.status)
    except StaleForm as error:
        errors, status = _said(error.present), int(error.status)
    if "HX-Request" in request.headers:
        return _rows(count_id, errors, status)
    if errors:
        return _page(count_id, errors, status)
    flash(_("Saved."), "success")
    return redirect_to(_here(count_id), 303)


@blueprint.post("/<int:count_id>/scans")
@needs("stock.edit")
def scan(count_id: int) -> Response:
    """Count one piece more of what was scanned; a script asks for a line of what became of it."""
    who, code = staff(), plaintext.line(request.form.get("code", ""))[:64]
    is_script = "HX-Request" in request.headers
    try:
        variant_id = queries.find_scanned(count_id, code)
        services.save_scanned(count_id, variant_id, staff=who)
    except BadInput as error:
        if not is_script:
            return _page(count_id, status=int(error.status), problem=str(error))
        return make_response(_line(problem=str(error)), int(error.status))
    (row,) = queries.list_sheet_rows(count_id, [variant_id])
    if is_script:
        return make_response(_line(row=row))
    flash(_("%(sku)s: %(number)d counted.", sku=row.sku, number=row.counted or 0), "success")
    return redirect_to(_here(count_id), 303)


@blueprint.post("/<int:count_id>/booking")
@needs("stock.edit")
def book(count_id: int) -> Response:
    """End it: what differs is booked."""
    services.close_stocktake(count_id, staff=staff())
    flash(_("The stocktake is closed. What differs is booked in the background."), "success")
    return redirect_to(f"/admin/stock/counts/{count_id}?view=differs", 303)


@blueprint.post("/<int:count_id>/drop")
@needs("stock.edit")
def drop(count_id: int) -> Response:
    """End it without booking anything."""
    services.drop_stocktake(count_id, staff=staff())
    flash(_("The stocktake is dropped. Nothing was booked."), "success")
    return redirect_to("/admin/stock/counts", 303)


def _said(present: Mapping[str, str]) -> dict[str, str]:
    return {
        cell: _("A colleague counted %(value)s meanwhile.", value=value)
        for cell, value in present.items()
    }


def _here(count_id: int) -> str:
    return f"/admin/stock/counts/{count_id}{read_sheet_filter(request.args).query()}"


def _index(problem: str = "", status: int = 200) -> Response:
    counts = queries.list_counts()
    html = render_template(
        "admin/stocktakes/index.html",
        counts=counts,
        open=next((count for count, *_who in counts if count.running), None),
        choices=queries.scope_choices(),
        problem=problem,
    )
    return make_response(html, status)


def _line(**what: object) -> str:
    return render_template("admin/stocktakes/_scan.html", **what)


def _rows(count_id: int, errors: Mapping[str, str], status: int) -> Response:
    rows = queries.list_sheet_rows(count_id, sent_ids(request.form))
    html = render_template("admin/stocktakes/_rows.html", rows=rows, errors=errors)
    return make_response(html, status)


def _page(
    count_id: int, errors: Mapping[str, str] | None = None, status: int = 200, problem: str = ""
) -> Response:
    chosen = read_sheet_filter(request.args)
    sheet = queries.get_sheet(count_id, chosen)
    html = render_template(
        "admin/stocktakes/show.html",
        chosen=chosen,
        sheet=sheet,
        count=sheet.count,
        is_open=sheet.count.state is CountState.OPEN,
        typed=request.form if errors else {},
        errors=errors or {},
        problem=problem,
    )
    return make_response(html, status)
