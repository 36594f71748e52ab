"""What pages say when something cannot be had."""

from collections.abc import Callable

import pytest
from flask import Flask

from shop.core import db as database
from shop.core.db import db, retried
from shop.core.errors import Busy
from shop.web.responses import redirect_to
from tests.client import ShopClient


def test_what_is_not_there_is_said_once(client: ShopClient) -> None:
    answer = client.get("/orders/MF-NONE")
    assert answer.status_code == 404
    assert answer.text.count("We could not find that") == 2  # the title and the heading
    assert "Perhaps a search finds it." in answer.text


@pytest.mark.parametrize(
    ("url", "query", "location"),
    [
        ("/products/a\r\nSet-Cookie: a=b", {}, "/products/a%0D%0ASet-Cookie:%20a=b"),
        ("/products/é?q=%C3%A9&x=1", {}, "/products/%C3%A9?q=%C3%A9&x=1"),
        (b"/products/a?q=\xff\n", {}, "/products/a?q=%FF%0A"),
        ("/login", {"next": "/cart?a=1\n&b=é"}, "/login?next=/cart?a%3D1%0A%26b%3D%C3%A9"),
    ],
)
def test_nothing_that_was_typed_reaches_a_header_raw(
    app: Flask, url: str | bytes, query: dict[str, str], location: str
) -> None:
    with app.test_request_context():
        assert redirect_to(url, **query).location == location


def test_who_finds_no_connection_left_is_told_that_the_shop_is_busy(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    options = database.engine_options
    few = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0.01}
    monkeypatch.setattr(database, "engine_options", lambda url: options(url) | few)
    app = make_app()
    with app.app_context(), db.engine.connect():
        answer = app.test_client().get("/products")
        with pytest.raises(Busy):
            retried(db.session.connection)()
    assert answer.status_code == 503
    assert "The shop is very busy" in answer.text
