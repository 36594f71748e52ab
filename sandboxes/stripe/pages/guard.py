"""Forms come from our own pages: a token in the form that belongs to a cookie, and the origin."""

import hashlib
import hmac
import secrets

from flask import Response, abort, current_app, g, request

COOKIE = "sandbox_csrf"
COOKIE_LENGTH = 43


def csrf_token() -> str:
    """The token for the forms of this answer; sets the cookie it belongs to where there is none."""
    if "csrf_cookie" not in g:
        sent = request.cookies.get(COOKIE, "")
        g.csrf_cookie = sent if len(sent) == COOKIE_LENGTH else secrets.token_urlsafe(32)
    return _token(g.csrf_cookie)


def check_csrf() -> None:
    """Answer 400 unless the form carries the token of the browser's cookie."""
    cookie = request.cookies.get(COOKIE, "")
    sent = request.form.get("csrf_token", "")
    if not cookie or not hmac.compare_digest(sent.encode(), _token(cookie).encode()):
        abort(400, "This form is out of date. Go back, reload the page and try again.")


def refuse_foreign_origin() -> None:
    """Answer 403 to writes that another site's page sent.

    A page may hide its origin (`null`, or no header); then the browser says by Sec-Fetch-Site
    whether it is ours.
    """
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    says_nothing = origin is None and site is None
    is_own = origin is not None and origin.partition("://")[2] == request.host
    is_hidden = origin in {None, "null"} and site == "same-origin"
    if site == "cross-site" or not (is_own or is_hidden or says_nothing):
        abort(403, "This request came from another site.")


def keep_cookie(response: Response) -> Response:
    """Send the cookie with pages that carry a token."""
    if "csrf_cookie" in g and request.cookies.get(COOKIE) != g.csrf_cookie:
        response.set_cookie(
            COOKIE,
            g.csrf_cookie,
            path=request.script_root or "/",
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
        )
    return response


def _token(cookie: str) -> str:
    key = current_app.extensions["sandbox"].config.secret_key.encode()
    return hmac.new(key, b"csrf:" + cookie.encode(), hashlib.sha256).hexdigest()
