"""The merchant's settings: parsed by kind, kept by stamp, written down with who changed them."""

import threading
from dataclasses import asdict

import pytest
from flask import Flask, g, render_template_string
from sqlalchemy import event, select, update

from shop.core.db import changed, db, transaction
from shop.core.errors import BadInput, NotFound
from shop.jobs import drain
from shop.models import AuditEntry, Setting, ShopState
from shop.settings.forms import settings_form
from shop.settings.queries import shop_settings
from shop.settings.registry import DEFINITIONS, ShopSettings, groups
from shop.settings.services import set_setting, set_settings
from tests.conftest import both_engines
from tests.factories import make_product, product_again


def stamp() -> int:
    db.session.rollback()
    return db.session.scalars(select(ShopState.settings_stamp)).one()


def test_every_default_is_a_value_its_own_rules_accept() -> None:
    for key, definition in DEFINITIONS.items():
        assert definition.accepts(definition.default), key
        assert definition.label, key
        assert definition.hint, key
        assert definition in groups()[definition.group], key


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("name", "  Atelier Noir ", "Atelier Noir"),
        ("announcement", "", ""),
        ("contact_email", "Hello@EXAMPLE.com", "Hello@example.com"),
        ("contact_email", "", ""),
        ("guest_checkout", "no", False),
        ("endless_list", "ON", True),
        ("low_stock_threshold", "0", 0),
        ("lucky_percent", "100", 100),
        ("attention_policy", "refund", "refund"),
        ("default_country", "de", "DE"),
        ("locale", "fr_FR", "fr_FR"),
        ("locale", "en", "en"),
        ("language", "en", "en"),
    ],
)
def test_stores_what_is_typed(ctx: Flask, key: str, text: str, value: object) -> None:
    assert set_setting(key, text, user_id=None) == value
    assert getattr(shop_settings(), key) == value


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("name", ""),
        ("name", "x" * 61),
        ("name", "a\nb"),
        ("name", "a\x00b"),
        ("contact_email", "nobody"),
        ("contact_email", "a@b\r\nBcc: c@d.e"),
        ("guest_checkout", "perhaps"),
        ("low_stock_threshold", "-1"),
        ("low_stock_threshold", "1001"),
        ("low_stock_threshold", "1_0"),
        ("low_stock_threshold", "٣"),
        ("low_stock_threshold", "9" * 50),
        ("lucky_percent", "0"),
        ("lucky_percent", "101"),
        ("lucky_percent", "10.5"),
        ("attention_policy", "drop"),
        ("default_country", "EUR"),
        ("default_country", "ZZZ"),
        ("default_country", "ZZ"),
        ("ship_from_country", "EU"),
        ("locale", "xx_YY"),
        ("language", "de"),
        ("locale", "../../etc"),
        ("delivery_cutoff_hour", "24"),
    ],
)
def test_refuses_nonsense_and_changes_nothing(ctx: Flask, key: str, text: str) -> None:
    before = stamp()
    with pytest.raises(BadInput) as refused:
        set_setting(key, text, user_id=None)
    assert set(refused.value.fields) == {key}
    assert stamp() == before
    assert db.session.scalars(select(Setting)).all() == []


def test_several_change_together_or_not_at_all(ctx: Flask) -> None:
    with pytest.raises(BadInput) as refused:
        set_settings({"name": "Noir", "nth_order": "x", "locale": "?"}, user_id=None)
    assert set(refused.value.fields) == {"nth_order", "locale"}
    assert shop_settings().name == "Maison Flux"
    with pytest.raises(NotFound):
        set_settings({"name": "Noir", "is_admin": "yes"}, user_id=None)
    assert shop_settings().name == "Maison Flux"


@both_engines
def test_a_change_bumps_the_stamp_once_and_leaves_a_trail(ctx: Flask) -> None:
    before = stamp()
    set_settings({"name": "Noir", "nth_order": "5"}, user_id=None)
    assert stamp() == before + 1
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.object_id)).all()
    assert [(e.object_id, e.before, e.after, e.actor) for e in entries] == [
        ("name", {"value": "Maison Flux"}, {"value": "Noir"}, "cli"),
        ("nth_order", {"value": 0}, {"value": 5}, "cli"),
    ]
    set_setting("name", "Noir", user_id=None)
    assert stamp() == before + 1
    set_setting("name", "Maison Flux", user_id=None)
    assert shop_settings().name == "Maison Flux"


