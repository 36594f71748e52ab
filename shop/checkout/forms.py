"""The one form of the checkout: contact, address, delivery."""

import re
import secrets
from typing import Any

from flask import request
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Email, InputRequired, Length, Optional

from shop.addresses import check_address, country_choices
from shop.cart.page import shipping_country
from shop.cart.quantity import parse_id
from shop.cart.queries import CartView
from shop.errors import BadInput
from shop.orders.details import CheckoutDetails
from shop.security import normalise_email
from shop.visitor import Visitor

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}", re.ASCII)
_TOTAL = re.compile(r"[0-9]{1,9}", re.ASCII)
ADDRESS_FIELDS = (
    "name",
    "company",
    "line1",
    "line2",
    "postal_code",
    "city",
    "region",
    "country",
    "phone",
)


def _strip(value: str | None) -> str:
    return (value or "").strip()


class CheckoutForm(FlaskForm):
    """Contact, address and delivery; `seen_total` is the total this form was shown with."""

    email = EmailField(
        _l("Email"),
        [
            InputRequired(_l("Enter your email address")),
            Length(max=200),
            Email(_l("Enter an email address like name@example.com")),
        ],
        filters=[_strip],
        description=_l("For your confirmation and news of your parcel."),
    )
    name = StringField(_l("Full name"), [Length(max=120)])
    company = StringField(_l("Company"), [Length(max=120)])
    line1 = StringField(_l("Address"), [Length(max=200)])
    line2 = StringField(_l("Flat, floor, building"), [Length(max=200)])
    postal_code = StringField(_l("Postcode"), [Length(max=16)])
    city = StringField(_l("Town or city"), [Length(max=120)])
    region = StringField(_l("State or region"), [Length(max=64)])
    country = SelectField(_l("Country"), validate_choice=False)
    phone = StringField(
        _l("Telephone"),
        [Length(max=32)],
        description=_l("For the carrier, if there is a question."),
    )
    delivery = RadioField(_l("Delivery"), [Optional()], coerce=str, validate_choice=False)
    note = TextAreaField(_l("A note for us"), [Length(max=500)], filters=[_strip])
    checkout_token = HiddenField()
    seen_total = HiddenField()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.country.choices = country_choices(str(get_locale() or "en"))
        self.country.data = shipping_country(self.country.data)
        if not _TOKEN.fullmatch(self.checkout_token.data or ""):
            self.checkout_token.data = secrets.token_urlsafe(24)

    def show(self, cart: CartView) -> None:
        """Offer what the cart can be delivered by, and remember which total was shown."""
        self.country.data = cart.country
        self.delivery.choices = [(str(q.method_id), q.name) for q in cart.quotes]
        self.delivery.data = str(cart.quote.method_id) if cart.quote else None
        self.seen_total.data = str(cart.totals.amount_total)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, and the address as its country wants it."""
        is_valid = super().validate(extra_validators)
        try:
            self.checked_address = check_address(self._address()).as_dict()
        except BadInput as error:
            for name, message in error.fields.items():
                field = getattr(self, name, self.line1)
                field.errors = [*field.errors, message]
            return False
        return bool(is_valid)

    def _address(self) -> dict[str, str]:
        return {name: getattr(self, name).data or "" for name in ADDRESS_FIELDS}

    def details(self, visitor: Visitor) -> CheckoutDetails:
        """Return what was entered, as the use case takes it; only after `validate()`."""
        seen = request.form.get("seen_total", "")
        return CheckoutDetails(
            email=self.email.data,
            email_key=normalise_email(self.email.data),
            address=self.checked_address,
            phone=self.checked_address.get("phone", ""),
            delivery_method_id=parse_id(self.delivery.data) or None,
            note=self.note.data or "",
            seen_total=int(seen) if _TOTAL.fullmatch(seen) else None,
            checkout_token=self.checkout_token.data,
            ip=request.remote_addr or "",
            user_id=visitor.user_id,
        )
