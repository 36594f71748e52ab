"""Lists of orders under a name: everybody's own, as tabs, a few of them."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core.db import db
from shop.models import SavedView
from tests.admin.kit import fill_in, paid_order, sign_in, trail, twice
from tests.client import ShopClient
from tests.conftest import both_engines

LIST = "/admin/orders?view=all&country=FR"
SAVE = "/admin/orders/views?view=all&amp;country=FR"


def save(client: ShopClient, name: str, page: str = LIST) -> int:
    action = page.replace("/admin/orders", "/admin/orders/views")
    form = fill_in(client, page, action.replace("&", "&amp;"), name=name)
    return client.post(action, data=form).status_code


def names(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(SavedView.name).order_by(SavedView.id)))


@both_engines
def test_a_list_is_saved_once_and_is_a_tab_of_its_own(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app)
    form = fill_in(owner, LIST, SAVE, name="  To  France ")
    answers = twice(owner, SAVE.replace("&amp;", "&"), form)
    assert [(each.status_code, each.location) for each in answers] == [(303, LIST)] * 2
    assert names(app) == ["To France"]
    page = owner.get(LIST).text
    assert re.search(r'country=FR" aria-current="page">To France', page)
    assert page.count('aria-current="page"') == 2  # with the desk itself
    assert number in page
    assert "Save this list as" not in page
    assert "To France" not in sign_in(app, ["orders.view"]).get(LIST).text
    with app.app_context():
        (entry,) = trail()
        assert entry.after == {"name": "To France", "query": "view=all&country=FR"}


@both_engines
def test_a_list_is_renamed_and_deleted_by_whom_it_belongs_to(app: Flask, owner: ShopClient) -> None:
    assert save(owner, "France") == 303
    assert save(owner, "Germany", "/admin/orders?view=all&country=DE") == 303
    url = "/admin/orders/views/1"
    renamed = fill_in(owner, "/admin/orders/views", f"{url}/name", name="FR")
    taken = owner.post(f"{url}/name", data={**renamed, "name": "GERMANY"})
    assert taken.status_code == 422
    assert "a list of this name already" in taken.text
    assert 'value="GERMANY"' in taken.text
    other = sign_in(app, ["orders.view"])
    for act in ("name", "deletion"):
        form = {"csrf_token": other.token("/cart"), "name": "mine"}
        assert other.post(f"{url}/{act}", data=form).status_code == 404
    assert owner.post(f"{url}/name", data=renamed).status_code == 303
    assert names(app) == ["FR", "Germany"]
    deleted = fill_in(owner, "/admin/orders/views", f"{url}/deletion")
    answers = twice(owner, f"{url}/deletion", deleted)
    assert [answer.status_code for answer in answers] == [303, 303]
    assert names(app) == ["Germany"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 41])
def test_a_name_that_is_none_is_refused(app: Flask, owner: ShopClient, name: str) -> None:
    assert save(owner, name) == 422
    assert names(app) == []


@both_engines
def test_no_more_than_eight_are_kept_however_fast(app: Flask, owner: ShopClient) -> None:
    for nth in range(7):
        assert save(owner, f"List {nth}", f"/admin/orders?view=all&q=word{nth}") == 303
    cookie = owner.get_cookie("session")
    assert cookie
    url = SAVE.replace("&amp;", "&")
    forms = [fill_in(owner, LIST, SAVE, name=f"Last {nth}") for nth in range(3)]
    start = threading.Barrier(3)

    def send(form: dict[str, str]) -> int:
        client = app.test_client()
        client.set_cookie("session", cookie.value)
        start.wait()
        return client.post(url, data=form).status_code

    with ThreadPoolExecutor(3) as threads:
        assert sorted(threads.map(send, forms)) == [303, 422, 422]
    assert len(names(app)) == 8
