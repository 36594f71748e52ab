"""What use cases of the catalogue are given: plain values, checked. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final

from shop.catalog.rules import Rule
from shop.catalog.text import make_slug, option_key, sku_key
from shop.core.errors import BadInput
from shop.core.money import LARGEST
from shop.models import Product, ProductVariant, StockPolicy, TaxClass

LONGEST_SKU_KEY = 64  # characters that the columns of the keys hold
LONGEST_OPTION_KEY = 255
MOST_OPTIONS = 3
MOST_VALUES = 100
MOST_VARIANTS = 100  # that options make of a product; single ones may be added beyond
MOST_TAGS = 40
LONGEST_TAG = 60
MOST_DETAILS = 20
LONGEST_TITLE = 120
LONGEST_DETAIL = 5_000
LONGEST_SEO_TITLE = 120
LONGEST_SEO_DESCRIPTION = 250
LONGEST_ALT = 250
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
PICTURE_KEY = re.compile(r"[0-9a-f]{64}")


def seo_problems(title: str, description: str) -> dict[str, str]:
    """Return what is wrong with words for search engines, by field."""
    longest = {
        "seo_title": (title, LONGEST_SEO_TITLE),
        "seo_description": (description, LONGEST_SEO_DESCRIPTION),
    }
    return {
        name: f"Use at most {most} characters."
        for name, (text, most) in longest.items()
        if len(text) > most
    }


@dataclass(frozen=True, kw_only=True)
class ProductFields:
    """What a product is, each field by the name of its column.

    `details`: (title, text) pairs; without `slug` the name makes one. `position`: its place in the
    lists; None keeps it, and puts a new product behind all others. `seo_title`,
    `seo_description`: for search engines, "" where name and texts say it.
    """

    name: str
    slug: str = ""
    summary: str = ""
    description: str = ""
    details: Sequence[tuple[str, str]] = ()
    tags: Sequence[str] = ()
    category_id: int | None = None
    brand_id: int | None = None
    seo_title: str = ""
    seo_description: str = ""
    position: int | None = None

    def check(self) -> None:
        """Raise BadInput naming every field that cannot be stored."""
        wrong = {}
        if not self.name.strip() or len(self.name) > 200:
            wrong["name"] = "Enter a name of at most 200 characters."
        if self.slug and (make_slug(self.slug) != self.slug or len(self.slug) > 150):
            wrong["slug"] = "Use lower-case letters, digits and hyphens, like neroli-eau-de-parfum."
        if not self.slug and not make_slug(self.name):
            wrong.setdefault("name", "Use at least one letter or digit in the name.")
        if len(self.summary) > 1000:
            wrong["summary"] = "Use at most 1,000 characters."
        if len(self.description) > 20_000:
            wrong["description"] = "Use at most 20,000 characters."
        if len(self.tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in self.tags):
            wrong["tags"] = f"Use at most {MOST_TAGS} tags of at most {LONGEST_TAG} characters."
        wrong |= seo_problems(self.seo_title, self.seo_description)
        if problem := self._problem_of_details():
            wrong["details"] = problem
        if wrong:
            raise BadInput(**wrong)

    def _problem_of_details(self) -> str:
        if len(self.details) > MOST_DETAILS:
            return f"A product has at most {MOST_DETAILS} details."
        if any(len(t) > LONGEST_TITLE or len(x) > LONGEST_DETAIL for t, x in self.details):
            return "Use at most 120 characters for a title and 5,000 for its text."
        return ""

    def columns(self) -> dict[str, Any]:
        """Return what is stored of it; the address is left to whoever finds a free one."""
        given = {name: getattr(self, name) for name in PRODUCT_CONTENT if name != "slug"}
        texts = {name: text.strip() for name, text in given.items() if isinstance(text, str)}
        details = [(title.strip(), text.strip()) for title, text in self.details]
        place = {} if self.position is None else {"position": self.position}
        return {
            **given,
            **texts,
            **place,
            "details": [{"title": t, "text": x} for t, x in details if t and x],
            "tags": list(dict.fromkeys(tag.strip() for tag in self.tags if tag.strip())),
        }


# What staff edit of a product: its version grows with it, its form and its trail show it.
PRODUCT_CONTENT: Final = tuple(f.name for f in fields(ProductFields) if f.name != "position")


def product_content(product: Product) -> dict[str, Any]:
    """Return what a product is now, by column."""
    return {name: getattr(product, name) for name in PRODUCT_CONTENT}


@dataclass(frozen=True)
class OptionValue:
    """One thing to choose. `hex`: "#a1b2c3" for a colour, else None."""

    label: str
    hex: str | None = None


@dataclass(frozen=True)
class OptionFields:
    """What one chooses between, such as Size."""

    name: str
    values: Sequence[OptionValue]


@dataclass(frozen=True, kw_only=True)
class VariantFields:
    """What is bought. Money in minor units, weight in grams; `option_values` in option order."""

    sku: str
    unit_amount: int
    compare_at_amount: int | None = None
    option_values: Sequence[str] = ()
    stock_policy: StockPolicy = StockPolicy.DENY
    weight_grams: int = 0
    barcode: str | None = None
    tax_class: TaxClass = TaxClass.STANDARD
    unit_measure: str | None = None
    position: int = 0
    is_active: bool = True

    def check(self) -> None:
        """Raise BadInput naming every field that cannot be stored."""
        wrong = self._problems_of_keys()
        if not 0 <= self.unit_amount <= LARGEST:
            wrong["unit_amount"] = "Enter a price, like 148.00"
        if self.compare_at_amount is not None and not (
            self.unit_amount < self.compare_at_amount <= LARGEST
        ):
            wrong["compare_at_amount"] = "The price before must be higher than the price."
        if not 0 <= self.weight_grams <= 1_000_000:
            wrong["weight_grams"] = "Enter a weight of at most 1,000,000 g."
        if len(self.barcode or "") > 32:
            wrong["barcode"] = "Use at most 32 characters."
        if len(self.unit_measure or "") > 32:
            wrong["unit_measure"] = "Use at most 32 characters."
        if wrong:
            raise BadInput(**wrong)

    def _problems_of_keys(self) -> dict[str, str]:
        """Judge what is stored: capital letters and decomposed signs are more than were typed."""
        wrong = {}
        if not sku_key(self.sku) or len(self.sku) > 60:
            wrong["sku"] = "Enter a SKU of at most 60 characters."
        elif len(sku_key(self.sku)) > LONGEST_SKU_KEY:  # ß becomes SS
            wrong["sku"] = "The SKU is too long in capital letters. Use a shorter one."
        if any(not value.strip() or len(value) > 60 for value in self.option_values):
            wrong["option_values"] = "Choose a value of at most 60 characters for each option."
        elif len(option_key(self.option_values)) > LONGEST_OPTION_KEY:  # one sign may become 18
            wrong["option_values"] = "These values are too long together. Use shorter ones."
        return wrong


def variant_content(variant: ProductVariant) -> VariantFields:
    """Return what a variant is now."""
    return VariantFields(**{f.name: getattr(variant, f.name) for f in fields(VariantFields)})


@dataclass(frozen=True)
class NewVariant:
    """A variant to make, with the pieces that are there at the start."""

    fields: VariantFields
    stock: int = 0


@dataclass(frozen=True)
class PictureFields:
    """A stored picture to show: key and size from `shop.media`, `alt` in words.

    `variant_key`: the option values of the variant it shows, when it shows one.
    """

    storage_key: str
    width: int
    height: int
    alt: str = ""
    variant_key: Sequence[str] = field(default=())


def check_options(options: Sequence[OptionFields], combinations: Sequence[Sequence[str]]) -> None:
    """Raise BadInput unless every combination of labels fits the options and is there once."""
    if len(options) > MOST_OPTIONS:
        raise BadInput(options=f"A product has at most {MOST_OPTIONS} options.")
    for option in options:
        labels = [option_key([value.label]) for value in option.values]
        if not option.name.strip() or not labels or len(labels) > MOST_VALUES:
            raise BadInput(options="Each option needs a name and 1 to 100 values.")
        if len(set(labels)) != len(labels):
            raise BadInput(options=f"{option.name} has the same value twice.")
        if any(value.hex and not _HEX.fullmatch(value.hex) for value in option.values):
            raise BadInput(options="Write colours like #a1b2c3.")
    keys = [option_key(values) for values in combinations]
    if any(len(key) > LONGEST_OPTION_KEY for key in keys):
        raise BadInput(option_values="These values are too long together. Use shorter ones.")
    if len(set(keys)) != len(keys):
        raise BadInput(option_values="Two variants have the same options.")
    for values in combinations:
        known = len(values) == len(options) and all(
            label in {value.label for value in option.values}
            for label, option in zip(values, options, strict=True)
        )
        if not known:
            raise BadInput(option_values="Choose a value for each option.")


@dataclass(frozen=True)
class LookFields:
    """How a category, a brand or a collection shows itself, by the names of its columns.

    `picture`: the key of a stored picture, "" for none.
    """

    picture: str = ""
    picture_alt: str = ""
    seo_title: str = ""
    seo_description: str = ""

    def check(self) -> None:
        """Raise BadInput naming every field that cannot be stored."""
        wrong = seo_problems(self.seo_title, self.seo_description)
        if len(self.picture_alt) > LONGEST_ALT:
            wrong["picture_alt"] = f"Use at most {LONGEST_ALT} characters."
        if self.picture and not PICTURE_KEY.fullmatch(self.picture):
            wrong["picture"] = "Choose the picture again."
        if wrong:
            raise BadInput(**wrong)


NO_LOOK: Final = LookFields()


@dataclass(frozen=True, kw_only=True)
class CollectionFields:
    """What a collection is. `rule`: None where its pieces are chosen by hand."""

    name: str
    description: str = ""
    rule: Rule | None = None
    is_active: bool = False
    in_menu: bool = False
    look: LookFields = NO_LOOK
