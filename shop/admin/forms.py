"""What the forms of all desks share: they know when somebody else was faster."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from wtforms import BooleanField, HiddenField, SelectField

from shop.admin.stale import marks_of
from shop.config import config
from shop.errors import BadInput, StaleForm
from shop.forms import ShopForm
from shop.money import parse_amount

R = TypeVar("R")


class DeskForm(ShopForm):
    """A form for something that others may change at the same time; `seen` marks what it shows."""

    seen = HiddenField()

    def show(self, values: Mapping[str, object]) -> None:
        """Remember `values` as those that the form shows."""
        self.seen.data = marks_of(values)

    def attempt(self, use_case: Callable[[], R]) -> R | None:
        """Return what `use_case` returns; None when it refused the input or was overtaken.

        Overtaken, the form keeps what was typed and says beside each changed field what stands
        there now; sent once more it wins.
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
        self.seen.data = error.marks
        advice = "Somebody else changed this in the meantime. Save once more to keep yours."
        self.form_errors = [*self.form_errors, advice]
        for name, value in error.present.items():
            field = self._fields.get(name)
            if field is None:
                self.form_errors.append(f"{name.capitalize()} say now: {value or '–'}")
                continue
            sentence = f"{field.label.text}: changed by somebody else in the meantime."
            field.errors = [*field.errors, sentence]
            field.description = f"It says now: {_words(field, value) or '–'}"


def _words(field: Any, value: str) -> str:
    if isinstance(field, BooleanField):
        return "yes" if value in {"True", "yes"} else "no"
    if isinstance(field, SelectField):
        known = (tuple(choice)[:2] for choice in field.choices or ())
        return next((str(words) for code, words in known if str(code) == value), value)
    return value


def amount_in(text: str | None, name: str, wrong: dict[str, str]) -> int:
    """Return the amount typed as `text` in minor units; what is wrong with it goes to `wrong`."""
    try:
        return parse_amount(text or "", config().currency)
    except BadInput as error:
        wrong[name] = str(error)
        return 0
