"""The desk of stock: every SKU with what is there, typed through and saved; the ledgers."""

from collections.abc import Mapping

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    render_template,
    request,
    stream_with_context,
)
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.stock import queries
from shop.admin.stock.export import export_stock
from shop.admin.stock.forms import KINDS, StockForm, read_ledger_filter, read_stock_filter
from shop.admin.stock.ledger import list_movements
from shop.admin.stock.services import save_stock
from shop.auth.guard import needs
from shop.core.clock import today
from shop.core.config import config
from shop.core.errors import BadInput, StaleForm
from shop.models import MovementKind
from shop.web.responses import redirect_to
from shop.web.security import safe_next

blueprint = Blueprint("stock", __name__, url_prefix="/stock")


@blueprint.get("")
@needs("products.view")
def index() -> str:
    """Show a row for each SKU."""
    chosen = read_stock_filter(request.args)
    return render_template(
        "admin/stock/index.html",
        chosen=chosen,
        found=queries.list_stock(chosen),
        form=StockForm({}),
        kinds=KINDS,
    )


@blueprint.post("")
@needs("stock.edit")
def save() -> Response:
    """Save what was typed over: all of it or nothing."""
    form, who = StockForm(request.form), staff()
    try:
        save_stock(form.rows(), form.kind, form.reason, staff=who)
    except BadInput as error:
        return _again(form, error.fields, int(error.status))
    except StaleForm as error:
        return _again(form, _said(error.present), int(error.status))
    flash(_("Saved."), "success")
    return redirect_to(safe_next(request.form.get("next"), "/admin/stock"), 303)


@blueprint.get("/stock.csv")
@needs("products.view")
def export() -> Response:
    """Give the whole list as a file, while it is read."""
    rows = stream_with_context(export_stock(read_stock_filter(request.args)))
    name = f"stock-{today(config().timezone)}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(rows, mimetype="text/csv", headers=headers)


@blueprint.get("/<int:variant_id>")
@needs("products.view")
def ledger(variant_id: int) -> str:
    """Show every movement of a SKU."""
    chosen = read_ledger_filter(request.args)
    movements, has_more = list_movements(variant_id, chosen)
    return render_template(
        "admin/stock/ledger.html",
        row=queries.get_stock_row(variant_id),
        movements=movements,
        has_more=has_more,
        chosen=chosen,
        all_kinds=list(MovementKind),
        form=StockForm({}),
        kinds=KINDS,
    )


def _said(present: Mapping[str, str]) -> dict[str, str]:
    """Return what is said beside the cells where something else stands now."""
    return {
        cell: _("It is %(value)s now: others were faster.", value=value or "–")
        for cell, value in present.items()
    }


def _again(form: StockForm, errors: Mapping[str, str], status: int) -> Response:
    """Show the rows that were sent, with what was typed and what is there now."""
    html = render_template(
        "admin/stock/again.html",
        rows=queries.list_stock_of(form.variant_ids),
        form=form,
        errors=errors,
        back=safe_next(request.form.get("next"), "/admin/stock"),
        kinds=KINDS,
    )
    return make_response(html, status)
