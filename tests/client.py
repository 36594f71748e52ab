"""A test client that behaves as a browser with a form: it carries the CSRF token along."""

import re
from contextlib import suppress
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from itsdangerous import BadSignature
from werkzeug.test import TestResponse

from tests.lint import problems

PUBLIC = "https://maison.example"
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class ShopClient(FlaskClient):
    """Flask's client with `submit()`: post a form of a page, with that page's token.

    Every page of ours that it gets is linted. It keeps the token of the last one, as a page that
    is still open does, for as long as the session is the one it was made for.
    """

    kept: tuple[str, str] = ("", "")  # a session's secret, a token made with it

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        # A mail in a frame is styled as mails are, in its elements; its policy lets it do nothing.
        is_framed = response.headers.get("Content-Security-Policy", "").startswith("sandbox;")
        is_ours = not response.request.path.startswith("/_sandbox") and not is_framed
        if response.mimetype == "text/html" and is_ours:
            wrong = problems(response.text)
            assert not wrong, f"{response.request.path}: {wrong}"
            if found := _TOKEN.search(response.text):
                self.kept = (self._secret(), found[1])
        return response

    def _secret(self) -> str:
        application: Flask = self.application
        cookie = self.get_cookie(application.config["SESSION_COOKIE_NAME"])
        signer = SecureCookieSessionInterface().get_signing_serializer(application)
        if cookie is None or signer is None:
            return ""
        with suppress(BadSignature):
            return str(signer.loads(cookie.value).get("csrf_token", ""))
        return ""

    def token(self, page: str = "") -> str:
        """Return the CSRF token of `page`, or of the page it leads to; of an open page."""
        secret, token = self.kept
        if not page and secret and secret == self._secret():
            return token
        found = _TOKEN.search(self.get(page or "/login", follow_redirects=True).text)
        assert found, f"no form on {page}"
        return found[1]

    def submit(
        self,
        url: str,
        data: dict[str, Any] | None = None,
        *,
        page: str = "",
        follow: bool = False,
        **kwargs: Any,
    ) -> TestResponse:
        """Post `data` to `url` with the CSRF token found on `page`, or on one that is open."""
        form = {"csrf_token": self.token(page), **(data or {})}
        return self.post(url, data=form, follow_redirects=follow, **kwargs)


class HttpsClient(ShopClient):
    """A browser on the public side of a trusted proxy that ends TLS, at PUBLIC."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.environ_base["HTTP_X_FORWARDED_PROTO"] = "https"

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if args and isinstance(args[0], str):
            kwargs.setdefault("base_url", PUBLIC.replace("https", "http"))  # as the proxy calls
        return super().open(*args, **kwargs)
