"""Two-factor sign-in of one's own account: set up, recovery codes, off.

For staff, and for whoever has lost their role and still has it on.
"""

from flask import Blueprint, Response, flash, make_response, render_template
from flask_babel import gettext as _
from markupsafe import Markup

from shop.account.forms import FactorForm
from shop.account.guard import ask_to_sign_in
from shop.account.queries import get_second_factor, get_user
from shop.auth.one_time_codes import draw_qr_code, secret_of, setup_uri
from shop.auth.services import (
    begin_second_factor,
    confirm_second_factor,
    has_second_factor,
    renew_recovery_codes,
    turn_off_second_factor,
)
from shop.core.errors import NotFound
from shop.settings.queries import shop_settings
from shop.web.client_address import client_ip
from shop.web.responses import redirect_to
from shop.web.visitor import current_visitor

blueprint = Blueprint("second_factor", __name__, url_prefix="/account/second-factor")
blueprint.before_request(ask_to_sign_in)


@blueprint.get("")
def show() -> Response:
    """Show whether it is on, or what an app must be told."""
    return _page(FactorForm(formdata=None))


@blueprint.post("/setup")
def begin() -> Response:
    """Make a secret for an app."""
    begin_second_factor(_staff())
    return redirect_to("/account/second-factor", 303)


@blueprint.post("")
def confirm() -> Response:
    """Turn it on with the first code; the recovery codes are shown once."""
    form, ip, session_id = FactorForm(), client_ip(), current_visitor().session_id
    password, code = form.password.data or "", form.code.data or ""
    codes = form.attempt(lambda: confirm_second_factor(_staff(), password, code, ip, session_id))
    return _page(form) if codes is None else _codes(codes)


@blueprint.post("/recovery-codes")
def renew() -> Response:
    """Make new recovery codes and show them once."""
    form, ip = FactorForm(), client_ip()
    password, code = form.password.data or "", form.code.data or ""
    codes = form.attempt(lambda: renew_recovery_codes(_me(), password, code, ip))
    return _page(form) if codes is None else _codes(codes)


@blueprint.post("/end")
def turn_off() -> Response:
    """Turn it off."""
    form, ip = FactorForm(), client_ip()
    password, code = form.password.data or "", form.code.data or ""
    form.attempt(lambda: turn_off_second_factor(_me(), password, code, ip))
    if form.errors:
        return _page(form)
    flash(_("Two-factor sign-in is off."), "success")
    return redirect_to("/account/security", 303)


def _staff() -> int:
    """Return who acts; two-factor sign-in is set up by staff. Raises NotFound."""
    visitor = current_visitor()
    if visitor.user_id is None or not visitor.is_staff:
        raise NotFound
    return visitor.user_id


def _me() -> int:
    """Return who acts: staff, or whoever still has it on without a role. Raises NotFound."""
    user_id = current_visitor().user_id
    if user_id is not None and not current_visitor().is_staff and has_second_factor(user_id):
        return user_id
    return _staff()


def _page(form: FactorForm) -> Response:
    user_id = _me()
    factor, user = get_second_factor(user_id), get_user(user_id)
    secret, picture = "", ""
    if factor.seed and not factor.is_on:
        secret = secret_of(user_id, factor.seed)
        uri = setup_uri(secret, user.email, shop_settings().name)
        picture = Markup(draw_qr_code(uri, _("QR code")))  # noqa: S704 -- drawn by segno
    grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    html = render_template(
        "account/second_factor.html",
        form=form,
        factor=factor,
        secret=grouped,
        picture=picture,
        user=user,
        is_required=shop_settings().staff_second_factor and current_visitor().is_staff,
    )
    return _kept_by_nobody(html, form.status if form.errors else 200)


def _codes(codes: list[str]) -> Response:
    return _kept_by_nobody(render_template("account/recovery_codes.html", codes=codes), 200)


def _kept_by_nobody(html: str, status: int) -> Response:
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response