def test_the_low_stock_level_reaches_the_products(ctx: Flask) -> None:
    product = make_product(stock=5)
    assert product.few_left is None
    set_setting("low_stock_threshold", "5", user_id=None)
    drain()
    assert product_again(product.id).few_left == 5


@both_engines
def test_two_changes_of_one_setting_at_once_both_count(app: Flask) -> None:
    def change(name: str) -> None:
        with app.app_context():
            set_setting("name", name, user_id=None)

    threads = [threading.Thread(target=change, args=(f"Shop {n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert len(db.session.scalars(select(AuditEntry)).all()) == 6
        assert shop_settings().name.startswith("Shop ")


def test_costs_no_statement_in_a_request_and_one_outside(app: Flask) -> None:
    statements: list[str] = []
    app.add_url_rule("/name", view_func=lambda: shop_settings().name)
    client = app.test_client()
    assert client.get("/name").text == "Maison Flux"
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    client.get("/name")
    assert len([text for text in statements if text.startswith("SELECT")]) == 1  # the visitor's
    with app.app_context():
        shop_settings()
    assert len([text for text in statements if text.startswith("SELECT")]) == 2


def test_other_processes_see_a_change_by_its_stamp(make_app: object) -> None:
    here, there = make_app(), make_app()  # type: ignore[operator]
    with here.app_context():
        assert shop_settings().name == "Maison Flux"
    with there.app_context():
        set_setting("name", "Noir", user_id=None)
    with here.app_context():
        assert shop_settings().name == "Noir"


def test_what_was_rolled_back_is_not_kept(ctx: Flask) -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        set_setting("name", "Noir", user_id=None)
        db.session.flush()
        assert shop_settings().name in {"Noir", "Maison Flux"}
        raise ZeroDivisionError
    assert shop_settings().name == "Maison Flux"


def test_a_stored_value_that_no_longer_fits_falls_back_to_the_default(ctx: Flask) -> None:
    with transaction():
        for key, value in {"nth_order": "five", "lucky_percent": 900, "gone": 1, "name": 5}.items():
            db.session.add(Setting(key=key, value=value))
        changed(update(ShopState).values(settings_stamp=ShopState.settings_stamp + 1))
    assert shop_settings() == ShopSettings()


def test_the_form_has_a_field_for_each_definition_and_gives_texts(app: Flask) -> None:
    with app.test_request_context(method="POST", data={"name": " Noir ", "nth_order": "x"}):
        form = settings_form(list(DEFINITIONS.values()), asdict(ShopSettings()))
        assert set(form.texts()) == set(DEFINITIONS)
        assert form.texts()["name"] == "Noir"
        assert form.texts()["guest_checkout"] == "no"
        assert form.attempt(lambda: set_settings(form.texts(), user_id=None)) is None
        assert "whole number" in form.errors["nth_order"][0]
    with app.test_request_context():
        shown = settings_form(groups()["Customers"], asdict(ShopSettings(guest_checkout=False)))
        assert shown["guest_checkout"].data is False
        assert shown.texts() == {
            "guest_checkout": "no",
            "registration_at_login": "yes",
            "tier_silver_from": "500",
            "tier_gold_from": "2000",
        }


def test_commands_get_set_and_list(app: Flask) -> None:
    run = app.test_cli_runner().invoke
    assert run(args=["settings", "get", "name"]).output == "Maison Flux\n"
    assert run(args=["settings", "set", "guest_checkout", "off"]).output == "guest_checkout = no\n"
    assert run(args=["settings", "get", "guest_checkout"]).output == "no\n"
    listed = run(args=["settings", "list"])
    assert all(f"{key} = " in listed.output for key in DEFINITIONS)
    for wrong in (["get", "nothing"], ["set", "nothing", "1"], ["set", "nth_order", "many"]):
        failed = run(args=["settings", *wrong])
        assert failed.exit_code == 1
        assert failed.output.startswith("Error: ")


def test_templates_know_the_shop_and_its_locale(app: Flask) -> None:
    with app.app_context():
        set_settings({"name": "Atelier Noir", "locale": "de_DE"}, user_id=None)
    with app.test_request_context():
        page = render_template_string("{{ shop.name }} {{ money(119050, 'EUR') }}")
    assert page == "Atelier Noir 1.190,50\N{NO-BREAK SPACE}€"


def test_failsafe_pages_ask_no_database(app: Flask) -> None:
    with app.test_request_context():
        g.failsafe = True
        db.session.close()
        statements: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
        assert render_template_string("{{ shop.name }} {{ lang() }}").startswith("Maison Flux en")
        assert statements == []
