"""The products desk: make, change, picture, stock, put on sale, archive."""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.deeds import do_once
from shop.admin.products import queries
from shop.admin.products.forms import (
    ProductForm,
    VariantForm,
    options_for,
    parse_delta,
    read_filter,
)
from shop.admin.products.services import change_pictures, make_once, product_state, upload
from shop.auth.guard import needs
from shop.cart.quantity import parse_id
from shop.catalog.services import (
    activate_product,
    add_variant,
    archive_product,
    archive_variant,
    create_product,
    deactivate_product,
    update_product,
    update_variant,
)
from shop.config import config
from shop.errors import BadInput, NotFound, NotPermitted, ShopError, StaleForm
from shop.media.uploads import accept_uploads
from shop.models import MovementKind
from shop.responses import answer_shop_error
from shop.security import safe_next
from shop.stock.services import adjust_stock

blueprint = Blueprint("products", __name__, url_prefix="/products")
UPLOADS = 24 * 1024 * 1024  # bytes: several pictures of 5 MB at once
accept_uploads(blueprint, "admin.products.create", "admin.products.pictures", limit=UPLOADS)


@blueprint.get("")
@needs("products.view")
def index() -> str:
    """Show the products of a view."""
    chosen = read_filter(request.args)
    found = queries.list_products(chosen)
    return render_template(
        "admin/products/index.html",
        chosen=chosen,
        found=found,
        categories=queries.category_choices(),
        currency=config().currency,
    )


@blueprint.get("/new")
@needs("products.edit")
def new() -> Response:
    """Show an empty product."""
    return _new_page(ProductForm(), VariantForm())


@blueprint.post("")
@needs("products.edit")
def create() -> Response:
    """Make a product with its first variant and its pictures."""
    form, variant = ProductForm(), VariantForm()
    names = request.form.get("option_names", "")
    first = variant.attempt(variant.new)
    if first is None:
        return _new_page(form, variant, 422)
    act = partial(
        create_product,
        form.values(request.form),
        [first],
        options=options_for([], names, list(first.fields.option_values)),
        pictures=upload(request.files.getlist("pictures")),
        user_id=staff().user_id,
        is_active=request.form.get("is_active") == "1",
    )
    product_id = form.attempt(partial(make_once, act, staff=staff()))
    if product_id is None:
        return _new_page(form, variant, 422)
    return _done(product_id, _("The product is made."))


@blueprint.get("/<int:product_id>")
@needs("products.view")
def show(product_id: int) -> Response:
    """Show a product with everything about it."""
    return _page(product_id)


@blueprint.post("/<int:product_id>")
@needs("products.edit")
def update(product_id: int) -> Response:
    """Change what a product is."""
    form = ProductForm()
    position = queries.get_editor(product_id).product.position
    values, version = form.values(request.form, position), parse_id(form.version.data)

    act = partial(update_product, product_id, version, values)
    if form.attempt(partial(_do, "products.update", product_id, act)) is None:
        return _page(product_id, form=form, status=422)
    return _done(product_id, _("Saved."))


@blueprint.post("/<int:product_id>/status")
@needs("products.edit")
def status(product_id: int) -> Response:
    """Put a product on sale, take it off, or archive it."""
    uses = {"sale": activate_product, "draft": deactivate_product, "archived": archive_product}
    use = uses.get(request.form.get("status", ""))
    if use is None:
        raise BadInput("Choose what should become of the product.")
    _do("products.status", product_id, partial(use, product_id))
    return _done(product_id, _("Saved."))


@blueprint.post("/<int:product_id>/variants")
@needs("products.edit")
def create_variant(product_id: int) -> Response:
    """Add a variant."""
    form = VariantForm(prefix="new-")

    def add() -> int:
        return add_variant(product_id, form.new(), user_id=staff().user_id)

    if form.attempt(partial(_do, "products.variant_add", product_id, add)) is None:
        return _page(product_id, new_variant=form, status=422)
    return _done(product_id, _("The variant is added."), "variants")


