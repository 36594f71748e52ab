"""What a visitor types to write to the shop."""

import re
import secrets
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from shop.contact.services import LONGEST_NAME, LONGEST_NUMBER, LONGEST_TEXT, ContactInput
from shop.core import plaintext
from shop.core.errors import BadInput
from shop.mail.reach import reachable_email
from shop.web.forms import ShopForm

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{20,64}", re.ASCII)


class ContactForm(ShopForm):
    """Who writes, about which order, and what. `website` is for programs: people do not see it."""

    name = StringField(
        _l("Your name"), [DataRequired(_l("Enter your name.")), Length(max=LONGEST_NAME)]
    )
    email = EmailField(
        _l("Email address"),
        [DataRequired(_l("Enter your email address.")), Length(max=200)],
        description=_l("Our answer goes there."),
    )
    order_number = StringField(_l("Order number"), render_kw={"maxlength": LONGEST_NUMBER})
    message = TextAreaField(
        _l("Your message"),
        [
            DataRequired(_l("Write your message.")),
            Length(max=LONGEST_TEXT, message=_l("Enter at most 5,000 characters.")),
        ],
    )
    website = StringField(_l("Leave this empty"))
    token = HiddenField()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not _TOKEN.fullmatch(self.token.data or ""):
            self.token.data = secrets.token_urlsafe(24)

    def validate_email(self, field: EmailField) -> None:
        """Refuse what is no address, and what our mails cannot reach."""
        try:
            self.checked_email = reachable_email(field.data or "")
        except BadInput as error:
            raise ValidationError(str(error)) from error

    def validate_order_number(self, field: StringField) -> None:
        """Refuse what is longer than any number; whether it is one, and whose, is not said."""
        if len(plaintext.code(field.data or "")) > LONGEST_NUMBER:
            raise ValidationError(_("An order number is shorter than that."))

    @property
    def is_of_a_program(self) -> bool:
        """Whether a field was filled in that nobody sees."""
        return bool(self.website.data)

    def values(self) -> ContactInput:
        """Return what was written; only after `validate()`."""
        return ContactInput(
            name=self.name.data or "",
            email=self.checked_email,
            order_number=plaintext.code(self.order_number.data or "").upper(),
            text=self.message.data or "",
            token=self.token.data or "",
        )
