"""Products, variants, pictures and sections: what is written, renewed and refused."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from shop.catalog.input_types import (
    NewVariant,
    OptionFields,
    OptionValue,
    PictureFields,
    ProductFields,
    VariantFields,
)
from shop.catalog.queries.cards import page_of_cards
from shop.catalog.queries.home import get_home
from shop.catalog.queries.listings import find_listing_differences
from shop.catalog.queries.sections import sections
from shop.catalog.services import (
    activate_product,
    add_picture,
    add_variant,
    archive_product,
    archive_variant,
    create_category,
    create_product,
    deactivate_product,
    describe_picture,
    list_options,
    options_version,
    order_pictures,
    remove_picture,
    set_options,
    update_brand,
    update_category,
    update_product,
    update_variant,
)
from shop.core.db import db
from shop.core.errors import BadInput, NotFound
from shop.jobs import drain
from shop.models import (
    Category,
    Job,
    MovementKind,
    PriceChange,
    ProductImage,
    ShopState,
    SlugHistory,
    StockPolicy,
)
from shop.stock.services import adjust_stock
from tests.conftest import both_engines
from tests.factories import (
    fresh,
    make_brand,
    make_category,
    make_product,
    product_again,
    variant_again,
)

pytestmark = both_engines


def state() -> tuple[int, int]:
    fresh()
    found = db.session.execute(select(ShopState.list_stamp, ShopState.settings_stamp)).one()
    return found.list_stamp, found.settings_stamp


def fields(variant_id: int, **changes: object) -> VariantFields:
    variant = variant_again(variant_id)
    values = {
        "sku": variant.sku,
        "unit_amount": variant.unit_amount,
        "compare_at_amount": variant.compare_at_amount,
        "option_values": variant.option_values,
    }
    return VariantFields(**{**values, **changes})


def test_a_new_product_carries_its_copies(ctx: Flask) -> None:
    brand, section = make_brand("Atelier Sorel"), make_category("Bags")
    product = make_product(
        "Cabas Noir",
        brand=brand,
        category=section,
        tags=["cuir"],
        variants=[
            {"sku": "CAB-1", "unit_amount": 9000, "compare_at_amount": 12000, "stock": 2},
            {"sku": "CAB-2", "unit_amount": 11000, "stock": 0},
        ],
    )
    assert (product.price_from, product.compare_at, product.has_price_range) == (9000, 12000, False)
    assert (product.is_available, product.few_left, product.single_variant_id) == (True, 2, None)
    assert product.search_text == "cabas noir atelier sorel bags cuir cab-1 cab-2"
    assert product.cover == product.images[0].storage_key
    assert product.published_at is not None
    assert list(find_listing_differences()) == []


def price_of(product_id: int) -> tuple[int, int | None, bool]:
    product = product_again(product_id)
    return product.price_from, product.compare_at, product.has_price_range


def move(variant_id: int, delta: int) -> None:
    kind = MovementKind.CORRECTION
    adjust_stock(variant_id, delta, kind=kind, reason="counted", user_id=None)


def test_a_card_shows_the_price_of_what_can_be_bought(ctx: Flask) -> None:
    product = make_product(
        variants=[
            {"unit_amount": 9000, "compare_at_amount": 12000, "stock": 0},
            {"unit_amount": 11000, "stock": 1},
            {"unit_amount": 13000, "stock": 0, "stock_policy": StockPolicy.UNTRACKED},
        ],
    )
    cheap, middle, dear = (variant.id for variant in product.variants)
    assert price_of(product.id) == (11000, None, True)
    list_stamp = state()[0]
    move(cheap, 2)
    assert price_of(product.id) == (9000, 12000, True)
    assert state()[0] > list_stamp
    move(cheap, -2)
    move(middle, -1)
    assert price_of(product.id) == (13000, None, False)
    dearer = fields(dear, unit_amount=14000, stock_policy=StockPolicy.UNTRACKED)
    update_variant(dear, dearer, user_id=None)
    assert price_of(product.id) == (14000, None, False)
    assert list(find_listing_differences()) == []


def test_a_card_shows_the_lowest_price_when_all_are_sold_out(ctx: Flask) -> None:
    product = make_product(
        variants=[{"unit_amount": 9000, "stock": 0}, {"unit_amount": 11000, "stock": 1}]
    )
    move(product.variants[1].id, -1)
    assert price_of(product.id) == (9000, None, True)
    assert list(find_listing_differences()) == []


def test_each_change_is_synced_once(ctx: Flask) -> None:
    product = make_product()
    activate_product(product.id)
    keys = db.session.scalars(
        select(Job.dedupe_key).where(Job.name == "payments.sync_product")
    ).all()
    assert len(keys) == 2
    assert all(key.startswith(f"payments.sync_product:{product.id}:") for key in keys)


def test_a_product_on_sale_makes_the_lists_new_a_draft_does_not(ctx: Flask) -> None:
    before = state()
    draft = make_product(is_active=False)
    assert state() == before
    activate_product(draft.id)
    assert state() == (before[0] + 1, before[1])
    deactivate_product(draft.id)
    assert state() == (before[0] + 2, before[1])


def test_versions_grow_with_what_their_forms_show_and_with_nothing_else(ctx: Flask) -> None:
    product = make_product("Ambre", variants=[{"option_values": ["50 ml"]}])
    variant, sizes = product.variants[0], list_options(product.id)
    fields = ProductFields(name="Ambre", slug=product.slug)
    update_product(product.id, fields)

    def versions() -> tuple[int, int, int]:
        again = product_again(product.id)
        return again.version, again.variants[0].version, options_version(product.id)

    its, variants, options = versions()
    image_id = db.session.scalars(select(ProductImage.id)).first()
    assert image_id
    describe_picture(image_id, "A bottle")
    adjust_stock(variant.id, 5, MovementKind.RESTOCK, "", None)
    deactivate_product(product.id)
    set_options(product.id, sizes)
    update_product(product.id, fields)
    assert versions() == (its, variants, options)
    update_product(product.id, replace(fields, name="Ambre Gris"))
    priced = VariantFields(sku=variant.sku, unit_amount=1, option_values=["50 ml"])
    update_variant(variant.id, priced, user_id=None)
    assert versions() == (its + 1, variants + 1, options)
    set_options(product.id, [replace(sizes[0], name="Volume")])
    after = versions()
    assert after[:2] == (its + 1, variants + 1)
    assert after[2] > options


def test_a_new_address_keeps_the_old_one_alive(ctx: Flask) -> None:
    product = make_product(slug="ambre")
    for slug in ("ambre-gris", "ambre", "ambre-noir"):
        update_product(product.id, ProductFields(name="Ambre", slug=slug))
    assert set(db.session.scalars(select(SlugHistory.slug))) == {"ambre", "ambre-gris"}


def test_names_make_free_addresses_and_taken_ones_are_refused(ctx: Flask) -> None:
    def make(**changes: object) -> int:
        new = NewVariant(VariantFields(sku=f"S-{changes}", unit_amount=1))
        return create_product(ProductFields(name="Ambre", **changes), [new], user_id=None)

    assert [product_again(make(position=n)).slug for n in range(3)] == [
        "ambre",
        "ambre-2",
        "ambre-3",
    ]
    with pytest.raises(BadInput) as refusal:
        make(slug="ambre-2")
    assert "slug" in refusal.value.fields


def test_a_new_piece_leads_no_list(ctx: Flask) -> None:
    section = make_category("Home")
    first = make_product("First", position=7, category=section, pictures=1)
    page = get_home(sections())
    new = [make_product(f"New {n}", category=section, pictures=1) for n in range(2)]
    assert [product_again(piece.id).position for piece in new] == [17, 27]
    after = get_home(sections())
    assert (after.lead.id, after.doors) == (page.lead.id, page.doors) == (first.id, page.doors)
    shown = page_of_cards(sections(), (), "featured", limit=5)
    assert [card.id for card in shown] == [first.id, *(piece.id for piece in new)]
    update_product(new[0].id, ProductFields(name="Renamed"))  # a change keeps its place
    assert product_again(new[0].id).position == 17


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("name", {"name": " "}),
        ("name", {"name": "x" * 201}),
        ("name", {"name": "!!!"}),
        ("slug", {"name": "A", "slug": "Not A Slug"}),
        ("brand_id", {"name": "A", "brand_id": 99}),
        ("category_id", {"name": "A", "category_id": 99}),
        ("description", {"name": "A", "description": "x" * 20_001}),
    ],
)
def test_refuses_a_product_it_cannot_store(ctx: Flask, field: str, values: dict) -> None:
    with pytest.raises(BadInput) as refusal:
        create_product(
            ProductFields(**values),
            [NewVariant(VariantFields(sku="S", unit_amount=1))],
            user_id=None,
        )
    assert field in refusal.value.fields


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("sku", {"sku": " taken-1 "}),
        ("unit_amount", {"unit_amount": -1}),
        ("unit_amount", {"unit_amount": 10**12}),
        ("compare_at_amount", {"unit_amount": 5, "compare_at_amount": 5}),
        ("weight_grams", {"weight_grams": -1}),
        ("option_values", {"option_values": ["A"]}),
        ("option_values", {"option_values": []}),
        ("option_values", {"option_values": ["x" * 61]}),
        # What is stored is longer than what was typed: SS for ß, 18 letters for one sign.
        ("sku", {"sku": "ß" * 60}),
        ("sku", {"sku": "ﬃ" * 22}),
        ("option_values", {"option_values": ["ﷺ" * 60]}),
    ],
)
def test_refuses_a_variant_it_cannot_store(ctx: Flask, field: str, values: dict) -> None:
    product = make_product(variants=[{"sku": "TAKEN-1"}, {}])
    wanted = {"sku": "NEW", "unit_amount": 100, "option_values": ["C"], **values}
    with pytest.raises(BadInput) as refusal:
        add_variant(product.id, NewVariant(VariantFields(**wanted)), user_id=None)
    assert field in refusal.value.fields
    assert len(product_again(product.id).variants) == 2


def test_a_variant_that_names_no_sku_gets_one_like_the_others(ctx: Flask) -> None:
    product = make_product(variants=[{"sku": "OUD-A"}, {"sku": "OUD-B"}])
    for values in (["C 1"], ["C1"]):
        new = VariantFields(sku=" ", unit_amount=100, option_values=values)
        add_variant(product.id, NewVariant(new), user_id=None)
    made = product_again(product.id).variants
    assert [variant.sku for variant in made] == ["OUD-A", "OUD-B", "OUD-C1", "OUD-C1-2"]
    with pytest.raises(BadInput) as refusal:
        update_variant(made[3].id, fields(made[3].id, sku=" "), user_id=None)
    assert "sku" in refusal.value.fields


def test_a_price_change_is_kept(ctx: Flask) -> None:
    product = make_product(price=5000)
    variant = product.variants[0]
    update_variant(variant.id, fields(variant.id, unit_amount=4000), user_id=None)
    update_variant(variant.id, fields(variant.id), user_id=None)
    changes = db.session.scalars(select(PriceChange).order_by(PriceChange.id)).all()
    assert [(c.old_amount, c.new_amount) for c in changes] == [(None, 5000), (5000, 4000)]
    assert product_again(product.id).price_from == 4000
    assert product_again(product.id).stamp > product.stamp


def test_a_new_variant_brings_its_values_along(ctx: Flask) -> None:
    product = make_product(variants=[{}, {}])
    add_variant(
        product.id,
        NewVariant(VariantFields(sku="C", unit_amount=1, option_values=["C"]), stock=3),
        user_id=None,
    )
    again = product_again(product.id)
    assert [value["label"] for value in again.options[0].values] == ["A", "B", "C"]
    assert (again.variants[2].stock_on_hand, again.price_from) == (3, 1)


def test_a_simple_product_gets_options_before_its_second_variant(ctx: Flask) -> None:
    product = make_product()
    second = NewVariant(VariantFields(sku="L", unit_amount=1, option_values=["Large"]))
    with pytest.raises(BadInput):
        add_variant(product.id, second, user_id=None)
    sizes = OptionFields("Size", [OptionValue("Small"), OptionValue("Large", "#a1b2c3")])
    set_options(product.id, [sizes])
    assert product_again(product.id).variants[0].option_values == ["Small"]
    add_variant(product.id, second, user_id=None)
    again = product_again(product.id)
    assert again.single_variant_id is None
    with pytest.raises(BadInput, match="same options"):
        set_options(again.id, [])


def test_an_archived_variant_frees_its_options_and_the_last_one_stays(ctx: Flask) -> None:
    product = make_product(variants=[{}, {}])
    first, second = product.variants
    archive_variant(first.id)
    assert product_again(product.id).single_variant_id == second.id
    add_variant(
        product.id,
        NewVariant(VariantFields(sku="AGAIN", unit_amount=1, option_values=["A"])),
        user_id=None,
    )
    simple = make_product().variants[0]
    with pytest.raises(BadInput, match="off sale"):
        archive_variant(simple.id)
    with pytest.raises(BadInput, match="off sale"):
        update_variant(simple.id, fields(simple.id, is_active=False), user_id=None)
    with pytest.raises(BadInput, match="archived"):
        update_variant(first.id, fields(first.id), user_id=None)


def test_an_archived_product_cannot_be_sold_again(ctx: Flask) -> None:
    product = make_product()
    archive_product(product.id)
    again = product_again(product.id)
    assert (again.is_active, again.is_available, again.variants[0].is_active) == (
        False,
        False,
        False,
    )
    with pytest.raises(BadInput):
        activate_product(product.id)


def test_pictures_keep_their_order_and_the_first_is_the_cover(ctx: Flask) -> None:
    product = make_product(pictures=2, variants=[{}, {}])
    first, second = product.images
    third = add_picture(product.id, PictureFields("f" * 64, 800, 1000, "Back", ["B"]))
    order_pictures(product.id, [third, second.id, first.id])
    again = product_again(product.id)
    assert again.cover == "f" * 64
    assert again.images[0].variant_id == product.variants[1].id
    describe_picture(third, " The back ")
    remove_picture(second.id)
    again = product_again(product.id)
    assert [image.alt for image in again.images] == ["The back", "View 0"]
    for image in again.images:
        remove_picture(image.id)
    assert product_again(product.id).cover is None


def test_refuses_pictures_that_do_not_fit(ctx: Flask) -> None:
    product = make_product(pictures=12)
    with pytest.raises(BadInput):
        add_picture(product.id, PictureFields("f" * 64, 1, 1))
    with pytest.raises(BadInput):
        order_pictures(product.id, [image.id for image in product.images[1:]])
    with pytest.raises(BadInput):
        make_product(pictures=[PictureFields("f" * 64, 1, 1, "", ["No such"])])
    with pytest.raises(NotFound):
        remove_picture(999_999)


def test_a_category_moves_with_all_below_it(ctx: Flask) -> None:
    home, bags = make_category("Home"), make_category("Bags")
    lamps = make_category("Lamps", home)
    desk = make_category("Desk lamps", lamps)
    before = state()
    update_category(lamps.id, name="Lamps", parent_id=bags.id)
    assert state() == (before[0] + 1, before[1] + 1)
    fresh()
    assert db.session.get_one(Category, desk.id).path == f"/{bags.id}/{lamps.id}/{desk.id}/"
    with pytest.raises(BadInput, match="below itself"):
        update_category(bags.id, name="Bags", parent_id=desk.id)
    with pytest.raises(BadInput):
        create_category("Lost", parent_id=999)
    with pytest.raises(BadInput):
        create_category("!")


def test_renaming_a_house_reaches_the_copies_of_its_products(ctx: Flask) -> None:
    brand = make_brand("Old name")
    product = make_product("Ambre", brand=brand)
    update_brand(brand.id, name="New name")
    drain()
    assert product_again(product.id).search_text.startswith("ambre new name")


@pytest.mark.parametrize("call", [activate_product, deactivate_product, archive_product])
def test_an_unknown_product_is_not_found(ctx: Flask, call) -> None:
    with pytest.raises(NotFound):
        call(999_999)
