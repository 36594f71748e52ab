"""The table of answers: how every error becomes a page, with the right status and headers."""

import functools
import logging
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, urlencode

from flask import Flask, Response, g, make_response, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from shop.core.db import abandon, is_lock_timeout
from shop.core.errors import Busy, NotFound, ShopError

log = logging.getLogger(__name__)

_OF_ADDRESSES: Final = "%:/?#[]@!$&'()*+,;=-._~"
_OF_QUERIES: Final = "/:?@!$'()*,;"  # of a value; as `url_for` leaves them, paths stay readable

PAGES = {400, 403, 404, 405, 409, 410, 413, 422, 429, 500, 502, 503}


def init_responses(app: Flask) -> None:
    """Register one handler per family of errors."""
    app.register_error_handler(ShopError, answer_shop_error)
    app.register_error_handler(CSRFError, _answer_csrf)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(DBAPIError, _answer_database)
    app.register_error_handler(NoConnectionLeft, _answer_busy)
    app.register_error_handler(Exception, _answer_failure)


def error_page(status: int, message: str = "") -> Response:
    """Return the page for `status`; those for 500 and 503 need no database."""
    g.failsafe = status in {500, 503}
    name = status if status in PAGES else (400 if status < 500 else 500)
    page = render_template(f"errors/{name}.html", message=message, status=status)
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def answer_shop_error(error: ShopError) -> Response:
    """Answer a refusal of the shop; blueprints with a better page register their own."""
    said = str(error)
    # What every error of its kind says stands in the page already, in more words.
    response = error_page(int(error.status), "" if said == type(error).message else said)
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    if error.status == 403:
        log.warning("refused", extra={"path": request.path, "reason": str(error)})
    return response


def redirect_to(url: str | bytes, status: int = 303, /, **query: str) -> Response:
    """Return the redirect to `url`, a path of ours or an address that we made; with `query`.

    Every redirect of the shop is made here, because parts of it may have been typed: what no
    address holds (RFC 3986, section 2), line breaks first of all, is percent-encoded.
    """
    address = quote(url, safe=_OF_ADDRESSES)
    if query:
        address = f"{address}?{urlencode(query, safe=_OF_QUERIES)}"
    return make_response(redirect(address, status))


def framed_mail(html: str, status: int = 200) -> Response:
    """Return a mail for a frame of ours: it may look as mails do, and can do nothing.

    Its styles stand in its elements, which no page of the shop may have. So it is of no origin
    (`sandbox`): no script, no form, no cookie, wherever it is opened.
    """
    response = make_response(html, status)
    response.headers["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def or_not_found(handler: Callable[[ShopError], Response]) -> Callable[[ShopError], Response]:
    """Let a blueprint's handler of refusals answer 404 where what its page shows is not there.

    What an error handler raises reaches no other handler: it would be a 500.
    """

    @functools.wraps(handler)
    def answer(error: ShopError) -> Response:
        try:
            return handler(error)
        except NotFound as gone:
            return answer_shop_error(gone)

    return answer


def _answer_csrf(error: CSRFError) -> Response:
    log.warning("csrf", extra={"path": request.path, "reason": error.description})
    return error_page(400, "This page had been open for too long. Please try once more.")


def _answer_http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:  # a redirect raised by the routing map
        return make_response(error.get_response(request.environ))
    response = error_page(status)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    retry_after = getattr(error, "retry_after", None)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    if status == 403:
        log.warning("refused", extra={"path": request.path})
    return response


def _answer_database(error: DBAPIError) -> Response:
    if is_lock_timeout(error) or error.connection_invalidated:
        return _answer_busy(error)
    return _answer_failure(error)


def _answer_busy(error: Exception) -> Response:
    log.warning("database busy", exc_info=error)
    return answer_shop_error(Busy())


def _answer_failure(error: Exception) -> Response:
    log.error("unhandled", exc_info=error, extra={"path": request.path})
    try:
        abandon()
    except SQLAlchemyError:
        log.exception("rollback failed")
    return error_page(500)
