"""The desk of categories and brands: make, change, put in order, delete what is empty."""

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.sections import queries, services
from shop.admin.sections.forms import BrandForm, CategoryForm
from shop.auth.guard import needs
from shop.core.errors import BadInput, NotFound, NotPermitted, ShopError
from shop.core.row_ids import parse_id
from shop.media.uploads import accept_uploads
from shop.models import Brand, Category
from shop.web.responses import answer_shop_error, or_not_found, redirect_to
from shop.web.visitor import current_visitor

blueprint = Blueprint("sections", __name__)
accept_uploads(
    blueprint,
    "admin.sections.create_category",
    "admin.sections.update_category",
    "admin.sections.create_brand",
    "admin.sections.update_brand",
    may=lambda: current_visitor().may("products.edit"),
)


@blueprint.get("/categories")
@needs("products.view")
def categories() -> str:
    """Show the tree of categories."""
    return render_template("admin/sections/categories.html", rows=queries.list_desk_categories())


@blueprint.get("/categories/new")
@needs("products.edit")
def new_category() -> Response:
    """Show an empty category, perhaps below another one."""
    below = str(parse_id(request.args.get("below", "")) or "")
    data = {"parent_id": below, "is_active": True}
    return _category_page(CategoryForm(queries.parent_choices(None), formdata=None, data=data))


@blueprint.post("/categories")
@needs("products.edit")
def create_category() -> Response:
    """Make a category."""
    form, who = CategoryForm(queries.parent_choices(None)), staff()
    if form.attempt(lambda: services.make_category(form.values(), staff=who)) is None:
        return _category_page(form, status=form.status)
    return _done("categories", _("The category is made."))


@blueprint.get("/categories/<int:section_id>")
@needs("products.edit")
def show_category(section_id: int) -> Response:
    """Show a category."""
    category = queries.get_desk_category(section_id)
    return _category_page(CategoryForm.of(queries.parent_choices(category), category), category)


@blueprint.post("/categories/<int:section_id>")
@needs("products.edit")
def update_category(section_id: int) -> Response:
    """Change a category."""
    category = queries.get_desk_category(section_id)
    form, who = CategoryForm(queries.parent_choices(category)), staff()
    seen = form.seen

    def save() -> str:
        return services.save_category(section_id, seen, form.values(), staff=who)

    if form.attempt(save) is None:
        category = queries.get_desk_category(section_id)
        return _category_page(form, category, status=form.status)
    return _done("categories", _("Saved."))


@blueprint.post("/categories/<int:section_id>/place")
@needs("products.edit")
def place_category(section_id: int) -> Response:
    """Move a category up or down among those beside it."""
    services.move_section(Category, section_id, _step(), staff=staff())
    return redirect_to(f"/admin/categories#category-{section_id}", 303)


@blueprint.post("/categories/<int:section_id>/deletion")
@needs("products.edit")
def delete_category(section_id: int) -> Response:
    """Delete a category in which nothing is left."""
    services.remove_section(Category, section_id, staff=staff())
    return _done("categories", _("The category is deleted."))


@blueprint.get("/brands")
@needs("products.view")
def brands() -> str:
    """Show the brands."""
    return render_template("admin/sections/brands.html", rows=queries.list_desk_brands())


@blueprint.get("/brands/new")
@needs("products.edit")
def new_brand() -> Response:
    """Show an empty brand."""
    return _brand_page(BrandForm(formdata=None))


@blueprint.post("/brands")
@needs("products.edit")
def create_brand() -> Response:
    """Make a brand."""
    form, who = BrandForm(), staff()
    if form.attempt(lambda: services.make_brand(form.values(), staff=who)) is None:
        return _brand_page(form, status=form.status)
    return _done("brands", _("The house is made."))


@blueprint.get("/brands/<int:section_id>")
@needs("products.edit")
def show_brand(section_id: int) -> Response:
    """Show a brand."""
    brand = queries.get_desk_brand(section_id)
    return _brand_page(BrandForm.of(brand), brand)


@blueprint.post("/brands/<int:section_id>")
@needs("products.edit")
def update_brand(section_id: int) -> Response:
    """Change a brand."""
    form, who = BrandForm(), staff()
    seen = form.seen
    saved = form.attempt(lambda: services.save_brand(section_id, seen, form.values(), staff=who))
    if saved is None:
        return _brand_page(form, queries.get_desk_brand(section_id), status=form.status)
    return _done("brands", _("Saved."))


@blueprint.post("/brands/<int:section_id>/place")
@needs("products.edit")
def place_brand(section_id: int) -> Response:
    """Move a brand up or down."""
    services.move_section(Brand, section_id, _step(), staff=staff())
    return redirect_to(f"/admin/brands#brand-{section_id}", 303)


@blueprint.post("/brands/<int:section_id>/deletion")
@needs("products.edit")
def delete_brand(section_id: int) -> Response:
    """Delete a brand in which nothing is left."""
    services.remove_section(Brand, section_id, staff=staff())
    return _done("brands", _("The house is deleted."))


@blueprint.errorhandler(ShopError)
@or_not_found
def refuse(error: ShopError) -> Response:
    """Show the category or brand as it is now, with what was wrong."""
    section_id = (request.view_args or {}).get("section_id")
    if section_id is None or isinstance(error, (NotFound, NotPermitted)):
        return answer_shop_error(error)
    if request.path.startswith("/admin/brands"):
        brand = queries.get_desk_brand(section_id)
        return _brand_page(BrandForm.of(brand), brand, str(error), int(error.status))
    category = queries.get_desk_category(section_id)
    form = CategoryForm.of(queries.parent_choices(category), category)
    return _category_page(form, category, str(error), int(error.status))


def _step() -> int:
    step = request.form.get("step")
    if step not in {"-1", "1"}:
        raise BadInput("Choose up or down.")
    return int(step)


def _category_page(
    form: CategoryForm, category: Category | None = None, problem: str = "", status: int = 200
) -> Response:
    html = render_template(
        "admin/sections/category.html", form=form, section=category, problem=problem
    )
    return make_response(html, status)


def _brand_page(
    form: BrandForm, brand: Brand | None = None, problem: str = "", status: int = 200
) -> Response:
    html = render_template("admin/sections/brand.html", form=form, section=brand, problem=problem)
    return make_response(html, status)


def _done(kind: str, message: str) -> Response:
    flash(message, "success")
    return redirect_to(f"/admin/{kind}", 303)
