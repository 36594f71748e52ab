"""Importing files: what becomes of the rows, on both engines."""

import json
import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

import shop.seed
from shop.catalog.input_types import ProductFields
from shop.catalog.services import archive_product, create_category, update_product
from shop.core.db import db
from shop.core.errors import BadInput
from shop.models import (
    Brand,
    Category,
    PriceChange,
    Product,
    ProductImage,
    ProductOption,
    StockMovement,
    TaxClass,
)
from shop.seed.files.document import read_document
from shop.seed.files.reading import Reading
from shop.seed.imports import ImportOutcome, import_json
from shop.seed.pictures import demo_files
from shop.seed.remote import Gallery
from shop.seed.sections import ensure_named
from shop.seed.services import seed_demo
from tests.conftest import both_engines
from tests.races.race_kit import in_app, together
from tests.seed.kit import (
    EUROS,
    get_product,
    get_variant,
    import_rows,
    makeup_row,
    own_row,
    problems,
    quiet,
    reasons,
    row_counts,
)

SAMPLES = Path(shop.seed.__file__).parent / "samples"
BAD_ROWS = Path(__file__).parent / "files" / "makeup_with_bad_rows.json"
UNSHIPPABLE = {"no delivery method is active", "no tax rate is known"}


@both_engines
@pytest.mark.parametrize("name", ["pieces.json", "makeup.json"])
def test_the_samples_are_imported_whole_and_again_change_nothing(ctx: Flask, name: str) -> None:
    rows = json.loads((SAMPLES / name).read_text())
    rows = rows if isinstance(rows, list) else rows["products"]
    first = import_rows(rows)
    assert first.bad == []
    assert first.counts[ImportOutcome.MADE] == len(rows) == 20
    assert set(problems()) == UNSHIPPABLE
    before = row_counts()
    again = import_rows(rows)
    assert again.counts == {ImportOutcome.MADE: 0, ImportOutcome.CHANGED: 0, ImportOutcome.SAME: 20}
    assert row_counts() == before


@both_engines
def test_bad_rows_cost_only_themselves(ctx: Flask) -> None:
    rows = json.loads(BAD_ROWS.read_text())
    imported = import_rows(rows)
    assert reasons(imported) == [(2, "price is 0"), (4, "name is missing")]
    assert imported.counts[ImportOutcome.MADE] == len(rows) - 2
    assert set(problems()) == UNSHIPPABLE


@both_engines
def test_a_makeup_row_becomes_a_piece_with_shades(ctx: Flask) -> None:
    import_rows([makeup_row()])
    product = get_product("colourhaus-slow-pencil-1048")
    assert (product.name, product.price_from) == ("Slow Pencil", 500)
    assert product.summary == "A pencil for lips."
    assert product.tags == ["pencil", "Vegan"]
    option = db.session.scalars(
        select(ProductOption).where(ProductOption.product_id == product.id)
    ).one()
    assert option.name == "Shade"
    assert option.values == [
        {"label": "Rosehip", "hex": "#b28378"},
        {"label": "Damson", "hex": "#5f2a30"},
    ]
    section = db.session.get_one(Category, product.category_id)
    assert section.name == "Lip liner"
    assert db.session.get_one(Category, section.parent_id).name == "Make-up"
    assert db.session.get_one(Brand, product.brand_id).name == "Colourhaus"
    assert get_variant("MAKEUP-1048-02").stock_on_hand == 20


@both_engines
def test_a_changed_file_changes_words_and_prices_but_not_stock(ctx: Flask) -> None:
    import_rows([own_row(sku="SALT", slug="salt")])
    variant = get_variant("SALT")
    changed = own_row(sku="SALT", slug="salt", price="36.50", stock=99, summary="Heavier now.")
    imported = import_rows([changed])
    assert imported.counts[ImportOutcome.CHANGED] == 1
    again = get_variant("SALT")
    assert (again.id, again.unit_amount, again.stock_on_hand) == (variant.id, 3650, 15)
    assert get_product("salt").summary == "Heavier now."
    assert get_product("salt").price_from == 3650
    changes = db.session.scalars(
        select(PriceChange).where(PriceChange.variant_id == variant.id).order_by(PriceChange.id)
    ).all()
    assert [(row.old_amount, row.new_amount) for row in changes] == [(None, 3200), (3200, 3650)]


