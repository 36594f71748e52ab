"""What staff type about a collection."""

from collections.abc import Sequence

from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField

from shop.admin.sections.input_types import collection_shown
from shop.admin.sections.look_forms import LookForm
from shop.catalog.input_types import CollectionFields
from shop.catalog.rules import MOST_DAYS, Rule
from shop.catalog.services import LONGEST_DESCRIPTION
from shop.core import plaintext
from shop.core.config import config
from shop.core.errors import BadInput, StaleForm
from shop.core.money import format_money, plain_amount
from shop.core.row_ids import parse_id
from shop.models import Collection
from shop.settings.queries import shop_settings
from shop.web.forms import options

AMOUNTS = ("min_price", "max_price")
Pairs = Sequence[tuple[str, str]]


class CollectionForm(LookForm):
    """A collection. `categories`, `brands`: (id, name) of those that a rule may name."""

    name = StringField("Name", render_kw={"maxlength": 100})
    description = TextAreaField(
        "Text",
        description="Shown above its products. An empty line begins a paragraph.",
        render_kw={"rows": 4, "maxlength": LONGEST_DESCRIPTION},
    )
    kind = RadioField(
        "Its pieces",
        choices=options(
            [("hand", "I choose them, and their order"), ("rule", "All that fit what stands below")]
        ),
        default="hand",
        validate_choice=False,
    )
    category_id = SelectField("Category", validate_choice=False)
    brand_id = SelectField("House", validate_choice=False)
    min_price = StringField("Price from", render_kw={"inputmode": "decimal"})
    max_price = StringField("Price up to", render_kw={"inputmode": "decimal"})
    new_days = StringField(
        "New for at most, days",
        description="Since a piece was first put on sale.",
        render_kw={"inputmode": "numeric"},
    )
    is_reduced = BooleanField("Reduced in price")
    in_stock = BooleanField("In stock")
    is_active = BooleanField("Shown in the shop")
    in_menu = BooleanField("Linked in the menu and at the foot of each page")

    def __init__(self, categories: Pairs, brands: Pairs, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.category_id.choices = _with_lost(categories, self.category_id.data, "Any category")
        self.brand_id.choices = _with_lost(brands, self.brand_id.data, "Any house")

    @classmethod
    def of(cls, categories: Pairs, brands: Pairs, collection: Collection) -> "CollectionForm":
        """Return the form with what the collection is now, whatever the request posts."""
        shown: dict[str, object] = {**collection_shown(collection)}
        for name in AMOUNTS:
            shown[name] = _typed(str(shown[name]))
        ticks = ("is_reduced", "in_stock", "is_active", "in_menu")
        shown |= {name: shown[name] == "yes" for name in ticks}
        return cls(
            categories,
            brands,
            formdata=None,
            data=shown | {"version": str(collection.version)},
        )

    def values(self) -> CollectionFields:
        """Return the collection. Raises BadInput."""
        return CollectionFields(
            name=self.name.data or "",
            description=self.description.data or "",
            rule=self._rule() if self.kind.data == "rule" else None,
            is_active=bool(self.is_active.data),
            in_menu=bool(self.in_menu.data),
            look=self.look(),
        )

    def _rule(self) -> Rule:
        wrong: dict[str, str] = {}
        chosen = {
            "category_id": _id(self.category_id, "Choose a category.", wrong),
            "brand_id": _id(self.brand_id, "Choose a house.", wrong),
        }
        amounts = {
            name: self.amount(name, wrong) if self._fields[name].data else None for name in AMOUNTS
        }
        days = plaintext.code(self.new_days.data or "")
        if days and not (days.isascii() and days.isdigit() and len(days) < 5):
            wrong["new_days"] = f"Enter 1 to {MOST_DAYS} days."
        rule = Rule(
            **chosen,
            **amounts,
            is_reduced=bool(self.is_reduced.data),
            new_days=int(days) if days and "new_days" not in wrong else None,
            in_stock=bool(self.in_stock.data),
        )
        if wrong:
            raise BadInput(**wrong)
        rule.check()
        return rule

    def _overtaken(self, error: StaleForm) -> None:
        for name in AMOUNTS:
            if error.present.get(name):
                amount, locale = int(error.present[name]), shop_settings().locale
                error.present[name] = format_money(amount, config().currency, locale)
        super()._overtaken(error)


def _typed(amount: str) -> str:
    if not amount:
        return ""
    return plain_amount(int(amount), config().currency).removesuffix(".00")


def _with_lost(pairs: Pairs, chosen: str | None, anything: str) -> list[object]:
    """Return the choices; what a rule names and is no longer there keeps its place."""
    known = [("", anything), *pairs]
    if chosen and chosen not in {value for value, _ in known}:
        known.append((chosen, "One that was deleted"))
    return list(options(known))


def _id(field: SelectField, problem: str, wrong: dict[str, str]) -> int | None:
    if not field.data:
        return None
    found = parse_id(field.data)
    if not found:
        wrong[field.name] = problem
    return found or None
