"""What protects every request: proxies, hosts, origin, CSRF, clean input, headers, request ids."""

import re
import string
import uuid
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Flask, Response, abort, current_app, request
from flask_wtf.csrf import CSRFError, validate_csrf
from werkzeug.middleware.proxy_fix import ProxyFix
from wtforms import ValidationError

from shop.core.config import Config, config
from shop.core.origin import begin_request, end_request, origin
from shop.web.extensions import csrf
from shop.web.machines import init_machines, is_machine_path
from shop.web.visitor import FORMER_CSRF

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
MAX_BODY = 1024 * 1024  # bytes; uploads raise it for their own request
MAX_FIELDS = 1000
HIDDEN = (None, "null")  # what stands for the origin of a page that does not tell it
FORMER_LIFETIME = 12 * 3600  # seconds
PERSONAL = ("/cart", "/checkout", "/account", "/orders", "/o/", "/admin", "/login", "/register",
            "/password", "/contact", "/quick", "/wishlist")  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

CSP = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)


def init_security(app: Flask, config: Config, *, form_targets: tuple[str, ...]) -> None:
    """Bind all of it to `app`; the order of the hooks is the order of the checks.

    `form_targets`: the other origins that a form may lead to.
    """
    policy = ("Content-Security-Policy", " ".join((CSP, *form_targets)))
    init_machines(app)
    app.extensions["security_headers"] = (policy, *HEADERS)
    # The documented way to wrap an application; only mypy takes it for a method.
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=0
        )
    app.wsgi_app = _Escaping(app.wsgi_app)  # type: ignore[method-assign]
    app.config.update(
        SECRET_KEY=config.secret_key,
        TRUSTED_HOSTS=list(config.trusted_hosts) or None,
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        MAX_FORM_PARTS=MAX_FIELDS,
        SESSION_COOKIE_NAME="__Host-session" if config.is_https else "session",
        SESSION_COOKIE_SECURE=config.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=60 * 24 * 3600,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_SSL_STRICT=False,  # it asks for a Referer, which a page may keep to itself
    )
    app.before_request(_name_request)
    app.teardown_request(_end_request)
    app.before_request(_refuse_foreign_origin)
    app.before_request(_refuse_dirty_input)
    csrf.init_app(app)
    app.before_request(_check_csrf)
    app.after_request(_add_headers)


class _Escaping:
    """Escapes what stands in a query as bytes: Werkzeug fails on those that are no UTF-8.

    Browsers escape them; servers pass on whatever came.
    """

    def __init__(self, app: Any) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        query = environ.get("QUERY_STRING", "")
        if not query.isascii():
            environ["QUERY_STRING"] = quote(query.encode("latin-1"), safe=string.punctuation)
        return self.app(environ, start_response)


def _name_request() -> None:
    given = request.headers.get("X-Request-Id", "")
    is_known = re.fullmatch(r"[A-Za-z0-9-]{8,40}", given)
    begin_request(given if is_known else uuid.uuid4().hex)


def _end_request(_error: BaseException | None) -> None:
    end_request()


def _refuse_foreign_origin() -> None:
    """Answer 403 to what another site's page sent.

    A browser names the page's origin, or hides it (`null`, or no header at all) where the page's
    `Referrer-Policy` or its owner wants that; then it says by Sec-Fetch-Site (Fetch Metadata,
    section 2.4) whether the page is ours. What says nothing of either is no browser of today: the
    token alone decides. Referer decides nothing.
    """
    if request.method not in UNSAFE or is_machine_path():
        return
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    says_nothing = origin is None and site is None
    is_own = is_own_origin(origin) and site != "cross-site"
    if not (is_own or says_nothing or (origin in HIDDEN and site == "same-origin")):
        abort(403)


def is_own_origin(origin: str | None) -> bool:
    """Return whether an Origin header names this shop, as it is called or by SITE_URL's scheme."""
    schemes = {request.scheme, urlsplit(config().site_url).scheme or request.scheme}
    return origin is not None and origin.lower() in {
        f"{scheme}://{request.host.lower()}" for scheme in schemes
    }


def _refuse_dirty_input() -> None:
    """Answer 400 to NUL, other control characters and invalid UTF-8 in anything typed."""
    if is_machine_path():
        return
    for values in (request.args, request.form if request.method in UNSAFE else None):
        for key, value in values.items(multi=True) if values else ():
            if _CONTROL.search(value) or _CONTROL.search(key) or "�" in value:
                abort(400)
    if _CONTROL.search(request.path) or "�" in request.path:
        abort(404)


def _check_csrf() -> None:
    """Let in who sends the token of this session, or of what the session was before sign-in.

    The former token is one that a stranger may have planted before somebody signed in (session
    fixation). So it counts only where the browser itself says that the form is one of ours, and
    for half a day; see `start_session` for whose it is.
    """
    if request.method not in UNSAFE or is_machine_path():
        return
    try:
        csrf.protect()
    except CSRFError:
        says_ours = is_own_origin(request.headers.get("Origin")) or (
            request.headers.get("Sec-Fetch-Site") == "same-origin"
        )
        if not (says_ours and _is_former(_sent_token())):
            raise


def _sent_token() -> str:
    """Return the token of the form or, where there is none, of a header, as Flask-WTF reads it."""
    names = current_app.config["WTF_CSRF_HEADERS"]
    sent = (request.form.get("csrf_token"), *(request.headers.get(name) for name in names))
    return next(filter(None, sent), "")


def _is_former(token: str) -> bool:
    try:
        validate_csrf(token, time_limit=FORMER_LIFETIME, token_key=FORMER_CSRF)
    except ValidationError:
        return False
    return True


# Of every answer that does not say otherwise, after the policy.
HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
)


def _add_headers(response: Response) -> Response:
    headers = response.headers
    present = {name.lower() for name, _ in headers}
    ours = current_app.extensions["security_headers"]
    headers.extend([(n, value) for n, value in ours if n.lower() not in present])
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if "Cache-Control" not in headers and response.mimetype == "text/html":
        personal = request.path.startswith(PERSONAL) or response.status_code >= 400
        headers["Cache-Control"] = "no-store" if personal else "private, no-cache"
    if response.mimetype == "text/html":  # pictures and feeds are the same for everybody
        if "Vary" in headers:
            response.vary.update(("HX-Request", "Cookie"))
        else:
            headers["Vary"] = "HX-Request, Cookie"
    headers.setdefault("X-Request-Id", origin().id)
    return response


def safe_next(target: str | None, default: str = "/") -> str:
    """Return `target` if it is a path on this site, else `default`."""
    if (
        target
        and len(target) <= 2000
        and target.startswith("/")
        and not target.startswith(("//", "/\\"))
        and "\\" not in target
        and not _CONTROL.search(target)
        and not re.search(r"[\t\r\n]", target)
    ):
        return target
    return default
