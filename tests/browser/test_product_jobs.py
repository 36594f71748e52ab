"""The daily jobs with products, each in as few clicks as /admin/ promises."""

from pathlib import Path

from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from shop.core.db import db
from shop.jobs import drain
from shop.models import Product, ProductImage, ProductVariant
from tests.browser import daily_jobs
from tests.browser.clicks import job
from tests.factories import make_product


def test_two_options_make_four_variants_with_stock_of_their_own(app: Flask, desk: Page) -> None:
    daily_jobs.make_variants(desk, "Anneau")
    with app.app_context():
        columns = select(ProductVariant.sku, ProductVariant.stock_on_hand)
        assert db.session.execute(columns.order_by(ProductVariant.position)).all() == [
            ("ANNEAU-S-RED", 1),
            ("ANNEAU-S-JET", 2),
            ("ANNEAU-M-RED", 3),
            ("ANNEAU-M-JET", 4),
        ]


def test_a_product_gets_three_pictures(app: Flask, desk: Page, tmp_path: Path) -> None:
    daily_jobs.make_product_with_pictures(desk, "Collier", daily_jobs.three_pictures(tmp_path))
    with app.app_context():
        assert len(db.session.scalars(select(ProductImage.id)).all()) == 3


def test_the_stock_of_one_is_corrected(app: Flask, desk: Page) -> None:
    with app.app_context():
        product_id = make_product("Ambre", stock=50, pictures=0).id
    daily_jobs.correct_stock(desk, "Ambre", 48)
    with app.app_context():
        found = select(ProductVariant.stock_on_hand).join(Product).where(Product.id == product_id)
        assert db.session.scalars(found).all() == [48]


def test_the_stock_is_counted_by_scanning_and_typing(app: Flask, desk: Page) -> None:
    with app.app_context():
        for name in ("Ambre", "Boise", "Cuir"):
            make_product(name, stock=5, pictures=0, variants=[{"sku": name.upper()}])
    with job(desk, clicks=6, fields=2):
        desk.locator("nav.side").get_by_role("link", name="Stock").click()
        desk.get_by_role("link", name="Stocktake").click()
        desk.get_by_role("button", name="Begin").click()
        expect(desk.get_by_label("SKU or barcode")).to_be_focused()
        for code in ("AMBRE", "ambre", "CUIR"):
            desk.keyboard.type(code)
            desk.keyboard.press("Enter")  # a scanner does not wait for an answer
        expect(desk.get_by_role("log").get_by_text("2 counted")).to_be_visible()
        expect(desk.get_by_role("log").get_by_text("CUIR", exact=True)).to_be_visible()
        desk.get_by_label("Counted, Boise").fill("7")
        desk.keyboard.press("Enter")
        expect(desk.get_by_label("Counted, Cuir")).to_be_focused()
        expect(desk.locator("span[id^=state-]").get_by_text("counted by").first).to_be_visible()
        desk.get_by_role("link", name="Sheet").click()  # what was not saved would be lost
        numbers = [desk.get_by_label(f"Counted, {name}") for name in ("Ambre", "Boise", "Cuir")]
        assert [number.input_value() for number in numbers] == ["2", "7", "1"]
        desk.get_by_role("link", name="Differs").click()
        expect(desk.get_by_text("+2")).to_be_visible()
        desk.get_by_role("button", name="Book what differs").click()
        expect(desk.get_by_text("The stocktake is closed").first).to_be_visible()
    with app.app_context():
        drain()
        found = select(ProductVariant.stock_on_hand).order_by(ProductVariant.sku)
        assert db.session.scalars(found).all() == [2, 7, 1]
