"""Roles: what each allows, as a grid of desks."""

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.staff import queries, roles
from shop.admin.staff.forms import GRID, DeletionForm, RoleForm
from shop.auth.guard import needs
from shop.core.errors import OrderError
from shop.core.row_ids import parse_id
from shop.web.responses import redirect_to

blueprint = Blueprint("roles", __name__, url_prefix="/staff/roles")


@blueprint.get("/new")
@needs("staff.edit")
def new() -> Response:
    """Show an empty role."""
    return _page(RoleForm(formdata=None))


@blueprint.post("")
@needs("staff.edit")
def create() -> Response:
    """Make a role."""
    form, who = _posted(), staff()
    name = form.name.data or ""
    if form.attempt(lambda: roles.create_role(name, form.ticked, staff=who)) is None:
        return _page(form, form.status)
    return _done(_("The role is made. Give it to a colleague on their page."))


@blueprint.get("/<int:role_id>")
@needs("staff.edit")
def show(role_id: int) -> Response:
    """Show what a role allows."""
    row = queries.get_role(role_id)
    return _page(RoleForm.of(row.role), row=row)


@blueprint.post("/<int:role_id>")
@needs("staff.edit")
def update(role_id: int) -> Response:
    """Change a role."""
    form, who = _posted(), staff()
    seen, name = form.seen, form.name.data or ""
    saved = form.attempt(lambda: roles.change_role(role_id, seen, name, form.ticked, staff=who))
    if saved is None:
        return _page(form, form.status, row=queries.get_role(role_id))
    return _done(_("Saved. It counts from the next click of everybody who has the role."))


@blueprint.get("/<int:role_id>/deletion")
@needs("staff.edit")
def confirm_deletion(role_id: int) -> Response:
    """Ask what those get who have the role."""
    return _deletion(role_id, DeletionForm(formdata=None))


@blueprint.post("/<int:role_id>/deletion")
@needs("staff.edit")
def remove(role_id: int) -> Response:
    """Delete a role."""
    form, who = DeletionForm(), staff()
    instead_id = parse_id(form.instead.data) or None
    if form.attempt(lambda: roles.delete_role(role_id, instead_id, staff=who)) is None:
        return _deletion(role_id, form)
    return _done(_("The role is gone."))


def _posted() -> RoleForm:
    return RoleForm(ticked=request.form.getlist("permission"))


def _page(form: RoleForm, status: int = 200, row: queries.RoleRow | None = None) -> Response:
    html = render_template("admin/staff/role.html", form=form, grid=GRID, row=row)
    return make_response(html, status)


def _deletion(role_id: int, form: DeletionForm) -> Response:
    row = queries.get_role(role_id)
    if row.role.is_owner:
        raise OrderError("Owners may do everything; that cannot be changed.")
    form.choose_from(queries.list_roles(), role_id)
    html = render_template("admin/staff/role_deletion.html", form=form, row=row)
    return make_response(html, form.status if form.errors else 200)


def _done(sentence: str) -> Response:
    flash(sentence, "success")
    return redirect_to("/admin/staff", 303)
