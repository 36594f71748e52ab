"""Who runs the shop is said where it must be; cookies that are set are listed, and no others."""

import re

from flask import Flask

from shop.mail.samples import sample_mail
from shop.models import PageRole
from shop.pages.services import begin_sample, publish_page
from shop.settings.services import set_settings
from shop.web.assets import STATIC
from shop.web.cookies import list_cookies
from tests.admin.kit import paid_order, sign_in
from tests.client import ShopClient
from tests.factories import make_product
from tests.orders import kit

COMPANY = {
    "company_name": "Flux & Fils <SAS>",
    "company_street": "12 rue des Lilas",
    "company_place": "75011 Paris",
    "company_country": "France",
    "company_represented": "Inès Flux",
    "company_phone": "+33 1 23 45 67 89",
    "company_register": "RCS Paris 404 833 048",
    "company_vat_id": "FR 83 404 833 048",
}


def publish(*roles: PageRole) -> None:
    for role in roles:
        publish_page(begin_sample(role), user_id=None)


def test_the_company_is_said_in_imprint_mails_and_slips(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        kit.open_shop()
    number, owner = paid_order(app), sign_in(app, is_owner=True)
    with app.app_context():
        publish(PageRole.IMPRINT)
        assert "Lilas" not in client.get("/pages/imprint").text
    answer = owner.submit("/admin/settings/company", COMPANY, page="/admin/settings/company")
    assert answer.status_code == 303
    imprint = client.get("/pages/imprint").text
    said = ("Flux &amp; Fils &lt;SAS&gt;<br>12 rue des Lilas<br>75011 Paris<br>France", "Inès Flux",
            "+33 1 23 45 67 89", "RCS Paris 404 833 048", "VAT number: FR83404833048")  # fmt: skip
    for words in said:
        assert words in imprint
    line = "Flux &amp; Fils &lt;SAS&gt;, 12 rue des Lilas, 75011 Paris, France"
    assert line in owner.get(f"/admin/orders/slips?order={number}").text
    with app.app_context():
        mail = sample_mail("order_paid", "en")
        assert line in mail.html
        assert "Flux & Fils <SAS>, 12 rue des Lilas, 75011 Paris, France" in mail.text
        assert "VAT number FR83404833048" in mail.text
    wrong = {**COMPANY, "company_vat_id": "12345"}
    refused = owner.submit("/admin/settings/company", wrong, page="/admin/settings/company")
    assert refused.status_code == 422
    assert 'id="company_vat_id-error"' in refused.text


def test_what_is_not_entered_is_named_by_doctor(app: Flask) -> None:
    run = app.test_cli_runner()
    assert "not entered: Company, Street and number" in run.invoke(args=["doctor"]).output
    with app.app_context():
        set_settings({**COMPANY, "contact_email": "hello@maison.example"}, user_id=None)
    assert "not entered" not in run.invoke(args=["doctor"]).output


def test_the_cookies_that_are_listed_are_those_that_are_set(app: Flask) -> None:
    """A visit from the first page to a paid order, with an account and a theme: every cookie."""
    client = app.test_client()
    assert isinstance(client, ShopClient)
    with app.app_context():
        kit.open_shop()
        product = make_product("Iris", stock=9)
        slug, variant_id = product.slug, product.variants[0].id
        publish(PageRole.PRIVACY)
        listed = list_cookies()
    seen: dict[str, int | None] = {}

    def visit(url: str, data: dict[str, str] | None = None) -> None:
        answer = client.get(url) if data is None else client.submit(url, data)
        assert answer.status_code < 400, url
        for header in answer.headers.getlist("Set-Cookie"):
            name, age = header.split("=")[0], re.search(r"Max-Age=(\d+)", header)
            seen[name] = int(age[1]) // 86_400 if age else seen.get(name)

    for url in ("/", "/products", f"/products/{slug}", "/search?q=iris", "/contact", "/login"):
        visit(url)
    visit("/preferences", {"theme": "dark"})
    visit("/cart/items", {"variant_id": str(variant_id), "quantity": "1"})
    visit("/cart")
    visit("/checkout")
    visit("/login", {"email": "new@example.org", "password": "a long and strange one 17"})
    for url in ("/account", "/orders", "/account/addresses", "/pages/privacy"):
        visit(url)
    assert set(seen) == {cookie.name for cookie in listed}
    assert seen["theme"] == next(cookie.days for cookie in listed if cookie.name == "theme")
    page = client.get("/pages/privacy").text
    for cookie in listed:
        assert f"<b>{cookie.name}</b>: " in page
        assert f"It stays {cookie.days} days." in page
    for foreign in ("localStorage", "document.cookie", "sessionStorage"):
        hold = [path.name for path in (STATIC / "js").glob("*.js") if foreign in path.read_text()]
        assert hold == [], foreign
