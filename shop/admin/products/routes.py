"""The products desk: make, change, picture, stock, put on sale, archive."""

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext

from shop.admin.context import staff
from shop.admin.products import queries, services, variants
from shop.admin.products.form_defaults import option_rows
from shop.admin.products.forms import (
    ProductForm,
    parse_delta,
    read_new_product,
    read_product_filter,
)
from shop.admin.products.labels import product_event_label
from shop.admin.products.option_forms import read_options
from shop.admin.products.variant_forms import VariantForm
from shop.auth.guard import needs
from shop.catalog.queries.previews import find_preview
from shop.catalog.services import list_options
from shop.core import plaintext
from shop.core.config import config
from shop.core.errors import BadInput, NotFound, NotPermitted, ShopError
from shop.core.row_ids import parse_id
from shop.media.uploads import SEVERAL_BYTES, accept_uploads
from shop.stock.low import low_level
from shop.web.responses import answer_shop_error, or_not_found, redirect_to
from shop.web.security import UNSAFE, safe_next
from shop.web.visitor import current_visitor

blueprint = Blueprint("products", __name__, url_prefix="/products")
accept_uploads(
    blueprint,
    "admin.products.create",
    "admin.products.pictures",
    may=lambda: current_visitor().may("products.edit"),
    limit=SEVERAL_BYTES,
)


@blueprint.before_request
def _read_where_from() -> None:
    """Refuse an impossible page of the list before anything is done: whoever acts is led back."""
    if request.method in UNSAFE:
        read_product_filter(request.args)


@blueprint.get("")
@needs("products.view")
def index() -> str:
    """Show the products of a view."""
    chosen = read_product_filter(request.args)
    found = queries.list_desk_products(chosen)
    return render_template(
        "admin/products/index.html",
        chosen=chosen,
        found=found,
        categories=queries.category_choices(),
        currency=config().currency,
    )


@blueprint.post("/bulk")
@needs("products.edit")
def bulk() -> Response:
    """Put the ticked products on sale, or take them off."""
    ids = sorted({parse_id(text) for text in request.form.getlist("product_id")} - {0})
    done, refused = services.change_status_of(ids, request.form.get("status", ""), staff=staff())
    if done:
        flash(ngettext("%(num)d product changed.", "%(num)d products changed.", done), "success")
    for name, reason in refused:
        flash(f"{name}: {reason}", "error")
    back = safe_next(request.form.get("next"), "/admin/products")
    return redirect_to(back, 303)


@blueprint.get("/new")
@needs("products.edit")
def new() -> Response:
    """Show an empty product."""
    return _new_page(ProductForm.blank(), VariantForm(is_posted=False))


@blueprint.post("")
@needs("products.edit")
def create() -> Response:
    """Make a product with its first variant and its pictures."""
    form, variant = ProductForm(), VariantForm()
    product_id = _make(form, variant)
    if product_id is None:
        return _new_page(form, variant, form.status)
    flash(_saved(_("The product is made."), variant), "success")
    anchor = "/grid" if read_options(request.form) else ""
    return redirect_to(f"/admin/products/{product_id}{anchor}", 303)


def _make(form: ProductForm, variant: VariantForm) -> str | None:
    """Make a product of what two forms hold; None when they now say what is wrong with it."""
    new = read_new_product(form, variant)
    if new is None:
        return None
    try:
        return services.make(new, staff=staff())
    except BadInput as error:
        (variant if variant.knows(error) else form).refuse(error)
        return None


@blueprint.get("/<int:product_id>")
@needs("products.view")
def show(product_id: int) -> Response:
    """Show a product with everything about it."""
    return _page(product_id)


@blueprint.post("/<int:product_id>")
@needs("products.edit")
def update(product_id: int) -> Response:
    """Change what a product is."""
    form, who = ProductForm(), staff()
    seen = form.seen
    if form.attempt(lambda: services.update(product_id, seen, form.values(), staff=who)) is None:
        return _page(product_id, form=form, status=form.status)
    return _done(product_id, _("Saved."))


@blueprint.post("/<int:product_id>/status")
@needs("products.edit")
def status(product_id: int) -> Response:
    """Put a product on sale, take it off, or archive it."""
    services.change_status(product_id, request.form.get("status", ""), staff=staff())
    return _done(product_id, _("Saved."))


@blueprint.post("/<int:product_id>/variants")
@needs("products.edit")
def create_variant(product_id: int) -> Response:
    """Add a variant."""
    form, who = VariantForm(product_options=list_options(product_id), prefix="new-"), staff()
    if form.attempt(lambda: variants.make_variant(product_id, form.new(), staff=who)) is None:
        return _page(product_id, new_variant=form, status=form.status)
    return _done(product_id, _saved(_("The variant is added."), form), "variants")


