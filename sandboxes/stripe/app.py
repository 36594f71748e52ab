"""The sandbox as a WSGI application."""

import logging
import sqlite3
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from flask import Flask, Response, current_app, g, render_template, request
from werkzeug.exceptions import HTTPException

from sandboxes.stripe.api.pipeline import Api
from sandboxes.stripe.config import SandboxConfig
from sandboxes.stripe.control import Sandbox
from sandboxes.stripe.gate import Gate
from sandboxes.stripe.pages import admin, guard, pay, remote
from sandboxes.stripe.webhooks import Deliver

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MAX_FORM = 64 * 1024

log = logging.getLogger(__name__)


class SandboxApp:
    """The API under /v1, and the payment page and the desk beside it.

    The pages are an application of Flask that is made when one is first asked for: making it costs
    more than all the rest of the sandbox, and programs never ask.
    """

    def __init__(self, config: SandboxConfig, deliver: Deliver | None = None) -> None:
        """``deliver(url, body, headers) -> (status, body)`` takes an event to the shop.

        Without it they go over the network. Opens nothing before the first request.
        """
        self.sandbox = Sandbox(config, deliver)
        self.gate = Gate(self._show, Api(self.sandbox.store, config))

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        return self.gate(environ, start_response)

    def _show(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        return self.pages(environ, start_response)

    @cached_property
    def pages(self) -> Flask:
        """The pages, without the API."""
        return _make_pages(self.sandbox)


def _make_pages(sandbox: Sandbox) -> Flask:
    config = sandbox.config
    app = Flask("sandboxes.stripe", static_url_path="/static")
    app.config.update(MAX_CONTENT_LENGTH=MAX_FORM, MAX_FORM_MEMORY_SIZE=MAX_FORM)
    app.extensions["sandbox"] = sandbox
    app.jinja_env.filters["amount"] = _amount
    app.jinja_env.globals.update(demo=config.demo, csrf_token=guard.csrf_token)
    app.context_processor(lambda: {"shop_name": config.shop_name()})
    app.register_blueprint(pay.blueprint)
    if not config.demo:
        app.register_blueprint(admin.blueprint)
    if config.control:
        app.register_blueprint(remote.blueprint)
    app.register_error_handler(HTTPException, _error_page)
    app.register_error_handler(sqlite3.OperationalError, _busy_page)
    app.before_request(guard.refuse_foreign_origin)
    app.after_request(_secure)
    return app


def _amount(amount: int, currency: str) -> str:
    if "write_amount" not in g:
        g.write_amount = current_app.extensions["sandbox"].config.amount_writer()
    written: str = g.write_amount(amount, currency)
    return written


def _secure(response: Response) -> Response:
    """Headers of every page: nothing from elsewhere, nothing inline, no cache."""
    # Browsers apply form-action to the redirect after a payment too, which leads to the shop.
    targets = " ".join(("'self'", *sorted(g.get("form_targets", ()))))
    response.headers.update(
        {
            "Content-Security-Policy": (
                "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
                f"frame-ancestors 'none'; form-action {targets}"
            ),
            "X-Content-Type-Options": "nosniff",
            # Not "no-referrer": browsers would then send "Origin: null" with our own forms.
            "Referrer-Policy": "same-origin",
        }
    )
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return guard.keep_cookie(response)


def _error_page(error: HTTPException) -> tuple[str, int]:
    status = error.code or 500
    page = render_template(
        "sandbox/error.html", title=error.name, message=error.description, status=status
    )
    return page, status


def _busy_page(error: sqlite3.OperationalError) -> tuple[str, int, dict[str, str]]:
    log.warning("sandbox database busy: %s", error)
    page = render_template(
        "sandbox/error.html", title="One moment", message="The sandbox is busy. Try again."
    )
    return page, 503, {"Retry-After": "2"}
