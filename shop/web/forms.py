"""What all forms share. A form gives domain values; the service decides what may be done."""

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from flask import request
from markupsafe import Markup, escape
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import (
    EmailField,
    FileField,
    Form,
    HiddenField,
    MultipleFileField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import Choice, SelectChoice, TelField
from wtforms.meta import DefaultMeta
from wtforms.widgets import Select

from shop.core import plaintext
from shop.core.errors import BadInput
from shop.web.security import UNSAFE

R = TypeVar("R")
_POSTED: Final = MultiDict[str, Any]()


# The first that fits. Passwords and what nobody types are left as they are; of an e-mail address
# only its own rules (shop/core/emails.py) may say which letters are the same.
_PLAIN: Final[tuple[tuple[type, Callable[[str], str] | None], ...]] = (
    (PasswordField, None),
    (HiddenField, None),
    (EmailField, plaintext.bare),
    (TextAreaField, plaintext.prose),
    (TelField, plaintext.code),
    (StringField, plaintext.line),
)


def options(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Return (value, words) pairs as the choices of a select or radio field."""
    return [SelectChoice(value, words) for value, words in pairs]


class _Select(Select):
    """A drop-down whose options cost little: a list of all countries has 250."""

    @classmethod
    def render_option(cls, choice: Choice, **kwargs: Any) -> Markup:
        """Return one option, as WTForms writes it."""
        if kwargs or choice.render_kw:
            plain: Markup = super().render_option(choice, **kwargs)
            return plain
        mark = "selected " if choice.selected else ""
        value, words = escape(choice.value), escape(choice.label or choice.value)
        return Markup(f'<option {mark}value="{value}">{words}</option>')  # noqa: S704 -- escaped


_SELECT: Final = _Select()


class _Plain(DefaultMeta):
    """Makes all that is typed into a form plain before a validator sees it."""

    def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Any:
        """Put the field's way of making it plain before its own filters."""
        kind = unbound_field.field_class
        if kind is SelectField:
            return super().bind_field(form, unbound_field, {"widget": _SELECT, **options})
        clean = next((found for known, found in _PLAIN if issubclass(kind, known)), None)
        if clean is None:
            return super().bind_field(form, unbound_field, options)
        own = unbound_field.kwargs.get("filters", ())
        return unbound_field.bind(form=form, filters=[_of_text(clean), *own], **options)


def _of_text(clean: Callable[[str], str]) -> Callable[[Any], Any]:
    return lambda value: clean(value) if isinstance(value, str) else value


class ShopForm(Form):
    """A form of the shop, filled with what the request posts.

    What is typed into its fields arrives plain (`core/plaintext.py`). It knows no CSRF: the macros
    write the token, `web/security.py` checks every unsafe request.
    `status`: the HTTP status of the page that shows it again after a refusal.
    """

    Meta = _Plain
    status = 422

    def __init__(self, formdata: Any = _POSTED, **kwargs: Any) -> None:
        if formdata is _POSTED:
            posted = request.method in UNSAFE
            formdata = CombinedMultiDict((self._files(), request.form)) if posted else None
        super().__init__(formdata, **kwargs)

    def _files(self) -> MultiDict[str, Any]:
        """Return the posted files of the fields that take some: where text belongs, none is."""
        return MultiDict(
            (name, file)
            for name, field in self._unbound_fields
            if issubclass(field.field_class, (FileField, MultipleFileField))
            for file in request.files.getlist(name)
        )

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
