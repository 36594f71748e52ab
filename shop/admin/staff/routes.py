"""The desk of colleagues: who works here, what each may do, where they are signed in."""

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.staff import queries, services
from shop.admin.staff.forms import ColleagueForm
from shop.auth.guard import needs
from shop.core import plaintext
from shop.core.row_ids import parse_id
from shop.web.responses import redirect_to
from shop.web.visitor import current_visitor

blueprint = Blueprint("staff", __name__, url_prefix="/staff")


@blueprint.get("")
@needs("staff.edit")
def index() -> str:
    """Show the colleagues and the roles."""
    view = request.args.get("view", "all")
    chosen = queries.StaffFilter(
        view=view if view in queries.STATES else "all",
        text=plaintext.line(request.args.get("q", "")[:200]),
        page=min(parse_id(request.args.get("page")) or 1, 10**6),
    )
    found = queries.list_colleagues(chosen)
    return render_template(
        "admin/staff/index.html",
        chosen=chosen,
        found=found,
        roles=queries.list_roles(),
        invitations=queries.list_invitations(),
    )


@blueprint.get("/<int:user_id>")
@needs("staff.edit")
def show(user_id: int) -> Response:
    """Show a colleague."""
    return _page(queries.get_colleague(user_id))


@blueprint.post("/<int:user_id>/role")
@needs("staff.edit")
def give(user_id: int) -> Response:
    """Give a colleague another role, or none."""
    form, who, was = ColleagueForm(), staff(), parse_id(request.form.get("was"))
    given = form.attempt(lambda: services.give_role(user_id, form.role_id(), was=was, staff=who))
    if given is None:
        return _page(queries.get_colleague(user_id), form)
    flash(_("Saved. They are signed out; it counts from their next sign-in on."), "success")
    has_left = form.role.data == "none"
    return redirect_to("/admin/staff" if has_left else f"/admin/staff/{user_id}", 303)


@blueprint.post("/<int:user_id>/access")
@needs("staff.edit")
def switch(user_id: int) -> Response:
    """Let a colleague sign in, or not any more."""
    is_active = request.form.get("access") == "on"
    services.switch_colleague(user_id, is_active=is_active, staff=staff())
    said = _("They can sign in again.") if is_active else _("They are signed out and locked out.")
    return _done(user_id, said)


@blueprint.post("/<int:user_id>/second-factor/reset")
@needs("staff.edit")
def reset(user_id: int) -> Response:
    """Let a colleague who has lost the app sign in with the password alone."""
    services.reset_factor(user_id, staff=staff())
    return _done(user_id, _("Two-factor sign-in is off. They are signed out, and told by mail."))


@blueprint.post("/<int:user_id>/sessions/end", defaults={"session_id": None})
@blueprint.post("/<int:user_id>/sessions/<int:session_id>/end")
@needs("staff.edit")
def sign_out(user_id: int, session_id: int | None) -> Response:
    """Sign a colleague out in a browser, or in all."""
    services.sign_colleague_out(user_id, session_id, staff=staff())
    return _done(user_id, _("Signed out."))


def _page(reading: queries.ColleagueReading, form: ColleagueForm | None = None) -> Response:
    visitor, form = current_visitor(), form or ColleagueForm.of(reading)
    html = render_template(
        "admin/staff/show.html",
        reading=reading,
        form=form.choose_from(queries.list_roles()),
        is_self=reading.user.id == visitor.user_id,
        current_session=visitor.session_id,
    )
    return make_response(html, form.status if form.errors else 200)


def _done(user_id: int, sentence: str) -> Response:
    flash(sentence, "success")
    return redirect_to(f"/admin/staff/{user_id}", 303)
