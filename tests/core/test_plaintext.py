"""What is typed arrives plain: for every code point there is, and in every form of the shop."""

import unicodedata

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import EmailField, PasswordField, StringField, TextAreaField
from wtforms.fields import TelField

from shop.core import plaintext
from shop.web.forms import ShopForm

SIGNS = [chr(n) for n in range(0x110000) if not 0xD800 <= n < 0xE000]


def test_no_sign_of_format_and_no_variation_selector_is_left() -> None:
    unseen = [sign for sign in SIGNS if unicodedata.category(sign) == "Cf"]
    unseen += [sign for sign in SIGNS if "VARIATION SELECTOR" in unicodedata.name(sign, "")]
    unseen += ["\u034f", "\u115f", "\u3164", "\uffa0"]  # ignorable, though letters and marks
    assert len(unseen) > 400
    text = "a".join(unseen) + "a"
    for clean in (plaintext.bare, plaintext.line, plaintext.code):
        assert set(clean(text)) == {"a"}


def test_letters_numbers_and_marks_are_never_dropped() -> None:
    kept = [s for s in SIGNS if unicodedata.category(s) in {"Lu", "Ll", "Lt", "Nd", "Sc", "Po"}]
    for clean in (plaintext.bare, plaintext.line, plaintext.code, plaintext.prose):
        assert len(clean("".join(kept))) >= len(kept)


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("\u202a+33 6 12\u202c", "+33 6 12", "+33 6 12"),
        ("１２ ｒｕｅ", "12 rue", "12 rue"),
        ("L‑1234", "L-1234", "L-1234"),
        ("＋49–30", "+49–30", "+49-30"),
        ("12½ Main St", "12½ Main St", "121⁄2 Main St"),
        ("3º dcha", "3º dcha", "3o dcha"),
        ("100 m²", "100 m²", "100 m2"),
        ("№ 5 ﬁne™", "№ 5 fine™", "No 5 fineTM"),
        ("E\u0301 \u00a0\u2028 x", "É x", "É x"),
        ("❤\ufe0f", "❤", "❤"),
        ("\u200b \ufeff", "", ""),
    ],
)
def test_makes_plain_what_may_be_compared_without_changing_what_it_says(
    text: str, line: str, code: str
) -> None:
    assert (plaintext.line(text), plaintext.code(text)) == (line, code)
    assert plaintext.line(line) == line
    assert plaintext.code(code) == code


def test_prose_stays_as_written() -> None:
    text = "½ ™ 👩\u200d👧 ❤\ufe0f می\u200cخواهم\n\nE\u0301"
    assert plaintext.prose(f" \u200b{text}\ufeff ") == text[:-2] + "É"


class _Form(ShopForm):
    line = StringField(filters=[lambda value: value and value.upper()])
    email = EmailField()
    phone = TelField()
    note = TextAreaField()
    password = PasswordField()


def test_every_form_makes_plain_what_it_is_sent_but_passwords(ctx: Flask) -> None:
    raw = "\u200bﬁ\u2011x\u00a0"
    form = _Form(MultiDict(dict.fromkeys(("line", "email", "phone", "note", "password"), raw)))
    assert form.data == {
        "line": "FI-X",
        "email": "ﬁ\u2011x",
        "phone": "fi-x",
        "note": "ﬁ\u2011x",
        "password": raw,
    }
