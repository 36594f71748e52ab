"""The session cookie is signed, not sealed: nothing in it may be personal or open a door."""

from flask import json

from shop.auth.services import make_proof_token, make_reset_token
from shop.core.db import db
from shop.models import User
from tests.client import ShopClient
from tests.factories import PASSWORD, make_user

NEW = "wandering teapot"


def content(client: ShopClient) -> str:
    with client.session_transaction() as cookie:
        return json.dumps(dict(cookie))


def test_a_new_account_leaves_no_address(client: ShopClient) -> None:
    client.submit("/login", {"email": "new@example.com", "password": NEW})
    assert "We have made an account" in content(client)
    assert "@" not in content(client)


def test_an_address_in_a_message_is_text_not_markup(client: ShopClient) -> None:
    email = "a&b@example.com"
    page = client.submit("/login", {"email": email, "password": NEW}, follow=True)
    assert "account for a&amp;b@example.com and" in page.text


def test_links_of_mails_leave_neither_token_nor_address(client: ShopClient) -> None:
    with client.application.app_context():
        user_id = make_user("ada@example.com").id
        found = make_reset_token("ada@example.com")
        assert found
        proof = make_proof_token(db.session.get_one(User, user_id), "new@example.org")
    client.get(f"/password/reset/{found[1]}")
    client.get(f"/account/email/{proof}")
    assert found[1][:20] not in content(client)
    assert proof[:20] not in content(client)
    form = {"token": proof, "password": PASSWORD}
    client.submit("/account/email/confirm", form, page=f"/account/email/{proof}")
    assert "Thank you" in content(client)
    assert "@" not in content(client)
