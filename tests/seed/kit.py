"""What tests of the seed share: rows of files, and looks at what was written."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from shop.core.db import db
from shop.models import (
    PriceChange,
    Product,
    ProductImage,
    ProductOption,
    ProductVariant,
    StockMovement,
)
from shop.seed.checks import find_problems
from shop.seed.files.document import read_document
from shop.seed.files.reading import Reading
from shop.seed.files.row_values import BadRow
from shop.seed.imports import Imported, import_json
from shop.seed.remote import Gallery
from shop.seed.values import SeedProduct

EUROS = Reading(currency="EUR")


def quiet(_what: str, _done: int, _total: int) -> None:
    """Take the progress and say nothing."""


def own_row(**fields: Any) -> dict[str, Any]:
    """Return a row of the own format that can be imported; `fields` replace its own."""
    row = {
        "name": "Salt Cellar",
        "brand": "Keramik Aigner",
        "category": ["Table", "Ceramics"],
        "summary": "A lid that closes by its weight.",
        "description": "Stoneware, glazed inside.",
        "price": "32.00",
        "stock": 15,
    }
    return {key: value for key, value in {**row, **fields}.items() if value is not ...}


def makeup_row(**fields: Any) -> dict[str, Any]:
    """Return a row of the Makeup API that can be imported; `fields` replace its own."""
    row = {
        "id": 1048,
        "brand": "colourhaus",
        "name": "Slow Pencil",
        "price": "5.0",
        "price_sign": "$",
        "currency": "USD",
        "image_link": "https://images.makeup.example/1048.png",
        "description": "A pencil for lips. It is sharpened like any other.",
        "category": "pencil",
        "product_type": "lip_liner",
        "tag_list": ["Vegan"],
        "product_colors": [
            {"hex_value": "#B28378", "colour_name": "Rosehip"},
            {"hex_value": "#5F2A30", "colour_name": "Damson"},
        ],
    }
    return {key: value for key, value in {**row, **fields}.items() if value is not ...}


def dummy_row(**fields: Any) -> dict[str, Any]:
    """Return a row of DummyJSON that can be imported; `fields` replace its own."""
    row = {
        "id": 1,
        "title": "Essence Mascara",
        "description": "A mascara known for its volumising effect.",
        "category": "womens-bags",
        "price": 9.99,
        "discountPercentage": 7.17,
        "rating": 4.94,
        "stock": 99,
        "tags": ["beauty", "mascara"],
        "brand": "Essence",
        "sku": "BEA-1",
        "weight": 4,
        "dimensions": {"width": 15.14, "height": 13.08, "depth": 22.99},
        "warrantyInformation": "1 week warranty",
        "meta": {"barcode": "5784719087687"},
        "images": ["https://cdn.example/1.webp"],
        "thumbnail": "https://cdn.example/t.webp",
    }
    return {key: value for key, value in {**row, **fields}.items() if value is not ...}


def read_one(row: object, reading: Reading = EUROS) -> SeedProduct:
    """Return the piece in a file with this one row. Raises BadRow with the reason."""
    read = read_document(json.dumps([row]).encode(), reading)
    if read.bad:
        assert read.bad[0].number == 1
        raise BadRow(read.bad[0].reason)
    return read.found[0][1].product


def import_rows(rows: Sequence[object], reading: Reading = EUROS, **gallery: Any) -> Imported:
    """Import rows, drawing pictures instead of fetching them unless `gallery` says otherwise."""
    data = json.dumps(rows).encode()
    return import_json(data, reading, Gallery(**{"may_fetch": False, **gallery}), quiet)


def reasons(imported: Imported) -> list[tuple[int, str]]:
    """Return what was wrong with which row."""
    return [(bad.number, bad.reason) for bad in imported.bad]


def problems() -> list[str]:
    """Return what `flask seed check` complains of."""
    return [problem.what for problem in find_problems()]


def row_counts() -> dict[str, int]:
    """Return how many rows the tables of the catalogue have."""
    models = (
        Product,
        ProductVariant,
        ProductOption,
        ProductImage,
        StockMovement,
        PriceChange,
    )
    return {
        model.__tablename__: db.session.scalar(select(func.count()).select_from(model)) or 0
        for model in models
    }


def get_product(slug: str) -> Product:
    """Return a product as it is in the database now."""
    db.session.expire_all()
    return db.session.scalars(select(Product).where(Product.slug == slug)).one()


def get_variant(sku: str) -> ProductVariant:
    """Return a variant as it is in the database now."""
    db.session.expire_all()
    return db.session.scalars(select(ProductVariant).where(ProductVariant.sku == sku)).one()
