"""The plan of a product, its preview link, and a product made like another."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.products import schedule, services
from shop.admin.products.queries import get_editor
from shop.auth.guard import needs
from shop.core import plaintext
from shop.core.config import config
from shop.core.errors import BadInput, StaleForm
from shop.web.responses import redirect_to

blueprint = Blueprint("plans", __name__, url_prefix="/products/<int:product_id>")


@blueprint.get("/plan")
@needs("products.edit")
def show(product_id: int) -> Response:
    """Show what is planned."""
    return _page(product_id)


@blueprint.post("/plan")
@needs("products.edit")
def save(product_id: int) -> Response:
    """Plan what was typed."""
    typed = {name: plaintext.line(text)[:40] for name, text in request.form.items()}
    seen = {name[4:]: text for name, text in typed.items() if name.startswith("was-")}
    try:
        schedule.save_plan(product_id, seen, typed, staff=staff())
    except BadInput as error:
        return _page(product_id, error.fields or {"on_at": str(error)}, typed, int(error.status))
    except StaleForm as error:
        said = {
            cell: _("Somebody else changed this. It says now: %(value)s", value=value or "–")
            for cell, value in error.present.items()
        }
        return _page(product_id, said, typed, int(error.status))
    flash(_("Saved."), "success")
    return redirect_to(f"/admin/products/{product_id}/plan", 303)


@blueprint.post("/copies")
@needs("products.edit")
def duplicate(product_id: int) -> Response:
    """Make a draft like it."""
    copy_id = services.duplicate(product_id, _("(copy)"), staff=staff())
    flash(_("This is the copy: a draft, without stock."), "success")
    return redirect_to(f"/admin/products/{copy_id}", 303)


@blueprint.post("/preview")
@needs("products.edit")
def share(product_id: int) -> Response:
    """Make a preview link of a draft, instead of the one that it had."""
    services.share_preview(product_id, staff=staff())
    flash(_("The preview link is made."), "success")
    return redirect_to(f"/admin/products/{product_id}#preview", 303)


@blueprint.post("/preview/revocation")
@needs("products.edit")
def revoke(product_id: int) -> Response:
    """Make the preview link of a product a dead one."""
    services.end_preview(product_id, staff=staff())
    flash(_("The preview link is revoked."), "success")
    return redirect_to(f"/admin/products/{product_id}#preview", 303)


def _page(
    product_id: int,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    editor = get_editor(product_id)
    present = schedule.planned_cells(editor.product, editor.variants)
    html = render_template(
        "admin/products/plan.html",
        product=editor.product,
        variants=editor.variants,
        present=present,
        cells={**present, **{k: v for k, v in (typed or {}).items() if k in present}},
        errors=errors or {},
        currency=config().currency,
        zone=config().timezone,
    )
    return make_response(html, status)
