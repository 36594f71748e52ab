"""Lists and products in Chromium: with htmx, without any script, and on the narrowest phone."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.browser.kit import NARROW, opened, overflow, served
from tests.conftest import filled_by
from tests.factories import make_brand, make_category, make_product


def pieces() -> None:
    """Make 53: 50 of them plain, a perfume in three sizes, a scarf in sizes and colours."""
    section, brand = make_category("Perfume", slug="perfume"), make_brand("Sorel", slug="sorel")
    for n in range(50):
        make_product(
            f"Piece {n:02}", category=section, brand=brand, position=n, stock=n % 4, pictures=0
        )
    make_product(
        "Néroli",
        slug="neroli",
        pictures=0,
        category=section,
        variants=[
            {"option_values": ["50 ml"], "unit_amount": 14800, "unit_measure": "50 ml"},
            {"option_values": ["100 ml"], "unit_amount": 23200, "stock": 2},
            {"option_values": ["10 ml"], "unit_amount": 2800, "stock": 0},
        ],
    )
    make_product(
        "Carré",
        slug="carre",
        pictures=0,
        variants=[
            {"option_values": ["S", "Ivory"], "unit_amount": 18500},
            {"option_values": ["M", "Ivory"], "unit_amount": 24500},
            {"option_values": ["M", "Wine"], "unit_amount": 25500},
        ],
    )
    make_product("Gone", slug="gone", stock=0, pictures=0)


pytestmark = filled_by(pieces)


@pytest.fixture
def url(app: Flask) -> Iterator[str]:
    with served(app) as address:
        yield address


def test_lists_fit_320_pixels(url: str, chromium: Browser) -> None:
    with opened(chromium, url, size=NARROW) as page:
        for path in (
            "/products?brand=sorel&in_stock=1&max_price=500",
            "/products?min_price=abc",
            "/products?q=" + "x" * 90,
            "/products/carre?option_1=S&option_2=Wine",
        ):
            page.goto(path)
            assert overflow(page) == 0, path


@pytest.mark.parametrize("width", [320, 390, 600, 1024, 1199, 1200])
def test_the_name_of_the_shop_leaves_room_for_what_stands_beside_it(
    url: str, chromium: Browser, width: int
) -> None:
    with opened(chromium, url, size=(width, 700)) as page:
        page.goto("/products")
        left, name, right = (
            page.locator(one).bounding_box()
            for one in (".head .no-nav, .head .nav >> visible=true", ".head .logo", ".head .tools")
        )
        assert left
        assert name
        assert right
        assert left["x"] + left["width"] <= name["x"]
        assert name["x"] + name["width"] <= right["x"]
        assert left["height"] < 60, "the categories stand in one line"


def test_a_list_is_filtered_sorted_and_read_on_without_scripts(url: str, chromium: Browser) -> None:
    with opened(chromium, url, scripts=False) as page:
        page.goto("/products")
        page.get_by_text("Availability", exact=True).click()
        page.get_by_label("In stock").check()
        page.get_by_label("Sort").select_option("price_desc")
        page.get_by_role("button", name="Apply").click()
        assert page.url == f"{url}/products?in_stock=1&sort=price_desc"
        expect(page.get_by_role("heading", name="Carré")).to_be_visible()
        page.get_by_role("link", name=re.compile("Show .* more")).click()
        assert page.url.endswith("page=2")
        page.get_by_role("link", name="Remove filter In stock").click()
        assert page.url == f"{url}/products?sort=price_desc"


def test_a_filter_applies_itself_with_a_script(url: str, chromium: Browser) -> None:
    with opened(chromium, url) as page:
        page.goto("/products")
        page.get_by_label("Sort").select_option("price_asc")
        page.wait_for_url("**/products?sort=price_asc")


def test_a_combination_is_bought_without_scripts(url: str, chromium: Browser) -> None:
    with opened(chromium, url, scripts=False) as page:
        page.goto("/products/carre")
        page.get_by_label("M", exact=True).check(force=True)
        page.get_by_label("Wine").check(force=True)
        page.get_by_role("button", name="Add to bag").first.click()
        page.goto("/cart")
        expect(page.get_by_text("M, Wine").first).to_be_visible()


def test_a_change_of_variant_renews_price_and_keeps_the_focus(url: str, chromium: Browser) -> None:
    with opened(chromium, url) as page:
        page.goto("/products/neroli")
        expect(page.locator(".price")).to_contain_text("€148.00")
        page.get_by_label("50 ml").focus()
        page.keyboard.press("ArrowRight")
        expect(page.locator(".price")).to_contain_text("€232.00")
        expect(page.locator("#buy").get_by_text("Only 2 left")).to_be_visible()
        expect(page.locator("#said")).to_have_text("100 ml, €232.00")
        expect(page.get_by_label("100 ml")).to_be_focused()
        expect(page.get_by_label("10 ml")).to_be_disabled()


def test_a_combination_that_does_not_exist_is_said(url: str, chromium: Browser) -> None:
    with opened(chromium, url) as page:
        page.goto("/products/carre")
        page.get_by_label("Wine").check(force=True)
        expect(page.get_by_text("There is no S, Wine.")).to_be_visible()
        expect(page.get_by_role("button", name="Choose another combination")).to_be_disabled()
        page.get_by_label("M", exact=True).check(force=True)
        expect(page.locator(".price")).to_contain_text("€255.00")


def test_more_pieces_come_into_the_same_page(url: str, chromium: Browser) -> None:
    with opened(chromium, url) as page:
        page.goto("/products")
        page.get_by_role("link", name="Show 24 more").click()
        expect(page.get_by_text("Showing 48 of 53 pieces")).to_be_visible()
        expect(page.locator("#pages > ul")).to_have_count(2)
