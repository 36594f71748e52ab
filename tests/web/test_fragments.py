"""Parts of pages that are kept: the same text as drawn, each visitor's own holes, never stale."""

import re

import pytest
from flask import Flask, render_template_string

from shop.catalog.queries.cards import Card
from shop.pages.queries import PublicPages
from shop.settings.services import set_setting
from shop.web import fragments
from tests.client import ShopClient
from tests.factories import make_category, make_product
from tests.web.test_page_cache import kept, sign_in

CARD = Card(1, "pen", "Pen <b>", "Flux & Co", "ab12", 12000, None, False, True, None, 7, False)
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def test_a_card_is_drawn_once_for_each_look(app: Flask) -> None:
    with app.test_request_context():
        before = fragments._kept.cache_info()
        first = fragments.product_cards([CARD, CARD._replace(name="Ink")], "EUR")
        again = fragments.product_cards([CARD, CARD._replace(name="Ink")], "EUR")
        other = fragments.product_cards([CARD], "JPY")
        after = fragments._kept.cache_info()
    assert first == again
    assert "Pen &lt;b&gt;" in first
    assert "Flux &amp; Co" in first
    assert "¥" in other
    assert (after.misses - before.misses, after.hits - before.hits) == (3, 2)


def test_the_first_pictures_are_not_lazy(app: Flask) -> None:
    with app.test_request_context():
        html = fragments.product_cards([CARD, CARD], "EUR", eager=1)
    assert html.count('fetchpriority="high"') == html.count('loading="lazy"') == 1


def test_a_part_keeps_holes_and_follows_its_key(app: Flask) -> None:
    page = '{{ part("components/_shell_end.html", key) }}'
    names = {"shop": {"name": "S", "contact_email": ""}, "nav": (), "texts": PublicPages()}
    texts = []
    for key in ("a", "a", None):
        with app.test_request_context():
            texts.append(render_template_string(page, key=key, **names))
    tokens = [set(_TOKEN.findall(text)) for text in texts]
    assert all(len(token) == 1 for token in tokens)
    assert tokens[0] != tokens[1]
    plain = [text.replace(token.pop(), "") for text, token in zip(texts, tokens, strict=True)]
    assert plain[0] == plain[1] == plain[2]


@pytest.mark.parametrize("path", ["/products?min_price=1", "/products?page=1", "/cart"])
def test_visitors_share_parts_and_see_their_own_names(app: Flask, path: str) -> None:
    with app.app_context():
        make_product(slug="x")
    for name in ("Ada", "Bob"):
        client = app.test_client()
        sign_in(app, client, name)
        html = client.get(path).text
        assert f'aria-label="{name}"' in html
        assert ("Ada" in html) == (name == "Ada")
    assert any("part" in key for key in app.extensions["pagecache"].store.entries)
    assert not [text for text in kept(app) if "Ada" in text or "Bob" in text]


def test_the_navigation_marks_where_one_is(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        category = make_category()
        make_product(category=category)
        url = f"/categories/{category.slug}"
    for path in (url, "/products", url):
        nav = client.get(path).text.split('class="nav"', 1)[1].split("</nav>", 1)[0]
        assert re.findall(r'href="([^"]+)" aria-current="page"', nav) == [path]


def test_a_changed_setting_shows_in_every_part(app: Flask, client: ShopClient) -> None:
    client.get("/cart")
    with app.app_context():
        set_setting("announcement", "Closed on Monday", user_id=None)
    assert "Closed on Monday" in client.get("/cart").text