@blueprint.post("/<int:product_id>/variants/<int:variant_id>")
@needs("products.edit")
def change_variant(product_id: int, variant_id: int) -> Response:
    """Change a variant's SKU, price and options."""
    variants = {v.id: v for v in queries.get_editor(product_id).variants}
    if variant_id not in variants:
        raise NotFound
    form = VariantForm(prefix=_prefix(variant_id))

    def change() -> None:
        fields = form.fields(variants[variant_id])
        update_variant(variant_id, fields, user_id=staff().user_id)

    if form.attempt(partial(_do, "products.variant", product_id, change)) is None:
        return _page(product_id, variant_forms={variant_id: form}, status=422)
    return _done(product_id, _("Saved."), "variants")


@blueprint.post("/<int:product_id>/variants/<int:variant_id>/archive")
@needs("products.edit")
def withdraw_variant(product_id: int, variant_id: int) -> Response:
    """Withdraw a variant for good."""
    if variant_id not in {v.id for v in queries.get_editor(product_id).variants}:
        raise NotFound
    _do("products.variant_archive", product_id, partial(archive_variant, variant_id))
    return _done(product_id, _("The variant is withdrawn."), "variants")


@blueprint.post("/<int:product_id>/stock")
@needs("stock.edit")
def stock(product_id: int) -> Response:
    """Add or take pieces of a variant."""
    variant_id = parse_id(request.form.get("variant_id"))
    delta = parse_delta(request.form.get("delta"))
    if variant_id not in {v.id for v in queries.get_editor(product_id).variants}:
        raise NotFound
    kind = MovementKind.RESTOCK if delta > 0 else MovementKind.WRITE_OFF
    reason = request.form.get("reason", "").strip()[:200]
    act = partial(adjust_stock, variant_id, delta, kind, reason, staff().user_id)
    _do("stock.adjust", product_id, act)
    back = safe_next(request.form.get("next"), f"/admin/products/{product_id}#variants")
    flash(_("Stock is corrected."), "success")
    return make_response(redirect(back, 303))


@blueprint.post("/<int:product_id>/pictures")
@needs("products.edit")
def pictures(product_id: int) -> Response:
    """Add pictures, describe, move or remove one."""
    added = upload(request.files.getlist("pictures"))
    act = partial(change_pictures, product_id, request.form, added)
    _do("products.pictures", product_id, act)
    return _done(product_id, _("Saved."), "pictures")


@blueprint.errorhandler(ShopError)
def refuse(error: ShopError) -> Response:
    """Show the product as it is now, with what was wrong; a stale form keeps what was typed."""
    product_id = (request.view_args or {}).get("product_id")
    if product_id is None or isinstance(error, (NotFound, NotPermitted)):
        return answer_shop_error(error)
    typed = ProductForm() if isinstance(error, StaleForm) else None
    return _page(product_id, typed=typed, problem=str(error), status=int(error.status))


def _new_page(form: ProductForm, variant: VariantForm, status: int = 200) -> Response:
    html = render_template("admin/products/new.html", form=form, variant=variant)
    return make_response(html, status)


def _page(
    product_id: int,
    *,
    form: ProductForm | None = None,
    typed: ProductForm | None = None,
    new_variant: VariantForm | None = None,
    variant_forms: dict[int, VariantForm] | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    editor = queries.get_editor(product_id)
    html = render_template(
        "admin/products/show.html",
        editor=editor,
        product=editor.product,
        form=form or ProductForm.blank(editor.product),
        typed=typed,
        new_variant=new_variant or VariantForm.blank(),
        variant_forms={v.id: VariantForm.blank(v, _prefix(v.id)) for v in editor.variants}
        | (variant_forms or {}),
        currency=config().currency,
        problem=problem,
    )
    return make_response(html, status)


def _prefix(variant_id: int) -> str:
    """Return what keeps the fields of several variants on one page apart."""
    return f"v{variant_id}-"


def _done(product_id: int | str, message: str, anchor: str = "") -> Response:
    flash(message, "success")
    hash_ = f"#{anchor}" if anchor else ""
    return make_response(redirect(f"/admin/products/{product_id}{hash_}", 303))


def _do(action: str, product_id: int, act: Callable[[], object]) -> str:
    """Run a use case of the catalogue with its trail, once for each form."""
    state = partial(product_state, product_id)
    return do_once(action, "product", product_id, act, staff=staff(), state=state)
