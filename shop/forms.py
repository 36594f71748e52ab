"""What all forms share. A form gives domain values; the service decides what may be done."""

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from flask import request
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import Form
from wtforms.fields import SelectChoice

from shop.errors import BadInput
from shop.security import UNSAFE

R = TypeVar("R")
_POSTED: Final = MultiDict[str, Any]()


def stripped(value: Any) -> Any:
    """Filter: text without white space around it."""
    return value.strip() if isinstance(value, str) else value


def options(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Return (value, words) pairs as the choices of a select or radio field."""
    return [SelectChoice(value, words) for value, words in pairs]


class ShopForm(Form):
    """A form of the shop, filled with what the request posts.

    It knows no CSRF: the macros write the token, `shop/security.py` checks every unsafe request.
    `status`: the HTTP status of the page that shows it again after a refusal.
    """

    status = 422

    def __init__(self, formdata: Any = _POSTED, **kwargs: Any) -> None:
        if formdata is _POSTED:
            posted = request.method in UNSAFE
            formdata = CombinedMultiDict((request.files, request.form)) if posted else None
        super().__init__(formdata, **kwargs)

    def attempt(self, use_case: Callable[[], R]) -> R | None:
        """Return what `use_case` returns; None when it refused the input.

        The sentences of its BadInput then stand at the fields they name, else above the form.
        """
        try:
            return use_case()
        except BadInput as error:
            self.refuse(error)
            return None

    def refuse(self, error: BadInput) -> None:
        """Show the sentences of `error` at the fields they name, else above the form."""
        self.status = int(error.status)
        named = {name: text for name, text in error.fields.items() if name in self._fields}
        for name, sentence in named.items():
            self._fields[name].errors = [*self._fields[name].errors, sentence]
        others = [text for name, text in error.fields.items() if name not in named]
        if others or not named:
            self.form_errors: list[str] = [*self.form_errors, *(others or [str(error)])]
