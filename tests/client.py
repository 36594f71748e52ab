"""A test client that behaves as a browser with a form: it carries the CSRF token along."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.lint import problems

PUBLIC = "https://maison.example"
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class ShopClient(FlaskClient):
    """Flask's client with `submit()`: post a form of a page, with that page's token.

    Every page of ours that it gets is linted.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and not response.request.path.startswith("/_sandbox"):
            wrong = problems(response.text)
            assert not wrong, f"{response.request.path}: {wrong}"
        return response

    def token(self, page: str = "/login") -> str:
        """Return the CSRF token of `page`, or of the page it leads to."""
        found = _TOKEN.search(self.get(page, follow_redirects=True).text)
        assert found, f"no form on {page}"
        return found[1]

    def submit(
        self,
        url: str,
        data: dict[str, Any] | None = None,
        *,
        page: str = "/login",
        follow: bool = False,
        **kwargs: Any,
    ) -> TestResponse:
        """Post `data` to `url` with the CSRF token found on `page`."""
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
