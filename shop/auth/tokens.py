"""Links in mails: signed, short-lived, for one purpose, and dead once what they rest on changes."""

import hashlib
from http import HTTPStatus
from typing import Any, Final

from itsdangerous import BadData, URLSafeTimedSerializer
from itsdangerous.timed import TimestampSigner

from shop.core.clock import epoch
from shop.core.config import config
from shop.core.errors import ShopError
from shop.models import User

RESET: Final = "password-reset"
PROOF: Final = "address-proof"
HALF: Final = "half-signed-in"  # the password was right, the code is still to come
LIFETIMES: Final = {RESET: 30 * 60, PROOF: 24 * 3600, HALF: 10 * 60}  # seconds


class LinkDead(ShopError):
    """The link was used, is too old, or was never ours; the three are not told apart."""

    status = HTTPStatus.GONE
    message = "This link has been used already, or it is too old."


class _Signer(TimestampSigner):
    """Signs with the shop's clock, which tests can move."""

    def get_timestamp(self) -> int:
        return epoch()


def sign_token(purpose: str, values: list[Any]) -> str:
    """Return a URL-safe token that carries `values` (JSON) for `purpose`."""
    return str(_serializer(purpose).dumps(values))


def read_token(purpose: str, token: str) -> list[Any]:
    """Return the values of a token. Raises LinkDead when it is not genuine or too old."""
    try:
        values = _serializer(purpose).loads(token, max_age=LIFETIMES[purpose])
    except BadData as error:
        raise LinkDead from error
    if not isinstance(values, list):
        raise LinkDead
    return values


def mark_of(user: User) -> str:
    """Return what dies with a change of the password or the address; it reveals neither."""
    return hashlib.sha256(f"{user.email_key}|{user.password_hash}".encode()).hexdigest()[:24]


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(config().secret_key, salt=purpose, signer=_Signer)
