"""What the list's filter and the form of a product send, as the catalogue takes it."""

import re
from dataclasses import replace

from flask import request
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import MultipleFileField, SelectField, StringField, TextAreaField

from shop.admin.forms import DeskForm
from shop.admin.products.form_defaults import details_of, product_shown
from shop.admin.products.option_forms import read_options
from shop.admin.products.queries import VIEWS, ProductFilter, brand_choices, category_choices
from shop.admin.products.services import NewProduct, upload
from shop.admin.products.variant_forms import VariantForm
from shop.catalog.combinations import combine
from shop.catalog.input_types import (
    LONGEST_SEO_DESCRIPTION,
    LONGEST_SEO_TITLE,
    MOST_DETAILS,
    NewVariant,
    OptionFields,
    ProductFields,
    check_options,
)
from shop.core import plaintext
from shop.core.errors import BadInput, NotFound
from shop.core.row_ids import parse_id
from shop.media.uploads import ACCEPTED, HINT
from shop.models import Product
from shop.web.forms import options

_DELTA = re.compile(r"[+\-−]?[0-9]{1,6}", re.ASCII)
FEWEST_ROWS = 4  # of details that the form shows
SPARE_ROWS = 2  # empty ones below those that are filled


def read_product_filter(args: MultiDict[str, str]) -> ProductFilter:
    """Return the filter in a query string; nonsense falls back to the default."""
    page = parse_id(args.get("page", "1"))
    if not 1 <= page <= 10_000:
        raise NotFound
    view = args.get("view", "all")
    return ProductFilter(
        view=view if view in VIEWS else "all",
        text=plaintext.line(args.get("q", "")[:100]),
        category_id=parse_id(args.get("category")) or None,
        is_low=args.get("stock") == "low",
        page=page,
    )


def parse_delta(text: str | None) -> int:
    """Return a signed number of pieces. Raises BadInput."""
    cleaned = plaintext.code(text or "")
    if not _DELTA.fullmatch(cleaned):
        raise BadInput(delta="Enter how many pieces to add or take, like +10 or -2.")
    return int(cleaned)


class ProductForm(DeskForm):
    """What a product is. `details`: the rows of title and text, with some empty ones."""

    name = StringField("Name", render_kw={"maxlength": 200})
    slug = StringField(
        "Address",
        description="The last part of the page’s address. Left empty, the name makes it.",
        render_kw={"maxlength": 150},
    )
    summary = TextAreaField("In one sentence", render_kw={"rows": 2, "maxlength": 1000})
    description = TextAreaField("Description", render_kw={"rows": 7, "maxlength": 20_000})
    category_id = SelectField("Category", validate_choice=False)
    brand_id = SelectField("House", validate_choice=False)
    seo_title = StringField(
        "Title for search engines",
        description="Left empty, name and house. About 60 characters are shown.",
        render_kw={"maxlength": LONGEST_SEO_TITLE},
    )
    seo_description = TextAreaField(
        "Description for search engines",
        description="Left empty, the sentence above. About 155 characters are shown.",
        render_kw={"rows": 2, "maxlength": LONGEST_SEO_DESCRIPTION},
    )
    tags = StringField("Tags", description="Words, separated by commas.")
    pictures = MultipleFileField(
        "Choose pictures", description=f"{HINT}.", render_kw={"accept": ACCEPTED}
    )

    @classmethod
    def blank(cls, product: Product | None = None) -> "ProductForm":
        """Return the form with the product's present values, whatever the request posts."""
        return cls(product, is_posted=False)

    def __init__(self, product: Product | None = None, *, is_posted: bool = True) -> None:
        shown = product_shown(product) if product else {}
        super().__init__(**({} if is_posted else {"formdata": None}), data=shown)
        self.category_id.choices = options(category_choices())
        self.brand_id.choices = options(brand_choices())
        self.details = _posted_details() if is_posted and request.form else details_of(product)
        if product is not None and not is_posted:
            self.version.data = str(product.version)

    @property
    def detail_rows(self) -> list[tuple[str, str]]:
        """The details with the empty rows that are offered below them."""
        wanted = max(len(self.details) + SPARE_ROWS, FEWEST_ROWS)
        spare = min(wanted, MOST_DETAILS) - len(self.details)
        return [*self.details, *[("", "")] * spare]

    def values(self) -> ProductFields:
        """Return the product's fields. Raises BadInput."""
        wrong: dict[str, str] = {}
        for title, text in self.details:
            if not title or not text:
                wrong["details"] = f"Enter both a title and a text: {(title or text)[:60]}"
        fields = ProductFields(
            name=self.name.data or "",
            slug=self.slug.data or "",
            brand_id=_chosen(self.brand_id, "Choose a house.", wrong),
            category_id=_chosen(self.category_id, "Choose a category.", wrong),
            summary=self.summary.data or "",
            description=self.description.data or "",
            details=self.details,
            seo_title=self.seo_title.data or "",
            seo_description=plaintext.line(self.seo_description.data or ""),
            tags=[tag.strip() for tag in (self.tags.data or "").split(",") if tag.strip()],
        )
        try:
            fields.check()
        except BadInput as error:
            wrong = {**error.fields, **wrong}
        if wrong:
            raise BadInput(**wrong)
        return fields

    def files(self) -> list[FileStorage]:
        """Return the chosen pictures."""
        return [file for file in self.pictures.data or () if isinstance(file, FileStorage)]


def read_new_product(form: ProductForm, variant: VariantForm) -> NewProduct | None:
    """Return the product that two forms and the options beside them make.

    None when the forms now say what is wrong with it. Its pictures are stored.
    """
    variant.is_active.data = True  # the product says whether it is sold
    fields = form.attempt(form.values)
    chosen = read_options(request.form)
    first = variant.attempt(variant.new)
    combinations = form.attempt(lambda: _combinations(chosen))
    pictures = form.attempt(lambda: upload(form.files()))
    if fields is None or first is None or combinations is None or pictures is None:
        return None
    return NewProduct(
        fields=fields,
        variants=[_variant(first, values) for values in combinations],
        sku_stem=first.fields.sku.strip(),
        options=chosen,
        pictures=pictures,
        is_active=request.form.get("is_active") == "1",
    )


def _combinations(chosen: list[OptionFields]) -> list[list[str]]:
    check_options(chosen, [])
    return combine(chosen)


def _variant(like: NewVariant, values: list[str]) -> NewVariant:
    """Return a variant of these options: what was typed as SKU is how those of several begin."""
    sku = "" if values else like.fields.sku
    return replace(like, fields=replace(like.fields, sku=sku, option_values=values))


def _chosen(field: SelectField, problem: str, wrong: dict[str, str]) -> int | None:
    """Return the id that was chosen; None for the empty choice, and for nonsense, noted."""
    if not field.data:
        return None
    found = parse_id(field.data)
    if not found:
        wrong[field.name] = problem
    return found or None


def _posted_details() -> list[tuple[str, str]]:
    titles, texts = request.form.getlist("detail_title"), request.form.getlist("detail_text")
    texts += [""] * (len(titles) - len(texts))
    rows = [(plaintext.line(t), plaintext.prose(x)) for t, x in zip(titles, texts, strict=False)]
    return [row for row in rows if any(row)]
