"""Read the demo shop's files under `shop/seed/demo/`. The files say what each field means."""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from shop.catalog.input_types import NewVariant, OptionFields, OptionValue, VariantFields
from shop.catalog.text import make_slug
from shop.core.money import plain_amount
from shop.models import StockPolicy, TaxClass
from shop.seed.naming import make_barcode, make_sku
from shop.seed.prices import demo_amount
from shop.seed.spread import Place
from shop.seed.values import Demo, SeedBrand, SeedCategory, SeedPicture, SeedProduct, Shot

FOLDER: Final = Path(__file__).parent / "demo"
ORDER: Final = FOLDER / "order.txt"  # slugs, as `python -m tools.arrange` has put them in order
CLOSE: Final = "/close"
# Places in the lists of the pieces that are new, the newest first.
_NEWEST: Final = (*range(5, 23, 3), *range(26, 96, 5))
_MEASURE = re.compile(r"[0-9]+ (?:ml|cl|l|g|kg)", re.ASCII)


def read_toml(name: str) -> dict[str, Any]:
    """Return the content of a file of the demo."""
    return tomllib.loads((FOLDER / name).read_text("utf-8"))


@cache
def read_demo(currency: str) -> Demo:
    """Return the demo shop with prices in `currency`, its pieces in the order of the lists."""
    demo = read_unordered(currency)
    products = {product.slug: product for product in demo.products}
    order = ORDER.read_text("utf-8").split()
    return replace(demo, products=[_aged(products[slug], rank) for rank, slug in enumerate(order)])


def read_unordered(currency: str) -> Demo:
    """Return the demo shop with its pieces as they stand in the files, of no age."""
    reader = _Reader(currency)
    return Demo(
        brands=reader.brands,
        categories={slug: reader.category(slug) for slug in reader.sections},
        pictures=reader.pictures,
        products=[
            reader.product(row)
            for file in sorted((FOLDER / "products").glob("*.toml"))
            for row in read_toml(f"products/{file.name}")["product"]
        ],
    )


def places_of(demo: Demo, products: Sequence[SeedProduct]) -> list[Place]:
    """Return what parts `products` that look alike."""
    return [
        Place(
            picture_name(product.shots[0]),
            (*way_to(demo.categories, product.category), f"by {product.brand}"),
            product.is_available,
        )
        for product in products
    ]


def way_to(categories: Mapping[str, SeedCategory], slug: str) -> tuple[str, ...]:
    """Return the slugs of a section and of those above it."""
    way = []
    while slug:
        way.append(slug)
        slug = categories[slug].parent
    return tuple(way)


def picture_name(shot: Shot) -> str:
    """Return the name of the demo picture that `shot` shows, whole or close."""
    return shot.source.removeprefix("demo:").removesuffix(CLOSE)


def demo_shot(
    pictures: Mapping[str, SeedPicture], name: str, variant_key: Sequence[str] = ()
) -> Shot:
    """Return a shot of a picture of the demo; `name` may end in /close."""
    alt = pictures[name.removesuffix(CLOSE)].alt
    if name.endswith(CLOSE) and not alt.endswith("close up"):
        alt = f"{alt}, close up"
    return Shot(source=f"demo:{name}", alt=alt, variant_key=tuple(variant_key))


def _aged(product: SeedProduct, rank: int) -> SeedProduct:
    """Return the piece with its age: six of the first page are new, fourteen further down."""
    if rank in _NEWEST:
        return replace(product, age_days=1 + _NEWEST.index(rank))
    return replace(product, age_days=32 + (rank * 37) % 700)


