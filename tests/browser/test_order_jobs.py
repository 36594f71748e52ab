"""The daily jobs with orders, each in as few clicks as /admin/ promises."""

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from shop.core.db import db
from shop.models import Coupon, FulfilmentStatus, Order, Shipment
from tests.admin.kit import order_of, paid_order
from tests.browser import daily_jobs
from tests.browser.clicks import job
from tests.contact.test_contact import write_message
from tests.factories import make_product


def test_twenty_are_sent(app: Flask, desk: Page) -> None:
    numbers = [paid_order(app, pictures=0) for _ in range(20)]
    daily_jobs.send_all(desk, 20)
    with app.app_context():
        assert order_of(numbers[-1]).fulfilment_status is FulfilmentStatus.SHIPPED
        assert db.session.scalar(select(func.count(Shipment.tracking_number.distinct()))) == 20


def test_seven_slips_are_printed(app: Flask, desk: Page) -> None:
    for _ in range(7):
        paid_order(app, pictures=0)
    desk.add_init_script(daily_jobs.COUNT_PRINTS)
    daily_jobs.print_slips(desk, 7)
    desk.emulate_media(media="print")
    slips = desk.locator(".slip")
    assert slips.count() == 7
    breaks = slips.evaluate_all("all => all.map(e => getComputedStyle(e).breakBefore)")
    assert breaks == ["auto", *["page"] * 6]
    for hidden in (".side", ".top", ".no-print", ".staff-foot"):
        expect(desk.locator(hidden).first).to_be_hidden()


def test_one_is_sent_with_its_tracking_number(app: Flask, desk: Page) -> None:
    daily_jobs.send_one(desk, paid_order(app, pictures=0), of="1 order to send")


def test_one_piece_is_refunded(app: Flask, desk: Page) -> None:
    daily_jobs.refund_one(desk, paid_order(app, quantity=1, price=6400, pictures=0))


def test_an_order_is_found(app: Flask, desk: Page) -> None:
    numbers = [paid_order(app, pictures=0) for _ in range(2)]
    daily_jobs.find_order(desk, numbers[0])


def test_where_is_my_order(app: Flask, desk: Page) -> None:
    paid_order(app, pictures=0)
    number = paid_order(app, pictures=0)
    with app.app_context():
        email = order_of(number).email
    with job(desk, clicks=1, fields=1):
        desk.get_by_placeholder("Order, product, customer").click()
        desk.keyboard.type(email.upper())
        desk.keyboard.press("Enter")
        last = desk.locator("section", has=desk.get_by_role("heading", name="Last order"))
        expect(last.get_by_text("Paid")).to_be_visible()
        expect(last.get_by_role("link", name=number)).to_be_in_viewport()


def test_a_job_above_its_target_fails(app: Flask, desk: Page) -> None:
    paid_order(app, pictures=0)
    with pytest.raises(AssertionError, match="Orders"), job(desk, clicks=0):
        desk.get_by_role("link", name="Orders", exact=False).first.click()
        desk.wait_for_url("**/admin/orders")


def test_an_address_that_is_called_is_refused(desk: Page) -> None:
    with pytest.raises(AssertionError, match="by what the pages offer"), job(desk, clicks=9):
        desk.goto("/admin/orders")


def test_a_coupon_of_ten_percent_is_made(app: Flask, desk: Page) -> None:
    daily_jobs.make_coupon(desk)
    with app.app_context():
        assert db.session.scalars(select(Coupon.percent_bp)).all() == [1000]


def test_today_tells_when_an_order_comes(app: Flask, desk: Page) -> None:
    desk.clock.install()
    desk.goto("/admin/")
    desk.clock.fast_forward(31_000)  # nothing came; the next look finds it
    paid_order(app, pictures=0)
    desk.clock.fast_forward(31_000)
    news = desk.get_by_role("status").get_by_role("link", name="1 new order was paid")
    expect(news).to_be_visible()
    desk.route("**/admin/news*", lambda route: route.fulfill(status=503, body="busy"))
    with desk.expect_response("**/admin/news*"):
        desk.clock.fast_forward(31_000)
    expect(news).to_be_visible()
    news.click()
    expect(desk.get_by_role("link", name="1 order to send")).to_be_visible()


def test_a_day_in_the_shop(app: Flask, desk: Page, tmp_path: Path) -> None:
    """One job after the other, at one desk, without a command line; then the books are right."""
    with app.app_context():
        make_product("Ambre", stock=50, pictures=0)
        write_message("x" * 24)
    numbers = [paid_order(app, quantity=1, price=20000, pictures=0) for _ in range(5)]
    desk.add_init_script(daily_jobs.COUNT_PRINTS)
    daily_jobs.see_sales(desk, "€1,000")
    daily_jobs.answer_message(desk)
    with app.app_context():
        email = order_of(numbers[-1]).email
    daily_jobs.find_where_an_order_is(desk, email, numbers[-1])
    daily_jobs.find_order(desk, numbers[0])
    daily_jobs.send_one(desk, numbers[0], of="5 orders to send")
    daily_jobs.print_slips(desk, 4)
    daily_jobs.refund_one(desk, numbers[1])
    daily_jobs.send_all(desk, 3)
    daily_jobs.correct_stock(desk, "Ambre", 48)
    daily_jobs.make_coupon(desk)
    daily_jobs.make_product_with_pictures(desk, "Collier", daily_jobs.three_pictures(tmp_path))
    daily_jobs.make_variants(desk, "Anneau")
    daily_jobs.see_sales(desk, "€200")  # what went back
    with app.app_context():
        states = dict(db.session.execute(select(Order.number, Order.fulfilment_status)).all())
    assert [states[number] for number in numbers] == [
        FulfilmentStatus.SHIPPED,
        FulfilmentStatus.UNFULFILLED,
        *[FulfilmentStatus.SHIPPED] * 3,
    ]
