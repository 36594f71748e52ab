"""Any service may send: its messages are stored once, and those who take payments pass them by."""

from dataclasses import replace

from flask import Flask
from sqlalchemy import select

from shop.core import clock
from shop.core.db import db
from shop.models import WebhookEvent
from shop.operations.retention import apply_retention
from shop.orders.services import reconcile
from shop.shared.inbox import Message, mark_handled, note_failure, store_message
from tests.conftest import both_engines

DELIVERED = Message("1", "parcel_status_changed", "6A1", livemode=True, payload={"status": 11})


def kept() -> list[tuple[str, str, bool, str]]:
    """Return sender, id, whether it was handled, and what went wrong, of each message."""
    db.session.rollback()
    rows = db.session.scalars(select(WebhookEvent).order_by(WebhookEvent.id))
    return [(row.provider, row.event_id, row.processed_at is not None, row.error) for row in rows]


@both_engines
def test_a_message_is_there_once_and_is_handled_until_it_is_marked(ctx: Flask) -> None:
    assert store_message("parcels", DELIVERED)
    note_failure("parcels", "1", ValueError("no such parcel\nat all"))
    assert store_message("parcels", DELIVERED)
    assert kept() == [("parcels", "1", False, "ValueError: no such parcel")]
    mark_handled("parcels", "1")
    assert not store_message("parcels", DELIVERED)
    assert kept() == [("parcels", "1", True, "")]


@both_engines
def test_two_senders_may_call_their_messages_the_same(ctx: Flask) -> None:
    assert store_message("parcels", DELIVERED)
    assert store_message("chat", replace(DELIVERED, type="read"))
    mark_handled("chat", "1")
    assert kept() == [("parcels", "1", False, ""), ("chat", "1", True, "")]


@both_engines
def test_what_became_of_a_message_is_said_of_no_other(ctx: Flask) -> None:
    for number in ("1", "2", "3"):
        assert store_message("parcels", replace(DELIVERED, id=number))
    note_failure("parcels", "2", ValueError("no such parcel"))
    mark_handled("parcels", "3")
    assert kept() == [
        ("parcels", "1", False, ""),
        ("parcels", "2", False, "ValueError: no such parcel"),
        ("parcels", "3", True, ""),
    ]


@both_engines
def test_payments_pass_by_what_is_not_theirs_and_it_goes_in_time(ctx: Flask) -> None:
    store_message("parcels", DELIVERED)
    clock.move(3600)
    result = reconcile()
    assert (result.looked_at, result.failed) == (0, 0)
    assert kept() == [("parcels", "1", False, "")]
    clock.move(31 * 24 * 3600)
    assert apply_retention()["webhook_payloads"] == 1
    assert kept() == [("parcels", "1", True, "")]
