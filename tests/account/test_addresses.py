"""The address book."""

import threading

import pytest
from flask import Flask
from sqlalchemy import select

from shop.account.services import (
    MAX_ADDRESSES,
    add_address,
    delete_address,
    make_default,
    update_address,
)
from shop.core.addresses import PostalAddress
from shop.core.db import db
from shop.core.errors import BadInput, NotFound, ShopError
from shop.models import Address, User
from tests.account.conftest import sign_in_as
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_user

LYON = PostalAddress("Ada Lovelace", "12 rue des Capucins", "Lyon", "FR", postal_code="69001")
FORM = {
    "name": "Ada Lovelace",
    "line1": "12 rue des Capucins",
    "postal_code": "69001",
    "city": "Lyon",
    "country": "FR",
}


def book(user_id: int) -> list[tuple[int, bool]]:
    db.session.expire_all()
    rows = db.session.scalars(
        select(Address).where(Address.user_id == user_id).order_by(Address.id)
    )
    return [(row.id, row.is_default) for row in rows]


@both_engines
def test_there_is_always_one_default(ctx: Flask) -> None:
    user = make_user()
    first, second = add_address(user.id, LYON), add_address(user.id, LYON)
    assert book(user.id) == [(first, True), (second, False)]
    third = add_address(user.id, LYON, is_default=True)
    assert book(user.id) == [(first, False), (second, False), (third, True)]
    update_address(user.id, first, LYON, is_default=True)
    make_default(user.id, second)
    make_default(user.id, second)
    assert book(user.id) == [(first, False), (second, True), (third, False)]
    delete_address(user.id, second)
    assert book(user.id) == [(first, False), (third, True)]
    delete_address(user.id, third)
    delete_address(user.id, first)
    assert book(user.id) == []


@both_engines
def test_others_addresses_do_not_exist(ctx: Flask) -> None:
    mine, theirs = make_user(), make_user()
    address_id = add_address(theirs.id, LYON)
    for act in (
        lambda: update_address(mine.id, address_id, LYON),
        lambda: make_default(mine.id, address_id),
        lambda: delete_address(mine.id, address_id),
        lambda: add_address(99999, LYON),
    ):
        with pytest.raises(NotFound):
            act()
    assert book(theirs.id) == [(address_id, True)]


@both_engines
def test_two_defaults_at_the_same_moment_leave_one(app: Flask) -> None:
    with app.app_context():
        user = make_user()
        ids = [add_address(user.id, LYON) for _ in range(4)]
    errors: list[ShopError] = []

    def prefer(address_id: int) -> None:
        with app.app_context():
            try:
                make_default(user.id, address_id)
            except ShopError as error:
                errors.append(error)

    threads = [threading.Thread(target=prefer, args=(i,)) for i in ids * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with app.app_context():
        assert sum(is_default for _, is_default in book(user.id)) == 1


def test_a_book_has_an_end(ctx: Flask) -> None:
    user = make_user()
    for _ in range(MAX_ADDRESSES):
        add_address(user.id, LYON)
    with pytest.raises(BadInput):
        add_address(user.id, LYON)


def test_the_pages_add_change_and_delete(me: ShopClient, ada: User, app: Flask) -> None:
    assert "No address yet" in me.get("/account/addresses").text
    added = me.submit("/account/addresses/new", FORM, page="/account/addresses/new")
    assert (added.status_code, added.location) == (303, "/account/addresses")
    page = me.get("/account/addresses").text
    assert "69001 Lyon" in page
    assert "France" in page
    with app.app_context():
        address_id, is_default = book(ada.id)[0]
    assert is_default
    url = f"/account/addresses/{address_id}"
    assert 'value="12 rue des Capucins"' in me.get(url).text
    changed = me.submit(url, FORM | {"city": "Villeurbanne"}, page=url)
    assert changed.status_code == 303
    assert "69001 Villeurbanne" in me.get("/account/addresses").text
    assert me.submit(f"{url}/default", page=url).status_code == 303
    assert me.submit(f"{url}/delete", page="/account/addresses").status_code == 303
    assert me.submit(f"{url}/delete", page="/account/addresses").status_code == 404


def test_the_form_follows_the_country_without_a_script(me: ShopClient) -> None:
    page = me.get("/account/addresses/new").text
    assert ">Postcode<" in page
    assert 'name="region"' not in page
    answer = me.submit(
        "/account/addresses/new",
        FORM | {"country": "US", "update": "1"},
        page="/account/addresses/new",
    )
    assert answer.status_code == 200
    assert ">ZIP code<" in answer.text
    assert '<option value="CA">California</option>' in answer.text
    assert 'value="12 rue des Capucins"' in answer.text
    assert answer.text.index('name="city"') < answer.text.index('name="postal_code"')
    hong_kong = me.submit(
        "/account/addresses/new",
        FORM | {"country": "HK", "update": "1"},
        page="/account/addresses/new",
    )
    assert 'name="postal_code"' not in hong_kong.text


def test_what_is_wrong_is_said_at_its_field(me: ShopClient, ada: User, app: Flask) -> None:
    url = "/account/addresses/new"
    wrong = FORM | {"country": "US", "postal_code": "69001x", "name": "", "region": "Bavaria"}
    answer = me.submit(url, wrong, page=url)
    assert answer.status_code == 422
    for sentence in ("Enter a full name.", "ZIP code like this: 94103", "Choose your state."):
        assert sentence in answer.text
    assert 'href="#region"' in answer.text
    assert 'value="69001x"' in answer.text
    with app.app_context():
        assert book(ada.id) == []


def test_forged_fields_have_no_effect(me: ShopClient, app: Flask, ada: User) -> None:
    with app.app_context():
        other = make_user()
    forged = FORM | {"user_id": str(other.id), "id": "77"}
    me.submit("/account/addresses/new", forged, page="/account/addresses/new")
    with app.app_context():
        assert book(other.id) == []
        assert book(ada.id)[0][0] != 77


@pytest.mark.parametrize("address_id", ["0", "99999", "2147483648", "-1", "x", "1.0"])
def test_unknown_ids_are_not_found(me: ShopClient, address_id: str) -> None:
    assert me.get(f"/account/addresses/{address_id}").status_code == 404


def test_a_foreign_address_is_not_shown(app: Flask, me: ShopClient) -> None:
    with app.app_context():
        other = make_user()
        address_id = add_address(other.id, LYON)
    assert me.get(f"/account/addresses/{address_id}").status_code == 404
    url = f"/account/addresses/{address_id}"
    for path in (url, f"{url}/delete", f"{url}/default"):
        assert me.submit(path, FORM, page="/account/addresses/new").status_code == 404
    assert sign_in_as(app, other).get(url).status_code == 200
