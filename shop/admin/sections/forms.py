"""What staff type about a category or a brand."""

from collections.abc import Sequence

from wtforms import BooleanField, SelectField, StringField, TextAreaField

from shop.admin.sections.input_types import (
    BrandValues,
    CategoryValues,
    brand_shown,
    category_shown,
)
from shop.admin.sections.look_forms import LookForm
from shop.catalog.services import LONGEST_DESCRIPTION
from shop.core.addresses import country_choices, is_country
from shop.core.errors import BadInput
from shop.core.row_ids import parse_id
from shop.models import Brand, Category
from shop.web.forms import options


class CategoryForm(LookForm):
    """A category. `parents`: (id, name) of those it may stand below."""

    name = StringField("Name", render_kw={"maxlength": 100})
    parent_id = SelectField("Stands below", validate_choice=False)
    description = TextAreaField(
        "Text",
        description="Shown above its products. An empty line begins a paragraph.",
        render_kw={"rows": 4, "maxlength": LONGEST_DESCRIPTION},
    )
    is_active = BooleanField("Shown in the shop, with all below it")

    def __init__(self, parents: Sequence[tuple[str, str]], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.parent_id.choices = options([("", "Nothing: a main category"), *parents])

    @classmethod
    def of(cls, parents: Sequence[tuple[str, str]], category: Category) -> "CategoryForm":
        """Return the form with what the category is now, whatever the request posts."""
        shown = category_shown(category) | {"version": str(category.version)}
        return cls(parents, formdata=None, data={**shown, "is_active": category.is_active})

    def values(self) -> CategoryValues:
        """Return the category. Raises BadInput."""
        parent_id = parse_id(self.parent_id.data) if self.parent_id.data else None
        if parent_id == 0:
            raise BadInput(parent_id="Choose a category.")
        return CategoryValues(
            self.name.data or "",
            parent_id,
            self.description.data or "",
            bool(self.is_active.data),
            self.look(),
        )


class BrandForm(LookForm):
    """A brand."""

    name = StringField("Name", render_kw={"maxlength": 100})
    country = SelectField("Where it comes from", validate_choice=False)
    description = TextAreaField(
        "Text",
        description="Shown above its products. An empty line begins a paragraph.",
        render_kw={"rows": 4, "maxlength": LONGEST_DESCRIPTION},
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = options([("", "–"), *country_choices("en")])

    @classmethod
    def of(cls, brand: Brand) -> "BrandForm":
        """Return the form with what the brand is now, whatever the request posts."""
        return cls(formdata=None, data=brand_shown(brand) | {"version": str(brand.version)})

    def values(self) -> BrandValues:
        """Return the brand. Raises BadInput."""
        country = self.country.data or ""
        if country and not is_country(country):
            raise BadInput(country="Choose a country.")
        return BrandValues(self.name.data or "", country, self.description.data or "", self.look())
