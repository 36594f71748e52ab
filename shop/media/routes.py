"""Serve stored pictures: no session, no cookie, no database; cacheable for a year."""

from flask import Blueprint, Response, request

from shop.media.services import read_picture
from shop.media.storage import NAME

blueprint = Blueprint("media", __name__)


@blueprint.get("/media/<name>")
def picture(name: str) -> Response:
    """Answer a picture by its full name; 404 in plain text for anything else."""
    key, _, width = name.removesuffix(".webp").partition("-")
    content = read_picture(key, int(width)) if NAME.fullmatch(name) else None
    if content is None:
        missing = Response("No such picture.", 404, mimetype="text/plain")
        missing.headers["Cache-Control"] = "no-store"
        return missing
    response = Response(content, mimetype="image/webp")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.set_etag(name.removesuffix(".webp"))
    # It returns the response itself; the library names its base class.
    return response.make_conditional(request, accept_ranges=False)  # type: ignore[return-value]
