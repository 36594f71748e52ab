"""What the hostile requests found, one by one."""

import io
import json

import pytest
from flask import Flask

from shop.models import AuditEntry
from tests.admin.kit import sign_in
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_product
from tests.operations.test_migrations import counts
from tests.orders.test_webhook import URL, signed


@pytest.mark.parametrize("query", ["q=\xff", "\xc4\xd6=1", "q=\xc3\xa9"])
def test_bytes_in_a_query_are_text(client: ShopClient, query: str) -> None:
    for path in ("/products", "/", "/healthz"):
        answer = client.get(path, environ_overrides={"QUERY_STRING": query})
        assert answer.status_code == 200, path


def test_a_list_without_pieces_is_a_page(client: ShopClient) -> None:
    for path in ("/products", "/products?q=nothing", "/"):
        assert client.get(path).status_code == 200


def test_a_file_is_no_text(client: ShopClient) -> None:
    file = (io.BytesIO(b"x"), "a.png")
    assert client.submit("/login", {"email": file, "password": "x"}).status_code == 422


def test_the_sandbox_fails_at_no_host(client: ShopClient) -> None:
    for path in ("/_sandbox/", "/_sandbox/faults", "/_sandbox/nothing"):
        assert client.get(path, headers={"Host": "x y"}).status_code < 500


@both_engines
@pytest.mark.parametrize("text", ["\ud800", "\x00"])
def test_an_event_that_no_column_can_hold_is_refused(app: Flask, text: str) -> None:
    for place in ("id", "type", "payment_intent"):
        names = {"id": "evt_1", "type": "charge.updated", "payment_intent": "pi_1", place: text}
        subject = {"id": "ch_1", "object": "charge", "payment_intent": names.pop("payment_intent")}
        event = {"object": "event", "created": 1, "livemode": False, "data": {"object": subject}}
        body = json.dumps({**event, **names})
        answer = app.test_client().post(URL, data=body, headers=signed(app, body))
        assert answer.status_code == 400, (place, answer.text)


def test_an_impossible_page_to_lead_back_to_is_refused_before_the_deed(app: Flask) -> None:
    client = sign_in(app, is_owner=True)
    with app.app_context():
        product = make_product()
    client.get(f"/admin/products/{product.id}")
    with app.app_context():
        before = counts()[AuditEntry.__tablename__]
    where = f"/admin/products/{product.id}"
    answer = client.submit(f"{where}/sync?page=x", page=where)
    assert answer.status_code == 404
    with app.app_context():
        assert counts()[AuditEntry.__tablename__] == before
