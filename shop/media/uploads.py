"""Let single pages accept more bytes than the rest of the shop does."""

from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, request

from shop.media.decode import MAX_BYTES, MAX_MEGABYTES

# A picture and the form around it. Proxies in front must let this much pass (see Caddyfile).
UPLOAD_BYTES: Final = MAX_BYTES + 1024 * 1024
MOST_UPLOADED: Final = 100  # MB of pictures in one form that takes several

SEVERAL_BYTES: Final = (MOST_UPLOADED + 4) * 1024 * 1024
# No image/heic: then an iPhone converts what it hands over to JPEG by itself.
ACCEPTED: Final = "image/jpeg,image/png,image/webp,image/avif,image/gif"
HINT: Final = (
    f"JPEG, PNG, WebP or AVIF, up to {MAX_MEGABYTES} MB each and {MOST_UPLOADED} MB together"
)


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
