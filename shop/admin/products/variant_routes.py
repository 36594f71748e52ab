"""The variants desk: what one chooses between, and all variants in a grid one types through."""

from collections.abc import Mapping, Sequence
from functools import partial

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.optimistic_lock import read_version
from shop.admin.products import grid, variants
from shop.admin.products.form_defaults import option_rows
from shop.admin.products.grid_forms import blank_grid, read_grid, typed_grid
from shop.admin.products.option_forms import read_options
from shop.admin.products.queries import get_editor
from shop.auth.guard import needs
from shop.catalog.combinations import count_missing
from shop.catalog.input_types import MOST_VARIANTS, OptionFields
from shop.catalog.services import list_options, list_variants, options_version
from shop.core.config import config
from shop.core.errors import BadInput, NotPermitted, StaleForm
from shop.web.responses import redirect_to
from shop.web.visitor import current_visitor

blueprint = Blueprint("variants", __name__, url_prefix="/products/<int:product_id>")


@blueprint.get("/grid")
@needs("products.view")
def show(product_id: int) -> Response:
    """Show the grid."""
    return _page(product_id)


@blueprint.post("/grid")
@needs("products.view")
def change(product_id: int) -> Response:
    """Change prices and stock, by what one may: all of it or nothing."""
    if not (may := current_visitor().may)("products.edit") and not may("stock.edit"):
        raise NotPermitted
    try:
        rows = read_grid(request.form, list_variants(product_id), may)
        grid.change_grid(product_id, rows, staff=staff())
    except BadInput as error:
        return _page(product_id, error.fields, str(error), int(error.status))
    except StaleForm as error:
        return _page(product_id, _said(error.present), str(error), int(error.status))
    flash(_("Saved."), "success")
    return redirect_to(f"/admin/products/{product_id}/grid", 303)


@blueprint.get("/options")
@needs("products.edit")
def options(product_id: int) -> Response:
    """Show what one chooses between."""
    return _options_page(product_id, list_options(product_id))


@blueprint.post("/options")
@needs("products.edit")
def change_options(product_id: int) -> Response:
    """Name what one chooses between."""
    chosen, seen = read_options(request.form), read_version(request.form.get("version"))
    try:
        variants.change_options(product_id, seen, chosen, staff=staff())
    except (BadInput, StaleForm) as error:
        named = error.fields.values() if isinstance(error, BadInput) else ()
        return _options_page(product_id, chosen, " ".join(named) or str(error), int(error.status))
    flash(_("Saved."), "success")
    return redirect_to(f"/admin/products/{product_id}/grid", 303)


@blueprint.post("/combinations")
@needs("products.edit")
def combine(product_id: int) -> Response:
    """Make a variant for each combination of the options that has none."""
    grid.make_missing(product_id, staff=staff())
    flash(_("The variants are made. None of their pieces is there yet."), "success")
    return redirect_to(f"/admin/products/{product_id}/grid", 303)


def _said(present: Mapping[str, str]) -> dict[str, str]:
    """Return what is said beside the cells where something else stands now."""
    return {
        cell: _("Somebody else changed this. It says now: %(value)s", value=value or "–")
        for cell, value in present.items()
    }


def _options_page(
    product_id: int, shown: Sequence[OptionFields], problem: str = "", status: int = 200
) -> Response:
    editor = get_editor(product_id)
    html = render_template(
        "admin/products/options.html",
        product=editor.product,
        rows=option_rows(shown),
        variants=editor.variants,
        version=options_version(product_id),
        problem=problem,
    )
    return make_response(html, status)


def _page(
    product_id: int,
    errors: Mapping[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    editor, chosen = get_editor(product_id), list_options(product_id)
    fill = blank_grid if status == 200 else partial(typed_grid, request.form)
    html = render_template(
        "admin/products/grid.html",
        product=editor.product,
        variants=editor.variants,
        grid=fill(editor.variants),
        errors=errors or {},
        problem=problem,
        missing=count_missing(chosen, [variant.option_values for variant in editor.variants]),
        most=MOST_VARIANTS,
        currency=config().currency,
    )
    return make_response(html, status)