class _Reader:
    """Turns rows of the files into pieces."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self.brands = {row["slug"]: SeedBrand(**row) for row in read_toml("brands.toml")["brand"]}
        self.sections = {row["slug"]: row for row in read_toml("categories.toml")["category"]}
        self.colours: dict[str, str] = read_toml("colours.toml")
        self.pictures = read_pictures()

    def category(self, slug: str) -> SeedCategory:
        row = self.sections[slug]
        details = tuple(row.get("details", {}).items())
        return SeedCategory(
            slug=slug, name=row["name"], parent=row.get("in", ""), text=row["text"], details=details
        )

    def product(self, row: dict[str, Any]) -> SeedProduct:
        section = self.sections[row["category"]]
        rows = [self._labelled(variant) for variant in row.get("variants", [row])]
        details = {**row.get("details", {}), **section.get("details", {})}
        return SeedProduct(
            slug=make_slug(f"{row['name']} {self.brands[row['brand']].name}"),
            name=row["name"],
            brand=row["brand"],
            category=row["category"],
            summary=row["summary"],
            text=row["text"].strip(),
            details=tuple(details.items()),
            tags=tuple(row.get("tags", ())),
            options=self._options(row.get("options", []), rows),
            variants=[self._variant(row, variant, section) for variant in rows],
            shots=self._shots(row, rows),
        )

    def _labelled(self, variant: dict[str, Any]) -> dict[str, Any]:
        labels = variant.get("v", [])
        amount = plain_amount(demo_amount(variant["price"], self.currency), self.currency)
        amount = amount.removesuffix(".00")  # no sign: every locale writes it its own way
        labels = [labels] if isinstance(labels, str) else labels
        return {**variant, "v": [amount if label == "{price}" else label for label in labels]}

    def _options(self, names: Sequence[str], rows: Sequence[dict[str, Any]]) -> list[OptionFields]:
        found = []
        for place, name in enumerate(names):
            values = {row["v"][place]: self._colour(row, row["v"][place]) for row in rows}
            found.append(OptionFields(name, [OptionValue(*pair) for pair in values.items()]))
        return found

    def _colour(self, row: dict[str, Any], label: str) -> str | None:
        return self.colours.get(row.get("swatch", label))

    def _variant(
        self, row: dict[str, Any], variant: dict[str, Any], section: dict[str, Any]
    ) -> NewVariant:
        brand = self.brands[row["brand"]].code
        sku = make_sku(brand, section["code"], row["name"], variant["v"])
        before = variant.get("was")
        fields = VariantFields(
            sku=sku,
            unit_amount=demo_amount(Decimal(str(variant["price"])), self.currency),
            compare_at_amount=demo_amount(before, self.currency) if before else None,
            option_values=tuple(variant["v"]),
            stock_policy=StockPolicy(variant.get("policy", "deny")),
            weight_grams=variant.get("grams", row.get("grams", section["grams"])),
            barcode=make_barcode(sku),
            tax_class=TaxClass(section.get("tax", "standard")),
            unit_measure=row.get("measure") or _measure(variant["v"]),
        )
        return NewVariant(fields, stock=variant["stock"])

    def _shots(self, row: dict[str, Any], rows: Sequence[dict[str, Any]]) -> list[Shot]:
        """Return the pictures; the first variant that names one of them is what it shows."""
        shown: dict[str | None, Sequence[str]] = {}
        for variant in rows:
            shown.setdefault(variant.get("picture"), variant["v"])
        names = [*row["pictures"], *(name for name in shown if name not in row["pictures"])]
        return [demo_shot(self.pictures, name, shown.get(name, ())) for name in names if name]


def _measure(labels: Sequence[str]) -> str | None:
    """Return the first label that is a measure such as "50 ml", for the unit price."""
    found = (_MEASURE.search(label) for label in labels)
    return next((match[0] for match in found if match), None)


@cache
def read_pictures() -> dict[str, SeedPicture]:
    """Return the pictures of the demo by name, such as "candle-01"."""
    rows = json.loads((FOLDER / "pictures.json").read_text("utf-8"))
    return {
        row["name"]: SeedPicture(
            name=row["name"],
            motif=row["motif"],
            design=row["design"],
            view=row["view"],
            colours=tuple(row["colours"]),
            tone=row["tone"],
            alt=row["alt"],
        )
        for row in rows
    }
