"""Somebody signed in."""

import pytest
from flask import Flask

from shop.models import User
from tests.client import ShopClient
from tests.factories import PASSWORD, make_user


def sign_in_as(app: Flask, user: User) -> ShopClient:
    client = app.test_client()
    assert isinstance(client, ShopClient)
    answer = client.submit("/login", {"email": user.email, "password": PASSWORD})
    assert answer.status_code == 303
    return client


@pytest.fixture
def ada(app: Flask) -> User:
    with app.app_context():
        return make_user("ada@example.com")


@pytest.fixture
def me(app: Flask, ada: User) -> ShopClient:
    return sign_in_as(app, ada)
