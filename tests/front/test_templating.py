"""The tools of templates: holes, icons, times, money; and the shell with and without a visitor."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from flask import Flask, flash, g, render_template, render_template_string
from jinja2 import UndefinedError
from markupsafe import Markup

from shop.styleguide.samples import NAV, SHOP
from shop.web import holes, templating
from shop.web.holes import HOLES, hole
from shop.web.visitor import Visitor

STATUSES = (400, 403, 404, 405, 409, 410, 413, 422, 429, 500, 502, 503)


@pytest.fixture
def request_context(app: Flask) -> Iterator[Flask]:
    with app.test_request_context("/products"):
        yield app


def _visit(**changes: object) -> None:
    g.visitor = Visitor(**changes)  # type: ignore[arg-type]


def test_every_template_compiles(app: Flask) -> None:
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)


@pytest.mark.usefixtures("request_context")
class TestHoles:
    def test_live_value_of_a_guest(self) -> None:
        _visit()
        assert hole("account_label") == "Sign in"
        assert hole("cart_count") == ""
        assert hole("cart_label") == "Bag, 0 items"

    def test_live_value_of_a_customer_is_escaped(self) -> None:
        _visit(user_id=1, name="<Camille> Laurent", cart_count=1)
        assert hole("account_label") == "&lt;Camille&gt;"
        assert hole("cart_count") == "1"
        assert hole("cart_label") == "Bag, 1 item"

    def test_marker_while_a_page_is_recorded(self) -> None:
        g.page_recorder = object()
        assert [hole(name) for name in HOLES] == [f"\x01{name}\x01" for name in HOLES]
        assert "visitor" not in g

    def test_unknown_hole_is_an_error(self) -> None:
        with pytest.raises(KeyError):
            hole("birthday")

    def test_feature_fills_its_own_hole(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(holes, "HOLES", dict(HOLES))
        holes.register_hole("recently_seen", lambda: Markup("<b>seen</b>"))
        assert hole("recently_seen") == "<b>seen</b>"

    def test_errors_stay_and_good_news_pass(self) -> None:
        flash("Saved & sent.", "success")
        flash("Out of stock.", "error")
        assert "Saved &amp; sent." in hole("toasts")
        assert "Out of stock." not in hole("toasts")
        assert "Out of stock." in hole("flashes")
        assert 'class="note bad"' in hole("flashes")


@pytest.mark.parametrize(
    ("cookie", "attribute", "metas"),
    [
        ("dark", ' data-theme="dark"', 1),
        ("light", ' data-theme="light"', 1),
        ("", "", 2),
        ('"><script>', "", 2),
    ],
)
def test_theme_comes_from_the_cookie(app: Flask, cookie: str, attribute: str, metas: int) -> None:
    with app.test_request_context("/", headers={"Cookie": f"theme={cookie}"}):
        assert hole("theme") == attribute
        assert hole("theme_color").count("<meta") == metas


@pytest.mark.usefixtures("request_context")
class TestTools:
    def test_icon_hides_from_screen_readers_unless_named(self) -> None:
        assert 'aria-hidden="true"' in render_template_string('{{ icon("heart") }}')
        named = render_template_string("""{{ icon("heart", 'Save "this"') }}""")
        assert 'role="img" aria-label="Save &#34;this&#34;"' in named

    def test_times_are_machine_readable(self) -> None:
        when = datetime(2026, 11, 21, 13, 26, 5, tzinfo=UTC)
        assert templating.moment(when).startswith('<time datetime="2026-11-21T13:26:05+00:00">')
        assert ">21 November 2026</time>" in templating.day(when)
        assert ">Sat 21 Nov</time>" in templating.day(when, short=True)

    def test_money_in_the_page_language(self) -> None:
        assert templating.page_money(119000, "EUR") == "€1,190.00"
        assert templating.page_money_short(119000, "EUR") == "€1,190"

    def test_unknown_name_in_a_template_is_an_error(self) -> None:
        with pytest.raises(UndefinedError):
            render_template_string("{{ nothing_of_that_name }}")

    def test_values_are_escaped(self) -> None:
        assert render_template_string("{{ text }}", text="<i>") == "&lt;i&gt;"

    def test_words_are_filled_and_values_escaped(self) -> None:
        source = '{{ _("100 %% of %(name)s", name=name) }}'
        assert render_template_string(source, name="<b>") == "100 % of &lt;b&gt;"
        assert render_template_string('{{ _("100 %%") }}') == "100 %"
        plain = "{% autoescape false %}" + source + "{% endautoescape %}"
        assert render_template_string(plain, name="<b>") == "100 % of <b>"

    def test_word_without_its_value_is_an_error(self) -> None:
        with pytest.raises(KeyError):
            render_template_string('{{ _("Hello %(name)s") }}')

    def test_menu_page(self) -> None:
        _visit(user_id=1, name="Camille", cart_count=3)
        page = render_template("menu.html", shop=SHOP, nav=NAV)
        assert '<html lang="en">' in page
        assert 'aria-label="Bag, 3 items"' in page
        assert 'href="/categories/fragrance"' in page

    def test_shop_without_announcement_has_no_bar(self) -> None:
        _visit()
        quiet = SimpleNamespace(**{**vars(SHOP), "announcement": "", "contact_email": ""})
        page = render_template("menu.html", shop=quiet, nav=[])
        assert "Announcement" not in page
        assert "mailto:" not in page

    @pytest.mark.parametrize("status", STATUSES)
    def test_error_page(self, status: int) -> None:
        _visit()
        page = render_template(
            f"errors/{status}.html", status=status, message="", shop=SHOP, nav=NAV
        )
        assert page.count("<h1") == 1
        assert f">{status}</p>" in page

    def test_error_page_says_what_the_shop_says(self) -> None:
        _visit()
        sentence = "Only 2 < 3 left."
        page = render_template("errors/409.html", status=409, message=sentence, shop=SHOP, nav=NAV)
        assert "Only 2 &lt; 3 left." in page

    @pytest.mark.parametrize("status", [500, 503])
    def test_failure_page_needs_neither_visitor_nor_settings(self, status: int) -> None:
        g.failsafe = True
        page = render_template(f"errors/{status}.html", status=status, message="")
        assert "/static/css/core." in page
        assert "visitor" not in g


def test_styleguide_is_not_in_production(make_app: object) -> None:
    app = make_app(  # type: ignore[operator]
        SHOP_ENV="production",
        SECRET_KEY=secrets.token_urlsafe(48),
        SITE_URL="https://shop.example",
        TRUSTED_HOSTS="shop.example",
        SANDBOX_DEMO="1",
        SANDBOX_CONTROL="0",
    )
    assert "styleguide" not in app.blueprints
