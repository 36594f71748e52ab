"""The daily jobs with orders, each in as few clicks as /admin/ promises."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from shop.core.db import db
from shop.models import Coupon, FulfilmentStatus, Shipment
from tests.admin.kit import order_of, paid_order
from tests.browser.clicks import job


def select_all(page: Page) -> None:
    page.get_by_label("Select all on this page").check()


def test_twenty_are_sent(app: Flask, desk: Page) -> None:
    numbers = [paid_order(app, pictures=0) for _ in range(20)]
    with job(desk, clicks=4, fields=1) as tally:
        desk.get_by_role("link", name="20 orders to send").click()
        select_all(desk)
        desk.get_by_role("button", name="Mark as sent…").click()
        desk.get_by_role("textbox", name="Tracking numbers").fill(
            "\n".join(f"6A {n}" for n in range(20))
        )
        desk.get_by_role("button", name="Mark 20 orders as sent").click()
        expect(desk.get_by_text("20 orders are marked as sent.").first).to_be_visible()
    assert (len(tally.clicks), len(tally.fields)) == (4, 1)  # and every one of them was seen
    with app.app_context():
        assert order_of(numbers[-1]).fulfilment_status is FulfilmentStatus.SHIPPED
        assert db.session.scalar(select(func.count(Shipment.tracking_number.distinct()))) == 20


def test_seven_slips_are_printed(app: Flask, desk: Page) -> None:
    for _ in range(7):
        paid_order(app, pictures=0)
    desk.add_init_script("window.print = () => (window.printed = (window.printed ?? 0) + 1)")
    with job(desk, clicks=3):
        desk.get_by_role("link", name="7 orders to send").click()
        select_all(desk)
        desk.get_by_role("button", name="Print slips").click()
        desk.wait_for_function("window.printed === 1")
    desk.emulate_media(media="print")
    slips = desk.locator(".slip")
    assert slips.count() == 7
    breaks = slips.evaluate_all("all => all.map(e => getComputedStyle(e).breakBefore)")
    assert breaks == ["auto", *["page"] * 6]
    for hidden in (".side", ".top", ".no-print", ".staff-foot"):
        expect(desk.locator(hidden).first).to_be_hidden()


def test_one_is_sent_with_its_tracking_number(app: Flask, desk: Page) -> None:
    number = paid_order(app, pictures=0)
    with job(desk, clicks=3, fields=1):
        desk.get_by_role("link", name="1 order to send").click()
        desk.get_by_role("link", name=number).click()
        expect(desk.get_by_label("Tracking number", exact=True)).to_be_focused()
        desk.keyboard.type("6A 1948")
        desk.get_by_role("button", name="Mark as sent").click()
        expect(desk.get_by_role("button", name="Mark as delivered")).to_be_visible()


def test_one_piece_is_refunded(app: Flask, desk: Page) -> None:
    number = paid_order(app, quantity=1, price=6400, pictures=0)
    with job(desk, clicks=3, fields=1):
        desk.get_by_role("link", name=number).first.click()
        desk.get_by_role("link", name="Refund…").click()
        desk.get_by_role("button", name="Refund €").click()
        expect(desk.get_by_text("Refund, ").first).to_be_visible()


def test_an_order_is_found(app: Flask, desk: Page) -> None:
    numbers = [paid_order(app, pictures=0) for _ in range(2)]
    with job(desk, clicks=1, fields=1):
        desk.get_by_placeholder("Order, product, customer").click()
        desk.keyboard.type(numbers[0].lower())
        desk.keyboard.press("Enter")
        expect(desk.get_by_role("heading", level=1)).to_have_text(numbers[0])


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
    with job(desk, clicks=3, fields=0):
        desk.get_by_role("link", name="Coupons").click()
        desk.get_by_role("link", name="New coupon").first.click()
        desk.get_by_role("button", name="Create").click()
        expect(desk.get_by_text("The coupon is made.").first).to_be_visible()
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
