"""A shop in one region that speaks the language of another: pages, order, payment page, mails."""

import re
from datetime import date
from html import unescape

from flask import Flask, render_template_string
from sqlalchemy import select

from shop.core.db import db
from shop.core.locales import PageLocale, words_locale
from shop.mail.messages import orders
from shop.models import Order
from shop.settings.services import set_setting
from shop.web.locales import days_between, short_day, written_as
from tests.checkout.test_pages import add, check_out
from tests.client import ShopClient
from tests.factories import make_product
from tests.orders import kit

EUROS = re.compile("6,90\N{NO-BREAK SPACE}€")
OTHER_WAYS = re.compile(r"€\d|\d\.\d\d\b(?!\")")


def test_a_shop_in_germany_that_speaks_english(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        kit.open_shop()
        product = make_product("Savon", price=690, stock=3, variants=[{"compare_at_amount": 790}])
        set_setting("locale", "de_DE", user_id=None)
    for path in ("/", "/products", "/products?max_price=12,50", f"/products/{product.slug}"):
        page = client.get(path).text
        assert '<html lang="en"' in page
        assert EUROS.search(page) or path == "/", path
        visible = re.sub(r"<script.*?</script>|<[^>]*>", " ", page, flags=re.DOTALL)
        assert not OTHER_WAYS.search(visible), (path, OTHER_WAYS.search(visible))
        assert re.search('"price": ?"6.90"', page) or "ld+json" not in page  # machines read a dot
    assert "Up to 12,50\N{NO-BREAK SPACE}€" in client.get("/products?max_price=12,50").text
    refused = client.get("/products?max_price=12,500")
    assert refused.status_code == 422
    assert "Write 12,50 or 12.500,00." in refused.text
    add(client, product)
    assert EUROS.search(client.get("/cart").text)
    answer = check_out(client)
    with app.app_context():
        order = db.session.scalars(select(Order)).one()
        assert (order.locale, order.language) == ("de_DE", "en")
        assert order.terms_accepted_at is None, "no page showed any"
        assert kit.newest_attempt(order.id).params["locale"] == "en"
    paying = client.get(answer.location).text
    assert "12,90\N{NO-BREAK SPACE}€" in paying
    assert not re.search(r"€\d", paying)
    kit.sandbox_of(app).pay(answer.location.rsplit("/", 1)[1], deliver=False)
    client.get(f"/checkout/success?session_id={answer.location.rsplit('/', 1)[1]}")
    with app.app_context():
        set_setting("locale", "en_US", user_id=None)  # later mails are as the order was made
        mail = orders.order_paid(order.id)
        assert mail is not None
        assert EUROS.search(mail.text)
        assert EUROS.search(unescape(mail.html))
        assert '<html lang="en">' in mail.html
        assert "\nFrance\n" in mail.text
        assert render_template_string("{{ money(690, 'EUR') }}") == "€6.90", "the mail is over"


def test_dates_have_the_order_of_the_region_and_the_words_of_the_language(app: Flask) -> None:
    with app.app_context():
        first, last = date(2026, 12, 3), date(2026, 12, 4)
        for locale, short, pair, long in (
            ("de_DE", "Fri 4 Dec", "Thu 3 – Fri 4 Dec", "4 December 2026"),
            ("en_IE", "Fri 4 Dec", "Thu 3 – Fri 4 Dec", "4 December 2026"),
            ("en", "Fri 4 Dec", "Thu 3 – Fri 4 Dec", "4 December 2026"),
            ("pt_BR", "Fri 4 Dec", "Thu 3 – Fri 4 Dec", "4 December 2026"),
            ("en_US", "Fri Dec 4", "Thu Dec 3 – Fri Dec 4", "December 4, 2026"),
            ("ja_JP", "Fri Dec 4", "Thu Dec 3 – Fri Dec 4", "December 4, 2026"),
        ):
            with written_as(PageLocale(locale, "en")):
                assert short_day(last) == short
                assert " – ".join(days_between(first, last)).replace("\xa0", " ") == pair
                shown = render_template_string("{{ day(d) }} {{ lang() }}", d=last)
                assert f">{long}</time> en" in shown
    assert str(words_locale("en", "de_DE")) == "en_DE"
    assert str(words_locale("de", "de_AT")) == "de_AT"
    assert str(words_locale("fr", "en_CA")) == "fr_CA"
