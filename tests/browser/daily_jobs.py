"""What staff do every day, each in as few clicks as it is promised to take; see clicks.py.

A job begins on the first page of the staff and ends when the page says that it is done.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.admin.kit import picture
from tests.browser.clicks import job

COUNT_PRINTS = "window.print = () => (window.printed = (window.printed ?? 0) + 1)"


def select_all(page: Page) -> None:
    """Tick all rows of a list."""
    page.get_by_label("Select all on this page").check()


def see_sales(desk: Page, amount: str) -> None:
    """See what was sold today."""
    with job(desk, clicks=0):
        expect(desk.get_by_role("definition").filter(has_text=amount).first).to_be_visible()


def find_order(desk: Page, number: str) -> None:
    """Find an order by its number."""
    with job(desk, clicks=1, fields=1):
        desk.get_by_placeholder("Order, product, customer").click()
        desk.keyboard.type(number.lower())
        desk.keyboard.press("Enter")
        expect(desk.get_by_role("heading", level=1)).to_have_text(number)


def find_where_an_order_is(desk: Page, email: str, number: str) -> None:
    """Answer somebody who asks where their order is, and says their address."""
    with job(desk, clicks=1, fields=1):
        desk.get_by_placeholder("Order, product, customer").click()
        desk.keyboard.type(email.upper())
        desk.keyboard.press("Enter")
        last = desk.locator("section", has=desk.get_by_role("heading", name="Last order"))
        expect(last.get_by_text("Paid")).to_be_visible()
        expect(last.get_by_role("link", name=number)).to_be_in_viewport()


def send_one(desk: Page, number: str, *, of: str) -> None:
    """Send an order with its tracking number; `of`: how Today calls those that wait."""
    with job(desk, clicks=3, fields=1):
        desk.get_by_role("link", name=of).click()
        desk.get_by_role("link", name=number).click()
        expect(desk.get_by_label("Tracking number", exact=True)).to_be_focused()
        desk.keyboard.type("6A 1948")
        desk.get_by_role("button", name="Mark as sent").click()
        expect(desk.get_by_role("button", name="Mark as delivered")).to_be_visible()


def send_all(desk: Page, many: int) -> None:
    """Send all orders that wait, with a tracking number each."""
    with job(desk, clicks=4, fields=1) as tally:
        desk.get_by_role("link", name=f"{many} orders to send").click()
        select_all(desk)
        desk.get_by_role("button", name="Mark as sent…").click()
        desk.get_by_role("textbox", name="Tracking numbers").fill(
            "\n".join(f"6A {n}" for n in range(many))
        )
        desk.get_by_role("button", name=f"Mark {many} orders as sent").click()
        expect(desk.get_by_text(f"{many} orders are marked as sent.").first).to_be_visible()
    assert (len(tally.clicks), len(tally.fields)) == (4, 1)  # and every one of them was seen


def print_slips(desk: Page, many: int) -> None:
    """Print the slips of all orders that wait of a page with COUNT_PRINTS."""
    with job(desk, clicks=3):
        desk.get_by_role("link", name=f"{many} orders to send").click()
        select_all(desk)
        desk.get_by_role("button", name="Print slips").click()
        desk.wait_for_function("window.printed === 1")


def refund_one(desk: Page, number: str) -> None:
    """Refund an order of one piece."""
    with job(desk, clicks=3, fields=1):
        desk.get_by_role("link", name=number).first.click()
        desk.get_by_role("link", name="Refund…").click()
        desk.get_by_role("button", name="Refund €").click()
        expect(desk.get_by_text("Refund, ").first).to_be_visible()


def answer_message(desk: Page) -> None:
    """Read the one message that waits, and say that it is answered."""
    with job(desk, clicks=3):
        desk.get_by_role("link", name="1 message to answer").click()
        desk.get_by_role("main").get_by_role("link", name="Camille").first.click()
        desk.get_by_role("button", name="Mark as done").click()
        expect(desk.get_by_text("Done.").first).to_be_visible()


def make_coupon(desk: Page) -> None:
    """Make a coupon of ten percent for a month."""
    with job(desk, clicks=3, fields=0):
        desk.get_by_role("link", name="Coupons").click()
        desk.get_by_role("link", name="New coupon").first.click()
        desk.get_by_role("button", name="Create").click()
        expect(desk.get_by_text("The coupon is made.").first).to_be_visible()


def correct_stock(desk: Page, name: str, pieces: int) -> None:
    """Say how many pieces there are."""
    with job(desk, clicks=1, fields=1):
        desk.locator("nav.side").get_by_role("link", name="Stock").click()
        number = desk.get_by_label(f"On hand, {name}")
        number.fill(str(pieces))
        number.press("Enter")
        expect(desk.get_by_text("Saved.").first).to_be_visible()


def make_variants(desk: Page, name: str) -> None:
    """Make a product with two options and four variants, 1 to 4 pieces of each."""
    with job(desk, clicks=5, fields=12):
        desk.locator("header.top").get_by_role("link", name="New product").click()
        desk.get_by_label("Name", exact=True).fill(name)
        desk.get_by_label("Price", exact=True).fill("98")
        desk.get_by_text("It comes in several sizes").click()
        for number, (option, values) in enumerate([("Size", "S\nM"), ("Colour", "Red\nJet")], 1):
            desk.get_by_label(f"Option {number}", exact=True).fill(option)
            desk.get_by_label(f"Values of option {number}").fill(values)
        desk.get_by_role("button", name="Make product").click()
        expect(desk.get_by_role("heading", name="Prices and stock")).to_be_visible()
        for number, cell in enumerate(desk.get_by_label(re.compile("^On hand, ")).all(), 1):
            cell.fill(str(number))
        desk.get_by_role("button", name="Save", exact=True).click()
        expect(desk.get_by_text("Saved.").first).to_be_visible()


def make_product_with_pictures(desk: Page, name: str, files: Sequence[Path]) -> None:
    """Make a product with a picture of each file."""
    with job(desk, clicks=3, fields=3):
        desk.locator("header.top").get_by_role("link", name="New product").click()
        desk.get_by_label("Name", exact=True).fill(name)
        desk.get_by_label("Price", exact=True).fill("98")
        desk.get_by_label("Pieces on hand").fill("3")
        desk.get_by_label("Choose pictures").set_input_files(files)
        desk.get_by_role("button", name="Make product").click()
        expect(desk.locator("#pictures img").nth(len(files) - 1)).to_be_visible()


def three_pictures(folder: Path) -> list[Path]:
    """Write three pictures into a folder; return their files."""
    files = []
    for colour in ("red", "green", "blue"):
        files.append(folder / f"{colour}.png")
        files[-1].write_bytes(picture(colour, (300, 400)).getvalue())
    return files
