"""The settings as a form, one field for each definition."""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from babel import Locale
from wtforms import BooleanField, EmailField, SelectField, StringField

from shop.core.addresses import country_choices
from shop.settings.kinds import Definition, Kind, Value
from shop.web.forms import ShopForm, options

LOCALES: Final = (
    "cs_CZ da_DK de_AT de_CH de_DE en_AU en_CA en_GB en_IE en_US es_ES fi_FI fr_BE fr_CA fr_CH "
    "fr_FR hu_HU it_IT ja_JP nb_NO nl_BE nl_NL pl_PL pt_PT ro_RO sv_SE"
).split()


class SettingsForm(ShopForm):
    """Base of the forms made by `settings_form`."""

    def texts(self) -> dict[str, str]:
        """Return what was entered, as `set_settings` takes it."""
        return {
            name: ("yes" if field.data else "no") if isinstance(field.data, bool) else field.data
            for name, field in self._fields.items()
        }


F = TypeVar("F", bound=SettingsForm)


def settings_form(
    definitions: list[Definition],
    present: Mapping[str, Value],
    *,
    base: type[F] = SettingsForm,
    is_posted: bool = True,
) -> F:
    """Return a form for `definitions`, filled with what was posted or else the present values.

    Without `is_posted` the present values stand, whatever the request posts: for the other forms
    of a page of which one was sent. `base`: the class whose kind it is.

    Its fields say what is wrong once `form.attempt(lambda: set_settings(form.texts(), …))` was
    refused.
    """
    shown = {d.key: _shown(d, present[d.key]) for d in definitions}
    fields = {definition.key: _field(definition, shown) for definition in definitions}
    made = type("MadeSettingsForm", (base,), fields)
    form: F = made(**({} if is_posted else {"formdata": None}), data=shown)
    return form


def words_of(definition: Definition, value: Value) -> str:
    """Return `value` as staff read it: the words of a choice, a number with its unit."""
    shown = definition.show(value)
    if definition.kind is Kind.FLAG:
        return "on" if value else "off"
    words = dict(_choices(definition, shown)).get(shown, shown)
    return f"{words} {definition.unit}" if definition.unit else words


def _shown(definition: Definition, value: Any) -> Any:
    return value if definition.kind is Kind.FLAG else definition.show(value)


def _field(definition: Definition, shown: Mapping[str, Any]) -> Any:
    label, hint = definition.label, definition.hint
    delivered = words_of(definition, definition.default)
    if delivered:
        hint = f"{hint} As delivered: {delivered}."
    if definition.unit:
        label = f"{label} ({definition.unit})"
    if definition.kind is Kind.FLAG:
        return BooleanField(label, description=hint)
    choices = _choices(definition, shown[definition.key])
    if choices:
        return SelectField(label, description=hint, choices=options(choices), validate_choice=False)
    if definition.kind is Kind.EMAIL:
        return EmailField(label, description=hint)
    attributes: dict[str, Any] = {"maxlength": definition.high}
    if definition.kind is Kind.MOMENT:
        attributes = {"type": "datetime-local"}
    if definition.kind is Kind.NUMBER:
        attributes = {"inputmode": "numeric", "maxlength": 9}
    return StringField(label, description=hint, render_kw=attributes)


def _choices(definition: Definition, present: Any) -> list[tuple[str, str]]:
    if definition.kind is Kind.COUNTRY:
        return country_choices("en")
    if definition.kind is Kind.LOCALE:
        # Any locale may have been set by the command; a list without it would choose another.
        codes = LOCALES if present in LOCALES else [present, *LOCALES]
        return [(code, Locale.parse(code).get_display_name("en") or code) for code in codes]
    return list(definition.choices)
