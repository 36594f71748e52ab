"""What is said about the whole site: to search engines, and how a visitor wants it to look."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, request

from shop.catalog.queries.sections import sections
from shop.catalog.queries.sitemap import count_product_files, list_product_addresses
from shop.core.config import config
from shop.core.errors import NotFound
from shop.pages.queries import public_pages
from shop.web.cookies import YEAR
from shop.web.public_url import public_url
from shop.web.responses import redirect_to
from shop.web.security import safe_next
from shop.web.visitor import THEME, THEMES

blueprint = Blueprint("site", __name__, template_folder="templates")

XML = "application/xml"


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Tell robots what is not for them, and where the map is."""
    return _plain("catalog/robots.txt", "text/plain")


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """List the maps: one of the sections, and as many of pieces as it takes."""
    return _plain("catalog/sitemap_index.xml", XML, files=count_product_files())


@blueprint.get("/sitemaps/shelves.xml")
def sitemap_of_sections() -> Response:
    """List the home page, categories, brands, collections and the pages of texts."""
    here = sections()
    found = [*here.categories.values(), *here.brands.values(), *here.collections.values()]
    paths = ["/", "/products", *(section.url for section in found)]
    texts = [(page.url, page.published_at) for page in public_pages().all]
    addresses = [*((path, None) for path in paths), *texts]
    return _plain("catalog/sitemap.xml", XML, addresses=addresses)


@blueprint.get("/sitemaps/products-<int:number>.xml")
def sitemap_of_products(number: int) -> Response:
    """List the pieces on sale, a range of ids a file."""
    if not 1 <= number <= count_product_files():
        raise NotFound
    found = list_product_addresses(number)
    return _plain(
        "catalog/sitemap.xml", XML, addresses=[(f"/products/{slug}", at) for slug, at in found]
    )


def _plain(template: str, mimetype: str, **values: object) -> Response:
    """Render what knows neither settings nor visitor: it costs no statement and sets no cookie."""
    text = current_app.jinja_env.get_template(template).render(site=public_url(), **values)
    response = Response(text, mimetype=mimetype)
    if not config().site_url:  # it names whatever host was asked for: nobody else may get to see it
        response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/preferences")
def preferences() -> Response:
    """Keep the theme in a cookie ("system" forgets it) and go back to where one was."""
    response = redirect_to(_came_from(), 303)
    chosen = request.form.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(
            THEME,
            chosen,
            max_age=YEAR,
            secure=config().is_https,
            httponly=True,
            samesite="Lax",
        )
    elif chosen == "system":
        response.delete_cookie(THEME, secure=config().is_https, httponly=True, samesite="Lax")
    return response


def _came_from() -> str:
    given = request.form.get("next")
    if given:
        return safe_next(given)
    try:
        referrer = urlsplit(request.referrer or "")
    except ValueError:  # what a header holds need not be an address
        return "/"
    if referrer.netloc != request.host:
        return "/"
    return safe_next(f"{referrer.path}?{referrer.query}" if referrer.query else referrer.path)
