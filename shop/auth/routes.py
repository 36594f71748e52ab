"""Signing in and out, registering, forgotten passwords, links that prove an address."""

from typing import Final

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask import session as cookie
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from shop.auth.client_info import ClientInfo
from shop.auth.forms import CodeForm, ForgotForm, ProofForm, RegisterForm, ResetForm, SignInForm
from shop.auth.services import (
    CodeNeeded,
    SignedIn,
    finish_sign_in,
    prove_address,
    read_proof_token,
    read_reset_token,
    register_user,
    request_password_reset,
    reset_password,
    sign_in,
    sign_out,
    undo_registration,
)
from shop.auth.tokens import HALF, LinkDead
from shop.core.errors import BadInput, TooManyRequests
from shop.web.client_address import client_ip
from shop.web.forms import ShopForm
from shop.web.holes import MY_ADDRESS
from shop.web.responses import answer_shop_error, redirect_to
from shop.web.security import safe_next
from shop.web.visitor import (
    cart_token,
    current_visitor,
    end_session,
    hashed,
    remembered_orders,
    start_session,
)

blueprint = Blueprint("auth", __name__, template_folder="templates")

_FORMS: Final[dict[str, tuple[str, type[ShopForm]]]] = {
    "auth.enter": ("auth/login.html", SignInForm),
    "auth.enter_code": ("auth/code.html", CodeForm),
    "auth.create": ("auth/register.html", RegisterForm),
    "auth.send_reset": ("auth/forgot.html", ForgotForm),
}


@blueprint.get("/login")
def login() -> Response:
    """Show the form; who is signed in goes on."""
    if current_visitor().is_authenticated:
        return _to(safe_next(request.args.get("next"), "/account"))
    return _page(
        "auth/login.html", SignInForm(data={"next": safe_next(request.args.get("next"), "")})
    )


@blueprint.post("/login")
def enter() -> Response:
    """Sign in; an unknown address becomes an account while the merchant wants that."""
    form = SignInForm()
    if form.validate():
        entered = form.attempt(lambda: sign_in(form.email.data, form.password.data, browser()))
        if entered:
            return _answer_signed_in(entered, form.next.data)
    return _page("auth/login.html", form, 422)


@blueprint.get("/login/code")
def ask_code() -> Response:
    """Ask who has shown the password for a code."""
    if not isinstance(cookie.get(HALF), str):
        return _to("/login")
    return _page("auth/code.html", CodeForm(data={"next": safe_next(request.args.get("next"), "")}))


@blueprint.post("/login/code")
def enter_code() -> Response:
    """Sign in with the code; a session of its own begins."""
    form, half = CodeForm(), cookie.get(HALF)
    if not isinstance(half, str):
        return _to("/login")
    if form.validate():
        entered = form.attempt(lambda: finish_sign_in(half, form.code.data or "", browser()))
        if entered:
            return _answer_signed_in(entered, form.next.data)
    return _page("auth/code.html", form, 422)


@blueprint.get("/register")
def register() -> Response:
    """Show the form; who is signed in goes on."""
    if current_visitor().is_authenticated:
        return _to("/account")
    return _page(
        "auth/register.html", RegisterForm(data={"next": safe_next(request.args.get("next"), "")})
    )


@blueprint.post("/register")
def create() -> Response:
    """Make an account and sign in."""
    form = RegisterForm()
    if form.validate():
        entered = form.attempt(
            lambda: register_user(form.email.data, form.password.data, browser())
        )
        if entered:
            return _answer_signed_in(entered, form.next.data)
    return _page("auth/register.html", form, 422)


@blueprint.post("/logout")
def logout() -> Response:
    """End the session on the server and forget the cookie."""
    sign_out(current_visitor().session_id)
    end_session()
    flash(_("You are signed out."), "success")
    return _to("/")


@blueprint.get("/account/undo")
def confirm_undo() -> Response:
    """Ask whether the new account was a mistake."""
    if not current_visitor().is_authenticated:
        return _to("/login?next=/account/undo")
    return _page("auth/undo.html", None, current_email=current_visitor().email)


@blueprint.post("/account/undo")
def undo() -> Response:
    """Delete the account that was just made by mistake; the bag stays in this browser."""
    visitor = current_visitor()
    if visitor.user_id is None:
        return _to("/login")
    cart, orders = cart_token(), remembered_orders()
    undo_registration(visitor.user_id, hashed(cart))
    end_session()
    cookie.update(cart=cart, orders=orders)
    cookie.permanent = True
    flash(_("The account is gone. Your bag is still here."), "success")
    return _to("/login")


@blueprint.get("/password/forgot")
def forgot() -> Response:
    """Ask for the address."""
    return _page("auth/forgot.html", ForgotForm(data={"email": current_visitor().email}))


@blueprint.post("/password/forgot")
def send_reset() -> Response:
    """Have a link sent; the answer is the same for known and unknown addresses."""
    form = ForgotForm()
    ip = client_ip()
    if form.validate():
        form.attempt(lambda: request_password_reset(form.email.data, ip))
    if form.errors:
        return _page("auth/forgot.html", form, 422)
    return _page("auth/forgot_sent.html", None, email=form.email.data)


