"""What the forms of the products desk show of a product, its options and its variants. Pure."""

from collections.abc import Sequence
from typing import Any

from shop.catalog.input_types import (
    MOST_OPTIONS,
    PRODUCT_CONTENT,
    OptionFields,
    ProductFields,
    VariantFields,
)
from shop.core.config import config
from shop.core.number_input import typed_amount
from shop.models import Product, ProductVariant
from shop.settings.queries import shop_settings


def product_shown(product: Product | ProductFields) -> dict[str, Any]:
    """Return what the form shows of a product, by field."""
    given = {name: getattr(product, name) for name in PRODUCT_CONTENT}
    details = "; ".join(f"{title}: {text}" for title, text in details_of(product))
    return {name: _typed(value) for name, value in (given | {"details": details}).items()}


def _typed(value: object) -> str:
    """Return a value as one types it: what is listed, parted by commas."""
    if isinstance(value, (list, tuple)):
        return ", ".join(value)
    return "" if value is None else str(value)


def details_of(product: Product | ProductFields | None) -> list[tuple[str, str]]:
    """Return the title and text of each detail."""
    if isinstance(product, Product):
        return [(row["title"], row["text"]) for row in product.details]
    return list(product.details) if product else []


def variant_shown(variant: ProductVariant | VariantFields) -> dict[str, Any]:
    """Return what the form shows of a variant, by field."""
    currency, locale = config().currency, shop_settings().locale
    before = variant.compare_at_amount
    return {
        "sku": variant.sku,
        "price": typed_amount(variant.unit_amount, currency, locale),
        "compare_at": typed_amount(before, currency, locale) if before is not None else "",
        **{f"value_{n}": value for n, value in enumerate(variant.option_values)},
        "stock_policy": str(variant.stock_policy),
        "tax_class": str(variant.tax_class),
        "weight": str(variant.weight_grams),
        "barcode": variant.barcode or "",
        "unit_measure": variant.unit_measure or "",
        "is_active": variant.is_active,
    }


def option_rows(options: Sequence[OptionFields]) -> list[tuple[str, str]]:
    """Return name and values of each option, with empty rows for as many as there may be."""
    rows = [(option.name, _written(option)) for option in options]
    return [*rows, *[("", "")] * (MOST_OPTIONS - len(rows))][:MOST_OPTIONS]


def _written(option: OptionFields) -> str:
    """Return the values of an option, one a line, colours like Amber #b5651d."""
    return "\n".join(f"{v.label} {v.hex}" if v.hex else v.label for v in option.values)


def options_in_words(options: Sequence[OptionFields]) -> str:
    """Return options and their values on one line: Size (50 ml, 100 ml); Colour (Amber)."""
    named = ((option.name, ", ".join(v.label for v in option.values)) for option in options)
    return "; ".join(f"{name} ({values})" for name, values in named) or "–"
