"""The two walks of docs/architecture.md, as the code takes them: which module enters which."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest
from flask import Flask

from shop.core.db import transaction
from shop.models import AttemptState
from shop.orders.payment.moves import end_attempt
from shop.orders.services import start_payment
from tests.architecture.source import SHOP
from tests.factories import make_product
from tests.orders import kit
from tests.orders.test_webhook import URL, paid, signed

__all__ = ["paid"]

ORDERS = SHOP / "orders"
HISTORY = "events"  # whoever writes the history of an order calls it, whatever happens


def module_of(frame: FrameType | None) -> str:
    """Return the module of shop/orders whose function a frame runs, "" for any other."""
    path = Path(frame.f_code.co_filename) if frame else ORDERS
    if not path.is_relative_to(ORDERS) or path == ORDERS:
        return ""
    return path.relative_to(ORDERS).with_suffix("").as_posix()


def caller_of(frame: FrameType) -> str:
    """Return the nearest module of shop/orders that a call came from, "" where there is none."""
    behind = frame.f_back
    while behind is not None and not module_of(behind):
        behind = behind.f_back
    return module_of(behind)


def entered(act: Callable[[], object]) -> list[str]:
    """Return the modules of shop/orders that `act` entered, each as often as one came in."""
    found: list[str] = []

    def look(frame: FrameType, event: str, _arg: object) -> None:
        module = module_of(frame) if event == "call" else ""
        if module not in {"", HISTORY} and caller_of(frame) != module:
            found.append(module)

    sys.setprofile(look)
    try:
        act()
    finally:
        sys.setprofile(None)
    return found


def test_from_the_webhooks_body_to_a_paid_order(app: Flask, paid: tuple[int, str, str]) -> None:
    order_id, _, body = paid
    headers, client = signed(app, body), app.test_client()
    assert entered(lambda: client.post(URL, data=body, headers=headers)) == [
        "routes",
        "payment/webhook",
        "payment/fulfil",
        "payment/moves",
        "payment/asked_again",
    ]
    with app.app_context():
        assert kit.order(order_id).paid_at is not None


@pytest.mark.parametrize("last", ["given", "found", "failed"])
def test_from_the_start_of_a_payment_to_its_page(ctx: Flask, last: str) -> None:
    kit.open_shop()
    placed = kit.place(kit.fill_cart(make_product()))
    assert placed.attempt is not None
    if last == "failed":
        with transaction():
            end_attempt(placed.attempt.id, AttemptState.FAILED)
    known = placed.attempt if last == "given" else None
    attempt = {"found": ["payment/attempt"], "failed": ["payment/attempt", "queries"]}
    assert entered(lambda: start_payment(placed.order.id, known)) == [
        "payment/pay",
        *attempt.get(last, []),
        "payment/page",
        "payment/moves",
    ]
    assert kit.newest_attempt(placed.order.id).state is AttemptState.OPEN