@blueprint.get("/password/reset/<token>")
def reset(token: str) -> Response:
    """Ask for the new password. The form carries the token on: a cookie would keep it readable."""
    user = read_reset_token(token)
    return _page("auth/reset.html", ResetForm(data={"token": token}), email=user.email)


@blueprint.post("/password/reset")
def store_password() -> Response:
    """Set the new password; everything that was signed in is signed out."""
    form = ResetForm()
    token = form.token.data or ""
    user = read_reset_token(token)
    ip = client_ip()
    if form.validate():
        form.attempt(lambda: reset_password(token, form.password.data, ip))
    if form.errors:
        return _page("auth/reset.html", form, 422, email=user.email)
    end_session()
    flash(_("Your password is changed. Sign in with the new one."), "success")
    return _to("/login")


@blueprint.get("/account/email/<token>")
def confirm_proof(token: str) -> Response:
    """Ask for the press of a button: mail scanners follow links, so a link changes nothing."""
    return _ask_proof(token, ProofForm(data={"token": token}))


@blueprint.post("/account/email/confirm")
def prove() -> Response:
    """Note that the address is proven, or change to it."""
    form, user_id = ProofForm(), current_visitor().user_id
    token, password = form.token.data or "", form.password.data or ""
    if form.validate():
        form.attempt(lambda: prove_address(token, browser(), user_id, password))
    if form.errors:
        return _ask_proof(token, form, 422)
    flash(_("Thank you. The address is confirmed."), "success")
    return _to("/account" if user_id else "/login")


@blueprint.get("/password/reset")
@blueprint.get("/account/email/confirm")
def no_link() -> Response:
    """Say how to get a link: these addresses only take what a link's page sends."""
    raise LinkDead


@blueprint.errorhandler(LinkDead)
def dead_link(error: LinkDead) -> Response:
    """Say that a link is of no use any more, and how to get another."""
    if request.endpoint == "auth.enter_code":
        cookie.pop(HALF, None)
        flash(_("That took too long. Enter your password once more."), "warning")
        return _to("/login")
    return _page("auth/dead_link.html", None, int(error.status))


@blueprint.errorhandler(TooManyRequests)
def wait(error: TooManyRequests) -> Response:
    """Show the form again, with how long to wait."""
    if request.endpoint not in _FORMS:
        return answer_shop_error(error)
    template, made = _FORMS[request.endpoint]
    form = made()
    form.refuse(BadInput(str(error)))
    response = _page(template, form, int(error.status))
    response.headers["Retry-After"] = str(error.retry_after)
    return response


def browser() -> ClientInfo:
    """Return what services need to know of the asking browser."""
    cart = cookie.get("cart")
    return ClientInfo(
        ip=client_ip(),
        user_agent=request.user_agent.string,
        cart_hash=hashed(cart) if isinstance(cart, str) else None,
        session_id=current_visitor().session_id,
    )


def _answer_signed_in(entered: SignedIn | CodeNeeded, target: str | None) -> Response:
    """Begin the session in a fresh cookie and say what happened; or ask for the code first."""
    if isinstance(entered, CodeNeeded):
        cookie[HALF] = entered.half
        return _without_referrer(redirect_to("/login/code", 303, next=safe_next(target, "/")))
    start_session(entered.token, entered.user_id)
    if entered.is_new:
        text = _("We have made an account for %(email)s and sent a mail there.", email=MY_ADDRESS)
        link = Markup(' <a href="/account/undo">{}</a>').format(_("Not your address? Undo it."))
        flash(Markup("{}{}").format(text, link), "warning")
    if entered.merged.capped:
        names = ", ".join(entered.merged.capped)
        flash(
            _("We have fewer than your two bags held together of: %(names)s.", names=names),
            "warning",
        )
    elif entered.merged.quantity:
        count = entered.merged.quantity
        flash(
            ngettext("%(num)d piece came with you.", "%(num)d pieces came with you.", count),
            "success",
        )
    return _to(safe_next(target, "/"))


def _ask_proof(token: str, form: ProofForm, status: int = 200) -> Response:
    user, email = read_proof_token(token)
    is_signed_in = current_visitor().user_id == user.id
    values = {"email": email, "before": user.email, "is_signed_in": is_signed_in}
    return _page("auth/confirm.html", form, status, **values)


def _to(url: str) -> Response:
    return _without_referrer(redirect_to(url, 303 if request.method == "POST" else 302))


def _page(template: str, form: ShopForm | None, status: int = 200, **values: object) -> Response:
    if form is not None:
        values["form"] = form
    return _without_referrer(make_response(render_template(template, **values), status))


def _without_referrer(response: Response) -> Response:
    """Pages that know a token tell nobody where one comes from."""
    if request.path.startswith(("/password/reset", "/account/email/")):
        response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
