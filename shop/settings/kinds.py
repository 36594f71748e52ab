"""How a setting is described and how its value is read from text. Pure."""

import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from babel import Locale, UnknownLocaleError

from shop.core import plaintext
from shop.core.addresses import is_country
from shop.core.emails import clean_email, needs_smtputf8
from shop.core.errors import BadInput
from shop.settings.colours import clean_accent

Value = str | int | bool
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_PREFIX: Final = re.compile(r"(?:[A-Z0-9][A-Z0-9-]*)?(?<![0-9])", re.ASCII)
_YES: Final = frozenset({"1", "true", "yes", "on", "y"})
_NO: Final = frozenset({"0", "false", "no", "off", "n", ""})


class Kind(StrEnum):
    """What a setting holds, and so how it is typed and shown in a form."""

    TEXT = "text"
    EMAIL = "email"
    FLAG = "flag"
    NUMBER = "number"
    CHOICE = "choice"
    COUNTRY = "country"
    LOCALE = "locale"
    LANGUAGE = "language"
    PREFIX = "prefix"
    MOMENT = "moment"
    COLOUR = "colour"


@dataclass(frozen=True)
class Definition:
    """One setting: what it is called, what it may hold. `low`/`high`: bounds, or lengths of text.

    `unit` is the word behind the number ("pieces", "hours"). `choices`: stored value → words.
    `series`: the numbers that it starts, from which it cannot take any that were given.
    `rule`: what a text must keep besides, and how it is stored. `job`: what must run after a
    change, because rows carry copies that depend on the value.
    """

    kind: Kind
    label: str
    hint: str
    group: str
    low: int = 0
    high: int = 255
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    series: str = ""
    rule: Callable[[str], str] | None = None
    job: str = ""
    key: str = ""
    default: Value = ""

    def parse(self, text: str) -> Value:
        """Return the value that a person typed as `text`.

        Raises BadInput with a sentence that says what would be right.
        """
        plain = text.strip() if _CONTROL.search(text) else plaintext.line(text)
        return _PARSERS[self.kind](self, plain)

    def accepts(self, value: object) -> bool:
        """Return whether a stored value may still be used: the rules may have changed since."""
        if type(value) is not type(self.default):
            return False
        try:
            return _PARSERS[self.kind](self, self.show(value)) == value
        except BadInput:
            return False

    def objection(self, value: object) -> str:
        """Return the sentence that says what a stored value should have been; "" for its type."""
        try:
            self.parse(str(value))
        except BadInput as error:
            return str(error)
        return ""

    def show(self, value: object) -> str:
        """Return `value` as text that `parse` understands."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        return str(value)


def define(default: Value, kind: Kind, label: str, hint: str, group: str, **rules: Any) -> Any:
    """Return a dataclass field that carries its definition."""
    definition = Definition(kind, label, hint, group, default=default, **rules)
    return dataclasses.field(default=default, metadata={"setting": definition})


def definitions_of(settings: type) -> dict[str, Definition]:
    """Return the definitions of a dataclass of settings, by key, in order."""
    return {
        field.name: dataclasses.replace(field.metadata["setting"], key=field.name)
        for field in dataclasses.fields(settings)
    }


def _text(definition: Definition, text: str) -> str:
    if _CONTROL.search(text):
        raise BadInput(f"{definition.label} must be one line of plain text.")
    if len(text) > definition.high:
        raise BadInput(f"{definition.label} must be {definition.high} characters or fewer.")
    if len(text) < definition.low:
        raise BadInput(f"Enter {definition.label[0].lower()}{definition.label[1:]}.")
    return definition.rule(text) if definition.rule else text


def _email(definition: Definition, text: str) -> str:
    if not text and not definition.low:
        return ""
    address = clean_email(_text(definition, text))
    if needs_smtputf8(address):  # customers answer there, through any mail server
        raise BadInput(f"{definition.label} must have no letters such as é before the @.")
    return address


def _flag(definition: Definition, text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise BadInput(f"{definition.label} must be yes or no.")


def _number(definition: Definition, text: str) -> int:
    bounds = f"a whole number from {definition.low} to {definition.high}"
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        raise BadInput(f"{definition.label} must be {bounds}.")
    if not definition.low <= int(text) <= definition.high:
        raise BadInput(f"{definition.label} must be {bounds}.")
    return int(text)


def _choice(definition: Definition, text: str) -> str:
    allowed = [value for value, _words in definition.choices]
    if text not in allowed:
        raise BadInput(f"{definition.label} must be one of: {', '.join(allowed)}.")
    return text


def _country(definition: Definition, text: str) -> str:
    code = text.upper()
    if not is_country(code):
        raise BadInput(f"{definition.label} must be a country's code of two letters, like FR.")
    return code


def _locale(definition: Definition, text: str) -> str:
    try:
        locale = Locale.parse(text[:20])
    except (UnknownLocaleError, ValueError) as error:
        raise BadInput(f"{definition.label} must be a locale, like en_IE or fr_FR.") from error
    return str(locale)


def _language(definition: Definition, text: str) -> str:
    offered = [code for code, _name in definition.choices]
    if text not in offered:
        raise BadInput(
            f"{definition.label} must be one of: {', '.join(offered)}. A language is offered once "
            "all of its words are translated."
        )
    return text


def _prefix(definition: Definition, text: str) -> str:
    """Return what stands before numbers; told from them, or two could make the same whole."""
    prefix = text.upper() if text.isascii() else "?"
    if len(prefix) > definition.high or not _PREFIX.fullmatch(prefix):
        raise BadInput(
            f"{definition.label} must be {definition.high} letters (A to Z), digits and hyphens at "
            "most, and end with a letter or a hyphen, like AB- or 2027-."
        )
    return prefix


def _colour(_definition: Definition, text: str) -> str:
    return clean_accent(text)


def _moment(definition: Definition, text: str) -> str:
    """Return a day and a time as one writes them, 2026-12-24T18:00, or "" for none."""
    if not text:
        return ""
    try:
        found = datetime.strptime(text.replace(" ", "T"), "%Y-%m-%dT%H:%M")  # noqa: DTZ007 -- local
    except ValueError as error:
        raise BadInput(
            f"{definition.label} must be a day and a time, like 2026-12-24 18:00."
        ) from error
    return found.isoformat(timespec="minutes")


_PARSERS: Final[dict[Kind, Callable[[Definition, str], Value]]] = {
    Kind.TEXT: _text,
    Kind.EMAIL: _email,
    Kind.FLAG: _flag,
    Kind.NUMBER: _number,
    Kind.CHOICE: _choice,
    Kind.COUNTRY: _country,
    Kind.LOCALE: _locale,
    Kind.LANGUAGE: _language,
    Kind.PREFIX: _prefix,
    Kind.MOMENT: _moment,
    Kind.COLOUR: _colour,
}
