"""The pages of the catalogue. Lists and products are finished pages (shop/web/page_cache.py)."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    Response,
    g,
    make_response,
    render_template,
    request,
)

from shop.catalog.filters import Filters, read_filters
from shop.catalog.input_types import MOST_OPTIONS
from shop.catalog.pages import make_list_page
from shop.catalog.product_page import (
    VariantSelection,
    address_of,
    choose_offer,
    pictures_of,
    structured_data,
    unit_price_of,
    values_of,
)
from shop.catalog.queries.home import get_home, live_blocks
from shop.catalog.queries.previews import get_previewed
from shop.catalog.queries.product import (
    ProductPage,
    ProductVersion,
    find_head,
    get_head,
    get_page,
    get_preview,
    list_neighbours,
)
from shop.catalog.queries.sections import Section, sections
from shop.catalog.queries.suggestions import suggest
from shop.core.clock import now
from shop.core.config import config
from shop.delivery.queries import free_delivery_from, list_quotes
from shop.delivery.rates import DeliveryQuote
from shop.models import VisitStage
from shop.settings.queries import shop_settings
from shop.web.page_cache import finished_page
from shop.web.public_url import public_url
from shop.web.responses import redirect_to
from shop.web.visitor import current_visitor
from shop.web.visits import count_visit

blueprint = Blueprint("catalog", __name__, template_folder="templates")
_PLACE = re.compile(r"/+(products|categories|brands|collections)(?:/+([^/]*))?/*", re.IGNORECASE)

# How an address names a choice: a link by `variant`, the form by what its fields are called.
CHOICE = {"variant", "variant_id", *(f"option_{n}" for n in range(1, MOST_OPTIONS + 1))}


@blueprint.before_app_request
def mend_address() -> Response | None:
    """Lead addresses with a slash behind them or in other letters to the page they mean."""
    path = request.path
    if path == path.rstrip("/").lower() or request.method not in {"GET", "HEAD"}:
        return None
    found = _PLACE.fullmatch(path)
    right = found and _place_of(found[1].lower(), (found[2] or "").lower())
    return _moved_to(right) if right and right != path else None


def _place_of(kind: str, slug: str) -> str | None:
    """Return the address of a list, section or product; None when there is no such one."""
    if kind == "products" and slug:
        head = find_head(slug)
        return f"/products/{head.slug}" if head else None
    here = sections()
    known = {
        "categories": here.category_slugs,
        "brands": here.brand_slugs,
        "collections": here.collection_slugs,
    }
    if kind in known and slug not in known[kind]:
        return None
    return f"/{kind}/{slug}" if slug else "/products"


def _moved_to(path: str) -> Response:
    """Return the 301 to `path`, with the query as it was sent."""
    asked = request.query_string
    return redirect_to(path.encode() + b"?" + asked if asked else path, 301)


@blueprint.get("/")
def home() -> Response:
    """Show what the shop is and what is new."""
    key = ("home", current_visitor().list_stamp, _day())
    return finished_page(key, _render_home)


def _render_home() -> str:
    return render_template(
        "catalog/home.html",
        page=get_home(sections(), live_blocks()),
        is_draft=False,
        free_from=free_delivery_from(),
        currency=config().currency,
    )


@blueprint.before_request
def _do_what_is_due() -> None:
    """Know who is asking before a page is looked for: what is planned for now is done then."""
    current_visitor()


@blueprint.get("/products")
def products() -> Response:
    """Show everything, or what was searched for."""
    return _list()


@blueprint.get("/categories/<slug>")
def category(slug: str) -> Response:
    """Show a category with all below it."""
    return _list(category=sections().category(slug))


@blueprint.get("/brands/<slug>")
def brand(slug: str) -> Response:
    """Show a brand."""
    return _list(brand=sections().brand(slug))


@blueprint.get("/collections/<slug>")
def collection(slug: str) -> Response:
    """Show a collection."""
    return _list(collection=sections().collection(slug))


def _list(
    category: Section | None = None,
    brand: Section | None = None,
    collection: Section | None = None,
) -> Response:
    filters, problems = _filters(request.path)
    if filters.category or filters.brands:  # whatever was made up must not fill the page cache
        filters = filters.known(sections().category_slugs, sections().brand_slugs)
    if not problems and "" in request.args.values():
        return redirect_to(filters.url(filters.page), 302)  # the form sent empty fields
    is_part = "HX-Request" in request.headers
    place = ("list", filters.url(filters.page), is_part, current_visitor().list_stamp, _day())

    def render() -> str:
        page = make_list_page(
            filters,
            sections(),
            category=category,
            brand=brand,
            collection=collection,
            problems=problems,
            typed=request.args,
        )
        g.page_is_provisional = not page.listing.is_settled
        template = "catalog/_pieces.html" if is_part else "catalog/list.html"
        return render_template(template, page=page, form=page.form, currency=config().currency)

    response = finished_page(place if filters.is_plain and not problems else None, render)
    response.status_code = 422 if problems else 200
    return response


def _filters(path: str) -> tuple[Filters, dict[str, str]]:
    return read_filters(path, request.args, config().currency, shop_settings().locale)


@blueprint.get("/products/<slug>")
def product(slug: str) -> Response:
    """Show one piece; an old address leads to the present one, a withdrawn piece says so."""
    head = get_head(slug)
    if head.slug != slug:
        return _moved_to(f"/products/{head.slug}")
    if not head.is_active:
        return _withdrawn(head)
    count_visit(VisitStage.SEEN)
    g.product_head = head  # for the hole "related"
    # Only a first view is kept: a choice, or its answer to htmx, is a page of its own.
    is_first_view = not (CHOICE & set(request.args) or "HX-Request" in request.headers)
    key = ("product", head.id, head.stamp, _day()) if is_first_view else None
    return finished_page(key, lambda: _render_product(get_page(head.id, sections())))


@blueprint.get("/preview/<token>")
def preview(token: str) -> Response:
    """Show a draft to whoever has its link; once it is on sale, lead to its page.

    It is no visit, is never kept, and nothing on it can be bought.
    """
    head = get_previewed(token)
    if head.is_active:
        return redirect_to(f"/products/{head.slug}", 302)
    page = get_preview(head.id, request.path, sections())
    response = finished_page(None, lambda: _render_product(page, is_preview=True))
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "same-origin"  # the address is the key
    return response


def _render_product(page: ProductPage, *, is_preview: bool = False) -> str:
    asked = request.args
    variant = asked.get("variant") or asked.get("variant_id", "")
    choice = choose_offer(page, variant, asked)
    return render_template(
        "catalog/product.html",
        page=page,
        is_preview=is_preview,
        choice=choice,
        pictures=pictures_of(page, choice),
        address=address_of(page, choice.offer) if choice.offer else page.address,
        way=[(step.url, step.name) for step in sections().way_to(page.category)]
        if page.category
        else [],
        is_part="HX-Request" in request.headers,
        values=[values_of(page, place, choice) for place in range(len(page.options))],
        unit_price=unit_price_of(choice.offer) if choice.offer else None,
        quote=_cheapest_delivery(choice),
        currency=config().currency,
        data=structured_data(page, config().currency, public_url()),
    )


def _cheapest_delivery(choice: VariantSelection) -> DeliveryQuote | None:
    if choice.offer is None:
        return None
    offer = choice.offer
    quotes = list_quotes(shop_settings().default_country, offer.unit_amount, offer.weight_grams)
    return min(quotes, key=lambda quote: (quote.amount, quote.arrives_from), default=None)


def _withdrawn(head: ProductVersion) -> Response:
    others = list_neighbours(head.category_id, sections())[:4]
    page = render_template("catalog/withdrawn.html", products=others, currency=config().currency)
    return make_response(page, 410)


@blueprint.get("/search")
def search() -> Response:
    """Lead the search form to the list."""
    filters, _ = _filters("/products")
    return redirect_to(filters.url(), 302)


@blueprint.get("/search/suggest")
def suggestions() -> str:
    """Answer with a few pieces and categories while somebody types: a fragment."""
    found = suggest(request.args.get("q", ""), sections())
    return render_template("catalog/_suggestions.html", found=found, currency=config().currency)


@blueprint.get("/menu")
def menu() -> str:
    """Show the menu as a page, for browsers without a script."""
    return render_template("menu.html")


def _day() -> str:
    """Return which delivery day it is: dates on pages are true until it turns."""
    local: datetime = now().astimezone(ZoneInfo(config().timezone))
    return f"{local:%Y%m%d}{'b' if local.hour >= shop_settings().delivery_cutoff_hour else 'a'}"
