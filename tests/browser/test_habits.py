"""What hands learn: keys, the palette, ranges of ticks, and that nothing typed is lost unasked."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from playwright.sync_api import Dialog, Page, expect

from tests.admin.kit import order_of, paid_order
from tests.browser.clicks import job
from tests.coupons.kit import coupon
from tests.factories import make_product, product_again


@pytest.fixture
def numbers(app: Flask) -> list[str]:
    """The numbers of five orders to send, as the list has them: the oldest first."""
    return [paid_order(app, pictures=0) for _ in range(5)]


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


@contextmanager
def asked(page: Page, *, times: int = 1) -> Iterator[None]:
    """Expect to be asked so often whether to leave; stay each time."""
    seen: list[str] = []

    def stay(dialog: Dialog) -> None:
        seen.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    yield
    page.wait_for_function("() => true")
    page.remove_listener("dialog", stay)
    assert seen == ["beforeunload"] * times


def test_whatever_is_named_exactly_is_found_without_a_click(
    app: Flask, desk: Page, numbers: list[str]
) -> None:
    with app.app_context():
        make_product("Ambre", variants=[{"sku": "AMB-50"}], pictures=0)
        coupon("WINTER")
    with job(desk, clicks=0, fields=1):
        for typed, found in (
            ("amb-50", "Ambre"),
            ("winter", "WINTER"),
            (numbers[2].lower(), numbers[2]),
        ):
            press(desk, "/")
            desk.keyboard.type(typed)
            press(desk, "Enter")
            expect(desk.get_by_role("heading", level=1)).to_have_text(found)


def test_orders_are_gone_through_and_sent_by_keys(
    app: Flask, desk: Page, numbers: list[str]
) -> None:
    title, said = desk.get_by_role("heading", level=1), desk.locator("#said")
    with job(desk, clicks=0, fields=1):
        press(desk, "g", "o")
        expect(title).to_have_text("Orders")
        press(desk, *"jjjk")
        expect(desk.get_by_role("link", name=numbers[1])).to_be_focused()
        press(desk, "x")
        expect(said).to_have_text("1 selected")
        press(desk, "j", "x")
        expect(said).to_have_text("2 selected")
        press(desk, "Enter")
        expect(title).to_have_text(numbers[2])
        press(desk, "Escape", "g", "o")
        expect(title).to_have_text("Orders")
        press(desk, "k", "f")
        expect(desk.get_by_role("button", name="Mark 1 order as sent")).to_be_visible()
        expect(desk.get_by_text(numbers[4]).first).to_be_visible()
        press(desk, "Escape", "g", "o")
        expect(title).to_have_text("Orders")
        press(desk, "j", "Enter")
        tracking = desk.get_by_label("Tracking number", exact=True)
        expect(tracking).to_be_focused()
        desk.keyboard.type("jkxn/?")
        expect(tracking).to_have_value("jkxn/?")
        press(desk, "Control+Enter")
        expect(desk.get_by_role("button", name="Mark as delivered")).to_be_visible()
        press(desk, "r")
        expect(desk.get_by_role("heading", name="Refund")).to_be_visible()
    with app.app_context():
        assert str(order_of(numbers[0]).fulfilment_status) == "shipped"


def test_shift_ticks_all_in_between(desk: Page, numbers: list[str]) -> None:
    desk.goto("/admin/orders")
    boxes = desk.locator("tbody input[type=checkbox]")
    boxes.nth(1).click()
    boxes.nth(3).click(modifiers=["Shift"])
    assert [boxes.nth(n).is_checked() for n in range(5)] == [False, True, True, True, False]
    expect(desk.locator("#said")).to_have_text("3 selected")
    boxes.nth(0).click()
    boxes.nth(2).click()
    boxes.nth(0).click(modifiers=["Shift"])
    assert [boxes.nth(n).is_checked() for n in range(5)] == [False, False, False, True, False]


def test_the_palette_goes_does_and_finds(desk: Page, numbers: list[str]) -> None:
    title = desk.get_by_role("heading", level=1)
    typed = desk.get_by_role("combobox", name="Go to, do or find")
    options = desk.locator("#palette").get_by_role("option")
    desk.goto(f"/admin/orders/{numbers[0]}")
    press(desk, "Control+k")
    expect(typed).to_be_focused()
    expect(options.filter(has_text="New coupon")).to_be_visible()
    desk.keyboard.type("refund")
    expect(options.first).to_have_attribute("aria-selected", "true")
    press(desk, "Enter")
    expect(desk.get_by_role("heading", name="Refund")).to_be_visible()
    press(desk, "Control+k")
    desk.keyboard.type("new")
    expect(options.filter(has_text="New house")).to_be_visible()
    press(desk, "ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(typed).to_have_attribute("aria-activedescendant", "command-1")
    expect(options.nth(1)).to_have_text("New coupon")
    press(desk, "Enter")
    expect(title).to_have_text("New coupon")
    press(desk, "Control+k")
    desk.keyboard.type(numbers[1].lower())
    expect(options).to_have_text(f"Find “{numbers[1].lower()}”")
    press(desk, "Enter")
    expect(title).to_have_text(numbers[1])
    press(desk, "Control+k", "Escape")
    expect(desk.locator("#palette")).to_be_hidden()
    expect(desk.get_by_label("Tracking number", exact=True)).to_be_focused()


def test_keys_are_told_and_turned_off(desk: Page) -> None:
    title, told = desk.get_by_role("heading", level=1), desk.get_by_role("dialog", name="Keys")
    desk.goto("/admin/")
    press(desk, "?")
    expect(told.get_by_role("cell", name="Next row")).to_be_visible()
    press(desk, "g", "p")
    expect(told).to_be_visible()
    press(desk, "Escape")
    for held in ("Control", "Alt", "Meta"):
        press(desk, f"{held}+j", f"{held}+?")
    expect(told).to_be_hidden()
    desk.goto("/admin/products")
    press(desk, "n")
    expect(title).to_have_text("New product")
    desk.goto("/admin/keys")
    desk.get_by_role("button", name="Turn single keys off").click()
    expect(desk.get_by_text("They are off for you.")).to_be_visible()
    press(desk, *"?gp/n")
    expect(told).to_be_hidden()
    expect(desk.locator("#find")).not_to_be_focused()
    expect(title).to_have_text("Keys")
    press(desk, "Control+k")
    expect(desk.locator("#palette")).to_be_visible()
    press(desk, "Escape")
    desk.get_by_role("button", name="Turn single keys on").click()
    expect(desk.get_by_text("They are on for you.")).to_be_visible()
    press(desk, "g", "p")
    expect(title).to_have_text("Products")


def test_nothing_typed_is_lost_unasked(app: Flask, desk: Page) -> None:
    with app.app_context():
        product_id = make_product("Ambre", pictures=0).id
    page = f"/admin/products/{product_id}"
    name, note = desk.get_by_label("Name", exact=True), desk.get_by_text("Unsaved changes")
    away = desk.get_by_role("link", name="Coupons").first
    desk.goto(page)
    expect(note).to_be_hidden()
    name.fill("Ambre nuit")
    expect(note).to_be_visible()
    with asked(desk):
        away.click(no_wait_after=True)
    assert desk.url.endswith(page)
    name.fill("Ambre")
    expect(note).to_be_hidden()
    with asked(desk, times=0):
        away.click()
        desk.wait_for_url("**/admin/coupons")
    desk.goto(page)
    name.fill("")
    with asked(desk, times=0):
        press(desk, "Control+s")
        expect(desk.locator("[data-error-summary]")).to_be_focused()
    expect(note).to_be_visible()
    with asked(desk):
        away.click(no_wait_after=True)
    name.fill("Ambre noir")
    with asked(desk, times=0):
        press(desk, "Control+s")
        expect(desk.get_by_role("heading", level=1)).to_have_text("Ambre noir")
    expect(note).to_be_hidden()
    with app.app_context():
        assert product_again(product_id).version == 2
