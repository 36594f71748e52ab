"""What the forms of all desks share: they know when somebody else was faster."""

from collections.abc import Callable
from typing import Any, TypeVar

from wtforms import BooleanField, HiddenField, SelectField

from shop.admin.optimistic_lock import read_version
from shop.core.config import config
from shop.core.errors import BadInput, StaleForm
from shop.core.money import format_money
from shop.core.number_input import parse_amount
from shop.settings.queries import shop_settings
from shop.web.forms import ShopForm

R = TypeVar("R")


class DeskForm(ShopForm):
    """A form for something that others may change at the same time; it carries its version."""

    version = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._amounts: dict[str, str] = {}

    def amount(self, name: str, wrong: dict[str, str]) -> int:
        """Return the amount typed into the field `name`; what is wrong with it goes to `wrong`."""
        field, locale = self._fields[name], shop_settings().locale
        try:
            amount = parse_amount(field.data or "", config().currency, locale)
        except BadInput as error:
            wrong[name] = str(error)
            return 0
        self._amounts[field.label.text] = format_money(amount, config().currency, locale)
        return amount

    @property
    def as_read(self) -> str:
        """How the amounts were read, for the message that they are saved: Price: €12.50."""
        return ", ".join(f"{label}: {amount}" for label, amount in self._amounts.items())

    @property
    def seen(self) -> int | None:
        """The version that the form was made from; None for something new."""
        return read_version(self.version.data)

    def attempt(self, use_case: Callable[[], R]) -> R | None:
        """Return what `use_case` returns; None when it refused the input or was overtaken.

        Overtaken, the form keeps what was typed and says beside each field that differs what
        stands there now; sent once more it wins.
        """
        try:
            return super().attempt(use_case)
        except StaleForm as error:
            if not error.present:
                raise
            self._overtaken(error)
            return None

    def _overtaken(self, error: StaleForm) -> None:
        self.status = int(error.status)
        self.version.data = str(error.version)
        advice = (
            "Somebody else changed this in the meantime. What saving would change now is marked; "
            "save once more to keep yours."
        )
        self.form_errors = [*self.form_errors, advice]
        for name, value in error.present.items():
            field = self._fields.get(name)
            if field is None:
                self.form_errors.append(f"{name.capitalize()} say now: {value or '–'}")
                continue
            sentence = f"{field.label.text}: something else stands there now."
            field.errors = [*field.errors, sentence]
            field.description = f"It says now: {_words(field, value) or '–'}"


def _words(field: Any, value: str) -> str:
    if isinstance(field, BooleanField):
        return "yes" if value in {"True", "yes"} else "no"
    if isinstance(field, SelectField):
        known = (tuple(choice)[:2] for choice in field.choices or ())
        return next((str(words) for code, words in known if str(code) == value), value)
    return value
