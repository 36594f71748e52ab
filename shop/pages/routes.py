"""The public pages: the present version of each, and every one that there was."""

from flask import Blueprint, Response, make_response, render_template

from shop.core.errors import NotFound
from shop.pages.queries import find_moved, get_reading, public_pages
from shop.web.page_cache import finished_page
from shop.web.responses import redirect_to

blueprint = Blueprint("pages", __name__, url_prefix="/pages", template_folder="templates")


@blueprint.get("/<slug>")
def show(slug: str) -> Response:
    """Show a page, or lead to where it has gone."""
    page = public_pages().slugs.get(slug)
    if page is None:
        return _moved(slug)

    def render() -> str:
        reading = get_reading(slug, page.number)
        return render_template("pages/show.html", page=reading, is_present=True)

    return finished_page(("page", page.version_id, slug), render)


@blueprint.get("/<slug>/versions/<int:number>")
def version(slug: str, number: int) -> Response:
    """Show a version that is or was in force: what somebody agreed to stays where it was."""
    try:
        page = get_reading(slug, number)
    except NotFound:
        return _moved(slug, f"/versions/{number}")
    return make_response(render_template("pages/show.html", page=page, is_present=False))


def _moved(slug: str, rest: str = "") -> Response:
    to = find_moved(slug)
    if to is None:
        raise NotFound
    return redirect_to(f"/pages/{to}{rest}", 301)
