"""What the forms of the products desk send, as the use cases of the catalogue take it."""

import re
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, SelectField, StringField, TextAreaField

from shop.admin.products.queries import VIEWS, ProductFilter, brand_choices, category_choices
from shop.cart.quantity import parse_id
from shop.catalog.values import NewVariant, OptionFields, OptionValue, ProductFields, VariantFields
from shop.config import config
from shop.errors import BadInput, NotFound
from shop.forms import ShopForm, options, stripped
from shop.models import Product, ProductOption, ProductVariant, StockPolicy, TaxClass
from shop.money import parse_amount, plain_amount

_DELTA = re.compile(r"[+\-−]?[0-9]{1,6}", re.ASCII)
_DIGITS = re.compile(r"[0-9]{1,7}", re.ASCII)
DETAILS = 6


def read_filter(args: MultiDict[str, str]) -> ProductFilter:
    """Return the filter in a query string; nonsense falls back to the default."""
    page = parse_id(args.get("page", "1"))
    if not 1 <= page <= 10_000:
        raise NotFound
    view = args.get("view", "all")
    return ProductFilter(
        view=view if view in VIEWS else "all",
        text=args.get("q", "")[:100].strip(),
        category_id=parse_id(args.get("category")) or None,
        is_low=args.get("stock") == "low",
        page=page,
    )


def parse_delta(text: str | None) -> int:
    """Return a signed number of pieces. Raises BadInput."""
    cleaned = (text or "").strip().replace("−", "-")
    if not _DELTA.fullmatch(cleaned):
        raise BadInput(delta="Enter how many pieces to add or take, like +10 or -2.")
    return int(cleaned)


class ProductForm(ShopForm):
    """What a product is. `version` tells a form that was overtaken from one that was not."""

    version = HiddenField()
    name = StringField("Name", filters=[stripped], render_kw={"maxlength": 200})
    slug = StringField(
        "Address",
        filters=[stripped],
        description="The last part of the page’s address. Left empty, the name makes it.",
        render_kw={"maxlength": 150},
    )
    summary = TextAreaField("In one sentence", filters=[stripped], render_kw={"rows": 2})
    description = TextAreaField("Description", filters=[stripped], render_kw={"rows": 7})
    category_id = SelectField("Category", validate_choice=False)
    brand_id = SelectField("House", validate_choice=False)
    tags = StringField("Tags", filters=[stripped], description="Words, separated by commas.")

    @classmethod
    def blank(cls, product: Product) -> "ProductForm":
        """Return the form with the product's present values, whatever the request posts."""
        return cls(product, is_posted=False)

    def __init__(self, product: Product | None = None, *, is_posted: bool = True) -> None:
        shown: dict[str, Any] = {}
        if product is not None:
            shown = {
                "version": product.version,
                "name": product.name,
                "slug": product.slug,
                "summary": product.summary,
                "description": product.description,
                "category_id": str(product.category_id or ""),
                "brand_id": str(product.brand_id or ""),
                "tags": ", ".join(product.tags),
            }
        super().__init__(**({} if is_posted else {"formdata": None}), data=shown)
        self.category_id.choices = options(category_choices())
        self.brand_id.choices = options(brand_choices())

    def values(self, posted: MultiDict[str, str], position: int = 0) -> ProductFields:
        """Return the product's fields."""
        return ProductFields(
            name=self.name.data or "",
            slug=self.slug.data or "",
            brand_id=parse_id(self.brand_id.data) or None,
            category_id=parse_id(self.category_id.data) or None,
            summary=self.summary.data or "",
            description=self.description.data or "",
            details=_details(posted),
            tags=[tag.strip() for tag in (self.tags.data or "").split(",") if tag.strip()][:20],
            position=position,
        )


def _details(posted: MultiDict[str, str]) -> list[tuple[str, str]]:
    pairs = zip(
        posted.getlist("detail_title")[:DETAILS], posted.getlist("detail_text")[:DETAILS],
        strict=False,
    )  # fmt: skip
    return [(title.strip(), text.strip()) for title, text in pairs if title.strip()]


# What the catalogue calls a field, and what this form does.
CALLED_HERE = {
    "unit_amount": "price",
    "compare_at_amount": "compare_at",
    "option_values": "values",
    "options": "values",
    "weight_grams": "weight",
}