@blueprint.post("/<int:product_id>/variants/<int:variant_id>")
@needs("products.edit")
def change_variant(product_id: int, variant_id: int) -> Response:
    """Change a variant: its SKU, price, options, whether it is on sale."""
    form = VariantForm(product_options=list_options(product_id), prefix=_prefix(variant_id))
    seen, who = form.seen, staff()

    def save() -> str:
        return variants.change_variant(product_id, variant_id, seen, form.fields(), staff=who)

    if form.attempt(save) is None:
        return _page(product_id, variant_forms={variant_id: form}, status=form.status)
    return _done(product_id, _saved(_("Saved."), form), "variants")


@blueprint.post("/<int:product_id>/variants/<int:variant_id>/archive")
@needs("products.edit")
def withdraw_variant(product_id: int, variant_id: int) -> Response:
    """Withdraw a variant for good."""
    variants.withdraw_variant(product_id, variant_id, staff=staff())
    return _done(product_id, _("The variant is withdrawn."), "variants")


@blueprint.post("/<int:product_id>/stock")
@needs("stock.edit")
def stock(product_id: int) -> Response:
    """Add or take pieces of a variant."""
    variant_id = parse_id(request.form.get("variant_id"))
    delta = parse_delta(request.form.get("delta"))
    reason = plaintext.line(request.form.get("reason", ""))[:200]
    variants.book_stock(product_id, variant_id, delta, reason, staff=staff())
    if "next" not in request.form:
        return _done(product_id, _("Stock is corrected."), "variants")
    flash(_("Stock is corrected."), "success")
    return redirect_to(safe_next(request.form["next"], "/admin/"), 303)


@blueprint.post("/<int:product_id>/pictures")
@needs("products.edit")
def pictures(product_id: int) -> Response:
    """Add pictures, describe, move or remove one."""
    added = services.upload(request.files.getlist("pictures"))
    services.change_pictures(product_id, request.form, added, staff=staff())
    return _done(product_id, _("Saved."), "pictures")


@blueprint.post("/<int:product_id>/sync")
@needs("products.edit")
def sync(product_id: int) -> Response:
    """Have the payment provider's copy of the product made again."""
    services.sync_again(product_id, staff=staff())
    return _done(product_id, _("The copy is made again in the background."))


@blueprint.errorhandler(ShopError)
@or_not_found
def refuse(error: ShopError) -> Response:
    """Show the product as it is now, with what was wrong."""
    product_id = (request.view_args or {}).get("product_id")
    if product_id is None or isinstance(error, (NotFound, NotPermitted)):
        return answer_shop_error(error)
    return _page(product_id, problem=_message(error), status=int(error.status))


def _message(error: ShopError) -> str:
    named = error.fields.values() if isinstance(error, BadInput) else ()
    return " ".join(named) or str(error)


def _new_page(form: ProductForm, variant: VariantForm, status: int = 200) -> Response:
    html = render_template(
        "admin/products/new.html",
        form=form,
        variant=variant,
        option_rows=option_rows(read_options(request.form)),
        is_active=request.form.get("is_active") == "1",
    )
    return make_response(html, status)


def _page(
    product_id: int,
    *,
    form: ProductForm | None = None,
    new_variant: VariantForm | None = None,
    variant_forms: dict[int, VariantForm] | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    editor = queries.get_editor(product_id)
    chosen = list_options(product_id)
    forms = {
        v.id: VariantForm(v, chosen, prefix=_prefix(v.id), is_posted=False) for v in editor.variants
    } | (variant_forms or {})
    html = render_template(
        "admin/products/show.html",
        editor=editor,
        preview=find_preview(product_id),
        product=editor.product,
        form=form or ProductForm.blank(editor.product),
        options=chosen,
        new_variant=new_variant
        or VariantForm(product_options=chosen, prefix="new-", is_posted=False),
        variant_forms=forms,
        currency=config().currency,
        low_level=low_level,
        problem=problem,
        query=read_product_filter(request.args).query(),
        history=product_event_label(queries.list_deeds(product_id)),
    )
    return make_response(html, status)


def _prefix(variant_id: int) -> str:
    """Return what keeps the fields of several variants on one page apart."""
    return f"v{variant_id}-"


def _saved(message: str, form: VariantForm) -> str:
    """Return the message with how the prices were read."""
    return f"{message} {form.as_read}"


def _done(product_id: int | str, message: str, anchor: str = "") -> Response:
    flash(message, "success")
    query = read_product_filter(request.args).query()
    hash_ = f"#{anchor}" if anchor else ""
    return redirect_to(f"/admin/products/{product_id}{query}{hash_}", 303)
