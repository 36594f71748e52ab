"""The desk of pages: written, looked at, published, taken back; nobody is overwritten unseen."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core.db import db, transaction
from shop.models import OrderText, Page, PageRole, PageVersion
from shop.pages.markdown import LONGEST
from shop.pages.services import begin_sample, publish_page
from tests.admin.kit import fill_in, hidden, order_of, paid_order, trail, twice
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.sql import counted

HOURS = {
    "title": "Opening hours", "source": "Open *daily*.", "description": "", "slug": "",
    "section": "help", "position": "10",
}  # fmt: skip


def write(client: ShopClient, **typed: str) -> str:
    """Make a page at the desk; return where it is."""
    form = fill_in(client, "/admin/pages/new", "/admin/pages", **{**HOURS, **typed})
    return client.post("/admin/pages", data=form).location


def form_of(client: ShopClient, here: str, **typed: str) -> dict[str, Any]:
    return fill_in(client, here, here, **{**HOURS, "slug": "opening-hours", **typed})


def test_a_text_is_written_looked_at_and_published(owner: ShopClient) -> None:
    here = write(owner)
    assert "Draft" in owner.get(here).text
    assert owner.get("/pages/opening-hours").status_code == 404
    seen = owner.post(here, data=form_of(owner, here, source="Open *never*.", preview="1"))
    assert "<em>never</em>" in seen.text
    assert "Open *never*.</textarea>" in seen.text.replace("\r\n", "")
    assert "never" not in owner.get(here).text, "a preview saves nothing"
    answer = owner.post(here, data=form_of(owner, here, source="Open *late*.", publish="1"))
    assert answer.status_code == 303
    assert "<em>late</em>" in owner.get("/pages/opening-hours").text
    owner.post(here, data=form_of(owner, here, source="Open *soon*."))
    assert "Public, with changes" in owner.get(here).text
    assert "<em>late</em>" in owner.get("/pages/opening-hours").text
    assert "/pages/opening-hours" in owner.get("/").text


@both_engines
def test_each_form_is_done_once(app: Flask, owner: ShopClient) -> None:
    form = fill_in(owner, "/admin/pages/new", "/admin/pages", **HOURS)
    first, second = twice(owner, "/admin/pages", form)
    here = first.location
    assert (second.status_code, second.location) == (303, here)
    twice(owner, here, form_of(owner, here, publish="1"))
    with app.app_context():
        assert db.session.scalars(select(PageVersion.number)).all() == [1]
        assert [entry.action for entry in trail()] == ["pages.create", "pages.publish"]
        assert trail()[1].after == {"published": 1}


@both_engines
def test_what_others_changed_is_not_overwritten(app: Flask, owner: ShopClient) -> None:
    here = write(owner)
    form = form_of(owner, here, source="Mine.")
    owner.post(here, data=form_of(owner, here, source="Theirs."))
    stale = owner.post(here, data=form)
    assert stale.status_code == 409
    assert "It says now: Theirs." in stale.text
    assert "Mine.</textarea>" in stale.text
    again = {**form, **fill_in_again(stale.text, here)}
    assert owner.post(here, data=again).status_code == 303
    with app.app_context():
        assert db.session.scalars(select(Page.source)).all() == ["Mine."]


def fill_in_again(text: str, here: str) -> dict[str, str]:
    return hidden(text, f'action="{here}"')


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("title", "", "Enter a title."),
        ("title", "x" * 121, "Enter at most 120 characters."),
        ("description", "x" * 256, "Enter at most 255 characters."),
        ("source", "x" * (LONGEST + 1), "Make two pages of it."),
        ("slug", "Opening Hours", "Use small letters"),
        ("slug", "../x", "Use small letters"),
        ("slug", "taken", "Another page has this address."),
        ("section", "nowhere", "Choose where it stands."),
        ("position", "-1", "Enter a whole number"),
        ("position", "9" * 30, "Enter a whole number"),
    ],
)
def test_bad_input_is_said_at_its_field(
    app: Flask, owner: ShopClient, field: str, typed: str, said: str
) -> None:
    write(owner, title="Taken", slug="taken")
    form = fill_in(owner, "/admin/pages/new", "/admin/pages", **{**HOURS, field: typed})
    answer = owner.post("/admin/pages", data=form)
    assert answer.status_code == 422
    assert said in answer.text
    with app.app_context():
        assert len(db.session.scalars(select(Page.id)).all()) == 1


def test_what_is_too_large_for_a_form_is_refused(owner: ShopClient) -> None:
    typed = {**HOURS, "source": "x" * 1_100_000}
    form = fill_in(owner, "/admin/pages/new", "/admin/pages", **typed)
    assert owner.post("/admin/pages", data=form).status_code == 413


@both_engines
def test_a_former_version_comes_back_as_the_draft(app: Flask, owner: ShopClient) -> None:
    here = write(owner)
    for source in ("First.", "Second."):
        owner.post(here, data=form_of(owner, here, source=source, publish="1"))
    reading = owner.get(f"{here}/versions/2").text
    assert "<ins>" in reading
    assert "First." in reading
    form = fill_in(owner, f"{here}/versions/1", f"{here}/versions/1/draft")
    assert owner.post(f"{here}/versions/1/draft", data=form).status_code == 303
    assert "First.</textarea>" in owner.get(here).text
    assert "Second." in owner.get("/pages/opening-hours").text
    with app.app_context():
        assert trail()[-1].after == {"source": "First.", "restored": 1}


def test_samples_are_offered_until_they_are_taken(app: Flask, owner: ShopClient) -> None:
    assert 'value="terms"' in owner.get("/admin/pages").text
    form = fill_in(owner, "/admin/pages", "/admin/pages/samples") | {"role": "terms"}
    first, second = twice(owner, "/admin/pages/samples", form)
    assert first.location == second.location
    page = owner.get(first.location).text
    assert "This is a sample text" in page
    assert 'value="terms"' not in owner.get("/admin/pages").text
    assert owner.get("/pages/terms").status_code == 404
    wrong = form | {"role": "nonsense", "form_token": "x" * 24}
    assert owner.post("/admin/pages/samples", data=wrong).status_code == 422


@both_engines
def test_a_page_is_deleted_with_a_warning(app: Flask, owner: ShopClient) -> None:
    here = write(owner)
    owner.post(here, data=form_of(owner, here, publish="1"))
    write(owner, title="Help", source="See [hours](/pages/opening-hours).")
    asked = owner.get(f"{here}/deletion").text
    assert "These pages link to it" in asked
    assert ">Help</a>" in asked
    answers = twice(
        owner, f"{here}/deletion", fill_in(owner, f"{here}/deletion", f"{here}/deletion")
    )
    assert [answer.status_code for answer in answers] == [303, 303]
    assert owner.get("/pages/opening-hours").status_code == 404
    assert owner.get(here).status_code == 404


@both_engines
def test_what_orders_refer_to_never_goes(app: Flask, owner: ShopClient) -> None:
    order_id = 0
    number = paid_order(app)
    with app.app_context():
        order_id = order_of(number).id
        with transaction() as session:
            page = begin_sample(PageRole.TERMS)
            first = publish_page(page, user_id=None)
            page.source = "Second."
            publish_page(page, user_id=None)
            page.source = "Third."
            publish_page(page, user_id=None)
            session.add(OrderText(order_id=order_id, page_version_id=first.id))
            here = f"/admin/pages/{page.id}"
    assert "it cannot be deleted" in owner.get(f"{here}/deletion").text
    token = {"csrf_token": owner.token(here)}
    for url in (f"{here}/deletion", f"{here}/versions/1/deletion"):
        answer = owner.post(url, data=token)
        assert answer.status_code == 409
        assert "it stays" in answer.text
    newest = owner.post(f"{here}/versions/3/deletion", data=token)
    assert "This version is public" in newest.text
    assert owner.post(f"{here}/versions/2/deletion", data=token).status_code == 303
    assert owner.post(f"{here}/retreat", data=token).status_code == 303
    newest = owner.post(f"{here}/versions/3/deletion", data=token)
    assert "This is the newest version" in newest.text, "its number would be given again"
    assert owner.get("/pages/terms").status_code == 404
    assert owner.get("/pages/terms/versions/1").status_code == 200
    assert owner.get("/pages/terms/versions/2").status_code == 404


def test_the_list_is_searched_and_costs_little(app: Flask, owner: ShopClient) -> None:
    for number in range(60):
        write(owner, title=f"Page {number}", slug=f"page-{number}")
    with counted(app) as statements:
        first = owner.get("/admin/pages").text
    assert len(statements) <= 6
    assert "60 in all" in first
    assert owner.get("/admin/pages?page=2").text.count("/pages/page-") == 10
    assert "Page 59" in owner.get("/admin/pages?q=59").text
    assert "Clear the filters" in owner.get("/admin/pages?q=nothing").text
    assert owner.get("/admin/pages?page=999").status_code == 200
