"""The style sheet of what the merchant changed in the look."""

from flask import Blueprint, Response, request

from shop.settings.look import shop_look

blueprint = Blueprint("look", __name__)


@blueprint.get("/theme.css")
def theme() -> Response:
    """Answer the style sheet; for ever under the name of its content, else to be asked again."""
    look = shop_look()
    response = Response(look.css, mimetype="text/css")
    is_named = request.args.get("v") == look.version
    kept = "public, max-age=31536000, immutable" if is_named else "no-cache"
    response.headers["Cache-Control"] = kept
    response.set_etag(look.version)
    # It returns the response itself; the library names its base class.
    return response.make_conditional(request)  # type: ignore[return-value]