@both_engines
def test_a_new_variant_joins_its_piece(ctx: Flask) -> None:
    sizes = [{"sku": "S-37", "values": ["37"], "price": 72, "stock": 4}]
    row = own_row(slug="slippers", options=["Size"], variants=sizes, price=..., stock=...)
    import_rows([row])
    sizes.append({"sku": "S-39", "values": ["39"], "price": 74, "stock": 7})
    imported = import_rows([row])
    assert imported.counts[ImportOutcome.CHANGED] == 1
    assert get_variant("S-39").stock_on_hand == 7
    assert get_product("slippers").has_price_range
    moved = select(StockMovement.quantity).where(StockMovement.variant_id == get_variant("S-39").id)
    assert list(db.session.scalars(moved)) == [7]


@both_engines
def test_a_renamed_piece_is_known_by_its_sku(ctx: Flask) -> None:
    import_rows([own_row(sku="SALT", slug="salt")])
    imported = import_rows([own_row(sku="SALT", slug="salt-cellar", name="Cellar")])
    assert imported.counts[ImportOutcome.CHANGED] == 1
    assert get_product("salt").name == "Cellar"
    assert set(db.session.scalars(select(Product.slug))) == {"salt"}


def test_a_piece_that_was_archived_stays_archived(ctx: Flask) -> None:
    import_rows([own_row(sku="SALT", slug="salt")])
    archive_product(get_product("salt").id)
    imported = import_rows([own_row(sku="SALT", slug="salt"), own_row(sku="S2", slug="salt-2")])
    assert reasons(imported) == [(1, "it has been archived")]
    assert imported.counts[ImportOutcome.MADE] == 1


def test_a_sku_of_another_piece_is_refused(ctx: Flask) -> None:
    import_rows([own_row(sku="A", slug="a"), own_row(sku="B", slug="b")])
    stolen = own_row(
        slug="a",
        options=["Size"],
        variants=[
            {"sku": "A", "values": ["1"], "price": 5},
            {"sku": "B", "values": ["2"], "price": 5},
        ],
    )
    imported = import_rows([stolen])
    assert len(imported.bad) == 1
    assert get_product("b").price_from == 3200


def test_rows_of_one_file_do_not_fight(ctx: Flask) -> None:
    imported = import_rows(
        [own_row(sku="A", slug="a"), own_row(sku="a ", slug="b"), own_row(sku="C", slug="a")]
    )
    assert reasons(imported) == [
        (2, "row 1 has the same SKU A"),
        (3, "row 1 has the same address a"),
    ]


@both_engines
def test_sections_that_are_there_are_used(ctx: Flask) -> None:
    seed_demo(1, quiet)
    count = len(db.session.scalars(select(Category.id)).all())
    import_rows([own_row(category=["Table", "Decanters"], brand="Cristal Noir")])
    assert len(db.session.scalars(select(Category.id)).all()) == count
    assert get_product("salt-cellar-cristal-noir").category_id == db.session.scalar(
        select(Category.id).where(Category.slug == "decanters")
    )


def section_names(slug: str) -> tuple[str, ...]:
    """Return the names of the sections that lead to a piece, from the top down."""
    names, section_id = [], get_product(slug).category_id
    while section_id is not None:
        section = db.session.get_one(Category, section_id)
        names.append(section.name)
        section_id = section.parent_id
    return tuple(reversed(names))


WAYS = [
    ("Men", "Shoes"),
    ("Women", "Shoes"),
    ("Shoes",),
    ("C",),
    ("C++",),
    ("Apfel",),
    ("Äpfel",),
    ("äpfel",),
    ("Women", "Women"),
    ("Shoes", "Men", "Shoes"),
    ("☕",),
    ("++",),
]


