"""The form of the words of a mail."""

import re
from typing import Any, Final

from wtforms import HiddenField, StringField, TextAreaField

from shop.admin.forms import DeskForm
from shop.core.errors import BadInput
from shop.mail.texts import FIELDS, MAIL_TEXTS, DeliveredText, places_in

LONGEST_SHORT, LONGEST_PROSE = 150, 5_000  # characters
_MARKDOWN: Final = "Headings, lists, **bold** and [links](https://…) as on pages."
# A place cannot be where a link leads: what fills it is a customer's, or made for words.
_PLACE_AS_ADDRESS: Final = re.compile(r"\]\([^)\n]*\{|<[a-z]+:[^>\n]*\{", re.IGNORECASE)


class MailTextForm(DeskForm):
    """What staff may say in a mail; a field that is empty says what is delivered."""

    language = HiddenField()
    subject = StringField("Subject", render_kw={"maxlength": LONGEST_SHORT})
    greeting = StringField("Greeting", render_kw={"maxlength": LONGEST_SHORT},
                           description="The large line at the top.")  # fmt: skip
    intro = TextAreaField("Introduction", description=_MARKDOWN, render_kw={"rows": 6})
    closing = TextAreaField(
        "Closing", description="Below everything else, above the footer. " + _MARKDOWN,
        render_kw={"rows": 4},
    )  # fmt: skip

    def values(self, text: DeliveredText, delivered: dict[str, str]) -> dict[str, str]:
        """Return the checked words by field, "" where they are the delivered ones.

        Raises BadInput, which names each place that is unknown and each that is missing.
        """
        typed = {name: _plain(self._fields[name].data) for name in FIELDS}
        wrong = {name: said for name in FIELDS if (said := _objection(name, typed[name], text))}
        whole = "\n".join(typed[name] or delivered[name] for name in FIELDS)
        missing = [place for place in text.needed if place not in places_in(whole)]
        if missing and not wrong:
            wrong["intro"] = f"Say {_listed(missing)} somewhere: customers need it in this mail."
        if wrong:
            raise BadInput(**wrong)
        return {name: "" if typed[name] == delivered[name] else typed[name] for name in FIELDS}


def shown_words(kept: dict[str, str], delivered: dict[str, str]) -> dict[str, str]:
    """Return what the form shows: what is kept, else what is delivered."""
    return {name: kept.get(name) or delivered[name] for name in FIELDS}


def find_text(kind: str) -> DeliveredText | None:
    """Return the mail of a kind, None where its words cannot be changed."""
    return MAIL_TEXTS.get(kind)


def _plain(data: Any) -> str:
    return str(data or "").replace("\r\n", "\n").strip()


def _objection(name: str, typed: str, text: DeliveredText) -> str:
    longest = LONGEST_SHORT if name in {"subject", "greeting"} else LONGEST_PROSE
    if len(typed) > longest:
        return f"Use {longest} characters or fewer."
    unknown = sorted(places_in(typed) - set(text.places))
    if unknown:
        return f"There is no {_listed(unknown[:3])} in this mail. Known: {_listed(text.places)}."
    if _PLACE_AS_ADDRESS.search(typed):
        return "A place such as {number} cannot be the address of a link."
    return ""


def _listed(places: Any) -> str:
    return ", ".join(f"{{{place[:40]}}}" for place in places)
