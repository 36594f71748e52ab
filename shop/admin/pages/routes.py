"""The desk of pages: write, look at it, publish, take down, go back to what was said before."""

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup

from shop.admin.context import staff
from shop.admin.pages import queries, services
from shop.admin.pages.forms import PageForm
from shop.auth.guard import needs
from shop.core import plaintext
from shop.core.errors import BadInput, NotFound, NotPermitted, ShopError
from shop.core.row_ids import parse_id
from shop.models import PageRole
from shop.pages.markdown import render_markdown
from shop.pages.roles import ROLES
from shop.web.responses import answer_shop_error, or_not_found, redirect_to

blueprint = Blueprint("pages", __name__, url_prefix="/pages")


@blueprint.get("")
@needs("pages.edit")
def index() -> str:
    """Show all pages, and the texts that nobody has written yet."""
    text = plaintext.line(request.args.get("q", "")[:100])
    number = parse_id(request.args.get("page")) or 1
    found = queries.list_desk_pages(text, number)
    return render_template("admin/pages/index.html", found=found, text=text, number=number)


@blueprint.post("/samples")
@needs("pages.edit")
def begin() -> Response:
    """Make the page of a role with the text that one begins with."""
    role = request.form.get("role", "")
    if role not in set(ROLES):
        raise BadInput("Choose a text to begin with.")
    page_id = services.make_sample(PageRole(role), staff=staff())
    return _done(page_id, _("The sample is here. Nobody but staff sees it until you publish it."))


@blueprint.get("/new")
@needs("pages.edit")
def new() -> Response:
    """Show an empty page."""
    return _new_page(PageForm(formdata=None, data={"section": "help", "position": "100"}))


@blueprint.post("")
@needs("pages.edit")
def create() -> Response:
    """Make a page with a draft."""
    form, who = PageForm(), staff()
    if "preview" in request.form:
        return _new_page(form, preview=_preview(form))
    page_id = form.attempt(lambda: services.make_page(form.values(), staff=who))
    if page_id is None:
        return _new_page(form, form.status)
    return _done(page_id, _("The draft is saved."))


@blueprint.get("/<int:page_id>")
@needs("pages.edit")
def show(page_id: int) -> Response:
    """Show a page with its versions."""
    return _page(page_id)


@blueprint.post("/<int:page_id>")
@needs("pages.edit")
def update(page_id: int) -> Response:
    """Save the draft, publish it, or only show what it looks like."""
    form, who, publish = PageForm(), staff(), "publish" in request.form
    if "preview" in request.form:
        return _page(page_id, form, preview=_preview(form))
    seen = form.seen
    saved = form.attempt(
        lambda: services.save_page(page_id, seen, form.values(), publish=publish, staff=who)
    )
    if saved is None:
        return _page(page_id, form, form.status)
    return _done(page_id, _("Published.") if publish else _("The draft is saved."))


@blueprint.post("/<int:page_id>/retreat")
@needs("pages.edit")
def hide(page_id: int) -> Response:
    """Let a page be public no more."""
    services.hide_page(page_id, staff=staff())
    return _done(page_id, _("The page is taken down."))


@blueprint.get("/<int:page_id>/versions")
@needs("pages.edit")
def versions(page_id: int) -> str:
    """Show all versions of a page."""
    page, number = queries.get_desk_page(page_id), parse_id(request.args.get("page")) or 1
    most = queries.PER_PAGE
    rows = queries.list_versions(page_id, most + 1, offset=(number - 1) * most)
    return render_template(
        "admin/pages/versions.html",
        page=page,
        rows=rows[:most],
        number=number,
        has_more=len(rows) > most,
    )


@blueprint.get("/<int:page_id>/versions/<int:nth>")
@needs("pages.edit")
def version(page_id: int, nth: int) -> str:
    """Show a version, and what it changed."""
    reading = queries.get_version_reading(page_id, nth)
    return render_template("admin/pages/version.html", reading=reading)


@blueprint.post("/<int:page_id>/versions/<int:nth>/draft")
@needs("pages.edit")
def restore(page_id: int, nth: int) -> Response:
    """Make the text of a version the draft."""
    services.restore_version(page_id, nth, staff=staff())
    return _done(page_id, _("The draft says again what version %(number)d said.", number=nth))


@blueprint.post("/<int:page_id>/versions/<int:nth>/deletion")
@needs("pages.edit")
def drop_version(page_id: int, nth: int) -> Response:
    """Delete a version that no order refers to."""
    services.delete_version(page_id, nth, staff=staff())
    return _done(page_id, _("Version %(number)d is deleted.", number=nth))


@blueprint.get("/<int:page_id>/deletion")
@needs("pages.edit")
def confirm_deletion(page_id: int) -> str:
    """Show what goes with a page."""
    return render_template("admin/pages/delete.html", editor=queries.load_editor(page_id))


@blueprint.post("/<int:page_id>/deletion")
@needs("pages.edit")
def remove(page_id: int) -> Response:
    """Delete a page."""
    services.delete_page(page_id, staff=staff())
    flash(_("The page is deleted."), "success")
    return redirect_to("/admin/pages", 303)


@blueprint.errorhandler(ShopError)
@or_not_found
def refuse(error: ShopError) -> Response:
    """Show the page as it is now, with what was wrong."""
    page_id = (request.view_args or {}).get("page_id")
    if page_id is None or isinstance(error, (NotFound, NotPermitted)):
        return answer_shop_error(error)
    return _page(page_id, status=int(error.status), problem=str(error))


def _preview(form: PageForm) -> Markup | None:
    """Return what the typed text looks like; None where the form says what is wrong with it."""
    values = form.attempt(form.values)
    return render_markdown(values.text.source) if values else None


def _new_page(form: PageForm, status: int = 200, preview: Markup | None = None) -> Response:
    html = render_template("admin/pages/new.html", form=form, preview=preview)
    return make_response(html, form.status if form.errors else status)


def _page(
    page_id: int,
    form: PageForm | None = None,
    status: int = 200,
    *,
    preview: Markup | None = None,
    problem: str = "",
) -> Response:
    editor = queries.load_editor(page_id)
    form = form or PageForm.of(editor.page)
    html = render_template(
        "admin/pages/show.html", editor=editor, form=form, preview=preview, problem=problem
    )
    return make_response(html, form.status if form.errors else status)


def _done(page_id: int | str, message: str) -> Response:
    flash(message, "success")
    return redirect_to(f"/admin/pages/{page_id}", 303)
