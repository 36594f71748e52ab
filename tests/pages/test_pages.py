"""The public pages: what can be read, at which address, and what is kept of what was said."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core.db import db, transaction
from shop.core.errors import BadInput
from shop.models import Page, PageRole, PageSection, PageVersion
from shop.pages.roles import PageText
from shop.pages.services import (
    begin_page,
    begin_sample,
    find_public_version,
    forget_slug,
    move_page,
    publish_page,
    take_down,
)
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.sql import counted


def make_page(slug: str = "hours", source: str = "Open.", *, publish: bool = True) -> int:
    with transaction():
        text = PageText(slug.capitalize(), "", source)
        page = begin_page(PageRole.NONE, slug, PageSection.HELP, text)
        if publish:
            publish_page(page, user_id=None)
        return page.id


def rewrite(page_id: int, source: str) -> None:
    with transaction() as session:
        page = session.get_one(Page, page_id)
        page.source = source
        publish_page(page, user_id=None)


def test_a_page_is_read_and_linked(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        make_page("hours", "Open **daily**.")
    page = client.get("/pages/hours")
    assert page.status_code == 200
    assert "<p>Open <strong>daily</strong>.</p>" in page.text
    assert "<title>Hours — " in page.text
    assert '<meta name="description" content="Open daily.' in page.text
    assert re.search(r'rel="canonical" href="[^"]*/pages/hours"', page.text)
    assert "Last updated: " in page.text
    assert '<a href="/pages/hours">Hours</a>' in client.get("/").text
    assert "/pages/hours</loc><lastmod>" in client.get("/sitemaps/shelves.xml").text


def test_a_draft_is_nowhere(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        make_page(publish=False)
    assert client.get("/pages/hours").status_code == 404
    assert client.get("/pages/hours/versions/1").status_code == 404
    assert "/pages/hours" not in client.get("/").text
    assert "/pages/hours" not in client.get("/sitemaps/shelves.xml").text


@both_engines
def test_what_was_said_stays_where_it_was(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        page_id = make_page("hours", "First.")
        assert "First." in client.get("/pages/hours").text
        rewrite(page_id, "Second.")
    assert "Second." in client.get("/pages/hours").text
    former = client.get("/pages/hours/versions/1")
    assert "First." in former.text
    assert "no longer in force" in former.text
    assert '<meta name="robots" content="noindex">' in former.text
    present = client.get("/pages/hours/versions/2")
    assert "Second." in present.text
    assert "no longer in force" not in present.text
    assert client.get("/pages/hours/versions/3").status_code == 404


@both_engines
def test_a_draft_that_is_public_makes_no_version(ctx: Flask) -> None:
    page_id = make_page()
    rewrite(page_id, "Open.")
    assert db.session.scalars(select(PageVersion.number)).all() == [1]


def test_a_page_that_was_taken_down_is_linked_nowhere(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        page_id = make_page()
        with transaction():
            assert take_down(page_id)
            assert not take_down(page_id)
    assert client.get("/pages/hours").status_code == 404
    assert "/pages/hours" not in client.get("/").text
    assert "no longer in force" in client.get("/pages/hours/versions/1").text


@both_engines
def test_a_former_address_leads_to_the_page(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        page_id = make_page()
        for slug in ("opening", "opening-hours"):
            with transaction() as session:
                move_page(session.get_one(Page, page_id), slug)
    for former in ("hours", "opening"):
        answer = client.get(f"/pages/{former}")
        assert (answer.status_code, answer.location) == (301, "/pages/opening-hours")
    answer = client.get("/pages/hours/versions/1")
    assert answer.location == "/pages/opening-hours/versions/1"
    with app.app_context():
        make_page("hours", "Another.")
    assert "Another." in client.get("/pages/hours").text
    with app.app_context(), transaction() as session:
        move_page(session.get_one(Page, page_id), "opening")  # back where it was
        forget_slug("nowhere")
    assert client.get("/pages/opening").status_code == 200
    assert client.get("/pages/opening-hours").location == "/pages/opening"


@both_engines
def test_addresses_and_roles_are_taken_once(ctx: Flask) -> None:
    make_page()
    with pytest.raises(BadInput, match="Another page has this address"):
        make_page()
    with transaction():
        first = begin_sample(PageRole.TERMS)
    assert first.slug == "terms"
    with pytest.raises(BadInput, match="a page for this already"):
        begin_sample(PageRole.TERMS)
    with pytest.raises(BadInput, match="small letters"):
        make_page("Not an address")
    with pytest.raises(BadInput, match="Write the text"):
        make_page("empty", " ")


def test_an_address_that_is_taken_gives_a_sample_another(ctx: Flask) -> None:
    make_page("terms")
    with transaction():
        assert begin_sample(PageRole.TERMS).slug == "terms-2"


def test_a_page_that_is_kept_costs_the_visitor_alone(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        make_page()
        assert find_public_version(make_page("other")) is not None
    client.get("/pages/hours")
    with counted(app) as statements:
        client.get("/pages/hours")
    assert len(statements) <= 1
