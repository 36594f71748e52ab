"""Limits on unpaid orders: orders that are placed at once count each other."""

import threading
from collections.abc import Callable
from itertools import count as numbers
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.core.db import db
from shop.core.errors import TooManyRequests
from shop.models import Order
from shop.orders import place
from shop.orders.checkout_details import CheckoutDetails
from shop.settings.services import set_setting
from tests.conftest import both_engines
from tests.factories import make_product, make_user
from tests.orders import kit
from tests.races.race_kit import count, in_app, together
from tests.races.test_stock import make_carts

BUYERS = 12
fresh = numbers(1)
Crowd = Callable[[int], list[dict[str, Any]]]


def one_address(nth: int) -> list[dict[str, Any]]:
    return [{"email": f"guest{nth}@example.org", "ip": f"192.0.2.{nth}"}] * BUYERS


def one_address_anywhere(nth: int) -> list[dict[str, Any]]:
    return [
        {"email": f"guest{nth}@example.org", "ip": f"198.51.100.{n}"} for n in range(1, BUYERS + 1)
    ]


def one_account(_nth: int) -> list[dict[str, Any]]:
    user_id = make_user().id
    return [{"user_id": user_id, "ip": f"198.51.100.{n}"} for n in range(1, BUYERS + 1)]


def one_place(nth: int) -> list[dict[str, Any]]:
    return [
        {"email": f"guest{n}@example.org", "ip": f"2001:db8:0:{nth:x}::{n:x}"}
        for n in range(BUYERS)
    ]


def buy(cart_id: int, changes: dict[str, Any]) -> str:
    """Place the order."""
    try:
        kit.place(cart_id, **changes)
    except TooManyRequests:
        return "refused"
    return "placed"


def rush(app: Flask, crowd: Crowd) -> list[str]:
    """Have as many orders placed at once, each of another bag; return what became of them."""
    with app.app_context():
        changes = crowd(next(fresh))
        carts = make_carts(make_product(stock=99), BUYERS)
        db.session.remove()
    return together([in_app(app, buy, *pair) for pair in zip(carts, changes, strict=True)])


@both_engines
@pytest.mark.parametrize(
    ("setting", "limit", "crowd", "placed"),
    [
        ("open_orders_per_email", 3, one_address, 3),
        ("open_orders_per_email", 1, one_address_anywhere, 10),
        ("open_orders_per_email", 3, one_account, 3),
        ("open_orders_per_ip", 4, one_place, 4),
        ("unpaid_orders_per_hour", 5, one_place, 5),
    ],
)
def test_a_limit_holds_whoever_comes_at_once(
    app: Flask, setting: str, limit: int, crowd: Crowd, placed: int
) -> None:
    with app.app_context():
        set_setting(setting, str(limit), user_id=None)
    rounds = count(20)
    for _ in range(rounds):
        results = rush(app, crowd)
        assert sorted(results) == ["placed"] * placed + ["refused"] * (BUYERS - placed)
    with app.app_context():
        assert db.session.scalar(select(func.count(Order.id))) == rounds * placed


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("setting", "crowd"),
    [("open_orders_per_email", one_account), ("open_orders_per_ip", one_place)],
)
def test_control_without_the_lock_none_counts_the_others(
    app: Flask, monkeypatch: pytest.MonkeyPatch, setting: str, crowd: Crowd
) -> None:
    """On PostgreSQL alone: a file of SQLite has one writer, whatever a transaction says in it."""
    with app.app_context():
        set_setting(setting, "1", user_id=None)
    all_have_counted = threading.Barrier(BUYERS, timeout=60)
    really = place.check_limits

    def count_then_wait(details: CheckoutDetails) -> None:
        really(details)
        all_have_counted.wait()

    monkeypatch.setattr(place, "lock_limits", lambda details: None)
    monkeypatch.setattr(place, "check_limits", count_then_wait)
    assert rush(app, crowd) == ["placed"] * BUYERS


@both_engines
def test_a_limit_that_is_off_makes_nobody_wait(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    locked: list[str] = []
    monkeypatch.setattr("shop.orders.limits.lock_names", locked.extend)
    with app.app_context():
        kit.place(kit.fill_cart(make_product()))
        assert locked == []
        for setting in ("open_orders_per_email", "unpaid_orders_per_hour"):
            set_setting(setting, "2", user_id=None)
        kit.place(kit.fill_cart(make_product()))
        assert locked == [
            "orders of address camille@example.org",
            "orders from 198.51.100.7",
        ]
