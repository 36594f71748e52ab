"""The way into the account pages."""

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from shop.web.responses import redirect_to
from shop.web.visitor import current_visitor


def ask_to_sign_in() -> AnyResponse | None:
    """Send strangers to the sign-in page and back again."""
    if current_visitor().is_authenticated:
        return None
    back = request.path if request.method in {"GET", "HEAD"} else "/account"
    return redirect_to("/login", 302, next=back)