@both_engines
def test_a_section_is_known_by_its_way_and_exact_name(ctx: Flask) -> None:
    rows = [
        own_row(slug=f"p{number}", sku=f"P{number}", category=list(way), brand=way[-1])
        for number, way in enumerate(WAYS)
    ]
    assert import_rows(rows).bad == []
    assert [section_names(f"p{number}") for number in range(len(WAYS))] == WAYS
    sections = db.session.scalars(select(Category)).all()
    made = {way[:depth] for way in WAYS for depth in range(1, len(way) + 1)}
    assert len(sections) == len({section.slug for section in sections}) == len(made)
    assert all(section.path.endswith(f"/{section.id}/") for section in sections)
    assert {"shoes", "women-shoes", "c", "c-2"} <= {section.slug for section in sections}
    brands = db.session.scalars(select(Brand)).all()
    assert {brand.name for brand in brands} == {way[-1] for way in WAYS}
    again = import_rows([dict(row, category=list(decomposed(row["category"]))) for row in rows])
    assert again.counts[ImportOutcome.SAME] == len(rows)
    assert len(db.session.scalars(select(Category)).all()) == len(sections)


def decomposed(names: list[str]) -> list[str]:
    """Return names as a Mac writes them: Ä as A and two dots."""
    return [unicodedata.normalize("NFD", name) for name in names]


def test_a_shop_whose_sections_were_thrown_together_gets_them_apart(ctx: Flask) -> None:
    """Rows as they were made by the last name alone, and an address that somebody else has."""
    men = create_category("Men")
    shoes = create_category("Shoes", parent_id=men)
    create_category("Different", slug="women")
    rows = [
        own_row(slug="his", sku="HIS", category=["Men", "Shoes"]),
        own_row(slug="hers", sku="HERS", category=["Women", "Shoes"]),
    ]
    import_rows(rows)
    assert get_product("his").category_id == shoes
    assert section_names("hers") == ("Women", "Shoes")
    update_product(get_product("hers").id, moved("hers", shoes))
    again = import_rows(rows)
    assert again.counts == {ImportOutcome.MADE: 0, ImportOutcome.CHANGED: 1, ImportOutcome.SAME: 1}
    assert section_names("hers") == ("Women", "Shoes")


def moved(slug: str, category_id: int) -> ProductFields:
    """Return what a piece of `own_row` is, on another section."""
    product = get_product(slug)
    return ProductFields(
        name=product.name,
        brand_id=product.brand_id,
        category_id=category_id,
        summary=product.summary,
        description=product.description,
        position=product.position,
    )


@both_engines
def test_two_imports_at_once_make_each_section_once(app: Flask) -> None:
    ways = [("Men", "Shoes"), ("Women", "Shoes"), ("C",), ("C++",)]
    made = together([in_app(app, ensure_named, ways, ["Äpfel", "Apfel"]) for _ in range(4)])
    assert all(each == made[0] for each in made), made
    with app.app_context():
        assert len(db.session.scalars(select(Category)).all()) == 6


def test_details_of_every_kind_arrive(ctx: Flask) -> None:
    row = own_row(
        slug="honey",
        sku="HONEY",
        compare_at="40.00",
        policy="continue",
        tax_class="reduced",
        unit_measure="500 g",
        weight_grams=720,
        barcode="2000000000015",
        details={"Care": "Keep it closed."},
        tags=["gift"],
    )
    import_rows([row])
    variant, product = get_variant("HONEY"), get_product("honey")
    assert (variant.compare_at_amount, variant.weight_grams) == (4000, 720)
    assert (variant.tax_class, variant.stock_policy) == (TaxClass.REDUCED, "continue")
    assert (variant.barcode, variant.unit_measure) == ("2000000000015", "500 g")
    assert product.details == [{"title": "Care", "text": "Keep it closed."}]
    assert product.tags == ["gift"]
    assert product.compare_at == 4000


def test_prices_in_another_currency_are_converted_when_a_rate_is_given(ctx: Flask) -> None:
    reading = Reading(currency="EUR", rates={"USD": Decimal("0.92")})
    import_rows([makeup_row(price=8.999)], reading)
    assert get_product("colourhaus-slow-pencil-1048").price_from == 828
    assert reading.unknown == set()


def test_prices_in_an_unknown_currency_are_told(ctx: Flask) -> None:
    reading = Reading(currency="EUR")
    import_rows([makeup_row(), makeup_row(id=2, currency=None, price_sign="£")], reading)
    assert reading.unknown == {"USD", "GBP"}


# -- pictures ------------------------------------------------------------------------------------


