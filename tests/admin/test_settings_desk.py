"""The settings desk: nobody is overwritten unseen, nothing is added twice."""

from typing import Any

import pytest
from flask import Flask
from markupsafe import escape
from sqlalchemy import select

from shop.admin.settings.rooms import rooms
from shop.core.db import db
from shop.models import Carrier, Setting, TaxRate
from shop.settings.registry import DEFINITIONS
from shop.settings.services import set_setting
from tests.admin.kit import fill_in, trail, twice
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.sql import counted

pytestmark = both_engines
SHOP = {"announcement": "", "contact_email": "", "locale": "en_IE", "default_country": "FR"}


def form_of(client: ShopClient, action: str, **typed: Any) -> dict[str, Any]:
    place = action.split("/", maxsplit=1)[0]
    room = "delivery" if place == "carriers" else place
    return fill_in(client, f"/admin/settings/{room}", f"/admin/settings/{action}", **typed)


def test_settings_that_others_changed_are_not_overwritten(app: Flask, owner: ShopClient) -> None:
    form = form_of(owner, "shop", **SHOP, name="Maison Mienne")
    with app.app_context():
        set_setting("name", "Maison Leur", user_id=None)
    stale = owner.post("/admin/settings/shop", data=form)
    assert stale.status_code == 409
    assert "It says now: Maison Leur" in stale.text
    assert 'value="Maison Mienne"' in stale.text
    with app.app_context():
        assert db.session.get_one(Setting, "name").value == "Maison Leur"
    other = {"open_orders_per_email": "4", "open_orders_per_ip": "10"}
    other |= {"unpaid_orders_per_hour": "30"}
    other |= {"attention_policy": "ask", "attention_refund_hours": "48"}
    answer = owner.post("/admin/settings/orders", data=form_of(owner, "orders", **other))
    assert answer.status_code == 303, "another group is another form"


def test_settings_sent_twice_are_no_conflict(app: Flask, owner: ShopClient) -> None:
    form = form_of(owner, "shop", **SHOP, name="Maison Neuve")
    answers = twice(owner, "/admin/settings/shop", form)
    assert [answer.status_code for answer in answers] == [303, 303]
    with app.app_context():
        assert [entry.action for entry in trail()] == ["settings.change"]


def test_carriers_are_added_and_changed_with_their_trail(app: Flask, owner: ShopClient) -> None:
    url = "https://dpd.example/{number}"
    typed = {"new-c-name": "DPD", "new-c-tracking_url": url, "new-c-is_active": "y"}
    form = form_of(owner, "carriers", **typed)
    answers = twice(owner, "/admin/settings/carriers", form)
    assert [answer.status_code for answer in answers] == [303, 303]
    with app.app_context():
        made = db.session.scalars(select(Carrier).where(Carrier.name_key == "dpd")).one()
    page = f"carriers/{made.id}"
    mended = {f"c{made.id}-name": "DPD France", f"c{made.id}-tracking_url": url}
    first, late = form_of(owner, page, **mended), form_of(owner, page, **mended)
    assert owner.post(f"/admin/settings/{page}", data=first).status_code == 303
    stale = owner.post(f"/admin/settings/{page}", data={**late, f"c{made.id}-name": "D.P.D."})
    assert stale.status_code == 409
    assert "It says now: DPD France" in stale.text
    with app.app_context():
        after = db.session.get_one(Carrier, made.id)
        assert (after.name, after.name_key, after.is_active) == ("DPD France", "dpd france", False)
        added, changed = trail()
        assert (added.action, added.after["tracking_url"]) == ("settings.carrier", url)
        assert (changed.before["name"], changed.after["name"]) == ("DPD", "DPD France")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "COLÍSSIMO"}, "Another carrier has this name."),
        ({"name": ""}, "Enter a name."),
        ({"name": "d" * 101}, "Enter a shorter name."),
        ({"tracking_url": "https://x.example/{number}?" + "d" * 250}, "Enter a shorter address."),
        ({"name": "\ufdfa" * 40}, "Enter a shorter name."),  # one letter that folds to 18
        (
            {"tracking_url": "https://x.example/"},
            "Put {number} where the tracking number goes, once.",
        ),
        ({"tracking_url": "http://x.example/{number}"}, "Enter an https:// address"),
    ],
)
def test_carriers_that_cannot_be(
    app: Flask, owner: ShopClient, typed: dict[str, str], said: str
) -> None:
    values = {"name": "GLS", "tracking_url": "", **typed}
    form = form_of(owner, "carriers", **{f"new-c-{name}": v for name, v in values.items()})
    answer = owner.post("/admin/settings/carriers", data=form)
    assert answer.status_code == 422
    assert said in answer.text
    with app.app_context():
        assert db.session.scalars(select(Carrier.name)).all() == ["Colissimo"]


def test_a_rate_removed_twice_is_gone(app: Flask, owner: ShopClient) -> None:
    form = {"country": "FR", "tax_class": "reduced", "remove": "1"}
    form["csrf_token"] = owner.token("/cart")
    answers = twice(owner, "/admin/settings/tax-rates", form)
    assert [answer.status_code for answer in answers] == [303, 303]
    with app.app_context():
        classes = db.session.scalars(select(TaxRate.tax_class)).all()
        assert [str(found) for found in classes] == ["standard"]
        assert [entry.action for entry in trail()] == ["settings.tax_rate"]


def test_each_setting_has_its_room_and_says_what_it_was_delivered_with(owner: ShopClient) -> None:
    index = owner.get("/admin/settings").text
    seen = set()
    for room in rooms():
        assert f'href="{room.url}"' in index
        assert room.about, f"{room.name} says on its card what is set there"
        page = owner.get(room.url).text
        seen |= {one.key for one in room.settings() if f'id="{one.key}"' in page}
        assert all(escape(one.hint) in page for one in room.settings()), room.slug
    assert seen == set(DEFINITIONS)
    assert "As delivered: 3 pieces." in owner.get("/admin/settings/catalogue").text
    assert owner.get("/admin/settings/no-such-room").status_code == 404
    assert owner.submit("/admin/settings/payments", page="/cart").status_code == 404


def test_a_setting_is_found_by_what_is_known_of_it(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        set_setting("low_stock_threshold", "7", user_id=None)
    owner.get("/admin/settings")
    with counted(app) as statements:
        page = owner.get("/admin/settings?word=PIECES+low").text
    assert len(statements) <= 6, statements
    assert 'href="/admin/settings/catalogue#low_stock_threshold"' in page
    assert "7 pieces" in page
    assert 'href="/admin/settings/tax-rates"' in owner.get("/admin/settings?word=vat").text
    nothing = owner.get("/admin/settings?word=%3Cscript%3E").text
    assert "Nothing found for “&lt;script&gt;”" in nothing


def test_what_is_wrong_stands_at_its_field(app: Flask, owner: ShopClient) -> None:
    typed = {**SHOP, "name": "", "contact_email": "nobody", "announcement": "<b>Sale</b>"}
    answer = owner.post("/admin/settings/shop", data=form_of(owner, "shop", **typed))
    assert answer.status_code == 422
    for key in ("name", "contact_email"):
        assert f'<a href="#{key}">' in answer.text
        assert f'id="{key}-error"' in answer.text
    assert 'value="&lt;b&gt;Sale&lt;/b&gt;"' in answer.text
    with app.app_context():
        assert trail() == []
