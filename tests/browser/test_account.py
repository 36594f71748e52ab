"""Signing in and the account in a browser, with and without scripts."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from shop.account.services import add_address, update_details
from shop.auth.services import make_reset_token
from shop.core.addresses import PostalAddress
from shop.core.db import db
from tests.browser.kit import opened, served, violations
from tests.factories import PASSWORD, make_bare_order, make_method, make_product, make_user

ADDRESS = PostalAddress("Ada Lovelace", "12 rue des Capucins", "Lyon", "FR", postal_code="69001")


@pytest.fixture
def shop(app: Flask) -> Iterator[str]:
    with app.app_context():
        make_method("Post", 600)
        user = make_user("ada@example.com")
        update_details(user.id, "Ada Lovelace", "+33 6 12 34 56 78")
        for city in ("Lyon", "Villeurbanne"):
            add_address(user.id, PostalAddress(**(ADDRESS.as_dict() | {"city": city})))
        make_bare_order([(make_product(pictures=0).variants[0], 2)], user_id=user.id)
        db.session.remove()
    with served(app) as url:
        yield url


def sign_in(page: Page, email: str = "ada@example.com", password: str = PASSWORD) -> None:
    page.goto("/login?next=/account")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/account")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_typo_makes_an_account_says_so_and_is_undone(
    chromium: Browser, shop: str, scripts: bool
) -> None:
    with opened(chromium, shop, scripts=scripts) as page:
        sign_in(page, "typo@exmaple.com", "wandering teapot")
        expect(page.locator(".flashes")).to_contain_text("an account for typo@exmaple.com")
        page.get_by_role("link", name="Undo it.").click()
        page.get_by_role("button", name="Undo it").click()
        page.wait_for_url("**/login")
        page.goto("/account")
        assert page.url.endswith("/login?next=/account")


def test_the_password_can_be_shown(chromium: Browser, shop: str) -> None:
    with opened(chromium, shop) as page:
        page.goto("/login")
        field = page.get_by_label("Password", exact=True)
        field.fill("what I typed")
        button = page.get_by_role("button", name="Show password")
        button.click()
        assert field.get_attribute("type") == "text"
        assert button.get_attribute("aria-pressed") == "true"
        button.click()
        assert field.get_attribute("type") == "password"
    with opened(chromium, shop, scripts=False) as page:
        page.goto("/login")
        expect(page.get_by_role("button", name="Show password")).to_be_hidden()


def test_a_mistake_gets_the_focus_and_a_link_to_its_field(chromium: Browser, shop: str) -> None:
    with opened(chromium, shop) as page:
        page.goto("/login")
        page.get_by_label("Email address").fill("ada@example.com")
        page.get_by_label("Password", exact=True).fill("wrong horse battery")
        page.get_by_role("button", name="Continue").click()
        problems = page.get_by_role("alert")
        expect(problems).to_be_focused()
        expect(page).to_have_title("Error: Sign in — Maison Flux")
        problems.get_by_role("link").click()
        expect(page.get_by_label("Password", exact=True)).to_be_focused()
        assert page.get_by_label("Email address").input_value() == "ada@example.com"
        assert violations(page) == []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_the_address_form_follows_the_country(chromium: Browser, shop: str, scripts: bool) -> None:
    with opened(chromium, shop, scripts=scripts) as page:
        sign_in(page)
        page.goto("/account/addresses/new")
        page.get_by_label("Street and number").fill("350 Fifth Avenue")
        page.get_by_label("Country").focus()
        page.get_by_label("Country").select_option("US")
        if not scripts:
            page.get_by_role("button", name="Show the fields for this country").click()
        expect(page.get_by_label("ZIP code")).to_be_visible()
        assert page.get_by_label("Street and number").input_value() == "350 Fifth Avenue"
        if scripts:
            expect(page.get_by_label("Country")).to_be_focused()
        page.get_by_label("City").fill("New York")
        page.get_by_label("State").select_option("NY")
        page.get_by_label("ZIP code").fill("10118")
        if scripts:  # without them axe cannot run either
            assert violations(page) == []
        page.get_by_role("button", name="Save").click()
        page.wait_for_url("**/account/addresses")
        expect(page.get_by_text("New York, NY 10118")).to_be_visible()


def test_the_link_of_a_mail_leads_to_a_new_password(
    chromium: Browser, shop: str, app: Flask
) -> None:
    with app.app_context():
        found = make_reset_token("ada@example.com")
        assert found
    with opened(chromium, shop, scripts=False) as page:
        page.goto(f"/password/reset/{found[1]}")
        page.get_by_label("New password").fill("a quite different teapot")
        page.get_by_role("button", name="Set the password").click()
        page.wait_for_url("**/login")
        sign_in(page, password="a quite different teapot")
