"""Inviting colleagues by mail."""

from flask import Blueprint, Response, flash, make_response, render_template
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.staff import invitations, queries
from shop.admin.staff.forms import InviteForm
from shop.auth.guard import needs
from shop.web.client_address import client_ip
from shop.web.responses import redirect_to

blueprint = Blueprint("staff_invitations", __name__, url_prefix="/staff/invitations")


@blueprint.get("/new")
@needs("staff.edit")
def new() -> Response:
    """Ask whom to invite, and as what."""
    return _page(InviteForm(formdata=None))


@blueprint.post("")
@needs("staff.edit")
def invite() -> Response:
    """Invite somebody."""
    form, who, ip = InviteForm(), staff(), client_ip()
    email = form.email.data or ""
    invited = form.attempt(
        lambda: invitations.invite_colleague(email, form.role_id(), ip, staff=who)
    )
    return _page(form) if invited is None else _done(_("The invitation is on its way."))


@blueprint.post("/<int:invitation_id>/mail")
@needs("staff.edit")
def again(invitation_id: int) -> Response:
    """Send the mail of an invitation once more."""
    invitations.send_invitation_again(invitation_id, client_ip(), staff=staff())
    return _done(_("Another link is on its way; the former one does not work any more."))


@blueprint.post("/<int:invitation_id>/end")
@needs("staff.edit")
def end(invitation_id: int) -> Response:
    """Take an invitation back."""
    invitations.take_invitation_back(invitation_id, staff=staff())
    return _done(_("The invitation is taken back: its link does not work any more."))


def _page(form: InviteForm) -> Response:
    html = render_template("admin/staff/invite.html", form=form.choose_from(queries.list_roles()))
    return make_response(html, form.status if form.errors else 200)


def _done(sentence: str) -> Response:
    flash(sentence, "success")
    return redirect_to("/admin/staff", 303)
