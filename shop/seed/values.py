"""What a seed writes, whatever it was read from: plain values. Pure."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shop.catalog.input_types import NewVariant, OptionFields


def exact_name(text: str) -> str:
    """Return a name as it is compared: case and accents count, how they are encoded does not."""
    return unicodedata.normalize("NFC", text)


def key_of_way(names: Sequence[str]) -> str:
    """Return the key of the section that these names lead to, from the top down; "" for none."""
    return "\x1f".join(names)


@dataclass(frozen=True, kw_only=True)
class SeedBrand:
    """A brand. `code`: the first letters of its SKUs; `country`: ISO 3166-1 alpha-2."""

    slug: str
    name: str
    code: str = ""
    country: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class SeedCategory:
    """A section; `parent` is the slug of the one above it, empty for a main one.

    `details`: accordions that all of its pieces have.
    """

    slug: str
    name: str
    parent: str = ""
    text: str = ""
    details: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, kw_only=True)
class Shot:
    """A picture to be stored.

    `source` says where it is: `demo:candle-01` (a picture of the demo shop; `/close` after it
    means its middle), `file:<path>`, `https://…`, or `drawn:<word>|<colour>…`, which draws one.
    `variant_key`: the option values of the variant it shows.
    """

    source: str
    alt: str = ""
    variant_key: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class SeedProduct:
    """A product with everything that belongs to it.

    `brand` and `category` are the keys of its surroundings or empty: slugs in the demo, in imported
    files the exact name of the brand and `key_of_way` of the sections.
    `age_days`: how long it has been on sale.
    """

    slug: str
    name: str
    brand: str
    category: str
    variants: Sequence[NewVariant]
    shots: Sequence[Shot]
    summary: str = ""
    text: str = ""
    details: Sequence[tuple[str, str]] = ()
    tags: Sequence[str] = ()
    options: Sequence[OptionFields] = ()
    age_days: int = 0

    @property
    def is_available(self) -> bool:
        """Whether at least one variant can be bought at the start."""
        return any(v.stock > 0 or v.fields.stock_policy != "deny" for v in self.variants)


@dataclass(frozen=True, kw_only=True)
class SeedPicture:
    """A picture of the demo shop, as `pictures.json` describes it."""

    name: str
    motif: str
    design: str
    view: str
    colours: tuple[str, ...]
    tone: str
    alt: str


@dataclass(frozen=True, kw_only=True)
class Demo:
    """The whole demo shop."""

    brands: Mapping[str, SeedBrand]
    categories: Mapping[str, SeedCategory]
    pictures: Mapping[str, SeedPicture]
    products: Sequence[SeedProduct]
