"""What the tests of the staff pages share."""

import pytest
from flask import Flask

from tests.admin.kit import sign_in
from tests.client import ShopClient
from tests.orders import kit


@pytest.fixture
def owner(app: Flask) -> ShopClient:
    """An owner at the desk of an open shop."""
    with app.app_context():
        kit.open_shop()
    return sign_in(app, is_owner=True)
