"""Filling the demo shop."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.catalog.filters import Filters
from shop.catalog.input_types import ProductFields
from shop.catalog.queries.home import get_home
from shop.catalog.queries.lists import choose, list_products
from shop.catalog.queries.sections import sections
from shop.catalog.services import archive_product, update_product
from shop.core.db import db, transaction
from shop.delivery.queries import list_countries, list_methods
from shop.delivery.tracking import check_pattern
from shop.media.services import WIDTHS, file_name, read_picture, widths_of
from shop.media.storage import storage
from shop.models import (
    Brand,
    Carrier,
    Category,
    DeliveryMethod,
    Product,
    ProductVariant,
    Setting,
    ShopState,
    StockMovement,
    TaxClass,
    TaxRate,
    User,
)
from shop.pricing.queries import tax_rules
from shop.seed.basics import WrongCurrency
from shop.seed.demo_data import read_demo
from shop.seed.pictures import demo_files, store_source
from shop.seed.services import STEP, seed_demo
from shop.settings.queries import shop_settings
from shop.settings.services import set_setting
from tests.conftest import both_engines, settings_for
from tests.factories import make_method
from tests.processes import environment, forked
from tests.seed.kit import get_product, problems, quiet, row_counts

FEW = 6


@both_engines
def test_pieces_are_made_with_everything_that_belongs_to_them(ctx: Flask) -> None:
    seeded = seed_demo(FEW, quiet)
    assert seeded is not None
    assert (seeded.made, seeded.present) == (FEW, 0)
    first = read_demo("EUR").products[0]
    product = get_product(first.slug)
    variants = db.session.scalars(
        select(ProductVariant)
        .where(ProductVariant.product_id == product.id)
        .order_by(ProductVariant.position)
    ).all()
    assert (product.name, product.description) == (first.name, first.text)
    assert product.position == STEP
    assert product.is_active
    assert [v.sku for v in variants] == [v.fields.sku for v in first.variants]
    assert [v.stock_on_hand for v in variants] == [v.stock for v in first.variants]
    assert problems() == []


@both_engines
def test_sections_and_brands_are_complete_and_nested(ctx: Flask) -> None:
    seed_demo(1, quiet)
    demo = read_demo("EUR")
    categories = {row.slug: row for row in db.session.scalars(select(Category))}
    assert set(categories) == set(demo.categories)
    assert set(db.session.scalars(select(Brand.slug))) == set(demo.brands)
    candles = categories["candles"]
    above = categories["home-fragrance"]
    assert candles.parent_id == above.id
    assert candles.path == f"/{categories['fragrance'].id}/{above.id}/{candles.id}/"


@both_engines
def test_the_shop_can_send_and_tax(ctx: Flask) -> None:
    seed_demo(1, quiet)
    methods = {row.code: row for row in db.session.scalars(select(DeliveryMethod))}
    assert {"standard", "express", "europe", "world"} == set(methods)
    assert {"FR", "GB", "CH", "US", "JP", "BR", "NO"} <= set(list_countries())
    codes = {c: [method.code for method in list_methods(c)] for c in ("FR", "CH", "JP")}
    assert codes == {"FR": ["standard", "express"], "CH": ["europe"], "JP": ["world"]}
    assert tax_rules("FR").rates[TaxClass.REDUCED] == 550
    assert tax_rules("FI").rates[TaxClass.STANDARD] == 2550
    assert {"GB", "CH", "US", "JP", "NO"} <= set(db.session.scalars(select(TaxRate.country)))
    assert len(set(db.session.scalars(select(TaxRate.country)))) >= 32
    carriers = {row.id: row.name for row in db.session.scalars(select(Carrier))}
    usual = {code: carriers[method.carrier_id] for code, method in methods.items()}
    assert usual == dict.fromkeys(methods, "DHL Express") | {"standard": "Colissimo"}
    for carrier in db.session.scalars(select(Carrier)):
        assert check_pattern(carrier.tracking_url)
    settings = shop_settings()
    assert settings.announcement.endswith("larger orders")
    assert (settings.nth_order, settings.low_stock_threshold) == (5, 2)


@both_engines
def test_again_nothing_happens(ctx: Flask) -> None:
    seed_demo(FEW, quiet)
    before = row_counts()
    assert seed_demo(None, quiet) is None
    again = seed_demo(FEW, quiet)
    assert again is not None
    assert (again.made, again.present) == (0, FEW)
    assert row_counts() == before


@both_engines
def test_more_can_be_asked_for_later(ctx: Flask) -> None:
    seed_demo(3, quiet)
    more = seed_demo(5, quiet)
    assert more is not None
    assert (more.made, more.present) == (2, 3)


def test_what_people_have_changed_stays_changed(ctx: Flask) -> None:
    seed_demo(3, quiet)
    first, second, _ = read_demo("EUR").products[:3]
    renamed, archived = get_product(first.slug), get_product(second.slug)
    fields = ProductFields(name="Our Néroli", slug="our-neroli", position=renamed.position)
    update_product(renamed.id, fields)
    archive_product(archived.id)
    set_setting("announcement", "Closed on Monday", user_id=None)
    again = seed_demo(3, quiet)
    assert again is not None
    assert again.made == 0
    assert get_product("our-neroli").name == "Our Néroli"
    assert get_product(second.slug).archived_at is not None
    assert shop_settings().announcement == "Closed on Monday"


def test_delivery_methods_of_the_merchant_are_not_mixed_with_ours(ctx: Flask) -> None:
    make_method("Bicycle", 300, code="bike")
    with transaction() as session:
        session.add(TaxRate(country="FR", tax_class=TaxClass.STANDARD, name="TVA", rate_bp=2000))
    seed_demo(1, quiet)
    assert list(db.session.scalars(select(DeliveryMethod.code))) == ["bike"]
    assert list(db.session.scalars(select(TaxRate.country))) == ["FR"]


def test_an_interrupted_seed_goes_on_where_it_stopped(ctx: Flask) -> None:
    def stops(what: str, done: int, total: int) -> None:
        if what == "pieces" and done < total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        seed_demo(60, stops)
    at = db.session.scalar(select(ShopState.demo_seeded_at))
    assert at is None
    rest = seed_demo(60, quiet)
    assert rest is not None
    assert rest.made + rest.present == 60
    assert 0 < rest.present < 60
    assert problems() == []


def test_prices_in_another_currency_are_not_mixed_in(make_app: Callable[..., Flask]) -> None:
    with make_app(CURRENCY="EUR").app_context():
        seed_demo(1, quiet)
    with make_app(CURRENCY="JPY").app_context(), pytest.raises(WrongCurrency, match="EUR"):
        seed_demo(2, quiet)


def test_a_shop_in_yen_has_prices_in_yen(make_app: Callable[..., Flask]) -> None:
    with make_app(CURRENCY="JPY").app_context():
        seed_demo(1, quiet)
        lowest = db.session.scalar(select(func.min(ProductVariant.unit_amount)))
        assert lowest == 98 * 150


@both_engines
def test_two_processes_may_fill_the_shop_at_once(app: Flask, tmp_path: Path) -> None:
    config = app.extensions["shop_config"]
    settings = settings_for(config.instance_path, DATABASE_URL=config.database_url)
    command = ("flask", "--app", "wsgi", "seed", "demo", "--products", "8")
    env, one, two = environment(settings), tmp_path / "one", tmp_path / "two"
    with forked(*command, env=env, log=one) as first, forked(*command, env=env, log=two) as second:
        assert (first.wait(), second.wait()) == (0, 0), one.read_text() + two.read_text()
    with app.app_context():
        assert db.session.scalar(select(func.count(Product.id))) == 8
        slugs = db.session.scalars(select(Category.slug)).all()
        assert sorted(slugs) == sorted(read_demo("EUR").categories)
        movements = db.session.scalar(select(func.sum(StockMovement.quantity)))
        on_hand = db.session.scalar(select(func.sum(ProductVariant.stock_on_hand)))
        assert movements == on_hand
        assert problems() == []


def test_no_account_comes_with_the_demo(ctx: Flask) -> None:
    seed_demo(1, quiet)
    assert db.session.scalar(select(func.count(User.id))) == 0


def test_ready_pictures_are_stored_as_the_pipeline_would(ctx: Flask) -> None:
    for name, (width, height) in (("tea-01", (1600, 2000)), ("tea-01/close", (1067, 1333))):
        stored = store_source(f"demo:{name}")
        files = demo_files(name)
        largest = files[max(files)].read_bytes()
        assert (stored.key, stored.width) == (hashlib.sha256(largest).hexdigest(), width)
        assert abs(stored.height - height) <= 1
        assert max(files) == widths_of(width)[-1]
        assert storage().read(file_name(stored.key, 120)) == files[120].read_bytes()
        # What is not ready is made when it is asked for.
        assert set(WIDTHS) - set(files)
        assert all(read_picture(stored.key, size) for size in WIDTHS)


def test_settings_that_the_merchant_has_are_kept(ctx: Flask) -> None:
    set_setting("contact_email", "ada@example.com", user_id=None)
    seed_demo(1, quiet)
    keys = set(db.session.scalars(select(Setting.key)))
    assert shop_settings().contact_email == "ada@example.com"
    assert "announcement" in keys


def test_no_picture_is_twice_on_the_home_page_or_the_first_page_of_the_list(ctx: Flask) -> None:
    seed_demo(40, quiet)
    home = get_home(sections())
    assert home.lead is not None
    shown = [home.lead.cover, *(d.cover for d in home.doors), *(card.cover for card in home.new)]
    assert len(shown) == len(set(shown)) >= 8
    filters = Filters("/products", "EUR")
    first_page = list_products(filters, choose(filters, sections()), sections()).cards
    assert len({card.cover for card in first_page}) == len(first_page) == 24