def alts(slug: str) -> list[str]:
    """Return the words of a piece's pictures in their order."""
    of_product = ProductImage.product_id == get_product(slug).id
    rows = select(ProductImage.alt).where(of_product).order_by(ProductImage.position)
    return list(db.session.scalars(rows))


def test_pictures_of_the_demo_beside_the_file_and_of_variants(ctx: Flask, tmp_path: Path) -> None:
    (tmp_path / "mine.webp").write_bytes(demo_files("tea-02")[400].read_bytes())
    row = own_row(
        slug="jug",
        options=["Glaze"],
        price=...,
        stock=...,
        variants=[{"sku": "J", "values": ["Ash"], "price": 36}],
        pictures=[
            {"demo": "vase-01", "alt": "A jug", "values": ["Ash"]},
            {"file": "mine.webp", "alt": "Its box"},
        ],
    )
    imported = import_rows([row], folder=tmp_path)
    assert imported.bad == []
    assert alts("jug") == ["A jug", "Its box"]
    first = select(ProductImage.variant_id).order_by(ProductImage.position)
    assert db.session.scalars(first).first() == get_variant("J").id


@pytest.mark.parametrize(
    "picture",
    [
        {"file": "../outside.webp"},
        {"file": "/etc/hostname"},
        {"file": "nothing.webp"},
        {"file": "link.webp"},
        {"demo": "../pictures.json"},
        {"demo": "nothing-01"},
        {"url": "https://pictures.example/1.png"},
    ],
)
def test_a_picture_that_cannot_be_had_is_drawn_instead(
    ctx: Flask, tmp_path: Path, picture: dict[str, str]
) -> None:
    (tmp_path / "outside.webp").write_bytes(demo_files("tea-01")[400].read_bytes())
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link.webp").symlink_to(tmp_path / "outside.webp")
    gallery = Gallery(folder=folder, may_fetch=False)
    data = json.dumps([own_row(slug="salt", pictures=[picture])]).encode()
    imported = import_json(data, EUROS, gallery, quiet)
    assert imported.bad == []
    assert len(gallery.missing) == 1
    assert alts("salt") == ["Salt Cellar"]
    assert set(problems()) == UNSHIPPABLE


def test_a_file_from_the_internet_names_no_files_of_this_machine(ctx: Flask) -> None:
    gallery = Gallery(folder=None)
    data = json.dumps([own_row(pictures=[{"file": "mine.webp"}])]).encode()
    import_json(data, EUROS, gallery, quiet)
    assert list(gallery.missing) == ["file:mine.webp"]


class Deaf:
    """A network in which no name has an address."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def resolve(self, host: str) -> list[str]:
        self.asked.append(host)
        raise OSError("no such host")

    def connect(self, address: str, host: str, timeout: float) -> Any:
        raise AssertionError("nobody is connected to")


def test_a_host_that_fails_is_not_asked_for_ever(ctx: Flask) -> None:
    network = Deaf()
    link = "https://images.makeup.example/{}.png"
    rows = [makeup_row(id=number, image_link=link.format(number)) for number in range(1, 31)]
    imported = import_rows(rows, may_fetch=True, network=network)
    assert imported.counts[ImportOutcome.MADE] == 30
    assert 3 <= len(network.asked) <= 9  # six ask at once


def test_what_is_no_picture_is_drawn_instead(ctx: Flask, tmp_path: Path) -> None:
    (tmp_path / "mine.webp").write_text("<svg onload=alert(1)>")
    row = own_row(slug="salt", pictures=[{"file": "mine.webp", "alt": "Salt"}])
    assert import_rows([row], folder=tmp_path).bad == []
    assert alts("salt") == ["Salt"]


# -- files that are none -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe[]",
        b"{",
        b"null",
        b'"products"',
        b'{"products": {}}',
        b'{"rows": []}',
        b"[NaN]",
        b"[Infinity]",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"currency": "JPY", "products": []}',
        b'{"currency": ["EUR"], "products": []}',
    ],
)
def test_what_is_no_file_of_products_is_refused_whole(data: bytes) -> None:
    with pytest.raises(BadInput):
        read_document(data, EUROS)


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(BadInput, match="50,000"):
        read_document(b"[" + b"0," * 50_000 + b"0]", EUROS)