class VariantForm(ShopForm):
    """What is bought: SKU, price, options. Stock has a form of its own."""

    sku = StringField("SKU", filters=[stripped], render_kw={"maxlength": 60})
    price = StringField("Price", filters=[stripped], render_kw={"inputmode": "decimal"})
    compare_at = StringField("Price before", filters=[stripped], render_kw={"inputmode": "decimal"})
    values = StringField("Options", filters=[stripped], description="Like 50 ml, or 50 ml / Amber.")
    stock_policy = SelectField("When it is used up")
    tax_class = SelectField("Tax")
    weight = StringField("Weight, g", filters=[stripped], render_kw={"inputmode": "numeric"})
    stock = StringField("Pieces on hand", filters=[stripped], render_kw={"inputmode": "numeric"})

    @classmethod
    def blank(cls, variant: ProductVariant | None = None, prefix: str = "new-") -> "VariantForm":
        """Return the form with the variant's present values, whatever the request posts."""
        return cls(variant, prefix=prefix, is_posted=False)

    def __init__(
        self, variant: ProductVariant | None = None, *, prefix: str = "", is_posted: bool = True
    ) -> None:
        shown = _shown(variant) if variant else {"weight": "0", "stock": "0"}
        posted = {} if is_posted else {"formdata": None}
        super().__init__(**posted, data=shown, prefix=prefix)
        self.stock_policy.choices = options(
            [
                (StockPolicy.DENY, "Sold out"),
                (StockPolicy.CONTINUE, "Made to order"),
                (StockPolicy.UNTRACKED, "Not counted"),
            ]
        )
        self.tax_class.choices = options([(c, c.capitalize()) for c in TaxClass])

    def fields(self, variant: ProductVariant | None = None) -> VariantFields:
        """Return the variant's fields; what the form does not show stays. Raises BadInput."""
        wrong: dict[str, str] = {}
        price = _amount(self.price.data, "price", wrong)
        before = (
            _amount(self.compare_at.data, "compare_at", wrong) if self.compare_at.data else None
        )
        if not _DIGITS.fullmatch(self.weight.data or "0"):
            wrong["weight"] = "Enter whole grams."
        if self.stock_policy.data not in set(StockPolicy):
            wrong["stock_policy"] = "Choose one."
        if self.tax_class.data not in set(TaxClass):
            wrong["tax_class"] = "Choose one."
        if wrong:
            raise BadInput(**wrong)
        return VariantFields(
            sku=self.sku.data or "",
            unit_amount=price,
            compare_at_amount=before,
            option_values=[v.strip() for v in (self.values.data or "").split("/") if v.strip()],
            stock_policy=StockPolicy(self.stock_policy.data),
            weight_grams=int(self.weight.data or 0),
            barcode=variant.barcode if variant else None,
            tax_class=TaxClass(self.tax_class.data),
            unit_measure=variant.unit_measure if variant else None,
            position=variant.position if variant else 0,
            is_active=variant.is_active if variant else True,
        )

    def new(self) -> NewVariant:
        """Return a variant to make. Raises BadInput."""
        if not _DIGITS.fullmatch(self.stock.data or "0"):
            raise BadInput(stock="Enter how many pieces are there, like 12.")
        return NewVariant(self.fields(), int(self.stock.data or 0))

    def refuse(self, error: BadInput) -> None:
        """Show the catalogue's sentences at the fields that this form calls otherwise."""
        names = CALLED_HERE
        fields = {names.get(name, name): text for name, text in error.fields.items()}
        super().refuse(BadInput(str(error), **fields))


def _shown(variant: ProductVariant) -> dict[str, Any]:
    currency = config().currency
    before = variant.compare_at_amount
    return {
        "sku": variant.sku,
        "price": plain_amount(variant.unit_amount, currency),
        "compare_at": plain_amount(before, currency) if before is not None else "",
        "values": " / ".join(variant.option_values),
        "stock_policy": str(variant.stock_policy),
        "tax_class": str(variant.tax_class),
        "weight": str(variant.weight_grams),
    }


def _amount(text: str | None, name: str, wrong: dict[str, str]) -> int:
    try:
        return parse_amount(text or "", config().currency)
    except BadInput as error:
        wrong[name] = str(error)
        return 0


def options_for(present: list[ProductOption], names: str, values: list[str]) -> list[OptionFields]:
    """Return what one chooses between for a first variant with `values`: "Size / Colour"."""
    titles = [name.strip() for name in names.split("/") if name.strip()]
    if present or not values:
        return []
    if len(titles) != len(values):
        raise BadInput(values="Name each option, like Size / Colour, beside its value.")
    return [
        OptionFields(title, [OptionValue(value)])
        for title, value in zip(titles, values, strict=True)
    ]
