"""Mails to staff about the shop as a whole: each once, also for two workers and after a pause."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core import clock
from shop.core.db import db
from shop.jobs import drain
from shop.models import MailMessage, MovementKind, Product, Provider
from shop.orders.payment.fulfil import fulfil
from shop.sales.daily_mail import queue_daily_mail
from shop.settings.services import set_setting
from shop.stock.low import tell_low_stock
from shop.stock.services import adjust_stock
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit


@pytest.fixture
def shop(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """A shop in Auckland whose staff want both mails."""
    app = make_app(STAFF_EMAIL="desk@maison.example", TIMEZONE="Pacific/Auckland")
    with app.app_context():
        kit.open_shop()
        set_setting("daily_sales_mail", "yes", user_id=None)
        set_setting("low_stock_mail", "yes", user_id=None)
        yield app


def go_to(app: Flask, moment: datetime) -> None:
    db.session.close()
    clock.move((moment - clock.now()).total_seconds())
    kit.sandbox_of(app).advance(moment.timestamp() - kit.sandbox_of(app).now())


def mails(kind: str) -> list[MailMessage]:
    drain()
    db.session.close()
    return list(db.session.scalars(select(MailMessage).where(MailMessage.kind == kind)))


def sell(product: Product) -> None:
    _order, ref = kit.to_payment(kit.fill_cart(product))
    kit.pay(ref, deliver=False)
    fulfil(Provider.SANDBOX, ref)


def test_the_day_before_is_told_once_each_morning_of_the_shops_zone(shop: Flask) -> None:
    go_to(shop, datetime(2027, 1, 10, 20, tzinfo=UTC))  # the 11th, 9 o'clock, in Auckland
    sell(make_product("Ambre", price=20000))
    go_to(shop, datetime(2027, 1, 11, 16, 30, tzinfo=UTC))  # the 12th, half past five
    assert not queue_daily_mail(), "not before six"
    go_to(shop, datetime(2027, 1, 11, 17, 30, tzinfo=UTC))
    assert queue_daily_mail()
    assert not queue_daily_mail()
    (mail,) = mails("staff_daily_sales")
    assert mail.to_address == "desk@maison.example"
    assert mail.subject == "Sales of 2027-01-11"
    assert "Sales: €200.00 (€0.00)" in str(mail.text_body)
    assert "1 × Ambre: €200.00" in str(mail.text_body)


def test_after_a_pause_only_the_last_day_is_told(shop: Flask) -> None:
    go_to(shop, datetime(2027, 1, 11, 20, tzinfo=UTC))
    queue_daily_mail()
    go_to(shop, datetime(2027, 1, 31, 20, tzinfo=UTC))
    queue_daily_mail()
    days = [mail.subject for mail in mails("staff_daily_sales")]
    assert days == ["Sales of 2027-01-11", "Sales of 2027-01-31"]


@both_engines
def test_a_piece_that_runs_low_is_told_once_until_it_recovers(shop: Flask) -> None:
    product = make_product("Iris", stock=4)
    make_product("Draft", stock=0, is_active=False)
    variant_id = product.variants[0].id
    assert tell_low_stock() == 0
    assert mails("staff_low_stock") == []
    sell(product)
    assert tell_low_stock() == 1
    sell(product)
    assert tell_low_stock() == 0
    (mail,) = mails("staff_low_stock")
    assert "Iris" in str(mail.text_body)
    assert "2 left" in str(mail.text_body), "as it is when the mail goes out"
    restock(variant_id, 10)
    assert tell_low_stock() == 0
    restock(variant_id, -9)
    assert tell_low_stock() == 1
    assert len(mails("staff_low_stock")) == 2


def restock(variant_id: int, pieces: int) -> None:
    adjust_stock(variant_id, pieces, MovementKind.CORRECTION, "counted", None)


def test_nothing_is_told_where_it_is_not_wanted(shop: Flask) -> None:
    make_product("Iris", stock=1)
    go_to(shop, datetime(2027, 1, 11, 20, tzinfo=UTC))
    for key in ("daily_sales_mail", "low_stock_mail"):
        set_setting(key, "no", user_id=None)
    assert not queue_daily_mail()
    assert tell_low_stock() == 0


def test_nothing_is_told_without_an_address(make_app: Callable[..., Flask]) -> None:
    with make_app(STAFF_EMAIL="").app_context():
        kit.open_shop()
        make_product("Iris", stock=1)
        for key in ("daily_sales_mail", "low_stock_mail"):
            set_setting(key, "yes", user_id=None)
        clock.move(timedelta(days=1).total_seconds())
        assert not queue_daily_mail()
        assert tell_low_stock() == 0
