"""The desk of collections: make, change, put in order, delete."""

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.sections import collections, queries, services
from shop.admin.sections.collection_forms import CollectionForm
from shop.auth.guard import needs
from shop.core.errors import BadInput, NotFound, NotPermitted, ShopError
from shop.media.uploads import accept_uploads
from shop.models import Collection
from shop.web.responses import answer_shop_error, or_not_found, redirect_to
from shop.web.visitor import current_visitor

blueprint = Blueprint("collections", __name__, url_prefix="/collections")
accept_uploads(
    blueprint,
    "admin.collections.create",
    "admin.collections.update",
    may=lambda: current_visitor().may("products.edit"),
)


@blueprint.get("")
@needs("products.view")
def index() -> str:
    """Show the collections."""
    return render_template("admin/sections/collections.html", rows=queries.list_desk_collections())


@blueprint.get("/new")
@needs("products.edit")
def new() -> Response:
    """Show an empty collection."""
    return _page(CollectionForm(*_named(), formdata=None, data={"kind": "hand"}))


@blueprint.post("")
@needs("products.edit")
def create() -> Response:
    """Make a collection."""
    form, who = CollectionForm(*_named()), staff()
    made = form.attempt(lambda: collections.make_collection(form.values(), staff=who))
    if made is None:
        return _page(form, status=form.status)
    flash(_("The collection is made. %(how)s", how=form.as_read), "success")
    is_chosen = form.kind.data != "rule"
    return redirect_to(f"/admin/collections/{made}{'/pieces' if is_chosen else ''}", 303)


@blueprint.get("/<int:section_id>")
@needs("products.edit")
def show(section_id: int) -> Response:
    """Show a collection."""
    collection = queries.get_desk_collection(section_id)
    return _page(CollectionForm.of(*_named(), collection), collection)


@blueprint.post("/<int:section_id>")
@needs("products.edit")
def update(section_id: int) -> Response:
    """Change a collection."""
    form, who = CollectionForm(*_named()), staff()
    seen = form.seen

    def save() -> str:
        return collections.save_collection(section_id, seen, form.values(), staff=who)

    if form.attempt(save) is None:
        return _page(form, queries.get_desk_collection(section_id), status=form.status)
    flash(_("Saved. %(how)s", how=form.as_read), "success")
    return redirect_to("/admin/collections", 303)


@blueprint.post("/<int:section_id>/place")
@needs("products.edit")
def place(section_id: int) -> Response:
    """Move a collection up or down."""
    step = request.form.get("step")
    if step not in {"-1", "1"}:
        raise BadInput("Choose up or down.")
    services.move_section(Collection, section_id, int(step), staff=staff())
    return redirect_to(f"/admin/collections#collection-{section_id}", 303)


@blueprint.post("/<int:section_id>/deletion")
@needs("products.edit")
def delete(section_id: int) -> Response:
    """Delete a collection; its pieces stay where else they are."""
    services.remove_section(Collection, section_id, staff=staff())
    flash(_("The collection is deleted."), "success")
    return redirect_to("/admin/collections", 303)


@blueprint.errorhandler(ShopError)
@or_not_found
def refuse(error: ShopError) -> Response:
    """Show the collection as it is now, with what was wrong."""
    section_id = (request.view_args or {}).get("section_id")
    if section_id is None or isinstance(error, (NotFound, NotPermitted)):
        return answer_shop_error(error)
    collection = queries.get_desk_collection(section_id)
    form = CollectionForm.of(*_named(), collection)
    return _page(form, collection, str(error), int(error.status))


def _named() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    return queries.parent_choices(None), queries.brand_options()


def _page(
    form: CollectionForm,
    collection: Collection | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    html = render_template(
        "admin/sections/collection.html",
        form=form,
        section=collection,
        lost=queries.lost_rule(collection) if collection else (),
        problem=problem,
    )
    return make_response(html, status)
