"""Let single pages accept more bytes than the rest of the shop does."""

from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, request

UPLOAD_BYTES: Final = 6 * 1024 * 1024


def accept_uploads(
    blueprint: Blueprint,
    *endpoints: str,
    may: Callable[[], bool],
    limit: int = UPLOAD_BYTES,
) -> None:
    """Raise the size limit of requests to `endpoints` ("products.edit") to `limit` bytes.

    `may` says whether the asker is allowed to upload, without reading the form: for all others
    the limit stays. It must happen before anything reads the form, and the checks of input and
    CSRF do so before any view; the URL preprocessor is the only hook that runs earlier.
    """

    def raise_limit(endpoint: str | None, _values: dict[str, Any] | None) -> None:
        if endpoint in endpoints and may():
            request.max_content_length = limit

    blueprint.url_value_preprocessor(raise_limit)
