"""The page that the link of an invitation opens: name, password, and one is staff."""

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask_babel import gettext as _

from shop.auth.forms import InvitationForm
from shop.auth.services import (
    InvitationAccepted,
    InvitationVoid,
    accept_invitation,
    accept_signed_in,
    read_invitation,
)
from shop.auth.tokens import LinkDead
from shop.core.errors import BadInput, TooManyRequests
from shop.web.client_address import client_ip
from shop.web.responses import redirect_to
from shop.web.visitor import current_visitor, end_session

blueprint = Blueprint("invitation", __name__, template_folder="templates", url_prefix="/invite")


@blueprint.get("/<token>")
def show(token: str) -> Response:
    """Ask for name and password; the form carries the token on, as no cookie should."""
    return _page(token, InvitationForm(data={"token": token}))


@blueprint.get("")
def no_link() -> Response:
    """Say how to get a link: this address only takes what a link's page sends."""
    raise LinkDead


@blueprint.post("")
def accept() -> Response:
    """Make the invited person staff, once."""
    form, user_id, ip = InvitationForm(), current_visitor().user_id, client_ip()
    token, name, password = form.token.data or "", form.name.data or "", form.password.data or ""
    if _is_theirs(token):
        accept_signed_in(token, user_id or 0, ip)
    else:
        if form.validate():
            form.attempt(lambda: _accepted(token, name, password, ip))
        if form.errors:
            return _page(token, form, 422)
        if user_id is not None:  # somebody else, who would be led on instead of asked
            end_session()
    return _to_sign_in(_("Welcome. Sign in, and the desks are yours."))


def _accepted(token: str, name: str, password: str, ip: str) -> bool:
    accept_invitation(token, name, password, ip)
    return True


@blueprint.errorhandler(InvitationAccepted)
def accepted_before(_error: InvitationAccepted) -> Response:
    """Lead on who pressed twice, or has the page in two tabs."""
    return _to_sign_in(_("This invitation is accepted. Sign in, and the desks are yours."))


@blueprint.errorhandler(LinkDead)
@blueprint.errorhandler(InvitationVoid)
def refused(error: LinkDead | InvitationVoid) -> Response:
    """Say that the link is of no use, and who can send another one."""
    is_void = isinstance(error, InvitationVoid)
    html = render_template("auth/invitation_dead.html", is_void=is_void)
    return _private(make_response(html, int(error.status)))


@blueprint.errorhandler(TooManyRequests)
def wait(error: TooManyRequests) -> Response:
    """Show the form again, with how long to wait."""
    form = InvitationForm()
    form.refuse(BadInput(str(error)))
    try:
        response = _page(form.token.data or "", form, int(error.status))
    except (LinkDead, InvitationVoid) as dead:
        response = refused(dead)
    except InvitationAccepted as accepted:
        return accepted_before(accepted)
    response.headers["Retry-After"] = str(error.retry_after)
    return response


def _is_theirs(token: str) -> bool:
    """Return whether who asks is signed in to the account with the invited address."""
    user_id = current_visitor().user_id
    return user_id is not None and read_invitation(token).user_id == user_id


def _page(token: str, form: InvitationForm, status: int = 200) -> Response:
    reading, user_id = read_invitation(token), current_visitor().user_id
    html = render_template(
        "auth/invitation.html",
        form=form,
        reading=reading,
        is_theirs=user_id is not None and reading.user_id == user_id,
    )
    return _private(make_response(html, status))


def _to_sign_in(sentence: str) -> Response:
    flash(sentence, "success")
    code = 303 if request.method == "POST" else 302
    return _private(redirect_to("/login", code, next="/admin/"))


def _private(response: Response) -> Response:
    """Pages that know a token are kept by nobody, and tell nobody where one comes from."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
