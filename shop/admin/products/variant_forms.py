"""The form of a variant: what is bought, with a field for each thing one chooses between."""

import re
from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, Field, SelectField, StringField

from shop.admin.forms import DeskForm
from shop.admin.products.form_defaults import variant_shown
from shop.catalog.input_types import NewVariant, OptionFields, VariantFields
from shop.core.errors import BadInput
from shop.models import ProductVariant, StockPolicy, TaxClass
from shop.web.forms import options

_DIGITS = re.compile(r"[0-9]{1,7}", re.ASCII)
# What the catalogue calls a field, and what this form does.
CALLED_HERE = {
    "unit_amount": "price",
    "compare_at_amount": "compare_at",
    "option_values": "value_0",
    "options": "value_0",
    "weight_grams": "weight",
}


class VariantForm(DeskForm):
    """What is bought: SKU, price, options. Stock has a form of its own once it is made.

    `value_n` is the choice for the product's option n.
    """

    sku = StringField("SKU", render_kw={"maxlength": 60})
    price = StringField("Price", render_kw={"inputmode": "decimal"})
    compare_at = StringField("Price before", render_kw={"inputmode": "decimal"})
    value_0 = StringField("Value 1")
    value_1 = StringField("Value 2")
    value_2 = StringField("Value 3")
    stock_policy = SelectField("When it is used up")
    tax_class = SelectField("Tax")
    weight = StringField("Weight, g", render_kw={"inputmode": "numeric"})
    barcode = StringField("Barcode", render_kw={"maxlength": 32})
    unit_measure = StringField(
        "Content",
        description="Like 50 ml or 200 g: for the price per unit.",
        render_kw={"maxlength": 32},
    )
    stock = StringField("Pieces on hand", render_kw={"inputmode": "numeric"})
    is_active = BooleanField("On sale")

    def __init__(
        self,
        variant: ProductVariant | None = None,
        product_options: Sequence[OptionFields] = (),
        *,
        prefix: str = "",
        is_posted: bool = True,
    ) -> None:
        shown: dict[str, Any] = {"weight": "0", "stock": "0", "is_active": True}
        if variant is not None:
            shown = variant_shown(variant)
        posted = {} if is_posted else {"formdata": None}
        super().__init__(**posted, data=shown, prefix=prefix)
        self.product_options = product_options
        for field, option in zip(self._values(), product_options, strict=False):
            field.label.text, field.render_kw = option.name, {"maxlength": 60}
        self.stock_policy.choices = options(
            [
                (StockPolicy.DENY, "Sold out"),
                (StockPolicy.CONTINUE, "Made to order"),
                (StockPolicy.UNTRACKED, "Not counted"),
            ]
        )
        self.tax_class.choices = options([(c, c.capitalize()) for c in TaxClass])
        if variant is None:
            self.sku.description = "Left empty, the name and the options make one."
        elif not is_posted:
            self.version.data = str(variant.version)

    def _values(self) -> list[Field]:
        return [self.value_0, self.value_1, self.value_2]

    @property
    def choices(self) -> list[tuple[Field, OptionFields]]:
        """The fields of the product's options, each with its option."""
        return list(zip(self._values(), self.product_options, strict=False))

    def fields(self, position: int = 0) -> VariantFields:
        """Return the variant's fields. Raises BadInput."""
        wrong: dict[str, str] = {}
        price = self.amount("price", wrong)
        before = self.amount("compare_at", wrong) if self.compare_at.data else None
        if not _DIGITS.fullmatch(self.weight.data or "0"):
            wrong["weight"] = "Enter whole grams."
        if self.stock_policy.data not in set(StockPolicy):
            wrong["stock_policy"] = "Choose one."
        if self.tax_class.data not in set(TaxClass):
            wrong["tax_class"] = "Choose one."
        if wrong:
            raise BadInput(**wrong)
        shown = [field for field, _option in self.choices]
        return VariantFields(
            sku=self.sku.data or "",
            unit_amount=price,
            compare_at_amount=before,
            option_values=[field.data or "" for field in shown],
            stock_policy=StockPolicy(self.stock_policy.data),
            weight_grams=int(self.weight.data or 0),
            barcode=self.barcode.data or None,
            tax_class=TaxClass(self.tax_class.data),
            unit_measure=self.unit_measure.data or None,
            position=position,
            is_active=bool(self.is_active.data),
        )

    def new(self) -> NewVariant:
        """Return a variant to make. Raises BadInput."""
        if not _DIGITS.fullmatch(self.stock.data or "0"):
            raise BadInput(stock="Enter how many pieces are there, like 12.")
        return NewVariant(self.fields(), int(self.stock.data or 0))

    def knows(self, error: BadInput) -> bool:
        """Return whether the sentences of `error` are about fields of this form."""
        return any(CALLED_HERE.get(name, name) in self._fields for name in error.fields)

    def refuse(self, error: BadInput) -> None:
        """Show the catalogue's sentences at the fields that this form calls otherwise."""
        fields = {CALLED_HERE.get(name, name): text for name, text in error.fields.items()}
        renamed = BadInput(str(error), **fields)
        renamed.status = error.status
        super().refuse(renamed)
